"""What a new database starts with: the product's reference data, and the demo world (演示数据)."""

import random
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine import db, policy
from engine.cases.models import WorkItem
from engine.catalogue.directions import every_direction, load_catalogue
from engine.clock import local_day
from engine.people.models import Account
from engine.reviewing.models import Draw
from engine.reviewing.pool import pool
from engine.simulation.draws import draw_panel
from engine.simulation.run import play
from engine.vocabulary import Role
from seed.calendar import load_calendar_days
from seed.catalogue import read_catalogue
from seed.people import load_people
from seed.policies import load_policies
from seed.procedures import load_procedures

DEMO_WINDOW = timedelta(days=40)
DEMO_CASES = 67
"""One application for each direction."""
DEMO_DICE = 7
DEMO_MORNING = time(1, 30)
"""09:30 in Liuzhou."""


def load_reference(session: Session, at: datetime) -> None:
    """Calendar, policies, catalogue and procedures, in force from `at`; what is there already stays."""
    load_calendar_days(session)
    load_policies(session)
    if not every_direction(session):  # a bureau's own changes and later guides stay
        load_catalogue(session, read_catalogue())
    load_procedures(session, at)


def load_demo(session: Session, now: datetime) -> bool:
    """The demo world's people and an open call window, into a database nobody has an account in."""
    if session.exec(select(Account.id).limit(1)).first() is not None:
        return False
    load_people(session)
    today = local_day(now)
    opened = today - DEMO_WINDOW
    for key, day in (("call_opens_on", opened), ("call_closes_on", today + DEMO_WINDOW)):
        policy.set_policy(
            session, key, day.isoformat(), clause="演示", effective_from=opened, note="演示数据的申报窗口"
        )
    return True


def load_demo_cases(engine: Engine, now: datetime) -> None:
    """Applications at every stage: the simulation's actors filed them over the last weeks and stopped today."""
    morning = datetime.combine(local_day(now - DEMO_WINDOW), DEMO_MORNING, UTC)
    play(engine, DEMO_CASES, DEMO_DICE, morning, now)
    _invite_the_expert(engine, now)


def _invite_the_expert(engine: Engine, now: datetime) -> None:
    """Whoever signs in as `expert` finds an invitation to answer, in a round whose rules admit this expert."""
    with db.writing(engine) as session:
        officers = {account.login: account for account in session.exec(select(Account))}
        expert = officers[Role.EXPERT].id or 0
        rounds = [
            one
            for one in _waiting_for_a_draw(session)
            if any(
                member.account_id == expert and member.eligible
                for member in pool(session, one, now=now).members
            )
        ]
    if rounds:
        draw_panel(engine, rounds[0], officers, random.Random(DEMO_DICE), now, ((None, expert),))  # noqa: S311


def _waiting_for_a_draw(session: Session) -> list[int]:
    """Rounds whose draw nobody has begun."""
    begun = select(Draw.round_id)
    statement = select(WorkItem.round_id).where(
        WorkItem.element == "draw", WorkItem.status == "open", col(WorkItem.round_id).not_in(begun)
    )
    return [one for one in session.exec(statement.order_by(col(WorkItem.id))) if one is not None]
