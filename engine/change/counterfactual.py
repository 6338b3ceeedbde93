"""What if the rule were another (反事实测算)? Which live cases would change, by how much, and what it costs.

The pure money function on the facts as stored, under the rule in force and under the edited one. What is not
known yet is assumed as planned and said so: acceptance passed, verified figures as in the application; a rate's
base that no application states is worked back from the amount asked for. Nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.fields import yuan_text
from engine.cases.models import CaseFile, Process, Settlement
from engine.cases.money_facts import payment_facts, planned_facts
from engine.catalogue.directions import get_direction
from engine.catalogue.spec import DirectionSpec
from engine.change.rules import edited
from engine.clock import local_day
from engine.errors import KeguanError
from engine.money import ledger, rules
from engine.money.amounts import yuan
from engine.money.facts import Stage, check_facts
from engine.money.refusals import Refusal

AS_PLANNED = {
    "verified_self_raised": "self_raised_planned",
    "total_investment_verified": "total_investment",
}
"""Verified figures, and what stands in for them until somebody has verified them."""
CENT = Decimal("0.01")


@dataclass(frozen=True)
class CaseChange:
    """One live case under both rules, in whole yuan; None where the rule refuses, with its sentence."""

    case_id: int
    number: str | None
    title: str
    stage: str
    before_yuan: int | None
    after_yuan: int | None
    before_text: str
    after_text: str
    assumed: tuple[str, ...]

    @property
    def delta_yuan(self) -> int:
        """How much more (or less) the case would get."""
        return (self.after_yuan or 0) - (self.before_yuan or 0)

    @property
    def changed(self) -> bool:
        """Whether the rule makes a difference to this case."""
        return (self.before_yuan, self.before_text) != (self.after_yuan, self.after_text) and (
            self.before_yuan != self.after_yuan or self.before_yuan is None
        )


@dataclass(frozen=True)
class Counterfactual:
    """Every live case of a direction under both rules, and the sums against the year's budget."""

    code: str
    rows: tuple[CaseChange, ...]
    before_total: int
    after_total: int
    budget_year: int
    budget_left_yuan: int

    @property
    def changed(self) -> tuple[CaseChange, ...]:
        """The cases the rule makes a difference to."""
        return tuple(row for row in self.rows if row.changed)

    @property
    def delta_total(self) -> int:
        """What the change costs altogether, in whole yuan."""
        return self.after_total - self.before_total

    @property
    def over_budget(self) -> bool:
        """Whether the sum under the edited rule is more than the year's budget has left."""
        return self.after_total > self.budget_left_yuan


def counterfactual(
    session: Session, code: str, changes: Mapping[str, Any], *, now: datetime
) -> Counterfactual:
    """Compute every live, unpaid case of a direction under its rule and under the edited one.

    Raises NotFound for an unknown direction, Unusable for a rule that cannot be read.
    """
    before = get_direction(session, code)
    after = edited(before, changes)
    rows = tuple(_row(session, case, before, after) for case in _live(session, code))
    year = local_day(now).year
    return Counterfactual(
        code,
        rows,
        sum(row.before_yuan or 0 for row in rows),
        sum(row.after_yuan or 0 for row in rows),
        year,
        ledger.year_left(session, year) // 100,
    )


def _live(session: Session, code: str) -> list[CaseFile]:
    """Cases under way that asked for something and were paid nothing yet."""
    statement = (
        select(CaseFile)
        .join(Process, col(Process.case_id) == CaseFile.id)
        .where(
            CaseFile.direction_code == code,
            Process.kind == "case",
            col(Process.ended_at).is_(None),
            col(CaseFile.requested_fen) > 0,
        )
        .order_by(col(CaseFile.id))
    )
    return [case for case in session.exec(statement) if not ledger.balance(session, case.id or 0).paid_fen]


def _row(session: Session, case: CaseFile, before: DirectionSpec, after: DirectionSpec) -> CaseChange:
    stage, facts, assumed = _expected(session, case, before)
    old, old_text = _amount(before, stage, facts)
    new, new_text = _amount(after, stage, facts)
    return CaseChange(
        case.id or 0, case.number, case.title, stage, old, new, old_text, new_text, tuple(assumed)
    )


def _expected(
    session: Session, case: CaseFile, spec: DirectionSpec
) -> tuple[Stage, dict[str, Any], list[str]]:
    """The stage to compute at, the facts, and what had to be assumed."""
    if spec.payment_trigger != "acceptance" or (spec.rule.rate is None and not case.approved_fen):
        return _admitted(case)
    settled = session.get(Settlement, case.id) is not None
    facts = payment_facts(session, case) if settled else planned_facts(case)
    assumed = [] if facts.get("acceptance") == "passed" else ["验收通过"]
    facts["acceptance"] = "passed"
    for verified, planned in AS_PLANNED.items():
        if verified not in facts and planned in facts:
            facts[verified] = facts[planned]
            assumed.append("核定数与申报数一致")
    if spec.rule.basis == "ai_compute_paid" and "ai_compute_paid" not in facts and spec.rule.rate:
        base = Decimal(case.requested_fen) / 100 / spec.rule.rate
        facts["ai_compute_paid"] = str(base.quantize(CENT, ROUND_HALF_UP))
        assumed.append("算力费用由申请额反推")
    return "payment", facts, list(dict.fromkeys(assumed))


def _admitted(case: CaseFile) -> tuple[Stage, dict[str, Any], list[str]]:
    """Where the amount is what was asked for or approved: would the edited rule still admit it?"""
    facts = planned_facts(case) | {"requested": yuan_text(case.requested_fen)}
    if "self_raised_planned" in facts:
        facts["self_raised"] = facts["self_raised_planned"]
    if case.approved_fen:
        return "establishment", facts | {"approved": yuan_text(case.approved_fen)}, []
    return "application", facts, []


def _amount(spec: DirectionSpec, stage: Stage, facts: Mapping[str, Any]) -> tuple[int | None, str]:
    try:
        decision = rules.decide(spec, stage, check_facts(facts))
    except KeguanError as error:
        return None, error.message
    if isinstance(decision, Refusal):
        return None, decision.message
    return decision.amount_yuan, decision.derivation[-1].text or yuan(decision.amount_yuan)
