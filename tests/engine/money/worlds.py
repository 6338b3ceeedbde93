"""The nine shapes a money rule takes, one small direction each, and a way to ask about them."""

from decimal import Decimal
from typing import Any

from engine.catalogue.spec import DirectionSpec, FundingRule
from engine.money.facts import Stage, check_facts
from engine.money.refusals import Refusal
from engine.money.rules import decide


def _direction(code: str, rule: FundingRule, **other: Any) -> DirectionSpec:
    usual: dict[str, Any] = {
        "code": code,
        "path": ("示例专项", f"示例方向 {code}"),
        "funding_mode": "post_subsidy",
        "payment_trigger": "acceptance",
        "rule": rule,
        "duration_max_years": 3,
        "competitive": True,
        "procedure": "post_subsidy",
        "guide_lines": (1, 9),
    }
    return DirectionSpec(**(usual | other))


AI_COMPUTE = _direction("T1-D1", FundingRule(basis="ai_compute_paid", rate=Decimal("0.2"), cap_yuan=500_000))
TENTH_TO_300K = _direction(
    "T3-D1", FundingRule(basis="verified_self_raised", rate=Decimal("0.1"), cap_yuan=300_000)
)
TENTH_TO_100K = _direction(
    "A-D1", FundingRule(basis="verified_self_raised", rate=Decimal("0.1"), cap_yuan=100_000)
)
FIFTH_WITH_RATIO = _direction(
    "B-D1",
    FundingRule(basis="verified_self_raised", rate=Decimal("0.2"), cap_yuan=100_000),
    self_raised_ratio_min=Decimal(4),
)
FOUR_TO_ONE = _direction(
    "E-D1",
    FundingRule(basis="application_ratio", cap_yuan=200_000),
    self_raised_ratio_min=Decimal(4),
)
FLOOR_AND_SHARE = _direction(
    "D-D1",
    FundingRule(basis="total_investment", floor_yuan=100_000, cap_share_of_total_investment=Decimal("0.2")),
)
COOPERATION = _direction(
    "C-D1",
    FundingRule(basis="total_investment", cap_yuan=300_000, cap_share_of_total_investment=Decimal("0.2")),
    payment_trigger="cooperation_payment",
    procedure="cooperation_subsidy",
)
MAJOR = _direction(
    "T2-D1",
    FundingRule(basis="minimum_only", floor_yuan=800_000),
    funding_mode="milestone",
    payment_trigger="milestone",
    procedure="milestone_subsidy",
    min_total_investment_yuan=8_000_000,
)
UNFUNDED = _direction(
    "E-D4",
    FundingRule(basis="none"),
    funding_mode="unfunded",
    payment_trigger="none",
    procedure="unfunded",
)


def answer(spec: DirectionSpec, stage: Stage, **facts: Any) -> int | str:
    """The amount in yuan, or the refusal's name."""
    decision = decide(spec, stage, check_facts(facts))
    return str(decision.reason) if isinstance(decision, Refusal) else decision.amount_yuan
