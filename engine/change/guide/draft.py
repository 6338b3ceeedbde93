"""A guide's draft catalogue (目录草稿): every leaf as the catalogue's object, each field with line and confidence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from engine.catalogue.conditions import Condition
from engine.catalogue.numbers import plain_number
from engine.change.guide.conditions import condition_spans, read_conditions
from engine.change.guide.figures import Figure
from engine.change.guide.funding import Funding, read_funding, speaks_of_funding
from engine.change.guide.outline import Heading, codes, read_outline
from engine.change.guide.results import Result, enough, read_results
from engine.change.guide.roles import could_be, unplaced
from engine.change.guide.sentences import AT_HOME, ELSEWHERE, Reading, Sentence, sentences_of
from engine.change.guide.text import Line
from engine.change.guide.typos import Flag, flags_of

CONDITIONS: TypeAdapter[tuple[Condition, ...]] = TypeAdapter(tuple[Condition, ...])
RULE = {
    "basis": "basis",
    "rate": "rate",
    "floor_yuan": "floor_yuan",
    "cap_yuan": "cap_yuan",
    "cap_share_of_total_investment": "cap_share",
}
FLAT = (
    "funding_mode",
    "payment_trigger",
    "quota",
    "min_total_investment_yuan",
    "self_raised_ratio_min",
    "duration_max_years",
    "duration_exact_years",
    "competitive",
    "procedure",
)


@dataclass(frozen=True)
class Unparsed:
    """A sentence nothing was read from, with the leaf it stands under (None outside every leaf)."""

    line: int
    text: str
    code: str | None


@dataclass(frozen=True)
class DraftDirection:
    """One leaf: the catalogue's object, and for every field its line (None: nothing says it) and confidence."""

    fields: Mapping[str, Any]
    source: Mapping[str, int | None]
    confidence: Mapping[str, float]
    unparsed: tuple[Unparsed, ...]

    @property
    def code(self) -> str:
        """Its code."""
        return str(self.fields["code"])


@dataclass(frozen=True)
class Draft:
    """The whole guide as read."""

    directions: tuple[DraftDirection, ...]
    unparsed: tuple[Unparsed, ...]
    flags: tuple[Flag, ...]


def read_guide(lines: Sequence[Line]) -> Draft:
    """Read a guide's lines; nothing else is looked at, this year's catalogue least of all."""
    outline = read_outline(lines)
    names = codes(outline)
    directions = tuple(_direction(leaf, names[leaf.line.number]) for leaf in outline.leaves())
    loose = [Unparsed(line.number, line.text, None) for line in outline.loose]
    inside = {each for direction in directions for each in direction.unparsed}
    unparsed = sorted({*loose, *inside}, key=lambda each: (each.line, each.text, each.code or ""))
    return Draft(directions, tuple(unparsed), tuple(flags_of(lines, outline)))


def _direction(leaf: Heading, code: str) -> DraftDirection:
    sentences = sentences_of(leaf)
    strays = {sentence: [*unplaced(sentence, condition_spans(sentence))] for sentence in sentences}
    doubted = (
        role for sentence, found in strays.items() for one in found for role in could_be(sentence, one)
    )
    funding = read_funding(sentences, frozenset(doubted))
    conditions = list(read_conditions(sentences))
    results = list(read_results(sentences))
    suffice = enough(sentences)
    unparsed = tuple(_unparsed(strays, results, code))
    fields = {
        "code": code,
        "path": list(leaf.path),
        **_funding_fields(funding),
        "eligibility": CONDITIONS.dump_python(tuple(each for each, _ in conditions), mode="json"),
        "indicators": [one.indicator.model_dump(mode="json") for one in results if one.indicator],
        "indicators_min_met": suffice[0] if suffice else None,
        "guide_lines": [leaf.line.number, leaf.last_line],
    }
    source, confidence = _evidence(leaf, funding, conditions, results, suffice, unparsed)
    return DraftDirection(_in_order(fields), source, confidence, unparsed)


def _funding_fields(funding: Funding) -> dict[str, Any]:
    flat = {name: _json(getattr(funding, name).value) for name in FLAT}
    rule = {name: getattr(funding, attribute).value for name, attribute in RULE.items()}
    return flat | {"rule": {name: _share_text(value) for name, value in rule.items()}}


def _json(value: Any) -> Any:
    return plain_number(value) if isinstance(value, Decimal) else value


def _share_text(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value


ORDER = (
    "code", "path", "funding_mode", "payment_trigger", "rule", "quota", "min_total_investment_yuan",
    "self_raised_ratio_min", "duration_max_years", "duration_exact_years", "competitive", "procedure",
    "eligibility", "indicators", "indicators_min_met", "guide_lines",
)  # fmt: skip


def _in_order(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in ORDER}


def _evidence(
    leaf: Heading,
    funding: Funding,
    conditions: Sequence[tuple[Condition, Sentence]],
    results: Sequence[Result],
    suffice: tuple[int, int] | None,
    unparsed: Sequence[Unparsed],
) -> tuple[dict[str, int | None], dict[str, float]]:
    """The line and the confidence of every field; `rule` has one of each of its own parts too."""
    title = Reading(None, leaf.line.number, AT_HOME)
    readings: dict[str, Reading[Any]] = {"code": title, "path": title}
    readings |= {name: getattr(funding, name) for name in FLAT}
    parts = {f"rule.{name}": getattr(funding, attribute) for name, attribute in RULE.items()}
    sure = min(part.confidence for part in parts.values())
    readings |= {"rule": Reading(None, funding.basis.line, sure), **parts}
    failed = {(one.line, one.written) for one in results if one.indicator is None}
    left = sum((each.line, each.text) not in failed for each in unparsed)
    said = [sentence.line for _, sentence in conditions]
    readings["eligibility"] = Reading(None, min(said, default=None), _completeness(len(conditions), left))
    lines = [one.line for one in results]
    read = sum(
        one.indicator is not None and not one.indicator.kind.startswith("technical_") for one in results
    )
    readings["indicators"] = Reading(None, min(lines, default=None), _completeness(read, len(results) - read))
    readings["indicators_min_met"] = Reading(None, suffice[1] if suffice else None, ELSEWHERE)
    readings["guide_lines"] = title
    return (
        {name: reading.line for name, reading in readings.items()},
        {name: reading.confidence for name, reading in readings.items()},
    )


def _completeness(read: int, left: int) -> float:
    """A list is as sure as the share of sentences that were understood, and never quite certain."""
    return round(ELSEWHERE * (read / (read + left)), 2) if read + left else ELSEWHERE


def _unparsed(
    strays: Mapping[Sentence, Sequence[Figure]], results: Sequence[Result], code: str
) -> list[Unparsed]:
    """The leaf's sentences that nothing was read from, and those with a figure that nobody could place.

    A description of the work (研究内容) states no rule.
    """
    failed = {(one.line, one.written) for one in results if one.indicator is None}
    found = []
    for sentence, figures in strays.items():
        if sentence.kind == "indicators":
            lost = (sentence.line, sentence.written) in failed
        elif sentence.kind == "content":
            lost = False
        else:
            lost = bool(figures) or not (condition_spans(sentence) or speaks_of_funding(sentence))
        if lost and re.search(r"\w", sentence.text):
            found.append(Unparsed(sentence.line, sentence.written, code))
    return found
