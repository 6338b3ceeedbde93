"""A case from filing to payment, one story per funding mode."""

from datetime import timedelta
from typing import Any

from sqlmodel import Session

from engine.cases.formal_check import checklist
from engine.cases.models import CaseFile
from engine.money import ledger
from engine.reviewing import rounds
from tests.worlds import Bureau, bureau

RUBRIC = {"necessity": 13, "innovation": 20, "feasibility": 16, "team": 12, "benefit": 12, "budget": 8}
FACTS: dict[str, Any] = {
    "unit": {"kind": "enterprise", "dishonest": False, "overdue_acceptances": 0},
    "leader": {"birth_date": "1985-05-01", "employed": True, "open_projects": 0, "dishonest": False},
    "requested_yuan": "200000",
    "total_investment_yuan": "2200000",
    "self_raised_yuan": "2000000",
    "starts_on": "2024-07-01",
    "ends_on": "2026-06-30",
    "unit_sealed": True,
    "joint_units": [],
}


def file_application(world: Bureau, direction: str, **facts: Any) -> CaseFile:
    case = world.open(direction)
    world.do("fill", "submit", title="示例汽车电子控制单元研发", leader_name="示例负责人", facts=FACTS | facts)
    world.do("recommend", "recommend")
    world.do("intake", "accept")
    return case


def pass_formal_check(world: Bureau, case: CaseFile) -> None:
    manual = [item for item in checklist(world.session, case.id) if item.verdict is None]
    world.do("check", "pass", items=[{"rule": item.rule, "verdict": "met"} for item in manual])
    world.do("countersign", "agree")


def establish(world: Bureau, direction: str) -> None:
    rounds.open_round(world.session, direction, actor=world.accounts["programme"], now=world.now)
    world.do("group", "confirm")
    world.do("draw", "confirm", experts=[expert.id for expert in world.experts])
    world.score_all(RUBRIC)
    world.do("confirm_ranking", "proceed")
    world.settle()
    world.do("propose", "submit")
    world.do("plan_funds", "agree")
    world.do("meeting", "agree")
    world.do("consult", "agree")
    world.settle()
    world.now += timedelta(days=10)
    world.settle()
    world.do("government", "approve")
    world.do("issue", "issued", number="示科发〔2024〕1号")
    world.settle()


def sign_task_book(world: Bureau, **book: Any) -> None:
    world.do("draft_task_book", "submit", **book)
    world.do("unit_confirm", "agree")
    world.do("office_confirm", "agree")
    world.do("sign_task_book", "sign")


def accept(world: Bureau, **verified: Any) -> None:
    world.do("apply_acceptance", "submit", summary="全部完成")
    world.do("check_package", "ok")
    world.do("verify_base", "done", **verified)
    world.do("panel_review", "pass")
    world.do("certificate", "issue")


def pay(world: Bureau, voucher: str) -> None:
    world.do("review_payment", "agree")
    world.do("budget", "arrange")
    world.do("approve_payment", "approve")
    world.do("pay", "paid", voucher=voucher)


def test_a_post_subsidy_is_paid_ten_percent_of_the_verified_self_raised_money(session: Session) -> None:
    """From filing to payment: the amount is derived from the certificate's figure, to the yuan."""
    world = bureau(session)
    case = file_application(world, "T3-D1-S1")
    for item in checklist(session, case.id):
        print(item.rule, item.how, item.hard, item.verdict, item.reason)
    pass_formal_check(world, case)
    establish(world, "T3-D1-S1")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world, verified_self_raised="1234565")
    pay(world, "示例凭证1")
    assert (case.status, ledger.balance(session, case.id or 0)) == (
        "paid",
        ledger.Balance(committed_fen=200_000_00, paid_fen=123_457_00, clawed_back_fen=0),
    )
