"""Who has a step in hand, and what each sees of it: claim, release, reassign; inbox, case page, step list."""

from collections.abc import Callable

import pytest

from engine import history
from engine.cases import desk, queries
from engine.cases.inbox import Filters, inbox
from engine.cases.lists import Counted
from engine.cases.models import CaseFile, WorkItem
from engine.people.models import Account
from tests.walks import file_and_establish, file_application
from tests.worlds import Bureau, refusal

DIRECTION = "T3-D1-S1"


@pytest.fixture
def colleague(world: Bureau) -> Account:
    """A second intake officer."""
    other = Account(login="intake2", name="示例受理员乙", password_hash="-", roles=["intake"])
    world.session.add(other)
    world.session.flush()
    return other


def submitted(world: Bureau) -> WorkItem:
    """The intake step of a recommended application."""
    world.open(DIRECTION)
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    world.do("recommend", "recommend")
    return world.item("intake")


def test_a_claimed_step_is_its_holders_until_released(world: Bureau, colleague: Account) -> None:
    """Claimed: a colleague neither claims nor completes it; released: anybody of the group may."""
    item, intake = submitted(world), world.accounts["intake"]
    desk.claim(world.session, item.id or 0, actor=intake, now=world.now)
    taken = refusal(lambda: desk.claim(world.session, item.id or 0, actor=colleague, now=world.now))
    stolen = refusal(lambda: desk.release(world.session, item.id or 0, actor=colleague, now=world.now))
    desk.release(world.session, item.id or 0, actor=intake, now=world.now)
    desk.claim(world.session, item.id or 0, actor=colleague, now=world.now)
    verbs = [entry.verb for entry in history.entries(world.session, "case:1")][-3:]
    assert (taken, stolen, item.holder_id, verbs) == (
        "该待办已由他人签收；请等待其办理或由其退回。",
        "只有签收人本人可以退回待办。",
        colleague.id,
        ["claim", "release", "claim"],
    )


def test_a_step_is_handed_to_a_colleague_of_the_same_role(world: Bureau, colleague: Account) -> None:
    """With a reason, and to nobody else."""
    item, intake, finance = submitted(world), world.accounts["intake"], world.accounts["finance"]

    def hand(to: Account, reason: str) -> Callable[[], WorkItem]:
        return lambda: desk.reassign(
            world.session, item.id or 0, to=to, actor=intake, reason=reason, now=world.now
        )

    refused = [refusal(hand(finance, "请办理")), refusal(hand(colleague, " "))]
    hand(colleague, "休假")()
    assert (refused, item.holder_id) == (
        ["该步骤由“受理员”办理，您的账号没有这个岗位。", "转办请写明理由。"],
        colleague.id,
    )


def test_supervision_and_ended_steps_are_left_alone(world: Bureau) -> None:
    """Supervision claims nothing; a completed step cannot be claimed; a made-up one is not found."""
    item = submitted(world)
    watcher, intake = world.accounts["supervision"], world.accounts["intake"]
    looked = refusal(lambda: desk.claim(world.session, item.id or 0, actor=watcher, now=world.now))
    world.do("intake", "accept")
    late = refusal(lambda: desk.claim(world.session, item.id or 0, actor=intake, now=world.now))
    missing = refusal(lambda: desk.claim(world.session, 999, actor=intake, now=world.now))
    assert (looked, late, missing) == (
        "纪检账号只能查看，不能办理。",
        "待办“受理审核”已经办结或撤销；请刷新页面。",
        "没有编号为 999 的待办。",
    )


def seen(world: Bureau, who: str, scope: str) -> list[str]:
    """The steps an account's inbox shows in a scope."""
    found = inbox(world.session, world.accounts[who], Filters(scope=scope), world.now)  # type: ignore[arg-type]
    assert found.total == found.counts[scope] == Counted(len(found.rows))
    return [row.item.element for row in found.rows]


def test_an_inbox_shows_mine_my_groups_and_all(world: Bureau) -> None:
    """An applicant's step is in hand; an officer's is the group's until claimed; supervision sees all."""
    submitted(world)
    world.open(DIRECTION)
    before = {who: seen(world, who, "group") for who in ("intake", "finance", "recommender")}
    desk.claim(world.session, world.item("intake").id or 0, actor=world.accounts["intake"], now=world.now)
    assert before == {"intake": ["intake"], "finance": [], "recommender": []}
    assert (seen(world, "intake", "mine"), seen(world, "intake", "group")) == (["intake"], [])
    assert (seen(world, "applicant", "mine"), seen(world, "applicant", "all")) == (["fill"], ["fill"])
    assert sorted(seen(world, "supervision", "all")) == ["fill", "intake"]


def test_a_case_page_says_why_the_case_is_here(world: Bureau) -> None:
    """Who holds it and what may follow, or what it waits for; at the end that it is over."""
    case: CaseFile = file_application(world, DIRECTION)
    checking = queries.case_view(world.session, case.id or 0, world.accounts["intake"]).sentence
    world.do("check", "fail", comment="不属于本方向")
    world.do("apply_recheck", "accept")
    over = queries.case_view(world.session, case.id or 0, world.accounts["applicant"]).sentence
    assert checking.startswith("“形式审查”由受理员（待签收）办理：")
    assert over == "流程已办结，结果是“形审不通过”，没有后续步骤。"


def test_a_unit_s_step_names_the_unit(world: Bureau) -> None:
    """Nobody of a unit takes a step on themselves: it is the whole unit's."""
    case = world.open(DIRECTION)
    world.do("fill", "submit", title="示例", facts={"requested_yuan": "100000"})

    said = queries.case_view(world.session, case.id or 0, world.accounts["intake"]).sentence

    assert said.startswith("“审核推荐”由示例区科技局办理：")


def test_the_step_list_marks_where_the_case_is(world: Bureau) -> None:
    """Done, current and ahead, from rows alone."""
    case = file_and_establish(world, DIRECTION, requested_yuan="100000")
    process = queries.case_view(world.session, case.id or 0, world.accounts["intake"]).processes[0]
    marked = {element: state for element, _, state in queries.steps(world.session, process)}
    assert [marked[name] for name in ("intake", "check", "draft_task_book", "pay")] == [
        "done",
        "done",
        "current",
        "ahead",
    ]
