"""The verifier against results that were changed after they were solved."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import numpy as np
import pytest

from optimizer import instance
from optimizer.draw import with_lottery
from optimizer.result import Objective
from optimizer.solve import solve
from optimizer.verify import verify_data

Claims = dict[str, Any]


def pool() -> dict[str, Any]:
    """Five applications for two of six experts each, with a conflict and a soft one."""
    return {
        "applications": [{"id": f"a{i}", "seats": 2} for i in range(5)],
        "experts": [{"id": f"e{j}", "cap": 2} for j in range(6)],
        "scores": {"dense": np.random.default_rng(5).random((5, 6)).round(3).tolist()},
        "conflicts": [
            {"application": "a0", "expert": "e0", "rule": "rule 1", "evidence": "same unit"},
            {
                "application": "a1",
                "expert": "e1",
                "rule": "rule 16",
                "evidence": "x",
                "force": "soft",
                "penalty": 0.1,
            },
        ],
    }


def told_and_solved(q: float | None = None, caps: int = 2) -> tuple[bytes, Claims]:
    """The pool's text and the claims of its solution, drawn from a lottery where a probability is asked."""
    told = pool()
    for expert in told["experts"]:
        expert["cap"] = caps
    text = json.dumps(told).encode()
    problem = instance.from_json(told, sha256(text).hexdigest())
    result = solve(problem, Objective.FAIR)
    if q is not None:
        result = with_lottery(problem, result, q)
    return text, json.loads(json.dumps(instance.result_json(result)))


def swapped(claims: Claims) -> None:
    """Two experts change places."""
    (p, r), (q, s) = claims["pairs"][0], claims["pairs"][-1]
    claims["pairs"][0], claims["pairs"][-1] = [p, s], [q, r]


def in_conflict(claims: Claims) -> None:
    claims["pairs"][0] = ["a0", "e0"]


def one_less(claims: Claims) -> None:
    del claims["pairs"][0]


def overloaded(claims: Claims) -> None:
    """The first expert of the list takes everything the others had, as far as it is not there yet."""
    claims["pairs"] = [["a1", "e2"], ["a2", "e2"], ["a3", "e2"], *claims["pairs"][6:]]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (swapped, "The certificate was made for other pairs"),
        (in_conflict, "The pair [a0, e0] is in conflict: rule 1."),
        (one_less, "Application a0 has 1 experts but needs 2."),
        (overloaded, "Expert e2 has"),
        (lambda c: c.update(total=c["total"] + 0.01), "The total is"),
        (lambda c: c.update(worst=c["worst"] - 0.01), "The worst is"),
        (lambda c: c.update(total_bound=c["total"] - 0.1), "so the bound is false"),
        (lambda c: c.update(worst_bound=c["worst"] + 0.5), "The status is optimal, but the worst"),
        (lambda c: c.update(status="excellent"), "it must be optimal, feasible or infeasible"),
        (lambda c: c.update(status="infeasible"), "but every seat is filled and every rule met"),
        (lambda c: c["certificate"].update(input_sha256="0"), "made for another input"),
        (lambda c: c["certificate"]["exclusions"].update(pairs=[]), "are not the conflicts of the instance"),
        (lambda c: c["certificate"]["stages"][-1].update(value=1.0), "The certificate's stage 'load spread"),
        (lambda c: c["certificate"]["stages"].clear(), "lacks the stages total, worst"),
    ],
)
def test_a_changed_result_is_found_out(change: Callable[[Claims], None], sentence: str) -> None:
    """One change, and a sentence that says what is wrong."""
    text, claims = told_and_solved()
    assert verify_data(text, claims) == []
    change(claims)
    assert [one for one in verify_data(text, claims) if sentence in one] != []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c["lottery"]["assignments"][0].update(tickets=1), "is not the one that was hashed"),
        (lambda c: c["lottery"].update(largest_probability=0.1), "The largest pair probability is"),
        (lambda c: c["lottery"]["attempts"][0].update(witness="1"), "does not draw number"),
        (lambda c: c["lottery"]["attempts"][0].update(drawn=10**6), "which is not in the list"),
        (lambda c: c["lottery"]["assignments"][0]["pairs"].pop(), "Assignment 0 of the lottery"),
    ],
)
def test_a_changed_draw_is_found_out(change: Callable[[Claims], None], sentence: str) -> None:
    """List, tickets, attempts and what was drawn belong together."""
    text, claims = told_and_solved(q=0.6)
    assert verify_data(text, claims) == []
    change(claims)
    assert [one for one in verify_data(text, claims) if sentence in one] != []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda c: c["pairs"].pop(), "6 seats can be filled, but the result fills 5."),
        (lambda c: c["shortages"].pop(), "The shortages are not the seats left empty."),
        (lambda c: c["relaxations"][0]["changes"].pop(), "does not fill every seat"),
    ],
)
def test_a_changed_shortage_is_found_out(change: Callable[[Claims], None], sentence: str) -> None:
    """Six turns for ten seats: what is short and what would help is counted again."""
    text, claims = told_and_solved(caps=1)
    assert verify_data(text, claims) == []
    change(claims)
    assert [one for one in verify_data(text, claims) if sentence in one] != []


def test_an_even_draw_of_the_best_keeps_its_proof() -> None:
    """Drawn with certainty, the best assignment is still the best, and its bounds are met."""
    text, claims = told_and_solved(q=1.0)
    assert (claims["status"], verify_data(text, claims)) == ("optimal", [])


def test_minimum_loads_are_counted_in_panels_too() -> None:
    """An expert who must sit somewhere and sits nowhere."""
    told = pool() | {"conflicts": [], "policy": {"mode": "panel"}}
    told["experts"][0]["minimum"] = 1
    members = ["e1", "e2"]
    served = [f"a{i}" for i in range(5)]
    claims = {
        "pairs": [[a, e] for a in served for e in members],
        "panels": [{"id": 1, "applications": served, "members": members}],
    }
    assert verify_data(json.dumps(told).encode(), claims) == [
        "Expert e0 sits in 0 panels, below the minimum of 1."
    ]
