"""What the verifier checks: every rule of the instance, then every claim of the result. Faults are sentences."""

from collections import Counter, defaultdict
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from optimizer.verify import panels
from optimizer.verify.reading import Facts, Pair, facts_of, read_claims, read_facts, share

NEAR = 1e-6


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
    return found + _claims(facts, claims, pairs) + _lottery(facts, claims)


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


def _claims(facts: Facts, claims: dict[str, Any], pairs: list[Pair]) -> list[str]:
    """What the result says of itself: total, worst, bounds, shortages, the input it was made for."""
    sums = dict.fromkeys((p for p, seats in facts.seats.items() if seats > 0), 0.0)
    for p, r in pairs:
        sums[p] = sums.get(p, 0.0) + (facts.score((p, r)) or 0.0)
    total, worst = sum(sums.values()), min(sums.values(), default=0.0)
    faults = []
    for name, value in (("total", total), ("worst", worst)):
        faults += _figure(claims, name, value)
    digest = (claims.get("certificate") or {}).get("input_sha256")
    if digest and digest != facts.digest:
        faults.append("The certificate was made for another input (its hash differs).")
    if claims.get("status") == "infeasible":
        return faults + _short(facts, claims, pairs)
    return faults + _prices(facts, claims)


def _figure(claims: dict[str, Any], name: str, value: float) -> list[str]:
    near = NEAR * max(1.0, abs(value))
    said, bound = claims.get(name), claims.get(f"{name}_bound")
    faults = []
    if said is not None and not (_number(said) and abs(said - value) <= near):
        faults.append(f"The {name} is {value:.9g}, not {said}.")
    if bound is not None and not (_number(bound) and bound >= value - near):
        faults.append(f"The {name} {value:.9g} lies above its bound {bound}, so the bound is false.")
    objective = (claims.get("certificate") or {}).get("objective")
    matters = name == "total" or objective in ("fair", "leximin")
    if (
        claims.get("status") == "optimal"
        and matters
        and isinstance(bound, int | float)
        and bound - value > near
    ):
        faults.append(f"The status is optimal, but the {name} {value:.9g} is below its bound {bound}.")
    return faults


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _short(facts: Facts, claims: dict[str, Any], pairs: list[Pair]) -> list[str]:
    """Seats said to be unfillable must be the seats left empty, and no assignment may fill more of them.

    In panel mode the seats are the panels' and are counted with them.
    """
    if facts.policy.get("mode") == "panel":
        return []
    held = Counter(p for p, _ in pairs)
    lacking = {p: seats - held[p] for p, seats in facts.seats.items() if seats > held[p]}
    said = {s["subject"]: s["missing"] for s in claims.get("shortages", ()) if s.get("kind") == "seats"}
    faults = (
        []
        if not claims.get("shortages") or said == lacking
        else ["The shortages are not the seats left empty."]
    )
    if not facts.policy and facts.table is not None:
        most = _most_seats(facts)
        if most > len(pairs):
            faults.append(f"{most} seats can be filled, but the result fills {len(pairs)}.")
    return faults


def _most_seats(facts: Facts) -> int:
    """The most seats that can be filled, by a maximum flow of another library than the solver's."""
    papers, people = list(facts.seats), list(facts.caps)
    column = {who: len(papers) + j for j, who in enumerate(people)}
    allowed = np.ones((len(papers), len(people)), dtype=np.int32)
    place = {p: i for i, p in enumerate(papers)}
    for p, who in facts.barred:
        allowed[place[p], column[who] - len(papers)] = 0
    i, j = np.nonzero(allowed)
    size = len(papers) + len(people) + 2
    source, sink = size - 2, size - 1
    tail = np.r_[i, np.full(len(papers), source), list(column.values())]
    head = np.r_[j + len(papers), np.arange(len(papers)), np.full(len(people), sink)]
    room = np.r_[
        np.ones(len(i)), list(facts.seats.values()), [min(c, len(papers)) for c in facts.caps.values()]
    ]
    graph = csr_array((room.astype(np.int32), (tail.astype(int), head.astype(int))), shape=(size, size))
    return int(maximum_flow(graph, source, sink).flow_value)


def _prices(facts: Facts, claims: dict[str, Any]) -> list[str]:
    """The prices in the certificate must add up to no more than the bound: then the bound is proven here."""
    prices = (claims.get("certificate") or {}).get("prices")
    if not prices or facts.table is None or not _number(claims.get("total_bound")) or facts.penalties:
        return []
    paper, expert = np.array(prices["applications"]), np.array(prices["experts"])
    if paper.shape != (len(facts.rows),) or expert.shape != (len(facts.columns),) or (expert < 0).any():
        return ["The prices in the certificate do not fit the instance."]
    gain = facts.table - paper[:, None] - expert[None, :]
    for p, who in facts.barred:
        for e in facts.accounts[who]:
            gain[facts.rows[p], facts.columns[e]] = 0.0
    gain[[i for p, i in facts.rows.items() if facts.seats[p] == 0]] = 0.0
    gain[:, [j for e, j in facts.columns.items() if facts.caps[facts.persons[e]] == 0]] = 0.0
    seats = np.array([facts.seats[p] for p in facts.rows])
    caps = np.minimum([facts.caps[facts.persons[e]] for e in facts.columns], len(facts.rows))
    bound = float((seats * paper).sum() + (caps * expert).sum() + np.maximum(gain, 0.0).sum())
    if bound > claims["total_bound"] + NEAR * max(1.0, abs(bound)):
        return [f"The prices prove a bound of {bound:.9g} only, not {claims['total_bound']}."]
    return []


def _lottery(facts: Facts, claims: dict[str, Any]) -> list[str]:
    """Every assignment of a lottery must be as sound as the one drawn, and the pair probabilities as said."""
    lottery = claims.get("lottery")
    if not lottery or claims.get("status") == "infeasible":
        return []
    faults, chance = [], Counter[Pair]()
    for k, one in enumerate(lottery["assignments"]):
        pairs = [(p, r) for p, r in one["pairs"]]
        if facts.policy.get("mode") == "panel":
            found = panels.lottery_faults(facts, claims, pairs)
            faults += [f"Assignment {k} of the lottery: {fault}" for fault in found]
            chance.update(dict.fromkeys(pairs, one["tickets"]))
            continue
        bad = _twice(facts, pairs) + _conflicts(facts, pairs) + _seats(facts, pairs, partial=False)
        bad += _loads(facts, pairs, partial=False) + _seatings(facts, pairs, partial=False)
        faults += [f"Assignment {k} of the lottery: {fault}" for fault in bad]
        chance.update(dict.fromkeys(pairs, one["tickets"]))
    tickets = sum(one["tickets"] for one in lottery["assignments"])
    most = max(chance.values(), default=0) / max(1, tickets)
    if abs(most - lottery["largest_probability"]) > NEAR:
        faults.append(f"The largest pair probability is {most:.6g}, not {lottery['largest_probability']}.")
    return faults
