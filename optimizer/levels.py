"""Models with levels (最差者优先): the worst, second-worst … paper may not fall below given sums.

A paper may stay below level j + 1 only if at most j papers do, so a paper in play carries a binary for every
level but the last. With one level these are plain floors, with several the ordered floors of leximin.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import block_array, csr_array

from optimizer import mip, rows, spreading
from optimizer.grid import Floats, Grid, Ints, Mask, Pairs
from optimizer.watch import Watch

Levels = tuple[float, ...]
SLIP = 2e-9  # of the usual score: levels closer than the solver's tolerance count as equal


@dataclass(frozen=True, eq=False)
class Chosen:
    """A solution over candidate pairs and what the solver proved on them."""

    pairs: Pairs
    taken: Mask
    bound: float
    status: mip.Status
    papers: Ints | None = None  # those that needed levels of their own, where the model had any
    even: bool = False  # whether no assignment as good is known to spread the loads more evenly


def sums(grid: Grid, pairs: Pairs, taken: Mask) -> Floats:
    """Each paper's sum, what is pinned included."""
    found = np.bincount(pairs.p[taken], weights=pairs.score[taken], minlength=grid.shape[0])
    return np.asarray(found + grid.base)


def most_total_on(
    grid: Grid, pairs: Pairs, levels: Levels, papers: Ints, watch: Watch, stage: str = "total"
) -> Chosen:
    """The greatest total on candidate pairs with the levels; papers that fall below join as they are seen."""
    papers = papers if levels else papers[:0]
    while True:
        found = _most_total(grid, pairs, levels, papers, watch, stage)
        if found.status in (mip.Status.INFEASIBLE, mip.Status.UNKNOWN) or not levels:
            return found
        below = np.flatnonzero(sums(grid, pairs, found.taken) < levels[-1] - mip.TOLERANCE * 10)
        fresh = np.setdiff1d(below, papers)
        if not len(fresh):
            return replace(found, papers=papers)
        papers = np.union1d(papers, fresh)


def _below(grid: Grid, pairs: Pairs, taken: Mask, levels: Levels, papers: Ints) -> Ints:
    """Papers without levels of their own that fall below the last one."""
    if not levels:
        return papers[:0]
    low = np.flatnonzero(sums(grid, pairs, taken) < levels[-1] - mip.TOLERANCE * 10)
    return np.setdiff1d(low, papers)


def evened(grid: Grid, found: Chosen, levels: Levels, watch: Watch) -> Chosen:
    """Of the assignments as good as a proven one that with the most even loads."""
    if found.status is not mip.Status.OPTIMAL:
        return found
    papers = np.zeros(0, dtype=np.int64) if found.papers is None else found.papers
    while True:
        model = total_model(grid, found.pairs, levels, papers)[0]
        values = np.zeros(len(model.objective))
        values[: found.pairs.size] = found.taken
        values, even = spreading.evened(model, values, found.pairs.r.astype(np.int64), grid.load, watch)
        taken = values[: found.pairs.size] > 0.5
        fresh = _below(grid, found.pairs, taken, levels, papers)
        if not len(fresh):
            return replace(found, taken=taken, even=even)
        papers = np.union1d(papers, fresh)


def _most_total(grid: Grid, pairs: Pairs, levels: Levels, papers: Ints, watch: Watch, stage: str) -> Chosen:
    model = total_model(grid, pairs, levels, papers)[0]
    answer = mip.solve(model, watch, stage)
    if not len(answer.values):
        return Chosen(pairs, np.zeros(pairs.size, dtype=bool), answer.bound, answer.status)
    taken = answer.values[: pairs.size] > 0.5
    return Chosen(pairs, taken, answer.bound + float(grid.base.sum()), answer.status)


def total_model(grid: Grid, pairs: Pairs, levels: Levels, papers: Ints) -> tuple[mip.Model, rows.Rows]:
    """The model of the greatest total with levels for some papers, and its rows to read prices from."""
    blocks = rows.seat_rows(grid, pairs)
    count, free = pairs.size, len(papers) * max(0, len(levels) - 1)
    if levels:
        blocks.append(rows.floor_rows(grid, pairs, papers, np.full(len(papers), levels[-1] - SLIP)))
    stacked = rows.stack(blocks)
    matrix, low, high = stacked.matrix, stacked.low, stacked.high
    if free:
        step = np.diff(np.array(levels))
        above = matrix.shape[0] - len(papers)
        at = np.arange(free)
        lift = csr_array(
            (np.tile(step, len(papers)), (above + at // len(step), at)), shape=(matrix.shape[0], free)
        )
        tally = csr_array((np.ones(free), (at % len(step), at)), shape=(len(step), free))
        matrix = csr_array(block_array([[matrix, lift], [None, tally]], format="csr"))
        low = np.r_[low, np.full(len(step), -np.inf)]
        high = np.r_[high, np.arange(1.0, len(step) + 1)]
    return mip.Model(
        np.r_[pairs.score, np.zeros(free)],
        np.ones(count + free),
        np.ones(count + free, dtype=bool),
        matrix,
        low,
        high,
    ), stacked


def raise_next(
    grid: Grid, pairs: Pairs, levels: Levels, papers: Ints, watch: Watch
) -> tuple[float, float, mip.Status]:
    """The highest value the next-worst paper can have, given the levels before it: (value, bound, status).

    Only `papers` count and take seats, so with some papers left out the bound holds all the more.
    """
    blocks = rows.seat_rows(grid, pairs, papers)
    goal = rows.floor_rows(grid, pairs, papers, np.zeros(len(papers)))
    before = rows.floor_rows(grid, pairs, papers, np.full(len(papers), levels[-1] - SLIP)) if levels else None
    k = len(levels)
    stacked = rows.stack(blocks)
    width, size, step = pairs.size, len(papers), np.diff(np.array(levels))
    top = _ceiling(grid, pairs, papers)
    reach = float(top.max() - (levels[0] if levels else 0.0)) if size else 0.0
    eye = csr_array(np.eye(size))
    columns = [stacked.matrix, None, None, None]
    table = [columns, [goal.matrix, csr_array(-np.ones((size, 1))), eye * reach if k else None, None]]
    low, high = [stacked.low, goal.low], [stacked.high, goal.high]
    if before is not None:
        table.append([before.matrix, None, None, _kron(size, step) if k > 1 else None])
        table.append([None, None, csr_array(np.ones((1, size))), None])
        low += [before.low, np.array([-np.inf])]
        high += [before.high, np.array([float(k)])]
    if k > 1:
        table.append([None, None, None, _tally(size, k - 1)])
        low.append(np.full(k - 1, -np.inf))
        high.append(np.arange(1.0, k))
    keep = 2 + (k > 0) + (k > 1)
    matrix = csr_array(block_array([line[:keep] for line in table], format="csr"))
    extra = matrix.shape[1] - width - 1
    objective = np.zeros(matrix.shape[1])
    objective[width] = 1.0
    ceiling = float(np.sort(top)[min(k, size - 1)])
    upper = np.r_[np.ones(width), max(ceiling, 0.0) + 1.0, np.ones(extra)]
    lower = np.r_[np.zeros(width), -grid.reach, np.zeros(extra)]
    whole = np.r_[np.ones(width, dtype=bool), False, np.ones(extra, dtype=bool)]
    model = mip.Model(objective, upper, whole, matrix, np.concatenate(low), np.concatenate(high), lower)
    answer = mip.highest(model, width, watch, f"worst {k + 1}")
    return answer.value, answer.bound, answer.status


def _kron(size: int, step: Floats) -> csr_array:
    at = np.arange(size * len(step))
    return csr_array((np.tile(step, size), (at // len(step), at)), shape=(size, size * len(step)))


def _tally(size: int, count: int) -> csr_array:
    at = np.arange(size * count)
    return csr_array((np.ones(size * count), (at % count, at)), shape=(count, size * count))


def _ceiling(grid: Grid, pairs: Pairs, papers: Ints) -> Floats:
    """The sum each paper would have with its best experts all to itself."""
    order = np.lexsort((-pairs.score, pairs.p))
    p, score = pairs.p[order], pairs.score[order]
    start = np.searchsorted(p, np.arange(grid.shape[0]))
    rank = np.arange(len(p)) - start[p]
    best = np.bincount(p, weights=np.where(rank < grid.seats[p], score, 0.0), minlength=grid.shape[0])
    return np.asarray((best + grid.base)[papers])
