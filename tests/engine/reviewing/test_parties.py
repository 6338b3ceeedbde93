"""Who stands behind an application: the team and the legal representatives count where conflicts are concerned."""

from collections.abc import Iterable

import pytest
from sqlmodel import select

from engine.cases.models import CaseFile
from engine.clock import local_day
from engine.errors import Unusable
from engine.people.models import Expert, Organization
from engine.reviewing import posing
from tests.engine.reviewing.worlds import batch, open_round
from tests.walks import file_application
from tests.worlds import Bureau, refusal

HIM = {"name": "示例专家3", "unit": "示例大学3", "birth_year": 1980}


def join(case: CaseFile, *team: dict[str, object]) -> None:
    """These are the application's team."""
    case.facts = case.facts | {"team": list(team)}


def expert(world: Bureau, key: str = "person3") -> Expert:
    """Somebody of the pool, born in 1980."""
    found = world.session.exec(select(Expert).where(Expert.person_key == key)).one()
    found.birth_year = 1980
    return found


def found(world: Bureau, cases: Iterable[CaseFile], account: int, *rules: str) -> list[set[tuple[str, str]]]:
    """What these rules find on one expert today, application by application: rule and force."""
    posed = posing.pose(world.session, open_round(world), local_day(world.now))
    return [
        {(hit.rule, hit.force.value) for hit in posed.found.why(case.id or 0, account) if hit.rule in rules}
        for case in cases
    ]


def test_the_application_keeps_its_team(world: Bureau) -> None:
    """What was left empty is left out, and the rest of the facts stay what they were."""
    alone, case = file_application(world, "T3-D1-S1"), world.open("T3-D1-S1")
    team = [
        {"name": " 示例成员 ", "duty": "算法"},
        {"name": "示例专家", "unit": "示例大学1", "birth_year": "1980"},
    ]
    world.do(
        "fill", "submit", title="示例", leader_name="示例负责人", facts={"requested_yuan": "1"}, team=team
    )
    assert case.facts["team"] == [
        {"name": "示例成员", "unit": "", "duty": "算法"},
        {"name": "示例专家", "unit": "示例大学1", "birth_year": 1980, "duty": ""},
    ]
    assert "team" not in alone.facts


@pytest.mark.parametrize(
    ("team", "sentence"),
    [
        ([{"duty": "算法"}], "项目组成员（负责人以外）第 1 行的姓名：必填，请填写。"),
        ([{"name": "长" * 41}], "项目组成员（负责人以外）第 1 行的姓名：最多 40 个字。"),
        ([{"name": "甲", "birth_year": "八零"}], "项目组成员（负责人以外）第 1 行的出生年份：应为整数。"),
        ([{"name": "甲", "birth_year": "9" * 5000}], "项目组成员（负责人以外）第 1 行的出生年份：应为整数。"),
        ([{"name": "甲"}] * 31, "项目组成员（负责人以外）：最多 30 项。"),
    ],
)
def test_a_team_that_cannot_be_is_refused(world: Bureau, team: list[dict[str, str]], sentence: str) -> None:
    """One sentence, with its row."""
    world.open("T3-D1-S1")
    with pytest.raises(Unusable) as error:
        world.do("fill", "submit", title="示例", team=team)
    assert error.value.reasons == [sentence]


@pytest.mark.parametrize("unit", ["示例大学3", "示例 大学３"])
def test_an_expert_of_a_members_unit_may_not_sit(world: Bureau, unit: str) -> None:
    """Rule 1: whoever takes part brings the unit along, however wide its name was typed."""
    case = batch(world, 1)[0]
    join(case, {"name": "示例成员", "unit": unit})
    open_round(world)
    evidence = f"示例大学3是项目{case.id}“{case.title}”的成员所在单位"
    assert f"示例专家3现任职于示例大学3（起始日不详，至今），{evidence}" in refusal(world.seat_panel)


def test_a_members_unit_is_avoided_on_that_application_alone(world: Bureau) -> None:
    """It applies for nothing itself, so its people may read the others of the group."""
    cases, him = batch(world, 2), expert(world)
    join(cases[0], {"name": "示例成员", "unit": "示例大学3"})
    assert found(world, cases, him.account_id, "R01", "R08") == [{("R01", "hard")}, set()]


def test_a_member_is_kept_from_the_whole_group(world: Bureau) -> None:
    """Rule 7: name, unit and year of birth agree, so it is the same person, whose evidence names the application."""
    cases = batch(world, 2)
    join(cases[0], HIM)
    him = expert(world).account_id
    posed = posing.pose(world.session, open_round(world), local_day(world.now))
    told = [hit for case in cases for hit in posed.found.why(case.id or 0, him) if hit.rule == "R07"]
    evidence = f"专家示例专家3在同一评审组申报或参加了项目{cases[0].id}“{cases[0].title}”"
    assert [(hit.force.value, hit.evidence) for hit in told] == [("hard", evidence)] * 2


def test_a_namesake_is_to_be_declared(world: Bureau) -> None:
    """The same name and year of birth at another unit may be somebody else: asked, and not refused."""
    cases = batch(world, 2)
    join(cases[0], {"name": HIM["name"], "birth_year": 1980})
    him = expert(world).account_id
    assert found(world, cases, him, "R01", "R07", "R08") == [{("R07", "declare")}, {("R07", "declare")}]


def test_two_experts_of_one_name_are_never_guessed_between(world: Bureau) -> None:
    """Both agree with the member in all that is known: of each it is asked."""
    cases = batch(world, 1)
    join(cases[0], HIM)
    one, other = expert(world, "person3"), expert(world, "person4")
    other.organization_id = one.organization_id
    for account in world.experts:
        if account.id == other.account_id:
            account.name = str(HIM["name"])
    posed = posing.pose(world.session, open_round(world), local_day(world.now))
    forces = {
        (who.account_id, hit.force.value)
        for who in (one, other)
        for hit in posed.found.why(cases[0].id or 0, who.account_id)
        if hit.rule == "R07"
    }
    assert forces == {(one.account_id, "declare"), (other.account_id, "declare")}


def test_the_declaration_names_everybody(world: Bureau) -> None:
    """Kinship is on no register: leader, team and legal representative are named in one sentence."""
    case = batch(world, 1)[0]
    join(case, {"name": "示例成员甲"}, {"name": "示例成员乙", "unit": "没有登记的研究所"})
    world.unit.legal_representative = "示例法人"
    posed = posing.pose(world.session, open_round(world), local_day(world.now))
    said = [one for one in posed.unknowns(world.experts[0].id or 0, [case.id or 0]) if "身份标识" in one]
    assert said == [
        f"项目{case.id}“{case.title}”的负责人示例负责人，成员示例成员甲、示例成员乙，法定代表人示例法人"
        "未登记身份标识，与专家的关系无法核对，待声明"
    ]


def test_the_legal_representative_of_a_partner_may_be_an_expert(world: Bureau) -> None:
    """Rule 3 by name and unit only: likely, so it is asked."""
    cases, him = batch(world, 1), expert(world)
    join(cases[0], {"name": "示例成员", "unit": "示例大学3"})
    world.session.get_one(Organization, him.organization_id).legal_representative = "示例专家3"
    assert found(world, cases, him.account_id, "R03") == [{("R03", "declare")}]
