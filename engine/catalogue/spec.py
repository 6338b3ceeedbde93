"""A direction (方向) as the guide states it: one frozen value, parsed once at the edge.

Field names and order are the catalogue's published vocabulary, so `as_json` is a plain dump. Money is in
whole yuan; rates and shares are decimals and print as strings; `None` is a bound the guide does not state.
"""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from engine.catalogue.conditions import Condition
from engine.catalogue.indicators import Indicator
from engine.catalogue.numbers import Number

Basis = Literal[
    "ai_compute_paid",  # 实际支付人工智能算力费用
    "verified_self_raised",  # 验收证书中核定的自筹经费
    "total_investment",  # 项目总投入
    "application_ratio",  # 自筹与申请财政经费之比, an amount fixed at establishment
    "minimum_only",  # 不少于, a floor and nothing else
    "none",  # 不拨付市财政科技经费
]
Mode = Literal["post_subsidy", "milestone", "unfunded"]
Trigger = Literal["acceptance", "milestone", "cooperation_payment", "none"]
Procedure = Literal["post_subsidy", "milestone_subsidy", "cooperation_subsidy", "unfunded"]
Share = Annotated[Decimal, Field(gt=0, le=1), PlainSerializer(str, when_used="json")]
Yuan = Annotated[int, Field(ge=0, strict=True)]


class FundingRule(BaseModel):
    """What the amount is computed from (补助规则): the money room's only view of a direction."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    basis: Basis
    rate: Share | None = None
    floor_yuan: Yuan | None = None
    cap_yuan: Yuan | None = None
    cap_share_of_total_investment: Share | None = None


class DirectionSpec(BaseModel):
    """One leaf direction of the guide.

    `funding_mode` is how the guide names the subsidy, `payment_trigger` what makes money payable: they
    differ for 校校企, a post-subsidy paid on cooperation payments. One of `duration_exact_years` and
    `duration_max_years` is stated. `indicators_min_met` is how many indicators suffice (None: all).
    `guide_lines` are the first and last line of the direction in the guide, counted from 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Field(pattern=r"^(T[1-9]|[A-Z])-D[1-9]\d*(-S[1-9]\d*)?(@\d{4})?$")]
    path: Annotated[tuple[str, ...], Field(min_length=2)]
    funding_mode: Mode
    payment_trigger: Trigger
    rule: FundingRule
    quota: Annotated[int, Field(gt=0)] | None = None
    min_total_investment_yuan: Yuan | None = None
    self_raised_ratio_min: Number | None = None
    duration_max_years: Annotated[int, Field(gt=0)] | None = None
    duration_exact_years: Annotated[int, Field(gt=0)] | None = None
    competitive: bool
    procedure: Procedure
    eligibility: tuple[Condition, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    indicators_min_met: Annotated[int, Field(gt=0)] | None = None
    guide_lines: tuple[int, int]

    @property
    def title(self) -> str:
        """The leaf's own title, without its section."""
        return self.path[-1]


def contradictions(spec: DirectionSpec) -> list[str]:
    """What cannot be true together of one direction (互相矛盾), a sentence each; empty when it can be."""
    unfunded = {spec.funding_mode == "unfunded", spec.payment_trigger == "none", spec.rule.basis == "none"}
    checks = {
        "不拨付的方向既无拨付条件也无补助基数，也只有它如此": len(unfunded) == 1,
        "实施期限写最长或写确定年数，写一种": (spec.duration_max_years is None)
        != (spec.duration_exact_years is None),
        "指南行号从小到大": spec.guide_lines[0] <= spec.guide_lines[1],
        "要求满足的指标数多于列出的指标": (spec.indicators_min_met or 0) <= len(spec.indicators),
        "同一情形下有两个指标读同一个数": _kinds_are_unambiguous(spec.indicators),
    }
    return [complaint for complaint, holds in checks.items() if not holds]


def _kinds_are_unambiguous(indicators: tuple[Indicator, ...]) -> bool:
    """Figures are keyed by kind, so a kind may occur twice only under different circumstances."""
    keys = [(part.kind, tuple((part.when or {}).items())) for one in indicators for part in one.walk()]
    return len(keys) == len(set(keys))


def as_json(spec: DirectionSpec) -> dict[str, Any]:
    """The direction as the plain object `keguan directions --json` prints."""
    return spec.model_dump(mode="json")
