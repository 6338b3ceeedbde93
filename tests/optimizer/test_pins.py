"""Pairs that must be: the best of all assignments that hold them, under the rules they already fill or break."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from optimizer.errors import ProblemError
from optimizer.explain import explain
from optimizer.instance import result_json
from optimizer.problem import Composition, Exclusion, Force, Policy, Problem
from optimizer.result import Objective, Standing
from optimizer.solve import solve
from tests.optimizer.test_policy import lawful, ruled_problems
from tests.optimizer.worlds import every_assignment, matrix_problem, sums


@settings(max_examples=80, deadline=None)
@given(ruled_problems(), st.integers(0, 30))
def test_a_pinned_pair_is_held_and_the_rest_is_the_best(problem: Problem, which: int) -> None:
    """Whatever the pinned expert's unit, role, field and least load: as good as the best lawful assignment with it."""
    assert problem.barred is not None
    free = [
        (p, r)
        for p, r in np.argwhere(~problem.barred).tolist()
        if problem.applications[p].seats and problem.experts[r].cap
    ]
    assume(free)
    pin = free[which % len(free)]
    found = [
        sum(sums(problem, pairs))
        for pairs in every_assignment(problem)
        if pin in pairs and lawful(problem, pairs)
    ]
    result = solve(problem, Objective.TOTAL, pins=(pin,))
    if not found:
        assert result.status is Standing.INFEASIBLE
        return
    assert pin in result.positions
    assert lawful(problem, result.positions)
    assert (result.status, result.total) == (Standing.OPTIMAL, pytest.approx(max(found), abs=1e-5))


def two_of_one_unit() -> Problem:
    """Two seats, a unit cap of one, and the two best experts of the same unit."""
    problem = matrix_problem([[0.9, 0.8, 0.1]], demand=[2])
    experts = tuple(
        replace(e, units=unit) for e, unit in zip(problem.experts, (("u",), ("u",), ("v",)), strict=True)
    )
    return replace(problem, experts=experts, policy=Policy(unit_cap=1))


def test_pinned_experts_who_break_a_rule_are_named() -> None:
    """Both of one unit are fixed: no assignment, the rule with its numbers, and what would allow it."""
    result = solve(two_of_one_unit(), pins=((0, 0), (0, 1)))
    assert result.status is Standing.INFEASIBLE
    assert [s.sentence for s in result.shortages] == [
        "Application 0 may have 1 of unit u, but 2 are fixed.",
    ]
    assert [r.sentence for r in result.relaxations] == ["Raise the unit cap from 1 to 2."]


def test_a_pinned_colleague_leaves_one_place_of_two() -> None:
    """A unit cap of two: with one of the unit fixed only one more may come, however well they fit."""
    problem = matrix_problem([[0.9, 0.8, 0.7, 0.1]], demand=[3])
    experts = tuple(replace(e, units=("u",) if e.id != 3 else ("v",)) for e in problem.experts)
    result = solve(replace(problem, experts=experts, policy=Policy(unit_cap=2)), pins=((0, 2),))
    assert result.positions == ((0, 0), (0, 2), (0, 3))


def test_more_pinned_than_asked_is_refused() -> None:
    """Two experts are fixed for one seat."""
    with pytest.raises(ProblemError, match="asks for 1 experts, but 2 are fixed"):
        solve(matrix_problem([[0.9, 0.8]]), pins=((0, 0), (0, 1)))


def test_a_pair_that_is_not_listed_cannot_be_pinned() -> None:
    """A sparse table's pairs are the only ones there are."""
    problem = replace(matrix_problem([[0.9, 0.8]]), scores=csr_array(np.array([[0.9, 0.0]])))
    with pytest.raises(ProblemError, match="not listed as a pair that may be"):
        solve(problem, pins=((0, 1),))


@pytest.mark.parametrize("sparse", [False, True])
def test_a_pinned_pair_is_worth_its_score_less_its_penalty(sparse: bool) -> None:
    """Soft conflicts count for fixed pairs and for chosen ones, in full and in sparse tables."""
    problem = matrix_problem([[0.9, 0.8], [0.9, 0.8]], load=[2, 2])
    hits = tuple(Exclusion(p, 0, "rule 16", "establishment", Force.SOFT, 0.5) for p in (0, 1))
    scores = csr_array(problem.scores) if sparse else problem.scores
    result = solve(replace(problem, exclusions=hits, scores=scores), Objective.TOTAL, pins=((0, 0),))
    assert (result.positions, result.total) == (((0, 0), (1, 1)), pytest.approx(0.4 + 0.8))


def test_forcing_who_may_not_be_is_said_to_be_impossible() -> None:
    """Nobody of the role may sit here: the better-ranked expert's counterfactual says that it cannot be."""
    problem = matrix_problem([[0.9, 0.5]])
    experts = (replace(problem.experts[0], roles=("finance",)), problem.experts[1])
    asked = replace(problem, experts=experts, policy=Policy(composition=(Composition("finance", 0, 0),)))
    told = explain(asked, result_json(solve(asked)), "0")
    assert [one["counterfactual"]["possible"] for one in told["not_chosen"]] == [False]


def test_who_asks_for_nobody_has_nobody_better() -> None:
    """An application without seats: no seat to explain, and nobody was passed over."""
    problem = matrix_problem([[0.9, 0.5], [0.4, 0.2]], demand=[1, 0])
    told = explain(problem, result_json(solve(problem)), "1")
    assert (told["seats"], told["not_chosen"]) == ([], [])


def test_everybody_eligible_is_explained_where_a_seat_stays_empty() -> None:
    """One of two seats is filled: the other eligible experts, the last one too, have their reason."""
    problem = matrix_problem([[0.9, 0.5, 0.4], [0.8, 0.7, 0.6]], load=[1, 1, 0], demand=[2, 1])
    told = explain(problem, result_json(solve(problem)), "0", forced=0)
    assert [one["rule"] for one in told["not_chosen"]] == ["cap"]
