"""What the verifier checks of a result's own words: figures, bounds, certificate, shortages and relaxations."""

from collections import Counter
from dataclasses import replace
from hashlib import sha256
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from optimizer.verify.reading import Facts, Pair

NEAR = 1e-6
LISTED = 20_000  # exclusions a certificate writes out


def faults(facts: Facts, claims: dict[str, Any], pairs: list[Pair]) -> list[str]:
    """What the result says of itself: status, total, worst, bounds, the input it was made for, what is short."""
    sums = dict.fromkeys((p for p, seats in facts.seats.items() if seats > 0), 0.0)
    scores = [facts.score(pair) or 0.0 for pair in pairs]
    for (p, _), score in zip(pairs, scores, strict=True):
        sums[p] = sums.get(p, 0.0) + score
    top = max(map(abs, scores), default=1.0)
    found = []
    if "status" in claims and claims["status"] not in ("optimal", "feasible", "infeasible"):
        found.append(f"The status is {claims['status']!r}; it must be optimal, feasible or infeasible.")
    values = {"total": sum(sums.values()), "worst": min(sums.values(), default=0.0)}
    for name, value in values.items():
        found += _figure(claims, name, value, min(1.0, top))
    if claims.get("certificate"):
        found += _certificate(facts, claims, pairs, sorted(sums.values()), min(1.0, top))
        gone = {(p, facts.persons.get(r, r)) for p, r in claims["certificate"].get("dropped", ())}
        found += [
            f"The pair [{p}, {r}] was dropped and is still there."
            for p, r in pairs
            if (p, facts.persons[r]) in gone
        ]
        known = {pair for pair in gone if pair[0] in facts.seats and pair[1] in facts.caps}
        facts = replace(facts, barred=facts.barred | dict.fromkeys(known, "dropped"), accounts={})
    if claims.get("status") == "infeasible":
        return found + _short(facts, claims, pairs) + _relaxations(facts, claims)
    if claims.get("shortages") or claims.get("relaxations"):
        found.append("Shortages or relaxations are listed, but the assignment is said to be complete.")
    return found + _prices(facts, claims)


def _figure(claims: dict[str, Any], name: str, value: float, unit: float) -> list[str]:
    exact, near = max(NEAR * unit, 1e-9 * abs(value)), NEAR * max(unit, abs(value))
    said, bound = claims.get(name, value), claims.get(f"{name}_bound")
    found = []
    if said is None or not number(said) or abs(said - value) > exact:
        found.append(f"The {name} is {value:.9g}, not {said}.")
    if bound is not None and (not number(bound) or bound < value - exact):
        found.append(f"The {name} {value:.9g} lies above its bound {bound}, so the bound is false.")
    objective = (claims.get("certificate") or {}).get("objective")
    matters = name == "total" or objective in ("fair", "leximin")
    loose = bound is not None and number(bound) and bound - value > near
    if claims.get("status") == "optimal" and matters and loose:
        found.append(f"The status is optimal, but the {name} {value:.9g} is below its bound {bound}.")
    return found


def number(value: Any) -> bool:
    """Whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _certificate(
    facts: Facts, claims: dict[str, Any], pairs: list[Pair], sums: list[float], unit: float
) -> list[str]:
    """The certificate belongs to this input and these pairs, and its stages say what the result says."""
    said, found = claims["certificate"], []
    if said.get("input_sha256") and said["input_sha256"] != facts.digest:
        found.append("The certificate was made for another input (its hash differs).")
    column = {who: j for j, who in enumerate(facts.accounts)}
    positions = tuple(sorted((facts.rows[p], column[facts.persons[r]]) for p, r in pairs))
    if said.get("pairs_sha256") not in (None, sha256(repr(positions).encode()).hexdigest()):
        found.append("The certificate was made for other pairs (their hash differs).")
    if "exclusions" in said:
        found += _exclusions(facts, said["exclusions"])
    if claims.get("lottery") or claims.get("status") == "infeasible" or "stages" not in said:
        return found
    stages = {one["name"]: one["value"] for one in said["stages"]}
    wanted = {f"worst {k + 1}" if k else "worst": value for k, value in enumerate(sums)}
    wanted["total"] = sum(sums)
    if facts.policy.get("mode") != "panel":
        load = Counter(facts.persons[r] for _, r in pairs)
        wanted["load spread (sum of squares)"] = float(sum(n * n for n in load.values()))
    for name, value in wanted.items():
        if name in stages and abs(stages[name] - value) > NEAR * max(unit, abs(value)):
            found.append(f"The certificate's stage {name!r} says {stages[name]}, but it is {value:.9g}.")
    needed = {"total"} | ({"worst"} if said.get("objective") in ("fair", "leximin") else set())
    if sums and needed - set(stages) and not any("disturbed" in name for name in stages):
        found.append(f"The certificate lacks the stages {', '.join(sorted(needed - set(stages)))}.")
    return found


def _exclusions(facts: Facts, said: dict[str, Any]) -> list[str]:
    """Every pair that may not be stands in the certificate under its rule, up to as many as it lists."""
    hits = facts.hits or [(p, who, "mask", "hard") for p, who in facts.barred]
    listed = {(a, facts.persons.get(e, e), rule, force) for a, e, rule, _, force in said["pairs"]}
    short = len(hits) > LISTED
    if said["count"] != len(hits) or not listed <= set(hits) or (not short and listed != set(hits)):
        return ["The certificate's exclusions are not the conflicts of the instance."]
    return []


def _short(facts: Facts, claims: dict[str, Any], pairs: list[Pair]) -> list[str]:
    """Seats said to be unfillable must be the seats left empty, and no assignment may fill more of them.

    In panel mode the seats are the panels' and are counted with them.
    """
    if facts.policy.get("mode") == "panel":
        return []
    held = Counter(p for p, _ in pairs)
    lacking = {p: seats - held[p] for p, seats in facts.seats.items() if seats > held[p]}
    said = {s["subject"]: s["missing"] for s in claims.get("shortages", ()) if s["kind"] == "seats"}
    found = (
        ["The shortages are not the seats left empty."] if "shortages" in claims and said != lacking else []
    )
    if not facts.policy and facts.table is not None:
        most = _most_seats(facts)
        if most > len(pairs):
            found.append(f"{most} seats can be filled, but the result fills {len(pairs)}.")
    return found


def _relaxations(facts: Facts, claims: dict[str, Any]) -> list[str]:
    """Where only seats and caps bind, a relaxation is tried out: its changes must fill every seat."""
    if facts.policy or facts.table is None or any(facts.minima.values()):
        return []
    return [
        f"The relaxation {one.get('sentence', '')!r} does not fill every seat."
        for one in claims.get("relaxations", ())
        if not _helps(facts, one["changes"])
    ]


def _helps(facts: Facts, changes: list[dict[str, Any]]) -> bool:
    seats, caps, barred = dict(facts.seats), dict(facts.caps), facts.barred
    for one in changes:
        kind, subject = one["kind"], one["subject"]
        who = facts.persons.get(subject, subject)
        if kind == "seats" and seats.get(subject) == one["from"]:
            seats[subject] = one["to"]
        elif (kind == "cap" and caps.get(who) == one["from"]) or (kind == "lend" and who not in caps):
            caps[who] = one["to"]
        else:
            return False
    return _most_seats(replace(facts, seats=seats, caps=caps, barred=barred, accounts={})) == sum(
        seats.values()
    )


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
    if not prices or facts.table is None or not number(claims.get("total_bound")) or facts.penalties:
        return []
    paper, expert = np.array(prices["applications"]), np.array(prices["experts"])
    if paper.shape != (len(facts.rows),) or expert.shape != (len(facts.accounts),) or (expert < 0).any():
        return ["The prices in the certificate do not fit the instance."]
    gain = _by_person(facts, facts.table) - paper[:, None] - expert[None, :]
    column = {who: j for j, who in enumerate(facts.accounts)}
    for p, who in facts.barred:
        gain[facts.rows[p], column[who]] = 0.0
    gain[[i for p, i in facts.rows.items() if facts.seats[p] == 0]] = 0.0
    gain[:, [j for who, j in column.items() if facts.caps[who] == 0]] = 0.0
    seats = np.array([facts.seats[p] for p in facts.rows])
    caps = np.minimum([facts.caps[who] for who in facts.accounts], len(facts.rows))
    bound = float((seats * paper).sum() + (caps * expert).sum() + np.maximum(gain, 0.0).sum())
    if bound > claims["total_bound"] + NEAR * max(1.0, abs(bound)):
        return [f"The prices prove a bound of {bound:.9g} only, not {claims['total_bound']}."]
    return []


def _by_person(facts: Facts, table: NDArray[np.float64]) -> NDArray[np.float64]:
    """The table with one column per person, the best of the accounts' scores."""
    if len(facts.accounts) == table.shape[1]:
        return table
    columns = [[facts.columns[e] for e in held] for held in facts.accounts.values()]
    return np.stack([table[:, held].max(axis=1) for held in columns], axis=1)
