"""The score sheet's rubric (评分标准) as a page shows it: dimensions with their weights, and the bands of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlmodel import Session

from engine import policy
from engine.clock import local_day
from engine.reviewing import rounds
from web.language import is_english


@dataclass(frozen=True)
class Band:
    """A word for a share of a dimension's weight, from so many percent on."""

    title: str
    from_percent: int


@dataclass(frozen=True)
class Dimension:
    """What is scored, up to its weight."""

    key: str
    title: str
    weight: Decimal
    bands: Sequence[Band]

    @property
    def scale(self) -> list[tuple[str, Decimal]]:
        """Each band with the points it begins at: 优 22.5 起."""
        return [(band.title, self.weight * band.from_percent / 100) for band in self.bands]

    def band_of(self, points: Decimal | None) -> str:
        """The word for so many points; empty for none, and for more than there are."""
        if points is None or not 0 <= points <= self.weight:
            return ""
        return next((title for title, least in self.scale if points >= least), "")


@dataclass(frozen=True)
class Rubric:
    """A score sheet: its title and dimensions, whose weights sum to 100."""

    title: str
    dimensions: Sequence[Dimension]


def rubric_for(session: Session, direction_code: str, now: datetime) -> Rubric:
    """The rubric in force for a direction, in the reader's language."""
    found = rounds.rubric_of(policy.values(session, local_day(now)), direction_code)
    bands = sorted(
        (Band(_title(band), int(band["from_percent"])) for band in found["bands"]),
        key=lambda band: -band.from_percent,
    )
    dimensions = [
        Dimension(one["key"], _title(one), Decimal(one["weight"]), bands) for one in found["dimensions"]
    ]
    return Rubric(_title(found), dimensions)


def points_in(text: str) -> Decimal | None:
    """The number somebody typed; None for anything else."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _title(words: Mapping[str, Any]) -> str:
    return str(words["title_en"] if is_english() else words["title"])
