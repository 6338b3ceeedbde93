"""Correcting a clerical error in a form that was sent (笔误更正): the old and the new are both kept.

Only what nothing was computed or judged from is corrected this way; anything else is done again by going back to
the step, or by a change request.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from engine import history
from engine.cases import door
from engine.cases.complaints import complaints
from engine.cases.models import CaseFile, FormRecord, Notice, Process, WorkItem
from engine.cases.moves import FormSpec, form_spec
from engine.clock import UtcDateTime
from engine.db import Json
from engine.errors import NotFound, Refused, Unusable
from engine.money import ledger
from engine.people import permissions
from engine.people.models import Account
from engine.triggers import append_only

DESCRIBING: dict[str, tuple[str, ...]] = {
    "application": ("title", "leader_name", "abstract", "comment"),
    "correction": ("title", "leader_name", "abstract", "comment"),
    "acceptance_application": ("summary", "audit_report", "comment"),
    "cooperation_proof": ("evidence", "comment"),
    "task_book": ("goals", "comment"),
}
"""Fields of forms with an effect from which nothing is computed or judged."""
FACTS = ("leader_name", "abstract")


class FormCorrection(SQLModel, table=True):
    """One field of a form as it was and as it was corrected (笔误更正)."""

    __tablename__ = "form_correction"
    __table_args__ = (Index("form_correction_record", "form_record_id"),)

    id: int | None = Field(default=None, primary_key=True)
    form_record_id: int = Field(foreign_key="form_record.id")
    field: str
    old: Any = Field(default=None, sa_type=Json)
    new: Any = Field(default=None, sa_type=Json)
    reason: str
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


append_only(FormCorrection.__table__)  # type: ignore[attr-defined]


def correctable(spec: FormSpec) -> tuple[str, ...]:
    """The fields of a form in which a clerical error can be corrected."""
    if spec.effect is not None:
        return DESCRIBING.get(spec.key, ("comment",))
    return tuple(
        name for name, info in spec.model.model_fields.items() if name != "outcome" and _is_plain(info)
    )


def _is_plain(info: FieldInfo) -> bool:
    """One value: a text, number or day, not a list, a table or a form within the form."""
    kinds = {str, int, Decimal, date}
    return bool(kinds & {info.annotation, *get_args(info.annotation)})


def correct(
    session: Session,
    record_id: int,
    field: str,
    value: str,
    *,
    actor: Account,
    reason: str,
    now: datetime,
) -> FormCorrection:
    """Correct one field of a form, with a reason; the form then reads as corrected, the old value stays beside it.

    Raises NotFound, Forbidden, Unusable for a value the form would not take, Refused for a field something hangs
    on, for a form sent again since, and once a letter quoting it or money has gone out.
    """
    record = session.get(FormRecord, record_id, with_for_update=True)
    if record is None or record.case_id is None:
        raise NotFound(f"没有编号为 {record_id} 的项目表单。")
    item = session.get_one(WorkItem, record.work_item_id)
    permissions.may_correct(actor, item.role).require()
    if not reason.strip():
        raise Refused("更正须写明理由。")
    spec, case = form_spec(record.form_key), session.get_one(CaseFile, record.case_id)
    old, new = _judged(spec, record, field, value)
    _refuse_hindered(session, case, record, old)
    row = FormCorrection(
        form_record_id=record_id, field=field, old=old, new=new, reason=reason.strip(), by=actor.login, at=now
    )
    session.add(row)
    record.payload = record.payload | {field: new}
    _carry_over(case, record, field, new)
    session.flush()
    _record(session, record, item, row, spec)
    return row


def _judged(spec: FormSpec, record: FormRecord, field: str, value: str) -> tuple[Any, Any]:
    """The old and the new value as the form's typed model has them."""
    if field not in correctable(spec):
        raise Refused(
            f"“{spec.title}”的这一项已据以计算或判定，不能作为笔误更正；请退回该步骤重新填写，或申请变更。"
        )
    try:
        before = spec.model.model_validate(record.payload).model_dump(mode="json")[field]
        entered = value.strip() or ("" if isinstance(before, str) else None)
        new = spec.model.model_validate(record.payload | {field: entered}).model_dump(mode="json")[field]
    except ValidationError as error:
        raise Unusable("更正后的内容没有填对。", complaints(spec.model, error)) from error
    if new == before:
        raise Refused("更正后的内容与原内容相同。")
    return before, new


def _refuse_hindered(session: Session, case: CaseFile, record: FormRecord, old: Any) -> None:
    """Nothing is corrected behind a later version of the form, behind money, or behind a letter that quotes it."""
    later = select(FormRecord.id).where(
        FormRecord.case_id == record.case_id,
        FormRecord.process_id == record.process_id,
        FormRecord.element == record.element,
        col(FormRecord.id) > (record.id or 0),
    )
    if session.exec(later).first() is not None:
        raise Refused("这份表单其后已重新提交；请更正最近一次提交的。")
    if ledger.balance(session, case.id or 0).paid_fen:
        raise Refused("款项已拨付，档案已形成，不能再更正；需要说明的请留言或上传附件。")
    letters = select(Notice).where(Notice.case_id == case.id, col(Notice.at) >= record.at)
    quoted = next((one for one in session.exec(letters) if old and str(old) in one.title + one.body), None)
    if quoted is not None:
        raise Refused(f"已发出的“{quoted.title}”载有原内容“{old}”，不能更正；请申请变更。")


def _carry_over(case: CaseFile, record: FormRecord, field: str, new: Any) -> None:
    """What the case itself says of the application follows its form."""
    if record.form_key not in ("application", "correction"):
        return
    if field == "title":
        case.title = new
    elif field in FACTS:
        case.facts = case.facts | {field: new}


def _record(
    session: Session, record: FormRecord, item: WorkItem, row: FormCorrection, spec: FormSpec
) -> None:
    title = spec.model.model_fields[row.field].title or row.field
    history.record(
        session,
        door.chain_of(session.get_one(Process, record.process_id)),
        at=row.at,
        actor=row.by,
        verb="correct",
        summary=f"更正“{item.name}”的“{title}”：“{row.old or '空'}”改为“{row.new or '空'}”（{row.reason}）",
        element=record.element,
        payload={
            "form_record": record.id,
            "field": row.field,
            "old": row.old,
            "new": row.new,
            "reason": row.reason,
        },
    )
