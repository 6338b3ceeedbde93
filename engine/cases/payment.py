"""Disbursement (拨付): compute with a derivation, budget, approve, pay; and clawback (追缴) of what must come back."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlmodel import Session, col, select

from engine.cases.acceptance import Verification, keep_verified
from engine.cases.fields import Line, Text, Yuan, en, to_fen, yuan_text
from engine.cases.models import ClawbackOrder, PaymentOrder, WorkItem
from engine.cases.money_facts import payment_facts, voucher
from engine.cases.moves import Form, Move, action, form, plain_form, refuse_unless
from engine.cases.notices import post_notice
from engine.catalogue.directions import get_direction
from engine.clock import local_day
from engine.errors import Refused
from engine.money import ledger, rules
from engine.money.facts import check_facts
from engine.money.refusals import Refusal


@action("compute_payable")
def compute_payable(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Derive the amount now payable from the direction's rule and the case's facts (核定应拨金额)."""
    case = move.file
    facts = payment_facts(move.session, case)
    decision = rules.decide(get_direction(move.session, case.direction_code), "payment", check_facts(facts))
    order = PaymentOrder(
        case_id=case.id or 0, tranche=facts.get("pay_tranche"), facts=facts, computed_at=move.now
    )
    move.session.add(order)
    if isinstance(decision, Refusal):
        order.refusal, order.message = decision.reason, decision.message
        move.note("compute", f"暂不拨付：{decision.message}", reason=decision.reason)
        return "refused"
    order.amount_fen = decision.amount_yuan * 100
    order.derivation = [step.as_json() for step in decision.derivation]
    move.note("compute", f"核定应拨 {yuan_text(order.amount_fen)} 元", fen=order.amount_fen)
    return "payable" if order.amount_fen else "nothing"


def current_order(session: Session, case_id: int | None) -> PaymentOrder:
    """The newest payment order of a case."""
    statement = (
        select(PaymentOrder)
        .where(PaymentOrder.case_id == case_id)
        .order_by(col(PaymentOrder.id).desc())
        .limit(1)
    )
    order = session.exec(statement).first()
    if order is None:
        raise Refused("本项目还没有核定拨付金额。")
    return order


plain_form("payment_review", "核定拨付金额", "Check of the amount")
plain_form("payment_approval", "批准拨付", "Approval of the payment")


class PaymentException(Verification):
    """What to do about a refused payment: correct a verified figure and compute again, or close without paying."""


@form("payment_exception", "处理拨付异常", "Payment exception", PaymentException)
def settle_exception(move: Move, item: WorkItem, decision: PaymentException) -> None:  # noqa: ARG001
    """Every correction needs its reason; the amount is then derived anew."""
    refuse_unless(decision.comment, "请在意见中写明处理理由。")
    keep_verified(move, decision)


class PaymentBudget(Form):
    """The budget year a payment is charged to (预算年度)."""

    year: int | None = Field(
        default=None, ge=2000, le=2100, title="预算年度", json_schema_extra=en("Budget year")
    )


@form("payment_budget", "安排年度预算", "Budget", PaymentBudget)
def arrange_budget(move: Move, item: WorkItem, budget: PaymentBudget) -> None:  # noqa: ARG001
    """Charge the payment to a year's appropriation; short of it, queue to the next year and never cut."""
    order = current_order(move.session, move.file.id)
    if budget.outcome != "arrange":
        return
    year = budget.year or local_day(move.now).year
    left = ledger.year_left(move.session, year)
    refuse_unless(
        left >= order.amount_fen,
        f"{year} 年度预算余额 {yuan_text(left)} 元，不足以拨付 {yuan_text(order.amount_fen)} 元；请转入下一年度排队。",
    )
    order.budget_year = year


class PaymentRecord(Form):
    """The treasury's voucher of a payment (拨付凭证)."""

    voucher: Line = Field(min_length=1, title="支付凭证号", json_schema_extra=en("Voucher"))
    paid_on: date | None = Field(default=None, title="支付日期", json_schema_extra=en("Paid on"))


@form("payment_record", "登记拨付", "Record of the payment", PaymentRecord)
def register_voucher(move: Move, item: WorkItem, payment: PaymentRecord) -> None:  # noqa: ARG001
    """Keep the voucher; the ledger row follows in the same transaction."""
    order = current_order(move.session, move.file.id)
    order.voucher, order.paid_on = payment.voucher, payment.paid_on or local_day(move.now)


@action("record_payment")
def record_payment(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Enter the payment in the ledger with its derivation; entering the same order twice changes nothing."""
    order = current_order(move.session, move.file.id)
    ledger.record_payment(
        move.session,
        case_id=order.case_id,
        amount_fen=order.amount_fen,
        year=order.budget_year or local_day(move.now).year,
        tranche=order.tranche,
        derivation=order.derivation,
        voucher=voucher(move, f"order:{order.id}", reference=order.voucher or "", on=order.paid_on),
    )
    move.note("pay", f"拨付 {yuan_text(order.amount_fen)} 元，凭证 {order.voucher}", fen=order.amount_fen)
    return "done"


@action("assess_paid")
def assess_paid(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """`owed` when money was paid and has not come back, else `nothing`."""
    standing = ledger.balance(move.session, move.file.id or 0)
    return "owed" if standing.paid_fen > standing.clawed_back_fen else "nothing"


class ClawbackDecision(Form):
    """Who is responsible and how much comes back (责任判定与追缴金额)."""

    amount: Yuan = Field(default=Decimal(0), title="追缴金额（元）", json_schema_extra=en("Amount (yuan)"))
    responsibility: Text = Field(
        default="", title="责任判定", json_schema_extra=en("Responsibility", long=True)
    )


@form("clawback_decision", "责任判定与追缴", "Clawback decision", ClawbackDecision)
def decide_clawback(move: Move, item: WorkItem, decision: ClawbackDecision) -> None:  # noqa: ARG001
    """Never more than was paid and not yet returned; to the fen."""
    if decision.outcome != "recover":
        return
    fen, standing = to_fen(decision.amount), ledger.balance(move.session, move.file.id or 0)
    out = standing.paid_fen - standing.clawed_back_fen
    refuse_unless(
        0 < fen <= out,
        f"追缴金额应大于 0 且不超过已拨付未收回的 {yuan_text(out)} 元，现填 {decision.amount} 元。",
    )
    move.session.add(
        ClawbackOrder(
            case_id=move.file.id or 0,
            amount_fen=fen,
            reason=decision.responsibility or decision.comment,
            decided_at=move.now,
        )
    )


def current_clawback(session: Session, case_id: int | None) -> ClawbackOrder:
    """The newest clawback order of a case."""
    statement = (
        select(ClawbackOrder)
        .where(ClawbackOrder.case_id == case_id)
        .order_by(col(ClawbackOrder.id).desc())
        .limit(1)
    )
    order = session.exec(statement).first()
    if order is None:
        raise Refused("本项目没有追缴决定。")
    return order


@action("notify_clawback")
def notify_clawback(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Tell the unit what to return, and by when."""
    order = current_clawback(move.session, move.file.id)
    until = move.calendar.due(move.policy["limit_clawback"], move.now)
    post_notice(move, "clawback", "退款通知", f"请按原渠道退回补助 {yuan_text(order.amount_fen)} 元。", until)
    return "done"


plain_form("administrative_decision", "行政决定", "Administrative decision")


class ClawbackRecord(Form):
    """The voucher of the money's return (退款凭证)."""

    voucher: Line = Field(min_length=1, title="退款凭证号", json_schema_extra=en("Voucher"))


@form("clawback_record", "登记退款", "Record of the return", ClawbackRecord)
def register_return(move: Move, item: WorkItem, record: ClawbackRecord) -> None:  # noqa: ARG001
    """Keep the voucher of the return; the ledger row follows in the same transaction."""
    current_clawback(move.session, move.file.id).voucher = record.voucher


@action("record_clawback")
def record_clawback(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Enter the return in the ledger; entering the same order twice changes nothing."""
    order = current_clawback(move.session, move.file.id)
    ledger.record_clawback(
        move.session,
        case_id=order.case_id,
        amount_fen=order.amount_fen,
        voucher=voucher(move, f"clawback:{order.id}", reference=order.voucher or "", note=order.reason),
    )
    move.note("clawback", f"已退回 {yuan_text(order.amount_fen)} 元", fen=order.amount_fen)
    return "done"
