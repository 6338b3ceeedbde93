"""Each of these tests has a furnished database of its own."""

import pytest


@pytest.fixture
def template() -> str:
    """A furnished database."""
    return "bureau"
