"""One step of the unit's own: its form beside the conditions it must keep, checked while one types."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.formal_check import checklist, to_correct
from engine.cases.live import Live, has_conditions, live_conditions
from engine.cases.models import CaseFile, CheckResult, Notice, WorkItem
from engine.cases.requests import Requested, requests_under_way
from engine.catalogue.directions import get_direction
from engine.catalogue.spec import DirectionSpec
from engine.people.models import Account
from engine.records.attachments import attachments_of
from engine.records.drafts import draft_of
from engine.records.evidence import evidence_of, figure_titles
from engine.records.models import Attachment
from web.forms.sending import Complaint, Refusal
from web.parts.filed import File, files_of
from web.parts.task import Task, open_task

WITH_EVIDENCE = frozenset({"progress", "node_report", "acceptance_application", "rectification"})
"""Forms by which a unit accounts for its indicators."""
JUDGED_LATER = frozenset({"application", "correction"})
"""Forms that come in whatever they state: the formal check decides on them."""


@dataclass(frozen=True)
class Asked:
    """What a correction was asked for (补正内容): the notice as it was sent, and the items still to correct."""

    notice: Notice | None
    items: Sequence[CheckResult]


@dataclass(frozen=True)
class Evidence:
    """One figure of the indicators with the files that show it, the newest first."""

    indicator: str
    title: str
    files: Sequence[Attachment]


@dataclass(frozen=True)
class StepPage:
    """A step's form, what was asked for, and how its conditions stand (None for a form that has none)."""

    case: CaseFile
    direction: DirectionSpec
    task: Task
    live: Live | None
    asked: Asked | None
    evidence: Sequence[Evidence]
    requests: Sequence[Requested]
    files: Sequence[File]


def step_page(
    session: Session,
    case: CaseFile,
    item: WorkItem,
    account: Account,
    now: datetime,
    refusal: Refusal | None = None,
) -> StepPage:
    """The page; with a `refusal` (or a check) the form shows what was sent."""
    task = open_task(session, item.id or 0, account, refusal)
    return StepPage(
        case=case,
        direction=get_direction(session, case.direction_code),
        task=task,
        live=conditions_of(session, item, _entered(session, task, account, refusal), now),
        asked=_asked(session, case) if item.form_key == "correction" else None,
        evidence=_evidence(session, case, item.form_key),
        requests=requests_under_way(session, case) if item.form_key == "supplement_signature" else (),
        files=files_of(attachments_of(session, case.id or 0, account)),
    )


def conditions_of(session: Session, item: WorkItem, payload: dict[str, Any], now: datetime) -> Live | None:
    """How the step's conditions stand on a payload; None when it has none, or is done."""
    if item.status != "open" or not has_conditions(item.form_key):
        return None
    return live_conditions(session, item, payload, now)


def doubts(session: Session, item: WorkItem, payload: dict[str, Any], now: datetime) -> list[Complaint]:
    """The conditions an application does not meet: it may be sent all the same, but not without being told."""
    if item.form_key not in JUDGED_LATER or payload.get("outcome") != "submit":
        return []
    live = conditions_of(session, item, payload, now)
    if live is None or live.unreadable:  # what cannot be read is refused anyway
        return []
    return [Complaint(f"{one.text}：{one.reason}", next(iter(one.fields), None)) for one in live.of("unmet")]


def _entered(session: Session, task: Task, account: Account, refusal: Refusal | None) -> dict[str, Any]:
    """What the form shows: what was just sent, else the draft, else what it is filled with."""
    if refusal is not None:
        return dict(refusal.values)
    if draft := draft_of(session, task.item.id or 0, account):
        return dict(draft.payload)
    return task.spec.prefill(session, task.item) if task.spec.prefill else {}


def _evidence(session: Session, case: CaseFile, form_key: str) -> list[Evidence]:
    if form_key not in WITH_EVIDENCE:
        return []
    files = evidence_of(session, case.id)
    return [Evidence(key, title, files.get(key, [])) for key, title in figure_titles(session, case).items()]


def _asked(session: Session, case: CaseFile) -> Asked:
    newest = (
        select(Notice)
        .where(Notice.case_id == case.id, Notice.kind == "correction")
        .order_by(col(Notice.id).desc())
        .limit(1)
    )
    return Asked(session.exec(newest).first(), to_correct(checklist(session, case.id)))
