"""A round's first half: the group, a panel without conflicts, every score, the ranking."""

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from engine.cases import door
from engine.cases.models import WorkItem
from engine.cases.queries import case_view
from engine.errors import Unusable
from engine.people.models import Account, Expert, Organization
from engine.reviewing import rounds
from engine.reviewing.models import PanelMember, RoundEntry, Score
from tests.engine.reviewing.worlds import DIRECTION, batch, open_round, score, statuses, widen_pool
from tests.walks import RUBRIC
from tests.worlds import Bureau, code, refusal


def drawn(world: Bureau, count: int = 1) -> list[int]:
    """A batch of applications with a panel seated; their case numbers."""
    cases = batch(world, count)
    open_round(world)
    world.seat_panel()
    return [case.id or 0 for case in cases]


def open_sheets(world: Bureau) -> list[WorkItem]:
    """The open score sheets."""
    statement = select(WorkItem).where(WorkItem.element == "score", WorkItem.status == "open")
    return list(world.session.exec(statement))


def fresh_panel(world: Bureau) -> None:
    """Five others by hand, all accepting: 8 to 10 and 12 are technical or finance, half of them from outside."""
    widen_pool(world)
    logins = ("expert8", "expert9", "expert10", "expert11", "expert14")
    statement = select(Account.id).where(Account.login.in_(logins))  # type: ignore[attr-defined]
    world.do("draw", "confirm", experts=list(world.session.exec(statement)))
    world.accept_all()


def ranking(world: Bureau) -> list[tuple[int, int | None, str | None, str | None]]:
    """(case, rank, mean, result) of the round's entries, best first."""
    entries = rounds.entries(world.session, 1)
    return [(entry.case_id, entry.rank, entry.mean, entry.result) for entry in entries]


def test_a_round_needs_an_application(world: Bureau) -> None:
    """Nothing to review, nothing opened."""
    actor = world.accounts["programme"]
    sentence = refusal(lambda: rounds.open_round(world.session, DIRECTION, actor=actor, now=world.now))
    assert sentence == f"方向 {DIRECTION} 没有等待评审的项目；形式审查通过后才能开启评审轮次。"


def test_a_group_takes_only_waiting_applications_and_leaves_the_others(world: Bureau) -> None:
    """A number that does not wait is refused; what is not chosen waits for another round."""
    first, second = batch(world, 2)
    rounds.open_round(world.session, DIRECTION, actor=world.accounts["programme"], now=world.now)
    stranger = refusal(lambda: world.do("group", "confirm", cases=[first.id, 99]))
    world.do("group", "confirm", cases=[first.id])
    left = rounds.cases_awaiting_review(world.session, DIRECTION)
    assert (stranger, left) == ("项目 [99] 不在待评审之列；请只选本方向形式审查通过的项目。", [second.id])


def test_the_group_is_ranked_by_its_means(world: Bureau) -> None:
    """Best first, each with its exact result; a rejected case ends, the others go on to the proposal."""
    cases = batch(world, 3)
    numbers = [case.id or 0 for case in cases]
    open_round(world)
    world.seat_panel()
    score(world, dict(zip(numbers, [65, 90, 50], strict=True)))
    world.do("confirm_ranking", "proceed")
    world.settle()
    assert ranking(world) == [
        (numbers[1], 1, "90.00", "recommended"),
        (numbers[0], 2, "65.00", "reserve"),
        (numbers[2], 3, "50.00", "rejected"),
    ]
    assert statuses(cases) == ["proposed", "proposed", "declined"]


def test_an_expert_of_the_applying_unit_may_not_sit(world: Bureau) -> None:
    """同单位回避: the sentence names the expert and the unit."""
    batch(world, 1)
    home = world.session.exec(select(Expert).where(Expert.person_key == "person1")).one()
    home.organization_id = world.unit.id or 0
    open_round(world)
    sentence = refusal(world.seat_panel)
    assert sentence.startswith(
        "专家组不符合要求：示例专家1应当回避或不能参加（与牵头或参与单位同单位（含集团））：专家示例专家1现任职于示例科技公司0"
    )


def test_an_expert_under_the_same_parent_may_not_sit(world: Bureau) -> None:
    """A sister company's engineer is one of the family, and so is the parent's own."""
    batch(world, 1)
    group = Organization(name="示例集团", credit_code=code("91450200MA0009999"), kind="enterprise")
    world.session.add(group)
    world.session.flush()
    world.unit.parent_id = group.id
    homes = world.session.exec(select(Expert).where(Expert.person_key.in_(["person1", "person2"]))).all()  # type: ignore[attr-defined]
    sister = world.session.get_one(Organization, homes[0].organization_id)
    sister.parent_id = group.id
    homes[1].organization_id = group.id or 0
    open_round(world)
    sentence = refusal(world.seat_panel)
    assert all(f"示例专家{number}应当回避" in sentence for number in (1, 2))
    assert "示例专家1现任职于示例大学1" in sentence
    assert "示例专家2现任职于示例集团" in sentence


def test_an_expert_of_a_joint_unit_may_not_sit(world: Bureau) -> None:
    """Whoever applies together counts as applying."""
    case = batch(world, 1)[0]
    case.facts = case.facts | {"joint_units": ["示例大学3"]}
    open_round(world)
    assert "示例专家3现任职于示例大学3" in refusal(world.seat_panel)


def test_a_panel_is_large_enough_known_and_in_term(world: Bureau) -> None:
    """Each of them is named; the same expert twice is one."""
    batch(world, 1)
    for expert in world.session.exec(select(Expert).where(Expert.person_key == "person2")):
        expert.term_until = date(2023, 1, 1)
    open_round(world)
    chosen = [world.experts[0].id, world.experts[0].id, world.experts[1].id, 999]
    sentence = refusal(lambda: world.do("draw", "confirm", experts=chosen))
    assert sentence.startswith("专家组不符合要求：账号 999 不在专家库；专家组应为 5 至 7 人，现有 3 人；")
    assert "示例专家2的聘期已于2023年1月1日届满" in sentence


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rows": []}, "请为本组全部 1 个项目各评一次分，现有 0 份。"),
        (
            {"points": {"necessity": 1}},
            "的评分项应为 necessity、innovation、feasibility、team、benefit、budget，请逐项打分。",
        ),
        ({"points": RUBRIC | {"budget": 11}}, "的“budget”满分 10 分，现为 11 分；请改正。"),
        ({"outcome": "excuse"}, "回避或不能评审的，请在意见中写明原因。"),
    ],
)
def test_a_sheet_is_complete_and_within_its_weights(
    world: Bureau, change: dict[str, Any], sentence: str
) -> None:
    """Every application on every dimension; an excuse says why."""
    (case,) = drawn(world)
    item = next(i for i in open_sheets(world) if i.holder_id == world.experts[0].id)
    rows = [{"case_id": case, "points": change.get("points", RUBRIC), "recommend": True}]
    payload = {"outcome": "submit", "rows": rows} | {k: v for k, v in change.items() if k != "points"}
    actor = world.experts[0]
    said = refusal(
        lambda: door.complete(world.session, item.id or 0, actor=actor, payload=payload, now=world.now)
    )
    assert said.endswith(sentence)


def test_negative_points_are_unusable(world: Bureau) -> None:
    """Refused by field, before any rule."""
    (case,) = drawn(world)
    item = next(i for i in open_sheets(world) if i.holder_id == world.experts[0].id)
    rows = [{"case_id": case, "points": RUBRIC | {"budget": "-1"}, "recommend": True}]
    with pytest.raises(Unusable) as error:
        door.complete(
            world.session,
            item.id or 0,
            actor=world.experts[0],
            payload={"outcome": "submit", "rows": rows},
            now=world.now,
        )
    assert error.value.reasons == ["评分第 1 行的budget：不能小于 0。"]


def test_a_sheet_is_its_experts_own(world: Bureau) -> None:
    """No expert fills another's sheet, and nobody sees it done by hand."""
    drawn(world)
    item = next(i for i in open_sheets(world) if i.holder_id == world.experts[0].id)
    actor = world.experts[1]
    said = refusal(
        lambda: door.complete(
            world.session, item.id or 0, actor=actor, payload={"outcome": "submit"}, now=world.now
        )
    )
    assert said == "该待办已由他人签收，只能由其本人办理。"


def test_too_few_scores_lead_to_a_new_panel(world: Bureau) -> None:
    """Three of five excuse themselves: void; a second panel scores, and only its sheets count."""
    (case,) = drawn(world)
    score(world, {case: 95}, only=2)
    void = (world.open_steps(), ranking(world))
    fresh_panel(world)
    score(world, {case: 80})
    panels = world.session.exec(select(PanelMember.panel_no, PanelMember.excused)).all()
    sheets = world.session.exec(select(Score.panel_no)).all()
    assert void == (["draw"], [(case, None, None, None)])
    assert ranking(world) == [(case, 1, "80.00", "recommended")]
    assert (sorted(panels), sorted(sheets)) == (
        [(1, False)] * 2 + [(1, True)] * 3 + [(2, False)] * 5,
        [1, 1, 2, 2, 2, 2, 2],
    )


def test_a_re_review_needs_a_reason_and_keeps_the_first_scores(world: Bureau) -> None:
    """复评 by a second panel; the first panel's sheets stay on record."""
    (case,) = drawn(world)
    score(world, {case: 65})
    silent = refusal(lambda: world.do("confirm_ranking", "re_review"))
    world.do("confirm_ranking", "re_review", comment="专家意见分歧大")
    stale = refusal(world.seat_panel)
    fresh_panel(world)
    score(world, {case: 85})
    totals = world.session.exec(select(Score.panel_no, Score.total).distinct()).all()
    assert "已在本轮第1个专家组，复评由新的专家组进行" in stale
    assert (silent, ranking(world), sorted(totals)) == (
        "要求复评的，请在意见中写明理由。",
        [(case, 1, "85.00", "recommended")],
        [(1, "65.00"), (2, "85.00")],
    )


def test_a_site_visit_and_a_defence_can_reject(world: Bureau) -> None:
    """Failed on site, with the reason; the one not named passes."""
    cases = batch(world, 2)
    first, second = (case.id or 0 for case in cases)
    open_round(world)
    world.seat_panel()
    score(world, {first: 90, second: 80})
    world.do("confirm_ranking", "visit")
    failed = {"case_id": first, "passed": False}
    silent = refusal(lambda: world.do("site_visit", "done", rows=[failed]))
    stranger = refusal(lambda: world.do("site_visit", "done", rows=[{"case_id": 99, "passed": True}]))
    world.do("site_visit", "defence", rows=[failed | {"note": "场地与申报不符"}])
    world.do("defence", "done")
    world.settle()
    kept = world.session.exec(select(RoundEntry.case_id, RoundEntry.visit_passed)).all()
    assert (silent, stranger) == (
        "项目“示例汽车电子控制单元研发”不合格的，请写明原因。",
        "项目 99 不在本评审组。",
    )
    assert (sorted(kept, key=lambda row: row[0]), statuses(cases)) == (
        [(first, False), (second, None)],
        ["declined", "proposed"],
    )


def test_another_units_application_is_not_visible_to_the_unit(world: Bureau) -> None:
    """Two units in one group: each sees its own case only."""
    first, _ = batch(world, 2)
    applicant: Account = world.accounts["applicant"]
    assert refusal(lambda: case_view(world.session, first.id or 0, applicant)).startswith("只能查看本单位")
