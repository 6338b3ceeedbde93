"""The rows of a seat model: seats, caps, units, requirements and floors over candidate pairs.

Shared by every mixed-integer stage. The blocks come in a fixed order, so a linear program's prices can be
read back (`prices`) and used to value pairs that were left out.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, vstack

from optimizer.grid import Floats, Grid, Ints, Pairs
from optimizer.pricing import Prices, gain


@dataclass(frozen=True, eq=False)
class Rows:
    """A stack of rows, and where each came from: for each row its paper (or expert) and its column of prices."""

    matrix: csr_array
    low: Floats
    high: Floats
    kind: tuple[str, ...]  # one word per block
    owner: tuple[Ints, ...]  # paper or expert of each row of a block
    column: tuple[Ints, ...]  # unit or requirement of each row of a block


@dataclass(frozen=True, eq=False)
class Block:
    kind: str
    matrix: csr_array
    low: Floats
    high: Floats
    owner: Ints
    column: Ints


def seat_rows(grid: Grid, pairs: Pairs, papers: Ints | None = None) -> list[Block]:
    """Seats of some papers (all by default), caps of experts, unit caps, requirements."""
    n, m = grid.shape
    papers = np.arange(n) if papers is None else papers
    least = grid.least if len(papers) == n else np.zeros(m, dtype=np.int64)
    place = np.full(n, -1)
    place[papers] = np.arange(len(papers))
    seats = grid.seats[papers].astype(float)
    blocks = [
        _block("seats", place[pairs.p], np.arange(pairs.size), len(papers), pairs.size, seats, seats, papers),
        _block(
            "caps",
            pairs.r.astype(np.int64),
            np.arange(pairs.size),
            m,
            pairs.size,
            least.astype(float),
            grid.cap.astype(float),
            np.arange(m),
        ),
    ]
    if grid.unit_cap is not None:
        blocks.append(_unit_rows(grid, pairs))
    return blocks + [_requirement_rows(grid, pairs, papers, k) for k in range(len(grid.requirements))]


def _block(
    kind: str,
    row: Ints,
    column: Ints,
    rows: int,
    columns: int,
    low: Floats,
    high: Floats,
    owner: Ints,
    which: Ints | None = None,
    values: Floats | None = None,
) -> Block:
    data = np.ones(len(column)) if values is None else values
    matrix = csr_array((data, (row, column)), shape=(rows, columns))
    return Block(kind, matrix, low, high, owner, np.zeros(rows, dtype=np.int64) if which is None else which)


def _unit_rows(grid: Grid, pairs: Pairs) -> Block:
    units = int(grid.unit.max(initial=0)) + 1
    of = grid.unit[pairs.r]
    inside = np.flatnonzero(of >= 0)
    found, inverse, count = np.unique(
        pairs.p[inside].astype(np.int64) * units + of[inside], return_inverse=True, return_counts=True
    )
    binds = count > (grid.unit_cap or 0)
    number = np.cumsum(binds) - 1
    keep = binds[inverse]
    rows = int(binds.sum())
    return _block(
        "unit",
        number[inverse[keep]],
        inside[keep],
        rows,
        pairs.size,
        np.full(rows, -np.inf),
        np.full(rows, float(grid.unit_cap or 0)),
        found[binds] // units,
        found[binds] % units,
    )


def _requirement_rows(grid: Grid, pairs: Pairs, papers: Ints, k: int) -> Block:
    rule = grid.requirements[k]
    binds = (rule.least[papers] > 0) | (rule.most[papers] < grid.seats[papers])
    bound = papers[binds]
    number = np.full(grid.shape[0], -1)
    number[bound] = np.arange(len(bound))
    inside = np.flatnonzero(rule.members[pairs.r] & (number[pairs.p] >= 0))
    return _block(
        "requirement",
        number[pairs.p[inside]],
        inside,
        len(bound),
        pairs.size,
        rule.least[bound].astype(float),
        rule.most[bound].astype(float),
        bound,
        np.full(len(bound), k),
    )


def floor_rows(grid: Grid, pairs: Pairs, papers: Ints, floor: Floats) -> Block:
    """Each of some papers gets at least its floor, what is pinned already counted."""
    place = np.full(grid.shape[0], -1)
    place[papers] = np.arange(len(papers))
    inside = np.flatnonzero(place[pairs.p] >= 0)
    return _block(
        "floor",
        place[pairs.p[inside]],
        inside,
        len(papers),
        pairs.size,
        floor - grid.base[papers],
        np.full(len(papers), np.inf),
        papers,
        values=pairs.score[inside],
    )


def stack(blocks: list[Block]) -> Rows:
    """One matrix of all blocks."""
    return Rows(
        csr_array(vstack([b.matrix for b in blocks], format="csr")),
        np.concatenate([b.low for b in blocks]),
        np.concatenate([b.high for b in blocks]),
        tuple(b.kind for b in blocks),
        tuple(b.owner for b in blocks),
        tuple(b.column for b in blocks),
    )


def with_row(stacked: Rows, row: csr_array, low: float) -> tuple[csr_array, Floats, Floats]:
    """The rows and one more that must reach a value."""
    matrix = csr_array(vstack([stacked.matrix, row], format="csr"))
    return matrix, np.r_[stacked.low, low], np.r_[stacked.high, np.inf]


def prices(grid: Grid, rows: Rows, dual: Floats) -> Prices:
    """Read a linear program's row prices back as prices of seats, turns, units, requirements and floors."""
    n, m = grid.shape
    paper, expert, stretch = np.zeros(n), np.zeros(m), np.ones(n)
    unit = np.zeros((n, int(grid.unit.max(initial=-1)) + 1))
    requirement = np.zeros((n, len(grid.requirements)))
    start = 0
    for kind, owner, column in zip(rows.kind, rows.owner, rows.column, strict=True):
        part = dual[start : start + len(owner)]
        start += len(owner)
        if kind == "seats":
            paper[owner] = part
        elif kind == "caps":
            expert[owner] = part
        elif kind == "unit":
            unit[owner, column] = part
        elif kind == "requirement":
            requirement[owner, column] = part
        else:
            stretch[owner] -= np.minimum(part, 0.0)
    return Prices(paper, expert, unit, requirement, stretch)


def price_bound(grid: Grid, found: Prices, levels: tuple[float, ...] = ()) -> float:
    """An upper bound on the total over all pairs of a full table that any prices prove (Lagrange).

    `levels` are what the worst, second-worst … paper must reach. Prices of the wrong sign are set right first.
    """
    expert = np.where(grid.least > 0, found.expert, np.maximum(found.expert, 0.0))
    value = float((grid.seats * found.paper).sum())
    value += float(np.where(expert > 0, grid.cap * expert, grid.least * expert).sum())
    if found.unit is not None:
        value += float((grid.unit_cap or 0) * np.maximum(found.unit, 0.0).sum())
    if found.requirement is not None:
        for k, rule in enumerate(grid.requirements):
            price = found.requirement[:, k]
            value += float(np.where(price > 0, rule.most * price, rule.least * price).sum())
    if found.stretch is not None and levels:
        value += _floor_term(grid, found.stretch - 1.0, levels)
    unit = None if found.unit is None else np.maximum(found.unit, 0.0)
    right = Prices(found.paper, expert, unit, found.requirement, found.stretch)
    for start, block in grid.blocks():
        value += float(np.maximum(gain(grid, right, start, block), 0.0).sum())
    return value + float(grid.base.sum())


def _floor_term(grid: Grid, price: Floats, levels: tuple[float, ...]) -> float:
    """What priced floors cost at most: all papers at the last level, save that j of them may stay below level j."""
    value = -float((price * (levels[-1] - grid.base)).sum())
    dearest = np.cumsum(np.sort(price)[::-1])
    for j in range(1, min(len(levels), len(price) + 1)):
        value += (levels[j] - levels[j - 1]) * float(dearest[j - 1])
    return value
