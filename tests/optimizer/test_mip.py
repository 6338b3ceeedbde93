"""Integer programs: what the solver calls the greatest value is confirmed."""

import numpy as np
from scipy.sparse import csr_array

from optimizer import mip
from optimizer.watch import Watch


def three_of_five() -> mip.Model:
    """Three of five members, at most one of the last two, as high as the lower of two sums may rise."""
    first = [0.00527831, 0.49203803, 0.32990357, 0.45003663, 0.4980355]
    second = [0.75777611, 0.20932834, 0.23011145, 0.53278152, 0.49105355]
    matrix = csr_array([[1, 1, 1, 1, 1, 0], [0, 0, 0, 1, 1, 0], [*first, -1], [*second, -1]])
    return mip.Model(
        np.array([0, 0, 0, 0, 0, 1.0]),
        np.array([1, 1, 1, 1, 1, 3.0]),
        np.array([True] * 5 + [False]),
        matrix,
        np.array([3, -np.inf, 0, 0]),
        np.array([3, 1, np.inf, np.inf]),
    )


def test_a_value_is_not_believed_before_more_was_asked_for() -> None:
    """HiGHS proves .9305 for this model, but the first, second and fifth have .9953."""
    answer = mip.highest(three_of_five(), 5, Watch(), "worst")
    assert (answer.status, answer.values[:5].round().tolist()) == (mip.Status.OPTIMAL, [1, 1, 0, 0, 1])
    assert np.isclose([answer.value, answer.bound], 0.99535184).all()


def test_nothing_is_looked_for_once_time_is_up() -> None:
    """A watch that says stop: unknown, and no bound."""
    answer = mip.solve(three_of_five(), Watch(limit=0), "worst")
    assert (answer.status, answer.bound) == (mip.Status.UNKNOWN, np.inf)
