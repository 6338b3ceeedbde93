"""Application and establishment: what is admitted, at every bound of every rule shape."""

from typing import Any

import pytest

from engine.catalogue.spec import DirectionSpec
from engine.errors import Unusable
from engine.money.facts import Stage, check_facts
from engine.money.rules import Payable, decide
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

BOTH: tuple[Stage, Stage] = ("application", "establishment")
AMOUNT: dict[Stage, str] = {"application": "requested", "establishment": "approved"}

AT_THE_BOUNDS = [
    (AI_COMPUTE, 500_000, {}, 500_000),
    (AI_COMPUTE, "500000.01", {}, "above_cap"),
    (TENTH_TO_300K, 300_000, {}, 300_000),
    (TENTH_TO_300K, 300_001, {}, "above_cap"),
    (TENTH_TO_100K, 100_000, {}, 100_000),
    (TENTH_TO_100K, 100_001, {}, "above_cap"),
    (FIFTH_WITH_RATIO, 100_000, {"self_raised": 400_000}, 100_000),
    (FIFTH_WITH_RATIO, 100_000, {"self_raised": 399_999}, "ratio_below_minimum"),
    (FOUR_TO_ONE, 200_000, {"self_raised": 800_000}, 200_000),
    (FOUR_TO_ONE, 200_000, {"self_raised_planned": 800_000}, 200_000),
    (FOUR_TO_ONE, 100_000, {"self_raised": "399999.00"}, "ratio_below_minimum"),
    (FOUR_TO_ONE, 200_000, {"self_raised": "799999.99"}, "ratio_below_minimum"),
    (FOUR_TO_ONE, 200_001, {"self_raised": 900_000}, "above_cap"),
    (FLOOR_AND_SHARE, 100_000, {"total_investment": 500_000}, 100_000),
    (FLOOR_AND_SHARE, "99999.99", {"total_investment": 500_000}, "below_floor"),
    (FLOOR_AND_SHARE, 100_000, {"total_investment": "499999.99"}, "above_total_investment_share"),
    (FLOOR_AND_SHARE, 2_000_000, {"total_investment": 10_000_000}, 2_000_000),
    (COOPERATION, 300_000, {"total_investment": 1_500_000}, 300_000),
    (COOPERATION, 300_001, {"total_investment": 9_000_000}, "above_cap"),
    (COOPERATION, 300_000, {"total_investment": "1499999.99"}, "above_total_investment_share"),
    (MAJOR, 800_000, {"total_investment": 8_000_000}, 800_000),
    (MAJOR, 799_999, {"total_investment": 8_000_000}, "below_floor"),
    (MAJOR, 7_000_000, {"total_investment": 8_000_000}, 7_000_000),
    (MAJOR, 800_000, {"total_investment": "7999999.99"}, "total_investment_below_minimum"),
    (UNFUNDED, 0, {}, 0),
    (UNFUNDED, 1, {}, "no_municipal_funding"),
]


@pytest.mark.parametrize("stage", BOTH)
@pytest.mark.parametrize(("spec", "amount", "other", "expected"), AT_THE_BOUNDS)
def test_an_amount_is_admitted_as_it_stands_or_refused_by_name(
    stage: Stage, spec: DirectionSpec, amount: object, other: dict[str, Any], expected: object
) -> None:
    """A ceiling refuses a decision and never trims it; the same bounds hold at both stages."""
    assert answer(spec, stage, **{AMOUNT[stage]: amount}, **other) == expected


def test_a_rate_on_a_planned_base_is_an_expectation_not_a_bound() -> None:
    """300,000 asked for beside 2,000,000 planned is admitted; the derivation says that 200,000 is likely."""
    facts = check_facts({"requested": 300_000, "self_raised_planned": 2_000_000})

    decision = decide(TENTH_TO_300K, "application", facts)

    assert isinstance(decision, Payable)
    assert decision.amount_yuan == 300_000
    expected = next(step for step in decision.derivation if step.step == "expected")
    assert (expected.value_yuan, expected.bound) == (200_000, None)


def test_the_approval_not_the_request_is_held_to_the_bounds_at_establishment() -> None:
    """Too much was asked for; what is approved keeps within the cap."""
    assert answer(TENTH_TO_300K, "establishment", requested=900_000, approved=250_000) == 250_000


def test_a_request_without_another_decision_is_approved_as_it_stands() -> None:
    """Establishment without its own figure decides on the request."""
    assert answer(TENTH_TO_300K, "establishment", requested=250_000) == 250_000


def test_the_smaller_of_declared_and_committed_self_raised_money_counts() -> None:
    """A commitment that shrank below four to one is refused although the application kept the ratio."""
    facts = {"approved": 200_000, "self_raised": 800_000, "self_raised_planned": 700_000}

    assert answer(FOUR_TO_ONE, "establishment", **facts) == "ratio_below_minimum"


def test_fen_of_an_admitted_amount_are_cut_off() -> None:
    """Never more than what was asked for."""
    assert answer(TENTH_TO_300K, "application", requested="1234.99") == 1234


def test_public_money_called_self_raised_is_refused_where_self_raised_money_counts() -> None:
    """The unfunded directions are told to use left-over public money, so they are not asked."""
    facts = {"requested": 0, "self_raised": 800_000, "self_raised_from_fiscal": "0.01"}

    answers = [answer(spec, "application", **facts) for spec in (FOUR_TO_ONE, TENTH_TO_300K, UNFUNDED)]

    assert answers == ["self_raised_from_fiscal", "self_raised_from_fiscal", 0]


def test_task_book_shares_must_sum_to_exactly_a_hundred() -> None:
    """Shares agreed at establishment are checked there, to the last digit."""
    facts = {"approved": 800_000, "total_investment": 8_000_000}

    assert answer(MAJOR, "establishment", **facts, tranche_percent=["33.3", "33.3", "33.4"]) == 800_000
    assert (
        answer(MAJOR, "establishment", **facts, tranche_percent=["33.33", "33.33", "33.33"])
        == "tranches_do_not_sum"
    )


@pytest.mark.parametrize(
    ("spec", "facts", "missing"),
    [
        (TENTH_TO_300K, {}, ["requested"]),
        (TENTH_TO_300K, {"approved": 1}, ["requested"]),
        (FOUR_TO_ONE, {"requested": 1}, ["self_raised"]),
        (FIFTH_WITH_RATIO, {"requested": 1}, ["self_raised"]),
        (MAJOR, {"requested": 800_000}, ["total_investment"]),
        (COOPERATION, {}, ["requested", "total_investment"]),
    ],
)
def test_a_missing_fact_is_named(spec: DirectionSpec, facts: dict[str, Any], missing: list[str]) -> None:
    """Nothing is guessed for a fact that was not stated."""
    with pytest.raises(Unusable) as caught:
        answer(spec, "application", **facts)

    assert caught.value.reasons == missing
