"""Disbursement and clawback: refused, mended, queued, paid once; and what comes back."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from engine.cases import sides
from engine.cases.models import CaseFile, Milestone, PaymentOrder, Waiting
from engine.clock import local_day
from engine.money import ledger
from engine.money.ledger import Balance, balance
from tests.engine.cases.test_stories import NODES
from tests.walks import accept, file_and_establish, pay, sign_task_book
from tests.worlds import Bureau, refusal

MILESTONE = {"requested_yuan": "1000001", "total_investment_yuan": "9000000", "self_raised_yuan": "7999999"}


def payable(world: Bureau) -> CaseFile:
    """A post-subsidy project accepted: 10% of 1,000,000 yuan are payable."""
    case = file_and_establish(world, "T3-D1-S1", requested_yuan="200000")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world, verified_self_raised="1000000")
    return case


def in_nodes(world: Bureau) -> CaseFile:
    """A milestone project with a signed task-book of three nodes, the first to be reported."""
    case = file_and_establish(world, "T2-D1-S1", **MILESTONE)
    sign_task_book(world, nodes=NODES)
    return case


def first_tranche(world: Bureau) -> CaseFile:
    """The same with the first node passed and 300,000 yuan paid."""
    case = in_nodes(world)
    world.do("node_report", "submit", achieved="样机")
    world.do("node_review", "achieved")
    pay(world, "示例凭证1")
    return case


def recover(world: Bureau, yuan: str) -> None:
    """Decided, approved and returned."""
    world.do("decide_clawback", "recover", amount=yuan, responsibility="承担单位")
    world.do("approve_clawback", "confirm")
    world.do("repay", "repaid", voucher="退款1")


def orders(world: Bureau) -> list[tuple[str | None, int]]:
    """(refusal, amount) of every computation, oldest first."""
    statement = select(PaymentOrder.refusal, PaymentOrder.amount_fen).order_by(PaymentOrder.id)  # type: ignore[arg-type]
    return list(world.session.exec(statement))


def test_a_payment_short_of_budget_waits_for_the_next_year_and_is_never_cut(world: Bureau) -> None:
    """100,000 yuan with 99,999 left: refused, queued to 1 January, paid then in full."""
    case = payable(world)
    left = ledger.year_left(world.session, 2024)
    other = ledger.Voucher("other", date(2024, 5, 1), "planning")
    ledger.commit_funds(world.session, case_id=99, amount_fen=left, voucher=other)
    spent = left - 99_999_00
    steps = [{"value_yuan": spent // 100}]
    ledger.record_payment(
        world.session, case_id=99, amount_fen=spent, year=2024, derivation=steps, voucher=other
    )
    world.do("review_payment", "agree")
    short = refusal(lambda: world.do("budget", "arrange"))
    world.do("budget", "queue")
    wait = world.session.exec(select(Waiting).where(Waiting.element == "wait_budget")).one()
    assert wait.due_at is not None
    world.settle()
    queued = (world.open_steps(), case.status)
    world.now = wait.due_at
    world.settle()
    for element, outcome in (("budget", "arrange"), ("approve_payment", "approve")):
        world.do(element, outcome)
    world.do("pay", "paid", voucher="示例凭证1")
    years = [payment.year for payment in ledger.payments(world.session, case.id or 0)]
    assert short == "2024 年度预算余额 99999.00 元，不足以拨付 100000.00 元；请转入下一年度排队。"
    assert (queued, local_day(wait.due_at)) == (([], "payable"), date(2025, 1, 1))
    assert (case.status, years, balance(world.session, case.id or 0)) == (
        "paid",
        [2025],
        Balance(200_000_00, 100_000_00, 0),
    )


def test_a_payment_below_the_floor_goes_to_an_officer_and_back(world: Bureau) -> None:
    """20% of 400,000 yuan verified is below 100,000: refused; corrected with a reason, computed anew and paid."""
    case = file_and_establish(world, "D-D1", requested_yuan="150000", total_investment_yuan="900000")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world, total_investment_verified="400000")
    refused = (world.open_steps(), case.status)
    silent = refusal(lambda: world.do("decide_refusal", "retry", total_investment_verified="600000"))
    world.do("decide_refusal", "retry", comment="补充发票", total_investment_verified="600000")
    pay(world, "示例凭证1")
    assert (refused, silent) == ((["decide_refusal"], "payable"), "请在意见中写明处理理由。")
    assert (orders(world), case.status, balance(world.session, case.id or 0).paid_fen) == (
        [("below_floor", 0), (None, 120_000_00)],
        "paid",
        120_000_00,
    )


def test_a_refused_payment_may_be_closed(world: Bureau) -> None:
    """Self-raised money from public sources: not paid, the project stays accepted."""
    case = file_and_establish(world, "T3-D1-S1", requested_yuan="200000")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world, verified_self_raised="1000000", self_raised_from_fiscal="1")
    refused = orders(world)
    world.do("decide_refusal", "close", comment="自筹含财政资金，不予拨付")
    assert (refused, case.status, balance(world.session, case.id or 0), world.open_steps()) == (
        [("self_raised_from_fiscal", 0)],
        "accepted",
        Balance(200_000_00, 0, 0),
        [],
    )


def test_every_look_at_the_amount_may_send_it_back(world: Bureau) -> None:
    """Reviewed anew and approved anew: computed twice, paid once."""
    case = payable(world)
    world.do("review_payment", "return")
    world.do("review_payment", "agree")
    world.do("budget", "arrange", year=2025)
    world.do("approve_payment", "return")
    pay(world, "示例凭证1")
    assert (orders(world), balance(world.session, case.id or 0).paid_fen) == (
        [(None, 100_000_00)] * 2,
        100_000_00,
    )


def test_every_payment_carries_the_derivation_of_its_own_amount(world: Bureau) -> None:
    """The ledger row ends in the amount it pays."""
    case = payable(world)
    pay(world, "示例凭证1")
    (payment,) = ledger.payments(world.session, case.id or 0)
    assert (payment.derivation[-1]["value_yuan"], payment.reference) == (100_000, "示例凭证1")


def test_a_node_is_mended_once_and_passed(world: Bureau) -> None:
    """整改一次: then only achieved or failed; the tranche is paid as planned."""
    case = in_nodes(world)
    world.do("node_report", "submit", achieved="样机")
    world.do("node_review", "rectify")
    world.do("node_rectify", "submit", mended="补测")
    second = refusal(lambda: world.do("node_review", "rectify"))
    world.do("node_review", "achieved")
    pay(world, "示例凭证1")
    assert (second, balance(world.session, case.id or 0).paid_fen, world.open_steps()) == (
        "节点“样机”已整改过一次，只能评为达成或未达成。",
        300_000_00,
        ["node_report"],
    )


@pytest.mark.parametrize("late", [False, True])
def test_a_failed_node_ends_the_money_and_what_was_paid_comes_back(world: Bureau, late: bool) -> None:
    """The second node fails, by the panel or by a rectification not handed in; part is recovered."""
    case = first_tranche(world)
    world.do("node_report", "submit", achieved="小批试制")
    if late:
        world.do("node_review", "rectify")
        due = world.item("node_rectify").due_at
        assert due is not None
        world.now = due
        world.settle()
    else:
        world.do("node_review", "failed")
    status = case.status
    too_much = refusal(lambda: world.do("decide_clawback", "recover", amount="300000.01"))
    nothing = refusal(lambda: world.do("decide_clawback", "recover", amount="0"))
    recover(world, "120000.50")
    verdicts = world.session.exec(select(Milestone.verdict).order_by(Milestone.position)).all()  # type: ignore[arg-type]
    assert (status, [too_much[:10], nothing[:10]]) == ("clawback", ["追缴金额应大于 0 "] * 2)
    assert (case.status, list(verdicts), balance(world.session, case.id or 0)) == (
        "failed",
        ["passed", "failed", "pending"],
        Balance(1_000_001_00, 300_000_00, 120_000_50),
    )


def test_a_project_that_fails_before_any_money_has_nothing_to_return(world: Bureau) -> None:
    """The first node fails: the case ends at once, without a decision about no money."""
    case = in_nodes(world)
    world.do("node_report", "submit", achieved="样机未成")
    world.do("node_review", "failed")
    world.settle()
    assert (case.status, balance(world.session, case.id or 0)) == ("failed", Balance(1_000_001_00, 0, 0))


def test_a_project_terminated_after_its_first_tranche_is_clawed_back(world: Bureau) -> None:
    """Waived with the leader's agreement, after a return."""
    case = first_tranche(world)
    sides.open_termination(
        world.session, case, actor=world.accounts["programme"], reason="主要负责人离职", now=world.now
    )
    world.do("review_termination", "agree")
    world.do("approve_termination", "confirm")
    world.settle()
    status = case.status
    world.do("decide_clawback", "waive", responsibility="不可抗力")
    world.do("approve_waiver", "return")
    recover(world, "300000")
    assert (status, case.status, balance(world.session, case.id or 0)) == (
        "clawback",
        "terminated",
        Balance(1_000_001_00, 300_000_00, 300_000_00),
    )


def test_money_not_returned_in_time_becomes_an_administrative_decision(world: Bureau) -> None:
    """And is then still to be returned."""
    case = first_tranche(world)
    world.do("node_report", "submit", achieved="小批试制")
    world.do("node_review", "failed")
    world.do("decide_clawback", "recover", amount="300000", responsibility="承担单位")
    world.do("approve_clawback", "confirm")
    due = world.item("repay").due_at
    assert due is not None
    world.now = due + timedelta(seconds=1)
    world.settle()
    late = world.open_steps()
    world.do("administrative", "issued")
    world.do("repay", "repaid", voucher="退款1")
    assert (late, case.status) == (["administrative"], "failed")


@pytest.mark.parametrize(
    ("element", "form", "reasons"),
    [
        ("pay", {}, ["支付凭证号：必填，请填写。"]),
        ("pay", {"voucher": "  "}, ["支付凭证号：不能为空。"]),
        ("pay", {"voucher": "1", "paid_on": "昨天"}, ["支付日期：应为日期，例如 2024-05-01。"]),
        ("budget", {"year": 1999}, ["预算年度：不能小于 2000。"]),
    ],
)
def test_a_payment_is_recorded_completely(
    world: Bureau, element: str, form: dict[str, Any], reasons: list[str]
) -> None:
    """Voucher, day and year are checked by name."""
    payable(world)
    world.do("review_payment", "agree")
    if element == "pay":
        world.do("budget", "arrange")
        world.do("approve_payment", "approve")
    outcome = "paid" if element == "pay" else "arrange"
    with pytest.raises(Exception, match="有未填好的内容") as error:
        world.do(element, outcome, **form)
    assert getattr(error.value, "reasons", None) == reasons
