"""What must be delivered (考核指标): indicators as data, and the one function that measures figures against them.

The same measure serves the formal check (are the declared figures at least the guide's floors?) and acceptance (do
the achieved figures reach what was promised?). It is three-valued: a figure nobody gave leaves an indicator
undecided, unless what is known settles it. Applied (申请) and granted (授权) are different kinds, never exchanged.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.catalogue.numbers import Number, plain_number

Status = Literal["met", "not_met", "undecided", "not_applicable"]
Figure = Decimal | int | bool | Sequence[Decimal | int]
Figures = Mapping[str, Figure]
Circumstances = Mapping[str, Collection[str]]


class Indicator(BaseModel):
    """One required result.

    A plain indicator bounds the figure called `kind` (`min`, `max` inclusive; `more_than`, `less_than` strict), in
    `unit`, over the whole `period` or for every `year`. `sum_of` bounds the total of several kinds instead.
    `including` adds requirements on a part of it (3 applied, of which 1 granted). `any_of` and `all_of` combine
    indicators. `when` limits it to a circumstance ({"product": "component"}). A `qualitative` one is a person's
    yes or no.
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
        return self

    @property
    def is_bounded(self) -> bool:
        """Whether a figure is compared."""
        return any(bound is not None for bound in (self.min, self.max, self.more_than, self.less_than))


class HasIndicators(Protocol):
    """What the measure reads of a direction."""

    @property
    def indicators(self) -> tuple[Indicator, ...]: ...
    @property
    def indicators_min_met(self) -> int | None: ...


@dataclass(frozen=True)
class IndicatorResult:
    """One indicator measured: `missing` names the figures and circumstances that would settle it."""

    indicator: Indicator
    status: Status
    reason: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """All indicators measured, and the whole: all of them, or as many as the direction asks for."""

    status: Status
    results: tuple[IndicatorResult, ...]
    reason: str
