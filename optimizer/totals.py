"""The greatest total with levels, proven over all pairs by prices (约简成本定界).

The linear relaxation, priced over the full table, gives a bound and what each pair would cost. A pair that costs
more than the gap between the bound and the best assignment known is in no better assignment, so the integer
model only needs the pairs cheaper than the gap.
"""

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from optimizer import levels as lv
from optimizer import mip, rows
from optimizer.grid import Floats, Grid, Ints, Pairs
from optimizer.levels import Chosen, Levels
from optimizer.pricing import SPARSE_ENOUGH, Filled, Prices, best_pairs, gain, merge, worthwhile
from optimizer.watch import Watch

CLOSE = 1e-9
MOST_COLUMNS = (
    400_000  # candidate pairs beyond which the integer model is not attempted and the gap is reported
)


def most_total(
    grid: Grid, start: Filled, aims: Levels, few: Ints, watch: Watch, breadth: int = 1
) -> tuple[Chosen, float]:
    """The greatest total with levels: (assignment, bound over all pairs). Empty when there is none on the pairs.

    `start` is the greatest total without levels, `few` the papers likely to need them, `breadth` widens the pairs
    looked at when none was found before.
    """
    pairs, whole = _seed(grid, start, few, breadth)
    whole = whole or pairs.size == number_eligible(grid)
    if whole and pairs.size <= 25_000:
        found = lv.most_total_on(grid, pairs, aims, few, watch)
        return found, min(start.bound, found.bound)
    prices, bound, pairs, few = _sharpen(grid, pairs, aims, few, start, watch)
    if prices is None and not aims and not whole and not watch.over:
        prices, bound, pairs, few = _sharpen(grid, grid.all_pairs(), aims, few, start, watch)
    if prices is None:
        return Chosen(pairs, np.zeros(pairs.size, dtype=bool), bound, mip.Status.INFEASIBLE), bound
    return _closed(grid, aims, few, prices, bound, pairs, watch, breadth)


def _closed(
    grid: Grid,
    aims: Levels,
    few: Ints,
    prices: Prices,
    bound: float,
    pairs: Pairs,
    watch: Watch,
    breadth: int,
) -> tuple[Chosen, float]:
    """Widen the pairs by their cost until none that is left out could be in a better assignment."""
    whole = isinstance(grid.scores, csr_array)
    count = 8 * breadth * grid.shape[0]
    eligible, tried = number_eligible(grid), False
    gap = 0.0 if whole else max(0.0, _cost_of_nth(grid, prices, count))
    best: Chosen | None = None
    while True:
        pairs = pairs if whole else worthwhile(grid, prices, -gap - CLOSE)
        found = lv.most_total_on(grid, pairs, aims, few, watch)
        total = float(pairs.score[found.taken].sum() + grid.base.sum()) if len(found.taken) else -np.inf
        if not found.taken.any():
            if best is not None:
                return replace(best, status=mip.Status.FEASIBLE), bound
            if found.status is mip.Status.UNKNOWN or whole or pairs.size == eligible or (aims and tried):
                return found, bound
            tried, count = True, count * 4
            gap = max(4 * gap, _cost_of_nth(grid, prices, count))
            continue
        best = found
        watch.say("total", total * grid.norm, bound * grid.norm)
        if whole or bound - total <= gap:
            proven = min(bound, found.bound) if found.status is mip.Status.OPTIMAL else bound
            return found, max(total, proven)
        needed = worthwhile(grid, prices, total - bound - CLOSE).size
        if watch.over or (needed > MOST_COLUMNS and count >= 16 * grid.shape[0]):
            return replace(found, status=mip.Status.FEASIBLE), bound
        count *= 2
        gap = bound - total if needed < 4 * count else max(gap, _cost_of_nth(grid, prices, count))


def _seed(grid: Grid, start: Filled, few: Ints, breadth: int) -> tuple[Pairs, bool]:
    if isinstance(grid.scores, csr_array) or grid.scores.size <= SPARSE_ENOUGH:
        return grid.all_pairs(), True
    most = int(grid.seats.max(initial=1))
    wide = best_pairs(grid, breadth * (4 * most + 12), 2 * breadth)
    ours = np.zeros(grid.shape[0], dtype=bool)
    ours[few] = True
    near = worthwhile(
        grid, start.prices, -max(0.0, _cost_of_nth(grid, start.prices, 5 * breadth * grid.shape[0]))
    )
    pairs = merge(grid, near, wide if grid.requirements or breadth > 1 else wide.only(ours[wide.p]))
    return merge(grid, pairs, start.pairs.only(start.chosen)), False


def number_eligible(grid: Grid) -> int:
    """How many pairs may be at all."""
    table = grid.scores
    return int(table.nnz) if isinstance(table, csr_array) else int(np.count_nonzero(table > -np.inf))


def _cost_of_nth(grid: Grid, prices: Prices, count: int) -> float:
    """How dear a pair may be for about `count` pairs to be as cheap; negative where they all promise a gain."""
    values = np.concatenate([_highest(gain(grid, prices, at, block), count) for at, block in grid.blocks()])
    return -float(_highest(values, count).min(initial=0.0 if not values.size else np.inf))


def _highest(values: Floats, count: int) -> Floats:
    flat = values[values > -np.inf]
    return flat if flat.size <= count else np.partition(flat, flat.size - count)[flat.size - count :]


def _sharpen(
    grid: Grid, pairs: Pairs, aims: Levels, few: Ints, start: Filled, watch: Watch
) -> tuple[Prices | None, float, Pairs, Ints]:
    """Prices and bound from the linear relaxation, by column and row generation; no prices if it is infeasible."""
    few = few if aims else few[:0]
    best: Prices | None = None
    bound = start.bound
    while not watch.over:
        model, stacked = lv.total_model(grid, pairs, aims, few)
        answer = mip.relax(model, watch, "prices")
        if answer.status is not mip.Status.OPTIMAL:
            break
        prices = rows.prices(grid, stacked, answer.prices[: stacked.matrix.shape[0]])
        fresh = _below(grid, pairs, answer.values[: pairs.size], aims, few)
        if isinstance(grid.scores, csr_array):
            return prices, min(bound, answer.value + float(grid.base.sum())), pairs, few
        value = rows.price_bound(grid, prices, aims)
        if best is None or value < bound:
            best, bound = prices, min(bound, value)
        best_left = -_cost_of_nth(grid, prices, 4 * grid.shape[0])
        wider = merge(grid, pairs, worthwhile(grid, prices, max(1e-7, best_left)))
        tight = bound - answer.value - float(grid.base.sum()) < 1e-5 * max(1.0, abs(bound))
        if not len(fresh) and (tight or wider.size == pairs.size):
            break
        pairs = wider
        few = np.union1d(few, fresh)
    return best, bound, pairs, few


def _below(grid: Grid, pairs: Pairs, values: Floats, aims: Levels, few: Ints) -> Ints:
    """Papers without a floor row that the relaxation leaves below the levels."""
    if not aims:
        return few[:0]
    reached = np.bincount(pairs.p, weights=pairs.score * values, minlength=grid.shape[0]) + grid.base
    return np.setdiff1d(np.flatnonzero(reached < aims[-1] - 1e-7), few)
