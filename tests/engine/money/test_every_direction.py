"""All 67 directions of the guide, each admitted and paid at the most its rule allows."""

from collections import Counter
from typing import Any

import pytest

from engine.catalogue.spec import DirectionSpec
from seed.catalogue import read_catalogue
from tests.engine.money.worlds import answer

GUIDE = read_catalogue()
PLENTY = 10_000_000
STATED: dict[str, Any] = {
    "self_raised": PLENTY,
    "self_raised_planned": PLENTY,
    "verified_self_raised": PLENTY,
    "total_investment": PLENTY,
    "total_investment_verified": PLENTY,
    "ai_compute_paid": PLENTY,
    "cooperation_due": PLENTY,
    "cooperation_paid": PLENTY,
    "tranche_percent": [100],
    "milestones": ["passed"],
    "pay_tranche": 1,
}


def most(spec: DirectionSpec) -> int:
    """The highest amount the direction allows beside ten million of everything."""
    share = spec.rule.cap_share_of_total_investment
    of_total = PLENTY if share is None else int(share * PLENTY)
    return 0 if spec.rule.basis == "none" else min(spec.rule.cap_yuan or PLENTY, of_total)


@pytest.mark.parametrize("spec", GUIDE, ids=[spec.code for spec in GUIDE])
def test_a_direction_admits_and_pays_its_most_and_not_a_yuan_more(spec: DirectionSpec) -> None:
    """The same figure from application to payment; one yuan more is not admitted where there is a bound."""
    amount = most(spec)

    admitted = answer(spec, "application", requested=amount, **STATED)
    established = answer(spec, "establishment", approved=amount, **STATED)
    paid = answer(spec, "payment", approved=amount, acceptance="passed", **STATED)

    assert [admitted, established, paid] == [amount] * 3
    more = answer(spec, "application", requested=amount + 1, **STATED)
    assert isinstance(more, str) or spec.rule.basis == "minimum_only"


@pytest.mark.parametrize("spec", GUIDE, ids=[spec.code for spec in GUIDE])
def test_a_failed_or_terminated_project_is_paid_nothing(spec: DirectionSpec) -> None:
    """Of every direction, whatever else is in order."""
    facts = STATED | {"approved": most(spec)}

    assert answer(spec, "payment", acceptance="failed", **facts) == "acceptance_failed"
    assert answer(spec, "payment", acceptance="terminated", **facts) == "project_terminated"


def test_the_guide_has_nine_shapes() -> None:
    """Basis, rate, and what else bounds the amount, counted over the 67 directions."""
    shapes = Counter(
        (spec.rule.basis, str(spec.rule.rate), spec.payment_trigger, spec.self_raised_ratio_min is not None)
        for spec in GUIDE
    )

    assert shapes == {
        ("ai_compute_paid", "0.2", "acceptance", False): 2,
        ("verified_self_raised", "0.1", "acceptance", False): 16,
        ("verified_self_raised", "0.2", "acceptance", True): 1,
        ("application_ratio", "None", "acceptance", True): 22,
        ("total_investment", "None", "acceptance", False): 2,
        ("total_investment", "None", "cooperation_payment", False): 1,
        ("minimum_only", "None", "milestone", False): 18,
        ("none", "None", "none", False): 5,
    }
