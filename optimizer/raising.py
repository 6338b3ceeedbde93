"""Raising the worst applications of panels in turn (最差者优先): the worst, the next-worst … each as far as it goes.

Rows and columns as `panels` builds them: 0/1 columns for (panel, expert) pairs, and for each application what each
pair gives it. Application sums may stay below level j + 1 only for j applications, by a 0/1 column each.
"""

import numpy as np
from scipy.sparse import block_array, csr_array, eye_array, kron

from optimizer import mip
from optimizer.grid import Floats
from optimizer.watch import Watch

SLIP = 2e-9  # of the usual score: sums closer than the solver's tolerance count as equal
Table = tuple[csr_array, Floats, Floats]  # rows, their least and their most


def raised(
    asked: Table, served: csr_array, held: Floats, levels: tuple[float, ...], watch: Watch
) -> mip.Outcome:
    """The highest sum the next-worst application can have, given the levels before it. The last column is that sum.

    `served` says what each pair gives each application, `held` what pinned members give it already.
    """
    count, before = served.shape[0], len(levels)
    matrix, low, high = with_floors(asked, served, held, levels)
    far = float(np.abs(served).sum(axis=1).max(initial=0.0)) + float(np.abs(held).max(initial=0.0)) + 1.0
    wide = matrix.shape[1] - served.shape[1]  # columns of the levels before
    spared = eye_array(count) * (2 * far) if before else csr_array((count, 0))
    goal = [served, csr_array((count, wide)), spared, csr_array(-np.ones((count, 1)))]
    few = [csr_array((1, matrix.shape[1])), csr_array(np.ones((1, spared.shape[1]))), csr_array((1, 1))]
    top = [matrix, csr_array((len(low), spared.shape[1])), csr_array((len(low), 1))]
    lines = [csr_array(block_array([line], format="csr")) for line in (top, goal, few)]
    columns = matrix.shape[1] + spared.shape[1]
    return mip.highest(
        mip.Model(
            np.r_[np.zeros(columns), 1.0],
            np.r_[np.ones(columns), far],
            np.r_[np.ones(columns, dtype=bool), False],
            csr_array(block_array([[line] for line in lines], format="csr")),
            np.r_[low, -held, -np.inf],
            np.r_[high, np.full(count, np.inf), float(before)],
            np.r_[np.zeros(columns), -far],
        ),
        columns,
        watch,
        f"worst {before + 1}" if before else "worst",
    )


def with_floors(asked: Table, served: csr_array, held: Floats, levels: tuple[float, ...]) -> Table:
    """The rows with one floor for each application, and a column for each (application, level) it may stay below."""
    matrix, low, high = asked
    if not levels:
        return asked
    count, step = served.shape[0], np.diff(np.array(levels))
    lift = csr_array(kron(eye_array(count), step[None, :])) if len(step) else csr_array((count, 0))
    tally = csr_array(kron(np.ones((1, count)), eye_array(len(step)))) if len(step) else csr_array((0, 0))
    blocks = [
        [matrix, csr_array((matrix.shape[0], lift.shape[1]))],
        [served, lift],
        [csr_array((len(step), matrix.shape[1])), tally],
    ]
    lines = [csr_array(block_array([line], format="csr")) for line in blocks if line[0].shape[0]]
    return (
        csr_array(block_array([[line] for line in lines], format="csr")),
        np.r_[low, levels[-1] - SLIP - held, np.full(len(step), -np.inf)],
        np.r_[high, np.full(count, np.inf), np.arange(1.0, len(step) + 1)],
    )
