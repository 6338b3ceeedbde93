"""Whose names stand on a page for the logins its rows hold."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from engine.people.models import Account
from engine.vocabulary import Role


def names_of(session: Session, logins: Iterable[str], *, experts: bool = True) -> dict[str, str]:
    """Who is behind these logins; without `experts` theirs stay out."""
    found = session.exec(select(Account).where(col(Account.login).in_(set(logins))))
    return {one.login: one.name for one in found if experts or Role.EXPERT not in one.roles}
