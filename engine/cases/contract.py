"""Establishment, task-book and implementation (立项、任务书、项目实施)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, select

from engine.cases.fields import Line, Percent, Text, Yuan, en, yuan_text
from engine.cases.models import Milestone, Settlement, WorkItem
from engine.cases.money_facts import voucher
from engine.cases.moves import Form, Move, action, form, plain_form, refuse_unless
from engine.cases.notices import last_form, post_notice
from engine.catalogue.directions import get_direction
from engine.clock import add_months
from engine.money import ledger
from engine.money.models import Commitment

WHOLE = Decimal(100)


class Node(BaseModel):
    """One milestone of a task-book; its share of the subsidy is contract data."""

    model_config = ConfigDict(extra="forbid")

    title: Line = Field(title="节点名称", json_schema_extra=en("Milestone"))
    due_on: date = Field(title="完成日期", json_schema_extra=en("Due"))
    percent: Percent = Field(title="拨付比例（%）", json_schema_extra=en("Share (%)"))


class TaskBook(Form):
    """The task-book (任务书). `nodes` are for a milestone subsidy only; the last is paid after acceptance."""

    starts_on: date | None = Field(default=None, title="起始日期", json_schema_extra=en("Starts"))
    ends_on: date | None = Field(default=None, title="结束日期", json_schema_extra=en("Ends"))
    goals: Text = Field(default="", title="目标与考核指标", json_schema_extra=en("Goals", long=True))
    nodes: list[Node] = Field(default_factory=list, title="里程碑节点", json_schema_extra=en("Milestones"))


def _last_task_book(session: Session, item: WorkItem) -> dict[str, Any]:
    return last_form(session, item.case_id, "task_book")


@form("task_book", "任务书", "Task-book", TaskBook, prefill=_last_task_book)
def fill_task_book(move: Move, item: WorkItem, book: TaskBook) -> None:  # noqa: ARG001
    """Fix the project's period and, for a milestone subsidy, its nodes, whose shares sum to exactly 100%."""
    if book.outcome != "submit":
        return
    case = move.file
    spec = get_direction(move.session, case.direction_code)
    starts_on, ends_on = book.starts_on or case.starts_on, book.ends_on or case.ends_on
    refuse_unless(
        starts_on and ends_on and starts_on < ends_on, "结束日期应晚于起始日期；请填写完整的实施期限。"
    )
    assert starts_on is not None
    assert ends_on is not None
    years = spec.duration_exact_years or spec.duration_max_years
    if years is not None:
        latest = add_months(starts_on, 12 * years)
        refuse_unless(
            ends_on <= latest,
            f"实施期限不得超过 {years} 年（指南第 {spec.guide_lines[0]}–{spec.guide_lines[1]} 行）；"
            f"请把结束日期改为 {latest} 或更早。",
        )
    case.starts_on, case.ends_on = starts_on, ends_on
    if spec.payment_trigger == "milestone":
        _keep_nodes(move, book.nodes, ends_on)
    else:
        refuse_unless(not book.nodes, "本方向不按里程碑拨付，任务书不应填写里程碑节点；请删除。")


def _keep_nodes(move: Move, nodes: list[Node], ends_on: date) -> None:
    least, most = move.policy["milestone_nodes_min"], move.policy["milestone_nodes_max"]
    refuse_unless(
        least <= len(nodes) <= most,
        f"里程碑节点应为 {least} 至 {most} 个，现有 {len(nodes)} 个；请增减节点。",
    )
    total = sum((node.percent for node in nodes), Decimal(0))
    refuse_unless(total == WHOLE, f"各节点拨付比例合计为 {total}%，应正好等于 100%；请调整。")
    days = [node.due_on for node in nodes]
    refuse_unless(
        days == sorted(days) and days[-1] <= ends_on,
        "各节点的完成日期应依次靠后，且不晚于项目结束日期；请调整日期。",
    )
    case_id = move.file.id or 0
    for old in move.session.exec(select(Milestone).where(Milestone.case_id == case_id)):
        move.session.delete(old)
    move.session.flush()
    for position, node in enumerate(nodes, start=1):
        row = node.model_dump() | {"percent": str(node.percent)}
        move.session.add(Milestone(case_id=case_id, position=position, **row))


plain_form("task_book_confirmation", "审核任务书", "Check the task-book")
plain_form("task_book_signature", "签署任务书", "Sign the task-book")


@action("commit_funds")
def commit_funds(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Commit the approved amount (立项承诺) and open the case's settlement record."""
    case = move.file
    if move.session.get(Settlement, case.id) is not None:
        return "done"
    move.session.add(Settlement(case_id=case.id or 0))
    if case.approved_fen:
        ledger.commit_funds(
            move.session,
            case_id=case.id or 0,
            amount_fen=case.approved_fen,
            voucher=voucher(move, f"commit:{case.id}"),
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


class Rectification(Form):
    """What was mended (整改报告)."""

    mended: Text = Field(default="", title="整改情况", json_schema_extra=en("What was mended", long=True))


plain_form("progress", "进展报告", "Progress report", Progress)
plain_form("progress_check", "进展检查", "Progress check")
plain_form("rectification", "整改报告", "Rectification report", Rectification)
