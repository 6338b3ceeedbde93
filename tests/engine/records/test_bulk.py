"""The same decision on many cases: rehearsed without a trace, then each for itself."""

from typing import Any

import pytest
from sqlmodel import select

from engine import history
from engine.cases.inbox import OPEN
from engine.cases.models import CaseFile, WorkItem
from engine.cases.moves import ACTIONS, Move
from engine.records import bulk
from tests.databases import contents
from tests.worlds import Bureau, refusal

DIRECTION = "T3-D1-S1"


@pytest.fixture
def three(world: Bureau) -> list[int]:
    """The intake steps of three recommended applications."""
    for number in range(3):
        case = world.open(DIRECTION)
        world.do("fill", "submit", case, title=f"示例项目{number}", facts={"requested_yuan": "100000"})
        world.do("recommend", "recommend", case)
    world.session.commit()
    return [item or 0 for item in world.session.exec(select(WorkItem.id).where(WorkItem.element == "intake"))]


def decide(world: Bureau, how: str, items: list[int], who: str = "intake") -> list[tuple[bool, str]]:
    """Rehearse or run an acceptance; how each went."""
    engine, actor = world.session.get_bind(), world.accounts[who]
    world.session.refresh(actor)
    world.session.commit()
    given = {"outcome": "accept", "comment": "", "actor": actor, "now": world.now}
    done = getattr(bulk, how)(engine, items, **given)
    world.session.expire_all()
    lines = done if how == "rehearse" else [bulk.Line(**line) for line in done.lines]
    return [(line.fine, line.sentence) for line in lines]


def test_a_rehearsal_says_what_would_happen_and_changes_nothing(world: Bureau, three: list[int]) -> None:
    """Every step is really done and taken back: not a row differs."""
    before = contents(world.session)
    world.session.rollback()
    said = decide(world, "rehearse", three)
    assert said == [(True, "下一步：形式审查（受理员）")] * 3
    assert contents(world.session) == before


def test_each_case_succeeds_or_fails_for_itself(world: Bureau, three: list[int]) -> None:
    """One done meanwhile fails in words; the others go on, and the list of how it went is kept."""
    world.do("intake", "accept", world.session.get(CaseFile, 2))
    world.session.commit()
    went = decide(world, "run", three)
    kept = world.session.exec(select(bulk.BulkRun)).one()
    statuses = list(world.session.exec(select(CaseFile.status).order_by(CaseFile.id)))  # type: ignore[arg-type]
    assert [fine for fine, _ in went] == [True, False, True]
    assert went[1][1] == "待办“受理审核”已由示例受理员办结，不能重复办理；请刷新页面查看最新进展。"
    assert (kept.step, len(kept.lines), statuses) == ("受理审核", 3, ["received"] * 3)
    assert "complete" in [entry.verb for entry in history.entries(world.session, "case:3")][-2:]


def test_a_bug_one_case_meets_is_its_own_line(
    world: Bureau, three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are done, the list is kept, and what stumbled stays where it was."""
    prepare = ACTIONS["prepare_checklist"]

    def stumble(move: Move, element: str, data: Any) -> str:
        if move.file.id == 2:
            raise ZeroDivisionError
        return prepare(move, element, data)

    monkeypatch.setitem(ACTIONS, "prepare_checklist", stumble)
    went = decide(world, "run", three)
    steps = [(item.case_id, item.element) for item in world.session.exec(select(WorkItem).where(OPEN))]
    assert [fine for fine, _ in went] == [True, False, True]
    assert went[1][1].startswith("系统出错，这一件没有办理")
    assert sorted(steps) == [(1, "check"), (2, "intake"), (3, "check")]


def test_nobody_decides_in_bulk_what_is_not_his(world: Bureau, three: list[int]) -> None:
    """Each case is refused in the words its own page would use; supervision and others' results too."""
    sentences = {sentence for _, sentence in decide(world, "rehearse", three, "supervision")}
    decide(world, "run", three)
    kept = world.session.exec(select(bulk.BulkRun)).one()
    finance, watcher = world.accounts["finance"], world.accounts["supervision"]
    assert sentences == {"纪检账号只能查看，不能办理。"}
    assert (
        refusal(lambda: bulk.get_run(world.session, kept.id or 0, finance)) == "只能查看自己的批量办理结果。"
    )
    assert bulk.get_run(world.session, kept.id or 0, watcher) is kept


def test_a_step_that_asks_for_more_is_done_one_by_one(world: Bureau, three: list[int]) -> None:
    """A form with fields of its own is named as the reason; different steps are different batches."""
    world.do("intake", "accept", world.session.get(CaseFile, 1))
    world.session.flush()
    check = world.item("check").id or 0
    found = bulk.batches(world.session, [check, *three])
    assert [(one.name, len(one.items), one.reason) for one in found] == [
        ("受理审核", 2, ""),
        ("形式审查", 1, "“形式审查”须逐件填写内容，不能批量办理。"),
    ]
