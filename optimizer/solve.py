"""Solve an assignment problem: the outline.

Lexicographic: every seat filled, every requirement met, the worst application (fair, leximin), the total fit, the
load spread, a keyed tie-break. Nested constraints are a flow; where they cross, a mixed-integer program follows.
"""

from dataclasses import dataclass

import numpy as np

from optimizer import fairness, mip, pricing, shortage, spreading
from optimizer import grid as grids
from optimizer import levels as lv
from optimizer.certificate import certify
from optimizer.errors import ProblemError
from optimizer.grid import TINY, Grid, Mask, Pairs
from optimizer.pricing import Filled, Prices
from optimizer.problem import Problem
from optimizer.result import Objective, Position, Result, Stage, Standing
from optimizer.totals import most_total
from optimizer.watch import Watch

CLOSE = 1e-7


@dataclass(frozen=True, eq=False)
class _Answer:
    pairs: Pairs
    taken: Mask
    stages: tuple[Stage, ...]
    total_bound: float
    worst_bound: float
    proven: bool
    even: bool  # whether no assignment as good spreads the loads more evenly
    prices: Prices | None = None


def solve(
    problem: Problem,
    objective: Objective = Objective.FAIR,
    levels: int = 1,
    seed: int = 0,
    watch: Watch | None = None,
    pins: tuple[Position, ...] = (),
    forbidden: tuple[Position, ...] = (),
) -> Result:
    """Assign experts to applications.

    `levels` counts the worst applications raised in turn (leximin only). `watch` limits, cancels and reports.
    `pins` must be, `forbidden` may not be (pairs by position). Never raises for a shortage: the result says it.
    """
    watch = watch or Watch()
    count = levels if objective is Objective.LEXIMIN else int(objective is Objective.FAIR)
    if objective is Objective.LEXIMIN and levels < 1:
        raise ProblemError("Leximin needs at least one level.")
    _check_pins(problem, pins)
    grid = grids.build(problem, seed, pins, forbidden)
    watch.say("seats")
    answer = _complete(grid, count, watch)
    if answer is None:
        return shortage.partial(problem, grid, objective, count, seed, watch, pins, forbidden)
    return _result(problem, grid, objective, count, seed, watch, pins, answer)


def _complete(grid: Grid, count: int, watch: Watch) -> _Answer | None:
    """An assignment that fills every seat and meets every requirement, or None where there is none."""
    if grid.shape[0] == 0:
        if grid.least.any():
            return None
        none = np.zeros(0, dtype=bool)
        pairs = Pairs(none.astype(np.int32), none.astype(np.int32), none.astype(float))
        return _Answer(pairs, none, (), 0.0, 0.0, proven=True, even=True)
    start = pricing.greatest_total(grid)
    if start is None:
        return None
    watch.say("total", start.total * grid.norm, start.bound * grid.norm)
    if not grid.nested:
        return _crossing(grid, start, count, watch)
    return _from_total(grid, start, watch) if count == 0 else _from_fair(grid, start, count, watch)


def _crossing(grid: Grid, start: Filled, count: int, watch: Watch) -> _Answer | None:
    found, bound = most_total(grid, start, (), np.zeros(0, dtype=np.int64), watch)
    if found.status is mip.Status.INFEASIBLE:
        return None
    if not found.taken.any() and grid.seats.any():
        raise ProblemError("No complete assignment was found before the time limit; allow more time.")
    if count == 0:
        found = lv.evened(grid, found, (), watch)
    total = float(found.pairs.score[found.taken].sum() + grid.base.sum())
    met = Filled(found.pairs, found.taken, total, bound, start.prices, found.even)
    return (
        _from_total(grid, met, watch, exact=found.status is mip.Status.OPTIMAL)
        if count == 0
        else _from_fair(grid, met, count, watch)
    )


def _from_total(grid: Grid, start: Filled, watch: Watch, exact: bool = True) -> _Answer:
    sums = lv.sums(grid, start.pairs, start.chosen)
    total, ceiling = float(sums.sum()), float(fairness.ceilings(grid).min())
    bound = max(total, start.bound)
    watch.say("total", total * grid.norm, bound * grid.norm)
    stages = (Stage("total", total * grid.norm, bound * grid.norm),)
    return _Answer(
        start.pairs,
        start.chosen,
        stages,
        bound,
        max(ceiling, float(sums.min())),
        exact and bound - total <= _close(start.pairs, start.chosen),
        start.even,
        start.prices if grid.nested else None,
    )


def _from_fair(grid: Grid, start: Filled, count: int, watch: Watch) -> _Answer:
    fair = fairness.fairest(grid, start, count, watch)
    sums = np.sort(lv.sums(grid, fair.found.pairs, fair.found.taken))
    total = float(sums.sum())
    reached = sums[: len(fair.level_bounds)]
    bounds = np.maximum(reached, np.array(fair.level_bounds))
    total_bound = max(total, fair.total_bound)
    names = ["worst", *[f"worst {k + 1}" for k in range(1, len(reached))]]
    stages = [
        Stage(name, float(v) * grid.norm, float(b) * grid.norm if np.isfinite(b) else None)
        for name, v, b in zip(names, reached, bounds, strict=True)
    ]
    stages.append(Stage("total", total * grid.norm, total_bound * grid.norm))
    usual = (
        float(np.median(np.abs(fair.found.pairs.score[fair.found.taken]))) if fair.found.taken.any() else 0.0
    )
    usual = min(usual, 1.0 / grid.norm)
    level = bool((bounds - reached <= CLOSE * np.maximum(np.abs(reached), max(usual, TINY))).all())
    proven = level and total_bound - total <= _close(fair.found.pairs, fair.found.taken)
    return _Answer(
        fair.found.pairs,
        fair.found.taken,
        tuple(stages),
        total_bound,
        float(bounds[0]),
        proven and fair.found.status is mip.Status.OPTIMAL,
        fair.found.even,
    )


def _close(pairs: Pairs, taken: Mask) -> float:
    """How near a bound must come to count as met: measured by the scores chosen, not by the largest of all."""
    return CLOSE * max(float(np.abs(pairs.score[taken]).sum()), TINY)


def _result(
    problem: Problem,
    grid: Grid,
    objective: Objective,
    count: int,
    seed: int,
    watch: Watch,
    pins: tuple[Position, ...],
    answer: _Answer,
) -> Result:
    positions = positions_of(grid, answer.pairs, answer.taken, pins)
    total, worst = worth(problem, positions)
    spread = spreading.squares(problem, positions)
    stages = (
        Stage("unfilled seats", 0.0, 0.0),
        *answer.stages,
        Stage(spreading.STAGE, spread, spread if answer.even else None),
    )
    return Result(
        Standing.OPTIMAL if answer.proven else Standing.FEASIBLE,
        total,
        worst,
        max(total, answer.total_bound * grid.norm),
        max(worst, answer.worst_bound * grid.norm),
        tuple((problem.applications[p].id, problem.experts[r].id) for p, r in positions),
        positions,
        stages,
        seconds=round(watch.seconds, 4),
        certificate=certify(
            problem,
            grid,
            objective,
            count,
            seed,
            stages,
            positions,
            None if pins or grid.least.any() else answer.prices,
        ),
    )


def completable(grid: Grid, watch: Watch) -> bool:
    """Whether every seat can be filled and every requirement met; not if time is up before that is known."""
    if grid.shape[0] == 0:
        return not grid.least.any()
    start = None if watch.over else pricing.greatest_total(grid)
    if start is None or grid.nested:
        return start is not None
    found = most_total(grid, start, (), np.zeros(0, dtype=np.int64), watch)[0]
    return found.status in (mip.Status.OPTIMAL, mip.Status.FEASIBLE)


def positions_of(
    grid: Grid, pairs: Pairs, taken: Mask, pins: tuple[Position, ...] = ()
) -> tuple[Position, ...]:
    """Chosen pairs by position in the problem, sorted."""
    p, r = grid.papers[pairs.p[taken]], grid.experts[pairs.r[taken]]
    return tuple(sorted([*zip(p.tolist(), r.tolist(), strict=True), *pins]))


def worth(problem: Problem, positions: tuple[Position, ...]) -> tuple[float, float]:
    """Total and worst sum of an assignment in the input's own scores; who asks for nobody has no sum."""
    sums = np.zeros(len(problem.applications))
    values = grids.effective_scores(problem, positions)
    if positions:
        np.add.at(sums, [p for p, _ in positions], values)
    asked = [i for i, a in enumerate(problem.applications) if a.seats > 0]
    return float(values.sum()), float(sums[asked].min()) if asked else 0.0


def _check_pins(problem: Problem, pins: tuple[Position, ...]) -> None:
    for p, r in pins:
        if problem.barred is not None and problem.barred[p, r]:
            raise ProblemError(
                f"Application {problem.applications[p].id!r} and expert {problem.experts[r].id!r} are in conflict "
                "and cannot be put together."
            )
        if not problem.listed(p, r):
            raise ProblemError(
                f"Application {problem.applications[p].id!r} and expert {problem.experts[r].id!r} are not listed "
                "as a pair that may be."
            )
