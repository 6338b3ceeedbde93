"""The 67 directions say what the guide says, irregular leaves included."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from engine.catalogue.indicators import Indicator
from engine.catalogue.spec import DirectionSpec, FundingRule, as_json
from engine.errors import Unusable
from seed.catalogue import read_catalogue

CATALOGUE = {spec.code: spec for spec in read_catalogue()}
VOCABULARY = [
    *["code", "path", "funding_mode", "payment_trigger", "rule", "quota", "min_total_investment_yuan"],
    *["self_raised_ratio_min", "duration_max_years", "duration_exact_years", "competitive", "procedure"],
    *["eligibility", "indicators", "indicators_min_met", "guide_lines"],
]


def indicator(code: str, kind: str) -> Indicator:
    """The direction's first indicator of a kind."""
    return next(one for one in CATALOGUE[code].indicators if one.kind == kind)


def codes(holds: object) -> set[str]:
    """The codes of the directions a predicate holds for."""
    assert callable(holds)
    return {code for code, spec in CATALOGUE.items() if holds(spec)}


def test_the_guide_has_67_leaves_in_nine_sections() -> None:
    """Every section has as many leaves as the guide prints."""
    sections = Counter(code.split("-")[0] for code in CATALOGUE)
    assert sections == {"T1": 2, "T2": 18, "T3": 15, "A": 1, "B": 1, "C": 1, "D": 4, "E": 17, "F": 8}


def test_every_direction_prints_the_published_vocabulary_in_order() -> None:
    """The JSON object has exactly the agreed keys, and money is never a float."""
    for spec in CATALOGUE.values():
        printed = as_json(spec)
        assert list(printed) == VOCABULARY
        assert not any(isinstance(value, float) for value in printed["rule"].values())


def test_the_lines_of_the_guide_are_in_order_and_disjoint() -> None:
    """No line of the guide belongs to two directions."""
    ranges = [spec.guide_lines for spec in CATALOGUE.values()]
    assert all(before[1] < after[0] for before, after in pairwise(ranges))
    assert (ranges[0], ranges[-1]) == ((4, 15), (784, 796))


def test_every_condition_stands_on_a_line_of_its_direction() -> None:
    """A condition names its line; only the preface of F-D4 stands outside a leaf."""
    outside = {
        (code, condition.guide_line)
        for code, spec in CATALOGUE.items()
        for condition in spec.eligibility
        if not spec.guide_lines[0] <= condition.guide_line <= spec.guide_lines[1]
    }
    assert outside == {(f"F-D4-S{n}", 743) for n in (1, 2, 3, 4)}


def test_modes_and_triggers_are_counted_apart() -> None:
    """44 post-subsidies, of which one is paid on cooperation payments; 18 by milestone; 5 unfunded."""
    counts = Counter((spec.funding_mode, spec.payment_trigger) for spec in CATALOGUE.values())
    assert counts == {
        ("post_subsidy", "acceptance"): 43,
        ("post_subsidy", "cooperation_payment"): 1,
        ("milestone", "milestone"): 18,
        ("unfunded", "none"): 5,
    }


RULES = {
    ("ai_compute_paid", "0.2", None, 500_000, None): 2,
    ("verified_self_raised", "0.1", None, 300_000, None): 15,
    ("verified_self_raised", "0.1", None, 100_000, None): 1,
    ("verified_self_raised", "0.2", None, 100_000, None): 1,
    ("application_ratio", None, None, 200_000, None): 20,
    ("application_ratio", None, None, 30_000, None): 1,
    ("application_ratio", None, None, 20_000, None): 1,
    ("total_investment", None, 100_000, None, "0.2"): 2,
    ("total_investment", None, None, 300_000, "0.2"): 1,
    ("minimum_only", None, 800_000, None, None): 18,
    ("none", None, None, None, None): 5,
}


def test_the_money_rules_are_the_guides() -> None:
    """Each shape of rule occurs as often as the guide states it."""
    assert Counter(tuple(as_json(spec)["rule"].values()) for spec in CATALOGUE.values()) == RULES


def test_seven_leaves_carry_a_quota() -> None:
    """立项不超过 is written seven times."""
    quotas = {code: spec.quota for code, spec in CATALOGUE.items() if spec.quota}
    assert quotas == {
        **{"A-D1": 50, "B-D1": 30, "C-D1": 10, "D-D1": 5, "D-D2": 10},
        **{"D-D3-S1": 20, "D-D3-S2": 20},
    }


def test_four_leaves_last_exactly_two_years_three_of_them_inside_the_indicators() -> None:
    """项目实施期为2年 hides in 考核指标; every other leaf says at most three."""
    assert codes(lambda spec: spec.duration_exact_years == 2) == {"A-D1", "C-D1", "D-D1", "D-D2"}
    assert len(codes(lambda spec: spec.duration_max_years == 3)) == 63


def test_the_platform_leaf_has_a_rate_and_a_ratio() -> None:
    """The rate stands in 补助方式 and the ratio and duration in 申报要求."""
    spec = CATALOGUE["B-D1"]
    assert spec.rule == FundingRule(basis="verified_self_raised", rate=Decimal("0.2"), cap_yuan=100_000)
    assert (spec.self_raised_ratio_min, spec.duration_max_years) == (4, 3)


def test_only_the_university_enterprise_leaf_pays_on_cooperation_payments() -> None:
    """校校企 is a post-subsidy whose money follows the enterprise's payment, not acceptance."""
    spec = CATALOGUE["C-D1"]
    assert (spec.funding_mode, spec.payment_trigger) == ("post_subsidy", "cooperation_payment")
    assert spec.procedure == "cooperation_subsidy"
    assert spec.rule.cap_share_of_total_investment == Decimal("0.2")


def test_the_unfunded_leaves_are_the_five_medical_ones() -> None:
    """E-D4 gives no municipal money; its projects live on the unit's own."""
    unfunded = codes(lambda spec: spec.funding_mode == "unfunded")
    assert unfunded == {f"E-D4-S{n}" for n in range(1, 6)}
    assert all(CATALOGUE[code].eligibility[0].kind == "own_fund_source" for code in unfunded)


def test_majors_need_eight_million() -> None:
    """The 18 milestone leaves, and only they, have a least total investment."""
    needing = codes(lambda spec: spec.min_total_investment_yuan == 8_000_000)
    assert needing == codes(lambda spec: spec.funding_mode == "milestone")


def test_titles_keep_the_guides_quotes_and_lose_outer_blanks() -> None:
    """Curly quotes, dashes and inner blanks stay."""
    assert CATALOGUE["T1-D1"].path == (
        "专题一：人工智能技术研发与应用",
        "方向1：“人工智能+”创新技术和创新应用场景研究",
    )
    assert CATALOGUE["T2-D2-S5"].title == "子方向5：20—22T挖掘机回转马达开发及应用"
    assert CATALOGUE["E-D5-S1"].title == "子方向1： 医疗器械、诊断试剂等医用材料技术研究与产品开发"


def test_preferences_are_soft() -> None:
    """优先, 鼓励 and 重点支持 never carry hard=true."""
    preferences = {"topic_preferred", "joint_bid_preferred", "pi_age_preferred"}
    hard = {c.kind for spec in CATALOGUE.values() for c in spec.eligibility if c.hard}
    soft = {c.kind for spec in CATALOGUE.values() for c in spec.eligibility if not c.hard}
    assert hard.isdisjoint(preferences)
    assert soft == {*preferences, "growth_prospect"}


def test_a_typing_error_in_the_guide_is_read_sensibly() -> None:
    """“1亿元万元” is one hundred million yuan, not ten thousand times that."""
    assert indicator("T2-D1-S2", "new_product_output_value").min == 100_000_000


def test_one_patent_or_two_utility_models_or_one_paper() -> None:
    """The alternatives of the talent leaves have different counts."""
    alternatives = {part.kind: part.min for part in indicator("D-D1", "result").any_of}
    assert alternatives == {
        "innovation": 1,
        "invention_patent_granted": 1,
        "utility_model_granted": 2,
        "technical_standard": 1,
        "sci_paper": 1,
    }


def test_two_people_are_counted_over_three_kinds() -> None:
    """培养高级工程师、在职硕士、在职博士共2人."""
    talent = indicator("T2-D1-S1", "talent")
    assert (talent.min, talent.sum_of) == (2, ("senior_engineer", "in_service_master", "in_service_doctor"))


def test_minima_nest() -> None:
    """Three patents of which one granted, three papers of which one in a core journal."""
    nested = {
        one.kind: (one.min, [(part.kind, part.min) for part in one.including])
        for one in CATALOGUE["T2-D1-S7"].indicators
        if one.including
    }
    assert nested == {
        "invention_patent_applied_or_granted": (3, [("invention_patent_granted", 1)]),
        "paper": (3, [("core_paper", 1)]),
    }


def test_wholes_and_components_have_their_own_floor() -> None:
    """机器人: 整机 20 million, 部件 10 million."""
    values = [one for one in CATALOGUE["T2-D5-S1"].indicators if one.when]
    assert [(dict(one.when or {}), one.min) for one in values] == [
        ({"product": "whole_machine"}, 20_000_000),
        ({"product": "component"}, 10_000_000),
    ]


def test_a_wavelength_has_both_bounds() -> None:
    """450±10 nm."""
    wavelength = indicator("T2-D4-S1", "blue_wavelength")
    assert (wavelength.min, wavelength.max, wavelength.unit) == (440, 460, "nm")


def test_five_figures_are_per_year() -> None:
    """每年 is not 实施期间."""
    yearly = {(code, i.kind) for code, s in CATALOGUE.items() for i in s.indicators if i.per == "year"}
    assert yearly == {
        ("T1-D2", "comprehensive_gain"),
        ("T2-D3-S1", "output_tonnes"),
        ("T2-D3-S1", "new_sales_revenue"),
        ("T2-D4-S1", "production_capacity"),
        ("T2-D4-S1", "new_revenue"),
    }


def test_only_the_smart_application_leaf_asks_for_three_of_its_indicators() -> None:
    """满足考核指标中的3项及以上 is written in 研究内容."""
    assert codes(lambda spec: spec.indicators_min_met is not None) == {"E-D3-S1"}
    spec = CATALOGUE["E-D3-S1"]
    assert (spec.indicators_min_met, len(spec.indicators)) == (3, 5)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("duration_max_years = 3", ""), "实施期限"),
        (('payment_trigger = "acceptance"', 'payment_trigger = "none"'), "不拨付"),
        (('code = "T1-D2"', 'code = "T1-D1"'), "twice"),
        (("guide_lines = [17, 27]", "guide_lines = [10, 27]"), "share lines"),
        (('basis = "ai_compute_paid"', 'basis = "guesswork"'), "T1-D1, rule.basis"),
        (("[[directions]]", "[[directions"), "cannot be read"),
    ],
)
def test_a_broken_file_is_refused_in_words(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    """The message names what is wrong, and where."""
    folder = Path(__file__).resolve().parents[2] / "seed" / "catalogue"
    source = (folder / "T1_artificial_intelligence.toml").read_text(encoding="utf-8")
    (tmp_path / "T1.toml").write_text(source.replace(*change), encoding="utf-8")
    with pytest.raises(Unusable, match=complaint):
        read_catalogue(tmp_path)


def test_a_specification_survives_its_json() -> None:
    """What is printed reads back as the same value."""
    again = [DirectionSpec.model_validate(as_json(spec)) for spec in CATALOGUE.values()]
    assert again == list(CATALOGUE.values())
