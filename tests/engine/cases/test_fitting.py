"""Which directions a unit may apply for, and why not the others."""

from engine.cases.fitting import Fit, Profile, directions_for, keep_profile
from tests.worlds import Bureau


def fits(world: Bureau) -> dict[str, Fit]:
    """Every direction's fit for the world's enterprise."""
    return {one.spec.code: one for one in directions_for(world.session, world.unit, world.now)}


def test_an_enterprise_is_told_which_directions_are_for_others(world: Bureau) -> None:
    """Refused with the guide's line; open where something about the unit is unknown; the rest fit."""
    nothing = Profile(recognitions=())
    keep_profile(world.session, world.unit.id or 0, nothing, actor=world.accounts["applicant"], now=world.now)
    found = fits(world)
    refused = {code: one.refused for code, one in found.items() if one.kind == "refused"}
    assert (len(found), {one.kind for one in found.values()}) == (67, {"fits", "open", "refused"})
    assert [(ground.reason, ground.clause) for ground in refused["A-D1"]] == [
        ("未见2023年的高新技术企业或瞪羚企业认定。", found["A-D1"].refused[0].clause)
    ]
    assert found["A-D1"].refused[0].clause.startswith("指南第 ")


def test_what_the_unit_says_about_itself_settles_what_was_open(world: Bureau) -> None:
    """Research spending unknown is open, enough of it fits, too little is a refusal with its reason."""
    applicant, unit = world.accounts["applicant"], world.unit.id or 0
    before = fits(world)["T1-D1"].kind
    keep_profile(world.session, unit, Profile(last_year_rd_yuan="9000000"), actor=applicant, now=world.now)
    enough = fits(world)["T1-D1"].kind
    keep_profile(world.session, unit, Profile(last_year_rd_yuan="1000"), actor=applicant, now=world.now)
    assert (before, enough, fits(world)["T1-D1"].kind) == ("open", "fits", "refused")


def test_a_unit_registered_elsewhere_may_not_apply(world: Bureau) -> None:
    """Every direction is refused for the same reason."""
    world.unit.registered_in_city = False
    assert {one.kind for one in fits(world).values()} == {"refused"}
