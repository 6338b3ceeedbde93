"""When something is to be expected (预计时间): the limits still ahead on the diagram's ordinary way, added up."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from engine import policy
from engine.bpmn.model import Element, ProcessModel
from engine.bpmn.ways import CONDITION
from engine.cases.models import CaseFile, Process, Waiting, WorkItem
from engine.cases.sides import main_process
from engine.clock import Calendar, load_calendar, local_day
from engine.people.roles import OF_A_UNIT
from engine.procedures import versions
from engine.reviewing.decisions import DECISION_MESSAGE, NOTICE_MESSAGE
from engine.reviewing.models import RoundEntry
from engine.reviewing.rounds import REVIEW_MESSAGE
from engine.vocabulary import Role

TELLS = {
    REVIEW_MESSAGE: "announce_review",
    NOTICE_MESSAGE: "open_public_notice",
    DECISION_MESSAGE: "announce_establishment",
}
"""The round's action that sends what a case awaits."""


def expected_by(session: Session, case: CaseFile, now: datetime) -> date | None:
    """The day a result may be expected when everybody keeps the limits; None when it is the applicant's turn.

    A step that is overdue is taken to be done within its limit from today.
    """
    running = main_process(session, case.id or 0)
    items = _open_items(session, running.id)
    if any(item.role == Role.APPLICANT for item in items):
        return None
    dues = [max(item.due_at, now) for item in items if item.due_at is not None]
    if dues:
        return local_day(max(dues))
    statement = select(Waiting.message).where(
        Waiting.process_id == running.id, Waiting.status == "open", col(Waiting.message).in_(TELLS)
    )
    awaited = session.exec(statement).first()
    return _round_tells(session, case, TELLS[awaited], now) if awaited else None


def _open_items(session: Session, process_id: int | None) -> list[WorkItem]:
    statement = select(WorkItem).where(WorkItem.process_id == process_id, WorkItem.status == "open")
    return list(session.exec(statement))


def _round_tells(session: Session, case: CaseFile, operator: str, now: datetime) -> date:
    """From where the case's round stands, or from the start of one that is still to be opened."""
    calendar, values = load_calendar(session), policy.values(session, local_day(now))
    round_process = _round_of(session, case)
    name = round_process.version if round_process else versions.in_force(session, "review_round", now)
    model = versions.load(session, name).processes["review_round"]
    moment, at = now, None
    if round_process is not None:
        items = [item for item in _open_items(session, round_process.id) if item.role not in OF_A_UNIT]
        moment = max([now, *(item.due_at for item in items if item.due_at is not None)])
        at = next((item.element for item in items if item.element in model.elements), None)
    ahead = list(ordinary_way(model, at))
    return local_day(_after(ahead[1:] if at else ahead, operator, calendar, values, moment))


def _round_of(session: Session, case: CaseFile) -> Process | None:
    statement = (
        select(Process)
        .join(RoundEntry, col(RoundEntry.round_id) == Process.round_id)
        .where(RoundEntry.case_id == case.id, Process.kind == "round", col(Process.ended_at).is_(None))
        .order_by(col(Process.id).desc())
    )
    return session.exec(statement).first()


def _after(
    ahead: list[Element], operator: str, calendar: Calendar, values: Mapping[str, Any], moment: datetime
) -> datetime:
    for element in ahead:
        if element.operator is not None and element.operator.id == operator:
            break
        limit = values.get(element.properties.get("limit", "") or _timer(element))
        if limit is not None:
            moment = calendar.due(limit, moment)
    return moment


def _timer(element: Element) -> str:
    timer = element.event.timer if element.event is not None else None
    return timer.text.strip() if timer is not None else ""


def ordinary_way(model: ProcessModel, start: str | None = None) -> Iterator[Element]:
    """The steps of a process in order when every step ends its ordinary way, from the start or from a step."""
    begin = (one for one in model.elements.values() if one.kind == "startEvent" and one.parent == model.id)
    at: Element | None = model.elements[start] if start else next(begin)
    seen: set[str] = set()
    while at is not None and at.id not in seen:
        seen.add(at.id)
        yield at
        at = _next(model, at)


def _next(model: ProcessModel, element: Element) -> Element | None:
    flows = model.outgoing(element)
    for flow in flows:
        match = CONDITION.match(flow.condition or "")
        asked = model.elements.get(match[1]) if match else None
        if match and asked and asked.properties.get("outcomes", "").split(",")[0].strip() == match[2]:
            return model.elements[flow.target]
    kept = [flow for flow in flows if flow.id == element.default] or list(flows)
    return model.elements[kept[0].target] if kept else None
