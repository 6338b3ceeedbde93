"""Made-up applications (模拟申报): complete and eligible for any direction, to be spoilt on purpose by an actor."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from engine.catalogue.directions import belongs
from engine.catalogue.indicators import Indicator
from engine.catalogue.spec import DirectionSpec

ROUND = 10_000
"""Made-up amounts are whole 万元."""


DOMAINS = {
    "T1": "520",
    "T2-D1": "580",
    "T2-D2": "460",
    "T2-D3": "450",
    "T2-D4": "510",
    "T2-D5": "460",
    "T3-D1": "580",
    "T3-D2": "450",
    "T3-D3": "460",
    "T3-D4": "530",
    "T3-D5": "460",
    "T3-D6": "510",
    "T3-D7": "610",
    "A": "520",
    "B": "460",
    "C": "460",
    "D": "430",
    "D-D3": "320",
    "E-D1": "610",
    "E-D2": "550",
    "E-D3": "520",
    "E-D4": "320",
    "E-D4-S5": "350",
    "E-D5-S1": "320",
    "E-D5-S2": "360",
    "F": "210",
}
"""GB/T 13745 disciplines of made-up applications, by the beginning of their direction's code."""


def domain_of(code: str) -> str:
    """The discipline of a direction's made-up applications."""
    prefix = max((one for one in DOMAINS if belongs(code, one)), key=len, default="")
    return DOMAINS.get(prefix, "")


def complete_facts(spec: DirectionSpec, starts_on: date, share: Decimal = Decimal(1)) -> dict[str, Any]:
    """Facts that meet every hard condition, indicator and bound of a direction.

    `share` (0..1) is how much of what the direction admits is asked for.
    """
    requested = admitted_request(spec, share)
    total = planned_total(spec, requested)
    years = spec.duration_exact_years or min(spec.duration_max_years or 2, 2)
    return {
        "unit": unit_facts(spec),
        "leader": leader_facts(spec),
        "unit_sealed": True,
        "requested_yuan": str(requested),
        "total_investment_yuan": str(total),
        "self_raised_yuan": str(total - requested),
        "self_raised_fiscal_yuan": "0",
        "self_raised_committed": True,
        "starts_on": starts_on.isoformat(),
        "ends_on": date(starts_on.year + years, starts_on.month, starts_on.day).isoformat(),
        "project_kind": "scene",
        "site_city": next((c.city for c in spec.eligibility if c.kind == "site_in_city"), ""),
        "technical_field": next((c.any_of[0] for c in spec.eligibility if c.kind == "technical_field"), ""),
        "joint_units": [],
        "contracts_with": ["university_in_region", "university_outside_region"],
        "cooperation_funded": True,
        "products": circumstance_values(spec, "product"),
        "topics": circumstance_values(spec, "topic"),
        "indicators": indicator_figures(spec.indicators),
    }


def admitted_request(spec: DirectionSpec, share: Decimal) -> int:
    """An amount the direction admits: a share of its cap, or its floor and a little more; 0 where nothing is paid."""
    if spec.rule.basis == "none":
        return 0
    floor, cap = spec.rule.floor_yuan or 0, spec.rule.cap_yuan
    top = cap if cap is not None else 2 * floor
    return max(floor, ROUND, int(top * share) // ROUND * ROUND)


def planned_total(spec: DirectionSpec, requested: int) -> int:
    """A total investment large enough for the direction's minimum, share and ratio."""
    needs = [spec.min_total_investment_yuan or 0, 10 * requested, 10 * ROUND]
    if spec.rule.cap_share_of_total_investment:
        needs.append(int(requested / spec.rule.cap_share_of_total_investment))
    return -(-max(needs) // ROUND) * ROUND


def unit_kind(spec: DirectionSpec) -> str:
    """A kind of unit the direction is open to."""
    for condition in spec.eligibility:
        if condition.kind == "unit_kind":
            return condition.any_of[0]
    medical = any(condition.kind == "ethics" for condition in spec.eligibility) or spec.rule.basis == "none"
    return "hospital" if medical else "enterprise"


def unit_facts(spec: DirectionSpec) -> dict[str, Any]:
    """A unit with every recognition and platform a condition may ask for."""
    years = {c.year for c in spec.eligibility if c.kind == "recognition"}
    platform_years = {c.recognised_year for c in spec.eligibility if c.kind == "platform"} or {2023}
    return {
        "kind": unit_kind(spec),
        "last_year_rd_yuan": "20000000",
        "recognitions": [{"kind": "high_tech_enterprise", "year": year} for year in sorted(years)],
        "platforms": [
            {"level": "national", "year": year or 2023, "name": "示例重点实验室"} for year in platform_years
        ],
        "applications_of_platform": 1,
        "innovation_centre": True,
        "dishonest": False,
        "overdue_acceptances": 0,
    }


def leader_facts(spec: DirectionSpec) -> dict[str, Any]:
    """A leader with the degree, talent class and title a condition may ask for."""
    talent_years = [c.year for c in spec.eligibility if c.kind == "pi_talent_class"]
    return {
        "birth_date": "1986-05-01",
        "degree": "doctor",
        "degree_on": "2021-09-01",
        "introduced_on": "2022-03-01",
        "talent_class": "C",
        "talent_year": talent_years[0] if talent_years else 2023,
        "titles": ["youth_top_talent"],
        "supervises_masters": True,
        "employed": True,
        "open_projects": 0,
        "like_grants": [],
        "dishonest": False,
    }


def circumstance_values(spec: DirectionSpec, name: str) -> list[str]:
    """Every value of a circumstance any indicator speaks of."""
    parts = (part for indicator in spec.indicators for part in indicator.walk())
    return sorted({part.when[name] for part in parts if part.when and name in part.when})


def indicator_figures(indicators: Iterable[Indicator]) -> dict[str, Any]:
    """A figure for everything the indicators read, on the right side of every bound."""
    figures: dict[str, Any] = {}
    for part in (part for indicator in indicators for part in indicator.walk()):
        for name in part.figures:
            figures[name] = True if part.qualitative else _better(figures.get(name), part)
    return figures


def _better(known: str | None, part: Indicator) -> str:
    """A figure inside the part's bounds; the larger of two lower bounds serves both."""
    step = Decimal("0.001")
    if part.min is not None:
        figure = Decimal(part.min)
    elif part.more_than is not None:
        figure = Decimal(part.more_than) + step
    elif part.max is not None:
        figure = Decimal(part.max)
    else:
        figure = Decimal(part.less_than or 0) - step
    return str(max(figure, Decimal(known)) if known is not None else figure)
