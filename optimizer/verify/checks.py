"""What the verifier checks: every rule of the instance, then every claim of the result. Faults are sentences."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from optimizer.verify import drawn, figures, panels
from optimizer.verify.reading import Facts, Pair, facts_of, read_claims, read_facts, share


def verify(instance: Path, result: Path) -> list[str]:
    """The faults of a result, none if it is sound. Raises `Unreadable` for files that cannot be used."""
    return faults(read_facts(instance), read_claims(result))


def verify_data(instance: bytes, claims: dict[str, Any]) -> list[str]:
    """The faults of a result that is no file: `instance` is the .json form's text. Raises `Unreadable`."""
    return faults(facts_of(instance), claims)


def faults(facts: Facts, claims: dict[str, Any]) -> list[str]:
    """The faults of a result's claims against an instance's facts."""
    pairs = [(p, r) for p, r in claims["pairs"]]
    found = [
        f"The pair [{p}, {r}] is not in the instance."
        for p, r in pairs
        if p not in facts.seats or r not in facts.persons
    ]
    if found:
        return found
    panel = facts.policy.get("mode") == "panel"
    partial = claims.get("status") == "infeasible"
    found += _twice(facts, pairs) + _conflicts(facts, pairs)
    found += (
        panels.faults(facts, claims, pairs)
        if panel
        else _seats(facts, pairs, partial) + _loads(facts, pairs, partial)
    )
    found += [] if panel else _seatings(facts, pairs, partial)
    if partial and not found and not whole_faults(facts, claims, pairs):
        found.append("The status is infeasible, but every seat is filled and every rule met.")
    return found + figures.faults(facts, claims, pairs) + drawn.faults(facts, claims)


def whole_faults(facts: Facts, claims: dict[str, Any], pairs: list[Pair]) -> list[str]:
    """What keeps pairs from being a complete assignment."""
    if facts.policy.get("mode") == "panel":
        return panels.faults(facts, {**claims, "status": "feasible"}, pairs)
    return (
        _twice(facts, pairs)
        + _conflicts(facts, pairs)
        + _seats(facts, pairs, partial=False)
        + _loads(facts, pairs, partial=False)
        + _seatings(facts, pairs, partial=False)
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
        faults += seating_faults(facts, f"Application {p}", members[p], seats, [p] if seats else [], partial)
    return faults


def seating_faults(
    facts: Facts, name: str, members: list[Any], seats: int, served: list[Any], partial: bool
) -> list[str]:
    """Unit cap, composition, outside share and coverage of one seating."""
    policy, faults = facts.policy, []
    if not policy:
        return []
    accounts = [facts.accounts[facts.persons[r]] for r in members]
    units = Counter(
        u for a in accounts for u in {u for e in a for u in facts.experts.get(e, {}).get("units", ())}
    )
    cap = policy.get("unit_cap")
    if cap is not None:
        faults += [
            f"{name} has {n} experts of unit {u}; at most {cap} may be." for u, n in units.items() if n > cap
        ]
    roles = Counter(
        x for a in accounts for x in {x for e in a for x in facts.experts.get(e, {}).get("roles", ())}
    )
    for rule in policy.get("composition", ()):
        n, most = roles[rule["role"]], rule.get("most")
        if (most is not None and n > most) or (n < rule.get("least", 0) and seats and not partial):
            faults.append(
                f"{name} has {n} experts of role {rule['role']}; {rule.get('least', 0)} to {most} are asked."
            )
    earlier = policy.get("establishment_share")
    if earlier is not None and seats and roles["establishment"] > share(earlier) * seats:
        faults.append(
            f"{name} has {roles['establishment']} establishment reviewers, above the share of {earlier}."
        )
    if partial or not seats:
        return faults
    outside = sum(all(facts.experts[e].get("outside", False) for e in a) for a in accounts)
    if outside < share(policy.get("outside_share", 0)) * seats:
        faults.append(
            f"{name} has {outside} experts from outside, below the share of {policy['outside_share']}."
        )
    digits = policy.get("coverage_digits", 3)
    codes = {c[:digits] for p in served for c in facts.applications.get(p, {}).get("domains", ())}
    known = sum(
        bool(codes & {c[:digits] for e in a for c in facts.experts[e].get("domains", ())}) for a in accounts
    )
    if codes and known < policy.get("coverage", 0):
        faults.append(f"{name} has {known} experts of its field; {policy['coverage']} are asked.")
    return faults
