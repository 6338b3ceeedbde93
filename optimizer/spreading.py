"""Even loads (负担均衡) among the assignments that are equally good: the last stage of an integer program.

The flow spreads loads by itself (`flow.face`). Here the best value found is kept, columns whose reduced cost says that
no equally good assignment changes them are fixed, and of what is left the sum of squared loads is made least.
"""

from dataclasses import replace

import numpy as np
from scipy.sparse import block_array, csr_array

from optimizer import mip
from optimizer.grid import Floats, Ints
from optimizer.problem import Problem
from optimizer.result import Position
from optimizer.watch import Watch

NODES = 500  # of the search tree, and not of the clock: the same answer on any machine
MOST_FREE = 5_000  # columns left open beyond which loads stay as they are
STAGE = "load spread (sum of squares)"
NEAR = 1e-9  # how far the total may be missed, as a share


def evened(model: mip.Model, values: Floats, expert: Ints, held: Ints, watch: Watch) -> tuple[Floats, bool]:
    """Values as good as these with the most even loads, and whether that is proven.

    Column k of the first ones is a turn of `expert[k]`; `held` counts the turns that pinned pairs take already.
    """
    best = float(model.objective @ values)
    loose = mip.relax(model, watch, "load spread")
    if loose.status is not mip.Status.OPTIMAL:
        return values, False
    slip = NEAR * max(1.0, abs(best))
    gain = model.objective - model.matrix.T @ loose.prices
    gap = max(0.0, loose.value - best) + slip
    floor = np.zeros(len(values)) if model.lower is None else model.lower
    lower = np.where(gain > gap, model.upper, floor)
    upper = np.where(gain < -gap, floor, model.upper)
    free = int((lower[: len(expert)] < upper[: len(expert)]).sum())
    if not 0 < free <= MOST_FREE:
        return values, free == 0
    narrowed = replace(model, lower=lower, upper=upper)
    answer = mip.solve(_spread(narrowed, best - slip, expert, held), watch, "load spread", NODES)
    found, exact = answer.values[: len(values)], answer.status is mip.Status.OPTIMAL
    better = len(found) and _squares(found, expert, held) < _squares(values, expert, held)
    return (found if better else values), exact


def squares(problem: Problem, positions: tuple[Position, ...]) -> float:
    """The sum of squared loads of (application, expert) positions."""
    turns = np.bincount([r for _, r in positions], minlength=len(problem.experts))
    return float((turns**2).sum())


def _squares(values: Floats, expert: Ints, held: Ints) -> float:
    turns = np.bincount(expert, weights=np.rint(values[: len(expert)]), minlength=len(held))
    return float(((turns + held) ** 2).sum())


def _spread(model: mip.Model, least: float, expert: Ints, held: Ints) -> mip.Model:
    """The model with the total kept and each expert's k-th turn costing 2k - 1 (pinned turns come first)."""
    width, many = len(model.objective), len(held)
    most = np.bincount(expert, weights=model.upper[: len(expert)], minlength=many).astype(np.int64)
    owner = np.repeat(np.arange(many), most)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(most) - most, most)
    turns = csr_array((np.ones(len(expert)), (expert, np.arange(len(expert)))), shape=(many, width))
    steps = csr_array((-np.ones(len(owner)), (owner, np.arange(len(owner)))), shape=(many, len(owner)))
    total = csr_array(model.objective[None, :])
    matrix = csr_array(block_array([[model.matrix, None], [total, None], [turns, steps]], format="csr"))
    assert model.lower is not None
    return mip.Model(
        np.r_[np.zeros(width), -(2.0 * (rank + held[owner]) + 1.0)],
        np.r_[model.upper, np.ones(len(owner))],
        np.r_[model.integer, np.zeros(len(owner), dtype=bool)],
        matrix,
        np.r_[model.low, least, np.zeros(many)],
        np.r_[model.high, np.inf, np.zeros(many)],
        np.r_[model.lower, np.zeros(len(owner))],
    )
