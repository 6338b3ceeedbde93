"""Solving against enumeration: every objective is exactly as good as the best of all assignments."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimizer.problem import Problem
from optimizer.result import Objective, Standing
from optimizer.solve import solve
from optimizer.spreading import squares
from tests.optimizer.worlds import every_assignment, matrix_problem, sums, tiny_problems

QUICK = settings(max_examples=60, deadline=None)


@QUICK
@given(tiny_problems())
def test_total_is_the_greatest_of_all_assignments(problem: Problem) -> None:
    """No complete assignment has a greater total, and the bound says so."""
    best = max((sum(sums(problem, pairs)) for pairs in every_assignment(problem)), default=None)
    result = solve(problem, Objective.TOTAL)
    if best is None:
        assert result.status is Standing.INFEASIBLE
    else:
        assert result.status is Standing.OPTIMAL
        assert (result.total, result.total_bound) == (
            pytest.approx(best, abs=1e-7),
            pytest.approx(best, abs=1e-6),
        )


@QUICK
@given(tiny_problems())
def test_fair_raises_the_worst_and_then_the_total(problem: Problem) -> None:
    """(worst, total) is the lexicographic maximum, with both bounds met."""
    found = [sums(problem, pairs) for pairs in every_assignment(problem)]
    result = solve(problem, Objective.FAIR)
    if not found:
        assert result.status is Standing.INFEASIBLE
        return
    worst = max(s[0] if s else 0.0 for s in found)
    total = max(sum(s) for s in found if not s or s[0] >= worst - 1e-7)
    assert result.status is Standing.OPTIMAL
    assert (result.worst, result.total) == (pytest.approx(worst, abs=1e-6), pytest.approx(total, abs=1e-5))
    assert result.worst_bound == pytest.approx(worst, abs=1e-6)


@QUICK
@given(tiny_problems(most_papers=3))
def test_leximin_raises_one_level_after_another(problem: Problem) -> None:
    """With two levels the two worst sums are the lexicographic maximum."""
    found = [sums(problem, pairs)[:2] for pairs in every_assignment(problem)]
    result = solve(problem, Objective.LEXIMIN, levels=2)
    if not found:
        assert result.status is Standing.INFEASIBLE
        return
    best = np.round(max(found, key=lambda s: [round(v, 6) for v in s]), 6)
    assert sums(problem, result.positions)[:2] == pytest.approx(best, abs=1e-5)


@QUICK
@given(tiny_problems())
def test_a_shortage_fills_as_many_seats_as_can_be(problem: Problem) -> None:
    """Infeasible answers still hold the most pairs, and of those assignments the best worst paper."""
    if next(every_assignment(problem), None) is not None:
        return
    partial = list(every_assignment(problem, partial=True))
    most = max(len(pairs) for pairs in partial)
    result = solve(problem, Objective.FAIR)
    assert len(result.pairs) == most
    worst = max(sums(problem, pairs)[0] for pairs in partial if len(pairs) == most)
    assert result.worst == pytest.approx(worst, abs=1e-5)
    assert (
        sum(s.wanted - s.reached for s in result.shortages)
        == sum(a.seats for a in problem.applications) - most
    )


def test_who_asks_for_nobody_is_not_the_worst() -> None:
    """An application without demand has no sum, so it cannot hold the worst down."""
    result = solve(matrix_problem([[1.0, 0.5], [0.2, 0.1]], demand=[1, 0]))
    assert (result.status, result.worst, result.positions) == (Standing.OPTIMAL, 1.0, ((0, 0),))


@QUICK
@given(tiny_problems(), st.sampled_from(Objective))
def test_loads_are_as_even_as_equally_good_assignments_allow(problem: Problem, objective: Objective) -> None:
    """Of all assignments with the same worst sum and total none spreads the work more evenly."""
    result = solve(problem, objective)
    assume(result.status is Standing.OPTIMAL)
    mine = sums(problem, result.positions)
    kept = slice(0, 0) if objective is Objective.TOTAL else slice(0, 1)
    equal = [
        pairs
        for pairs in every_assignment(problem)
        if sum(sums(problem, pairs)) >= sum(mine) - 1e-9
        and sums(problem, pairs)[kept] == pytest.approx(mine[kept], abs=1e-9)
    ]
    assert squares(problem, result.positions) == min(squares(problem, pairs) for pairs in equal)
    assert result.stages[-1].bound == result.stages[-1].value


@pytest.mark.parametrize("far", [-1e6, 1e6])
@pytest.mark.parametrize("objective", list(Objective))
def test_one_score_far_from_all_others_does_not_blur_them(far: float, objective: Objective) -> None:
    """A million beside scores of six digits: still exact, and proven."""
    scores = np.random.default_rng(8).random((4, 5)).round(6)
    scores[0, 0] = far
    problem = matrix_problem(scores.tolist(), load=[1] * 5)
    result = solve(problem, objective)
    found = [sums(problem, pairs) for pairs in every_assignment(problem)]
    worst = max(s[0] for s in found) if objective is not Objective.TOTAL else -1e9
    best = max(sum(s) for s in found if s[0] >= worst - 1e-9)
    assert (result.status, result.total) == (Standing.OPTIMAL, pytest.approx(best, abs=1e-8))
