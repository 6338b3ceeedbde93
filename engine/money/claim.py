"""One question put to the money rules, and the figures it turns on.

Readings of the guide that are decided here are stated at each figure; `needed` says which facts a stage
cannot do without.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from engine.catalogue.spec import DirectionSpec
from engine.errors import Unusable
from engine.money.amounts import down, split
from engine.money.facts import MoneyFacts, Stage


@dataclass(frozen=True)
class Claim:
    """One question put to the rules: this direction, at this stage, on these facts."""

    spec: DirectionSpec
    stage: Stage
    facts: MoneyFacts

    @property
    def paying(self) -> bool:
        """Whether money would leave the treasury now."""
        return self.stage == "payment"

    @property
    def amount(self) -> Decimal | None:
        """What is decided on: the request; at establishment the approval, or the request as it stands."""
        facts = self.facts
        if self.stage == "application":
            return facts.requested
        if self.stage == "establishment" and facts.approved is None:
            return facts.requested
        return facts.approved

    @property
    def total(self) -> Decimal | None:
        """The total investment that counts: planned, and at payment the verified one.

        Only where money does not wait for acceptance (milestones, cooperation) may the plan stand in for a
        verification that has not taken place.
        """
        facts = self.facts
        if not self.paying:
            return facts.total_investment
        if facts.total_investment_verified is None and self.spec.payment_trigger != "acceptance":
            return facts.total_investment
        return facts.total_investment_verified

    @property
    def share_ceiling(self) -> Fraction | None:
        """The most that a share of the total investment allows, exact; None without a share or a total."""
        share = self.spec.rule.cap_share_of_total_investment
        return None if share is None or self.total is None else Fraction(share) * Fraction(self.total)

    @property
    def declared(self) -> Decimal | None:
        """The self-raised money of the application or task-book: the smaller where both are stated."""
        stated = (self.facts.self_raised, self.facts.self_raised_planned)
        return min((amount for amount in stated if amount is not None), default=None)

    @property
    def in_place(self) -> Decimal | None:
        """The self-raised money in place: the certificate's figure, else what there is of a commitment."""
        facts = self.facts
        if facts.verified_self_raised is None and facts.self_raised_planned is not None:
            return facts.self_raised
        return facts.verified_self_raised

    @property
    def fixed(self) -> Fraction | None:
        """The approved amount within the cap: what a direction without a rate pays at most."""
        if self.facts.approved is None:
            return None
        approved = Fraction(self.facts.approved)
        cap = self.spec.rule.cap_yuan
        return approved if cap is None else min(approved, Fraction(cap))

    @property
    def tranches(self) -> list[int] | None:
        """The approved amount cut by the task-book's shares; None while they are not stated or do not sum."""
        shares = self.facts.tranche_percent
        if self.facts.approved is None or not shares or sum(map(Fraction, shares)) != 100:
            return None
        return split(down(self.facts.approved), shares)

    @property
    def last_tranche(self) -> bool:
        """Whether the tranche asked for is the last one."""
        shares = self.facts.tranche_percent
        return shares is not None and self.facts.pay_tranche == len(shares)

    @property
    def committed(self) -> Decimal | None:
        """The self-raised money committed (承诺自筹): the commitment, else what the application declared.

        None when neither is stated. What the ratio would have asked for is no commitment: where only the
        verified figure is known, it is the ratio that decides.
        """
        planned = self.facts.self_raised_planned
        return self.facts.self_raised if planned is None else planned


def needed(claim: Claim) -> list[str]:
    """The facts this question cannot be answered without, in the order a form asks for them."""
    if claim.spec.rule.basis == "none":
        return ["acceptance"] if claim.paying else []
    return _to_pay(claim) if claim.paying else _to_admit(claim)


def _to_admit(claim: Claim) -> list[str]:
    spec = claim.spec
    names = ["requested" if claim.stage == "application" else "approved"]
    if spec.min_total_investment_yuan is not None or spec.rule.cap_share_of_total_investment is not None:
        names.append("total_investment")
    if spec.self_raised_ratio_min is not None:
        names.append("self_raised")
    return names


def _to_pay(claim: Claim) -> list[str]:
    match claim.spec.payment_trigger:
        case "milestone":
            return ["approved", "tranche_percent", "milestones", "pay_tranche"]
        case "cooperation_payment":
            return ["approved", "cooperation_due", "cooperation_paid"]
        case _:
            return ["acceptance", *PAYS_ON[claim.spec.rule.basis]]


PAYS_ON = {
    "ai_compute_paid": ("ai_compute_paid",),
    "verified_self_raised": ("verified_self_raised",),
    "total_investment": ("approved", "total_investment_verified"),
    "application_ratio": ("approved", "verified_self_raised"),
    "minimum_only": ("approved",),
}
"""What each basis turns on once acceptance has passed."""


def complete(claim: Claim) -> None:
    """`Unusable`, naming the facts, when a needed one is missing or the tranches do not fit together."""
    known = {
        "approved": claim.amount,
        "requested": claim.amount,
        "self_raised": claim.declared,
        "verified_self_raised": claim.facts.verified_self_raised
        if claim.spec.rule.basis == "verified_self_raised"
        else claim.in_place,
    }
    missing = [name for name in needed(claim) if known.get(name, getattr(claim.facts, name)) is None]
    if missing:
        raise Unusable(f"缺少判断所需的资金事实 {'、'.join(missing)}：请补充后再算。", missing)
    if claim.paying and claim.spec.payment_trigger == "milestone":
        _fit(claim.facts)


def _fit(facts: MoneyFacts) -> None:
    shares, verdicts, nth = facts.tranche_percent or [], facts.milestones or [], facts.pay_tranche or 1
    if nth > len(shares):
        raise Unusable(f"pay_tranche 为 {nth}，但 tranche_percent 只有 {len(shares)} 期。")
    if len(verdicts) > len(shares):
        raise Unusable(f"milestones 有 {len(verdicts)} 个节点，但 tranche_percent 只有 {len(shares)} 期。")
