"""Progress, acceptance with its one rectification, and termination on the way."""

from datetime import timedelta

import pytest
from sqlmodel import select

from engine.cases import sides
from engine.cases.models import CaseFile, Notice, Process, Settlement, Waiting
from engine.money.ledger import Balance, balance
from tests.walks import accept, file_and_establish, pay, sign_task_book
from tests.worlds import Bureau, refusal

DIRECTION = "T3-D1-S1"


def under_way(world: Bureau) -> CaseFile:
    """A post-subsidy project with a signed task-book; 100,000 yuan are committed to it."""
    case = file_and_establish(world, DIRECTION, requested_yuan="100000")
    sign_task_book(world)
    return case


def before_the_panel(world: Bureau) -> CaseFile:
    """Finished, applied, verified; the acceptance panel is next."""
    case = under_way(world)
    world.do("report", "finish")
    world.do("apply_acceptance", "submit", summary="全部完成", audit_report="示审1号")
    world.do("check_package", "ok")
    world.do("verify_base", "done", verified_self_raised="1000000")
    return case


def terminate(world: Bureau, case: CaseFile) -> Process:
    """The unit asks, the bureau agrees, the case is told."""
    side = sides.open_termination(
        world.session, case, actor=world.accounts["applicant"], reason="市场变化，无法继续", now=world.now
    )
    world.do("review_termination", "agree")
    world.do("approve_termination", "confirm")
    world.settle()
    return side


def test_progress_is_checked_and_mended_as_often_as_it_takes(world: Bureau) -> None:
    """Two reports, one to mend, and the project goes on."""
    under_way(world)
    world.do("report", "continue", achieved="完成样机", spent="30000")
    world.do("check_progress", "rectify")
    world.do("rectify_progress", "submit", mended="已补齐材料")
    world.do("check_progress", "ok")
    world.do("report", "finish")
    assert world.open_steps() == ["apply_acceptance"]


def test_the_base_that_the_rule_needs_is_asked_for_where_it_is_verified(world: Bureau) -> None:
    """Not when the leader signs the certificate."""
    under_way(world)
    world.do("report", "finish")
    world.do("apply_acceptance", "submit", summary="全部完成", audit_report="示审1号")
    world.do("check_package", "ok")
    said = refusal(lambda: world.do("verify_base", "done"))
    assert said == "本方向计算补助还缺：核定自筹经费；请填写后提交。"


def test_one_rectification_then_passed(world: Bureau) -> None:
    """Mended in time and passed; a second chance is refused."""
    case = before_the_panel(world)
    world.do("panel_review", "rectify")
    world.do("rectify_acceptance", "submit", mended="补做检测")
    second = refusal(lambda: world.do("panel_review", "rectify"))
    world.do("panel_review", "pass")
    world.do("certificate", "issue")
    assert (second, case.status) == ("验收整改最多 1 次，本项目已用完；请评为通过或不通过。", "payable")


def test_a_rectification_too_late_fails_and_pays_nothing(world: Bureau) -> None:
    """Three months are three months."""
    case = before_the_panel(world)
    world.do("panel_review", "rectify")
    due = world.item("rectify_acceptance").due_at
    assert due is not None
    world.now = due - timedelta(seconds=1)
    world.settle()
    in_time = case.status
    world.now = due
    world.settle()
    assert (in_time, case.status, balance(world.session, case.id or 0), world.open_steps()) == (
        "closing",
        "failed",
        Balance(100_000_00, 0, 0),
        [],
    )


def test_a_failed_acceptance_pays_nothing(world: Bureau) -> None:
    """Confirmed by the leader after one return; the notice is sent, the case has ended."""
    case = before_the_panel(world)
    world.do("panel_review", "fail")
    world.do("confirm_failure", "return")
    world.do("panel_review", "fail")
    world.do("confirm_failure", "confirm")
    kinds = world.session.exec(select(Notice.kind)).all()
    settlement = world.session.get_one(Settlement, case.id)
    assert (case.status, settlement.acceptance, kinds[-1], world.open_steps()) == (
        "failed",
        "failed",
        "acceptance_failed",
        [],
    )
    assert balance(world.session, case.id or 0) == Balance(100_000_00, 0, 0)


def test_an_unmet_indicator_bars_a_pass(world: Bureau) -> None:
    """The panel's own words, item by item, hold its conclusion."""
    before_the_panel(world)
    verdicts = [{"indicator": "发明专利 1 件", "verdict": "未完成"}]
    said = refusal(lambda: world.do("panel_review", "pass", verdicts=verdicts))
    assert said == "考核指标“发明专利 1 件”未完成，不能评为验收通过；请改为整改或不通过。"


def test_an_incomplete_package_comes_back_filled_in(world: Bureau) -> None:
    """Returned to the unit; the panel also sends back a certificate not signed."""
    case = under_way(world)
    world.do("report", "finish")
    world.do("apply_acceptance", "submit", summary="全部完成", audit_report="示审1号")
    world.do("check_package", "return")
    accept(world, verified_self_raised="1000000")
    assert case.status == "payable"


def test_a_project_is_terminated_during_implementation(world: Bureau) -> None:
    """Ended as terminated; nothing was paid, so nothing comes back."""
    case = under_way(world)
    side = terminate(world, case)
    settlement = world.session.get_one(Settlement, case.id)
    assert (side.outcome, case.status, settlement.acceptance, world.open_steps()) == (
        "terminated",
        "terminated",
        "terminated",
        [],
    )
    assert balance(world.session, case.id or 0).paid_fen == 0


def test_a_project_is_terminated_during_acceptance(world: Bureau) -> None:
    """The boundary of the second stage does the same."""
    case = before_the_panel(world)
    terminate(world, case)
    assert (case.status, world.open_steps()) == ("terminated", [])


@pytest.mark.parametrize("refuse_at", ["review_termination", "approve_termination"])
def test_a_termination_not_agreed_leaves_the_project_as_it_was(world: Bureau, refuse_at: str) -> None:
    """Refused by the department, or sent back by the leader and then refused."""
    case = under_way(world)
    side = sides.open_termination(
        world.session, case, actor=world.accounts["applicant"], reason="市场变化", now=world.now
    )
    if refuse_at == "approve_termination":
        world.do("review_termination", "agree")
        world.do("approve_termination", "return")
    world.do("review_termination", "refuse")
    world.settle()
    assert (side.outcome, case.status, world.open_steps()) == ("refused", "active", ["report"])


def test_a_termination_overtaken_by_acceptance_is_refused(world: Bureau) -> None:
    """Once the certificate is out, agreeing to terminate would lie: the leader is told so."""
    case = before_the_panel(world)
    sides.open_termination(
        world.session, case, actor=world.accounts["programme"], reason="停滞", now=world.now
    )
    world.do("review_termination", "agree")
    world.do("panel_review", "pass")
    world.do("certificate", "issue")
    world.session.commit()
    said = refusal(lambda: world.do("approve_termination", "confirm"))
    world.session.rollback()
    world.session.expire_all()
    late = refusal(lambda: terminate(world, case))
    assert (said, late, case.status) == (
        "项目已验收或已办结，不能再终止；请改为不同意终止。",
        "项目现为“待拨付”，只有实施中或结题中的项目可以终止。",
        "payable",
    )


def test_a_termination_is_opened_once_with_a_reason(world: Bureau) -> None:
    """No second one beside it, none without a word."""
    case = under_way(world)

    def ask(reason: str) -> str:
        return refusal(
            lambda: sides.open_termination(
                world.session, case, actor=world.accounts["applicant"], reason=reason, now=world.now
            )
        )

    silent = ask(" ")
    sides.open_termination(
        world.session, case, actor=world.accounts["applicant"], reason="市场变化", now=world.now
    )
    assert (silent, ask("再来")) == ("请写明终止事由。", "本项目已有一件终止在办理，请先办结。")


def test_an_ended_case_awaits_nothing(world: Bureau) -> None:
    """Paid: no open step, no open wait, no boundary left behind."""
    case = before_the_panel(world)
    world.do("panel_review", "pass")
    world.do("certificate", "issue")
    pay(world, "示例凭证1")
    waits = world.session.exec(select(Waiting.element).where(Waiting.status == "open")).all()
    assert (case.status, world.open_steps(), waits) == ("paid", [], [])
