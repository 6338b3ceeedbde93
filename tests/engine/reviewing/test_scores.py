"""From scores to a ranking: trimmed means, exact ties, thresholds; the order of sheets never matters."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.reviewing.scores import Sheet, Standing, rank, two_decimals

POLICY: dict[str, Any] = {
    "review_scores_valid_min": 3,
    "review_trim_from": 5,
    "review_dispersion": 30,
    "review_split_margin": 3,
    "review_line_fund": 70,
    "review_line_reserve": 60,
    "review_tie_break": ["innovation", "feasibility"],
}
DIMENSIONS = ("innovation", "feasibility", "other")


def sheets(case: int, totals: Sequence[int], recommend: Sequence[bool] | None = None) -> list[Sheet]:
    """One sheet per total, all of it in a dimension no tie is broken by."""
    words = recommend or [True] * len(totals)
    return [
        Sheet(case, account, {"other": Decimal(total)}, word)
        for account, (total, word) in enumerate(zip(totals, words, strict=True))
    ]


def only(totals: Sequence[int], recommend: Sequence[bool] | None = None) -> Standing:
    """The standing of a single application."""
    return rank(sheets(1, totals, recommend), [1], POLICY)[0]


@pytest.mark.parametrize(
    ("totals", "mean", "dropped"),
    [
        ([60, 70, 80], Fraction(70), None),
        ([10, 80, 80, 80], Fraction(125, 2), None),
        ([10, 70, 80, 90, 100], Fraction(80), ["10", "100"]),
        ([70, 70, 70, 70, 100], Fraction(70), ["70", "100"]),
        ([70, 71, 71, 72, 72, 99], Fraction(143, 2), ["70", "99"]),
    ],
)
def test_highest_and_lowest_are_dropped_from_five_on(
    totals: list[int], mean: Fraction, dropped: list[str] | None
) -> None:
    """One sheet each, also when several are equally high or low."""
    standing = only(totals)
    assert (standing.mean, standing.trace.get("dropped")) == (mean, dropped)


@pytest.mark.parametrize(
    ("totals", "result"),
    [
        ([70, 70, 70], "recommended"),
        ([69, 70, 70], "reserve"),
        ([60, 60, 60], "reserve"),
        ([59, 60, 60], "rejected"),
        ([90, 90], "void"),
        ([], "void"),
    ],
)
def test_the_lines_are_compared_exactly(totals: list[int], result: str) -> None:
    """A third of a point below the line is below it; too few sheets decide nothing."""
    assert only(totals).result == result


def test_a_void_application_stands_last_without_a_rank() -> None:
    """It cannot be compared, however high its two scores are."""
    standings = rank([*sheets(1, [99, 99]), *sheets(2, [61, 61, 61])], [1, 2], POLICY)
    assert [(s.case_id, s.rank, s.result) for s in standings] == [(2, 1, "reserve"), (1, None, "void")]


def test_ties_are_broken_by_innovation_then_feasibility_then_number() -> None:
    """An equal mean in other parts: how the tie was broken is on record, and where only a vote can break it."""

    def parts(case: int, innovation: int, feasibility: int) -> list[Sheet]:
        rest = Decimal(80 - innovation - feasibility)
        points = dict(zip(DIMENSIONS, (Decimal(innovation), Decimal(feasibility), rest), strict=True))
        return [Sheet(case, account, points, True) for account in range(3)]

    everything = [*parts(1, 20, 20), *parts(2, 20, 20), *parts(3, 20, 25), *parts(4, 25, 0)]
    standings = rank(everything, [1, 2, 3, 4], POLICY)
    assert [(s.case_id, s.rank) for s in standings] == [(4, 1), (3, 2), (1, 3), (2, 4)]
    assert [s.tie_break for s in standings] == [
        *["并列，按innovation、feasibility排定"] * 2,
        *["并列，各分项也相同，由组长表决"] * 2,
    ]


@pytest.mark.parametrize(
    ("totals", "words", "looks"),
    [
        ([50, 65, 80], [True] * 3, ["dispersion"]),
        ([70, 70, 70, 71, 71], [True, True, True, False, False], ["split"]),
        ([70, 70, 70, 71, 71], [True, True, True, True, False], []),
        ([90, 90, 90, 91, 91], [True, True, True, False, False], []),
        ([70, 70, 70], [True] * 3, []),
    ],
)
def test_a_second_look_is_suggested(totals: list[int], words: list[bool], looks: list[str]) -> None:
    """Scores far apart, or a panel split three to two close to the line."""
    trace = only(totals, words).trace
    assert [name for name in ("dispersion", "split") if trace.get(name)] == looks


@pytest.mark.parametrize(
    ("mean", "text"),
    [
        (Fraction(200, 3), "66.67"),
        (Fraction(1, 200), "0.01"),
        (Fraction(80), "80.00"),
        (Fraction(1, 3), "0.33"),
    ],
)
def test_means_are_shown_half_up_to_two_decimals(mean: Fraction, text: str) -> None:
    """For the eye only: comparison uses the exact mean."""
    assert two_decimals(mean) == text


points = st.decimals(min_value=0, max_value=33, places=2)
one_sheet = st.tuples(st.tuples(points, points, points), st.booleans())
groups = st.lists(st.lists(one_sheet, max_size=7), min_size=1, max_size=4)


def drawn(group: list[list[Any]]) -> list[Sheet]:
    return [
        Sheet(case, account, dict(zip(DIMENSIONS, values, strict=True)), word)
        for case, rows in enumerate(group, start=1)
        for account, (values, word) in enumerate(rows)
    ]


@settings(max_examples=150, deadline=None)
@given(groups, st.randoms(use_true_random=False))
def test_the_order_of_sheets_and_cases_changes_nothing(group: list[list[Any]], random: Any) -> None:
    """The same sheets in any order give the same standings."""
    cases, everything = list(range(1, len(group) + 1)), drawn(group)
    expected = rank(everything, cases, POLICY)
    random.shuffle(everything)
    random.shuffle(cases)
    assert rank(everything, cases, POLICY) == expected


@settings(max_examples=150, deadline=None)
@given(groups)
def test_a_mean_lies_between_its_scores_and_ranks_follow_means(group: list[list[Any]]) -> None:
    """Never outside the sheets it comes from; ranks are 1..n without a gap, best mean first."""
    everything = drawn(group)
    standings = rank(everything, range(1, len(group) + 1), POLICY)
    for standing in standings:
        totals = [sheet.total for sheet in everything if sheet.case_id == standing.case_id]
        assert standing.mean is None or min(totals) <= standing.mean <= max(totals)
    means = [standing.mean for standing in standings if standing.mean is not None]
    assert means == sorted(means, reverse=True)
    assert [s.rank for s in standings] == [*range(1, len(means) + 1), *[None] * (len(standings) - len(means))]


def test_one_veto_rejects_whatever_the_mean() -> None:
    """The place in the order stays what the scores make it; the trace counts the vetoes."""
    for_it = sheets(1, [90, 91, 92])
    standing = rank([*for_it[:2], replace(for_it[2], recommend=False, veto=True)], [1], POLICY)[0]

    assert (standing.result, standing.rank, standing.trace["veto"]) == ("rejected", 1, 1)
