"""The lottery's list (抽签名单): complete assignments with tickets that keep the largest pair probability small.

Where rules nest, the greatest expected total under a probability cap is a flow over several rounds, and a flow over
rounds splits exactly into assignments (Birkhoff 1946, von Neumann 1953). Where they cross no lottery may have given
marginals, so assignments are looked for one by one and what was reached is reported.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack, vstack

from optimizer import flow, mip, pricing, rows
from optimizer import grid as grids
from optimizer.grid import Floats, Grid, Ints, Mask, Pairs
from optimizer.keys import pair_keys
from optimizer.problem import Problem
from optimizer.result import Position, Result
from optimizer.watch import Watch

TICKETS = 1_000_000  # tickets in all, so that probabilities are whole numbers and replay needs no rounding
DISTANCES = (
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
)  # how far below the optimal worst and total the list may lie, as shares
ROUNDS = 12  # assignments looked for at each distance; fixed, so that the list does not depend on the clock
SPLIT = 40  # rounds a flow is split into where rules nest: probabilities are multiples of 1/40
Listed = tuple[tuple[tuple[Position, ...], ...], tuple[int, ...]]


@dataclass(frozen=True)
class Lottery:
    """The stored list: assignments with their tickets, and what was asked and reached."""

    assignments: tuple[tuple[Position, ...], ...]
    tickets: tuple[int, ...]
    largest: float  # the largest probability of any pair
    floor: float  # no lottery over any assignments could have a smaller largest probability
    worst: float  # optimal worst and total, from which the distances are measured
    total: float
    worst_distance: float  # how far below them the list goes, as shares
    total_distance: float


def lottery(
    problem: Problem,
    best: Result,
    asked: float | None = None,
    seed: int = 0,
    watch: Watch | None = None,
    pins: tuple[Position, ...] = (),
) -> Lottery:
    """A list of assignments with tickets in which no pair is likelier than `asked`, or as near to it as can be.

    `pins` are in every assignment. Without `asked`: the least largest probability whose expected total stays
    within the last of `DISTANCES`.
    """
    watch = watch or Watch()
    grid = grids.build(problem, seed, pins)
    free, tickets = (
        _by_rounds(grid, best, asked) if grid.nested else _by_columns(grid, best, asked or 0.0, watch)
    )
    listed = tuple(tuple(sorted({*positions, *pins})) for positions in free)
    worths = [grids.worth(problem, positions) for positions in listed]
    total, worst = min(w[0] for w in worths), min(w[1] for w in worths)
    return Lottery(
        listed,
        tickets,
        _largest(tuple(tuple(pair for pair in one if pair not in pins) for one in listed), tickets),
        _floor(grid),
        best.worst,
        best.total,
        _distance(best.worst, worst),
        _distance(best.total, total),
    )


def _distance(best: float, reached: float) -> float:
    return max(0.0, best - reached) / max(abs(best), 1e-12) if best > reached else 0.0


def _by_rounds(grid: Grid, best: Result, asked: float | None) -> Listed:
    """Nested rules: the greatest expected total under a probability cap is a flow over rounds, and splits exactly."""
    pairs = _pairs(grid, best)
    net = flow.network(grid, pairs, -grid.weights(pairs))
    counts = range(1, SPLIT + 1) if asked is None else [max(1, int(asked * SPLIT + 1e-9)), SPLIT]
    enough = _below(best.total, DISTANCES[-1]) / grid.norm if asked is None else -np.inf
    for most in counts:
        together = flow.solve(flow.times(net, SPLIT, most))
        if together is not None and (together[: net.pairs] * pairs.score).sum() / SPLIT >= enough:
            return _peeled(grid, pairs, net, together)
    return (best.positions,), (TICKETS,)


def _peeled(grid: Grid, pairs: Pairs, net: flow.Network, together: Ints) -> Listed:
    found: dict[tuple[Position, ...], int] = {}
    for left in range(SPLIT, 0, -1):
        cost = np.zeros(len(net.cost), dtype=np.int64)
        cost[: net.pairs] = pair_keys(
            grid.paper_keys[pairs.p] + np.uint64(left), grid.expert_keys[pairs.r], 16
        )
        one = flow.peel(net, together, left, cost)
        together = together - one
        positions = grids.positions_of(grid, pairs, flow.chosen(net, one))
        found[positions] = found.get(positions, 0) + TICKETS // SPLIT
    return tuple(found), tuple(found.values())


def _by_columns(grid: Grid, best: Result, asked: float, watch: Watch) -> Listed:
    """Crossing rules: assignments are looked for one by one, at growing distances from the optimum."""
    pairs = _pairs(grid, best)
    columns = [_mask(grid, pairs, best.positions)]
    for epsilon in (*DISTANCES, np.inf):
        least = _below(best.total, epsilon) / grid.norm - float(grid.base.sum())
        aims = least, _below(best.worst, epsilon) / grid.norm
        if _extend(grid, pairs, columns, asked, aims, watch) or watch.over:
            break
    shares = _final_weights(columns, asked)
    kept = [k for k in range(len(columns)) if round(shares[k] * TICKETS) > 0]
    return tuple(grids.positions_of(grid, pairs, columns[k]) for k in kept), _whole(shares[kept])


def _extend(
    grid: Grid, pairs: Pairs, columns: list[Mask], asked: float, aims: tuple[float, float], watch: Watch
) -> bool:
    """Add assignments within the aims while that helps; whether no pair is likelier than asked in the end."""
    model = _near_optimum(grid, pairs, *aims)
    for _ in range(ROUNDS):
        price = _price(columns, asked)
        if not price.any():
            return True
        fresh = None if watch.over else _another(model, price, watch)
        if fresh is None or any((fresh == old).all() for old in columns):
            return False
        columns.append(fresh)
        watch.say("lottery", float(len(columns)), None)
    return not _price(columns, asked).any()


def _below(value: float, epsilon: float) -> float:
    return -np.inf if np.isinf(epsilon) else value - epsilon * abs(value)


def _pairs(grid: Grid, best: Result) -> Pairs:
    """Pairs the list may use: wide enough to spread over, with every pair of the best assignment."""
    if isinstance(grid.scores, csr_array) or grid.scores.size <= pricing.SPARSE_ENOUGH:
        return grid.all_pairs()
    most = int(grid.seats.max(initial=1))
    wide = pricing.best_pairs(grid, 10 * most + 20, 2 * int(grid.cap.max(initial=1)) + 10)
    row = {p: i for i, p in enumerate(grid.papers.tolist())}
    column = {r: j for j, r in enumerate(grid.experts.tolist())}
    keep = np.zeros(grid.shape, dtype=bool)
    for p, r in best.positions:
        if r in column:  # a pinned expert may have no turn left
            keep[row[p], column[r]] = True
    return pricing.merge(grid, wide, grid.at(keep))


def _mask(grid: Grid, pairs: Pairs, positions: tuple[Position, ...]) -> Mask:
    chosen = {*positions}
    places = zip(grid.papers[pairs.p].tolist(), grid.experts[pairs.r].tolist(), strict=True)
    return np.array([pair in chosen for pair in places], dtype=bool)


def _near_optimum(grid: Grid, pairs: Pairs, least_total: float, least_worst: float) -> mip.Model:
    """The assignments close enough to the optimum, with no price yet."""
    papers = np.arange(grid.shape[0])
    blocks = [
        *rows.seat_rows(grid, pairs),
        rows.floor_rows(grid, pairs, papers, np.full(len(papers), least_worst)),
    ]
    matrix, low, high = rows.with_row(rows.stack(blocks), csr_array(pairs.score[None, :]), least_total)
    nothing, one = np.zeros(pairs.size), np.ones(pairs.size)
    return mip.Model(nothing, one, np.ones(pairs.size, dtype=bool), matrix, low, high)


def _another(model: mip.Model, price: Floats, watch: Watch) -> Mask | None:
    """The assignment cheapest by price among those close enough to the optimum."""
    answer = mip.solve(replace(model, objective=-price), watch, "lottery")
    return answer.values > 0.5 if len(answer.values) else None


def _price(columns: list[Mask], asked: float) -> Floats:
    """What each pair costs if the columns' shares leave the least probability above `asked`.

    The sum of the excess, not the largest probability alone: one unavoidable pair must not hide all others.
    """
    used, chance = _chances(columns)
    size, count = chance.shape
    above = csr_array(hstack([chance, -eye_array(size)]))
    answer = linprog(
        np.r_[np.zeros(count), np.ones(size)],
        A_ub=above,
        b_ub=np.full(size, asked),
        A_eq=np.r_[np.ones(count), np.zeros(size)][None, :],
        b_eq=[1.0],
        bounds=(0, None),
        method="highs",
    )
    price = np.zeros(len(columns[0]))
    price[used] = np.maximum(-answer.ineqlin.marginals, 0.0)
    return price if answer.fun > 1e-9 else np.zeros(len(price))


def _chances(columns: list[Mask]) -> tuple[Ints, csr_array]:
    """Pairs in any column, and which columns hold them."""
    table = np.array(columns, dtype=float).T
    used = np.flatnonzero(table.any(axis=1))
    return used, csr_array(table[used])


def _final_weights(columns: list[Mask], asked: float) -> Floats:
    """Shares with the smallest largest probability there is on these columns, of those the least excess."""
    _, chance = _chances(columns)
    size, count = chance.shape
    one = np.r_[np.ones(count), 0.0][None, :]
    flat = linprog(
        np.r_[np.zeros(count), 1.0],
        A_ub=csr_array(hstack([chance, csr_array(-np.ones((size, 1)))])),
        b_ub=np.zeros(size),
        A_eq=one,
        b_eq=[1.0],
        bounds=(0, None),
        method="highs",
    )
    largest = float(flat.x[count]) + 1e-9
    limits = csr_array(
        vstack([hstack([chance, -eye_array(size)]), hstack([chance, csr_array((size, size))])])
    )
    answer = linprog(
        np.r_[np.zeros(count), np.ones(size)],
        A_ub=limits,
        b_ub=np.r_[np.full(size, asked), np.full(size, largest)],
        A_eq=np.r_[np.ones(count), np.zeros(size)][None, :],
        b_eq=[1.0],
        bounds=(0, None),
        method="highs",
    )
    return np.asarray(answer.x[:count] if answer.x is not None else flat.x[:count])


def _whole(shares: Floats) -> tuple[int, ...]:
    """Whole tickets by largest remainder."""
    exact = shares / shares.sum() * TICKETS
    tickets = np.floor(exact).astype(int)
    for k in np.argsort(-(exact - tickets), kind="stable")[: TICKETS - int(tickets.sum())]:
        tickets[k] += 1
    return tuple(int(one) for one in tickets)


def _largest(listed: tuple[tuple[Position, ...], ...], tickets: tuple[int, ...]) -> float:
    held: dict[Position, int] = {}
    for pairs, count in zip(listed, tickets, strict=True):
        for pair in pairs:
            held[pair] = held.get(pair, 0) + count
    return max(held.values(), default=0) / TICKETS


def _floor(grid: Grid) -> float:
    """A paper with d seats and e eligible experts must meet one of them with probability d / e at least."""
    if grid.shape[0] == 0:
        return 0.0
    eligible = np.bincount(grid.all_pairs().p, minlength=grid.shape[0])
    return float((grid.seats / np.maximum(eligible, 1)).max(initial=0.0))
