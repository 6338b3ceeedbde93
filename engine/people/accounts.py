"""Logging in: Argon2id hashes, one sentence for every kind of failure."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlmodel import Session, select

from engine.errors import Forbidden, NotFound
from engine.people.models import Account

_hasher = PasswordHasher()
FAILED = "登录名或密码不正确，或账号已停用；请核对后重试，仍不能登录请联系管理员。"


def hash_password(password: str) -> str:
    """The Argon2id hash of a password, with its own salt."""
    return _hasher.hash(password)


def authenticate(session: Session, login: str, password: str) -> Account:
    """The account of this login and password.

    Raises Forbidden with the same sentence, after the same work, whether the login is unknown, the password
    wrong or the account closed, so that nobody can find out which logins exist.
    """
    account = session.exec(select(Account).where(Account.login == login.strip())).first()
    known = account.password_hash if account else _hash_of_nobody()
    if not _matches(known, password) or account is None or not account.active:
        raise Forbidden(FAILED)
    return account


def _matches(known: str, password: str) -> bool:
    try:
        return _hasher.verify(known, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    return hash_password("nobody has this login")


def get_account(session: Session, login: str) -> Account:
    """The account of a login; NotFound when there is none."""
    account = session.exec(select(Account).where(Account.login == login)).first()
    if account is None:
        raise NotFound(f"没有登录名为“{login}”的账号。")
    return account
