"""The demo accounts as the sign-in page and `keguan serve` show them: one per role, with the password."""

from sqlmodel import Session, col, select

from engine.errors import Forbidden
from engine.people import accounts
from engine.people.models import Account
from engine.vocabulary import Role
from seed.people import DEMO_PASSWORD
from web.auth import DemoAccount


def shown_accounts(session: Session) -> list[DemoAccount]:
    """The accounts whose login is their role and whose password is still the demo world's."""
    found = session.exec(select(Account).where(col(Account.login).in_([role.value for role in Role]))).all()
    # The demo world gives all of them one hash, and checking a hash takes long on purpose.
    samples = {account.password_hash: account for account in found}
    known = {hashed for hashed, account in samples.items() if _has_demo_password(session, account)}
    by_login = {account.login: account for account in found if account.password_hash in known}
    return [
        DemoAccount(role, account.login, account.name, DEMO_PASSWORD)
        for role in Role
        if (account := by_login.get(role.value)) is not None
    ]


def _has_demo_password(session: Session, account: Account) -> bool:
    try:
        return accounts.authenticate(session, account.login, DEMO_PASSWORD).id == account.id
    except Forbidden:
        return False
