"""The money rule's facts about a case, from its own rows: what was planned, approved, verified and paid."""

from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.fields import yuan_text
from engine.cases.models import CaseFile, Milestone, PaymentOrder, Settlement
from engine.cases.moves import Move
from engine.clock import local_day
from engine.money import ledger

PLANNED = {
    "self_raised_yuan": "self_raised_planned",
    "self_raised_fiscal_yuan": "self_raised_from_fiscal",
    "total_investment_yuan": "total_investment",
}
SETTLED = (
    "verified_self_raised",
    "self_raised_from_fiscal",
    "total_investment_verified",
    "ai_compute_paid",
    "cooperation_due",
    "cooperation_paid",
)


def planned_facts(case: CaseFile) -> dict[str, Any]:
    """What the application plans, in yuan as decimal strings."""
    return {fact: str(case.facts[name]) for name, fact in PLANNED.items() if case.facts.get(name) is not None}


def payment_facts(session: Session, case: CaseFile) -> dict[str, Any]:
    """Everything the rule may need at payment; what was verified replaces what was planned."""
    settlement = session.get_one(Settlement, case.id)
    facts = planned_facts(case) | {
        "acceptance": settlement.acceptance,
        "already_paid": yuan_text(ledger.balance(session, case.id or 0).paid_fen),
    }
    if case.approved_fen:
        facts["approved"] = yuan_text(case.approved_fen)
    for name in SETTLED:
        fen = getattr(settlement, f"{name}_fen")
        if fen is not None:
            facts[name] = yuan_text(fen)
    return facts | _tranche_facts(session, case)


def _tranche_facts(session: Session, case: CaseFile) -> dict[str, Any]:
    statement = select(Milestone).where(Milestone.case_id == case.id).order_by(col(Milestone.position))
    nodes = list(session.exec(statement))
    if not nodes:
        return {}
    paid = select(PaymentOrder.id).where(
        PaymentOrder.case_id == case.id, col(PaymentOrder.voucher).is_not(None)
    )
    return {
        "tranche_percent": [node.percent for node in nodes],
        "milestones": [node.verdict if node.verdict in ("passed", "failed") else "pending" for node in nodes],
        "pay_tranche": len(session.exec(paid).all()) + 1,
    }


def voucher(
    move: Move, key: str, *, reference: str = "", note: str = "", on: date | None = None
) -> ledger.Voucher:
    """The ledger's note of who entered an amount in this move, under a key that makes it happen once."""
    return ledger.Voucher(
        idempotency_key=key,
        recorded_on=on or local_day(move.now),
        recorded_by=move.actor.login,
        reference=reference,
        note=note,
    )
