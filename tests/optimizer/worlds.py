"""Small problems for the optimizer's tests, and the answers found by looking at every assignment there is."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from optimizer.problem import Application, Expert, Problem

Pairs = tuple[tuple[int, int], ...]


def matrix_problem(
    sim: list[list[float]],
    mask: list[list[int]] | None = None,
    load: list[int] | None = None,
    demand: list[int] | None = None,
) -> Problem:
    """An unnamed problem from plain lists; two turns each and one seat each unless said."""
    scores = np.array(sim, dtype=float)
    n, m = scores.shape
    barred = np.zeros((n, m), dtype=bool) if mask is None else np.array(mask, dtype=bool).reshape(n, m)
    return Problem(
        tuple(Application(i, s) for i, s in enumerate(demand or [1] * n)),
        tuple(Expert(j, c) for j, c in enumerate(load or [2] * m)),
        scores,
        barred,
        named=False,
    )


def _written(value: float) -> float:
    """As fine as a scorer writes it; beside zeros a far smaller score has a gap, and the result says so."""
    return round(value, 6)


@st.composite
def tiny_problems(
    draw: st.DrawFn, most_papers: int = 4, most_experts: int = 4, named: bool = False
) -> Problem:
    """Up to four papers and experts: ties, zero rows, no demand, no load, too much demand."""
    n, m = draw(st.integers(1, most_papers)), draw(st.integers(1, most_experts))
    value = draw(
        st.sampled_from(
            [
                st.sampled_from([0.0, 0.25, 0.5, 1.0]),
                st.floats(0, 1).map(_written),
                st.floats(-3, 50).map(_written),
                st.just(0.0),
            ]
        )
    )
    scores = np.array(
        draw(st.lists(st.lists(value, min_size=m, max_size=m), min_size=n, max_size=n)), dtype=float
    )
    barred = np.array(
        draw(
            st.lists(
                st.lists(st.sampled_from([False, False, False, True]), min_size=m, max_size=m),
                min_size=n,
                max_size=n,
            )
        )
    )
    demand = draw(st.lists(st.integers(0, min(3, m)), min_size=n, max_size=n))
    load = draw(st.lists(st.integers(0, n), min_size=m, max_size=m))
    tag = str if named else int
    return Problem(
        tuple(Application(tag(i), s) for i, s in enumerate(demand)),
        tuple(Expert(tag(j), c) for j, c in enumerate(load)),
        scores,
        barred,
        named=named,
    )


def every_assignment(problem: Problem, partial: bool = False) -> Iterator[Pairs]:
    """Every assignment that keeps conflicts and caps; complete ones, or partial ones too."""
    caps = [e.cap for e in problem.experts]

    def extend(p: int, caps: list[int], pairs: Pairs) -> Iterator[Pairs]:
        if p == len(problem.applications):
            yield pairs
            return
        assert problem.barred is not None
        free = [r for r, cap in enumerate(caps) if cap > 0 and not problem.barred[p, r]]
        seats = problem.applications[p].seats
        for size in range(0 if partial else seats, seats + 1):
            for group in combinations(free, size):
                left = [cap - (r in group) for r, cap in enumerate(caps)]
                yield from extend(p + 1, left, pairs + tuple((p, r) for r in group))

    return extend(0, caps, ())


def sums(problem: Problem, pairs: Pairs) -> list[float]:
    """Sorted sums of the papers that ask for somebody."""
    found = {p: 0.0 for p, a in enumerate(problem.applications) if a.seats}
    for p, r in pairs:
        found[p] += float(problem.scores[p, r])
    return sorted(found.values())
