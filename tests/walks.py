"""The ordinary way through a case, in strides, for stories that begin where it gets interesting."""

from datetime import date, timedelta
from typing import Any

from engine.cases.formal_check import checklist
from engine.cases.models import CaseFile
from engine.catalogue.directions import get_direction
from engine.reviewing import rounds
from engine.simulation.applications import complete_facts
from tests.worlds import Bureau

RUBRIC = {"necessity": 13, "innovation": 20, "feasibility": 16, "team": 12, "benefit": 12, "budget": 8}
MEDICAL = {"necessity": 22, "innovation": 16, "feasibility": 16, "ethics": 9, "team": 12, "budget": 8}


def file_application(world: Bureau, direction: str, **facts: Any) -> CaseFile:
    """An application filed, recommended and accepted for processing."""
    case = world.open(direction)
    complete = complete_facts(get_direction(world.session, direction), date(2024, 7, 1))
    world.do(
        "fill", "submit", title="示例汽车电子控制单元研发", leader_name="示例负责人", facts=complete | facts
    )
    world.do("recommend", "recommend")
    world.do("intake", "accept")
    return case


def pass_formal_check(world: Bureau, case: CaseFile) -> None:
    """Every manual item met, and countersigned."""
    manual = [item for item in checklist(world.session, case.id) if item.verdict is None]
    world.do("check", "pass", items=[{"rule": item.rule, "verdict": "met"} for item in manual])
    world.do("countersign", "agree")


def establish(world: Bureau, direction: str) -> None:
    """A round of its own: grouped, scored, proposed, put on notice and issued."""
    rounds.open_round(world.session, direction, actor=world.accounts["programme"], now=world.now)
    world.do("group", "confirm")
    world.seat_panel()
    world.score_all(MEDICAL if direction.startswith(("D-D3", "E-D4")) else RUBRIC)
    decide_round(world)


def decide_round(world: Bureau) -> None:
    """A scored round proposed, put on notice, approved and issued."""
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


def file_and_establish(world: Bureau, direction: str, **facts: Any) -> CaseFile:
    """An application filed, checked, reviewed and established."""
    case = file_application(world, direction, **facts)
    pass_formal_check(world, case)
    establish(world, direction)
    return case


def sign_task_book(world: Bureau, **book: Any) -> None:
    """Filled in, checked twice and signed."""
    world.do("draft_task_book", "submit", **book)
    world.do("unit_confirm", "agree")
    world.do("office_confirm", "agree")
    world.do("sign_task_book", "sign")


def accept(world: Bureau, **verified: Any) -> None:
    """Package, verified base, a pass and the certificate."""
    world.do("apply_acceptance", "submit", summary="全部完成", audit_report="示审〔2026〕1号")
    world.do("check_package", "ok")
    world.do("verify_base", "done", **verified)
    world.do("panel_review", "pass")
    world.do("certificate", "issue")


def pay(world: Bureau, voucher: str) -> None:
    """Checked, budgeted, approved and paid."""
    world.do("review_payment", "agree")
    world.do("budget", "arrange")
    world.do("approve_payment", "approve")
    world.do("pay", "paid", voucher=voucher)
