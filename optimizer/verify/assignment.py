"""What the verifier checks of an assignment: conflicts, seats, loads, and who sits together."""

from collections import Counter, defaultdict
from typing import Any

from optimizer.verify import panels, seating
from optimizer.verify.reading import Facts, Pair


def faults(facts: Facts, claims: dict[str, Any], pairs: list[Pair], *, partial: bool) -> list[str]:
    """What keeps pairs from being an assignment; a partial one may lack people."""
    found = _twice(facts, pairs) + _conflicts(facts, pairs)
    if facts.policy.get("mode") == "panel":
        status = "infeasible" if partial else "feasible"
        return found + panels.faults(facts, {**claims, "status": status}, pairs)
    return (
        found
        + _seats(facts, pairs, partial)
        + _loads(facts, pairs, partial)
        + _seatings(facts, pairs, partial)
    )


def _twice(facts: Facts, pairs: list[Pair]) -> list[str]:
    held = Counter((p, facts.persons[r]) for p, r in pairs)
    return [
        f"The pair [{p}, {r}] stands {n} times (accounts of one person count as one)."
        for (p, r), n in held.items()
        if n > 1
    ]


def _conflicts(facts: Facts, pairs: list[Pair]) -> list[str]:
    faults = [
        f"The pair [{p}, {r}] is in conflict: {facts.barred[p, facts.persons[r]]}."
        for p, r in pairs
        if (p, facts.persons[r]) in facts.barred
    ]
    return faults + [
        f"The pair [{p}, {r}] is not among the pairs listed as eligible."
        for p, r in pairs
        if facts.score((p, r)) is None
    ]


def _seats(facts: Facts, pairs: list[Pair], partial: bool) -> list[str]:
    held = Counter(p for p, _ in pairs)
    return [
        f"Application {p} has {held[p]} experts but needs {seats}."
        for p, seats in facts.seats.items()
        if held[p] > seats or (held[p] < seats and not partial)
    ]


def _loads(facts: Facts, pairs: list[Pair], partial: bool) -> list[str]:
    load = Counter(facts.persons[r] for _, r in pairs)
    faults = [
        f"Expert {r} has {load[r]} applications, above the cap of {cap}."
        for r, cap in facts.caps.items()
        if load[r] > cap
    ]
    if not partial:
        faults += [
            f"Expert {r} has {load[r]} applications, below the minimum of {least}."
            for r, least in facts.minima.items()
            if load[r] < least
        ]
    return faults


def _seatings(facts: Facts, pairs: list[Pair], partial: bool) -> list[str]:
    members = defaultdict(list)
    for p, r in pairs:
        members[p].append(r)
    faults = []
    for p, seats in facts.seats.items():
        faults += seating.faults(facts, f"Application {p}", members[p], seats, [p] if seats else [], partial)
    return faults
