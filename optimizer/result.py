"""What a solve answers: the pairs, what they are worth, what is proven, and how it came about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from optimizer.problem import Id

Position = tuple[int, int]


class Objective(StrEnum):
    """What to be best at, after every seat is filled and every requirement met."""

    FAIR = "fair"  # the worst application, then the total
    TOTAL = "total"  # the total alone
    LEXIMIN = "leximin"  # the worst, the next-worst … for a fixed number of levels, then the total


class Standing(StrEnum):
    """How good the answer is known to be."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"  # complete, but a gap to the bound is left
    INFEASIBLE = "infeasible"  # not every seat can be filled; the pairs are the best partial assignment


@dataclass(frozen=True)
class Stage:
    """One lexicographic stage: what was reached and what is proven possible at most."""

    name: str
    value: float
    bound: float | None


@dataclass(frozen=True)
class Shortage:
    """A need that cannot be met, in numbers and in words."""

    kind: str  # seats, requirement, minimum, or excess (pinned ones are too many)
    subject: Id
    wanted: int
    reached: int
    sentence: str
    rule: str = ""  # which requirement, as the grid names it
    eligible: int | None = None  # how many are free of conflict, where seats are short


@dataclass(frozen=True)
class Change:
    """One change to the problem: seats, a cap, a minimum, a requirement, an added expert, or for the whole group
    the unit cap (`unit cap`) or the seats from outside the city (`outside`); their subject is `all`."""

    kind: str
    subject: Id
    before: int
    after: int


@dataclass(frozen=True)
class Relaxation:
    """Changes that together, and none of them in vain, make the problem solvable (re-solved before offered)."""

    sentence: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Result:
    """The answer to a problem. `positions` are (application, expert) positions, sorted; `pairs` their ids."""

    status: Standing
    total: float
    worst: float
    total_bound: float | None
    worst_bound: float | None
    pairs: tuple[tuple[Id, Id], ...]
    positions: tuple[Position, ...]
    stages: tuple[Stage, ...] = ()
    shortages: tuple[Shortage, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    seconds: float = 0.0
    certificate: Mapping[str, Any] = field(default_factory=dict)
    lottery: Mapping[str, Any] | None = None
    panels: tuple[Mapping[str, Any], ...] = ()

    def summary(self) -> str:
        """One sentence for a person."""
        gap = "" if self.total_bound is None else f" (at most {self.total_bound:.6g})"
        words = f"{self.status}: {len(self.pairs)} pairs, total {self.total:.6g}{gap}, worst {self.worst:.6g}"
        return words + "".join(f"; {one.sentence}" for one in self.shortages)
