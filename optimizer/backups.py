"""Ordered backups (备选序) for each seat, computed with the draw."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np

from optimizer import grid as grids
from optimizer.problem import ESTABLISHMENT, Expert, Problem
from optimizer.result import Position


def substitutes(
    problem: Problem, positions: tuple[Position, ...], each: int = 2
) -> dict[Position, list[int]]:
    """Ordered backups for each seat: eligible, not at the cap, not in the seating; the best by score first.

    A backup is taken with the pair it replaces gone, so a unit's place that the pair held is free for it.
    """
    load = np.bincount([r for _, r in positions], minlength=len(problem.experts))
    spare = [r for r, e in enumerate(problem.experts) if e.cap > load[r]]
    seated: dict[int, set[int]] = {}
    for p, r in positions:
        seated.setdefault(p, set()).add(r)
    found: dict[Position, list[int]] = {}
    for p, r in positions:
        others = seated[p] - {r}
        barred = None if problem.barred is None else problem.barred[p]
        full, rules = _full_units(problem, others), _rules(problem, p, r, others)
        free = [
            e
            for e in spare
            if e not in seated[p]
            and not (barred is not None and barred[e])
            and full.isdisjoint(problem.experts[e].units)
            and all(rule.keeps(problem.experts[e]) for rule in rules)
        ]
        values = grids.effective_scores(problem, tuple((p, e) for e in free))
        found[p, r] = [free[k] for k in np.argsort(-values, kind="stable")[:each]]
    return found


@dataclass(frozen=True, eq=False)
class _Count:
    """How many of the panel a rule counts without the seat, and how many it may count with it."""

    counts: Callable[[Expert], bool]
    others: int
    least: int
    most: int

    def keeps(self, candidate: Expert) -> bool:
        """Whether the rule is kept as well as before."""
        return self.least <= self.others + self.counts(candidate) <= self.most


def _rules(problem: Problem, p: int, gone: int, others: set[int]) -> list[_Count]:
    """What a newcomer must keep: each rule as far as the seating kept it."""
    policy, paper = problem.policy, problem.applications[p]
    rules: list[tuple[Callable[[Expert], bool], int, int | None]] = [
        (partial(_plays, rule.role), rule.least, rule.most) for rule in policy.composition
    ]
    rules.append((partial(_plays, ESTABLISHMENT), 0, int(policy.establishment_share * paper.seats)))
    rules.append((_is_outside, ceil(policy.outside_share * paper.seats), None))
    wanted = {code[: policy.coverage_digits] for code in paper.domains}
    if wanted:
        rules.append((partial(_covers, wanted, policy.coverage_digits), policy.coverage, None))
    found = []
    for counts, least, most in rules:
        rest = sum(counts(problem.experts[x]) for x in others)
        had = rest + counts(problem.experts[gone])
        found.append(
            _Count(counts, rest, min(least, had), len(others) + 1 if most is None else max(most, had))
        )
    return found


def _plays(role: str, one: Expert) -> bool:
    return role in one.roles


def _is_outside(one: Expert) -> bool:
    return one.outside


def _covers(wanted: set[str], digits: int, one: Expert) -> bool:
    return any(code[:digits] in wanted for code in one.domains)


def _full_units(problem: Problem, others: set[int]) -> set[str]:
    """Units that have as many on the panel as one unit may."""
    cap = problem.policy.unit_cap
    if cap is None:
        return set()
    held = Counter(unit for x in others for unit in set(problem.experts[x].units))
    return {unit for unit, count in held.items() if count >= cap}
