"""Candidate pairs, and the proof that the pairs left out cannot matter (column generation 列生成).

A model is solved on each paper's and each expert's best pairs. Its dual prices then value every pair of the
full table: one that could still improve the answer is added and the model solved again. When none is left, the
answer is optimal over all pairs.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from optimizer import flow
from optimizer.grid import Floats, Grid, Ints, Mask, Pairs
from optimizer.keys import pair_keys

SPARSE_ENOUGH = 60_000  # tables with fewer eligible pairs are not pruned at all


@dataclass(frozen=True, eq=False)
class Prices:
    """Dual prices in score units: of a paper's seat, of an expert's turn, of (paper, unit), of requirements."""

    paper: Floats
    expert: Floats
    unit: Floats | None = None  # papers x units
    requirement: Floats | None = None  # papers x requirements
    stretch: Floats | None = None  # factor on each paper's scores (1 + its floor's multiplier)


@dataclass(frozen=True, eq=False)
class Filled:
    """A full assignment of greatest total: pairs looked at, those chosen, the bound over all pairs, the prices."""

    pairs: Pairs
    chosen: Mask
    total: float
    bound: float
    prices: Prices
    even: bool  # whether no assignment as good is known to spread the loads more evenly


def best_pairs(grid: Grid, per_paper: int, per_expert: int) -> Pairs:
    """Each paper's and each expert's best eligible pairs, and for each requirement each paper's best in it."""
    if isinstance(grid.scores, csr_array):
        return grid.all_pairs()
    keep = np.zeros(grid.shape, dtype=bool)
    for start, block in grid.blocks():
        keep[start : start + len(block)] = _top(block, per_paper)
        for rule in grid.requirements:
            if rule.least.any():
                inside = np.flatnonzero(rule.members)
                keep[start : start + len(block), inside] |= _top(block[:, inside], per_paper // 2 + 1)
    keep |= _top(np.ascontiguousarray(grid.scores.T), per_expert).T
    return grid.at(keep)


def _top(table: Floats, count: int) -> Mask:
    if count >= table.shape[1]:
        return np.ones(table.shape, dtype=bool)
    keep = np.zeros(table.shape, dtype=bool)
    place = np.argpartition(table, table.shape[1] - count, axis=1)[:, table.shape[1] - count :]
    np.put_along_axis(keep, place, True, axis=1)
    return keep


def gain(grid: Grid, prices: Prices, start: int, block: Floats) -> Floats:
    """What each pair of a slice of the table would add at these prices (-inf where it may not be)."""
    stop = start + len(block)
    value = block if prices.stretch is None else block * prices.stretch[start:stop, None]
    value = value - prices.paper[start:stop, None] - prices.expert[None, :]
    if prices.unit is not None and prices.unit.size:
        priced = np.c_[prices.unit[start:stop], np.zeros(stop - start)]  # the last column is for -1, no unit
        value -= priced[:, grid.unit]
    if prices.requirement is not None and prices.requirement.size:
        members = np.array([rule.members for rule in grid.requirements], dtype=np.float64)
        value -= prices.requirement[start:stop] @ members
    return np.asarray(value)


def worthwhile(grid: Grid, prices: Prices, least: float) -> Pairs:
    """Every eligible pair that would add more than `least` at these prices."""
    if isinstance(grid.scores, csr_array):
        return grid.all_pairs()
    keep = np.zeros(grid.shape, dtype=bool)
    for start, block in grid.blocks():
        keep[start : start + len(block)] = gain(grid, prices, start, block) > least
    return grid.at(keep)


def merge(grid: Grid, one: Pairs, other: Pairs) -> Pairs:
    """The union of two sets of pairs, sorted."""
    width = grid.shape[1]
    code = np.union1d(one.p.astype(np.int64) * width + one.r, other.p.astype(np.int64) * width + other.r)
    p, r = code // width, code % width
    if not len(code):
        return one
    return Pairs(p.astype(np.int32), r.astype(np.int32), np.asarray(grid.scores[p, r], dtype=np.float64))


def greatest_total(grid: Grid) -> Filled | None:
    """The assignment of greatest total over all pairs of a nested grid, or None when seats cannot be filled."""
    pairs, whole = first_pairs(grid)
    while True:
        net = flow.network(grid, pairs, -grid.weights(pairs))
        arcs = flow.solve(net)
        if arcs is None and whole:
            return None
        if arcs is None:
            pairs, whole = grid.all_pairs(), True
            continue
        potential = flow.potentials(net, arcs) if pairs.size <= 2_000_000 else None
        if not whole and potential is not None:
            added = merge(
                grid,
                pairs,
                worthwhile(grid, _prices(grid, net, potential, 1.0 / grid.scale), 0.6 / grid.scale),
            )
            if added.size > pairs.size:
                pairs = added
                continue
        return _filled(grid, pairs, net, arcs, potential)


def first_pairs(grid: Grid, breadth: int = 1) -> tuple[Pairs, bool]:
    """The pairs to start with, and whether they are all there are."""
    most = int(grid.seats.max(initial=0))
    count = breadth * (4 * most + 12)
    if isinstance(grid.scores, csr_array) or grid.scores.size <= SPARSE_ENOUGH or count >= grid.shape[1]:
        return grid.all_pairs(), True
    return best_pairs(grid, count, breadth * (int(grid.cap.max(initial=0)) + 8)), False


def _filled(grid: Grid, pairs: Pairs, net: flow.Network, arcs: Ints, potential: Ints | None) -> Filled:
    weight = int((grid.weights(pairs) * flow.chosen(net, arcs)).sum())
    if potential is not None:
        arcs = _settled(grid, pairs, net, potential)
        prices = _prices(grid, net, potential, 1.0 / grid.scale)
    else:
        prices = Prices(np.zeros(grid.shape[0]), np.zeros(grid.shape[1]))
    taken = flow.chosen(net, arcs)
    held = float(grid.base.sum())
    total = float(pairs.score[taken].sum()) + held
    return Filled(
        pairs,
        taken,
        total,
        max(total, weight / grid.scale + grid.slack + held),
        prices,
        potential is not None,
    )


def _settled(grid: Grid, pairs: Pairs, net: flow.Network, potential: Ints) -> Ints:
    """Among the optima the one with the most even loads (sum of squares), then by key."""
    seats = max(1, int(grid.seats.sum()))
    bits = 20 if seats < 5_000 else 14
    key = pair_keys(grid.paper_keys[pairs.p], grid.expert_keys[pairs.r], bits)
    cost = np.zeros(len(net.cost), dtype=np.int64)
    cost[: net.pairs] = key
    return flow.face(net, potential, cost, grid.load, seats << bits)


def _prices(grid: Grid, net: flow.Network, potential: Ints, unit: float) -> Prices:
    """Prices from node potentials; an expert with turns to spare costs nothing."""
    n, m = grid.shape
    sink = potential[n + m]
    paper = (potential[:n] - sink) * unit
    expert = (sink - potential[n : n + m]) * unit
    expert = np.where((grid.least == 0) & (expert < 0), 0.0, expert)
    units = int(grid.unit.max(initial=-1)) + 1
    if grid.unit_cap is None or not len(net.unit_nodes):
        return Prices(paper, expert)
    table = np.zeros((n, units))
    owner, which = net.unit_nodes // units, net.unit_nodes % units
    table[owner, which] = np.maximum(0, potential[net.first_unit :] - potential[owner]) * unit
    return Prices(paper, expert, unit=table)
