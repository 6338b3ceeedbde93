"""What a new database starts with: the product's reference data, and the demo world (演示数据)."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from engine import policy
from engine.catalogue.directions import load_catalogue
from engine.clock import local_day
from engine.money import ledger
from engine.people.models import Account
from seed.calendar import load_calendar_days
from seed.catalogue import read_catalogue
from seed.people import load_people
from seed.policies import load_policies
from seed.procedures import load_procedures

DEMO_WINDOW = timedelta(days=60)
DEMO_BUDGET_FEN = 5_000_000_000
"""50 million yuan a year."""


def load_reference(session: Session, at: datetime) -> None:
    """Calendar, policies, catalogue and procedures, in force from `at`; what is there already stays."""
    load_calendar_days(session)
    load_policies(session)
    load_catalogue(session, read_catalogue())
    load_procedures(session, at)


def load_demo(session: Session, now: datetime) -> bool:
    """The demo world, into a database nobody has an account in: people, a budget, and an open call window."""
    if session.exec(select(Account.id).limit(1)).first() is not None:
        return False
    load_people(session)
    today = local_day(now)
    for key, day in (("call_opens_on", today - DEMO_WINDOW), ("call_closes_on", today + DEMO_WINDOW)):
        policy.set_policy(
            session, key, day.isoformat(), clause="演示", effective_from=today, note="演示数据的申报窗口"
        )
    for year in (today.year, today.year + 1):
        ledger.appropriate(
            session,
            year=year,
            amount_fen=DEMO_BUDGET_FEN,
            voucher=ledger.Voucher(f"demo-budget:{year}", today, "planning"),
        )
    return True
