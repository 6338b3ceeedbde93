"""The rows beside a process state (投影): work items and waits, written in the transaction that moves the process.

Due dates are ours, in working days, computed when a step opens from the diagram's `limit` and the policy in force;
the engine's own timers never run.
"""

from collections import ChainMap
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from engine.bpmn import expressions, spiff
from engine.bpmn.model import Element
from engine.cases.models import Waiting, WorkItem
from engine.cases.moves import Move
from engine.cases.names import Names
from engine.cases.rows import append, cancel
from engine.clock import end_of_day, local_day
from engine.people.roles import role_for_lane
from engine.vocabulary import Role


def project(
    move: Move, instance: spiff.Instance, before: Sequence[spiff.Token], after: Sequence[spiff.Token]
) -> None:
    """Bring the open rows from the tokens they stood for to those that are live now.

    The rows were true to `before`, because the transaction that left the process there wrote them; the row of
    the token that moved is closed already and not among them.
    """
    lived, live = {token.id for token in before}, {token.id for token in after}
    _cancel(move, [token for token in before if token.id not in live])
    opened = [token for token in after if token.id not in lived]
    session = move.session
    append(session, WorkItem, [_item(move, token, instance) for token in opened if token.kind == "human"])
    append(session, Waiting, [_wait(move, token, instance) for token in opened if token.kind != "human"])


def _cancel(move: Move, gone: Sequence[spiff.Token]) -> None:
    process_id = move.process.id or 0
    for model, of_people in ((WorkItem, True), (Waiting, False)):
        tokens = [token.id for token in gone if (token.kind == "human") is of_people]
        cancel(move.session, model, process_id, tokens, move.now)


def _item(move: Move, token: spiff.Token, instance: spiff.Instance) -> dict[str, Any]:
    element = move.procedure.element(token.process, token.element)
    case = move.case
    role = role_for_lane(token.lane or "")
    item = None if token.item is None else str(token.item)
    return {
        "process_id": move.process.id,
        "case_id": move.process.case_id,
        "round_id": move.process.round_id,
        "unit_id": _unit(move, role),
        "direction_code": case.direction_code if case else move.process.subject.get("direction_code", ""),
        "amount_fen": (case.approved_fen or case.requested_fen) if case else 0,
        "token": token.id,
        "process_key": token.process,
        "element": token.element,
        "name": element.name,
        "role": role,
        "form_key": element.properties.get("form", ""),
        "item": item,
        "holder_id": _holder(move, role, item),
        "opened_at": move.now,
        "due_at": due_at(move, element, element.properties.get("limit"), instance),
    }


def _holder(move: Move, role: str, item: str | None) -> int | None:
    if item is not None:  # a multi-instance step is one person's: the item is the account
        return int(item)
    if role == Role.EXPERT:  # an invitation's process is about one expert
        holder: int | None = move.process.subject.get("holder")
        return holder
    return move.case.applicant_id if move.case and role == Role.APPLICANT else None


def _unit(move: Move, role: str) -> int | None:
    """The unit whose step it is: the recommending unit's own steps are its own, all others the applicant's."""
    if move.case is None:
        return None
    return move.case.recommender_id if role == Role.RECOMMENDER else move.case.unit_id


def _wait(move: Move, token: spiff.Token, instance: spiff.Instance) -> dict[str, Any]:
    element = move.procedure.element(token.process, token.element)
    return {
        "process_id": move.process.id,
        "case_id": move.process.case_id,
        "token": token.id,
        "process_key": token.process,
        "element": token.element,
        "name": element.name,
        "kind": token.kind,
        "message": token.message,
        "opened_at": move.now,
        "due_at": due_at(move, element, token.expression, instance),
    }


def due_at(move: Move, element: Element, expression: str | None, instance: spiff.Instance) -> datetime | None:
    """When a limit or timer runs out: an int of working days, an ISO duration, or a date.

    `counting="posting_day"` counts the opening day as day one, as a public notice (公示) does.
    """
    if not expression:
        return None
    limit = expressions.evaluate(expression, ChainMap(dict(instance.data), Names(move)))  # type: ignore[arg-type]
    if element.properties.get("counting") == "posting_day" and isinstance(limit, int):
        return end_of_day(move.calendar.notice_end(local_day(move.now), limit))
    return move.calendar.due(limit, move.now)
