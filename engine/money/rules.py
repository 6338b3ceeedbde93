"""The money rule (补助规则): one pure function from a direction, a stage and facts to an amount or a refusal.

Readings of the guide that decide an amount, each tested in `tests/engine/money`:

- At application and establishment the amount is what is admitted: the request or the approval itself. 最高
  and 不高于 are ceilings on that decision, so a figure above one is refused and never trimmed. A rate on a
  planned base is shown as an expectation and bounds nothing: only the verified base is paid on. Without
  `approved` at establishment the request is approved as it stands.
- At payment ceilings limit what is paid: cap, share of the total investment, and `approved` where one is
  fixed. Directions with a rate may be paid without `approved`; the others pay what establishment fixed, so it
  is needed.
- A rate's amount rounds half-up to the yuan, a ceiling's rounds down; fen of an admitted amount are cut off.
- 4:1 binds the application and establishment of every direction that states it. At payment it is checked
  again only where it fixed the amount (22 directions), which also require the committed self-raised money
  fully in place; a commitment nobody stated is not made up, the verified figure is then held to the ratio.
  Public money among the self-raised is refused there, and wherever a rate is paid on it.
- A one-off subsidy is paid once: any earlier payment refuses another. A tranche is refused when the sum
  already paid goes beyond the tranches before it. Earlier nodes must have passed as well as its own.
- The guide's milestone trigger is the node, so acceptance need not be stated; stated as pending it holds back
  the last tranche only, stated as failed or terminated it stops every payment, of every direction.
- 校校企 is paid on the cooperation money paid in full (and more than none), before and without acceptance.
"""

from dataclasses import dataclass

from engine.catalogue.spec import DirectionSpec
from engine.errors import Unusable
from engine.money import derivation
from engine.money.claim import Claim, complete
from engine.money.derivation import Step
from engine.money.facts import MoneyFacts, Stage
from engine.money.refusals import Refusal, first_refusal


@dataclass(frozen=True)
class Payable:
    """The amount that is admitted or to be paid, in whole yuan, and how it came about."""

    amount_yuan: int
    derivation: tuple[Step, ...]

    @property
    def amount_fen(self) -> int:
        """The amount as the ledger holds it."""
        return self.amount_yuan * 100

    def as_json(self) -> dict[str, object]:
        """The object `keguan money` prints."""
        steps = [step.as_json() for step in self.derivation]
        return {"allowed": True, "amount_yuan": self.amount_yuan, "derivation": steps}


def decide(spec: DirectionSpec, stage: Stage, facts: MoneyFacts) -> Payable | Refusal:
    """The amount with its derivation, or the first refusal that applies, in the order of `Reason`.

    A refusal that is certain on the stated facts is given even when others are missing. Otherwise a missing
    fact raises `Unusable` with a sentence that names it.
    """
    claim = Claim(spec, stage, facts)
    refusal = first_refusal(claim)
    if refusal is not None:
        return refusal
    complete(claim)
    steps = _steps(claim)
    amount = steps[-1].value_yuan
    assert isinstance(amount, int)
    return Payable(amount, tuple(steps))


def _steps(claim: Claim) -> list[Step]:
    rule, facts = claim.spec.rule, claim.facts
    if rule.basis == "none":
        return derivation.nothing_due(claim)
    if not claim.paying:
        assert claim.amount is not None
        return derivation.admission(claim, claim.amount)
    if claim.spec.payment_trigger == "milestone":
        assert claim.tranches is not None
        return derivation.tranche(claim, claim.tranches)
    bases = {"ai_compute_paid": facts.ai_compute_paid, "verified_self_raised": facts.verified_self_raised}
    return derivation.settlement(claim, bases.get(rule.basis))


def read_stage(text: str) -> Stage:
    """A stage from its name; `Unusable` with the three names otherwise."""
    match text:
        case "application" | "establishment" | "payment":
            return text
    raise Unusable(f"没有名为 {text[:40]!r} 的环节，可用的有 application、establishment、payment。")
