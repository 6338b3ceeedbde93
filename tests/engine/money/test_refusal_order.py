"""When several refusals apply, the first in the published order is named."""

from typing import Any

import pytest

from engine.catalogue.spec import DirectionSpec, FundingRule
from engine.money.refusals import CHECKS, Reason
from tests.engine.money.worlds import COOPERATION, FOUR_TO_ONE, MAJOR, UNFUNDED, answer

PUBLISHED = [
    "no_municipal_funding",
    "project_terminated",
    "acceptance_failed",
    "acceptance_pending",
    "already_paid",
    "self_raised_from_fiscal",
    "total_investment_below_minimum",
    "tranches_do_not_sum",
    "milestone_not_passed",
    "cooperation_payment_missing",
    "self_raised_not_in_place",
    "below_floor",
    "above_cap",
    "above_total_investment_share",
    "ratio_below_minimum",
]


def test_the_order_is_the_published_one() -> None:
    """The enumeration and the checks keep the same order, and nothing is left out."""
    assert [str(reason) for reason in Reason] == PUBLISHED
    assert [str(reason) for reason, _ in CHECKS] == PUBLISHED


def _peeled(spec: DirectionSpec, layers: list[dict[str, Any]], **facts: Any) -> list[int | str]:
    """The answers while one thing after another is put right."""
    answers = [answer(spec, "payment", **facts)]
    for layer in layers:
        facts |= layer
        answers.append(answer(spec, "payment", **facts))
    return answers


def test_a_milestone_case_with_everything_wrong_is_refused_one_reason_at_a_time() -> None:
    """Each answer is the first reason still standing."""
    wrong: dict[str, Any] = {
        "acceptance": "terminated",
        "approved": 700_000,
        "already_paid": 700_000,
        "total_investment_verified": 1,
        "tranche_percent": [50, 49],
        "milestones": ["passed", "failed"],
        "pay_tranche": 2,
    }
    fixes = [
        {"acceptance": "failed"},
        {"acceptance": "pending"},
        {"acceptance": "passed"},
        {"already_paid": 0},
        {"total_investment_verified": 8_000_000},
        {"tranche_percent": [50, 50]},
        {"milestones": ["passed", "passed"]},
        {"approved": 800_000},
    ]

    assert _peeled(MAJOR, fixes, **wrong) == [
        "project_terminated",
        "acceptance_failed",
        "acceptance_pending",
        "already_paid",
        "total_investment_below_minimum",
        "tranches_do_not_sum",
        "milestone_not_passed",
        "below_floor",
        400_000,
    ]


def test_a_four_to_one_case_with_everything_wrong_is_refused_one_reason_at_a_time() -> None:
    """The commitment comes before the ratio."""
    wrong: dict[str, Any] = {
        "acceptance": "passed",
        "approved": 200_000,
        "already_paid": 5,
        "self_raised_from_fiscal": 1,
        "self_raised_planned": 700_000,
        "verified_self_raised": 600_000,
    }
    fixes = [
        {"already_paid": 0},
        {"self_raised_from_fiscal": 0},
        {"verified_self_raised": 700_000},
        {"verified_self_raised": 800_000},
    ]

    assert _peeled(FOUR_TO_ONE, fixes, **wrong) == [
        "already_paid",
        "self_raised_from_fiscal",
        "self_raised_not_in_place",
        "ratio_below_minimum",
        200_000,
    ]


def test_money_asked_of_an_unfunded_direction_is_named_before_anything_else() -> None:
    """Even a terminated project hears first that there was never any money."""
    facts = {"requested": 1, "acceptance": "terminated", "already_paid": 1}

    assert answer(UNFUNDED, "payment", **facts) == "no_municipal_funding"


def test_a_second_cooperation_payment_is_already_paid_before_evidence_is_missing() -> None:
    """The earlier reason is named although the evidence is missing as well."""
    facts = {"approved": 300_000, "already_paid": 300_000}

    assert answer(COOPERATION, "payment", **facts) == "already_paid"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"requested": 1, "total_investment": 1, "self_raised": 0}, "below_floor"),
        ({"requested": 400_000, "total_investment": 1, "self_raised": 0}, "above_cap"),
        ({"requested": 300_000, "total_investment": 1, "self_raised": 0}, "above_total_investment_share"),
        ({"requested": 300_000, "total_investment": 1_500_000, "self_raised": 0}, "ratio_below_minimum"),
    ],
)
def test_bounds_of_an_application_are_named_floor_cap_share_ratio(
    facts: dict[str, Any], expected: str
) -> None:
    """A direction with every bound at once, as a later guide may have it."""
    rule = FundingRule(
        basis="total_investment", floor_yuan=2, cap_yuan=300_000, cap_share_of_total_investment="0.2"
    )
    spec = FOUR_TO_ONE.model_copy(update={"rule": rule})

    assert answer(spec, "application", **facts) == expected
