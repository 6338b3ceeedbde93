"""Every relaxation offered makes the problem solvable, and none of its changes is in vain."""

from dataclasses import replace

from hypothesis import assume, given, settings

from optimizer.problem import Composition, Policy, Problem
from optimizer.relax import apply, complete
from optimizer.result import Objective, Standing
from optimizer.solve import solve
from tests.optimizer.worlds import every_assignment, matrix_problem, tiny_problems


@settings(max_examples=60, deadline=None)
@given(tiny_problems())
def test_offers_work_and_are_minimal(problem: Problem) -> None:
    """With all changes a complete assignment exists, without any one of them none does."""
    result = solve(problem, Objective.TOTAL)
    assume(result.status is Standing.INFEASIBLE)
    assert result.relaxations
    for offer in result.relaxations:
        assert next(every_assignment(apply(problem, offer.changes)), None) is not None
        for change in offer.changes:
            rest = tuple(c for c in offer.changes if c != change)
            assert not complete(apply(problem, rest))


def test_a_requirement_in_the_way_is_named() -> None:
    """Nobody of the role: the answer offers to waive it for that application, and seats stay filled."""
    problem = matrix_problem([[0.9, 0.5]], load=[1, 1])
    asked = replace(problem, policy=Policy(composition=(Composition("finance", 1),)))
    result = solve(asked)
    assert result.status is Standing.INFEASIBLE
    assert [s.sentence for s in result.shortages] == ["Application 0 needs 1 of role finance and gets 0."]
    assert [r.sentence for r in result.relaxations] == ["Waive 'role finance' for 0: 1 → 0."]


def test_short_caps_are_raised_by_the_least() -> None:
    """Two papers, one expert with one turn: one turn more is enough."""
    result = solve(matrix_problem([[0.9], [0.5]], load=[1]))
    assert "Raise the cap of 0 from 1 to 2." in [r.sentence for r in result.relaxations]
