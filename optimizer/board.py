"""Panels as the papers of a grid: who may sit in which, and what each application gets from each member."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from optimizer import grid as grids
from optimizer.errors import ProblemError
from optimizer.grid import Floats, Grid, Mask
from optimizer.problem import Application, Force, Problem
from optimizer.result import Position
from optimizer.splitting import Panel


@dataclass(frozen=True, eq=False)
class Board:
    """Panels as the papers of a grid, and what each application gets from each expert in its panel."""

    problem: Problem
    panels: tuple[Panel, ...]
    grid: Grid
    gains: Floats  # applications x canonical experts; 0 where the expert abstains
    place: dict[int, int]  # application -> row of its panel in the grid
    pins: tuple[Position, ...]  # (panel, expert) positions that must be
    held: Floats  # what pinned members already give each application


def build(problem: Problem, panels: tuple[Panel, ...], seed: int, pins: tuple[Position, ...] = ()) -> Board:
    """Read a problem with its panels; raises `ProblemError` where a pinned expert may not be in the panel."""
    gains, unlisted = _gains(problem)
    closed = _closed(problem, panels)
    for k, one in enumerate(panels):
        closed[k] |= unlisted[list(one)].any(axis=0)
    for k, r in pins:
        if closed[k, r]:
            raise ProblemError(f"Expert {problem.experts[r].id!r} is in conflict with panel {k + 1}.")
    scores = np.array([gains[list(one)].sum(axis=0) for one in panels]).reshape(closed.shape)
    applications = tuple(_as_paper(problem, k, one) for k, one in enumerate(panels))
    inner = Problem(
        applications, problem.experts, scores, closed, (), problem.policy, named=True, digest=problem.digest
    )
    grid = grids.build(inner, seed, pins)
    rank = {int(panel): k for k, panel in enumerate(grid.papers)}
    place = {i: rank[k] for k, one in enumerate(panels) for i in one}
    held = np.zeros(len(problem.applications))
    for k, r in pins:
        held[list(panels[k])] += gains[list(panels[k]), r] / grid.norm
    return Board(problem, panels, grid, gains[:, grid.experts] / grid.norm, place, pins, held)


def served(board: Board, pairs: grids.Pairs) -> csr_array:
    """For each application, what each (panel, expert) pair gives it."""
    by_panel: dict[int, list[int]] = {}
    for k, p in enumerate(pairs.p.tolist()):
        by_panel.setdefault(p, []).append(k)
    asked = sorted(board.place)
    row, column, value = [], [], []
    for i, application in enumerate(asked):
        for k in by_panel.get(board.place[application], ()):
            row.append(i)
            column.append(k)
            value.append(board.gains[application, pairs.r[k]])
    return csr_array((value, (row, column)), shape=(len(asked), pairs.size))


def _gains(problem: Problem) -> tuple[Floats, Mask]:
    """What each expert gives each application in the panel, and which pairs a sparse table does not hold."""
    sparse = isinstance(problem.scores, csr_array)
    gains = np.array(problem.scores.toarray() if sparse else problem.scores)
    unlisted = np.full(gains.shape, sparse, dtype=bool)
    if sparse:
        row = np.repeat(np.arange(len(gains)), np.diff(problem.scores.indptr))
        unlisted[row, problem.scores.indices] = False
    for pair, penalty in grids.penalties(problem).items():
        gains[pair] -= penalty
    for pair in problem.hits({Force.ABSTAIN}):
        gains[pair], unlisted[pair] = 0.0, False
    return gains, unlisted


def _closed(problem: Problem, panels: tuple[Panel, ...]) -> Mask:
    """Panels x experts: in conflict with any application of the panel's group."""
    barred = np.zeros(problem.shape, dtype=bool) if problem.barred is None else problem.barred.copy()
    for pair in problem.hits({Force.HARD}):
        barred[pair] = True
    group = np.array([a.group for a in problem.applications], dtype=object)
    closed = np.zeros((len(panels), len(problem.experts)), dtype=bool)
    for k, one in enumerate(panels):
        closed[k] = barred[group == group[one[0]]].any(axis=0)
    return closed


def _as_paper(problem: Problem, k: int, panel: Panel) -> Application:
    members = [problem.applications[i] for i in panel]
    domains = tuple(dict.fromkeys(code for a in members for code in a.domains))
    return Application(f"panel {k + 1} {members[0].id}", max(a.seats for a in members), domains=domains)
