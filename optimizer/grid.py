"""The numeric reading of a problem: arrays in canonical order, integer weights, candidate pairs.

Everything the solvers see comes from here, so the order of the input cannot reach them (see `keys`).
Applications that ask for nobody and experts who may take nothing are left out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from optimizer import keys
from optimizer.problem import ESTABLISHMENT, Force, Mode, Policy, Problem, Table

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
TINY = 1e-100  # scores all below this are as good as zero
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
class Requirement:
    """Between `least` and `most` members of a set of experts in each seating (per paper)."""

    name: str
    members: Mask  # experts
    least: Ints  # papers
    most: Ints  # papers


@dataclass(frozen=True, eq=False)
class Grid:
    """A problem in canonical order. `scores` holds -inf where a pair may not be; `unit` -1 where none.

    Scores are divided by `norm`, a power of two (and so without rounding), to lie within -1 and 1.
    """

    problem: Problem
    papers: NDArray[np.intp]
    experts: NDArray[np.intp]
    seats: Ints
    cap: Ints
    least: Ints
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
    np.add.at(base, [p for p, _ in pins], effective_scores(problem, pins))
    asked = np.array([a.seats for a in problem.applications], dtype=np.int64) > 0
    papers = _ordered(paper_keys, asked)
    experts = _ordered(expert_keys, cap > 0)
    scores = _table(problem, papers, experts, pins + forbidden + _unit_mates(problem, pins), seats)
    values = scores.data if isinstance(scores, csr_array) else scores[scores > -np.inf]
    top = float(np.abs(values).max()) if values.size else 0.0
    norm = float(2.0 ** np.ceil(np.log2(top))) if top >= TINY else 1.0
    scale, exact = _scale(values, top, len(papers) + len(experts))
    scores /= norm
    requirements, unit = _requirements(problem, papers, experts, pins)
    return Grid(
        problem,
        papers,
        experts,
        seats[papers],
        np.maximum(np.minimum(cap[experts], max(1, len(papers))), least[experts]),
        least[experts],
        base[papers] / norm,
        scores,
        norm,
        scale * norm,
        exact,
        unit,
        problem.policy.unit_cap,
        requirements,
        paper_keys[papers],
        expert_keys[experts],
    )


def _unit_mates(problem: Problem, pins: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    """Pairs that pinned ones rule out because their unit is at its cap already."""
    cap = problem.policy.unit_cap
    if cap is None or not pins:
        return ()
    held = Counter((p, unit) for p, r in pins for unit in problem.experts[r].units)
    of: dict[str, list[int]] = {}
    for r, expert in enumerate(problem.experts):
        for unit in expert.units:
            of.setdefault(unit, []).append(r)
    return tuple((p, r) for (p, unit), count in held.items() if count >= cap for r in of[unit])


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
    if problem.barred is not None:
        table[problem.barred] = -np.inf
    if excluded:
        table[tuple(np.array(excluded).T)] = -np.inf
    table[seats <= 0] = -np.inf
    rows = {a.id: i for i, a in enumerate(problem.applications)} if problem.exclusions else {}
    columns = {e.id: i for i, e in enumerate(problem.experts)} if problem.exclusions else {}
    for hit in problem.exclusions:
        if hit.force is Force.HARD or (hit.force is Force.ABSTAIN and problem.policy.mode is Mode.LETTER):
            table[rows[hit.application], columns[hit.expert]] = -np.inf
        elif hit.force is Force.SOFT:
            table[rows[hit.application], columns[hit.expert]] -= hit.penalty
    return np.ascontiguousarray(table[np.ix_(papers, experts)])


def effective_scores(problem: Problem, positions: tuple[tuple[int, int], ...]) -> Floats:
    """The scores of pairs, less the penalties of their soft conflicts."""
    if not positions:
        return np.zeros(0)
    p, r = np.array(positions).T
    values = np.asarray(problem.scores[p, r], dtype=np.float64).copy()
    soft = _penalties(problem)
    for k, pair in enumerate(positions if soft else ()):
        values[k] -= soft.get(pair, 0.0)
    return values


def _penalties(problem: Problem) -> dict[tuple[int, int], float]:
    """What the soft conflicts of each pair take from its score."""
    soft: dict[tuple[int, int], float] = {}
    hits = [hit for hit in problem.exclusions if hit.force is Force.SOFT]
    rows = {a.id: i for i, a in enumerate(problem.applications)} if hits else {}
    columns = {e.id: j for j, e in enumerate(problem.experts)} if hits else {}
    for hit in hits:
        pair = rows[hit.application], columns[hit.expert]
        soft[pair] = soft.get(pair, 0.0) + hit.penalty
    return soft


def _sparse_table(
    problem: Problem,
    papers: NDArray[np.intp],
    experts: NDArray[np.intp],
    excluded: tuple[tuple[int, int], ...],
) -> csr_array:
    table, soft = problem.scores, _penalties(problem)
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


def _scale(values: Floats, top: float, nodes: int) -> tuple[float, bool]:
    """An integer scale: decimal and exact where the scores have few decimals, otherwise as fine as the solver bears."""
    if top < TINY:
        return 1.0, True
    bits = 36 if nodes <= 8_000 else 30 if nodes <= 20_000 else 24  # coarser costs, faster scaling
    sample = values[:4096]
    for decimals in range(7):
        scale = 10.0**decimals
        if (
            top * scale < 2**bits
            and _whole(sample * scale, top * scale)
            and _whole(values * scale, top * scale)
        ):
            return scale, True
    return float(2.0 ** (bits - np.ceil(np.log2(top)))), False


def _whole(values: Floats, top: float) -> bool:
    return bool((np.abs(values - np.rint(values)) <= 1e-12 * top).all())


def _requirements(
    problem: Problem, papers: NDArray[np.intp], experts: NDArray[np.intp], pins: tuple[tuple[int, int], ...]
) -> tuple[tuple[Requirement, ...], Ints]:
    """Requirements per paper, less what pinned pairs already fulfil; and the partition into units, if it is one."""
    found, unit = _asked(problem, papers, experts)
    if not pins or not found:
        return found, unit
    row = {p: i for i, p in enumerate(papers.tolist())}
    held = np.zeros((len(papers), len(found)), dtype=np.int64)
    everyone = np.array(
        [rule.members for rule in _asked(problem, papers, np.arange(len(problem.experts)))[0]]
    )
    for p, r in pins:
        held[row[p]] += everyone[:, r]
    return tuple(
        replace(
            rule, least=np.maximum(rule.least - held[:, k], 0), most=np.maximum(rule.most - held[:, k], 0)
        )
        for k, rule in enumerate(found)
    ), unit


def _asked(
    problem: Problem, papers: NDArray[np.intp], experts: NDArray[np.intp]
) -> tuple[tuple[Requirement, ...], Ints]:
    policy = problem.policy
    chosen = [problem.experts[i] for i in experts]
    seats = np.array([problem.applications[i].seats for i in papers], dtype=np.int64)
    zero = np.zeros_like(seats)
    found: list[Requirement] = []
    for rule in policy.composition:
        members = np.array([rule.role in e.roles for e in chosen], dtype=bool)
        most = seats if rule.most is None else np.minimum(seats, rule.most)
        found.append(Requirement(f"role {rule.role}", members, zero + rule.least, most))
    if policy.establishment_share < 1:
        share = policy.establishment_share
        members = np.array([ESTABLISHMENT in e.roles for e in chosen], dtype=bool)
        most = seats * share.numerator // share.denominator
        found.append(Requirement(f"role {ESTABLISHMENT}", members, zero, most))
    if policy.outside_share > 0:
        share = policy.outside_share
        least = -(-seats * share.numerator // share.denominator)
        found.append(
            Requirement("outside the city", np.array([e.outside for e in chosen], dtype=bool), least, seats)
        )
    found += _coverage(problem, papers, experts, policy)
    unit, crossing = _units(problem, experts, seats, policy)
    return tuple(found + crossing), unit


def _coverage(
    problem: Problem, papers: NDArray[np.intp], experts: NDArray[np.intp], policy: Policy
) -> list[Requirement]:
    """One requirement per set of domain codes: enough experts who know the application's own field."""
    if policy.coverage == 0:
        return []
    digits = policy.coverage_digits
    wanted = [frozenset(code[:digits] for code in problem.applications[i].domains) for i in papers]
    known = [frozenset(code[:digits] for code in problem.experts[i].domains) for i in experts]
    seats = np.array([problem.applications[i].seats for i in papers], dtype=np.int64)
    found = []
    for codes in sorted(set(wanted) - {frozenset()}, key=sorted):
        here = np.array([codes == one for one in wanted], dtype=bool)
        members = np.array([bool(codes & one) for one in known], dtype=bool)
        found.append(Requirement(f"domain {'/'.join(sorted(codes))}", members, here * policy.coverage, seats))
    return found


def _units(
    problem: Problem, experts: NDArray[np.intp], seats: Ints, policy: Policy
) -> tuple[Ints, list[Requirement]]:
    """Units as a partition where every expert has at most one, otherwise as crossing requirements."""
    none = np.full(len(experts), -1, dtype=np.int64)
    if policy.unit_cap is None:
        return none, []
    names = sorted({unit for i in experts for unit in problem.experts[i].units})
    position = {name: k for k, name in enumerate(names)}
    if all(len(problem.experts[i].units) <= 1 for i in experts):
        for k, i in enumerate(experts):
            for name in problem.experts[i].units:
                none[k] = position[name]
        return none, []
    zero = np.zeros_like(seats)
    found = []
    for name in names:
        members = np.array([name in problem.experts[i].units for i in experts], dtype=bool)
        if members.sum() > policy.unit_cap:
            found.append(Requirement(f"unit {name}", members, zero, np.minimum(seats, policy.unit_cap)))
    return none, found
