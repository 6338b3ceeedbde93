"""Logging in."""

import pytest
from sqlmodel import Session

from engine.errors import Forbidden, NotFound
from engine.people.accounts import authenticate, get_account, hash_password
from engine.people.models import Account


def one_officer(session: Session, *, active: bool = True) -> Account:
    officer = Account(
        login="intake",
        name="受理员甲",
        roles=["intake"],
        active=active,
        password_hash=hash_password("秘密-secret"),
    )
    session.add(officer)
    session.flush()
    return officer


def test_the_right_password_opens_the_account(session: Session) -> None:
    """A blank around the login does not matter."""
    officer = one_officer(session)
    assert authenticate(session, " intake ", "秘密-secret") == officer


@pytest.mark.parametrize(
    ("login", "password", "active"),
    [
        ("intake", "wrong", True),
        ("intake", "", True),
        ("nobody", "秘密-secret", True),
        ("intake", "秘密-secret", False),
    ],
)
def test_every_failure_says_the_same(session: Session, login: str, password: str, active: bool) -> None:
    """Nobody can find out which logins exist, or which are closed."""
    one_officer(session, active=active)
    with pytest.raises(Forbidden, match="登录名或密码不正确，或账号已停用"):
        authenticate(session, login, password)


def test_an_account_without_a_usable_hash_stays_closed(session: Session) -> None:
    """The system's own account has no password, so it opens to none."""
    session.add(Account(login="robot", name="系统", roles=[], password_hash=""))
    session.flush()
    with pytest.raises(Forbidden):
        authenticate(session, "robot", "")


def test_an_unknown_login_is_named(session: Session) -> None:
    """For commands that take a login."""
    with pytest.raises(NotFound, match="nobody"):
        get_account(session, "nobody")
