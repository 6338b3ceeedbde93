"""These tests begin with a bureau ready to take applications, and end with rows that are true."""

import pytest


@pytest.fixture
def template() -> str:
    """A furnished database."""
    return "bureau"


@pytest.fixture(autouse=True)
def _ends_true(request: pytest.FixtureRequest) -> None:
    """Whatever the story did, `true_rows` looks at its session afterwards."""
    if "session" in request.fixturenames:
        request.getfixturevalue("true_rows")
