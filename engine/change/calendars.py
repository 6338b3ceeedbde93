"""Changing the calendar (节假日调整): a day off or a make-up day, and every due day that follows from it.

A step's due day was counted with the calendar of its opening. When a day changes, each open step and wait whose
due day still is what the old calendar gives is counted anew; one that somebody set otherwise stays. Every case
whose days moved has it in its history.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from engine import history, policy
from engine.bpmn import spiff
from engine.cases import door
from engine.cases.models import CaseFile, Process, ProcessState, Waiting, WorkItem
from engine.cases.moves import SYSTEM, Move
from engine.cases.projection import due_at
from engine.change.migrating import Nobody
from engine.change.models import ChangeProposal
from engine.change.proposals import propose
from engine.clock import SATURDAY, SHANGHAI, Calendar, CalendarDay, load_calendar, local_day
from engine.errors import Conflict, Refused, Unusable
from engine.people import permissions
from engine.people.models import Account
from engine.procedures import versions
from engine.reviewing.models import PublicNotice

Row = TypeVar("Row", WorkItem, Waiting)


@dataclass(frozen=True)
class DueChange:
    """One due day that moves: of a step (item), a wait or a public notice (notice)."""

    kind: str
    id: int
    name: str
    case_id: int | None
    process_id: int | None
    before: datetime
    after: datetime


def propose_calendar(
    session: Session,
    day: date,
    working: bool | None,
    name: str,
    *,
    clause: str,
    note: str,
    actor: Account,
    now: datetime,
) -> ChangeProposal:
    """Propose that a day is worked, off, or again what its weekday says; the report lists what it moves.

    Raises Unusable for a day that is over, Refused when the day already is as proposed.
    """
    permissions.may_administer(actor).require()
    if day < local_day(now):
        raise Unusable(f"{day} 已经过去；已办的事项按当时的日历计算，不能修改。")
    if working is not None and not name.strip():
        raise Unusable("请填写这一天的名称，例如“国庆节”或“国庆节调休上班”。")
    if _state(session, day) == _wanted(day, working):
        raise Refused(f"{day} 现在就是{'工作日' if _state(session, day) else '休息日'}，没有修改。")
    moved = calendar_effect(session, day, working, now=now)
    word = {True: "改为上班", False: "改为放假", None: "恢复为平常日"}[working]
    return propose(
        session,
        "calendar",
        day.isoformat(),
        f"{day} {word}" + (f"（{name.strip()}）" if working is not None else ""),
        {"working": working, "name": name.strip()},
        clause=clause,
        note=note,
        effective_at=now,
        actor=actor,
        now=now,
        report={"due": [_told(one) for one in moved]},
    )


def _told(change: DueChange) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "id": change.id,
        "name": change.name,
        "case": change.case_id,
        "before": change.before.isoformat(),
        "after": change.after.isoformat(),
    }


def _state(session: Session, day: date) -> bool:
    return load_calendar(session).is_working(day)


def _wanted(day: date, working: bool | None) -> bool:
    return day.weekday() < SATURDAY if working is None else working


def calendar_effect(session: Session, day: date, working: bool | None, *, now: datetime) -> list[DueChange]:  # noqa: ARG001
    """What would move if the day were so; nothing is written."""
    old = load_calendar(session)
    return _moved(session, old, _with(old, day, _wanted(day, working)), day)


def _with(calendar: Calendar, day: date, working: bool) -> Calendar:
    weekend = day.weekday() >= SATURDAY
    off = calendar.days_off - {day} if working or weekend else calendar.days_off | {day}
    make_up = calendar.make_up_days | {day} if working and weekend else calendar.make_up_days - {day}
    return replace(calendar, days_off=frozenset(off), make_up_days=frozenset(make_up))


def _moved(session: Session, old: Calendar, new: Calendar, day: date) -> list[DueChange]:
    """Every open step, wait and notice whose due day follows from the calendar and is another under the new one."""
    found = []
    processes: dict[int, tuple[Process, CaseFile | None, spiff.Instance]] = {}
    for row in _concerned(session, day):
        if row.process_id not in processes:
            processes[row.process_id] = _restored(session, row.process_id)
        before, after = (_due(session, row, *processes[row.process_id], one) for one in (old, new))
        if before == row.due_at and before is not None and after is not None and after != before:
            kind = "item" if isinstance(row, WorkItem) else "wait"
            found.append(DueChange(kind, row.id or 0, row.name, row.case_id, row.process_id, before, after))
    return [*found, *_notices(session, old, new)]


def _concerned(session: Session, day: date) -> Iterable[WorkItem | Waiting]:
    """Only what opened before the day and is due on it or later can move."""
    start = datetime.combine(day, time(), SHANGHAI)
    items = session.exec(_open_and_due(WorkItem, start)).all()
    waits = session.exec(_open_and_due(Waiting, start)).all()
    return [*items, *waits]


def _open_and_due(model: type[Row], start: datetime) -> SelectOfScalar[Row]:
    return (
        select(model)
        .where(model.status == "open", col(model.due_at) >= start, col(model.opened_at) <= start)
        .order_by(col(model.process_id), col(model.id))
    )


def _restored(session: Session, process_id: int) -> tuple[Process, CaseFile | None, spiff.Instance]:
    process = session.get_one(Process, process_id)
    state = session.get_one(ProcessState, (process_id, process.revision)).state
    case = session.get(CaseFile, process.case_id) if process.case_id else None
    definition = versions.load(session, process.version).definition
    return process, case, spiff.restore(definition, state, Nobody())


def _due(
    session: Session,
    row: WorkItem | Waiting,
    process: Process,
    case: CaseFile | None,
    instance: spiff.Instance,
    calendar: Calendar,
) -> datetime | None:
    """When the row is due by a calendar, counted from its opening under the policy of that day."""
    procedure = versions.load(session, process.version)
    element = procedure.element(row.process_key, row.element)
    timer = element.event.timer if element.event else None
    text = element.properties.get("limit") if isinstance(row, WorkItem) else (timer.text if timer else None)
    opened = row.opened_at
    move = Move(
        session=session,
        now=opened,
        actor=SYSTEM,
        process=process,
        procedure=procedure,
        calendar=calendar,
        policy=policy.values(session, local_day(opened)),
        case=case,
    )
    return due_at(move, element, text, instance)


def _notices(session: Session, old: Calendar, new: Calendar) -> list[DueChange]:
    """Public notices still open: as many working days as before, the posting day the first of them."""
    found = []
    for notice in session.exec(select(PublicNotice).where(col(PublicNotice.closed_at).is_(None))):
        days = old.working_days_between(notice.posted_on, notice.ends_on) + old.is_working(notice.posted_on)
        ends = new.notice_end(notice.posted_on, max(days, 1))
        if ends != notice.ends_on:
            before, after = (datetime.combine(one, time(), SHANGHAI) for one in (notice.ends_on, ends))
            found.append(DueChange("notice", notice.id or 0, notice.title, None, None, before, after))
    return found


def carry_out_calendar(session: Session, proposal: ChangeProposal, actor: Account, now: datetime) -> None:
    """Change the day, and move every due day that follows from it."""
    day, payload = date.fromisoformat(proposal.subject), proposal.payload
    working = payload["working"]
    if day < local_day(now):
        raise Conflict(f"{day} 已经过去，不能再修改；请退回本提议。")
    moved = calendar_effect(session, day, working, now=now)
    row = session.get(CalendarDay, day)
    if working is None or working == (day.weekday() < SATURDAY):
        if row is not None:
            session.delete(row)
    elif row is None:
        session.add(CalendarDay(day=day, working=working, name=payload["name"]))
    else:
        row.working, row.name = working, payload["name"]
    session.flush()
    _move_rows(session, moved)
    _tell(session, proposal, moved, actor, now)
    proposal.report = {"due": [_told(one) for one in moved]}


def _move_rows(session: Session, moved: Iterable[DueChange]) -> None:
    for one in moved:
        if one.kind == "notice":
            session.get_one(PublicNotice, one.id).ends_on = local_day(one.after)
        else:
            model = WorkItem if one.kind == "item" else Waiting
            session.get_one(model, one.id).due_at = one.after
    session.flush()


def _tell(
    session: Session, proposal: ChangeProposal, moved: Iterable[DueChange], actor: Account, now: datetime
) -> None:
    """A line in the history of every case or round whose days moved."""
    by_chain: dict[str, list[DueChange]] = {}
    for one in moved:
        if one.process_id is not None:
            chain = door.chain_of(session.get_one(Process, one.process_id))
            by_chain.setdefault(chain, []).append(one)
    for chain, changes in by_chain.items():
        words = "；".join(f"“{one.name}”改为 {local_day(one.after)}" for one in changes)
        payload: Mapping[str, Any] = {"due": [_told(one) for one in changes], "proposal": proposal.id}
        history.record(
            session,
            chain,
            at=now,
            actor=actor.login,
            verb="recount_due",
            summary=f"日历调整（{proposal.title}），期限顺延或提前：{words}",
            payload=payload,
        )
