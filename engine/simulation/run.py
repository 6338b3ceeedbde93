"""The simulated year: files applications over every direction and lets the scripted actors work them to the end.

Time is an event queue: each open step is answered some days after it opens, time limits pass when the simulated
clock reaches them, and a direction's review round opens when all its applications have left the formal check.
Every answer is one transaction through `engine.cases.door`, as from the web.
"""

import heapq
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, bindparam
from sqlmodel import Session, col, func, select

from engine import db, history, policy
from engine.cases import door, opening, sides
from engine.cases.models import CaseFile, Process, Waiting, WorkItem
from engine.catalogue.directions import list_directions
from engine.clock import SimulatedClock, local_day
from engine.errors import Refused
from engine.jobs.sweep import sweep
from engine.money import ledger
from engine.money.models import Payment
from engine.people.models import Account, Organization
from engine.reviewing import objections, rounds
from engine.simulation import actors
from engine.simulation.applications import unit_kind
from engine.simulation.draws import draw_panel
from engine.vocabulary import Role

LEAST = 67
START = datetime(2024, 1, 1, tzinfo=UTC)
"""When the simulated bureau opens: reference data are in force from then on."""
MORNING = timedelta(hours=2)  # 10:00 in Liuzhou
PACE = {
    "application": (1, 30),
    "progress": (120, 330),
    "node_report": (60, 180),
    "acceptance_application": (10, 60),
    "rectification": (5, 40),
    "invitation": (0, 1),
}
"""How many days after opening a step is answered; others within 1 to 4."""
USUAL_PACE = (1, 4)
LAST_YEAR = 8
"""Years after which a whole simulation stops, whatever is still waiting."""

REPORT_EVERY = 50
"""Moves between two reports of progress."""

Progress = Callable[[int], None]
"""Told now and then how many cases have ended."""


@dataclass(frozen=True)
class Event:
    """What happens at a moment whatever the dice say: a call is answered, a project is given up."""

    at: datetime
    happen: Callable[["Year"], None]


def call(at: datetime, codes: Sequence[str]) -> Event:
    """Applications are begun (申报): one for each of these directions, a direction as often as it is named."""
    return Event(at, partial(_file, codes=codes))


def giving_up(at: datetime) -> Event:
    """A project under way that was paid something already is given up (终止), so that money must come back."""
    return Event(at, _give_up)


@dataclass
class Year:
    """One running simulation."""

    engine: Engine
    clock: SimulatedClock
    dice: random.Random
    officers: dict[str, Account]
    until: datetime
    events: list[Event]
    """What is still to come, the earliest first."""
    lying: Mapping[str, datetime]
    """Forms whose steps nobody answers any more, each from a moment on."""
    queue: list[tuple[datetime, int, str]] = field(default_factory=list)
    """When each open step is answered: the moment, the work item, its form."""
    seen: int = 0
    steps: int = 0
    directions: set[str] = field(default_factory=set)


def simulate(engine: Engine, applications: int, seed: int, progress: Progress | None = None) -> int:
    """Run a whole year of the guide and return how many steps people took; refused as `require_unused` says."""
    require_unused(engine, applications)
    with db.reading(engine) as session:
        opens = policy.value(session, "call_opens_on", local_day(START))
        codes = [spec.code for spec in list_directions(session)]
    start = datetime.fromisoformat(str(opens)).replace(tzinfo=UTC) + MORNING
    everything = call(start, [codes[number % len(codes)] for number in range(applications)])
    return play(engine, [everything], seed, start.replace(year=start.year + LAST_YEAR), progress)


def require_unused(engine: Engine, applications: int) -> None:
    """Refuse a used database, and fewer applications than directions; asked before anything is written."""
    if applications < LEAST:
        raise Refused(f"模拟至少需要 {LEAST} 项申报，才能覆盖全部 {LEAST} 个方向；现为 {applications} 项。")
    with db.reading(engine) as session:
        if session.exec(select(CaseFile.id).limit(1)).first() is not None:
            raise Refused("数据库中已有项目，模拟只能在空库上运行；请把 KEGUAN_DATABASE_URL 指向一个新库。")


def play(
    engine: Engine,
    events: Sequence[Event],
    seed: int,
    until: datetime,
    progress: Progress | None = None,
    lying: Mapping[str, datetime] | None = None,
) -> int:
    """Let the actors work on what the events bring until everything has ended, or until `until`.

    Steps whose form is in `lying` stay on their desks from that moment on.
    """
    coming = sorted(events, key=lambda event: event.at)
    clock, dice = SimulatedClock(coming[0].at), random.Random(seed)  # noqa: S311
    with db.writing(engine) as session:
        year = Year(engine, clock, dice, _furnish(session, coming[0].at), until, coming, lying or {})
    moves = 0
    while _next_move(year):
        moves += 1
        if progress is not None and moves % REPORT_EVERY == 0:
            progress(_ended(year))
    with db.writing(engine) as session:
        history.anchor_day(session, local_day(year.clock.now()))
    return year.steps


def _furnish(session: Session, start: datetime) -> dict[str, Account]:
    """Appropriate the years' money; returns the officer of each role."""
    for offset in range(LAST_YEAR):
        _appropriate(session, start.year + offset, start)
    return {
        role.value: account
        for role in Role
        for account in session.exec(select(Account).where(Account.login == role.value))
    }


def _appropriate(session: Session, year: int, now: datetime) -> None:
    """A budget that is sometimes short: the first years hold back, so that payments queue."""
    ledger.appropriate(
        session,
        year=year,
        amount_fen=5_000_000_000,
        voucher=ledger.Voucher(f"simulated-budget:{year}", local_day(now), "planning"),
    )


def _file(year: Year, codes: Sequence[str]) -> None:
    """Open an application for each direction, each by a unit of a kind its direction is open to."""
    with db.writing(year.engine) as session:
        specs = {spec.code: spec for spec in list_directions(session)}
        units = _applying(session)
        for number, code in enumerate(codes):
            spec = specs[code]
            fitting = units.get(unit_kind(spec)) or [pair for pairs in units.values() for pair in pairs]
            unit_id, account = fitting[(number // len(specs) + number) % len(fitting)]
            opening.open_case(session, code, unit_id=unit_id, actor=account, now=year.clock.now())
            year.directions.add(code)


def _applying(session: Session) -> dict[str, list[tuple[int, Account]]]:
    """The units that may apply, by kind, each with its applicant's account."""
    found: dict[str, list[tuple[int, Account]]] = {}
    statement = (
        select(Organization, Account)
        .join(Account, col(Account.organization_id) == Organization.id)
        .where(col(Organization.recommender_id).is_not(None))
        .order_by(col(Account.id))
    )
    for unit, account in session.exec(statement):
        if Role.APPLICANT in account.roles:
            found.setdefault(unit.kind, []).append((unit.id or 0, account))
    return found


def _next_move(year: Year) -> bool:
    """Do the next thing that happens: an event, else time limits that pass, else an answer. False at the end."""
    due = _look(year)
    moment = year.queue[0][0] if year.queue else None
    event = year.events[0].at if year.events else None
    coming = [one for one in (moment, due, event) if one is not None]
    if not coming:
        return _open_rounds(year)
    if min(coming) > year.until:
        return False
    year.clock.set(max(min(coming), year.clock.now()))
    if event == min(coming):
        year.events.pop(0).happen(year)
    elif due == min(coming):
        _sweep(year)
        _open_rounds(year)
    else:
        _, item_id, form_key = heapq.heappop(year.queue)
        _draw(year, item_id) if form_key == "panel" else _answer(year, item_id)
    return True


def _look(year: Year) -> datetime | None:
    """Give every newly opened step its time of answer; returns when the next time limit passes."""
    with db.reading(year.engine) as session:
        connection = session.connection()
        for item_id, form_key, opened_at in connection.execute(_opened, {"seen": year.seen}):
            days = year.dice.randint(*PACE.get(form_key, USUAL_PACE))
            hours = year.dice.randint(0, 6)
            moment = opened_at + timedelta(days=days, hours=hours)
            if form_key not in year.lying or moment < year.lying[form_key]:
                heapq.heappush(year.queue, (moment, item_id, form_key))
            year.seen = max(year.seen, item_id)
        due: datetime | None = connection.execute(_next_limit).scalar_one()
        return due


_opened = (
    select(WorkItem.id, WorkItem.form_key, WorkItem.opened_at)
    .where(col(WorkItem.id) > bindparam("seen"), WorkItem.status == "open")
    .order_by(col(WorkItem.id))
)
_next_limit = select(func.min(Waiting.due_at)).where(Waiting.status == "open", Waiting.kind == "timer")


def _answer(year: Year, item_id: int) -> None:
    now = year.clock.now()
    with db.writing(year.engine) as session:
        item = session.get_one(WorkItem, item_id)
        if item.status != "open":
            return
        case = session.get(CaseFile, item.case_id) if item.case_id else None
        values = policy.values(session, local_day(now))
        scene = actors.Scene(session, item, case, values, year.dice, local_day(now))
        answer = actors.answer(scene)
        if answer is None:
            return
        actor = actors.who(session, item, year.officers)
        process = door.complete(session, item_id, actor=actor, payload=answer, now=now)
        year.steps += 1
    # rounds and side processes tell cases what they decided; a score alone decides nothing
    if process.kind != "case" and item.form_key != "score_sheet":
        _sweep(year)
    if process.ended_at is not None or item.form_key == "countersign":
        _open_rounds(year)
    _disturb(year, item_id)


def _draw(year: Year, item_id: int) -> None:
    """A draw takes several transactions and the worker."""
    with db.reading(year.engine) as session:
        item = session.get_one(WorkItem, item_id)
        round_id = item.round_id if item.status == "open" else None
    if round_id is not None:
        draw_panel(year.engine, round_id, year.officers, year.dice, year.clock.now())
        year.steps += 1


def _disturb(year: Year, item_id: int) -> None:
    """Now and then an objection during the notice, or a project that is given up under way."""
    if year.dice.random() > 0.004:
        return
    with db.writing(year.engine) as session:
        item = session.get_one(WorkItem, item_id)
        case = session.get(CaseFile, item.case_id) if item.case_id else None
        if case is not None and case.status in actors.UNDER_WAY:
            _try(lambda: _terminate(year, session, case))


def _give_up(year: Year) -> None:
    paid = (
        select(CaseFile)
        .join(Payment, col(Payment.case_id) == CaseFile.id)
        .where(col(CaseFile.status).in_(actors.UNDER_WAY))
        .order_by(col(CaseFile.id))
    )
    with db.writing(year.engine) as session:
        case = session.exec(paid).first()
        if case is not None:
            _terminate(year, session, case)


def _terminate(year: Year, session: Session, case: CaseFile) -> None:
    officer = year.officers["programme"]
    sides.open_termination(session, case, actor=officer, reason="承担单位申请终止", now=year.clock.now())


def _object(year: Year, session: Session, case: CaseFile) -> None:
    objections.open_objection(
        session,
        case,
        actor=year.officers["planning"],
        raised_by="示例实名人",
        contact="0772-0000000",
        content="对项目前期基础提出异议",
        now=year.clock.now(),
    )


def _try(call: Callable[[], Any]) -> None:
    """Refusals are part of the script: a second termination of one project is refused."""
    try:
        call()
    except Refused:
        return


def _sweep(year: Year) -> None:
    swept = sweep(year.engine, year.clock.now())
    if swept.stuck:
        raise RuntimeError("; ".join(swept.stuck))
    if not swept.delivered:
        return
    with db.writing(year.engine) as session:
        statement = select(CaseFile).where(CaseFile.status == "on_notice", col(CaseFile.disputed).is_(False))
        for case in session.exec(statement):
            if year.dice.random() < 0.01:
                _try(lambda case=case: _object(year, session, case))  # type: ignore[misc]


BEFORE_REVIEW = ("draft", "awaiting_recommendation", "submitted", "received", "correcting", "ineligible")


_checking = (
    select(CaseFile.direction_code)
    .join(Process, col(Process.case_id) == CaseFile.id)
    .where(col(Process.ended_at).is_(None), col(CaseFile.status).in_(BEFORE_REVIEW))
    .distinct()
)
"""Directions some application of which has not left the formal check."""


def _open_rounds(year: Year) -> bool:
    """Open the round of every direction whose applications have all left the formal check."""
    now, opened = year.clock.now(), False
    if not year.directions:
        return False
    with db.reading(year.engine) as session:
        busy = set(session.connection().execute(_checking).scalars())
    ready = sorted(year.directions - busy)
    for code in ready:
        year.directions.discard(code)
        with db.writing(year.engine) as session:
            if rounds.cases_awaiting_review(session, code):
                rounds.open_round(session, code, actor=year.officers["programme"], now=now)
                opened = True
    return opened


def _ended(year: Year) -> int:
    with db.reading(year.engine) as session:
        statement = select(func.count()).where(Process.kind == "case", col(Process.ended_at).is_not(None))
        return session.exec(statement).one()
