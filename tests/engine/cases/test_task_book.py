"""From establishment to a signed task-book, or to its being deemed revoked."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select

from engine.cases.models import Milestone, Notice
from engine.clock import local_day
from engine.errors import Unusable
from engine.money.ledger import Balance, balance
from tests.engine.cases.test_stories import NODES
from tests.walks import file_and_establish, sign_task_book
from tests.worlds import Bureau, refusal

MILESTONE = {"requested_yuan": "1000000", "total_investment_yuan": "9000000", "self_raised_yuan": "8000000"}


def test_an_unsigned_task_book_is_deemed_revoked_and_its_money_released(world: Bureau) -> None:
    """A month after establishment, wherever in the signing it is; the released money is back to zero."""
    case = file_and_establish(world, "T3-D1-S1", requested_yuan="100000")
    item = world.item("draft_task_book")
    committed = balance(world.session, case.id or 0)
    world.do("draft_task_book", "submit")
    assert item.due_at is not None
    world.now = item.due_at - timedelta(seconds=1)
    world.settle()
    in_time = case.status
    world.now = item.due_at
    world.settle()
    kinds = list(world.session.exec(select(Notice.kind)))
    assert (committed, in_time, case.status) == (Balance(100_000_00, 0, 0), "awaiting_contract", "revoked")
    assert (balance(world.session, case.id or 0), "revoked" in kinds, world.open_steps()) == (
        Balance(0, 0, 0),
        True,
        [],
    )


def test_a_unit_gives_its_project_up(world: Bureau) -> None:
    """Given up at the task-book: revoked at once, nothing stays committed."""
    case = file_and_establish(world, "T3-D1-S1", requested_yuan="100000")
    world.do("draft_task_book", "give_up")
    assert (case.status, balance(world.session, case.id or 0), world.open_steps()) == (
        "revoked",
        Balance(0, 0, 0),
        [],
    )


def test_an_unfunded_project_unsigned_is_revoked_too(world: Bureau) -> None:
    """Nothing was committed, so nothing is released."""
    case = file_and_establish(world, "E-D4-S1", requested_yuan="0")
    world.do("draft_task_book", "give_up")
    assert (case.status, balance(world.session, case.id or 0)) == ("revoked", Balance(0, 0, 0))


@pytest.mark.parametrize("where", ["unit_confirm", "office_confirm", "sign_task_book"])
def test_a_task_book_sent_back_is_filled_in_again(world: Bureau, where: str) -> None:
    """Each of the three may return it; it goes through all of them again."""
    case = file_and_establish(world, "T3-D1-S1", requested_yuan="100000")
    world.do("draft_task_book", "submit")
    for step, onward in (("unit_confirm", "agree"), ("office_confirm", "agree"), ("sign_task_book", "sign")):
        if step == where:
            world.do(step, "return")
            break
        world.do(step, onward)
    returned = world.open_steps()
    sign_task_book(world)
    assert (returned, case.status, world.open_steps()) == (["draft_task_book"], "active", ["report"])


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (
            {"nodes": [NODES[0] | {"percent": "29"}, *NODES[1:]]},
            "各节点拨付比例合计为 99%，应正好等于 100%；请调整。",
        ),
        (
            {"nodes": [NODES[0] | {"percent": "30.001"}, *NODES[1:]]},
            "各节点拨付比例合计为 100.001%，应正好等于 100%",
        ),
        ({"nodes": []}, "现有 0 个；请增减节点。"),
        ({"nodes": [NODES[1], NODES[0], NODES[2]]}, "各节点的完成日期应依次靠后"),
        ({"nodes": [*NODES[:2], NODES[2] | {"due_on": "2030-01-01"}]}, "且不晚于项目结束日期"),
        ({"nodes": NODES, "starts_on": "2026-01-01", "ends_on": "2025-01-01"}, "结束日期应晚于起始日期"),
        ({"nodes": NODES, "ends_on": "2040-01-01"}, "实施期限不得超过 "),
    ],
)
def test_a_milestone_task_book_adds_up(world: Bureau, book: dict[str, Any], words: str) -> None:
    """Shares sum to exactly 100%, nodes follow one another within the project's period."""
    file_and_establish(world, "T2-D1-S1", **MILESTONE)
    assert words in refusal(lambda: world.do("draft_task_book", "submit", **book))


def test_a_wrong_node_is_named_by_its_row(world: Bureau) -> None:
    """Second row, share: the sentence says so."""
    file_and_establish(world, "T2-D1-S1", **MILESTONE)
    nodes = [NODES[0], NODES[1] | {"percent": "-1"}, {"title": "验收"}]
    with pytest.raises(Unusable) as error:
        world.do("draft_task_book", "submit", nodes=nodes)
    assert error.value.reasons == [
        "里程碑节点第 2 行的拨付比例（%）：不能小于 0。",
        "里程碑节点第 3 行的完成日期：必填，请填写。",
        "里程碑节点第 3 行的拨付比例（%）：必填，请填写。",
    ]


def test_only_a_milestone_subsidy_has_nodes(world: Bureau) -> None:
    """A post-subsidy is paid once, after acceptance."""
    file_and_establish(world, "T3-D1-S1", requested_yuan="100000")
    said = refusal(lambda: world.do("draft_task_book", "submit", nodes=NODES))
    assert said == "本方向不按里程碑拨付，任务书不应填写里程碑节点；请删除。"


def test_a_corrected_task_book_replaces_its_nodes(world: Bureau) -> None:
    """Submitted twice, the nodes are those of the second time."""
    file_and_establish(world, "T2-D1-S1", **MILESTONE)
    world.do("draft_task_book", "submit", nodes=NODES)
    world.do("unit_confirm", "return")
    world.do("draft_task_book", "submit", nodes=[NODES[0] | {"percent": "60"}, NODES[2] | {"percent": "40"}])
    nodes = world.session.exec(
        select(Milestone.position, Milestone.percent).order_by(Milestone.position)
    ).all()  # type: ignore[arg-type]
    assert nodes == [(1, "60"), (2, "40")]


def test_the_month_to_sign_ends_on_a_working_day(world: Bureau) -> None:
    """Established on 8 April 2024 or thereabouts: P1M, moved on from a day off."""
    file_and_establish(world, "T3-D1-S1", requested_yuan="100000")
    item = world.item("draft_task_book")
    assert item.due_at is not None
    opened, due = local_day(item.opened_at), local_day(item.due_at)
    assert (opened, due) == (date(2024, 3, 21), date(2024, 4, 22))
