"""Withdrawing an application before its establishment is issued: at every stage, and not after."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from engine.cases.formal_check import checklist
from engine.cases.models import CaseFile
from engine.money import ledger
from engine.reviewing import rounds, withdrawals
from engine.reviewing.models import RoundEntry
from tests.walks import RUBRIC, file_and_establish, file_application, pass_formal_check
from tests.worlds import Bureau, refusal

pytestmark = pytest.mark.usefixtures("true_rows")
DIRECTION = "T3-D1-S1"


def withdraw(world: Bureau, case: CaseFile) -> None:
    """The unit asks, the department confirms."""
    withdrawals.open_withdrawal(world.session, case, actor=world.accounts["applicant"], now=world.now)
    world.do("fill_withdrawal", "submit", case, reason="企业战略调整")
    world.do("check_withdrawal", "agree", case)
    world.settle()


def in_check(world: Bureau) -> CaseFile:
    """At the formal check."""
    return file_application(world, DIRECTION)


def in_review(world: Bureau) -> CaseFile:
    """In a round being scored."""
    case = file_application(world, DIRECTION)
    pass_formal_check(world, case)
    rounds.open_round(world.session, DIRECTION, actor=world.accounts["programme"], now=world.now)
    world.do("group", "confirm")
    return case


@pytest.mark.parametrize("reach", [in_check, in_review])
def test_an_application_is_withdrawn_wherever_it_stands(
    world: Bureau, reach: Callable[[Bureau], CaseFile]
) -> None:
    """The case ends as withdrawn, whoever's step it was."""
    case = reach(world)
    withdraw(world, case)
    assert case.status == "withdrawn"


def test_the_place_goes_to_the_next(world: Bureau) -> None:
    """One of two on the public notice is withdrawn: the other is established, nothing is committed for the first."""
    first, second = (file_application(world, DIRECTION) for _ in range(2))
    for case in (first, second):
        pass_formal_check_of(world, case)
    rounds.open_round(world.session, DIRECTION, actor=world.accounts["programme"], now=world.now)
    world.do("group", "confirm")
    world.seat_panel()
    world.score_all(RUBRIC)
    world.do("confirm_ranking", "proceed")
    world.settle()
    withdraw(world, first)
    for element, outcome in (("propose", "submit"), ("plan_funds", "agree"), ("meeting", "agree")):
        world.do(element, outcome)
    world.do("consult", "agree")
    world.settle()
    world.now += timedelta(days=10)
    world.settle()
    world.do("government", "approve")
    world.do("issue", "issued", number="示科发〔2024〕1号")
    world.settle()
    announced = {one.case_id: one.announced for one in world.session.exec(select(RoundEntry))}
    assert announced == {first.id: "withdrawn", second.id: "established"}
    assert ledger.balance(world.session, first.id or 0).committed_fen == 0


def pass_formal_check_of(world: Bureau, case: CaseFile) -> None:
    """The formal check of one of several cases."""
    manual = [item for item in checklist(world.session, case.id) if item.verdict is None]
    world.do("check", "pass", case, items=[{"rule": item.rule, "verdict": "met"} for item in manual])
    world.do("countersign", "agree", case)


def test_nothing_is_withdrawn_after_the_establishment(world: Bureau) -> None:
    """From the document on a project is changed or terminated, never withdrawn."""
    case = file_and_establish(world, DIRECTION)
    said = refusal(lambda: withdraw(world, case))
    assert said.startswith("项目现为“待签任务书”，只有立项下达前可以撤回")
