"""Repair touches the fewest pairs there are to touch."""

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from optimizer.errors import ProblemError
from optimizer.problem import Problem
from optimizer.repair import repair
from optimizer.result import Objective, Standing
from optimizer.solve import solve
from tests.optimizer.worlds import every_assignment, matrix_problem, tiny_problems


@settings(max_examples=60, deadline=None)
@given(tiny_problems(), st.integers(0, 20))
def test_no_repair_moves_less(problem: Problem, which: int) -> None:
    """Among all complete assignments without the dropped pair none keeps more of the others."""
    before = solve(problem, Objective.TOTAL)
    assume(before.status is Standing.OPTIMAL and before.positions)
    gone = before.positions[which % len(before.positions)]
    kept = set(before.positions) - {gone}
    best = max(
        (len(kept & set(pairs)) for pairs in every_assignment(problem) if gone not in pairs), default=None
    )
    after = repair(problem, before.positions, (gone,), Objective.TOTAL)
    assert gone not in after.positions
    if best is None:
        assert after.status is Standing.INFEASIBLE
    else:
        assert len(kept & set(after.positions)) == best


def test_a_free_expert_steps_in_and_nothing_else_moves() -> None:
    """The best expert with turns to spare takes the seat; the stage says how many others were disturbed."""
    problem = matrix_problem([[0.9, 0.5, 0.4], [0.8, 0.7, 0.1]], load=[2, 1, 1])
    after = repair(problem, ((0, 0), (1, 0)), ((0, 0),))
    assert after.positions == ((0, 1), (1, 0))
    assert {s.name: s.value for s in after.stages}["other pairs disturbed"] == 0


def test_a_pair_that_is_not_there_cannot_be_dropped() -> None:
    """The sentence names the pair."""
    with pytest.raises(ProblemError, match=r"\(0, 1\) is not in the result"):
        repair(matrix_problem([[0.9, 0.5]]), ((0, 0),), ((0, 1),))


def test_what_cannot_be_filled_again_is_filled_as_far_as_it_goes() -> None:
    """A least load that cannot be had any more does not keep a seat empty; the other pair stays."""
    problem = matrix_problem([[0.9, 0.8, 0.1], [0.5, 0.4, 0.3]], load=[2, 1, 1], demand=[1, 1])
    experts = (replace(problem.experts[0], minimum=2), *problem.experts[1:])
    after = repair(replace(problem, experts=experts), ((0, 0), (1, 0)), ((1, 0),))
    assert (after.status, after.positions) == (Standing.INFEASIBLE, ((0, 0), (1, 1)))
    assert [s.kind for s in after.shortages] == ["minimum"]
