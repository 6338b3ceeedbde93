"""One step as somebody sees it: its form when they may complete it, else the reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine import assembly
from engine.bpmn.model import Element
from engine.bpmn.ways import Way, ways
from engine.cases import desk
from engine.cases.models import FormRecord, Process, WorkItem
from engine.cases.moves import FormSpec, form_spec
from engine.errors import NotFound
from engine.people import permissions
from engine.people.models import Account, Organization
from engine.people.roles import OF_A_UNIT
from engine.procedures import versions
from engine.records import drafts
from engine.records.models import FormDraft
from engine.records.on_paper import on_behalf, opened_with
from web.forms.building import Builder, Context
from web.forms.context import context_for
from web.forms.parts import Part
from web.forms.sending import Refusal

assert assembly.FORMS  # every room's forms are registered before the first one is shown


@dataclass(frozen=True)
class Task:
    """An open step: what it is, who holds it, and its form with what has been entered.

    `may_complete` and `may_claim` are the permission's decisions; a denial carries the button's sentence.
    """

    item: WorkItem
    element: Element
    ways: Sequence[Way]
    spec: FormSpec
    holder: Account | None
    may_complete: permissions.Decision
    may_claim: permissions.Decision
    parts: Sequence[Part] = ()
    outcome: str = ""
    comment: str = ""
    refusal: Refusal | None = None
    draft_at: datetime | None = None
    colleagues: Sequence[Account] = ()
    """Whom this account may hand the step to."""
    on_paper_for: str = ""
    """The unit whose paper this account would enter here; empty for a step of its own."""
    scan_at_hand: str = ""
    """The scan its application was opened with, which the form may be read off without a further one."""

    @property
    def of_a_unit(self) -> bool:
        """A unit's step is the whole unit's: nobody claims it."""
        return self.item.role in OF_A_UNIT


def open_task(session: Session, item_id: int, account: Account, refusal: Refusal | None = None) -> Task:
    """The step for this account; its form is filled with what was sent, else with what is known."""
    item = session.get(WorkItem, item_id)
    if item is None:
        raise NotFound(f"没有编号为 {item_id} 的待办；它可能已被撤销，请回到待办列表。")
    process = session.get_one(Process, item.process_id)
    model = versions.load(session, process.version).processes[item.process_key]
    spec = form_spec(item.form_key)
    may = permissions.may_complete(account, item.role, item.holder_id, item.unit_id)
    context = context_for(session, item)
    draft = drafts.draft_of(session, item_id, account) if refusal is None else None
    values = _values(session, spec, item, context, refusal, draft)
    builder = Builder(context, refusal.by_field if refusal else {})
    return Task(
        item=item,
        element=model.elements[item.element],
        ways=ways(model, model.elements[item.element]),
        spec=spec,
        holder=session.get(Account, item.holder_id) if item.holder_id else None,
        may_complete=may,
        may_claim=permissions.may_claim(account, item.role, item.holder_id, item.unit_id),
        parts=builder.parts(spec.model, values) if may and item.status == "open" else (),
        outcome=str(values.get("outcome", "")),
        comment=str(values.get("comment", "")),
        refusal=refusal,
        draft_at=draft.saved_at if draft else None,
        colleagues=desk.colleagues(session, item, account),
        on_paper_for=(paper_for := _paper_of(session, item, account) if may else ""),
        scan_at_hand=_scan_at_hand(session, item) if paper_for else "",
    )


def _scan_at_hand(session: Session, item: WorkItem) -> str:
    opened = opened_with(session, item)
    return opened.name if opened else ""


def _paper_of(session: Session, item: WorkItem, account: Account) -> str:
    return session.get_one(Organization, item.unit_id).name if on_behalf(account, item) else ""


def _values(
    session: Session,
    spec: FormSpec,
    item: WorkItem,
    context: Context,
    refusal: Refusal | None,
    draft: FormDraft | None,
) -> dict[str, Any]:
    """What was just sent, else the draft, else what is known; a step taken back shows what it held before."""
    if refusal is not None:
        return refusal.values
    if draft is not None:
        return draft.payload
    known = dict(context.values) | (spec.prefill(session, item) if spec.prefill else {})
    return known | _before_stepping_back(session, item)


def _before_stepping_back(session: Session, item: WorkItem) -> dict[str, Any]:
    statement = (
        select(FormRecord.payload)
        .join(WorkItem, col(WorkItem.id) == FormRecord.work_item_id)
        .where(FormRecord.process_id == item.process_id, WorkItem.token == item.token)
        .order_by(col(FormRecord.id).desc())
    )
    payload = session.exec(statement).first() or {}
    return {name: value for name, value in payload.items() if name != "outcome"}
