"""What each seating must hold (专家组构成): roles, experts from outside the city, the application's field, units.

Every rule is read as "between `least` and `most` of these experts". Only one unit for each expert is a partition,
which a flow can carry (`grid.unit`); everything else crosses.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.problem import ESTABLISHMENT, Policy, Problem

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.intp]
Pins = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Requirement:
    """Between `least` and `most` more members of a set of experts in each seating, beside the `held` pinned ones.

    `most` below 0 says that the pinned ones are too many already.
    """

    name: str
    members: Mask  # experts
    least: Ints  # papers
    most: Ints  # papers
    held: Ints  # papers


def requirements(problem: Problem, papers: Rows, experts: Rows, pins: Pins) -> tuple[Requirement, ...]:
    """The rules of each paper, less what pinned pairs already fulfil."""
    found = _of_policy(problem, papers)
    if not _partition(problem, pins):
        found += _of_units(problem, papers)
    row = {p: i for i, p in enumerate(papers.tolist())}
    held = np.zeros((len(papers), len(found)), dtype=np.int64)
    everyone = np.array([rule.members for rule in found], dtype=bool).reshape(
        len(found), len(problem.experts)
    )
    for p, r in pins:
        held[row[p]] += everyone[:, r]
    return tuple(
        replace(
            rule,
            members=rule.members[experts],
            least=np.maximum(rule.least - held[:, k], 0),
            most=rule.most - held[:, k],
            held=held[:, k],
        )
        for k, rule in enumerate(found)
    )


def units(problem: Problem, experts: Rows, pins: Pins) -> Ints:
    """The number of each expert's unit where units are a partition, -1 for none."""
    none = np.full(len(experts), -1, dtype=np.int64)
    if not _partition(problem, pins):
        return none
    names = {unit: k for k, unit in enumerate(_names(problem))}
    for k, i in enumerate(experts):
        for unit in problem.experts[i].units:
            none[k] = names[unit]
    return none


def full_units(problem: Problem, pins: Pins) -> Pins:
    """Pairs that pinned ones rule out because their unit has its place already."""
    cap = problem.policy.unit_cap
    if cap is None or not pins:
        return ()
    of: dict[str, list[int]] = {}
    for r, expert in enumerate(problem.experts):
        for unit in expert.units:
            of.setdefault(unit, []).append(r)
    return tuple((p, r) for (p, unit), n in _held(problem, pins).items() if n >= cap for r in of[unit])


def _held(problem: Problem, pins: Pins) -> Counter[tuple[int, str]]:
    return Counter((p, unit) for p, r in pins for unit in problem.experts[r].units)


def _names(problem: Problem) -> list[str]:
    return sorted({unit for one in problem.experts for unit in one.units})


def _partition(problem: Problem, pins: Pins) -> bool:
    """Whether every expert has at most one unit, and pinned ones leave each unit's place whole or take all of it."""
    cap = problem.policy.unit_cap
    return cap is not None and (
        all(len(one.units) <= 1 for one in problem.experts)
        and all(n == cap for n in _held(problem, pins).values())
    )


def _of_policy(problem: Problem, papers: Rows) -> list[Requirement]:
    policy, everyone = problem.policy, problem.experts
    seats = np.array([problem.applications[i].seats for i in papers], dtype=np.int64)
    zero = np.zeros_like(seats)
    found: list[Requirement] = []
    for rule in policy.composition:
        members = np.array([rule.role in e.roles for e in everyone], dtype=bool)
        most = seats if rule.most is None else np.minimum(seats, rule.most)
        found.append(Requirement(f"role {rule.role}", members, zero + rule.least, most, zero))
    if policy.establishment_share < 1:
        share = policy.establishment_share
        members = np.array([ESTABLISHMENT in e.roles for e in everyone], dtype=bool)
        most = seats * share.numerator // share.denominator
        found.append(Requirement(f"role {ESTABLISHMENT}", members, zero, most, zero))
    if policy.outside_share > 0:
        share = policy.outside_share
        least = -(-seats * share.numerator // share.denominator)
        members = np.array([e.outside for e in everyone], dtype=bool)
        found.append(Requirement("outside the city", members, least, seats, zero))
    return found + _of_fields(problem, papers, policy)


def _of_fields(problem: Problem, papers: Rows, policy: Policy) -> list[Requirement]:
    """One requirement for each set of domain codes: enough experts who know the application's own field."""
    if policy.coverage == 0:
        return []
    digits = policy.coverage_digits
    wanted = [frozenset(code[:digits] for code in problem.applications[i].domains) for i in papers]
    known = [frozenset(code[:digits] for code in one.domains) for one in problem.experts]
    seats = np.array([problem.applications[i].seats for i in papers], dtype=np.int64)
    found = []
    for codes in sorted(set(wanted) - {frozenset()}, key=sorted):
        here = np.array([codes == one for one in wanted], dtype=bool)
        members = np.array([bool(codes & one) for one in known], dtype=bool)
        name = f"domain {'/'.join(sorted(codes))}"
        found.append(Requirement(name, members, here * policy.coverage, seats, np.zeros_like(seats)))
    return found


def _of_units(problem: Problem, papers: Rows) -> list[Requirement]:
    """The unit cap where units cross: at most so many of each unit that has more."""
    cap = problem.policy.unit_cap
    if cap is None:
        return []
    seats = np.array([problem.applications[i].seats for i in papers], dtype=np.int64)
    zero, most, found = np.zeros_like(seats), np.minimum(seats, cap), []
    for name in _names(problem):
        members = np.array([name in one.units for one in problem.experts], dtype=bool)
        if members.sum() > cap:
            found.append(Requirement(f"unit {name}", members, zero, most, zero))
    return found
