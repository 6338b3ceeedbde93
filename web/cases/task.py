"""One step as somebody sees it: its form when they may complete it, else the reason why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from engine import assembly
from engine.bpmn.model import Element
from engine.bpmn.ways import Way, ways
from engine.cases.models import Process, WorkItem
from engine.cases.moves import FormSpec, form_spec
from engine.errors import NotFound
from engine.people import permissions
from engine.people.models import Account
from engine.people.roles import OF_A_UNIT
from engine.procedures import versions
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
    values = _values(session, spec, item, context, refusal)
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
    )


def _values(
    session: Session, spec: FormSpec, item: WorkItem, context: Context, refusal: Refusal | None
) -> dict[str, Any]:
    if refusal is not None:
        return refusal.values
    return dict(context.values) | (spec.prefill(session, item) if spec.prefill else {})
