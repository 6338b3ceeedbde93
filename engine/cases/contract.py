"""Establishment and implementation (立项、项目实施); what is promised in between is the task-book's."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlmodel import select

from engine.cases.fields import Text, Yuan, en, yuan_text
from engine.cases.models import Settlement
from engine.cases.money_facts import voucher
from engine.cases.moves import Form, Move, action, plain_form
from engine.cases.notices import post_notice
from engine.catalogue.facts import DeclaredFigure
from engine.money import ledger
from engine.money.models import Commitment


@action("commit_funds")
def commit_funds(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Commit the approved amount (立项承诺) and open the case's settlement record.

    A project brought in while running names its `document`; any other was established by its round's.
    """
    case = move.file
    if move.session.get(Settlement, case.id) is not None:
        return "done"
    move.session.add(Settlement(case_id=case.id or 0))
    if case.approved_fen:
        ledger.commit_funds(
            move.session,
            case_id=case.id or 0,
            amount_fen=case.approved_fen,
            voucher=voucher(move, f"commit:{case.id}", reference=data.get("document", "")),
        )
        move.note("commit", f"立项承诺 {yuan_text(case.approved_fen)} 元", fen=case.approved_fen)
    return "done"


@action("revoke_unsigned")
def revoke_unsigned(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """The task-book was not signed in time, or given up: deemed revoked (视同撤销), the commitment released."""
    statement = select(Commitment).where(
        Commitment.case_id == move.file.id, Commitment.idempotency_key == f"commit:{move.file.id}"
    )
    for commitment in move.session.exec(statement):
        ledger.reverse(
            move.session,
            commitment,
            voucher=voucher(move, f"revoke:{move.file.id}", note="视同撤销立项"),
        )
    post_notice(move, "revoked", "撤销立项通知", "任务书未在期限内签署或已放弃签署，按规定视同撤销立项。")
    return "done"


class Progress(Form):
    """A progress report (进展报告); `finish` asks to close the project."""

    achieved: Text = Field(default="", title="已完成内容", json_schema_extra=en("Achieved", long=True))
    spent: Yuan = Field(
        default=Decimal(0), title="累计支出（元）", json_schema_extra=en("Spent so far (yuan)")
    )
    indicators: Mapping[str, DeclaredFigure] = Field(
        default_factory=dict, title="考核指标进展", json_schema_extra=en("Progress by indicator")
    )


class Rectification(Form):
    """What was mended (整改报告)."""

    mended: Text = Field(default="", title="整改情况", json_schema_extra=en("What was mended", long=True))


plain_form("progress", "进展报告", "Progress report", Progress)
plain_form("progress_check", "进展检查", "Progress check")
plain_form("rectification", "整改报告", "Rectification report", Rectification)
