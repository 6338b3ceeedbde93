"""A what-if is refused at once where it cannot be: in words, with the evidence, before anything is solved."""

from typing import Any

import pytest
from sqlmodel import select

from engine.people.models import Expert
from engine.reviewing.models import Draw
from engine.reviewing.wishes import Wish
from tests.engine.reviewing.worlds import batch, open_round, prepare, widen_pool
from tests.worlds import Bureau, refusal


def waiting(world: Bureau, mode: str = "panel") -> int:
    """A round that waits for its draw."""
    batch(world, 1)
    widen_pool(world)
    return open_round(world, mode=mode).id or 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"panel_size_min": 0}, "“评审组人数下限”应为 3 到 999 的整数，现为“0”；请改正。"),
        ({"panel_size_min": 10**30}, "“评审组人数下限”应为 3 到 999 的整数"),
        ({"panel_unit_cap": 0}, "“评审组同一单位专家上限”应为 1 到 999 的整数"),
        ({"outside_share_min": "1/0"}, "“市外专家比例下限”应为 0 到 1 之间的分数或小数，如 1/3"),
        ({"outside_share_min": "1e9999999"}, "“市外专家比例下限”应为 0 到 1 之间"),
        ({"draw_pair_probability": "5"}, "“每位专家被抽中的最大概率”应为 0 到 1 之间"),
        ({"conflict_own_unit": "soft"}, "“本单位申报的回避方式（hard 整组，abstain 仅就该项目弃权）”应为"),
    ],
)
def test_a_condition_beyond_its_bounds_is_refused(
    world: Bureau, changes: dict[str, Any], sentence: str
) -> None:
    """With its name and what it may be; no draw is made of it."""
    round_id = waiting(world)
    said = refusal(lambda: prepare(world, round_id, Wish(changes=changes, reason="候选不足")))
    assert said.startswith(sentence)
    assert world.session.exec(select(Draw)).all() == []


def test_who_may_not_sit_cannot_be_pinned(world: Bureau) -> None:
    """A suspended expert, a stranger, an application that is not there, a name both pinned and left out."""
    round_id = waiting(world)
    barred, free = (one.id or 0 for one in world.experts[:2])
    world.session.exec(select(Expert).where(Expert.account_id == barred)).one().suspended = True
    world.session.flush()

    def said(**wish: Any) -> str:
        return refusal(lambda: prepare(world, round_id, Wish(reason="需要", **wish)))

    assert said(pins=((None, barred),)).startswith("不能指定：示例专家1应当回避或不能参加（失信")
    assert said(pins=((None, 999),)) == "账号 [999] 不在专家库；请从候选名单中选择。"
    assert said(pins=((999, free),)) == "项目 999 不在本次抽取之列；请从名单中选择。"
    assert said(pins=((None, free),), forbids=(free,)) == "示例专家2不能既指定又排除；请只选其一。"


def test_a_pin_by_letter_names_its_application(world: Bureau) -> None:
    """Each application has its own experts there."""
    round_id = waiting(world, mode="letter")
    wish = Wish(pins=((None, world.experts[0].id or 0),), reason="需要")
    said = refusal(lambda: prepare(world, round_id, wish))
    assert said == "通讯评审每个项目各有专家；指定专家请写明评哪个项目。"
