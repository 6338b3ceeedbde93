"""The formal check of one application: hard failures, missing data, preferences, and exact money."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.catalogue.eligibility import CheckItem, check_application, conclusion, required_facts
from engine.catalogue.facts import (
    ApplicationFacts,
    LeaderFacts,
    Platform,
    Recognition,
    UnitFacts,
    fact_at,
    years_later,
)
from engine.errors import Unusable
from engine.vocabulary import CheckVerdict
from seed.catalogue import read_catalogue

CATALOGUE = {spec.code: spec for spec in read_catalogue()}
POLICY: dict[str, object] = {"registration_city": "柳州市", "pi_open_project_cap": 2, "retirement_age": 60}
MET, NOT_MET = CheckVerdict.MET, CheckVerdict.NOT_MET
TO_CORRECT, NOT_APPLICABLE = CheckVerdict.TO_CORRECT, CheckVerdict.NOT_APPLICABLE

UNIT = UnitFacts(
    kind="enterprise",
    registered_city="柳州市",
    credit_code="91350100M000100Y43",
    last_year_rd_yuan=Decimal(5_000_000),
    recognitions=(Recognition(kind="high_tech_enterprise", year=2023),),
    platforms=(Platform(level="city", year=2023),),
    applications_in_direction=1,
    applications_of_platform=1,
    innovation_centre=True,
    dishonest=False,
    overdue_acceptances=0,
)
LEADER = LeaderFacts(
    birth_date=date(1985, 5, 1),
    degree="doctor",
    degree_on=date(2022, 6, 30),
    introduced_on=date(2022, 9, 1),
    talent_class="D",
    talent_year=2023,
    titles=("youth_top_talent",),
    supervises_masters=True,
    employed=True,
    open_projects=0,
    like_grants=(),
    dishonest=False,
)
GOOD = ApplicationFacts(
    submitted_on=date(2024, 4, 1),
    window_opens_on=date(2024, 3, 11),
    window_closes_on=date(2024, 4, 30),
    recommendation_sealed=True,
    unit_sealed=True,
    unit=UNIT,
    leader=LEADER,
    requested_yuan=Decimal(20_000),
    total_investment_yuan=Decimal(200_000),
    self_raised_yuan=Decimal(180_000),
    self_raised_fiscal_yuan=Decimal(0),
    self_raised_committed=True,
    starts_on=date(2024, 7, 1),
    ends_on=date(2026, 6, 30),
    project_kind="scene",
    site_city="柳州市",
    technical_field="新材料",
    joint_units=(),
    contracts_with=("university_in_region", "university_outside_region"),
    cooperation_funded=True,
)


def given(code: str, **changes: Any) -> dict[str, CheckItem]:
    """The checklist of the good application, changed in some facts."""
    unit, leader = changes.pop("unit", {}), changes.pop("leader", {})
    facts = GOOD.model_copy(
        update={
            **changes,
            "unit": UNIT.model_copy(update=unit),
            "leader": LEADER.model_copy(update=leader),
        }
    )
    return {item.rule: item for item in check_application(CATALOGUE[code], facts, POLICY)}


def verdict(rule: str, code: str, **changes: Any) -> CheckVerdict | None:
    """One item's verdict."""
    return given(code, **changes)[rule].verdict


@pytest.mark.parametrize("code", ["T1-D1", "A-D1", "C-D1", "D-D3-S1", "D-D3-S2", "E-D1-S1", "T3-D7"])
def test_a_sound_application_meets_every_hard_machine_item_outside_its_indicators(code: str) -> None:
    """What is left is for a person, or about figures nobody declared."""
    items = given(code).values()
    checked = [i for i in items if i.how == "machine" and i.hard and not i.rule.startswith("indicator")]
    assert {i.verdict for i in checked} <= {MET, NOT_APPLICABLE}


def test_an_item_carries_its_evidence_and_its_line() -> None:
    """The officer sees what was compared, why, and where the guide says it."""
    item = given("T1-D1", unit={"last_year_rd_yuan": Decimal(4_999_999)})["last_year_rd"]
    assert item == CheckItem(
        rule="last_year_rd",
        text="上年度研究经费投入不低于500万元",
        how="machine",
        hard=True,
        verdict=NOT_MET,
        reason="上年度研究经费投入 4,999,999 元，低于 5,000,000 元。",
        evidence={"unit.last_year_rd_yuan": "4999999"},
        guide_line=8,
    )


@pytest.mark.parametrize(
    ("code", "rule", "changes"),
    [
        ("T1-D1", "site_in_city", {"site_city": "桂林市"}),
        ("T1-D1", "unit_kind", {"unit": {"kind": "university"}}),
        (
            "A-D1",
            "recognition",
            {"unit": {"recognitions": (Recognition(kind="gazelle_enterprise", year=2022),)}},
        ),
        ("A-D1", "max_applications_per_unit", {"unit": {"applications_in_direction": 2}}),
        ("A-D1", "technical_field", {"technical_field": "餐饮"}),
        ("A-D1", "duration", {"ends_on": date(2027, 6, 30)}),
        ("B-D1", "platform", {"unit": {"platforms": (Platform(level="national", year=2022),)}}),
        ("B-D1", "max_applications_per_platform", {"unit": {"applications_of_platform": 2}}),
        ("C-D1", "cooperation_contracts", {"contracts_with": ("university_in_region",)}),
        ("C-D1", "innovation_centre", {"unit": {"innovation_centre": False}}),
        ("C-D1", "cooperation_funded", {"cooperation_funded": False}),
        ("C-D1", "requested_share", {"requested_yuan": Decimal(40_001)}),
        ("D-D1", "pi_talent_class", {"leader": {"talent_class": "none"}}),
        ("D-D1", "pi_talent_class", {"leader": {"talent_year": 2022}}),
        ("D-D1", "requested_floor", {"requested_yuan": Decimal(99_999)}),
        ("D-D2", "pi_title", {"leader": {"titles": ()}}),
        ("D-D3-S1", "pi_doctor_since", {"leader": {"degree": "master"}}),
        ("D-D3-S1", "pi_employed", {"leader": {"employed": False}}),
        ("D-D3-S1", "pi_before_retirement", {"leader": {"birth_date": date(1966, 6, 29)}}),
        ("D-D3-S1", "no_like_grant", {"leader": {"like_grants": (date(2021, 4, 2),)}}),
        ("D-D3-S1", "self_raised_not_fiscal", {"self_raised_fiscal_yuan": Decimal(1)}),
        ("D-D3-S2", "pi_masters_supervisor", {"leader": {"supervises_masters": False}}),
        ("D-D3-S2", "requested_cap", {"requested_yuan": Decimal(20_001)}),
        ("T2-D1-S1", "total_investment_minimum", {"total_investment_yuan": Decimal("7999999.99")}),
        ("E-D4-S1", "no_municipal_funding", {"requested_yuan": Decimal(1)}),
        ("T3-D7", "in_window", {"submitted_on": date(2024, 5, 1)}),
        ("T3-D7", "registered_in_city", {"unit": {"registered_city": "南宁市"}}),
        ("T3-D7", "not_dishonest", {"leader": {"dishonest": True}}),
        ("T3-D7", "no_overdue_acceptance", {"unit": {"overdue_acceptances": 1}}),
        ("T3-D7", "pi_open_projects", {"leader": {"open_projects": 2}}),
    ],
)
def test_a_hard_condition_refuses(code: str, rule: str, changes: dict[str, Any]) -> None:
    """The item is 不符合 and decides the whole check, with a reason."""
    items = given(code, **changes)
    assert items[rule].verdict is NOT_MET
    assert items[rule].reason
    assert conclusion(items.values()) is NOT_MET


@pytest.mark.parametrize(
    ("code", "rule", "changes", "words"),
    [
        ("T1-D1", "last_year_rd", {"unit": {"last_year_rd_yuan": None}}, "上年度研究经费投入"),
        ("T3-D7", "credit_code", {"unit": {"credit_code": "91350100M000100Y44"}}, "校验位"),
        ("T3-D7", "recommendation_sealed", {"recommendation_sealed": False}, "推荐单位盖章"),
        ("D-D3-S1", "joint_agreement", {"joint_units": ("云帆样例大学",)}, "合作协议"),
        ("D-D3-S1", "self_raised_in_full", {"self_raised_committed": None}, "足额到位承诺"),
        (
            "D-D3-S1",
            "pi_doctor_since",
            {"leader": {"degree_on": date(2020, 7, 1), "introduced_on": None}},
            "引进日期",
        ),
        ("D-D3-S1", "pi_before_retirement", {"leader": {"birth_date": None}}, "出生日期"),
    ],
)
def test_what_is_missing_is_asked_for(code: str, rule: str, changes: dict[str, Any], words: str) -> None:
    """The item is 需补正 and says what to supply."""
    item = given(code, **changes)[rule]
    assert item.verdict is TO_CORRECT
    assert words in item.reason


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("pi_age_preferred", {"leader": {"birth_date": date(1970, 1, 1)}}),
        ("pi_age_preferred", {"leader": {"birth_date": None}}),
        ("joint_bid_preferred", {"joint_units": ()}),
        ("joint_bid_preferred", {"joint_units": None}),
    ],
)
def test_a_preference_never_refuses(rule: str, changes: dict[str, Any]) -> None:
    """优先 and 鼓励: met or not applicable, whatever the facts."""
    item = given("A-D1", **changes)[rule]
    assert (item.hard, item.verdict) == (False, NOT_APPLICABLE)


def test_a_preference_in_the_applicants_favour_is_shown() -> None:
    """A leader of 45 counts as young until the 46th birthday."""
    assert verdict("pi_age_preferred", "A-D1", leader={"birth_date": date(1978, 4, 2)}) is MET
    assert verdict("pi_age_preferred", "A-D1", leader={"birth_date": date(1978, 4, 1)}) is NOT_APPLICABLE


def test_four_to_one_is_exact() -> None:
    """3.99999:1 fails and 4:1 passes."""
    asked = {"requested_yuan": Decimal(100_000)}
    assert verdict("self_raised_ratio", "E-D1-S1", self_raised_yuan=Decimal("399999"), **asked) is NOT_MET
    assert verdict("self_raised_ratio", "E-D1-S1", self_raised_yuan=Decimal("400000"), **asked) is MET


def test_only_scene_projects_are_bound_to_the_city() -> None:
    """A technology project of T1-D1 may be carried out elsewhere."""
    assert (
        verdict("site_in_city", "T1-D1", project_kind="technology_supply", site_city="桂林市")
        is NOT_APPLICABLE
    )


def test_two_years_may_be_written_in_two_ways() -> None:
    """To the anniversary or to the day before it, and not otherwise."""
    ends = [date(2026, 6, 29), date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 2)]
    verdicts = [verdict("duration", "A-D1", ends_on=day) for day in ends]
    assert verdicts == [NOT_MET, MET, MET, NOT_MET]


def test_declared_figures_are_held_against_the_guides_floor() -> None:
    """Too few papers fail; a direction's judgement stays with a person."""
    items = given("T2-D1-S1", indicators={"paper": Decimal(0)})
    assert items["indicator.5.paper"].verdict is NOT_MET
    assert (items["indicator.2.test_capability"].how, items["indicator.2.test_capability"].verdict) == (
        "manual",
        None,
    )


def test_where_three_of_five_suffice_no_single_indicator_decides() -> None:
    """E-D3-S1 passes with two of its indicators at zero."""
    figures = {
        "new_product": 1,
        "demonstration_scene": 1,
        "national_standard": 1,
        "invention_patent_applied": 0,
    }
    items = given("E-D3-S1", indicators={kind: Decimal(n) for kind, n in figures.items()})
    assert items["indicators_min_met"].verdict is MET
    assert not any(i.hard for rule, i in items.items() if rule.startswith("indicator."))


def test_the_guides_own_clause_replaces_general_practice() -> None:
    """D-D3 states the retirement age itself, so it is there once, with its line."""
    assert given("D-D3-S1")["pi_before_retirement"].guide_line == 433
    assert given("T3-D7")["pi_before_retirement"].guide_line is None


def test_the_conclusion_waits_for_the_manual_items() -> None:
    """Nothing failed and nothing is missing, but a person has not looked yet."""
    assert conclusion(given("T3-D7").values()) is None
    assert conclusion(i for i in given("T3-D7").values() if i.how == "machine") is MET


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_an_empty_application_is_sent_back_never_refused(code: str) -> None:
    """Nobody is refused for what was not told: every machine item asks, for every direction."""
    items = check_application(CATALOGUE[code], ApplicationFacts(), POLICY)
    assert NOT_MET not in {item.verdict for item in items}
    assert conclusion(items) is TO_CORRECT


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_form_can_be_built_of_the_required_facts(code: str) -> None:
    """Every fact has a title, and a place in the facts or among the indicators."""
    for fact in required_facts(CATALOGUE[code]):
        assert fact.title
        assert fact.rules
        if not fact.path.startswith("indicators."):
            fact_at(ApplicationFacts(), fact.path)


def test_a_missing_policy_row_is_named() -> None:
    """The administrator learns which row to add."""
    with pytest.raises(Unusable, match="retirement_age"):
        check_application(
            CATALOGUE["T3-D7"], GOOD, {k: v for k, v in POLICY.items() if k != "retirement_age"}
        )


def test_a_leap_day_moves_to_the_28th() -> None:
    """Three years after 29 February."""
    assert years_later(date(2024, 2, 29), 3) == date(2027, 2, 28)
