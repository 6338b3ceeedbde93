"""What must be delivered (考核指标): indicators as data, and the measure of figures against them.

The same measure serves the formal check (are the declared figures at least the guide's floors?) and
acceptance (are the achieved ones?). It is three-valued: a figure nobody gave leaves an indicator undecided,
unless what is known settles it. Applied (申请) and granted (授权) are different kinds, never exchanged.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.catalogue.numbers import Number
from engine.errors import Unusable

Status = Literal["met", "not_met", "undecided", "not_applicable"]
Figure = Decimal | int | bool | Sequence[Decimal | int]
Figures = Mapping[str, Figure]
Circumstances = Mapping[str, Collection[str]]


class Indicator(BaseModel):
    """One required result.

    A plain indicator bounds the figure called `kind` (`min`, `max` inclusive; `more_than`, `less_than`
    strict) in `unit`, over the whole `period` or in every `year`. `sum_of` bounds a total of figures instead.
    `including` adds requirements on a part of it (3 applied, of which 1 granted). `any_of` and `all_of`
    combine indicators. `when` limits it to a circumstance ({"product": "component"}). A `qualitative` one is
    a person's yes or no.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    text: Annotated[str, Field(min_length=2)]
    min: Number | None = None
    max: Number | None = None
    more_than: Number | None = None
    less_than: Number | None = None
    unit: str | None = None
    per: Literal["period", "year"] = "period"
    when: Mapping[str, str] | None = None
    any_of: tuple["Indicator", ...] = ()
    all_of: tuple["Indicator", ...] = ()
    sum_of: tuple[str, ...] = ()
    including: tuple["Indicator", ...] = ()
    qualitative: bool = False

    @model_validator(mode="after")
    def _has_one_shape(self) -> "Indicator":
        shapes = [bool(self.any_of), bool(self.all_of), self.qualitative, self.is_bounded]
        if sum(shapes) != 1:
            raise ValueError(f"indicator {self.kind}: give bounds, or any_of, or all_of, or qualitative")
        if (self.sum_of or self.including) and not self.is_bounded:
            raise ValueError(f"indicator {self.kind}: sum_of and including belong to a bounded indicator")
        if self.sum_of and self.per == "year":
            raise ValueError(f"indicator {self.kind}: a sum is over the period, not per year")
        return self

    @property
    def is_bounded(self) -> bool:
        """Whether a figure is compared."""
        return any(bound is not None for bound in (self.min, self.max, self.more_than, self.less_than))

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures it reads itself, without those of its parts."""
        if self.sum_of:
            return self.sum_of
        return (self.kind,) if self.qualitative or self.is_bounded else ()

    def walk(self) -> Iterator["Indicator"]:
        """Itself and every indicator inside it."""
        yield self
        for part in (*self.any_of, *self.all_of, *self.including):
            yield from part.walk()


class HasIndicators(Protocol):
    """What the measure reads of a direction."""

    @property
    def indicators(self) -> tuple[Indicator, ...]: ...
    @property
    def indicators_min_met(self) -> int | None: ...


@dataclass(frozen=True)
class IndicatorResult:
    """One indicator measured; `missing` names the figures or circumstances that would settle it."""

    indicator: Indicator
    status: Status
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """The whole: all applicable indicators met, or as many as the direction asks for."""

    status: Status
    results: tuple[IndicatorResult, ...]


def declared_against_floor(
    direction: HasIndicators, figures: Figures, circumstances: Circumstances
) -> Measured:
    """Whether figures (declared, or achieved) reach the guide's floors, as the direction combines them.

    A direction with `indicators_min_met` is met by that many indicators, the qualitative ones counted;
    a direction without indicators is `not_applicable`.
    """
    results = evaluate_indicators(direction, figures, circumstances)
    statuses = [result.status for result in results]
    return Measured(_combine(statuses, direction.indicators_min_met), results)


def evaluate_indicators(
    direction: HasIndicators, figures: Figures, circumstances: Circumstances
) -> tuple[IndicatorResult, ...]:
    """Each of the direction's indicators measured, in the guide's order.

    `figures` are keyed by kind: a number, one number a year, or yes/no for a qualitative one. `circumstances`
    say what the project is ({"product": {"component"}, "applicant": {"enterprise"}}). Raises `Unusable` when
    a figure is of the wrong sort.
    """
    return tuple(_measure(indicator, figures, circumstances) for indicator in direction.indicators)


def _measure(indicator: Indicator, figures: Figures, circumstances: Circumstances) -> IndicatorResult:
    for circumstance, value in (indicator.when or {}).items():
        known = circumstances.get(circumstance)
        if not known:
            return IndicatorResult(indicator, "undecided", (circumstance,))
        if value not in known:
            return IndicatorResult(indicator, "not_applicable")
    if indicator.any_of:
        parts = [_measure(part, figures, circumstances) for part in indicator.any_of]
        return _joined(indicator, parts, enough=1)
    if indicator.all_of:
        return _joined(indicator, [_measure(part, figures, circumstances) for part in indicator.all_of])
    own = _judged(indicator, figures) if indicator.qualitative else _bounded(indicator, figures)
    inner = [_measure(part, figures, circumstances) for part in indicator.including]
    return _joined(indicator, [own, *inner])


def _joined(indicator: Indicator, parts: list[IndicatorResult], enough: int | None = None) -> IndicatorResult:
    status = _combine([part.status for part in parts], enough)
    missing = (name for part in parts for name in part.missing) if status == "undecided" else ()
    return IndicatorResult(indicator, status, tuple(dict.fromkeys(missing)))


def _combine(statuses: Iterable[Status], enough: int | None) -> Status:
    """At least `enough` of the applicable ones (None: all); an undecided one may still go either way."""
    applicable = [status for status in statuses if status != "not_applicable"]
    if not applicable:
        return "not_applicable"
    needed = len(applicable) if enough is None else enough
    if applicable.count("met") >= needed:
        return "met"
    possible = applicable.count("met") + applicable.count("undecided")
    return "undecided" if possible >= needed else "not_met"


def _judged(indicator: Indicator, figures: Figures) -> IndicatorResult:
    answer = figures.get(indicator.kind)
    if answer is None:
        return IndicatorResult(indicator, "undecided", (indicator.kind,))
    if not isinstance(answer, bool):
        raise Unusable(f"指标“{indicator.text}”（{indicator.kind}）由人判断，请填 true 或 false。")
    return IndicatorResult(indicator, "met" if answer else "not_met")


def _bounded(indicator: Indicator, figures: Figures) -> IndicatorResult:
    known = {name: _numbers(indicator, figures[name]) for name in indicator.figures if name in figures}
    missing = tuple(name for name in indicator.figures if not known.get(name))
    given = [number for numbers in known.values() for number in numbers]
    amounts = given if indicator.per == "year" else [sum(given, Decimal(0))]
    within = all(_within(indicator, amount) for amount in amounts)
    if missing and not (given and within and indicator.max is None and indicator.less_than is None):
        return IndicatorResult(indicator, "undecided", missing)
    return IndicatorResult(indicator, "met" if within else "not_met")


def _numbers(indicator: Indicator, figure: Figure) -> list[Decimal]:
    listed = list(figure) if isinstance(figure, Sequence) else [figure]
    if any(isinstance(number, bool) for number in listed):
        raise Unusable(f"指标“{indicator.text}”（{indicator.kind}）是数值，请填数字，不填是否。")
    return [Decimal(number) for number in listed]


def _within(indicator: Indicator, amount: Decimal) -> bool:
    return (
        (indicator.min is None or amount >= indicator.min)
        and (indicator.max is None or amount <= indicator.max)
        and (indicator.more_than is None or amount > indicator.more_than)
        and (indicator.less_than is None or amount < indicator.less_than)
    )
