"""The open rows of a process that is carried over to another version of its procedure (迁移) or back.

A row keeps its number, its holder and whatever hangs on it; what the diagram says about its step is renewed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from engine.bpmn import spiff
from engine.bpmn.model import Element
from engine.cases.models import Waiting, WorkItem
from engine.cases.moves import Move
from engine.cases.projection import due_at
from engine.people.roles import role_for_lane
from engine.procedures.versions import Procedure

KEPT = ("token", "process_key", "element", "name", "status", "due_at", "closed_at")
OF_ITEMS = ("role", "form_key", "holder_id")
OF_WAITS = ("message",)


def renew(move: Move, old: Procedure, before: Sequence[spiff.Token], instance: spiff.Instance) -> None:
    """Say on every open row what the new diagram says about its step; a changed limit counts from its opening."""
    tokens = {token.id: token for token in instance.tokens()}
    stood = {token.id: old.element(token.process, token.element) for token in before}
    for row in open_rows(move.session, move.process.id):
        token = tokens.get(row.token)
        if token is None:
            continue
        element = move.procedure.element(token.process, token.element)
        row.process_key, row.element, row.name = token.process, token.element, element.name
        if isinstance(row, WorkItem):
            _renew_item(row, token, element)
            text, was = element.properties.get("limit"), stood[row.token].properties.get("limit")
        else:
            text, was = token.expression, _expression(stood[row.token])
        if text != was or element.id != stood[row.token].id:
            row.due_at = due_at(replace(move, now=row.opened_at), element, text, instance)
    move.session.flush()


def _renew_item(row: WorkItem, token: spiff.Token, element: Element) -> None:
    """Another lane means other people: who held the step does not hold it there."""
    role = role_for_lane(token.lane or "")
    row.form_key = element.properties.get("form", "")
    if role != row.role:
        row.role, row.holder_id = role, None


def _expression(element: Element) -> str | None:
    return element.event.timer.text if element.event and element.event.timer else None


def open_rows(session: Session, process_id: int | None) -> list[WorkItem | Waiting]:
    """The steps and waits of a process that are open."""
    items = select(WorkItem).where(WorkItem.process_id == process_id, WorkItem.status == "open")
    waits = select(Waiting).where(Waiting.process_id == process_id, Waiting.status == "open")
    return [*session.exec(items), *session.exec(waits)]


def picture(session: Session, process_id: int | None) -> list[dict[str, Any]]:
    """The open rows as plain values, for putting them back."""
    return [_plain(row) for row in open_rows(session, process_id)]


def _plain(row: WorkItem | Waiting) -> dict[str, Any]:
    names = (*KEPT, *(OF_ITEMS if isinstance(row, WorkItem) else OF_WAITS))
    values = {name: getattr(row, name) for name in names}
    moments = {name: at.isoformat() for name, at in values.items() if isinstance(at, datetime)}
    return {"table": row.__tablename__, "id": row.id, **values, **moments}


def put_back(session: Session, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Make these rows what they were, open again; returns their tokens."""
    for values in rows:
        model = WorkItem if values["table"] == WorkItem.__tablename__ else Waiting
        row = session.get_one(model, values["id"])
        for name, value in values.items():
            if name in ("due_at", "closed_at"):
                setattr(row, name, datetime.fromisoformat(value) if value else None)
            elif name not in ("table", "id"):
                setattr(row, name, value)
    session.flush()
    return {str(values["token"]) for values in rows}
