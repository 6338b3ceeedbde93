"""A case from filing to payment, one story per funding mode."""

from datetime import UTC, date, datetime

from sqlmodel import Session, select

from engine.cases.models import Settlement, WorkItem
from engine.clock import local_day
from engine.money.ledger import Balance, balance
from engine.policy import set_policy
from tests.walks import accept, file_and_establish, pay, sign_task_book
from tests.worlds import bureau

NODES = [
    {"title": "样机", "due_on": "2025-01-31", "percent": "30"},
    {"title": "小批试制", "due_on": "2025-10-31", "percent": "40"},
    {"title": "验收", "due_on": "2026-06-30", "percent": "30"},
]


def test_a_post_subsidy_is_paid_ten_percent_of_the_verified_self_raised_money(session: Session) -> None:
    """From filing to payment: the amount is derived from the certificate's figure, to the yuan."""
    world = bureau(session)
    case = file_and_establish(world, "T3-D1-S1", requested_yuan="200000")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world, verified_self_raised="1234565")
    pay(world, "示例凭证1")
    assert (case.status, balance(session, case.id or 0)) == ("paid", Balance(200_000_00, 123_457_00, 0))


def test_a_milestone_subsidy_is_paid_node_by_node_and_the_rest_after_acceptance(session: Session) -> None:
    """Two nodes pay their shares; the last tranche is the remainder, and only acceptance makes it payable."""
    world = bureau(session)
    case = file_and_establish(
        world,
        "T2-D1-S1",
        requested_yuan="1000001",
        total_investment_yuan="9000000",
        self_raised_yuan="7999999",
    )
    sign_task_book(world, nodes=NODES)
    for node in ("节点1", "节点2"):
        world.do("node_report", "submit", achieved=node)
        world.do("node_review", "achieved")
        pay(world, node)
    before = balance(session, case.id or 0).paid_fen
    accept(world, total_investment_verified="9000000")
    pay(world, "尾款")
    assert (before, case.status, balance(session, case.id or 0)) == (
        700_000_00,
        "paid",
        Balance(1_000_001_00, 1_000_001_00, 0),
    )


def test_a_cooperation_subsidy_is_paid_on_the_contract_payment_and_clawed_back_after_failure(
    session: Session,
) -> None:
    """校校企: paid before acceptance; when acceptance fails the money comes back, to the fen."""
    world = bureau(session)
    case = file_and_establish(world, "C-D1", requested_yuan="100000", total_investment_yuan="600000")
    sign_task_book(world)
    world.do("cooperation_proof", "submit", due="300000", paid="300000")
    world.do("verify_proof", "ok", verified_due="300000", verified_paid="300000")
    pay(world, "示例凭证1")
    world.do("report", "finish")
    world.do("apply_acceptance", "submit", summary="全部完成")
    world.do("check_package", "ok")
    world.do("verify_base", "done")
    world.do("panel_review", "fail")
    world.do("confirm_failure", "confirm")
    world.do("decide_clawback", "recover", amount="54075.27", responsibility="承担单位")
    world.do("approve_clawback", "confirm")
    world.do("repay", "repaid", voucher="退款1")
    assert (case.status, balance(session, case.id or 0)) == (
        "failed",
        Balance(100_000_00, 100_000_00, 54_075_27),
    )


def test_an_unfunded_project_is_accepted_and_its_fund_source_checked(session: Session) -> None:
    """不拨付: no money moves, and where the money came from is on record."""
    world = bureau(session)
    case = file_and_establish(world, "E-D4-S1", requested_yuan="0")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world)
    world.do("fund_source", "done", leftover="30000", earlier_project="示例-2021-001", own="20000")
    settlement = session.get_one(Settlement, case.id)
    assert (case.status, balance(session, case.id or 0), settlement.fund_source) == (
        "accepted",
        Balance(0, 0, 0),
        "结余 30000 元（示例-2021-001），自有 20000 元",
    )


def test_policy_is_the_bureaus_day_not_the_machines(session: Session) -> None:
    """At 07:00 in Liuzhou it is still yesterday in UTC: a window that opens today is already in force."""
    world = bureau(session)
    world.now = datetime(2024, 3, 19, 23, 0, tzinfo=UTC)
    set_policy(session, "call_closes_on", "2024-06-28", effective_from=date(2024, 3, 20), clause="示例通知")
    world.open("T3-D1-S1")
    due = session.exec(select(WorkItem.due_at)).one()
    assert due is not None
    assert local_day(due) == date(2024, 6, 28)
