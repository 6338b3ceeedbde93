"""A complete assignment: every seat filled, every requirement met, as good as the objective asks, with its bounds.

Nested constraints are a flow; where they cross, a mixed-integer program follows.
"""

from dataclasses import dataclass

import numpy as np

from optimizer import fairness, mip, pricing
from optimizer import levels as lv
from optimizer.errors import ProblemError
from optimizer.grid import TINY, Grid, Mask, Pairs
from optimizer.pricing import Filled, Prices
from optimizer.result import Stage
from optimizer.totals import most_total
from optimizer.watch import Watch

CLOSE = 1e-7


@dataclass(frozen=True, eq=False)
class Answer:
    """Pairs taken of those considered, with what was reached and proven; in the grid's own scale but for `stages`."""

    pairs: Pairs
    taken: Mask
    stages: tuple[Stage, ...]
    total_bound: float
    worst_bound: float
    proven: bool
    even: bool  # whether no assignment as good spreads the loads more evenly
    prices: Prices | None = None


def find_complete(grid: Grid, count: int, watch: Watch) -> Answer | None:
    """An assignment that fills every seat and meets every requirement, or None where there is none."""
    if grid.shape[0] == 0:
        if grid.least.any():
            return None
        none = np.zeros(0, dtype=bool)
        pairs = Pairs(none.astype(np.int32), none.astype(np.int32), none.astype(float))
        return Answer(pairs, none, (), 0.0, 0.0, proven=True, even=True)
    start = pricing.greatest_total(grid)
    if start is None:
        return None
    watch.say("total", start.total * grid.norm, start.bound * grid.norm)
    if not grid.nested:
        return _crossing(grid, start, count, watch)
    return _from_total(grid, start, watch) if count == 0 else _from_fair(grid, start, count, watch)


def _crossing(grid: Grid, start: Filled, count: int, watch: Watch) -> Answer | None:
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


def _from_total(grid: Grid, start: Filled, watch: Watch, exact: bool = True) -> Answer:
    sums = lv.sums(grid, start.pairs, start.chosen)
    total, ceiling = float(sums.sum()), float(fairness.ceilings(grid).min())
    bound = max(total, start.bound)
    watch.say("total", total * grid.norm, bound * grid.norm)
    stages = (Stage("total", total * grid.norm, bound * grid.norm),)
    return Answer(
        start.pairs,
        start.chosen,
        stages,
        bound,
        max(ceiling, float(sums.min())),
        exact and bound - total <= _close(start.pairs, start.chosen),
        start.even,
        start.prices if grid.nested else None,
    )


def _from_fair(grid: Grid, start: Filled, count: int, watch: Watch) -> Answer:
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
    return Answer(
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


def completable(grid: Grid, watch: Watch) -> bool:
    """Whether every seat can be filled and every requirement met; not if time is up before that is known."""
    if grid.shape[0] == 0:
        return not grid.least.any()
    start = None if watch.over else pricing.greatest_total(grid)
    if start is None or grid.nested:
        return start is not None
    found = most_total(grid, start, (), np.zeros(0, dtype=np.int64), watch)[0]
    return found.status in (mip.Status.OPTIMAL, mip.Status.FEASIBLE)
