"""Requests under way beside a case (变更、延期、撤回), as those who decide them read them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.change_requests import ChangeRequest, Difference, differences
from engine.cases.changes import last_request
from engine.cases.extensions import ExtensionRequest
from engine.cases.models import CaseFile, Process

Read = Callable[[Session, CaseFile, dict[str, Any]], list[Difference]]


@dataclass(frozen=True)
class Requested:
    """A request that is sent and not decided: its procedure, the unit's reason and what it changes."""

    process: Process
    reason: str
    differences: list[Difference]


def requests_under_way(session: Session, case: CaseFile) -> list[Requested]:
    """The requests of a case that somebody has to decide, the oldest first."""
    statement = (
        select(Process)
        .where(Process.case_id == case.id, col(Process.key).in_(CHANGES), col(Process.ended_at).is_(None))
        .order_by(col(Process.id))
    )
    found = []
    for process in session.exec(statement):
        form_key, read = CHANGES[process.key]
        payload = last_request(session, process.id, form_key)
        if payload:
            found.append(Requested(process, str(payload.get("reason", "")), read(session, case, payload)))
    return found


def _change(session: Session, case: CaseFile, payload: dict[str, Any]) -> list[Difference]:
    return differences(session, case, ChangeRequest.model_validate(payload))


def _extension(session: Session, case: CaseFile, payload: dict[str, Any]) -> list[Difference]:  # noqa: ARG001
    request = ExtensionRequest.model_validate(payload)
    return [Difference("延期", "结束日期", str(case.ends_on or ""), str(request.ends_on or ""))]


def _withdrawal(session: Session, case: CaseFile, payload: dict[str, Any]) -> list[Difference]:  # noqa: ARG001
    return []


CHANGES: dict[str, tuple[str, Read]] = {
    "change": ("change_request", _change),
    "extension": ("extension_request", _extension),
    "withdrawal": ("withdrawal_request", _withdrawal),
}
