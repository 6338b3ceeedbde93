"""Rules as data: each edit with its clause and day, a version of its own, four eyes, and its price beforehand."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from engine import policy
from engine.catalogue.directions import get_direction
from engine.catalogue.editions import apply_due, direction_at, direction_versions
from engine.change import approving, rules
from engine.change.counterfactual import counterfactual
from engine.change.models import ChangeProposal
from engine.clock import local_day
from engine.errors import Conflict, Refused, Unusable
from engine.people.models import Account
from optimizer import embedding
from tests.walks import file_application
from tests.worlds import Bureau

GROUND: dict[str, Any] = {"clause": "局务会〔2024〕3号", "note": "按会议决定"}


def change_policy(world: Bureau, key: str, value: object, day: date | None = None) -> ChangeProposal:
    """The admin proposes a value."""
    return rules.propose_policy(
        world.session,
        key,
        value,
        effective_from=day or local_day(world.now),
        actor=world.accounts["admin"],
        now=world.now,
        **GROUND,
    )


def change_direction(
    world: Bureau, direction: str, day: date | None = None, **changes: Any
) -> ChangeProposal:
    """The admin proposes other rules."""
    return rules.propose_direction(
        world.session,
        direction,
        changes,
        effective_from=day or local_day(world.now),
        actor=world.accounts["admin"],
        now=world.now,
        **GROUND,
    )


def test_a_policy_takes_effect_on_its_day(world: Bureau, second: Account) -> None:
    """Before that day the old value stays in force."""
    day = local_day(world.now) + timedelta(days=10)
    proposal = change_policy(world, "limit_intake", 7, day)
    approving.approve(world.session, proposal.id or 0, actor=second, now=world.now)
    on = [policy.value(world.session, "limit_intake", at) for at in (day - timedelta(days=1), day)]
    assert on == [5, 7]
    assert policy.versions(world.session, "limit_intake")[-1].clause == "局务会〔2024〕3号"


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [([60, 30], "合计 100；现合计 90"), ([100, 0], "权重应为正整数"), ([], "没有评分维度")],
)
def test_a_rubric_weighs_a_hundred(world: Bureau, weights: list[int], sentence: str) -> None:
    """Anything else is refused in words."""
    value = policy.value(world.session, "rubric_rd", local_day(world.now))
    dimensions = [{"key": f"d{n}", "title": f"维度{n}", "weight": w} for n, w in enumerate(weights)]
    with pytest.raises(Unusable, match=sentence):
        change_policy(world, "rubric_rd", value | {"dimensions": dimensions})


@pytest.mark.skipif(embedding.available(), reason="the extra is installed here")
@pytest.mark.parametrize(
    ("part", "value", "sentence"),
    [
        ("text", "much", "五项"),
        ("domain", "-1", "五项"),
        ("prefixes", {"3": "2"}, "五项"),
        ("embedding", "0.3", "没有安装语义模型"),
    ],
)
def test_weights_of_the_fit_are_those_a_draw_can_use(
    world: Bureau, part: str, value: object, sentence: str
) -> None:
    """No number, below 0, worth more than all, a model that is not there: said when it is proposed."""
    table = policy.value(world.session, "fit_weights", local_day(world.now))
    with pytest.raises(Unusable, match=sentence):
        change_policy(world, "fit_weights", table | {part: value})


def test_nothing_is_changed_backwards(world: Bureau) -> None:
    """Rules do not reach into the past."""
    with pytest.raises(Unusable, match="规则不溯及既往"):
        change_policy(world, "limit_intake", 7, local_day(world.now) - timedelta(days=1))


def test_a_second_proposal_waits_for_the_first(world: Bureau) -> None:
    """Two edits of one thing would not know of each other."""
    change_policy(world, "limit_intake", 7)
    with pytest.raises(Refused, match="正在等待批准"):
        change_policy(world, "limit_intake", 8)


def test_a_direction_changes_on_its_day_and_keeps_its_versions(world: Bureau, second: Account) -> None:
    """Version 1 is what was before; the daily job puts version 2 in force; the past stays derivable."""
    session, day = world.session, local_day(world.now) + timedelta(days=5)
    old = get_direction(session, "T1-D1")
    proposal = change_direction(world, "T1-D1", day, rule={"rate": "0.25"}, quota=4)
    approving.approve(session, proposal.id or 0, actor=second, now=world.now)
    assert get_direction(session, "T1-D1") == old
    later = world.now + timedelta(days=5)
    apply_due(session, local_day(later), later)
    new = get_direction(session, "T1-D1")
    assert (str(new.rule.rate), new.quota, new.rule.cap_yuan) == ("0.25", 4, old.rule.cap_yuan)
    assert [direction_at(session, "T1-D1", at) for at in (world.now, later)] == [old, new]
    assert [row.version for row in direction_versions(session, "T1-D1")] == [1, 2]


def test_what_names_a_direction_is_not_changed(world: Bureau) -> None:
    """Another code is another direction."""
    with pytest.raises(Unusable, match="code 是方向的身份"):
        change_direction(world, "T1-D1", code="T1-D2")


def test_a_rule_that_cannot_be_read_is_refused(world: Bureau) -> None:
    """By the field's name."""
    with pytest.raises(Unusable, match=r"rule\.rate"):
        change_direction(world, "T1-D1", rule={"rate": "2"})


def test_a_proposal_overtaken_by_another_change_is_refused(world: Bureau, second: Account) -> None:
    """What it was compared with is no longer in force."""
    proposal = change_policy(world, "limit_intake", 7)
    policy.set_policy(
        world.session, "limit_intake", 6, effective_from=local_day(world.now), clause="另行通知"
    )
    with pytest.raises(Conflict, match="该参数已有新值"):
        approving.approve(world.session, proposal.id or 0, actor=second, now=world.now)


def test_a_counterfactual_says_which_cases_change_and_by_how_much(session: Session, world: Bureau) -> None:
    """25 percent instead of 20 on a case whose base follows from what it asked for; nothing is written."""
    case = file_application(world, "T1-D1", requested_yuan="400000")
    found = counterfactual(session, "T1-D1", {"rule": {"rate": "0.25"}}, now=world.now)
    (row,) = found.changed
    assert (row.case_id, row.before_yuan, row.after_yuan) == (case.id, 400_000, 500_000)
    assert (found.before_total, found.after_total, found.delta_total) == (400_000, 500_000, 100_000)
    assert (found.budget_year, found.over_budget) == (2024, False)
    assert "算力费用由申请额反推" in row.assumed
    assert direction_versions(session, "T1-D1") == []


def test_a_lower_cap_shows_who_would_be_refused(session: Session, world: Bureau) -> None:
    """A case that asks for more than the edited cap is paid up to it."""
    file_application(world, "T1-D1", requested_yuan="400000")
    found = counterfactual(session, "T1-D1", {"rule": {"cap_yuan": 300_000}}, now=world.now)
    assert [(row.before_yuan, row.after_yuan) for row in found.rows] == [(400_000, 300_000)]
