"""The draw (随机抽取) from a stored lottery, and its replay (重演) before the supervisors.

List and pool are hashed before the seed exists; the seed is a committed secret plus the witness's number; `replay`
draws from the stored list again, byte for byte, without solving anything.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from hmac import compare_digest
from typing import Any

import numpy as np

from optimizer import grid as grids
from optimizer import pricing
from optimizer.backups import substitutes
from optimizer.certificate import fingerprint
from optimizer.errors import ProblemError
from optimizer.grid import Grid
from optimizer.lottery import Lottery, lottery
from optimizer.problem import Problem
from optimizer.result import Result, Standing
from optimizer.watch import Watch


def commitment(secret: str) -> str:
    """What is published before the witness speaks: the secret's hash."""
    return sha256(secret.encode()).hexdigest()


def list_hash(listed: list[dict[str, Any]]) -> str:
    """Hash of a stored list, in canonical JSON."""
    return sha256(
        json.dumps(listed, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    ).hexdigest()


def seed_of(secret: str, witness: str, attempt: int, listed_sha256: str) -> str:
    """The seed of one attempt: the committed secret, the witness's number, the attempt and the list it is for."""
    return sha256("\0".join([secret, witness, str(attempt), listed_sha256]).encode()).hexdigest()


def ticket(seed: str, tickets: int) -> int:
    """A ticket number, uniform: hash words that would favour low numbers are passed over."""
    if tickets < 1:
        raise ProblemError("There is no ticket in this lottery.")
    top = 2**64 - 2**64 % tickets
    for counter in range(1_000):
        word = int.from_bytes(sha256(f"{seed}\0{counter}".encode()).digest()[:8], "big")
        if word < top:
            return word % tickets
    raise AssertionError("a thousand hash words in a row cannot all be passed over")


def replay(stored: Mapping[str, Any], secret: str, witness: str, attempt: int = 1) -> int:
    """Which assignment of a stored lottery an attempt draws; refuses a list or secret that was changed."""
    listed = stored["assignments"]
    if not compare_digest(list_hash(listed), stored["list_sha256"]):
        raise ProblemError("The stored list is not the one that was hashed before the draw.")
    if not compare_digest(commitment(secret), stored["commitment"]):
        raise ProblemError("The secret is not the one that was committed before the draw.")
    number = ticket(
        seed_of(secret, witness, attempt, stored["list_sha256"]), sum(one["tickets"] for one in listed)
    )
    for k, one in enumerate(listed):
        number -= one["tickets"]
        if number < 0:
            return k
    raise AssertionError("a ticket below their sum always meets an assignment")


def stored_form(problem: Problem, made: Lottery, secret: str) -> dict[str, Any]:
    """The lottery as it is stored, hashed and committed before anybody knows the seed."""
    listed = [
        {"pairs": [[problem.applications[p].id, problem.experts[r].id] for p, r in pairs], "tickets": count}
        for pairs, count in zip(made.assignments, made.tickets, strict=True)
    ]
    pool = sorted(str(e.id) for e in problem.experts if e.cap > 0)
    return {
        "assignments": listed,
        "list_sha256": list_hash(listed),
        "pool_sha256": sha256("\0".join(pool).encode()).hexdigest(),
        "commitment": commitment(secret),
        "worst_distance": made.worst_distance,
        "total_distance": made.total_distance,
        "largest_probability": made.largest,
        "least_possible": made.floor,
    }


def with_lottery(
    problem: Problem,
    best: Result,
    asked: float,
    seed: int = 0,
    watch: Watch | None = None,
    witness: str = "0",
) -> Result:
    """The result of drawing from a lottery with the largest pair probability asked for, or as near as it can be.

    From the command line the seed is secret and witness at once; a real draw commits its secret first.
    """
    if not 0 < asked <= 1:
        raise ProblemError(f"The largest pair probability is {asked}; give a number above 0 and at most 1.")
    if best.status is Standing.INFEASIBLE:
        return replace(
            best, lottery={"asked": asked, "had": False, "sentence": "Seats stay empty: there is no draw."}
        )
    made = lottery(problem, best, asked, seed, watch)
    stored = stored_form(problem, made, str(seed))
    stored["asked"], stored["had"] = asked, made.largest <= asked + 1e-6
    stored["sentence"] = _sentence(made, asked)
    drawn = replay(stored, str(seed), witness)
    stored["attempts"] = [{"attempt": 1, "witness": witness, "drawn": drawn}]
    positions = made.assignments[drawn]
    total, worst = grids.worth(problem, positions)
    backups = substitutes(problem, positions)
    stored["backups"] = [
        {
            "pair": [problem.applications[p].id, problem.experts[r].id],
            "backups": [problem.experts[e].id for e in line],
        }
        for (p, r), line in backups.items()
    ]
    near = 1e-7 * max(1.0, abs(best.total))
    same = abs(best.total - total) <= near and best.worst - worst <= near
    most = max(total, best.total_bound or total)
    return replace(
        best,
        status=best.status if same else Standing.FEASIBLE,
        total=total,
        worst=worst,
        total_bound=most if same else max(most, _most(grids.build(problem, seed))),
        seconds=best.seconds if watch is None else round(watch.seconds, 4),
        pairs=tuple((problem.applications[p].id, problem.experts[r].id) for p, r in positions),
        positions=positions,
        certificate=dict(best.certificate) | {"pairs_sha256": fingerprint(positions)},
        lottery=stored,
    )


def _most(grid: Grid) -> float:
    """The greatest total of all: an assignment less fair than the best may have more than the best's total."""
    start = pricing.greatest_total(grid)
    return -np.inf if start is None else start.bound * grid.norm


def _sentence(made: Lottery, asked: float) -> str:
    if made.largest <= asked + 1e-6:
        return f"No pair has a probability above {made.largest:.4g}; {asked:.4g} was asked."
    if made.floor > asked + 1e-9:
        return (
            f"A largest pair probability of {asked:.4g} cannot be had: an application has so few eligible experts "
            f"that {made.floor:.4g} is the least; {made.largest:.4g} was reached."
        )
    return (
        f"A largest pair probability of {asked:.4g} was not reached under the rules; {made.largest:.4g} was."
    )
