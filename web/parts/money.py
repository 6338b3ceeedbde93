"""The money of one case: what was asked, approved, derived, paid and returned."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine.cases.models import PaymentOrder
from engine.money import ledger
from engine.money.models import Payment


@dataclass(frozen=True)
class CaseMoney:
    """`orders` are every computation with its derivation or its refusal, the newest first."""

    balance: ledger.Balance
    orders: Sequence[PaymentOrder]
    payments: Sequence[Payment]


def money_of(session: Session, case_id: int) -> CaseMoney:
    """What the ledger and the payment orders say about a case."""
    orders = select(PaymentOrder).where(PaymentOrder.case_id == case_id).order_by(col(PaymentOrder.id).desc())
    return CaseMoney(
        balance=ledger.balance(session, case_id),
        orders=session.exec(orders).all(),
        payments=ledger.payments(session, case_id),
    )
