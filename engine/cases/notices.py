"""What the bureau tells a unit about its case (通知), and what a unit last told the bureau."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.models import FormRecord, Notice
from engine.cases.moves import Move


def post_notice(move: Move, kind: str, title: str, body: str, reply_by: datetime | None = None) -> None:
    """Keep a notice to the case's unit; it shows on the case and in the unit's inbox."""
    number = f"（{move.file.number}）" if move.file.number else ""
    move.session.add(
        Notice(
            case_id=move.file.id or 0,
            kind=kind,
            title=f"{title}{number}",
            body=body,
            reply_by=reply_by,
            at=move.now,
        )
    )
    move.note("notice", f"发出{title}", kind=kind)


def last_form(session: Session, case_id: int | None, key: str) -> dict[str, Any]:
    """The payload of a case's newest record of a form, to fill the next one with; empty when there is none."""
    statement = (
        select(FormRecord.payload)
        .where(FormRecord.case_id == case_id, FormRecord.form_key == key)
        .order_by(col(FormRecord.id).desc())
        .limit(1)
    )
    return dict(session.exec(statement).first() or {})


def last_comment(session: Session, case_id: int | None) -> str:
    """What whoever moved the case last wrote beside the decision."""
    statement = (
        select(FormRecord.payload)
        .where(FormRecord.case_id == case_id)
        .order_by(col(FormRecord.id).desc())
        .limit(1)
    )
    payload = session.exec(statement).first()
    return str(payload.get("comment", "")) if payload else ""
