"""The numeric reading of a problem: arrays in canonical order, integer weights, candidate pairs.

Everything the solvers see comes from here, so the order of the input cannot reach them (see `keys`).
Applications that ask for nobody and experts who may take nothing are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from optimizer import keys
from optimizer.errors import ProblemError
from optimizer.problem import Force, Problem, Table
from optimizer.requirements import Requirement, full_units, requirements, units
from optimizer.result import Position

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
TINY = 1e-100  # scores all below this are as good as zero
FARTHEST = 1e6  # the largest score counts as no more than so many times the usual one
BLOCK = 4_000_000  # pairs read at a time, so that no temporary is as large as the full table


@dataclass(frozen=True, eq=False)
class Pairs:
    """Some eligible pairs, sorted by paper then expert: canonical positions and score."""

    p: NDArray[np.int32]
    r: NDArray[np.int32]
    score: Floats

    @property
    def size(self) -> int:
        """Number of pairs."""
        return int(self.p.size)

    def only(self, keep: Mask) -> "Pairs":
        """The pairs marked."""
        return Pairs(self.p[keep], self.r[keep], self.score[keep])


@dataclass(frozen=True, eq=False)
class Grid:
    """A problem in canonical order. `scores` holds -inf where a pair may not be; `unit` -1 where none.

    Scores are divided by `norm`, a power of two (and so without rounding), for what is usual to lie within -1 and 1.
    """

    problem: Problem
    papers: NDArray[np.intp]
    experts: NDArray[np.intp]
    seats: Ints
    cap: Ints
    least: Ints
    load: Ints  # turns that pinned pairs already take of each expert
    base: Floats  # what pinned pairs already give each paper
    scores: Table
    norm: float
    scale: float  # integer weight of a pair = round(score * scale)
    exact: bool  # no rounding happens at that scale
    unit: Ints
    unit_cap: int | None
    requirements: tuple[Requirement, ...]
    paper_keys: keys.Keys
    expert_keys: keys.Keys

    @property
    def shape(self) -> tuple[int, int]:
        """Number of papers and experts that take part."""
        return len(self.papers), len(self.experts)

    @property
    def nested(self) -> bool:
        """Whether the constraints are a flow: at most one partition into units, nothing that crosses it."""
        return not self.requirements

    @property
    def reach(self) -> float:
        """More than the sum of any paper can be, with either sign."""
        values = (
            self.scores.data if isinstance(self.scores, csr_array) else self.scores[self.scores > -np.inf]
        )
        top = float(np.abs(values).max(initial=0.0))
        return 1.0 + float((self.seats * top + np.abs(self.base)).max(initial=0.0))

    @property
    def slack(self) -> float:
        """How far a total of integer weights, scaled back, may lie from the true total."""
        return 0.0 if self.exact else 0.5 * float(self.seats.sum()) / self.scale

    def weights(self, pairs: Pairs) -> Ints:
        """Integer weights of pairs."""
        return np.rint(pairs.score * self.scale).astype(np.int64)

    def blocks(self) -> Iterator[tuple[int, Floats]]:
        """The full table in slices of rows: (first row, scores); only for a full table."""
        step = max(1, BLOCK // max(1, self.shape[1]))
        for start in range(0, self.shape[0], step):
            yield start, self.scores[start : start + step]

    def all_pairs(self) -> Pairs:
        """Every eligible pair."""
        table = self.scores
        if isinstance(table, csr_array):
            rows = np.repeat(np.arange(self.shape[0], dtype=np.int32), np.diff(table.indptr))
            return Pairs(rows, table.indices.astype(np.int32, copy=False), table.data)
        p, r = np.nonzero(table > -np.inf)
        return Pairs(p.astype(np.int32), r.astype(np.int32), table[p, r])

    def at(self, keep: Mask) -> Pairs:
        """The eligible pairs marked in a full table's mask."""
        p, r = np.nonzero(keep & (self.scores > -np.inf))
        return Pairs(p.astype(np.int32), r.astype(np.int32), self.scores[p, r])


def build(
    problem: Problem,
    seed: int = 0,
    pins: tuple[tuple[int, int], ...] = (),
    forbidden: tuple[tuple[int, int], ...] = (),
) -> Grid:
    """Read a problem; `pins` are pairs (by position) already decided, `forbidden` pairs that may not be."""
    paper_keys, expert_keys = keys.row_keys(problem, seed)
    seats = np.array([a.seats for a in problem.applications], dtype=np.int64)
    cap = np.array([e.cap for e in problem.experts], dtype=np.int64)
    least = np.array([e.minimum for e in problem.experts], dtype=np.int64)
    base = np.zeros(len(seats))
    for p, r in pins:
        seats[p] -= 1
        cap[r] -= 1
        least[r] = max(0, least[r] - 1)
    _check_seats(problem, seats)
    np.add.at(base, [p for p, _ in pins], effective_scores(problem, pins))
    asked = np.array([a.seats for a in problem.applications], dtype=np.int64) > 0
    papers = _ordered(paper_keys, asked)
    experts = _ordered(expert_keys, cap > 0)
    excluded = (*pins, *forbidden, *full_units(problem, pins), *problem.hits(problem.barring))
    scores = _table(problem, papers, experts, excluded, seats)
    values = scores.data if isinstance(scores, csr_array) else scores[scores > -np.inf]
    top = float(np.abs(values).max()) if values.size else 0.0
    usual = max(_usual(scores), top / FARTHEST)
    norm = float(2.0 ** np.ceil(np.log2(usual))) if top >= TINY else 1.0
    scale, exact = _scale(values, top, usual, len(papers) + len(experts))
    scores /= norm
    return Grid(
        problem,
        papers,
        experts,
        seats[papers],
        np.maximum(np.minimum(cap[experts], max(1, len(papers))), least[experts]),
        least[experts],
        np.bincount([r for _, r in pins], minlength=len(cap))[experts],
        base[papers] / norm,
        scores,
        norm,
        scale * norm,
        exact,
        units(problem, experts, pins),
        problem.policy.unit_cap,
        requirements(problem, papers, experts, pins),
        paper_keys[papers],
        expert_keys[experts],
    )


def _check_seats(problem: Problem, left: Ints) -> None:
    for p in np.flatnonzero(left < 0):
        asked = problem.applications[p].seats
        raise ProblemError(
            f"Application {problem.applications[p].id!r} asks for {asked} experts, but {asked - left[p]} are fixed."
        )


def _ordered(row_keys: keys.Keys, keep: Mask) -> NDArray[np.intp]:
    rows = np.flatnonzero(keep)
    return rows[np.argsort(row_keys[rows], kind="stable")]


def _table(
    problem: Problem,
    papers: NDArray[np.intp],
    experts: NDArray[np.intp],
    excluded: tuple[tuple[int, int], ...],
    seats: Ints,
) -> Table:
    if isinstance(problem.scores, csr_array):
        return _sparse_table(problem, papers, experts, excluded)
    table = np.array(problem.scores, dtype=np.float64)
    for pair, penalty in penalties(problem).items():
        table[pair] -= penalty
    if problem.barred is not None:
        table[problem.barred] = -np.inf
    if excluded:
        table[tuple(np.array(excluded).T)] = -np.inf
    table[seats <= 0] = -np.inf
    return np.ascontiguousarray(table[np.ix_(papers, experts)])


def effective_scores(problem: Problem, positions: tuple[Position, ...]) -> Floats:
    """The scores of pairs, less the penalties of their soft conflicts."""
    if not positions:
        return np.zeros(0)
    p, r = np.array(positions).T
    values = np.asarray(problem.scores[p, r], dtype=np.float64).copy()
    soft = penalties(problem)
    for k, pair in enumerate(positions if soft else ()):
        values[k] -= soft.get(pair, 0.0)
    return values


def positions_of(
    grid: Grid, pairs: Pairs, taken: Mask, pins: tuple[Position, ...] = ()
) -> tuple[Position, ...]:
    """Chosen pairs by position in the problem, sorted."""
    p, r = grid.papers[pairs.p[taken]], grid.experts[pairs.r[taken]]
    return tuple(sorted([*zip(p.tolist(), r.tolist(), strict=True), *pins]))


def worth(problem: Problem, positions: tuple[Position, ...]) -> tuple[float, float]:
    """Total and worst sum of an assignment in the input's own scores; who asks for nobody has no sum."""
    sums = np.zeros(len(problem.applications))
    values = effective_scores(problem, positions)
    if positions:
        np.add.at(sums, [p for p, _ in positions], values)
    asked = [i for i, a in enumerate(problem.applications) if a.seats > 0]
    return float(values.sum()), float(sums[asked].min()) if asked else 0.0


def penalties(problem: Problem) -> dict[tuple[int, int], float]:
    """What the soft conflicts of each pair take from its score."""
    soft: dict[tuple[int, int], float] = {}
    hits = [hit.penalty for hit in problem.exclusions if hit.force is Force.SOFT]
    for pair, penalty in zip(problem.hits({Force.SOFT}), hits, strict=True):
        soft[pair] = soft.get(pair, 0.0) + penalty
    return soft


def _sparse_table(
    problem: Problem,
    papers: NDArray[np.intp],
    experts: NDArray[np.intp],
    excluded: tuple[tuple[int, int], ...],
) -> csr_array:
    table, soft = problem.scores, penalties(problem)
    if excluded or soft or problem.barred is not None:
        keep, data = np.ones(table.nnz, dtype=bool), table.data.copy()
        row = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
        code = row * table.shape[1] + table.indices
        if problem.barred is not None:
            keep &= ~problem.barred[row, table.indices]
        if excluded:
            p, r = np.array(excluded).T
            keep &= ~np.isin(code, p * table.shape[1] + r)
        for (p, r), penalty in soft.items():
            data[code == p * table.shape[1] + r] -= penalty
        table = csr_array((data[keep], (row[keep], table.indices[keep])), shape=table.shape)
    table = csr_array(table[papers][:, experts])
    table.sort_indices()
    return table


def _usual(scores: Table) -> float:
    """The middle of what papers can have at best: one score far from all others must not blur the rest."""
    if isinstance(scores, csr_array):
        filled = np.flatnonzero(np.diff(scores.indptr))
        best = np.maximum.reduceat(scores.data, scores.indptr[filled]) if len(filled) else np.zeros(0)
    else:
        best = scores.max(axis=1, initial=-np.inf)
    best = np.abs(best[np.isfinite(best) & (best != 0)])
    return float(np.median(best)) if len(best) else 0.0


def _scale(values: Floats, top: float, usual: float, nodes: int) -> tuple[float, bool]:
    """An integer scale: decimal and exact where the scores have few decimals, otherwise as fine as the solver bears."""
    if top < TINY:
        return 1.0, True
    bits = 36 if nodes <= 8_000 else 30 if nodes <= 20_000 else 24  # coarser costs, faster scaling
    bits = min(bits + int(np.log2(top / usual)), 58 - int(nodes).bit_length())
    sample = values[:4096]
    for decimals in range(7):
        scale = 10.0**decimals
        if top * scale < 2**bits and _whole(sample * scale) and _whole(values * scale):
            return scale, True
    return float(2.0 ** (bits - np.ceil(np.log2(top)))), False


def _whole(values: Floats) -> bool:
    return bool((np.abs(values - np.rint(values)) <= 1e-12 * np.maximum(np.abs(values), 1.0)).all())
