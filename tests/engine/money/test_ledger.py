"""The ledger: what is promised, paid and returned, each once, and never more than there is."""

from datetime import date

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from engine import db
from engine.errors import Conflict, Refused
from engine.money import ledger
from engine.money.facts import check_facts
from engine.money.ledger import Balance, Voucher
from engine.money.models import Payment
from engine.money.rules import Payable, decide
from tests.engine.money.worlds import TENTH_TO_300K

CASE, YEAR = 7, 2025


def voucher(key: str, note: str = "") -> Voucher:
    """An act of the same officer on the same day."""
    return Voucher(key, date(2025, 6, 3), "caiwu", reference=f"示例 {key}", note=note)


def funded(session: Session, committed: int = 30_000_000, budget: int = 100_000_000) -> None:
    """A case that was promised money in a year that has a budget."""
    ledger.commit_funds(session, case_id=CASE, amount_fen=committed, voucher=voucher("C1"))
    ledger.appropriate(session, year=YEAR, amount_fen=budget, voucher=voucher("A1"))


def pay(session: Session, yuan: int, key: str = "P1", **other: int) -> Payment:
    """A payment whose derivation is one step."""
    return ledger.record_payment(
        session,
        case_id=other.get("case_id", CASE),
        amount_fen=yuan * 100,
        year=other.get("year", YEAR),
        derivation=[{"step": "amount", "value_yuan": yuan}],
        voucher=voucher(key),
    )


def test_an_amount_is_derived_committed_paid_and_partly_returned(session: Session) -> None:
    """The whole story of one case's money, with the derivation kept beside the payment."""
    facts = check_facts({"verified_self_raised": 1_234_565, "acceptance": "passed"})
    payable = decide(TENTH_TO_300K, "payment", facts)
    assert isinstance(payable, Payable)
    funded(session)

    payment = ledger.record_payment(
        session,
        case_id=CASE,
        amount_fen=payable.amount_fen,
        year=YEAR,
        derivation=[step.as_json() for step in payable.derivation],
        voucher=voucher("P1"),
    )
    ledger.record_clawback(session, case_id=CASE, amount_fen=5_407_527, voucher=voucher("B1"))
    session.commit()
    session.refresh(payment)

    assert ledger.balance(session, CASE) == Balance(30_000_000, 12_345_700, 5_407_527)
    assert payment.derivation == payable.as_json()["derivation"]
    assert ledger.year_left(session, YEAR) == 100_000_000 - 12_345_700


def test_a_payment_beyond_the_commitment_is_refused_and_nothing_changes(session: Session) -> None:
    """What was clawed back does not become payable again either."""
    funded(session)
    pay(session, 300_000)
    ledger.record_clawback(session, case_id=CASE, amount_fen=100, voucher=voucher("B1"))

    with pytest.raises(Refused, match="超过立项承诺的未拨付余额 0 元"):
        pay(session, 1, key="P2")

    assert ledger.balance(session, CASE) == Balance(30_000_000, 30_000_000, 100)


def test_a_short_year_makes_a_payment_wait_whole(session: Session) -> None:
    """Queued to the next year's budget, never cut."""
    funded(session, budget=20_000_000)
    ledger.appropriate(session, year=YEAR + 1, amount_fen=30_000_000, voucher=voucher("A2"))

    with pytest.raises(Refused, match="2025 年度预算剩余 200,000 元，不足以拨付 300,000 元：转入下一年度"):
        pay(session, 300_000)
    paid = pay(session, 300_000, year=YEAR + 1)

    assert (paid.year, ledger.balance(session, CASE).paid_fen) == (YEAR + 1, 30_000_000)


def test_the_same_act_is_recorded_once(session: Session) -> None:
    """A double click and a retry get the row that is there."""
    funded(session)

    first, again = pay(session, 300_000), pay(session, 300_000)

    assert first.id == again.id
    assert ledger.balance(session, CASE).paid_fen == 30_000_000


def test_another_act_under_the_same_key_is_a_conflict(session: Session) -> None:
    """The key names one act."""
    funded(session)
    pay(session, 1_000)

    with pytest.raises(Conflict, match="登记号“P1”已用于另一笔记录"):
        pay(session, 2_000)


def test_a_payment_must_be_what_its_derivation_says(session: Session) -> None:
    """No amount without its own reasons."""
    funded(session)

    with pytest.raises(Refused, match="与核算过程的结果不一致"):
        ledger.record_payment(
            session,
            case_id=CASE,
            amount_fen=100_001,
            year=YEAR,
            derivation=[{"step": "amount", "value_yuan": 1_000}],
            voucher=voucher("P1"),
        )


def test_more_than_was_paid_cannot_come_back(session: Session) -> None:
    """To the fen."""
    funded(session)
    pay(session, 1_000)

    with pytest.raises(Refused, match=r"追缴 1,000\.01 元 超过已拨付而未收回的 1,000 元"):
        ledger.record_clawback(session, case_id=CASE, amount_fen=100_001, voucher=voucher("B1"))


def test_a_mistaken_payment_is_taken_back_by_a_reversing_row(session: Session) -> None:
    """Both rows stay, and the money may be paid again."""
    funded(session)
    wrong = pay(session, 300_000)

    ledger.reverse(session, wrong, voucher=voucher("R1", note="收款账户有误，银行退回"))
    pay(session, 300_000, key="P2")

    found = [(row.amount_fen, row.reverses_id) for row in ledger.payments(session, CASE)]
    assert found == [(30_000_000, None), (-30_000_000, wrong.id), (30_000_000, None)]
    assert ledger.year_left(session, YEAR) == 70_000_000


def test_a_row_is_reversed_once_and_with_a_reason(session: Session) -> None:
    """And a reversal is not reversed."""
    funded(session)
    wrong = pay(session, 300_000)
    with pytest.raises(Refused, match="必须写明原因"):
        ledger.reverse(session, wrong, voucher=voucher("R0"))
    reversal = ledger.reverse(session, wrong, voucher=voucher("R1", note="重复登记"))

    with pytest.raises(Refused, match="已经冲销过"):
        ledger.reverse(session, wrong, voucher=voucher("R2", note="重复登记"))
    with pytest.raises(Refused, match="冲销记录本身不能再冲销"):
        ledger.reverse(session, reversal, voucher=voucher("R3", note="重复登记"))


def test_what_others_rely_on_cannot_be_reversed(session: Session) -> None:
    """A commitment and a budget stay while money is paid from them, a payment while some of it came back."""
    commitment = ledger.commit_funds(session, case_id=CASE, amount_fen=30_000_000, voucher=voucher("C1"))
    budget = ledger.appropriate(session, year=YEAR, amount_fen=30_000_000, voucher=voucher("A1"))
    payment = pay(session, 300_000)
    ledger.record_clawback(session, case_id=CASE, amount_fen=1, voucher=voucher("B1"))

    for row, words in ((commitment, "超过立项承诺"), (budget, "超过年度预算"), (payment, "超过已拨付金额")):
        with pytest.raises(Refused, match=words):
            ledger.reverse(session, row, voucher=voucher(f"R{words}", note="试冲销"))

    assert ledger.balance(session, CASE) == Balance(30_000_000, 30_000_000, 1)


@pytest.mark.parametrize("amount", [0, -1, True, 1.0, 10**18])
def test_an_amount_is_a_positive_whole_number_of_fen(session: Session, amount: int) -> None:
    """Zero is not a payment, and a float is not money."""
    with pytest.raises(Refused, match="正整数"):
        ledger.commit_funds(session, case_id=CASE, amount_fen=amount, voucher=voucher("C1"))


def test_cases_and_years_do_not_mix(database: Engine) -> None:
    """One case's commitment does not pay another's bill."""
    with db.writing(database) as session:
        funded(session)
    with db.writing(database) as session, pytest.raises(Refused, match="余额 0 元"):
        pay(session, 1, case_id=CASE + 1)
    with db.writing(database) as session, pytest.raises(Refused, match="2030 年度预算剩余 0 元"):
        pay(session, 1, year=2030)
