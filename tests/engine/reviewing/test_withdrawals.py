"""Withdrawing an application before its establishment is issued: at every stage, and not after."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import col, select

from engine.cases.formal_check import checklist
from engine.cases.models import CaseFile, Process, WorkItem
from engine.money import ledger
from engine.reviewing import rounds, seating
from engine.reviewing.models import PanelMember, ReviewRound, RoundEntry
from tests.engine.reviewing import worlds
from tests.engine.reviewing.worlds import withdraw
from tests.walks import RUBRIC, file_and_establish, file_application, pass_formal_check
from tests.worlds import Bureau, refusal

pytestmark = pytest.mark.usefixtures("true_rows")
DIRECTION = "T3-D1-S1"


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


def withdraw_one_of(world: Bureau, case_id: int) -> None:
    """The unit of one application of a batch takes it back."""
    case = world.session.get_one(CaseFile, case_id)
    world.accounts["applicant"].organization_id = case.unit_id
    withdraw(world, case)


def test_nobody_scores_or_ranks_what_was_taken_back(world: Bureau) -> None:
    """One of three withdrawn while scores come in: the panel scores two, and the quota goes to those."""
    gone, first, second = (case.id or 0 for case in worlds.batch(world, 3))
    worlds.open_round(world, 1)
    world.seat_panel()
    withdraw_one_of(world, gone)
    worlds.score(world, {first: 75, second: 80})
    ranked = [(one.case_id, one.rank, one.trace.get("place", {}).get("line")) for one in entries(world)]
    assert ranked == [(second, 1, "within"), (first, 2, "reserve"), (gone, None, None)]
    world.do("confirm_ranking", "proceed")
    world.settle()


def test_a_ranking_that_waits_closes_up(world: Bureau) -> None:
    """The best is withdrawn before the ranking is confirmed: the others move up, its scores stay on record."""
    _, cases = reviewed(world, [90, 80, 70])
    withdraw_one_of(world, cases[0])
    assert [(one.case_id, one.rank, one.mean) for one in entries(world)] == [
        (cases[1], 1, "80.00"),
        (cases[2], 2, "70.00"),
        (cases[0], None, "90.00"),
    ]


def test_no_experts_are_drawn_for_what_was_taken_back(world: Bureau) -> None:
    """Withdrawn before the draw: not in it. Withdrawn after the lots: the draw is prepared again."""
    worlds.batch(world, 3)
    worlds.widen_pool(world, 24)
    opened = worlds.open_round(world, mode="letter")
    first, second, third = (one.case_id for one in entries(world))
    withdraw_one_of(world, first)
    made = worlds.prepare(world, opened.id or 0)
    withdraw_one_of(world, second)
    said = refusal(lambda: worlds.publish(world, made))
    again = worlds.prepare(world, opened.id or 0)
    assert {case for seat in made.seats for case in seat["cases"]} == {second, third}
    assert said == "抽取之后有项目撤回，参评项目已有变化；请重新准备抽取。"
    assert {case for seat in again.seats for case in seat["cases"]} == {third}


def test_nothing_is_drawn_for_a_round_without_applications(world: Bureau) -> None:
    """Before the only one is taken back the round cannot be ended; afterwards there is nothing else to do."""
    worlds.batch(world, 1)
    opened = worlds.open_round(world)
    early = refusal(lambda: world.do("draw", "cancel"))
    withdraw_one_of(world, entries(world)[0].case_id)
    late = refusal(lambda: worlds.prepare(world, opened.id or 0))
    world.do("draw", "cancel")
    assert (early, late, ending(world)) == (
        "本轮次还有 1 个项目；只有项目全部撤回后才能办结轮次。",
        "本轮次的项目都已撤回，没有要评审的，不必抽取；请办结本轮次。",
        "cancelled",
    )


def invited(world: Bureau) -> None:
    """Experts are drawn and asked."""
    worlds.drawn(world)


def scoring(world: Bureau) -> None:
    """Experts have their score sheets."""
    worlds.batch(world, 1)
    worlds.open_round(world)
    world.seat_panel()


@pytest.mark.parametrize("reach", [invited, scoring])
def test_experts_are_free_when_nothing_is_left_to_read(
    world: Bureau, reach: Callable[[Bureau], object]
) -> None:
    """The last application is taken back: no invitation or sheet stays open, and the round is ended at the draw."""
    reach(world)
    withdraw_one_of(world, entries(world)[0].case_id)
    waiting = world.open_steps()
    world.do("draw", "cancel")
    standing = {one.standing for one in world.session.exec(select(PanelMember))}
    assert (waiting, standing, ending(world)) == (["draw"], {"withdrawn"}, "cancelled")


def test_a_ranking_of_nothing_is_ended(world: Bureau) -> None:
    """The last is taken back while the ranking waits."""
    _, cases = reviewed(world, [90])
    withdraw_one_of(world, cases[0])
    world.do("confirm_ranking", "cancel")
    assert ending(world) == "cancelled"


def test_a_round_opened_in_error_is_cancelled_with_a_reason(world: Bureau) -> None:
    """Nothing was grouped: the application waits for the next round, which may be opened at once."""
    case = worlds.batch(world, 1)[0]
    direction = case.direction_code
    for _ in range(2):
        rounds.open_round(world.session, direction, actor=world.accounts["programme"], now=world.now)
        said = refusal(lambda: world.do("group", "cancel"))
        world.do("group", "cancel", comment="还有项目在形式审查")
    assert said == "取消轮次的，请在意见中写明理由。"
    assert (ending(world), rounds.cases_awaiting_review(world.session, direction)) == ("cancelled", [case.id])


def ending(world: Bureau) -> str | None:
    """How the newest round ended."""
    statement = select(Process.outcome).where(Process.kind == "round", col(Process.ended_at).is_not(None))
    return world.session.exec(statement.order_by(col(Process.id).desc())).first()


def test_by_letter_the_seats_of_what_was_taken_back_are_given_up(world: Bureau) -> None:
    """Everybody but its own experts accepted: withdrawn, their invitations end and the review begins without them."""
    worlds.batch(world, 2)
    worlds.widen_pool(world, 24)
    opened = worlds.open_round(world, mode="letter")
    worlds.publish(world, worlds.prepare(world, opened.id or 0))
    gone, kept = (one.case_id for one in entries(world))
    for member in seating.holding(world.session, opened):
        if kept in member.cases:
            worlds.reply(world, member.account_id, "accept", signed=True)
    withdraw_one_of(world, gone)
    standing = {one.standing for one in world.session.exec(select(PanelMember)) if not one.cases}
    open_sheets = select(WorkItem.element).where(WorkItem.status == "open", WorkItem.round_id == opened.id)
    assert standing <= {"withdrawn"}
    assert set(world.session.exec(open_sheets)) == {"score"}
    assert world.session.get_one(ReviewRound, opened.id).reviewing_at == world.now


def entries(world: Bureau) -> list[RoundEntry]:
    """The only round's applications in order."""
    return rounds.entries(world.session, 1)


def reviewed(world: Bureau, percents: list[int]) -> tuple[ReviewRound, list[int]]:
    """A batch whose ranking waits to be confirmed."""
    cases = [case.id or 0 for case in worlds.batch(world, len(percents))]
    opened = worlds.open_round(world, 1)
    world.seat_panel()
    worlds.score(world, dict(zip(cases, percents, strict=True)))
    return opened, cases
