"""Mending a case over the web: back to an earlier step, a clerical error put right."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from engine.cases import corrections, stepping_back
from engine.cases.models import FormRecord, Process, WorkItem
from engine.cases.moves import FormSpec, form_spec
from engine.cases.stepping_back import Earlier
from engine.errors import NotFound
from engine.people import permissions
from engine.people.models import Account
from web.access import allow, officers
from web.addresses import is_number
from web.auth import me
from web.cases.seeing import seen_case
from web.clock import now
from web.database import session
from web.forms.building import label_of
from web.language import translate as _

blueprint = Blueprint("mending", __name__)


@dataclass(frozen=True)
class Slip:
    """One field of a form that was sent, which this account may correct."""

    record_id: int
    field: str
    step: str
    label: str
    value: str


@dataclass(frozen=True)
class Mending:
    """What this account may mend in a case. `earlier` are the steps done, the latest first."""

    earlier: Sequence[Earlier]
    slips: Sequence[Slip]

    @property
    def open_ways(self) -> list[Earlier]:
        """The steps the case may be taken back to."""
        return [one for one in self.earlier if one.may_return]

    @property
    def why_not(self) -> str:
        """Why not even to the latest step; empty when there is one to go back to, or none at all."""
        if self.open_ways or not self.earlier:
            return ""
        return getattr(self.earlier[0].may_return, "reason", "")


NOTHING = Mending((), ())


def mending_of(session: Session, processes: Sequence[Process], account: Account) -> Mending:
    """What may be mended; nothing for whoever may change nothing."""
    main = next((one for one in processes if one.kind == "case"), None)
    if main is None or not permissions.may_change(account):
        return NOTHING
    return Mending(stepping_back.earlier_steps(session, main, account), _slips(session, main, account))


def _slips(session: Session, process: Process, account: Account) -> list[Slip]:
    """The newest form of every step, field by field, where something was entered."""
    statement = (
        select(FormRecord, WorkItem)
        .join(WorkItem, col(WorkItem.id) == FormRecord.work_item_id)
        .where(FormRecord.process_id == process.id)
        .order_by(col(FormRecord.id))
    )
    newest = {item.element: (record, item) for record, item in session.exec(statement)}
    return [
        slip
        for record, item in newest.values()
        if permissions.may_correct(account, item.role)
        for slip in _fields(record, item, form_spec(record.form_key))
    ]


def _fields(record: FormRecord, item: WorkItem, spec: FormSpec) -> list[Slip]:
    return [
        Slip(record.id or 0, name, item.name, label_of(name, info), str(record.payload[name]))
        for name in corrections.correctable(spec)
        if record.payload.get(name) not in (None, "") and (info := spec.model.model_fields[name])
    ]


@blueprint.post("/cases/<int:case_id>/step-back")
@allow(officers)
def step_back(case_id: int) -> ResponseReturnValue:
    """Take the case back to the step chosen in the form, with a reason."""
    seen_case(session(), case_id, me())
    chosen = request.form.get("item", "")
    if not is_number(chosen):
        raise NotFound(_("请先选择要退回到的步骤。"))
    reason = request.form.get("reason", "")
    stepping_back.step_back(session(), int(chosen), actor=me(), reason=reason, now=now())
    flash(_("已退回，原来的办理经过仍在。"))
    return redirect(url_for("cases.detail", case_id=case_id))


@blueprint.post("/cases/<int:case_id>/corrections")
@allow(officers)
def correct(case_id: int) -> ResponseReturnValue:
    """Correct one field of a form that was sent; `what` names the record and the field."""
    seen_case(session(), case_id, me())
    number, _dot, field = request.form.get("what", "").partition(".")
    record = session().get(FormRecord, int(number)) if is_number(number) else None
    if record is None or record.case_id != case_id:
        raise NotFound(_("请先选择要更正的一项。"))
    corrections.correct(
        session(),
        record.id or 0,
        field,
        request.form.get("value", ""),
        actor=me(),
        reason=request.form.get("reason", ""),
        now=now(),
    )
    flash(_("已更正，原内容保留在经过中。"))
    return redirect(url_for("cases.detail", case_id=case_id))
