"""Payment: one story per rule shape, and what each is refused for."""

from typing import Any

import pytest

from engine.catalogue.spec import DirectionSpec
from engine.errors import Unusable
from engine.money.facts import check_facts
from engine.money.refusals import Refusal
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

RATES = [
    (AI_COMPUTE, {"ai_compute_paid": 1_000_000, "ai_compute_contracted": 9_000_000}, 200_000),
    (AI_COMPUTE, {"ai_compute_paid": 2_500_001}, 500_000),
    (AI_COMPUTE, {"ai_compute_paid": 1_000_000, "approved": 150_000}, 150_000),
    (TENTH_TO_300K, {"verified_self_raised": 1_234_565}, 123_457),
    (TENTH_TO_300K, {"verified_self_raised": "1234564.99"}, 123_456),
    (TENTH_TO_300K, {"verified_self_raised": 3_000_000}, 300_000),
    (TENTH_TO_300K, {"verified_self_raised": 90_000_000}, 300_000),
    (TENTH_TO_300K, {"verified_self_raised": 1_000_000, "self_raised_planned": 2_000_000}, 100_000),
    (TENTH_TO_300K, {"verified_self_raised": 0}, 0),
    (TENTH_TO_100K, {"verified_self_raised": 1_234_565}, 100_000),
    (FIFTH_WITH_RATIO, {"verified_self_raised": 400_002}, 80_000),
    (FIFTH_WITH_RATIO, {"verified_self_raised": 500_003}, 100_000),
    (TENTH_TO_300K, {"verified_self_raised": 1_234_565, "approved": "100000.99"}, 100_000),
]


@pytest.mark.parametrize(("spec", "facts", "expected"), RATES)
def test_a_rate_pays_on_the_verified_base_within_cap_and_approval(
    spec: DirectionSpec, facts: dict[str, Any], expected: int
) -> None:
    """Half-up to the yuan, on what was really paid or verified and never on what was planned."""
    assert answer(spec, "payment", acceptance="passed", **facts) == expected


def test_four_to_one_pays_what_establishment_fixed() -> None:
    """The committed 800,000 are in place, so the approved 200,000 are paid."""
    facts = {"approved": 200_000, "self_raised_planned": 800_000, "verified_self_raised": 800_000}

    assert answer(FOUR_TO_ONE, "payment", acceptance="passed", **facts) == 200_000


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"self_raised_planned": 800_000, "verified_self_raised": "799999.99"}, "self_raised_not_in_place"),
        ({"self_raised_planned": 900_000, "verified_self_raised": 850_000}, "self_raised_not_in_place"),
        ({"self_raised": 900_000, "verified_self_raised": 850_000}, "self_raised_not_in_place"),
        ({"self_raised_planned": 800_000, "self_raised": 700_000}, "self_raised_not_in_place"),
        ({"verified_self_raised": 799_999}, "ratio_below_minimum"),
        ({"self_raised_planned": 700_000, "verified_self_raised": 700_000}, "ratio_below_minimum"),
        ({"self_raised_planned": 800_000, "self_raised": 800_000}, 200_000),
        ({"verified_self_raised": 800_000}, 200_000),
    ],
)
def test_committed_self_raised_money_must_be_fully_in_place(facts: dict[str, Any], expected: object) -> None:
    """No part of the subsidy is paid for a part of the commitment; an unstated commitment is not made up."""
    assert answer(FOUR_TO_ONE, "payment", acceptance="passed", approved=200_000, **facts) == expected


def test_the_ratio_names_the_amount_it_was_compared_with() -> None:
    """Above the cap only the cap would be paid, so only that is held to four to one."""
    facts = {"approved": 250_000, "self_raised_planned": 700_000, "verified_self_raised": 700_000}

    refusal = decide(FOUR_TO_ONE, "payment", check_facts({"acceptance": "passed", **facts}))

    assert isinstance(refusal, Refusal)
    assert refusal.message == "自筹 700,000 元 与财政经费 200,000 元 之比低于 4:1，自筹至少应为 800,000 元。"


@pytest.mark.parametrize(
    ("approved", "verified", "expected"),
    [
        (150_000, 1_000_000, 150_000),
        (150_000, 700_004, 140_000),
        (150_000, "700004.95", 140_000),
        (150_000, 500_000, 100_000),
        (150_000, "499999.99", "below_floor"),
        (99_999, 1_000_000, "below_floor"),
    ],
)
def test_floor_and_share_pay_at_most_the_verified_share(
    approved: int, verified: object, expected: object
) -> None:
    """A verified total below plan lowers the payment to its share; below the floor an officer decides."""
    facts = {"approved": approved, "total_investment": 1_000_000, "total_investment_verified": verified}

    assert answer(FLOOR_AND_SHARE, "payment", acceptance="passed", **facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"cooperation_due": 900_000, "cooperation_paid": 900_000}, 300_000),
        ({"cooperation_due": 900_000, "cooperation_paid": 900_000, "acceptance": "pending"}, 300_000),
        ({"cooperation_due": 900_000, "cooperation_paid": "899999.99"}, "cooperation_payment_missing"),
        ({"cooperation_due": 0, "cooperation_paid": 0}, "cooperation_payment_missing"),
        ({"acceptance": "passed"}, "cooperation_payment_missing"),
        ({"cooperation_due": 1, "cooperation_paid": 1, "acceptance": "failed"}, "acceptance_failed"),
        ({"cooperation_due": 1, "cooperation_paid": 1, "acceptance": "terminated"}, "project_terminated"),
        ({"cooperation_due": 1, "cooperation_paid": 1, "total_investment": 1_400_003}, 280_000),
    ],
)
def test_cooperation_is_paid_on_the_cooperation_money(facts: dict[str, Any], expected: object) -> None:
    """The enterprise's payments are the trigger; acceptance is not waited for, but a failed one stops it."""
    assert answer(COOPERATION, "payment", **({"approved": 300_000} | facts)) == expected


THREE_NODES = {"approved": 1_000_001, "tranche_percent": [30, 30, 40]}


@pytest.mark.parametrize(
    ("nth", "verdicts", "other", "expected"),
    [
        (1, ["passed", "pending", "pending"], {}, 300_000),
        (1, ["passed"], {"acceptance": "pending"}, 300_000),
        (2, ["passed", "passed", "pending"], {"already_paid": 300_000}, 300_000),
        (3, ["passed", "passed", "passed"], {}, 400_001),
        (3, ["passed", "passed", "passed"], {"acceptance": "passed", "already_paid": 600_000}, 400_001),
        (3, ["passed", "passed", "passed"], {"acceptance": "pending"}, "acceptance_pending"),
        (1, ["passed", "pending", "pending"], {"acceptance": "failed"}, "acceptance_failed"),
        (1, ["pending", "pending", "pending"], {}, "milestone_not_passed"),
        (2, ["passed", "failed", "pending"], {}, "milestone_not_passed"),
        (2, ["failed", "passed", "pending"], {}, "milestone_not_passed"),
        (2, ["passed"], {}, "milestone_not_passed"),
        (1, ["passed"], {"already_paid": 300_000}, "already_paid"),
        (2, ["passed", "passed"], {"already_paid": "300000.01"}, "already_paid"),
        (1, ["passed"], {"total_investment_verified": 7_999_999}, "total_investment_below_minimum"),
        (1, ["passed"], {"approved": 799_999}, "below_floor"),
    ],
)
def test_a_tranche_is_paid_when_its_node_has_passed(
    nth: int, verdicts: list[str], other: dict[str, Any], expected: object
) -> None:
    """Each share half-up, the last tranche the remainder; the last one also waits for a stated acceptance."""
    facts = THREE_NODES | {"pay_tranche": nth, "milestones": verdicts} | other

    assert answer(MAJOR, "payment", **facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"acceptance": "passed"}, 0),
        ({"acceptance": "passed", "requested": 0}, 0),
        ({"acceptance": "pending"}, "acceptance_pending"),
        ({"acceptance": "failed"}, "acceptance_failed"),
        ({"acceptance": "terminated"}, "project_terminated"),
        ({"acceptance": "passed", "approved": 1}, "no_municipal_funding"),
    ],
)
def test_an_unfunded_case_closes_with_zero(facts: dict[str, Any], expected: object) -> None:
    """Acceptance is still needed, and a request for money is still refused."""
    assert answer(UNFUNDED, "payment", **facts) == expected


@pytest.mark.parametrize("acceptance", ["pending", "failed", "terminated"])
@pytest.mark.parametrize("spec", [AI_COMPUTE, TENTH_TO_300K, FIFTH_WITH_RATIO, FOUR_TO_ONE, FLOOR_AND_SHARE])
def test_nothing_is_paid_without_acceptance(spec: DirectionSpec, acceptance: str) -> None:
    """The verdict alone is enough to refuse, whatever else is not yet known."""
    names = {
        "pending": "acceptance_pending",
        "failed": "acceptance_failed",
        "terminated": "project_terminated",
    }

    assert answer(spec, "payment", acceptance=acceptance) == names[acceptance]


def test_a_one_off_subsidy_is_paid_once() -> None:
    """一次性拨付: any earlier payment refuses another."""
    facts = {"verified_self_raised": 1_000_000, "acceptance": "passed", "already_paid": 1}

    assert answer(TENTH_TO_300K, "payment", **facts) == "already_paid"


@pytest.mark.parametrize(
    ("spec", "facts", "missing"),
    [
        (TENTH_TO_300K, {}, ["acceptance", "verified_self_raised"]),
        (AI_COMPUTE, {"acceptance": "passed", "ai_compute_contracted": 1}, ["ai_compute_paid"]),
        (FOUR_TO_ONE, {"acceptance": "passed", "self_raised": 9}, ["approved", "verified_self_raised"]),
        (
            FLOOR_AND_SHARE,
            {"acceptance": "passed", "approved": 100_000, "total_investment": 900_000},
            ["total_investment_verified"],
        ),
        (COOPERATION, {"approved": 1, "cooperation_paid": 1}, ["cooperation_due"]),
        (MAJOR, {"approved": 800_000}, ["tranche_percent", "milestones", "pay_tranche"]),
        (UNFUNDED, {}, ["acceptance"]),
    ],
)
def test_a_missing_fact_is_named(spec: DirectionSpec, facts: dict[str, Any], missing: list[str]) -> None:
    """A planned figure never stands in for a verified one."""
    with pytest.raises(Unusable) as caught:
        answer(spec, "payment", **facts)

    assert caught.value.reasons == missing


@pytest.mark.parametrize(
    "facts",
    [
        {"pay_tranche": 4, "milestones": ["passed"] * 3},
        {"pay_tranche": 1, "milestones": ["passed"] * 4},
    ],
)
def test_tranches_that_do_not_fit_together_are_unusable(facts: dict[str, Any]) -> None:
    """There is no fourth tranche and no fourth node."""
    with pytest.raises(Unusable, match="只有 3 期"):
        answer(MAJOR, "payment", **(THREE_NODES | facts))


def test_the_derivation_names_every_step_and_the_bound_that_held() -> None:
    """What the approval form prints: base, rate, cap, approval, amount."""
    facts = {"verified_self_raised": "1234565", "approved": 120_000, "acceptance": "passed"}

    decision = decide(TENTH_TO_300K, "payment", check_facts(facts))

    assert isinstance(decision, Payable)
    steps = [(step.step, step.value_yuan, step.bound) for step in decision.derivation]
    assert steps == [
        ("base", 1_234_565, None),
        ("rate", 123_457, "rate"),
        ("cap", 123_457, "rate"),
        ("approved", 120_000, "approved"),
        ("amount", 120_000, "approved"),
    ]
    assert decision.derivation[1].inputs == {
        "verified_self_raised": 1_234_565,
        "rate": "0.1",
        "exact": "123456.5",
    }
    assert "第 1–9 行" in decision.derivation[1].clause
