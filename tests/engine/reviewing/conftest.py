"""These tests begin with a bureau ready to take applications."""

import pytest
from sqlmodel import Session

from tests.worlds import Bureau, bureau


@pytest.fixture
def template() -> str:
    """A furnished database."""
    return "bureau"


@pytest.fixture
def world(session: Session) -> Bureau:
    """The bureau on the test's session."""
    return bureau(session)
