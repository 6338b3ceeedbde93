"""Crossing rules against enumeration: units, composition, outside share, coverage."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.problem import Composition, Policy, Problem
from optimizer.result import Objective, Standing
from optimizer.solve import solve
from tests.optimizer.worlds import Pairs, every_assignment, sums, tiny_problems


@st.composite
def ruled_problems(draw: st.DrawFn) -> Problem:
    """Tiny problems whose experts have units, a role, a field and a least load or none, from outside or not."""
    problem = draw(tiny_problems(most_papers=3))
    policy = Policy(
        unit_cap=draw(st.sampled_from([None, 1, 2])),
        composition=draw(
            st.sampled_from([(), (Composition("finance", 1),), (Composition("finance", 0, 1),)])
        ),
        outside_share=draw(st.sampled_from([Fraction(0), Fraction(1, 3)])),
        coverage=draw(st.sampled_from([0, 0, 1])),
    )
    experts = tuple(
        replace(
            e,
            units=draw(st.sampled_from([("u",), ("v",), ("u", "v"), ()])),
            roles=draw(st.sampled_from([("finance",), ()])),
            outside=draw(st.booleans()),
            domains=draw(st.sampled_from([("110",), ("12010",), ()])),
            minimum=draw(st.sampled_from([0, 0, 0, min(1, e.cap)])),
        )
        for e in problem.experts
    )
    applications = tuple(
        replace(a, domains=draw(st.sampled_from([("11020",), ("120",), ()]))) for a in problem.applications
    )
    return replace(problem, applications=applications, experts=experts, policy=policy)


def lawful(problem: Problem, pairs: Pairs) -> bool:
    """Whether an assignment keeps the policy, said once more in the plainest way."""
    policy, loads = problem.policy, Counter(r for _, r in pairs)
    if any(loads[r] < e.minimum for r, e in enumerate(problem.experts)):
        return False
    for p, application in enumerate(problem.applications):
        seated = [problem.experts[r] for q, r in pairs if q == p]
        units = Counter(u for e in seated for u in e.units)
        if policy.unit_cap and any(n > policy.unit_cap for n in units.values()):
            return False
        finance = sum("finance" in e.roles for e in seated)
        for rule in policy.composition if application.seats else ():
            if finance < rule.least or (rule.most is not None and finance > rule.most):
                return False
        if sum(e.outside for e in seated) < policy.outside_share * application.seats:
            return False
        field = {code[:3] for code in application.domains}
        known = sum(not field.isdisjoint(code[:3] for code in e.domains) for e in seated)
        if field and application.seats and known < policy.coverage:
            return False
    return True


@settings(max_examples=60, deadline=None)
@given(ruled_problems(), st.sampled_from([Objective.TOTAL, Objective.FAIR]))
def test_the_best_lawful_assignment_is_found(problem: Problem, objective: Objective) -> None:
    """Total, or worst and then total, equals the best of all lawful assignments."""
    found = [sums(problem, pairs) for pairs in every_assignment(problem) if lawful(problem, pairs)]
    result = solve(problem, objective)
    if not found:
        assert result.status is Standing.INFEASIBLE
        return
    worst = max(s[0] if s else 0.0 for s in found) if objective is Objective.FAIR else -1e9
    total = max(sum(s) for s in found if not s or s[0] >= worst - 1e-7)
    assert lawful(problem, result.positions)
    assert (result.status, result.total) == (Standing.OPTIMAL, pytest.approx(total, abs=1e-5))
