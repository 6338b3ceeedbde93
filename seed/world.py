"""What a new database starts with: the product's reference data, and the demo world (演示数据)."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine import db, policy
from engine.cases import door
from engine.cases.models import WorkItem
from engine.cases.opening import open_case
from engine.catalogue.directions import every_direction, get_direction, list_directions, load_catalogue
from engine.clock import local_day
from engine.people.models import Account
from engine.reviewing.models import Draw
from engine.reviewing.pool import pool
from engine.simulation.applications import complete_facts
from engine.simulation.draws import draw_panel
from engine.simulation.run import Event, call, giving_up, play
from engine.vocabulary import Role
from seed.calendar import load_calendar_days
from seed.catalogue import read_catalogue
from seed.people import load_people
from seed.policies import load_policies
from seed.procedures import load_procedures

DEMO_OPEN = timedelta(days=90)
"""How long ago the present call opened."""
DEMO_STAYS_OPEN = timedelta(days=130)
"""How long applications are taken in each call."""
DEMO_RECENT = timedelta(days=33)
"""How long ago the recent applications were begun."""
DEMO_BEFORE = timedelta(days=400)
"""How long ago the earlier call opened: long enough for its first projects to be accepted and paid."""
DEMO_EARLIER = {
    "D-D1": 6,
    "T3-D1-S1": 5,
    "A-D1": 4,
    "T1-D1": 3,
    "C-D1": 3,
    "E-D1-S1": 3,
    "T2-D1-S1": 2,
    "T2-D2-S2": 2,
    "E-D4-S1": 2,
}
"""Applications of the earlier call, by direction: each way of paying, and groups large enough to compete."""
DEMO_EARLY = {"T3-D2": 6}
"""Applications on the present call's first day: a group that has come to its ranking."""
DEMO_GIVEN_UP = timedelta(days=75)
"""How long ago a project that was paid in part was given up."""
DEMO_LYING = {
    "recommendation": timedelta(days=3),
    "intake": timedelta(days=7),
    "formal_check": timedelta(days=3),
    "countersign": timedelta(days=5),
    "acceptance_review": timedelta(days=40),
    "payment_record": timedelta(days=45),
}
"""Since when steps of a form lie on their desks: everybody finds something to do, and some of it is overdue."""
DEMO_DRAFT, DEMO_SENT = "E-D3-S1", "T3-D6-S3"
"""Directions the demo applicant has begun on: one to fill in, one that waits for the recommending unit."""
DEMO_STARTS = timedelta(days=90)
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
    for opens in (today - DEMO_BEFORE, today - DEMO_OPEN):
        for key, day in (("call_opens_on", opens), ("call_closes_on", opens + DEMO_STAYS_OPEN)):
            policy.set_policy(
                session, key, day.isoformat(), clause="演示", effective_from=opens, note="演示数据的申报窗口"
            )
    return True


def load_demo_cases(engine: Engine, now: datetime) -> None:
    """Applications at every stage: the simulation's actors answered an earlier call and the present one."""
    with db.reading(engine) as session:
        offered = {spec.code: 1 for spec in list_directions(session)}
    begun = {DEMO_BEFORE: DEMO_EARLIER, DEMO_OPEN: DEMO_EARLY, DEMO_RECENT: offered}
    events = [giving_up(now - DEMO_GIVEN_UP)]
    events += [_call(now - since, counts) for since, counts in begun.items()]
    lying = {form: now - since for form, since in DEMO_LYING.items()}
    play(engine, events, DEMO_DICE, now, lying=lying)
    _invite_the_expert(engine, now)
    _begin_for_the_applicant(engine, now)


def _begin_for_the_applicant(engine: Engine, now: datetime) -> None:
    """Whoever signs in as `applicant` finds an application to fill in, and as `recommender` one to recommend."""
    with db.writing(engine) as session:
        applicant = session.exec(select(Account).where(Account.login == Role.APPLICANT.value)).one()
        unit_id = applicant.organization_id or 0
        open_case(session, DEMO_DRAFT, unit_id=unit_id, actor=applicant, now=now)
        case = open_case(session, DEMO_SENT, unit_id=unit_id, actor=applicant, now=now)
        spec = get_direction(session, DEMO_SENT)
        facts = complete_facts(spec, local_day(now) + DEMO_STARTS)
        sent = {
            "outcome": "submit",
            "title": "设备远程运维软件研发",
            "leader_name": "示例工程师",
            "team": [
                {"name": "示例成员甲", "birth_year": 1990, "duty": "采集与通信"},
                {"name": "示例成员乙", "unit": "示范机械工业研究院", "duty": "诊断算法"},
            ],
            "facts": facts,
        }
        item = session.exec(select(WorkItem.id).where(WorkItem.case_id == case.id)).one()
        door.complete(session, item or 0, actor=applicant, payload=sent, now=now)


def _call(on: datetime, counts: Mapping[str, int]) -> Event:
    morning = datetime.combine(local_day(on), DEMO_MORNING, UTC)
    return call(morning, [code for code, count in counts.items() for _ in range(count)])


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
