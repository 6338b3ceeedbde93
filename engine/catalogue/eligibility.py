"""The formal check (形式审查): all the guide and the bureau ask for, from the application's own data.

An item checked by machine carries the facts it used and a reason; an item for a person has no verdict yet.
What nobody told us is `to_correct`, with what to supply. A preference is met or not applicable, never failed.
Where the guide states an item that is also general practice, the guide's line stands.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from engine.catalogue.common_rules import COMMON_RULES, MANUAL_RULES
from engine.catalogue.conditions import ConditionBase
from engine.catalogue.facts import (
    CIRCUMSTANCE_FACTS,
    ApplicationFacts,
    circumstances,
    fact_at,
    fact_title,
)
from engine.catalogue.findings import CheckPolicy, Finding, Rule, lacking, not_applicable, read_policy
from engine.catalogue.guide_rules import GUIDE_RULES
from engine.catalogue.indicators import Indicator, IndicatorResult, Status, declared_against_floor
from engine.catalogue.spec import DirectionSpec
from engine.catalogue.wording import figure_title
from engine.vocabulary import CheckVerdict

INDICATOR_VERDICTS: dict[Status, CheckVerdict] = {
    "met": CheckVerdict.MET,
    "not_met": CheckVerdict.NOT_MET,
    "undecided": CheckVerdict.TO_CORRECT,
    "not_applicable": CheckVerdict.NOT_APPLICABLE,
}


@dataclass(frozen=True)
class CheckItem:
    """One line; no `verdict` until a person gives it, no `guide_line` for general practice."""

    rule: str
    text: str
    how: Literal["machine", "manual"]
    hard: bool
    verdict: CheckVerdict | None
    reason: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    guide_line: int | None = None


@dataclass(frozen=True)
class RequiredFact:
    """A fact the check reads: its path in `ApplicationFacts`, its title, and the rules that read it."""

    path: str
    title: str
    rules: tuple[str, ...]


def check_application(
    spec: DirectionSpec, facts: ApplicationFacts, policy: Mapping[str, object]
) -> list[CheckItem]:
    """The whole checklist: the guide's conditions, general practice, indicators, and what is done by hand.

    `policy` gives the rows of `CheckPolicy`; raises `Unusable` when one is missing.
    """
    limits = read_policy(policy)
    items: dict[str, CheckItem] = {}
    for number, condition in enumerate(spec.eligibility, start=1):
        item = _condition_item(condition, facts, limits)
        key = item.rule if item.rule not in items else f"{item.rule}.{number}"
        items[key] = replace(item, rule=key)
    for item in (*_common_items(spec, facts, limits), *_indicator_items(spec, facts), *_manual_items()):
        items.setdefault(item.rule, item)
    return list(items.values())


def conclusion(items: Iterable[CheckItem]) -> CheckVerdict | None:
    """What the checklist says: a hard failure wins over a correction, that over an open item (None).

    Items that are not hard never count.
    """
    verdicts = [item.verdict for item in items if item.hard]
    for decisive in (CheckVerdict.NOT_MET, CheckVerdict.TO_CORRECT, None):
        if decisive in verdicts:
            return decisive
    return CheckVerdict.MET


def required_facts(spec: DirectionSpec) -> list[RequiredFact]:
    """Every fact this direction's check reads, in the checklist's order, so that a form can ask."""
    readers: dict[str, list[str]] = {}
    for rule_id, paths in _reads(spec):
        for path in paths:
            readers.setdefault(path, []).append(rule_id)
    return [RequiredFact(path, _path_title(spec, path), tuple(ids)) for path, ids in readers.items()]


def _reads(spec: DirectionSpec) -> Iterator[tuple[str, tuple[str, ...]]]:
    for condition in spec.eligibility:
        if rule := GUIDE_RULES.get(type(condition)):
            yield condition.kind, (*rule.needs, *rule.also)
    for common in COMMON_RULES:
        if common.text(spec) is not None:
            yield common.id, (*common.rule.needs, *common.rule.also)
    for number, indicator in enumerate(spec.indicators, start=1):
        yield _indicator_id(number, indicator), tuple(_indicator_paths(indicator))


def _path_title(spec: DirectionSpec, path: str) -> str:
    if path.startswith("indicators."):
        return figure_title(spec.indicators, path.removeprefix("indicators."))
    return fact_title(path)


def _condition_item(condition: ConditionBase, facts: ApplicationFacts, limits: CheckPolicy) -> CheckItem:
    rule = GUIDE_RULES.get(type(condition))
    if rule is None:
        line = condition.guide_line
        return CheckItem(condition.kind, condition.text, "manual", condition.hard, None, guide_line=line)
    finding = _applied(rule, condition, facts, limits)
    if not condition.hard and finding.verdict is not CheckVerdict.MET:
        finding = not_applicable("优先条件，不具备也不影响申报。")
    return CheckItem(
        condition.kind,
        condition.text,
        "machine",
        condition.hard,
        finding.verdict,
        finding.reason,
        _evidence(rule, facts),
        condition.guide_line,
    )


def _common_items(spec: DirectionSpec, facts: ApplicationFacts, limits: CheckPolicy) -> Iterator[CheckItem]:
    for common in COMMON_RULES:
        text = common.text(spec)
        if text is not None:
            finding = _applied(common.rule, spec, facts, limits)
            evidence = _evidence(common.rule, facts)
            yield CheckItem(common.id, text, "machine", True, finding.verdict, finding.reason, evidence)


def _applied(rule: Rule, subject: object, facts: ApplicationFacts, limits: CheckPolicy) -> Finding:
    missing = [path for path in rule.needs if fact_at(facts, path) is None]
    return lacking(*missing) if missing else rule.judge(subject, facts, limits)


def _evidence(rule: Rule, facts: ApplicationFacts) -> dict[str, Any]:
    plain = facts.model_dump(mode="json")
    return {path: _at(plain, path) for path in (*rule.needs, *rule.also)}


def _at(plain: Any, path: str) -> Any:
    for name in path.split("."):
        plain = plain.get(name)
    return plain


def _indicator_id(number: int, indicator: Indicator) -> str:
    return f"indicator.{number}.{indicator.kind}"


def _indicator_paths(indicator: Indicator) -> Iterator[str]:
    for part in indicator.walk():
        for circumstance in part.when or {}:
            yield CIRCUMSTANCE_FACTS[circumstance]
        yield from (f"indicators.{name}" for name in part.figures)


def _indicator_items(spec: DirectionSpec, facts: ApplicationFacts) -> Iterator[CheckItem]:
    """One item an indicator; where only some are asked for, one decisive item, the rest for information."""
    measured = declared_against_floor(spec, facts.indicators, circumstances(facts))
    enough = spec.indicators_min_met
    if enough is not None:
        text = f"{len(spec.indicators)} 项考核指标中至少满足 {enough} 项"
        count = sum(result.status == "met" for result in measured.results)
        reason = f"申报值达到要求的有 {count} 项。"
        if measured.status == "undecided":
            reason += f"请补充申报值，使之不少于 {enough} 项。"
        yield CheckItem(
            "indicators_min_met", text, "machine", True, INDICATOR_VERDICTS[measured.status], reason
        )
    for number, result in enumerate(measured.results, start=1):
        yield _indicator_item(_indicator_id(number, result.indicator), result, facts, hard=enough is None)


def _indicator_item(rule: str, result: IndicatorResult, facts: ApplicationFacts, *, hard: bool) -> CheckItem:
    indicator = result.indicator
    if indicator.qualitative and result.status != "not_applicable":
        return CheckItem(rule, indicator.text, "manual", hard, verdict=None)
    reasons = {
        "met": "申报指标不低于指南要求。",
        "not_met": f"申报指标低于指南要求：{indicator.text}。",
        "undecided": f"请补充：{'、'.join(_missing_title(indicator, name) for name in result.missing)}。",
        "not_applicable": "不属于本指标所指的情形。",
    }
    verdict = INDICATOR_VERDICTS[result.status]
    if not hard and verdict is not CheckVerdict.MET:
        verdict = CheckVerdict.NOT_APPLICABLE
    plain = facts.model_dump(mode="json")
    evidence = {path: _at(plain, path) for path in _indicator_paths(indicator)}
    return CheckItem(rule, indicator.text, "machine", hard, verdict, reasons[result.status], evidence)


def _missing_title(indicator: Indicator, name: str) -> str:
    path = CIRCUMSTANCE_FACTS.get(name)
    return fact_title(path) if path else figure_title((indicator,), name)


def _manual_items() -> Iterator[CheckItem]:
    for rule, text in MANUAL_RULES.items():
        yield CheckItem(rule, text, "manual", True, verdict=None)
