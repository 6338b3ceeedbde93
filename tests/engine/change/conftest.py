"""These tests begin with a bureau ready to take applications and two admins, and end with rows that are true."""

import pytest
from sqlmodel import Session

from engine.people.models import Account


@pytest.fixture
def template() -> str:
    """A furnished database."""
    return "bureau"


@pytest.fixture(autouse=True)
def _ends_true(request: pytest.FixtureRequest) -> None:
    """Whatever the story did, `true_rows` looks at its session afterwards."""
    if "session" in request.fixturenames:
        request.getfixturevalue("true_rows")


@pytest.fixture
def second(session: Session) -> Account:
    """Another admin, for the second pair of eyes."""
    other = Account(login="admin2", name="示例管理员二", password_hash="-", roles=["admin"])
    session.add(other)
    session.flush()
    return other
