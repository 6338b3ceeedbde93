"""These tests begin with a bureau ready to take applications, and end with rows that are true."""

from collections.abc import Iterator

import pytest
from sqlmodel import Session

from tests.truth import untruths
from tests.worlds import Bureau, bureau


@pytest.fixture
def template() -> str:
    """A furnished database."""
    return "bureau"


@pytest.fixture
def world(session: Session) -> Bureau:
    """The bureau on the test's session."""
    return bureau(session)


@pytest.fixture(autouse=True)
def true_rows(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every story: rows equal the engine's tokens, the history verifies, amounts derive anew."""
    opened = request.getfixturevalue("session") if "session" in request.fixturenames else None
    yield
    if opened is not None:
        assert untruths(opened) == []
