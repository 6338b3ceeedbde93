"""Minimum-cost flow for nested constraints (嵌套约束即网络流): conflicts, caps, seats, one unit per seating.

Papers send their seats through (paper, unit) nodes where a unit cap could bind, to experts, to a sink.
OR-Tools' cost-scaling solver answers exactly in integers; node potentials are rebuilt from the answer, which
proves it, prices pairs that were left out, and tells the face of all optima, on which ties are broken.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from optimizer.errors import ProblemError
from optimizer.grid import Grid, Ints, Mask, Pairs

Nodes = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Network:
    """Arcs with room and cost, and what each node sends. The first `pairs` arcs are the candidate pairs."""

    tail: Nodes
    head: Nodes
    room: Ints
    cost: Ints
    supply: Ints
    pairs: int
    unit_nodes: Ints  # paper * units + unit, for each unit node
    first_unit: int  # node number of the first unit node


def network(grid: Grid, pairs: Pairs, cost: Ints) -> Network:
    """The network of a grid over candidate pairs with a cost for each."""
    n, m = grid.shape
    sink = n + m
    tail = pairs.p.astype(np.int32, copy=True)
    head = pairs.r + np.int32(n)
    codes, via = _unit_nodes(grid, pairs)
    units = int(grid.unit.max(initial=0)) + 1
    tail[via >= 0] = sink + 1 + via[via >= 0]
    experts = np.arange(m, dtype=np.int32)
    joints = np.arange(len(codes), dtype=np.int32)
    supply = np.zeros(n + m + 1 + len(codes), dtype=np.int64)
    supply[:n] = grid.seats
    supply[n : n + m] = -grid.least
    supply[sink] = grid.least.sum() - grid.seats.sum()
    return Network(
        np.concatenate([tail, (codes // units).astype(np.int32), experts + np.int32(n)]),
        np.concatenate([head, joints + np.int32(sink + 1), np.full(m, sink, np.int32)]),
        np.concatenate(
            [
                np.ones(pairs.size, np.int64),
                np.full(len(codes), grid.unit_cap or 0, np.int64),
                grid.cap - grid.least,
            ]
        ),
        np.concatenate([cost, np.zeros(len(codes) + m, np.int64)]),
        supply,
        pairs.size,
        codes,
        sink + 1,
    )


def _unit_nodes(grid: Grid, pairs: Pairs) -> tuple[Ints, Ints]:
    """Codes of the (paper, unit) nodes that could bind, and for each pair the node it passes or -1."""
    nowhere = np.full(pairs.size, -1, dtype=np.int64)
    if grid.unit_cap is None:
        return np.zeros(0, dtype=np.int64), nowhere
    units = int(grid.unit.max(initial=0)) + 1
    of = grid.unit[pairs.r]
    code = pairs.p.astype(np.int64) * units + of
    found, inverse, count = np.unique(code[of >= 0], return_inverse=True, return_counts=True)
    binds = count > grid.unit_cap
    number = np.where(binds, np.cumsum(binds) - 1, -1)
    nowhere[of >= 0] = number[inverse]
    return found[binds], nowhere


def solve(net: Network) -> Ints | None:
    """The cheapest flow on every arc, or None if the seats cannot all be filled."""
    if net.supply.sum() != 0 or (net.supply[net.first_unit - 1] > 0):
        return None
    solver = _load(net)
    status = solver.solve()
    if status == solver.OPTIMAL:
        return np.asarray(solver.flows(np.arange(len(net.tail), dtype=np.int32)), dtype=np.int64)
    if status in (solver.INFEASIBLE, solver.UNBALANCED):
        return None
    raise ProblemError(
        f"The flow solver gave up ({status.name}); the scores are too far apart to be compared."
    )


def solve_as_full_as_possible(net: Network) -> Ints:
    """The cheapest among the flows that fill the most seats (minimum loads not asked for)."""
    solver = _load(net)
    status = solver.solve_max_flow_with_min_cost()
    if status != solver.OPTIMAL:
        raise ProblemError(f"The flow solver gave up ({status.name}).")
    return np.asarray(solver.flows(np.arange(len(net.tail), dtype=np.int32)), dtype=np.int64)


def _load(net: Network) -> min_cost_flow.SimpleMinCostFlow:
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(net.tail, net.head, net.room, net.cost)
    solver.set_nodes_supplies(np.arange(len(net.supply), dtype=np.int32), net.supply)
    return solver


def potentials(net: Network, flow: Ints) -> Ints:
    """Node potentials under which no residual arc has negative reduced cost (Bellman-Ford, whole sweeps).

    They exist exactly when the flow is optimal, so reaching a fixed point is the proof of optimality.
    """
    forward, backward = flow < net.room, flow > 0
    tail = np.concatenate([net.tail[forward], net.head[backward]])
    head = np.concatenate([net.head[forward], net.tail[backward]])
    cost = np.concatenate([net.cost[forward], -net.cost[backward]])
    order = np.argsort(head, kind="stable")
    tail, head, cost = tail[order], head[order], cost[order]
    distance = np.zeros(len(net.supply), dtype=np.int64)
    if not len(head):
        return distance
    starts = np.flatnonzero(np.r_[True, head[1:] != head[:-1]])
    reached = head[starts]
    for _ in range(len(net.supply) + 1):
        best = np.minimum(distance[reached], np.minimum.reduceat(distance[tail] + cost, starts))
        if (best == distance[reached]).all():
            return distance
        distance[reached] = best
    raise AssertionError("a negative cycle is left: the flow solver's answer is not optimal")


def face(net: Network, potential: Ints, cost: Ints, held: Ints, spread: int) -> Ints:
    """Among all optimal flows the cheapest by a second cost, with growing load cost for experts' arcs.

    The last arcs are the experts' to the sink; their k-th unit costs (2k - 1) * spread, `held` turns counted before.
    """
    spread_from = len(net.cost) - len(held)
    reduced = net.cost + potential[net.tail] - potential[net.head]
    fixed = np.where(reduced < 0, net.room, 0)
    free = np.flatnonzero((reduced == 0) & (net.room > 0))
    supply = net.supply.copy()
    np.subtract.at(supply, net.tail, fixed)
    np.add.at(supply, net.head, fixed)
    plain = free[free < spread_from]
    loads = free[free >= spread_from]
    steps = np.minimum(
        net.room[loads], np.bincount(net.head[: net.pairs], minlength=len(supply))[net.tail[loads]]
    )
    expert = np.repeat(loads, steps)
    rank = np.arange(len(expert)) - np.repeat(np.cumsum(steps) - steps, steps)
    before = -np.minimum(net.supply[net.tail[expert]], 0) + held[expert - spread_from]
    growing = (2 * (rank + before) + 1) * spread
    inner = replace(
        net,
        tail=np.concatenate([net.tail[plain], net.tail[expert]]),
        head=np.concatenate([net.head[plain], net.head[expert]]),
        room=np.concatenate([net.room[plain], np.ones(len(expert), np.int64)]),
        cost=np.concatenate([cost[plain], growing]),
        supply=supply,
        pairs=0,
    )
    answer = solve(inner)
    if answer is None:
        raise AssertionError("the optimal face cannot be empty")
    chosen = fixed.copy()
    chosen[plain] += answer[: len(plain)]
    np.add.at(chosen, expert, answer[len(plain) :])
    return chosen


def chosen(net: Network, flow: Ints) -> Mask:
    """Which candidate pairs carry flow."""
    return flow[: net.pairs] > 0


def times(net: Network, rounds: int, most: int) -> Network:
    """The same network over several rounds at once, each pair at most `most` times."""
    room = net.room * rounds
    room[: net.pairs] = most
    return replace(net, room=room, supply=net.supply * rounds)


def peel(net: Network, left: Ints, rounds: int, cost: Ints) -> Ints:
    """One round's flow out of what is left of several, such that the rest can be peeled off in the other rounds.

    A flow over k rounds is a sum of k whole flows (total unimodularity; Birkhoff and von Neumann for matchings).
    """
    low = np.maximum(0, left - (rounds - 1) * net.room)
    supply = net.supply.copy()
    np.subtract.at(supply, net.tail, low)
    np.add.at(supply, net.head, low)
    answer = solve(replace(net, room=np.minimum(net.room, left) - low, cost=cost, supply=supply))
    if answer is None:
        raise AssertionError("what is left of a flow over several rounds always holds one round")
    return np.asarray(low + answer)
