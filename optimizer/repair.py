"""Repair (补位): after a decline, an illness or a late conflict, refill the seats and move as little as possible.

First with everything else held still. Only where that leaves a seat empty, the assignment that keeps the most of
the published pairs is sought, and among those the best.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from optimizer import flow, instance, mip, rows, shortage
from optimizer import grid as grids
from optimizer import solve as solver
from optimizer.errors import ProblemError
from optimizer.grid import Grid, Mask, Pairs
from optimizer.problem import Mode, Problem
from optimizer.result import Objective, Position, Result, Stage, Standing
from optimizer.watch import Watch


def from_claims(problem: Problem, claims: Mapping[str, Any], drops: tuple[str, ...]) -> Result:
    """Repair a written result; each drop is `P,R`. Keeps the result's own objective, levels and seed."""
    certificate = claims.get("certificate") or {}
    if problem.policy.mode is Mode.PANEL:
        raise ProblemError("This is a panel result; its panels are repaired, not its pairs.")
    positions = instance.positions(problem, claims["pairs"])
    dropped = parsed(problem, drops)
    objective = Objective(certificate.get("objective", "fair"))
    levels = max(1, int(certificate.get("levels", 1)))
    return repair(problem, positions, dropped, objective, levels, int(certificate.get("seed", 0)))


def parsed(problem: Problem, drops: tuple[str, ...]) -> tuple[Position, ...]:
    """Drops written as `P,R` as positions."""
    return tuple(_pair(problem, text) for text in drops)


def _pair(problem: Problem, text: str) -> Position:
    row = {str(a.id): i for i, a in enumerate(problem.applications)}
    column = {str(e.id): j for j, e in enumerate(problem.experts)}
    for cut in (k for k, letter in enumerate(text) if letter == ","):
        p, r = text[:cut].strip(), text[cut + 1 :].strip()
        if p in row and r in column:
            return row[p], column[r]
    raise ProblemError(f"--drop {text!r} names no pair of the instance; write P,R.")


def repair(
    problem: Problem,
    positions: tuple[Position, ...],
    dropped: tuple[Position, ...],
    objective: Objective = Objective.FAIR,
    levels: int = 1,
    seed: int = 0,
    watch: Watch | None = None,
) -> Result:
    """The assignment without the dropped pairs, seats filled again, as few other pairs changed as can be."""
    watch = watch or Watch()
    for p, r in dropped:
        if (p, r) not in positions:
            raise ProblemError(
                f"The pair ({problem.applications[p].id}, {problem.experts[r].id}) is not in the result."
            )
    _check_published(problem, positions)
    kept = tuple(pair for pair in positions if pair not in set(dropped))
    still = solver.solve(problem, objective, levels, seed, watch, pins=kept, forbidden=dropped)
    if still.status is not Standing.INFEASIBLE:
        return _noted(problem, dropped, still, 0)
    grid = grids.build(problem, seed, (), dropped)
    best = _most_kept(grid, kept, watch)
    if best is None:
        fullest = _fullest(problem, grid, kept, dropped, objective, levels, seed, watch)
        return _noted(problem, dropped, fullest, None)
    held = tuple(pair for pair in best if pair in set(kept))
    moved = solver.solve(problem, objective, levels, seed, watch, pins=held, forbidden=dropped)
    return _noted(problem, dropped, moved, len(kept) - len(held))


def _check_published(problem: Problem, positions: tuple[Position, ...]) -> None:
    """Held pairs must obey the rules: one that does not has to be among the dropped, or the file is wrong."""
    load = np.bincount([r for _, r in positions], minlength=len(problem.experts))
    held = np.bincount([p for p, _ in positions], minlength=len(problem.applications))
    for count, most, what in (
        (load, [e.cap for e in problem.experts], problem.experts),
        (held, [a.seats for a in problem.applications], problem.applications),
    ):
        over = np.flatnonzero(count > np.array(most))
        if len(over):
            raise ProblemError(
                f"The result breaks the instance at {what[over[0]].id!r}: {count[over[0]]} pairs, "
                f"but at most {most[over[0]]} may be; verify it first."
            )


def _noted(problem: Problem, dropped: tuple[Position, ...], result: Result, disturbed: int | None) -> Result:
    """The result with what was dropped, and how many other pairs moved, in its certificate."""
    stages = (
        result.stages
        if disturbed is None
        else (
            result.stages[0],
            Stage("other pairs disturbed", float(disturbed), float(disturbed)),
            *result.stages[1:],
        )
    )
    certificate = dict(result.certificate) | {
        "stages": [{"name": s.name, "value": s.value, "bound": s.bound} for s in stages],
        "dropped": [[problem.applications[p].id, problem.experts[r].id] for p, r in sorted(dropped)],
    }
    return replace(result, stages=stages, certificate=certificate)


def _kept_mask(grid: Grid, pairs: Pairs, kept: tuple[Position, ...]) -> Mask:
    code = (
        {p: i for i, p in enumerate(grid.papers.tolist())},
        {r: j for j, r in enumerate(grid.experts.tolist())},
    )
    width = max(1, grid.shape[1])
    wanted = [code[0][p] * width + code[1][r] for p, r in kept]
    return np.asarray(np.isin(pairs.p.astype(np.int64) * width + pairs.r, wanted))


def _most_kept(grid: Grid, kept: tuple[Position, ...], watch: Watch) -> tuple[Position, ...] | None:
    """A complete assignment that keeps the most pairs, of those the one of greatest total; None without any."""
    pairs = grid.all_pairs()
    mask = _kept_mask(grid, pairs, kept)
    if grid.nested:
        net = flow.network(grid, pairs, -mask.astype(np.int64))
        arcs = flow.solve(net)
        if arcs is None:
            return None
        cost = np.zeros(len(net.cost), dtype=np.int64)
        cost[: net.pairs] = -grid.weights(pairs)
        arcs = flow.face(net, flow.potentials(net, arcs), cost, grid.load, 0)
        return grids.positions_of(grid, pairs, flow.chosen(net, arcs))
    stacked = rows.stack(rows.seat_rows(grid, pairs))
    whole = np.ones(pairs.size, dtype=bool)
    model = mip.Model(
        mask.astype(float), np.ones(pairs.size), whole, stacked.matrix, stacked.low, stacked.high
    )
    answer = mip.solve(model, watch, "kept")
    if not len(answer.values):
        return None
    row = csr_array(mask.astype(float)[None, :])
    matrix, low, high = rows.with_row(stacked, row, round(answer.value))
    answer = mip.solve(mip.Model(pairs.score, np.ones(pairs.size), whole, matrix, low, high), watch, "total")
    return grids.positions_of(grid, pairs, answer.values > 0.5) if len(answer.values) else None


def _fullest(
    problem: Problem,
    grid: Grid,
    kept: tuple[Position, ...],
    dropped: tuple[Position, ...],
    objective: Objective,
    levels: int,
    seed: int,
    watch: Watch,
) -> Result:
    """No complete assignment is left: the most seats, of those the most pairs kept, the rest filled as before."""
    pairs = grid.all_pairs()
    mask = shortage.most_kept(grid, pairs, _kept_mask(grid, pairs, kept), watch)
    held = tuple(pair for pair in grids.positions_of(grid, pairs, mask) if pair in set(kept))
    return solver.solve(problem, objective, levels, seed, watch, pins=held, forbidden=dropped)
