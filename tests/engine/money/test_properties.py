"""What holds for every amount: never negative, never above a bound, monotone, tranches sum exactly."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.catalogue.spec import DirectionSpec
from engine.money.amounts import half_up, split
from tests.engine.money.worlds import (
    AI_COMPUTE,
    COOPERATION,
    FIFTH_WITH_RATIO,
    FLOOR_AND_SHARE,
    FOUR_TO_ONE,
    MAJOR,
    TENTH_TO_100K,
    TENTH_TO_300K,
    UNFUNDED,
    answer,
)

FEN = st.one_of(st.integers(0, 10**8), st.integers(0, 10**12)).map(lambda fen: Decimal(fen).scaleb(-2))
RATED = st.sampled_from([AI_COMPUTE, TENTH_TO_300K, TENTH_TO_100K, FIFTH_WITH_RATIO])
ANY = st.sampled_from(
    [
        AI_COMPUTE,
        TENTH_TO_300K,
        TENTH_TO_100K,
        FIFTH_WITH_RATIO,
        FOUR_TO_ONE,
        FLOOR_AND_SHARE,
        COOPERATION,
        MAJOR,
        UNFUNDED,
    ]
)


@st.composite
def shares(draw: st.DrawFn) -> list[Decimal]:
    """Percentages with up to two decimals that sum to exactly 100."""
    cuts = draw(st.lists(st.integers(0, 10_000), max_size=6))
    edges = [0, *sorted(cuts), 10_000]
    return [Decimal(end - start).scaleb(-2) for start, end in pairwise(edges)]


def _paid(spec: DirectionSpec, base: Decimal, **facts: Any) -> int:
    found = answer(spec, "payment", acceptance="passed", **{spec.rule.basis: base}, **facts)
    assert isinstance(found, int)
    return found


@given(RATED, FEN, FEN)
def test_a_rate_never_passes_its_bounds_and_is_the_rate_below_them(
    spec: DirectionSpec, base: Decimal, approved: Decimal
) -> None:
    """The smallest of the rounded rate, the cap and the approval, exactly."""
    rate = Fraction(spec.rule.rate or 0)
    exact = min(half_up(rate * Fraction(base)), spec.rule.cap_yuan or 0, int(approved))

    assert _paid(spec, base, approved=approved) == exact
    assert exact >= 0


@given(RATED, FEN, FEN)
def test_a_larger_base_never_pays_less(spec: DirectionSpec, one: Decimal, other: Decimal) -> None:
    """Monotone in the verified base."""
    assert _paid(spec, min(one, other)) <= _paid(spec, max(one, other))


@given(st.integers(0, 10**12), shares())
def test_tranches_sum_exactly_and_none_is_negative(total: int, percents: list[Decimal]) -> None:
    """The last tranche is the remainder."""
    parts = split(total, percents)

    assert sum(parts) == total
    assert min(parts) >= 0
    assert len(parts) == len(percents)


@given(st.integers(800_000, 10**10), shares())
def test_all_tranches_paid_one_after_the_other_are_the_approved_amount(
    approved: int, percents: list[Decimal]
) -> None:
    """Through the rule itself, with what was already paid stated each time."""
    paid = 0
    facts = {"approved": approved, "tranche_percent": percents, "milestones": ["passed"] * len(percents)}
    for nth in range(1, len(percents) + 1):
        found = answer(MAJOR, "payment", **facts, pay_tranche=nth, already_paid=paid)
        assert isinstance(found, int)
        paid += found

    assert paid == approved


@given(FEN, FEN, FEN)
def test_a_share_of_the_verified_total_is_never_passed_nor_the_floor_undercut(
    approved: Decimal, one: Decimal, other: Decimal
) -> None:
    """A payment lies between the floor and the exact share, and grows with the verified total."""
    found = [
        answer(
            FLOOR_AND_SHARE,
            "payment",
            acceptance="passed",
            approved=approved,
            total_investment_verified=total,
        )
        for total in sorted((one, other))
    ]

    for amount, total in zip(found, sorted((one, other)), strict=True):
        if isinstance(amount, int):
            assert 100_000 <= amount <= min(Fraction(approved), Fraction(total) / 5)
    assert not (isinstance(found[0], int) and isinstance(found[1], int)) or found[0] <= found[1]


@given(
    ANY,
    st.sampled_from(["application", "establishment", "payment"]),
    st.fixed_dictionaries(
        dict.fromkeys(
            [
                "requested",
                "approved",
                "self_raised",
                "self_raised_planned",
                "verified_self_raised",
                "total_investment",
                "total_investment_verified",
                "ai_compute_contracted",
                "ai_compute_paid",
                "cooperation_due",
                "cooperation_paid",
            ],
            FEN,
        )
    ),
)
def test_no_answer_is_negative_or_above_cap_or_approval(
    spec: DirectionSpec, stage: Any, facts: dict[str, Decimal]
) -> None:
    """Whatever is stated, at every stage and for every shape."""
    contract = {"tranche_percent": [60, 40], "milestones": ["passed"] * 2, "pay_tranche": 1}

    found = answer(spec, stage, acceptance="passed", **facts, **contract)

    if isinstance(found, int):
        assert 0 <= found <= (spec.rule.cap_yuan if spec.rule.cap_yuan is not None else found)
        assert found <= facts["requested" if stage == "application" else "approved"]


@given(FEN, FEN)
def test_four_to_one_is_exact(requested: Decimal, raised: Decimal) -> None:
    """Admitted exactly when four times the request is raised, to the fen."""
    found = answer(FOUR_TO_ONE, "application", requested=requested, self_raised=raised)

    expected: int | str = int(requested) if raised >= 4 * requested else "ratio_below_minimum"
    assert found == (expected if requested <= 200_000 else "above_cap")
