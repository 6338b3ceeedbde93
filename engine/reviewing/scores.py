"""From scores to a ranking (汇总排序): pure, exact, and every step kept as a trace.

Thresholds are policy values, given by the caller: how many valid scores make a review valid, from how many the
highest and the lowest are dropped, what spread asks for another look, and the lines.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class Sheet:
    """One expert's score of one application: points by dimension key, and whether they would fund it."""

    case_id: int
    account_id: int
    points: Mapping[str, Decimal]
    recommend: bool
    quarantined: bool = False
    """Kept and shown, but not counted: the expert's conflict was learned after review had begun."""
    veto: bool = False
    """One vote that rejects, with its reason written (一票否决)."""

    @property
    def total(self) -> Decimal:
        """The sum of the points."""
        return sum(self.points.values(), Decimal(0))


@dataclass(frozen=True)
class Standing:
    """Where one application stands. `mean` is exact; `trace` says how it came about."""

    case_id: int
    mean: Fraction | None
    rank: int | None
    result: str
    tie_break: str
    trace: dict[str, Any]


def rank(
    sheets: Sequence[Sheet],
    cases: Sequence[int],
    policy: Mapping[str, Any],
    titles: Mapping[str, str] = MappingProxyType({}),
) -> list[Standing]:
    """Standings of the group's applications, best first.

    Ties in the exact mean are broken by the means of the policy's dimensions in its order. Where those are equal
    too the case number orders them for the time being, and the trace says that a vote is due (`tie` is `vote`).
    `titles` are the dimensions' names for people.
    Returns `void` as the result of an application with too few valid scores.
    """
    given = {case: [sheet for sheet in sheets if sheet.case_id == case] for case in cases}
    means = {case: _mean(group, policy) for case, group in given.items()}
    groups = {case: [sheet for sheet in group if not sheet.quarantined] for case, group in given.items()}
    order = list(policy["review_tie_break"])
    names = "、".join(titles.get(name, name) for name in order)

    def key(case: int) -> tuple[Any, ...]:
        mean = means[case][0]
        dimensions = tuple(-_dimension(groups[case], name) for name in order)
        return (mean is None, -(mean or 0), *dimensions, case)

    ranked = sorted(cases, key=key)
    places = {case: place for place, case in enumerate(ranked, start=1)}
    standings = []
    for case in ranked:
        mean, trace = means[case]
        tied = [other for other in cases if other != case and mean is not None and means[other][0] == mean]
        open_tie = any(key(other)[:-1] == key(case)[:-1] for other in tied)
        told = "并列，各分项也相同，由组长表决" if open_tie else f"并列，按{names}排定"
        standings.append(
            Standing(
                case_id=case,
                mean=mean,
                rank=places[case] if mean is not None else None,
                result=_result(mean, policy, vetoed="veto" in trace),
                tie_break=told if tied else "",
                trace=trace | ({"tie": "vote"} if open_tie else {}),
            )
        )
    return standings


def _mean(given: Sequence[Sheet], policy: Mapping[str, Any]) -> tuple[Fraction | None, dict[str, Any]]:
    group = [sheet for sheet in given if not sheet.quarantined]
    totals = sorted(sheet.total for sheet in group)
    trace: dict[str, Any] = {"scores": [str(total) for total in totals]}
    if len(group) < len(given):
        trace["quarantined"] = sorted(str(sheet.total) for sheet in given if sheet.quarantined)
    if len(totals) < policy["review_scores_valid_min"]:
        return None, trace | {
            "void": f"有效评分 {len(totals)} 份，少于 {policy['review_scores_valid_min']} 份"
        }
    kept = totals
    if len(totals) >= policy["review_trim_from"]:
        kept = totals[1:-1]
        trace |= {"dropped": [str(totals[0]), str(totals[-1])]}
    for_it = sum(sheet.recommend for sheet in group)
    spread = totals[-1] - totals[0]
    mean = Fraction(sum(kept, Decimal(0))) / len(kept)
    near = abs(mean - policy["review_line_fund"]) <= policy["review_split_margin"]
    split = 0 < for_it < len(group) and near and abs(2 * for_it - len(group)) <= 1
    vetoes = sum(sheet.veto for sheet in group)
    looks = {"dispersion": spread >= policy["review_dispersion"], "split": split, "veto": vetoes}
    return mean, trace | {"spread": str(spread), "recommend": for_it} | {k: v for k, v in looks.items() if v}


def _dimension(group: Sequence[Sheet], name: str) -> Fraction:
    points = [sheet.points.get(name, Decimal(0)) for sheet in group]
    return Fraction(sum(points, Decimal(0))) / len(points) if points else Fraction(0)


def _result(mean: Fraction | None, policy: Mapping[str, Any], *, vetoed: bool) -> str:
    if mean is None:
        return "void"
    if vetoed:
        return "rejected"
    if mean >= policy["review_line_fund"]:
        return "recommended"
    return "reserve" if mean >= policy["review_line_reserve"] else "rejected"


def wants_another_look(trace: Mapping[str, Any]) -> bool:
    """Whether the scores lie so far apart, or split so near the line, that a fresh panel should look (复评)."""
    return bool(trace.get("dispersion") or trace.get("split"))


def quota_places(standings: Sequence[Standing], quota: int | None) -> dict[int, dict[str, Any]]:
    """Where each application stands to the quota line (限额线): within it, on the reserve list, or out.

    The reserve list (候补) holds those recommended beyond the quota, then those between the two lines, in rank order.
    """
    places: dict[int, dict[str, Any]] = {}
    inside = reserve = 0
    for standing in standings:
        if standing.result == "recommended" and (quota is None or inside < quota):
            inside += 1
            places[standing.case_id] = {"line": "within", "order": inside, "quota": quota}
        elif standing.result in ("recommended", "reserve"):
            reserve += 1
            places[standing.case_id] = {"line": "reserve", "order": reserve, "quota": quota}
        else:
            places[standing.case_id] = {"line": "out", "order": None, "quota": quota}
    return places


def two_decimals(mean: Fraction) -> str:
    """An exact mean as a score sheet shows it: half-up to two decimals."""
    hundredths = (mean * 200 + 1) // 2
    return f"{hundredths // 100}.{hundredths % 100:02d}"
