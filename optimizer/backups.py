"""Ordered backups (备选序) for each seat, computed with the draw."""

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
    """Whether an expert may take a seat for another one without breaking a rule of the seating."""
    if problem.barred is not None and problem.barred[p, e]:
        return False
    policy, ours, old = problem.policy, problem.experts[e], problem.experts[gone]
    if policy.unit_cap is not None:
        for unit in ours.units:
            if sum(unit in problem.experts[x].units for x in others) >= policy.unit_cap:
                return False
    asked = {rule.role for rule in policy.composition}
    if asked and asked & set(ours.roles) != asked & set(old.roles):
        return False
    if policy.outside_share > 0 and old.outside and not ours.outside:
        return False
    digits = policy.coverage_digits
    wanted = {code[:digits] for code in problem.applications[p].domains}
    knew = bool(wanted & {code[:digits] for code in old.domains})
    knows = bool(wanted & {code[:digits] for code in ours.domains})
    return not policy.coverage or knows or not knew
