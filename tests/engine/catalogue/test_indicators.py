"""Figures measured against indicators: alternatives, sums, nested minima, circumstances, bounds, years."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalogue.indicators import (
    Circumstances,
    Figures,
    Indicator,
    Status,
    declared_against_floor,
    evaluate_indicators,
)
from engine.errors import Unusable
from seed.catalogue import read_catalogue

CATALOGUE = {spec.code: spec for spec in read_catalogue()}


@dataclass(frozen=True)
class Asked:
    """A direction reduced to what the measure reads."""

    indicators: tuple[Indicator, ...]
    indicators_min_met: int | None = None


def status_of(code: str, kind: str, figures: Figures, circumstances: Circumstances | None = None) -> Status:
    """The verdict on the direction's indicators of a kind that apply."""
    results = evaluate_indicators(CATALOGUE[code], figures, circumstances or {})
    statuses = [r.status for r in results if r.indicator.kind == kind and r.status != "not_applicable"]
    return statuses[0] if statuses else "not_applicable"


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"invention_patent_granted": 1}, "met"),
        ({"utility_model_granted": 2}, "met"),
        ({"sci_paper": 1}, "met"),
        ({"enterprise_standard": 1}, "met"),
        ({"utility_model_granted": 1}, "undecided"),
        ({"invention_patent_applied": 9}, "undecided"),
    ],
)
def test_alternatives_have_their_own_counts(figures: Figures, expected: Status) -> None:
    """One patent or two utility models or one SCI paper; an application is not a grant."""
    assert status_of("D-D2", "result", figures) == expected


def test_no_alternative_reached_is_not_met() -> None:
    """With every figure given, falling short of each alternative is a plain no."""
    nothing = dict.fromkeys(
        [name for part in CATALOGUE["D-D2"].indicators[0].any_of for name in part.figures], 0
    )
    assert status_of("D-D2", "result", nothing | {"utility_model_granted": 1}) == "not_met"


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"senior_engineer": 1, "in_service_doctor": 1}, "met"),
        ({"senior_engineer": 1, "in_service_master": 0, "in_service_doctor": 0}, "not_met"),
        ({"senior_engineer": 1}, "undecided"),
    ],
)
def test_people_are_summed_over_kinds(figures: Figures, expected: Status) -> None:
    """Two of any kind together suffice; what is not told may still make them up."""
    assert status_of("T2-D1-S1", "talent", figures) == expected


@pytest.mark.parametrize(
    ("applied", "granted", "expected"), [(3, 1, "met"), (3, 0, "not_met"), (2, 1, "not_met")]
)
def test_three_patents_of_which_one_granted(applied: int, granted: int, expected: Status) -> None:
    """Both the total and the part have their floor."""
    figures = {"invention_patent_applied": applied, "invention_patent_granted": granted}
    assert status_of("T2-D4-S1", "invention_patent_applied", figures) == expected


@pytest.mark.parametrize(
    ("products", "expected"),
    [({"component"}, "met"), ({"whole_machine"}, "not_met"), ({"whole_machine", "component"}, "not_met")],
)
def test_the_floor_depends_on_the_product(products: set[str], expected: Status) -> None:
    """Ten million suffices for a component, not for a whole machine."""
    assert (
        status_of(
            "T2-D5-S1",
            "new_product_output_value",
            {"new_product_output_value": 10_000_000},
            {"product": products},
        )
        == expected
    )


def test_an_unknown_circumstance_is_asked_for() -> None:
    """Nobody said whether it is a whole machine."""
    results = evaluate_indicators(CATALOGUE["T2-D5-S1"], {"new_product_output_value": 10**9}, {})
    assert ("product",) in [result.missing for result in results]


@pytest.mark.parametrize(("nm", "expected"), [("440", "met"), ("460", "met"), ("460.1", "not_met")])
def test_both_bounds_hold(nm: str, expected: Status) -> None:
    """450±10 includes its ends and nothing beyond."""
    assert status_of("T2-D4-S1", "blue_wavelength", {"blue_wavelength": Decimal(nm)}) == expected


@pytest.mark.parametrize(("share", "expected"), [("0.005", "not_met"), ("0.0049", "met")])
def test_a_strict_bound_excludes_its_end(share: str, expected: Status) -> None:
    """＜0.005% is not ≤0.005%."""
    assert status_of("T2-D3-S2", "rod_total_oxygen", {"rod_total_oxygen": Decimal(share)}) == expected


def test_a_yearly_figure_holds_in_every_year_and_a_period_figure_in_total() -> None:
    """Weak years break 每年 and are made up for in 实施期间."""
    years = [Decimal(50_000_000), Decimal(10_000_000)]
    yearly = status_of("T2-D4-S1", "new_revenue", {"new_revenue": years})
    period = status_of("T2-D1-S7", "new_revenue", {"new_revenue": years})
    assert (yearly, period) == ("not_met", "met")


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"new_technology": 1, "demonstration_scene": 1, "invention_patent_applied": 1}, "met"),
        ({"new_technology": 1, "demonstration_scene": 1, "benefit": True}, "met"),
        ({"new_technology": 1, "demonstration_scene": 1, "benefit": False}, "undecided"),
        ({"invention_patent_applied": 0, "benefit": False, "new_technology": 1}, "undecided"),
    ],
)
def test_three_of_five_suffice(figures: Figures, expected: Status) -> None:
    """E-D3-S1 asks for three of its indicators, whichever they are."""
    assert declared_against_floor(CATALOGUE["E-D3-S1"], figures, {}).status == expected


def test_platform_figures_depend_on_the_unit() -> None:
    """An enterprise owes new income, an institute a patent and a core paper."""
    figures = {"new_sales_revenue": 1_000_000, "core_paper": 0}
    enterprise = status_of("B-D1", "new_income", figures, {"applicant": {"enterprise"}})
    institute = status_of("B-D1", "core_paper", figures, {"applicant": {"research_institute"}})
    paper = status_of("B-D1", "core_paper", figures, {"applicant": {"enterprise"}})
    assert (enterprise, institute, paper) == ("met", "not_met", "not_applicable")


def test_a_direction_without_indicators_is_not_measured() -> None:
    """T3-D1-S1 states none."""
    assert declared_against_floor(CATALOGUE["T3-D1-S1"], {}, {}).status == "not_applicable"


@pytest.mark.parametrize(
    ("kind", "figure", "words"), [("paper", True, "是数值"), ("self_set_technical", 3, "由人判断")]
)
def test_a_figure_of_the_wrong_sort_is_refused(kind: str, figure: int, words: str) -> None:
    """Yes is not a number of papers, and three is no judgement."""
    with pytest.raises(Unusable, match=words):
        evaluate_indicators(CATALOGUE["T2-D1-S1"], {kind: figure}, {})


KINDS = ("a", "b", "c")
bounds = st.fixed_dictionaries({"min": st.integers(0, 3)}, optional={"max": st.integers(0, 3)})
plain = st.builds(lambda kind, b: Indicator(kind=kind, text="figure", **b), st.sampled_from(KINDS), bounds)
sums = st.builds(
    lambda parts, b: Indicator(kind="total", text="sum", sum_of=tuple(sorted(parts)), **b),
    st.sets(st.sampled_from(KINDS), min_size=2),
    bounds,
)
trees = st.recursive(
    plain | sums,
    lambda inner: st.builds(
        lambda shape, parts: Indicator(kind="joined", text="joined", **{shape: tuple(parts)}),
        st.sampled_from(("any_of", "all_of")),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=5,
)


def brute(indicator: Indicator, figures: dict[str, int]) -> bool:
    """The plain two-valued reading, for figures that are all known."""
    if indicator.any_of:
        return any(brute(part, figures) for part in indicator.any_of)
    if indicator.all_of:
        return all(brute(part, figures) for part in indicator.all_of)
    amount = sum(figures[name] for name in indicator.sum_of or (indicator.kind,))
    return (indicator.min or 0) <= amount <= (99 if indicator.max is None else indicator.max)


@given(trees, st.fixed_dictionaries({kind: st.integers(0, 4) for kind in KINDS}))
def test_with_every_figure_known_it_is_ordinary_logic(indicator: Indicator, figures: dict[str, int]) -> None:
    """Nothing is undecided, and the verdict is the brute one."""
    status = declared_against_floor(Asked((indicator,)), figures, {}).status
    assert status == ("met" if brute(indicator, figures) else "not_met")


@settings(max_examples=60)
@given(trees, st.dictionaries(st.sampled_from(KINDS), st.integers(0, 4)))
def test_a_verdict_on_partial_figures_survives_whatever_comes(
    indicator: Indicator, known: dict[str, int]
) -> None:
    """Met stays met and not met stays not met under every completion."""
    status = declared_against_floor(Asked((indicator,)), known, {}).status
    completions = [dict(zip(KINDS, rest, strict=True)) | known for rest in product(range(5), repeat=3)]
    outcomes = {brute(indicator, figures) for figures in completions}
    assert status != "met" or outcomes == {True}
    assert status != "not_met" or outcomes == {False}


@given(
    st.lists(plain, min_size=1, max_size=5),
    st.integers(1, 5),
    st.fixed_dictionaries({kind: st.integers(0, 4) for kind in KINDS}),
)
def test_at_least_so_many_is_counting(
    indicators: list[Indicator], enough: int, figures: dict[str, int]
) -> None:
    """indicators_min_met counts the indicators that hold."""
    status = declared_against_floor(Asked(tuple(indicators), enough), figures, {}).status
    holds = sum(brute(indicator, figures) for indicator in indicators) >= enough
    assert status == ("met" if holds else "not_met")
