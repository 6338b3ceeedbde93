"""Ordered backups (备选序) for each seat, computed with the draw."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from optimizer import grid as grids
from optimizer.grid import Floats, Ints, Mask
from optimizer.problem import ESTABLISHMENT, Problem
from optimizer.result import Position


def substitutes(
    problem: Problem, positions: tuple[Position, ...], each: int = 2, *, fresh: bool = False
) -> dict[Position, list[int]]:
    """Ordered backups for each seat: eligible, not at the cap, not in the seating; the best by score first.

    A backup is taken with the pair it replaces gone, so a unit's place that the pair held is free for it. With
    `fresh` nobody who sits anywhere in the assignment is a backup. Nobody backs two seats of one application, nor
    more seats than the cap allows, while there is anybody else.
    """
    load = np.bincount([r for _, r in positions], minlength=len(problem.experts))
    spare = np.array([e.cap for e in problem.experts]) > load
    if fresh:
        spare &= load == 0
    seated: dict[int, set[int]] = {}
    for p, r in positions:
        seated.setdefault(p, set()).add(r)
    ranked: dict[Position, Ints] = {}
    for p, members in seated.items():
        free = spare.copy() if problem.barred is None else spare & ~problem.barred[p]
        free[[*members]] = False
        values, rules = _values(problem, p), _rules(problem, p)
        for r in members:
            fitting = np.flatnonzero(free & _keeping(problem, rules, r, members - {r}))
            ranked[p, r] = fitting[np.argsort(-values[fitting], kind="stable")]
    return _shared_out(ranked, positions, each, np.array([e.cap for e in problem.experts]) - load)


def _shared_out(
    ranked: Mapping[Position, Ints], positions: tuple[Position, ...], each: int, left: Ints
) -> dict[Position, list[int]]:
    """Every seat its first backup, then every seat its second; the seats with the fewest to choose from go first."""
    found: dict[Position, list[int]] = {pair: [] for pair in positions}
    asked: dict[int, set[int]] = {}
    for _ in range(each):
        for p, r in sorted(positions, key=lambda pair: len(ranked[pair])):
            own, beside = found[p, r], asked.setdefault(p, set())
            others = (int(x) for x in ranked[p, r] if x not in own)
            unasked = (int(x) for x in ranked[p, r] if x not in beside and left[x] > 0)
            chosen = next(unasked, None)
            chosen = next(others, None) if chosen is None else chosen
            if chosen is not None:
                own.append(chosen)
                beside.add(chosen)
                left[chosen] -= 1
    return found


def _values(problem: Problem, p: int) -> Floats:
    """What every expert is worth to a paper."""
    return grids.effective_scores(problem, tuple((p, e) for e in range(len(problem.experts))))


@dataclass(frozen=True, eq=False)
class _Rule:
    """Whom of all experts a rule counts, and how many of them a panel should have."""

    counted: Mask
    least: int
    most: int


def _rules(problem: Problem, p: int) -> list[_Rule]:
    policy, paper, experts = problem.policy, problem.applications[p], problem.experts
    nobody_too_many = len(experts)

    def playing(role: str) -> Mask:
        return np.array([role in one.roles for one in experts], dtype=bool)

    rules = [
        _Rule(playing(rule.role), rule.least, nobody_too_many if rule.most is None else rule.most)
        for rule in policy.composition
    ]
    rules.append(_Rule(playing(ESTABLISHMENT), 0, int(policy.establishment_share * paper.seats)))
    outside = np.array([one.outside for one in experts], dtype=bool)
    rules.append(_Rule(outside, ceil(policy.outside_share * paper.seats), nobody_too_many))
    digits = policy.coverage_digits
    wanted = {code[:digits] for code in paper.domains}
    if wanted:
        covers = [any(code[:digits] in wanted for code in one.domains) for one in experts]
        rules.append(_Rule(np.array(covers, dtype=bool), policy.coverage, nobody_too_many))
    return rules


def _keeping(problem: Problem, rules: Sequence[_Rule], gone: int, others: set[int]) -> Mask:
    """Which newcomers keep each rule as far as the seating kept it, and take no unit beyond its cap."""
    kept = np.ones(len(problem.experts), dtype=bool)
    for rule in rules:
        rest = int(rule.counted[[*others]].sum())
        had = rest + int(rule.counted[gone])
        then = rest + rule.counted
        kept &= (then >= min(rule.least, had)) & (then <= max(rule.most, had))
    full = _full_units(problem, others)
    if full:
        kept &= np.array([full.isdisjoint(one.units) for one in problem.experts], dtype=bool)
    return kept


def _full_units(problem: Problem, others: set[int]) -> set[str]:
    """Units that have as many on the panel as one unit may."""
    cap = problem.policy.unit_cap
    if cap is None:
        return set()
    held = Counter(unit for x in others for unit in set(problem.experts[x].units))
    return {unit for unit, count in held.items() if count >= cap}
