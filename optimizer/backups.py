"""Ordered backups (备选序) for each seat, computed with the draw."""

from math import ceil

import numpy as np

from optimizer import grid as grids
from optimizer.problem import Problem
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
        free = [e for e in spare if e not in seated[p] and _fits(problem, p, r, e, others)]
        values = grids.effective_scores(problem, tuple((p, e) for e in free))
        found[p, r] = [free[k] for k in np.argsort(-values, kind="stable")[:each]]
    return found


def _fits(problem: Problem, p: int, gone: int, e: int, others: set[int]) -> bool:
    """Whether an expert may take a seat for another one without breaking a rule the seating kept."""
    if problem.barred is not None and problem.barred[p, e]:
        return False
    policy, ours, old = problem.policy, problem.experts[e], problem.experts[gone]
    if policy.unit_cap is not None:
        for unit in ours.units:
            if sum(unit in problem.experts[x].units for x in others) >= policy.unit_cap:
                return False
    seating = [problem.experts[x] for x in others] + [ours]
    before = [problem.experts[x] for x in others] + [old]
    for rule in policy.composition:
        had, has = (sum(rule.role in one.roles for one in panel) for panel in (before, seating))
        if has < min(rule.least, had) or (rule.most is not None and has > max(rule.most, had)):
            return False
    least = ceil(policy.outside_share * problem.applications[p].seats)
    had, has = (sum(one.outside for one in panel) for panel in (before, seating))
    if has < min(least, had):
        return False
    digits = policy.coverage_digits
    wanted = {code[:digits] for code in problem.applications[p].domains}
    had, has = (
        sum(bool(wanted & {code[:digits] for code in one.domains}) for one in panel)
        for panel in (before, seating)
    )
    return not wanted or has >= min(policy.coverage, had)
