"""A round's second half: the proposal under its quota, the notice, the document; and objections on the way."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from engine import history
from engine.cases.models import Process, Waiting
from engine.clock import local_day
from engine.money.ledger import Balance, balance
from engine.people.models import Organization
from engine.reviewing import objections
from engine.reviewing.models import Objection, PublicNotice, RoundEntry
from tests.engine.reviewing.worlds import (
    finish,
    object_to,
    put_on_notice,
    reviewed,
    settle_objection,
    statuses,
    withdraw,
)
from tests.worlds import Bureau, refusal

FULL = {"fund": True, "approved": "100000"}


def test_the_best_are_proposed_under_the_quota(world: Bureau) -> None:
    """An empty proposal takes them by rank, no more than the quota, the reserve list not at all."""
    _, cases = reviewed(world, [80, 95, 65, 90], quota=2)
    put_on_notice(world)
    finish(world)
    entries = world.session.exec(
        select(RoundEntry.decision, RoundEntry.approved_fen).order_by(RoundEntry.case_id)
    ).all()  # type: ignore[arg-type]
    assert entries == [("decline", 0), ("fund", 100_000_00), ("decline", 0), ("fund", 100_000_00)]
    assert statuses(cases) == ["declined", "awaiting_contract", "declined", "awaiting_contract"]


def test_a_proposal_never_exceeds_the_quota(world: Bureau) -> None:
    """However good the third is."""
    _, cases = reviewed(world, [80, 95, 90], quota=2)
    rows = [{"case_id": case.id, **FULL} for case in cases]
    assert (
        refusal(lambda: world.do("propose", "submit", rows=rows))
        == "拟立项 3 项，超过本方向限额 2 项；请调减。"
    )


def test_passing_over_a_better_rank_needs_a_reason(world: Bureau) -> None:
    """The second without the first: only in writing, and the reason is kept."""
    _, (best, second) = reviewed(world, [95, 80], quota=1)
    row = {"case_id": second.id, **FULL}
    silent = refusal(lambda: world.do("propose", "submit", rows=[row]))
    world.do("propose", "submit", rows=[row | {"reason": "第一名已获上级立项"}])
    kept = world.session.exec(select(RoundEntry).where(RoundEntry.case_id == second.id)).one()
    assert silent == "项目“示例汽车电子控制单元研发”越过了排名更前的项目或属于备选，拟立项请写明理由。"
    assert (kept.decision, kept.decision_reason, best.status) == ("fund", "第一名已获上级立项", "proposed")


@pytest.mark.parametrize(
    ("mean", "row", "words"),
    [
        (65, FULL, "属于备选，拟立项请写明理由。"),
        (50, FULL | {"reason": "领导批示"}, "评审未通过，不能拟立项。"),
        (90, FULL | {"approved": "100001"}, "的拟立项金额 100001 元超过申请的 100000.00 元；请调减。"),
    ],
)
def test_what_cannot_be_proposed(world: Bureau, mean: int, row: dict[str, object], words: str) -> None:
    """The reserve list without a reason, a rejected one at all, an amount the rule does not admit."""
    _, cases = reviewed(world, [95, mean])
    rows = [{"case_id": cases[0].id, **FULL}, {"case_id": cases[1].id, **row}]
    assert words in refusal(lambda: world.do("propose", "submit", rows=rows))


def test_a_stranger_cannot_be_proposed(world: Bureau) -> None:
    """Only what was reviewed in this group."""
    reviewed(world, [90])
    said = refusal(lambda: world.do("propose", "submit", rows=[{"case_id": 99, **FULL}]))
    assert said == "项目 [99] 不在本评审组。"


def test_a_notice_over_the_may_holiday_counts_its_posting_day(world: Bureau) -> None:
    """Posted on Friday 26 April 2024 for five days: 26, 28 (worked), 29, 30 April and 6 May."""
    world.now += timedelta(days=46)
    reviewed(world, [90])
    put_on_notice(world)
    notice = world.session.exec(select(PublicNotice)).one()
    wait = world.session.exec(select(Waiting).where(Waiting.element == "notice_period")).one()
    assert wait.due_at is not None
    assert (notice.posted_on, notice.ends_on, local_day(wait.due_at)) == (
        date(2024, 4, 26),
        date(2024, 5, 6),
        date(2024, 5, 6),
    )


def test_the_meeting_adjusts_and_defers(world: Bureau) -> None:
    """Sent back, proposed again, put off, agreed: what counts is the last proposal."""
    _, (first, second) = reviewed(world, [95, 90])
    world.do("propose", "submit")
    world.do("plan_funds", "return", comment="请核对总额")
    world.do("propose", "submit")
    world.do("plan_funds", "agree")
    world.do("meeting", "defer", comment="下次会议再议")
    world.do("plan_funds", "agree")
    world.do("meeting", "adjust", comment="核减金额")
    put_on_notice(world, rows=[{"case_id": first.id, **FULL, "approved": "60000"}])
    finish(world)
    assert (first.approved_fen, statuses([first, second])) == (60_000_00, ["awaiting_contract", "declined"])


def test_a_posted_notice_stays_as_it_was_posted(world: Bureau) -> None:
    """The government takes money off: the second notice tells the new sum, the first what was posted."""
    _, (case,) = reviewed(world, [95])
    put_on_notice(world, rows=[{"case_id": case.id, **FULL}])
    world.now += timedelta(days=10)
    world.settle()
    world.do("government", "adjust", comment="核减金额")
    put_on_notice(world, rows=[{"case_id": case.id, **FULL, "approved": "60000"}])
    notices = select(PublicNotice.listed).order_by(col(PublicNotice.id))
    unit = world.session.get_one(Organization, case.unit_id).name
    line = {"number": case.number, "title": case.title, "unit": unit}
    assert list(world.session.exec(notices)) == [
        [line | {"approved_fen": 100_000_00}],
        [line | {"approved_fen": 60_000_00}],
    ]


@pytest.mark.parametrize(
    ("before", "step", "outcome"),
    [
        ([], "plan_funds", "return"),
        (["plan_funds"], "meeting", "adjust"),
        (["plan_funds"], "meeting", "defer"),
        (["plan_funds", "meeting"], "consult", "adjust"),
    ],
)
def test_who_stops_a_proposal_says_why(world: Bureau, before: list[str], step: str, outcome: str) -> None:
    """Sent back, adjusted or put off without a word: refused."""
    reviewed(world, [95])
    world.do("propose", "submit")
    for passed in before:
        world.do(passed, "agree")
    said = refusal(lambda: world.do(step, outcome))
    assert said == "退回、调整或暂缓的，请在意见中写明理由。"


def test_the_history_tells_what_was_proposed_and_why(world: Bureau) -> None:
    """The count, the sum and each reason, of every proposal: a later one does not wipe out the earlier."""
    opened, (best, second) = reviewed(world, [95, 80], quota=1)
    best.title, second.title = "甲", "乙"
    world.do("propose", "submit", rows=[{"case_id": second.id, **FULL, "reason": "甲已获上级立项"}])
    world.do("plan_funds", "return", comment="请核对")
    world.do("propose", "submit")
    told = history.entries(world.session, f"round:{opened.id}")
    assert [one.summary for one in told if one.verb.startswith("proposed")] == [
        "拟立项 1 项，拟补助合计 100000.00 元",
        "项目“乙”拟立项：甲已获上级立项",
        "拟立项 1 项，拟补助合计 100000.00 元",
    ]


@pytest.mark.parametrize("ended", ["rejected", "withdrawn"])
def test_a_round_with_nothing_to_propose_is_closed(world: Bureau, ended: str) -> None:
    """Failed in review or taken back: no empty list goes to the meeting, and no empty notice is posted."""
    _, (case,) = reviewed(world, [50 if ended == "rejected" else 90])
    early = refusal(lambda: world.do("propose", "close")) if ended == "withdrawn" else ""
    if ended == "withdrawn":
        withdraw(world, case)
    empty = refusal(lambda: world.do("propose", "submit"))
    world.do("propose", "close")
    outcome = world.session.exec(select(Process.outcome).where(Process.kind == "round")).one()
    assert early in ("", "本轮次还有 1 个项目可以拟立项；只有项目都已撤回或评审未通过才能办结轮次。")
    assert empty == "本轮次的项目都已撤回或评审未通过，没有可以拟立项的；请办结轮次。"
    assert (outcome, case.status) == ("closed", {"rejected": "declined"}.get(ended, ended))


def test_who_is_adjusted_away_after_the_notice_is_told(world: Bureau) -> None:
    """The government takes one off: a second notice without it, and that case ends."""
    _, (first, second) = reviewed(world, [95, 90])
    put_on_notice(world)
    before = statuses([first, second])
    world.now += timedelta(days=10)
    world.settle()
    world.do("government", "adjust", comment="异议待查")
    put_on_notice(world, rows=[{"case_id": first.id, **FULL}])
    finish(world)
    assert (before, statuses([first, second])) == (["on_notice"] * 2, ["awaiting_contract", "declined"])


def test_the_document_has_a_number(world: Bureau) -> None:
    """Nothing is issued without it, and what is issued is committed."""
    opened, (case,) = reviewed(world, [90])
    put_on_notice(world)
    world.now += timedelta(days=10)
    world.settle()
    world.do("government", "approve")
    refused = refusal(lambda: world.do("issue", "issued", number=" "))
    world.do("issue", "issued", number="示科发〔2024〕1号")
    world.settle()
    assert (refused, opened.document_number) == ("“下达立项文件”有未填好的内容。", "示科发〔2024〕1号")
    assert balance(world.session, case.id or 0) == Balance(100_000_00, 0, 0)


def test_an_upheld_objection_ends_its_case_and_the_batch_goes_on(world: Bureau) -> None:
    """Settled before the round announces."""
    _, cases = reviewed(world, [95, 90])
    put_on_notice(world)
    object_to(world, cases[0])
    settle_objection(world, "uphold")
    finish(world)
    assert (statuses(cases), cases[0].disputed) == (["declined", "awaiting_contract"], False)
    assert balance(world.session, cases[0].id or 0) == Balance(0, 0, 0)


@pytest.mark.parametrize(
    ("outcome", "status", "committed"),
    [("dismiss", "awaiting_contract", 100_000_00), ("uphold", "declined", 0)],
)
def test_a_disputed_case_waits_while_the_others_are_established(
    world: Bureau, outcome: str, status: str, committed: int
) -> None:
    """Settled after the round has announced: dismissed it is established at once, at its own amount."""
    _, cases = reviewed(world, [95, 90])
    put_on_notice(world)
    object_to(world, cases[0])
    finish(world)
    meanwhile = (statuses(cases), cases[0].disputed)
    settle_objection(world, outcome)
    assert meanwhile == (["on_notice", "awaiting_contract"], True)
    assert (cases[0].status, balance(world.session, cases[0].id or 0)) == (status, Balance(committed, 0, 0))


def test_an_objection_dismissed_in_time_changes_nothing(world: Bureau) -> None:
    """Before the announcement: the case is established with its batch."""
    _, cases = reviewed(world, [95, 90])
    put_on_notice(world)
    object_to(world, cases[0])
    settle_objection(world, "dismiss")
    finish(world)
    assert statuses(cases) == ["awaiting_contract"] * 2


def test_an_objection_not_taken_in_lets_the_case_go_on(world: Bureau) -> None:
    """Refused at intake is settled too."""
    _, (case,) = reviewed(world, [95])
    put_on_notice(world)
    side = object_to(world, case)
    world.do("accept_objection", "refuse")
    finish(world)
    verdict = world.session.exec(select(Objection.verdict)).one()
    assert (case.status, side.outcome, verdict) == ("awaiting_contract", "refused", "refused")


def test_an_objection_comes_in_time_signed_and_once(world: Bureau) -> None:
    """Before the notice, anonymous, a second one, after the notice: each refused with its reason."""
    _, (case,) = reviewed(world, [95])
    early = refusal(lambda: object_to(world, case))
    put_on_notice(world)
    anonymous = refusal(
        lambda: objections.open_objection(
            world.session,
            case,
            actor=world.accounts["planning"],
            raised_by=" ",
            contact="",
            content="不公",
            now=world.now,
        )
    )
    object_to(world, case)
    second = refusal(lambda: object_to(world, case))
    world.now += timedelta(days=10)
    late = refusal(lambda: object_to(world, case))
    assert (early, anonymous, second, late) == (
        "本项目不在公示期内，不能提出异议。",
        "异议应写明真实姓名（或单位）、联系方式和具体内容；匿名异议不予受理。",
        "本项目已有一件异议在办理，请先办结。",
        "本项目不在公示期内，不能提出异议。",
    )


@pytest.mark.parametrize("outcome", ["dismiss", "uphold"])
def test_an_objection_settled_after_its_case_was_taken_off_changes_nothing(
    world: Bureau, outcome: str
) -> None:
    """The round's decision stands: declined once, never established by the late settlement."""
    _, (case, other) = reviewed(world, [95, 90])
    put_on_notice(world)
    object_to(world, case)
    world.now += timedelta(days=10)
    world.settle()
    world.do("government", "adjust", comment="异议待查")
    put_on_notice(world, rows=[{"case_id": other.id, **FULL, "reason": "异议未决"}])
    finish(world)
    settle_objection(world, outcome)
    assert (case.status, case.approved_fen, case.disputed) == ("declined", 0, False)
