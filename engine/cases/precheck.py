"""An application checked before it is sent (申报自查): the formal check's own rules on what has been entered so far."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from engine import policy
from engine.cases.conditions import Condition, State
from engine.cases.formal_check import with_known
from engine.cases.models import CaseFile
from engine.cases.task_books import guide_clause
from engine.catalogue.directions import get_direction
from engine.catalogue.eligibility import CheckItem, check_application
from engine.catalogue.facts import ApplicationFacts
from engine.catalogue.spec import DirectionSpec
from engine.clock import local_day
from engine.errors import Unusable
from engine.money import rules
from engine.money.facts import check_facts
from engine.money.refusals import Refusal
from engine.vocabulary import CheckVerdict

STATES: dict[CheckVerdict | None, State] = {
    CheckVerdict.MET: "met",
    CheckVerdict.NOT_MET: "unmet",
    CheckVerdict.TO_CORRECT: "unknown",
    CheckVerdict.NOT_APPLICABLE: "not_applicable",
    None: "later",
}
OF_THE_DIRECTION = frozenset(
    {
        "duration",
        "total_investment_minimum",
        "requested_floor",
        "requested_cap",
        "requested_share",
        "self_raised_ratio",
        "no_municipal_funding",
        "indicators_min_met",
    }
)
"""General rules whose bound the direction itself states."""
OF_POLICY = {
    "in_window": "call_closes_on",
    "registered_in_city": "registration_city",
    "pi_open_projects": "pi_open_project_cap",
    "pi_before_retirement": "retirement_age",
}
"""General rules whose bound is a policy row, by its key."""
PRACTICE = "形式审查通行要求"
REQUEST = ("facts.requested_yuan",)


def precheck(session: Session, case: CaseFile, facts: ApplicationFacts, now: datetime) -> list[Condition]:
    """Every condition of the direction as it stands on these facts, what can still be changed by the unit first."""
    today = local_day(now)
    spec = get_direction(session, case.direction_code)
    values = policy.values(session, today)
    known = with_known(session, case, facts, values).model_copy(update={"submitted_on": today})
    listed = check_application(spec, known, values)
    found = [_condition(session, spec, item, now) for item in listed if item.rule != "recommendation_sealed"]
    found.append(
        Condition("recommendation_sealed", "推荐单位盖章", "later", "提交后由推荐单位审核并盖章。", PRACTICE)
    )
    said = any(one.key in OF_THE_DIRECTION and one.state == "unmet" for one in found)
    money = [] if said else _money(spec, known)  # the rule that is broken says it already
    return sorted([*money, *found], key=lambda one: _ORDER[one.state])


_ORDER = {"unmet": 0, "unknown": 1, "met": 2, "later": 3, "not_applicable": 4}


def _condition(session: Session, spec: DirectionSpec, item: CheckItem, now: datetime) -> Condition:
    reason = item.reason if item.verdict is not None else "由审查人员判断。"
    fields = tuple(f"facts.{path}" for path in item.evidence)
    clause = clause_of(session, spec, item, now)
    return Condition(item.rule, item.text, STATES[item.verdict], reason, clause, fields)


def clause_of(session: Session, spec: DirectionSpec, item: CheckItem, now: datetime) -> str:
    """Where a condition is written: the guide's line, the policy's clause, else general practice."""
    if item.guide_line is not None:
        return f"指南第 {item.guide_line} 行"
    if item.rule in OF_THE_DIRECTION or item.rule.startswith("indicator."):
        return guide_clause(spec)
    if item.rule in OF_POLICY:
        return policy.version_in_force(session, OF_POLICY[item.rule], local_day(now)).clause
    return PRACTICE


def _money(spec: DirectionSpec, facts: ApplicationFacts) -> list[Condition]:
    """The money rule's own word on the request, where enough is stated for one."""
    stated: Mapping[str, Any] = {
        "requested": facts.requested_yuan,
        "self_raised_planned": facts.self_raised_yuan,
        "self_raised_from_fiscal": facts.self_raised_fiscal_yuan,
        "total_investment": facts.total_investment_yuan,
    }
    if facts.requested_yuan is None:
        return []
    try:
        plain = {name: str(amount) for name, amount in stated.items() if amount is not None}
        decision = rules.decide(spec, "application", check_facts(plain))
    except Unusable:
        return []  # what is missing is asked for by the conditions themselves
    text = "申请额符合补助规则"
    if isinstance(decision, Refusal):
        return [Condition("money", text, "unmet", decision.message, guide_clause(spec), REQUEST)]
    step = decision.derivation[-1]
    return [Condition("money", text, "met", step.text, step.clause, REQUEST)]
