"""Filing, formal check and re-check: one correction, no way past a hard failure, a notice with every ending."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from engine.cases.formal_check import checklist
from engine.cases.models import CaseFile, Notice, WorkItem
from engine.clock import local_day
from tests.walks import file_application, pass_formal_check
from tests.worlds import Bureau, refusal

DIRECTION = "T3-D1-S1"
TOO_MUCH = {"requested_yuan": "99000000"}


def notices(world: Bureau) -> list[str]:
    """The kinds of notices sent so far."""
    return list(world.session.exec(select(Notice.kind).order_by(Notice.id)))  # type: ignore[arg-type]


def submitted(world: Bureau) -> CaseFile:
    """An application recommended and waiting for intake."""
    case = world.open(DIRECTION)
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    world.do("recommend", "recommend")
    return case


def manual(world: Bureau, case: CaseFile) -> list[dict[str, str]]:
    """Every manual item met."""
    open_items = [item for item in checklist(world.session, case.id) if item.verdict is None]
    return [{"rule": item.rule, "verdict": "met"} for item in open_items]


def test_one_correction_across_the_may_holiday_then_accepted(world: Bureau) -> None:
    """Asked on 29 April 2024, due on the fifth working day: 28 April and 11 May are worked, 1-5 May are not."""
    case = submitted(world)
    world.now += timedelta(days=49)
    world.do("intake", "correct", comment="请补交推荐函")
    item, notice = world.item("correct_filing"), world.session.exec(select(Notice)).one()
    world.do("correct_filing", "submit", title="示例项目（补正）", facts={"requested_yuan": "90000"})
    world.do("intake", "accept")
    assert item.due_at is not None
    assert (local_day(item.due_at), notice.reply_by, "请补交推荐函" in notice.body) == (
        date(2024, 5, 9),
        item.due_at,
        True,
    )
    assert (case.status, case.title, case.requested_fen, case.number) == (
        "received",
        "示例项目（补正）",
        90_000_00,
        "2024-T3-D1-S1-00001",
    )


def test_a_correction_too_late_ends_the_case_with_a_notice(world: Bureau) -> None:
    """Until the end of the fifth working day nothing happens; then the filing is over."""
    case = submitted(world)
    world.do("intake", "correct", comment="请补交推荐函")
    due = world.item("correct_filing").due_at
    assert due is not None
    world.now = due - timedelta(seconds=1)
    world.settle()
    before = case.status
    world.now = due
    world.settle()
    assert (before, case.status, notices(world), world.open_steps()) == (
        "correcting",
        "not_accepted",
        ["correction", "not_corrected"],
        [],
    )


def test_a_second_correction_is_refused(world: Bureau) -> None:
    """What is missing is said once (一次性告知)."""
    submitted(world)
    world.do("intake", "correct", comment="请补交推荐函")
    world.do("correct_filing", "submit", title="示例项目", facts={"requested_yuan": "90000"})
    again = refusal(lambda: world.do("intake", "correct", comment="再补一次"))
    assert again == "补正最多 1 次，本项目已补正；请作出受理或不予受理的决定。"


def test_a_correction_at_the_check_is_made_from_what_was_found(world: Bureau) -> None:
    """The notice names the items; the corrected data are checked anew; a second time is refused."""
    case = file_application(world, DIRECTION, leader={})
    world.do("check", "correct")
    asked = world.session.exec(select(Notice).where(Notice.kind == "correction")).one()
    facts = {
        name: value
        for name, value in case.facts.items()
        if name not in ("submitted_on", "recommendation_sealed")
    }
    stated = {name: facts.pop(name) for name in ("leader_name", "abstract", "domain")}
    world.do("correct_check", "submit", title=case.title, facts=facts, **stated)
    again = refusal(lambda: world.do("check", "correct", comment="再补"))
    assert ("负责人" in asked.body, again, {item.run for item in checklist(world.session, case.id)}) == (
        True,
        "补正最多 1 次，本项目已补正；请作出受理或不予受理的决定。",
        {2},
    )


def test_a_correction_says_what_to_correct(world: Bureau) -> None:
    """Sending an application back with nothing found and nothing said is refused."""
    file_application(world, DIRECTION)
    assert (
        refusal(lambda: world.do("check", "correct")) == "要求补正的，应有需补正的条目，或在意见中写明内容。"
    )


def test_nobody_passes_a_hard_failure(world: Bureau) -> None:
    """Not by overruling the machine's item, and not by passing over it."""
    case = file_application(world, DIRECTION, **TOO_MUCH)
    failed = next(
        item for item in checklist(world.session, case.id) if item.hard and item.verdict == "not_met"
    )
    verdict = [{"rule": failed.rule, "verdict": "met", "reason": "领导同意"}]
    world.session.commit()
    overruled = refusal(lambda: world.do("check", "pass", items=manual(world, case) + verdict))
    world.session.rollback()
    passed = refusal(lambda: world.do("check", "pass", items=manual(world, case)))
    assert (failed.text in overruled, "不能人工改判" in overruled, failed.text in passed) == (
        True,
        True,
        True,
    )


def test_an_unfinished_checklist_does_not_pass(world: Bureau) -> None:
    """Every manual item needs somebody's word."""
    file_application(world, DIRECTION)
    assert refusal(lambda: world.do("check", "pass")).startswith("还有 ")


def test_a_preference_never_fails_anybody(world: Bureau) -> None:
    """An older leader is not preferred (优先), and passes; even an officer's word against it does not matter."""
    case = file_application(world, DIRECTION)
    soft = [item for item in checklist(world.session, case.id) if not item.hard]
    against = [{"rule": item.rule, "verdict": "not_met", "reason": "不属优先"} for item in soft]
    world.do("check", "pass", items=manual(world, case) + against)
    assert world.open_steps() == ["countersign"]


def test_the_department_sends_the_check_back_with_a_reason(world: Bureau) -> None:
    """Four eyes: without its agreement nothing passes."""
    case = file_application(world, DIRECTION)
    world.do("check", "pass", items=manual(world, case))
    silent = refusal(lambda: world.do("countersign", "return"))
    world.do("countersign", "return", comment="佐证不足")
    assert (silent, world.open_steps()) == ("退回的，请在意见中写明理由。", ["check"])


def test_a_failed_check_is_upheld(world: Bureau) -> None:
    """Failed, appealed, upheld: ineligible, with the notice sent at the failure."""
    case = file_application(world, DIRECTION, **TOO_MUCH)
    world.do("check", "fail")
    silent = refusal(lambda: world.do("apply_recheck", "apply"))
    world.do("apply_recheck", "apply", comment="金额应按万元计")
    world.do("recheck", "uphold")
    assert (silent, case.status, notices(world), world.open_steps()) == (
        "申请复核的，请在意见中写明理由。",
        "ineligible",
        ["receipt", "ineligible"],
        [],
    )


def test_an_overturned_failure_is_checked_again(world: Bureau) -> None:
    """The leader overturns; the officer checks again and passes."""
    case = file_application(world, DIRECTION)
    world.do("check", "fail", comment="认为不属于本方向")
    world.do("apply_recheck", "apply", comment="属于本方向")
    world.do("recheck", "overturn")
    pass_formal_check(world, case)
    assert (case.status, world.open_steps()) == ("in_review", [])


@pytest.mark.parametrize("days", [0, 3])
def test_a_failed_check_stands_unless_appealed_in_time(world: Bureau, days: int) -> None:
    """Accepted at once, or left alone for three working days."""
    case = file_application(world, DIRECTION, **TOO_MUCH)
    world.do("check", "fail")
    if days:
        due = world.item("apply_recheck").due_at
        assert due is not None
        assert local_day(due) == date(2024, 3, 14)
        world.now = due
        world.settle()
    else:
        world.do("apply_recheck", "accept")
    assert (case.status, world.open_steps()) == ("ineligible", [])


@pytest.mark.parametrize(
    ("steps", "status", "sent"),
    [
        ([("fill", "withdraw", {})], "withdrawn", []),
        (
            [("fill", "submit", {}), ("recommend", "refuse", {"comment": "不符合本区规划"})],
            "not_accepted",
            [],
        ),
        (
            [
                ("fill", "submit", {}),
                ("recommend", "return", {"comment": "请修改"}),
                ("fill", "withdraw", {}),
            ],
            "withdrawn",
            [],
        ),
        (
            [
                ("fill", "submit", {}),
                ("recommend", "recommend", {}),
                ("intake", "refuse", {"comment": "重复申报"}),
            ],
            "not_accepted",
            ["not_accepted"],
        ),
        (
            [
                ("fill", "submit", {}),
                ("recommend", "recommend", {}),
                ("intake", "correct", {"comment": "缺件"}),
                ("correct_filing", "withdraw", {}),
            ],
            "withdrawn",
            ["correction"],
        ),
    ],
)
def test_ways_out_before_a_number_is_given(
    world: Bureau, steps: list[tuple[str, str, dict[str, Any]]], status: str, sent: list[str]
) -> None:
    """Withdrawn, not recommended, not accepted: the case ends, without a number."""
    case = world.open(DIRECTION)
    for element, outcome, form in steps:
        stated = {"title": "示例项目", "facts": {"requested_yuan": "1"}} if outcome == "submit" else {}
        world.do(element, outcome, **form, **stated)
    assert (case.status, notices(world), case.number, world.open_steps()) == (status, sent, None, [])


@pytest.mark.parametrize(
    ("element", "outcome"), [("recommend", "return"), ("recommend", "refuse"), ("intake", "refuse")]
)
def test_a_no_needs_its_reason(world: Bureau, element: str, outcome: str) -> None:
    """Nobody is sent away without a word."""
    world.open(DIRECTION)
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    if element == "intake":
        world.do("recommend", "recommend")
    assert "请在意见中写明" in refusal(lambda: world.do(element, outcome))


def test_a_draft_left_until_the_window_closes_is_too_late(world: Bureau) -> None:
    """The window's last day counts in full; after it the draft is closed with a notice."""
    case = world.open(DIRECTION)
    due = world.session.exec(select(WorkItem.due_at)).one()
    assert due is not None
    assert local_day(due) == date(2024, 5, 10)
    world.now = due
    world.settle()
    assert (case.status, notices(world)) == ("not_accepted", ["not_accepted"])
