"""What the verifier checks of panels: each application in one panel, read by all its members but abstainers."""

from collections import Counter
from typing import Any

from optimizer.verify import seating
from optimizer.verify.reading import Facts, Pair


def faults(facts: Facts, claims: dict[str, Any], pairs: list[Pair]) -> list[str]:
    """The faults of a panel result."""
    found: list[str] = []
    partial = claims.get("status") == "infeasible"
    expected: set[Pair] = set()
    seen: Counter[Any] = Counter()
    load: Counter[Any] = Counter()
    low, high = facts.policy.get("panel_sizes", (1, 40))
    for panel in claims.get("panels", ()):
        served, members, name = panel["applications"], panel["members"], f"Panel {panel['id']}"
        seen.update(served)
        load.update(facts.persons[e] for e in members)
        if not low <= len(served) <= high and not partial:
            found.append(f"{name} has {len(served)} applications; {low} to {high} are asked.")
        seats = max((facts.seats[p] for p in served), default=0)
        if len(members) > seats or (len(members) < seats and not partial):
            found.append(f"{name} has {len(members)} members but needs {seats}.")
        found += seating.faults(facts, name, members, seats, served, partial)
        groups = {facts.applications[p].get("group", "") for p in served}
        if len(groups) > 1:
            found.append(f"{name} mixes the groups {sorted(groups)}.")
        expected |= {(p, e) for p in served for e in members if (p, facts.persons[e]) not in facts.abstain}
    found += [
        f"Application {p} is in {seen[p]} panels."
        for p, seats in facts.seats.items()
        if seats and seen[p] != 1 and not partial
    ]
    if expected != set(pairs):
        found.append("The pairs are not the panels' members times their applications, less abstentions.")
    found += [
        f"Expert {e} sits in {load[e]} panels, above the cap of {cap}."
        for e, cap in facts.caps.items()
        if load[e] > cap
    ]
    return found + [
        f"Expert {e} sits in {load[e]} panels, below the minimum of {least}."
        for e, least in facts.minima.items()
        if load[e] < least and not partial
    ]


def lottery_faults(facts: Facts, claims: dict[str, Any], listed: list[Pair]) -> list[str]:
    """The faults of one listed seating, (panel number, expert) pairs, held to the rules of the panels drawn."""
    split = {one["id"]: one["applications"] for one in claims.get("panels", ())}
    strangers = [k for k, _ in listed if k not in split]
    if strangers:
        return [f"There is no panel {strangers[0]}."]
    panels = [
        {"id": k, "applications": served, "members": [e for panel, e in listed if panel == k]}
        for k, served in split.items()
    ]
    pairs = [
        (p, e)
        for one in panels
        for p in one["applications"]
        for e in one["members"]
        if (p, facts.persons[e]) not in facts.abstain
    ]
    barred = [(p, e) for p, e in pairs if (p, facts.persons[e]) in facts.barred]
    found = [f"Expert {e} is in conflict with application {p}." for p, e in barred]
    return found + faults(facts, {**claims, "status": "feasible", "panels": panels}, pairs)
