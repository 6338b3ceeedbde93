"""Every relaxation offered makes the problem solvable, and none of its changes is in vain."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import assume, given, settings

from optimizer.problem import Composition, Policy, Problem
from optimizer.relax import apply, complete
from optimizer.result import Objective, Standing
from optimizer.solve import solve
from optimizer.watch import Watch
from tests.optimizer.test_policy import ruled_problems
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


def _two_seats_of_one_unit(policy: Policy, outside: tuple[bool, bool]) -> Problem:
    """An application for two, and two experts of the same unit."""
    problem = matrix_problem([[0.9, 0.5]], load=[1, 1], demand=[2])
    experts = tuple(
        replace(e, units=("u",), outside=far) for e, far in zip(problem.experts, outside, strict=True)
    )
    return replace(problem, experts=experts, policy=policy)


def test_the_unit_cap_of_the_whole_group_is_offered() -> None:
    """Both of one unit: one more of a unit is enough, and nothing else needs to move."""
    result = solve(_two_seats_of_one_unit(Policy(unit_cap=1), (True, True)))
    assert "Raise the unit cap from 1 to 2." in [r.sentence for r in result.relaxations]


def test_one_seat_less_from_outside_is_offered_once() -> None:
    """One of two is from outside where all were asked: one seat less, not said twice."""
    result = solve(_two_seats_of_one_unit(Policy(outside_share=Fraction(1)), (True, False)))
    assert [r.sentence for r in result.relaxations] == ["Ask for 1 instead of 2 from outside the city."]


@settings(max_examples=25, deadline=None)
@given(ruled_problems())
def test_offers_under_rules_work_and_are_minimal(problem: Problem) -> None:
    """Units, roles, outside share: with all changes it can be solved, without any one of them it cannot."""
    result = solve(problem, Objective.TOTAL)
    assume(result.status is Standing.INFEASIBLE)
    for offer in result.relaxations:
        waived = [c for c in offer.changes if c.kind.startswith("requirement: ")]
        for left_out in (None, *offer.changes):
            rest = tuple(c for c in offer.changes if c is not left_out)
            lowered = {
                (c.subject, c.kind.removeprefix("requirement: ")): c.after for c in waived if c in rest
            }
            assert complete(apply(problem, rest), lowered=lowered) is (left_out is None)


def test_nothing_untried_is_offered_once_time_is_up() -> None:
    """No time to solve again: the shortage is said, and no way out that was not tried."""
    result = solve(matrix_problem([[0.9], [0.5]], load=[1]), Objective.TOTAL, watch=Watch(limit=0))
    assert ([s.kind for s in result.shortages], result.relaxations) == (["seats"], ())


def test_a_requirement_is_lowered_no_further_than_needed() -> None:
    """Three asked from outside, one there is: one is still asked."""
    problem = matrix_problem([[0.9, 0.5, 0.4], [0.9, 0.5, 0.4]], demand=[3, 1])
    experts = tuple(replace(e, outside=e.id == 0) for e in problem.experts)
    policy = Policy(composition=(Composition("finance", 2),))
    seated = tuple(replace(e, roles=("finance",) * e.outside) for e in experts)
    result = solve(
        replace(
            problem,
            applications=problem.applications[:1],
            scores=problem.scores[:1],
            barred=None,
            experts=seated,
            policy=policy,
        )
    )
    assert [r.sentence for r in result.relaxations] == ["Waive 'role finance' for 0: 2 → 1."]


def test_an_offer_for_one_pair_fewer_keeps_it_forbidden() -> None:
    """A pair that may no longer be is not what a relaxation counts on: a turn more is offered to the other expert."""
    problem = matrix_problem([[0.9, 0.5], [0.8, 0.4]], load=[1, 1])
    result = solve(problem, forbidden=((0, 0), (1, 0)))
    assert "Raise the cap of 1 from 1 to 2." in [r.sentence for r in result.relaxations]


def test_as_few_applications_as_can_be_are_waived() -> None:
    """One expert of the role with one turn, two applications that ask: one of them goes without, and no more."""
    problem = matrix_problem([[0.9, 0.5], [0.9, 0.5]], load=[1, 1])
    seated = tuple(replace(e, roles=("finance",) * (e.id == 0)) for e in problem.experts)
    asked = replace(problem, experts=seated, policy=Policy(composition=(Composition("finance", 1),)))
    offers = solve(asked).relaxations
    assert [[(c.kind, c.before, c.after) for c in one.changes] for one in offers] == [
        [("requirement: role finance", 1, 0)]
    ]
