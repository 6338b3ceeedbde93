"""What an applicant sees while typing: the rules of the formal check, on whatever is filled in so far."""

from typing import Any

from engine.cases.filing import Application
from engine.cases.live import live_conditions, readable
from engine.cases.models import CaseFile
from tests.worlds import Bureau


def states(world: Bureau, case: CaseFile, **facts: Any) -> dict[str, str]:
    """The state of each condition on these facts."""
    item = world.item("fill", case)
    live = live_conditions(world.session, item, {"facts": facts}, world.now)
    return {one.key: one.state for one in live.conditions}


def test_nothing_entered_is_unknown_and_never_a_refusal(world: Bureau) -> None:
    """An empty form asks; the seal of the recommending unit comes later."""
    found = states(world, world.open("B-D1"))
    assert "unmet" not in found.values()
    assert (found["self_raised_ratio"], found["recommendation_sealed"]) == ("unknown", "later")


def test_a_ratio_turns_from_unmet_to_met(world: Bureau) -> None:
    """Red while the own money is too little, green from four to one on."""
    case = world.open("B-D1")
    short = states(world, case, requested_yuan="100000", self_raised_yuan="300000")
    enough = states(world, case, requested_yuan="100000", self_raised_yuan="400000")
    assert (short["self_raised_ratio"], enough["self_raised_ratio"]) == ("unmet", "met")


def test_every_condition_names_its_clause(world: Bureau) -> None:
    """A person can look up where each comes from."""
    item = world.item("fill", world.open("B-D1"))
    live = live_conditions(world.session, item, {}, world.now)
    assert [one.key for one in live.conditions if not one.clause] == []


def test_what_cannot_be_read_is_said_and_left_out() -> None:
    """One wrong number does not hide how the others stand."""
    facts = {"requested_yuan": "多少", "self_raised_yuan": "5", "unit": {"recognitions": [{"year": "x"}]}}
    form, said = readable(Application, {"facts": facts})
    assert (form.facts.requested_yuan, str(form.facts.self_raised_yuan)) == (None, "5")
    assert any("申请财政经费" in sentence for sentence in said)
