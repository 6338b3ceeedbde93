"""The policy behind the rules (回避期限与上限) as one value: no year, cap or share is written in the code."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from fractions import Fraction

from optimizer.errors import ProblemError
from optimizer.problem import Force


class Reach(StrEnum):
    """How far an expert's own application keeps the expert away (rule 7)."""

    GROUP = "group"  # 同组
    BATCH = "batch"  # 同批


@dataclass(frozen=True)
class Windows:
    """Every number of the twenty rules, from policy rows; `versions` names the rows, for the certificate.

    A window of n years ends on the day of assignment and begins on the same day n years earlier, both included;
    0 years is "current". Penalties are taken from a score between 0 and 1.
    """

    former_employment_years: int  # rule 2
    investment_years: int  # rule 3, investment
    control_years: int  # rule 3, director, controlling
    collateral_generations: int  # rule 4
    applicant_reach: Reach  # rule 7
    own_unit: Force  # rule 8: hard, or abstain where the pool does not allow it
    own_unit_approver: str  # rule 8: who approved the abstention; empty while hard
    joint_work_years: int  # rule 6
    dispute_years: int  # rule 9
    avoid_limit: int  # rule 12
    avoided: Force  # rule 12: hard, or soft where the list is only considered
    avoided_penalty: float
    unit_cap: int  # rule 15
    establishment_share: Fraction  # rule 16
    establishment_penalty: float
    yearly_reviews: int  # rule 17
    daily_defences: int
    daily_readings: int
    rotation_batches: int  # rule 18: how many batches back
    direction_panels: int  # rule 18: panels a year in one direction
    rotation: Force  # rule 18: soft, or hard
    rotation_penalty: float
    backups_per_seat: int  # rule 19
    versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in fields(self):
            number = getattr(self, one.name)
            if isinstance(number, int | float | Fraction) and number < 0:
                raise ProblemError(f"The policy {one.name} is {number}; give 0 or more.")
        _one_of("own_unit", self.own_unit, Force.HARD, Force.ABSTAIN)
        _one_of("avoided", self.avoided, Force.HARD, Force.SOFT)
        _one_of("rotation", self.rotation, Force.SOFT, Force.HARD)
        if self.own_unit is Force.ABSTAIN and not self.own_unit_approver:
            raise ProblemError("Abstention in place of exclusion under rule 8 needs the name of an approver.")
        if self.establishment_share > 1:
            raise ProblemError(f"The establishment share is {self.establishment_share}; give at most 1.")


def _one_of(name: str, force: Force, *allowed: Force) -> None:
    if force not in allowed:
        raise ProblemError(f"The policy {name} is {force!s}; it may be {' or '.join(allowed)}.")


def years_before(day: date, years: int) -> date:
    """The same day some years earlier; 29 February becomes 28 February, so the window is never the shorter."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
