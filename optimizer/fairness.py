"""The fair objective: raise the worst paper (and for leximin the next-worst), then take the greatest total.

Exact over all pairs by two relaxations that close on each other. From above: what each paper could have with all
experts to itself, and where that is too hopeful, the best worst sum of a *few* papers that compete only with each
other. From below: a full assignment with these levels as floors (`totals`); where there is one, they are proven.
Otherwise the few papers become more, in the end all.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from optimizer import levels as lv
from optimizer import mip
from optimizer.grid import Floats, Grid, Ints, Pairs
from optimizer.levels import Chosen, Levels
from optimizer.pricing import Filled
from optimizer.totals import most_total
from optimizer.watch import Watch

CLOSE = 1e-9


@dataclass(frozen=True, eq=False)
class Fair:
    """An assignment with its levels: what was reached, what is proven possible at most, the total's bound."""

    found: Chosen
    levels: Levels
    level_bounds: Levels
    total_bound: float


def fairest(grid: Grid, start: Filled, count: int, watch: Watch) -> Fair:
    """Raise the `count` worst papers in turn, then the total; `start` is the assignment of greatest total."""
    sums = lv.sums(grid, start.pairs, start.chosen)
    count = min(count, len(sums))
    ceiling = ceilings(grid)
    few = _first_few(sums, ceiling, count)
    aims = tuple(np.sort(ceiling)[:count].tolist())
    proven = aims
    breadth = 1
    while not watch.over:
        watch.say("worst", float(sums.min()) * grid.norm, proven[0] * grid.norm)
        if grid.nested and (np.sort(sums)[:count] >= np.array(aims) - CLOSE).all():
            found = Chosen(start.pairs, start.chosen, start.bound, mip.Status.OPTIMAL, even=start.even)
            return Fair(found, aims, proven, start.bound)
        found, bound = most_total(
            grid, start, aims, np.flatnonzero(sums < aims[-1] * 1.02 + CLOSE), watch, breadth
        )
        if len(found.taken) and found.taken.any():
            return Fair(lv.evened(grid, found, aims, watch), aims, proven, bound)
        if found.status is mip.Status.UNKNOWN:
            break
        lower, proven = _aims(grid, few, sums, ceiling, count, watch)
        if len(lower) < count:
            break
        if len(few) == len(sums) or lower == aims:
            breadth *= 3
        aims, few = lower, _more(few, sums)
    return _short(start, sums, proven, count)


def _short(start: Filled, sums: Floats, proven: Levels, count: int) -> Fair:
    """Stopped: the assignment of greatest total, with what is proven so far."""
    reached = tuple(np.sort(sums)[:count].tolist())
    bounds = proven + (float("inf"),) * (count - len(proven))
    return Fair(
        Chosen(start.pairs, start.chosen, start.bound, mip.Status.FEASIBLE), reached, bounds, start.bound
    )


def ceilings(grid: Grid) -> Floats:
    """Each paper's sum with its best experts all to itself: no assignment gives it more."""
    best = np.zeros(grid.shape[0])
    if isinstance(grid.scores, csr_array):
        for p in range(grid.shape[0]):
            row = grid.scores.data[grid.scores.indptr[p] : grid.scores.indptr[p + 1]]
            best[p] = np.sort(row)[::-1][: grid.seats[p]].sum()
        return best + grid.base
    for seats in np.unique(grid.seats[grid.seats > 0]):
        here = np.flatnonzero(grid.seats == seats)
        width = grid.shape[1]
        table = grid.scores[here]
        best[here] = np.partition(table, width - seats, axis=1)[:, width - seats :].sum(axis=1)
    return best + grid.base


def _first_few(sums: Floats, ceiling: Floats, count: int) -> Ints:
    """The papers most likely to be the worst: below the lowest ceiling now, or of low ceiling."""
    lowest = np.sort(ceiling)[count - 1]
    below = np.flatnonzero(sums < lowest - CLOSE)
    return np.union1d(np.argsort(ceiling, kind="stable")[: count + 3], below[np.argsort(sums[below])][:40])


def _more(few: Ints, sums: Floats) -> Ints:
    rest = np.setdiff1d(np.argsort(sums, kind="stable"), few, assume_unique=True)
    rest = rest[np.argsort(sums[rest], kind="stable")]
    return np.union1d(few, rest[: max(4, len(few))])


def _aims(
    grid: Grid, few: Ints, sums: Floats, ceiling: Floats, count: int, watch: Watch
) -> tuple[Levels, Levels]:
    """What the worst, next-worst … of a few papers can reach: (values to aim at, proven bounds)."""
    pairs = _useful(grid, few, float(sums.min()), ceiling)
    aims: Levels = ()
    proven: Levels = ()
    for _ in range(count):
        value, bound, status = lv.raise_next(grid, pairs, aims, few, watch)
        if status is not mip.Status.OPTIMAL:
            return aims, (*proven, min(float(np.sort(ceiling)[len(aims)]), bound))
        value = max(value, aims[-1]) if aims else value
        aims, proven = (*aims, value), (*proven, max(value, min(bound, value + 1e-7)))
    return aims, proven


def _useful(grid: Grid, few: Ints, worst: float, ceiling: Floats) -> Pairs:
    """The pairs of a few papers that can be part of a sum no worse than the worst known."""
    if isinstance(grid.scores, csr_array):
        pairs = grid.all_pairs()
        return pairs.only(np.isin(pairs.p, few))
    keep = np.zeros(grid.shape, dtype=bool)
    table = grid.scores[few]
    width = grid.shape[1]
    seats = np.maximum(grid.seats[few], 1)
    last = np.sort(table, axis=1)[np.arange(len(few)), np.maximum(width - seats, 0)]
    plain = not grid.requirements and grid.unit_cap is None
    need = worst - (ceiling[few] - last) - CLOSE
    keep[few] = table >= (need[:, None] if plain else -np.inf)
    return grid.at(keep)
