"""The ledger's verbs (资金台账): commit, appropriate, pay, claw back, reverse; and what is left.

Amounts are integer fen. Every voucher carries an idempotency key: the same act under the same key is recorded
once and returns its row, another act under that key is a `Conflict`. A verb flushes and never commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from engine.errors import Conflict, KeguanError, Refused
from engine.money.amounts import yuan
from engine.money.models import (
    OVERCLAWED,
    OVERPAID,
    OVERSPENT,
    Appropriation,
    Clawback,
    Commitment,
    LedgerRow,
    Payment,
)

MOST_FEN = 10**17
Row = TypeVar("Row", bound=LedgerRow)


@dataclass(frozen=True)
class Voucher:
    """Who records what act, when, on which paper (凭单)."""

    idempotency_key: str
    """Names the act, so that a retry or a double click records it once."""
    recorded_on: date
    recorded_by: str
    reference: str = ""
    """The document or voucher number (文号、凭证号)."""
    note: str = ""


@dataclass(frozen=True)
class Balance:
    """Where one case's money stands, in fen."""

    committed_fen: int
    paid_fen: int
    clawed_back_fen: int

    @property
    def unpaid_fen(self) -> int:
        """What may still be paid; money clawed back does not become payable again."""
        return self.committed_fen - self.paid_fen


def balance(session: Session, case_id: int) -> Balance:
    """What is committed to, paid to and clawed back from one case."""
    return Balance(
        _sum(session, Commitment, case_id), _sum(session, Payment, case_id), _sum(session, Clawback, case_id)
    )


def year_left(session: Session, year: int) -> int:
    """What the year's appropriation has left for payments, in fen."""
    given = session.exec(_total(Appropriation).where(col(Appropriation.year) == year)).one()
    spent = session.exec(_total(Payment).where(col(Payment.year) == year)).one()
    return int(given) - int(spent)


def payments(session: Session, case_id: int) -> Sequence[Payment]:
    """The payments of one case and their reversals, oldest first."""
    return session.exec(
        select(Payment).where(col(Payment.case_id) == case_id).order_by(col(Payment.id))
    ).all()


def commit_funds(
    session: Session,
    *,
    case_id: int,
    amount_fen: int,
    voucher: Voucher,
) -> Commitment:
    """Promise money to a case, as its establishment decided; commitments of one case add up."""
    row = Commitment(
        case_id=case_id,
        amount_fen=_positive(amount_fen),
        **asdict(voucher),
    )
    return _recorded(session, row) or _write(session, row)


def appropriate(
    session: Session,
    *,
    year: int,
    amount_fen: int,
    voucher: Voucher,
) -> Appropriation:
    """Give a year's budget money to pay from; appropriations of one year add up."""
    row = Appropriation(
        year=year,
        amount_fen=_positive(amount_fen),
        **asdict(voucher),
    )
    return _recorded(session, row) or _write(session, row)


def record_payment(
    session: Session,
    *,
    case_id: int,
    amount_fen: int,
    year: int,
    derivation: Sequence[Mapping[str, Any]],
    voucher: Voucher,
    tranche: int | None = None,
) -> Payment:
    """Pay a case out of a year's budget, with the derivation whose last step is this very amount.

    `Refused` when it would pass the commitment, or when the year's appropriation is short: the payment then
    waits for the next year's budget and is never cut.
    """
    row = Payment(
        case_id=case_id,
        amount_fen=_positive(amount_fen),
        year=year,
        tranche=tranche,
        derivation=[dict(step) for step in derivation],
        **asdict(voucher),
    )
    if not derivation or derivation[-1].get("value_yuan") != amount_fen // 100 or amount_fen % 100:
        raise Refused(f"拨付金额 {_fen(amount_fen)} 与核算过程的结果不一致：请重新核算后再登记。")
    _queue_for(session, case_id)
    recorded = _recorded(session, row)
    if recorded is not None:
        return recorded
    left, budget = balance(session, case_id).unpaid_fen, year_left(session, year)
    if amount_fen > left:
        raise Refused(f"本次拨付 {_fen(amount_fen)} 超过立项承诺的未拨付余额 {_fen(left)}，不能拨付。")
    if amount_fen > budget:
        short = f"{year} 年度预算剩余 {_fen(budget)}，不足以拨付 {_fen(amount_fen)}"
        raise Refused(f"{short}：转入下一年度排队，不得减额拨付。")
    return _write(session, row)


def record_clawback(
    session: Session,
    *,
    case_id: int,
    amount_fen: int,
    voucher: Voucher,
) -> Clawback:
    """Record money that came back from a case; `Refused` when more than was paid and not yet returned."""
    row = Clawback(
        case_id=case_id,
        amount_fen=_positive(amount_fen),
        **asdict(voucher),
    )
    _queue_for(session, case_id)
    recorded = _recorded(session, row)
    if recorded is not None:
        return recorded
    standing = balance(session, case_id)
    left = standing.paid_fen - standing.clawed_back_fen
    if amount_fen > left:
        raise Refused(f"追缴 {_fen(amount_fen)} 超过已拨付而未收回的 {_fen(left)}。")
    return _write(session, row)


def reverse(session: Session, row: Row, *, voucher: Voucher) -> Row:
    """Take back a row entered by mistake (冲销) with a row of the opposite amount; the note must say why.

    `Refused` when the row is itself a reversal or already reversed, or when other rows rely on it.
    """
    if row.reverses_id is not None:
        raise Refused("冲销记录本身不能再冲销：请重新登记一笔。")
    if not voucher.note.strip():
        raise Refused("冲销必须写明原因。")
    opposite = type(row)(
        **row.model_dump(exclude=set(LedgerRow.model_fields)),
        amount_fen=-row.amount_fen,
        reverses_id=row.id,
        **asdict(voucher),
    )
    return _recorded(session, opposite) or _write(session, opposite)


SAME_ACT = {"id", "recorded_on", "recorded_by", "reference", "note", "derivation"}
"""What a retry may word differently and still be the same act."""


def _recorded(session: Session, row: Row) -> Row | None:
    """The row this act was recorded as before, if it was; `Conflict` when the key names another act."""
    model = type(row)
    found = session.exec(select(model).where(col(model.idempotency_key) == row.idempotency_key)).first()
    if found is not None and found.model_dump(exclude=SAME_ACT) != row.model_dump(exclude=SAME_ACT):
        raise Conflict(f"登记号“{row.idempotency_key}”已用于另一笔记录：请刷新后重试。")
    return found


def _write(session: Session, row: Row) -> Row:
    """Add the row; what the database refuses becomes a sentence and leaves the transaction usable."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise _refusal(str(error.orig), row) from error
    return row


def _refusal(cause: str, row: LedgerRow) -> KeguanError:
    if "idempotency_key" in cause:
        return Conflict(f"登记号“{row.idempotency_key}”刚刚被他人使用：请刷新后重试。")
    if "reverses_id" in cause:
        return Refused("这笔记录已经冲销过，不能再次冲销。")
    for message, sentence in SENTENCES.items():
        if message in cause:
            return Refused(sentence)
    raise AssertionError(f"the ledger refused a row for an unforeseen reason: {cause}")


SENTENCES = {
    OVERPAID: "拨付合计将超过立项承诺，不能登记。",
    OVERSPENT: "该年度拨付合计将超过年度预算，不能登记：转入下一年度排队，不得减额拨付。",
    OVERCLAWED: "追缴合计将超过已拨付金额，不能登记。",
}


def _queue_for(session: Session, case_id: int) -> None:
    """Let one writer of a case's money at a time past; SQLite has a single writer anyway."""
    session.exec(select(Commitment.id).where(col(Commitment.case_id) == case_id).with_for_update()).all()


def _sum(session: Session, model: type[Commitment | Payment | Clawback], case_id: int) -> int:
    return int(session.exec(_total(model).where(col(model.case_id) == case_id)).one())


def _total(model: type[LedgerRow]) -> Any:
    return select(func.coalesce(func.sum(col(model.amount_fen)), 0))


def _positive(amount_fen: int) -> int:
    if isinstance(amount_fen, bool) or not isinstance(amount_fen, int) or not 0 < amount_fen <= MOST_FEN:
        raise Refused(f"台账金额应为正整数（分），不能是 {amount_fen!r}。")
    return amount_fen


def _fen(amount_fen: int) -> str:
    """Fen as a form prints it, in yuan."""
    return yuan(Fraction(amount_fen, 100))
