"""Panels of a group: leximin and the draw, against enumeration and the verifier."""

import json
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from optimizer import instance, panels
from optimizer.explain import explain
from optimizer.result import Objective, Result, Standing
from optimizer.verify import verify_data


def group(applications: int = 4, experts: int = 7, seed: int = 3, **policy: Any) -> dict[str, Any]:
    """One competition group, a panel of three for each two applications, in the .json form."""
    scores = np.random.default_rng(seed).random((applications, experts)).round(3).tolist()
    return {
        "applications": [
            {"id": f"a{i}", "seats": 3, "group": "g", "domains": [f"{110 + 10 * (i % 2)}"]}
            for i in range(applications)
        ],
        "experts": [
            {"id": f"e{j}", "cap": 1, "units": [f"u{j // 2}"], "outside": j % 3 == 0} for j in range(experts)
        ],
        "scores": {"dense": scores},
        "policy": {"mode": "panel", "panel_sizes": [1, 2], **policy},
    }


def faults(told: dict[str, Any], result: Result) -> list[str]:
    """What the verifier finds."""
    return verify_data(json.dumps(told).encode(), json.loads(json.dumps(instance.result_json(result))))


def best_sums(told: dict[str, Any], split: list[list[int]]) -> list[float]:
    """The leximin-best sorted sums over every seating of two panels of three."""
    scores, everyone = np.array(told["scores"]["dense"]), set(range(len(told["experts"])))
    found = []
    for one in combinations(sorted(everyone), 3):
        for other in combinations(sorted(everyone - set(one)), 3):
            sums = [
                scores[a, list(m)].sum()
                for served, m in zip(split, (one, other), strict=True)
                for a in served
            ]
            found.append(sorted(float(x) for x in sums))
    return max(found)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_leximin_raises_the_worst_applications_in_turn(seed: int) -> None:
    """As many levels as applications: the sums are the leximin-best of all seatings, and recorded."""
    told = group(seed=seed)
    problem = instance.from_json(told, "")
    result = panels.solve(problem, Objective.LEXIMIN, levels=4)
    split = [[int(a[1:]) for a in one["applications"]] for one in result.panels]
    levels = [stage.value for stage in result.stages if stage.name.startswith("worst")]
    assert (result.status, result.certificate["levels"]) == (Standing.OPTIMAL, 4)
    assert levels == pytest.approx(best_sums(told, split), abs=1e-6)


def test_panels_are_drawn_with_the_probability_asked_for() -> None:
    """Nobody is likelier in a panel than asked; every listed seating is verified."""
    told = group(experts=12)
    problem = instance.from_json(told, "")
    result = panels.with_lottery(problem, panels.solve(problem), 0.6, seed=5)
    assert result.lottery is not None
    assert (result.lottery["had"], result.lottery["largest_probability"] <= 0.6) == (True, True)
    assert faults(told, result) == []


def test_a_probability_that_cannot_be_had_is_said() -> None:
    """Seven experts for six seats: the least possible is reported with what was reached."""
    told = group()
    problem = instance.from_json(told, "")
    result = panels.with_lottery(problem, panels.solve(problem), 0.1)
    assert result.lottery is not None
    assert (result.lottery["had"], "cannot be had" in result.lottery["sentence"]) == (False, True)
    assert faults(told, result) == []


def test_forcing_an_expert_into_a_panel_is_solved_exactly() -> None:
    """The counterfactual of each better-ranked expert is the best of all seatings that have the pair."""
    told = group(seed=2)
    problem = instance.from_json(told, "")
    claims = json.loads(json.dumps(instance.result_json(panels.solve(problem))))
    split = [[int(a[1:]) for a in one["applications"]] for one in claims["panels"]]
    said = [(a, one) for a in range(4) for one in explain(problem, claims, f"a{a}", forced=9)["not_chosen"]]
    assert said
    for a, one in said:
        panel = next(k for k, served in enumerate(split) if a in served)
        worst, total = _best_with(told, split, panel, int(one["expert"][1:]))
        forced = one["counterfactual"]
        assert (forced["worst"], forced["total"]) == pytest.approx((worst, total), abs=1e-6)
        assert forced["worst_change"] == pytest.approx(worst - claims["worst"], abs=1e-6)


def _best_with(told: dict[str, Any], split: list[list[int]], panel: int, expert: int) -> tuple[float, float]:
    """Worst and total of the fairest seating that has the expert in the panel, by enumeration."""
    scores, everyone = np.array(told["scores"]["dense"]), range(len(told["experts"]))
    found = []
    for one in combinations(everyone, 3):
        for other in combinations(sorted(set(everyone) - set(one)), 3):
            if expert in (one, other)[panel]:
                sums = [scores[a, list(m)].sum() for s, m in zip(split, (one, other), strict=True) for a in s]
                found.append((min(sums), sum(sums)))
    worst = max(one[0] for one in found)
    return float(worst), float(max(total for least, total in found if least > worst - 1e-9))


def test_establishment_reviewers_are_at_most_their_share() -> None:
    """Rule 16 at acceptance: of three members at most one reviewed the establishment, however well it fits."""
    told = group(establishment_share="1/2", panel_sizes=[1, 4])
    for expert, row in zip(told["experts"][:4], range(4), strict=True):
        expert["roles"] = ["establishment"]
        for line in told["scores"]["dense"]:
            line[row] += 1
    result = panels.solve(instance.from_json(told, ""))
    (panel,) = result.panels
    assert sum(e in ("e0", "e1", "e2", "e3") for e in panel["members"]) == 1
    assert faults(told, result) == []
    assert any(
        "establishment" in one
        for one in faults({**told, "policy": told["policy"] | {"establishment_share": "0"}}, result)
    )


def test_a_pair_that_is_not_listed_keeps_the_expert_out_of_that_panel() -> None:
    """The best expert by far is not listed for one of the two: somebody else reads both."""
    told = group(applications=2)
    pairs = [[f"a{i}", f"e{j}", float(9 - j)] for i in range(2) for j in range(7) if (i, j) != (1, 0)]
    told["scores"] = {"pairs": pairs, "unlisted": None}
    result = panels.solve(instance.from_json(told, ""))
    assert [one["members"] for one in result.panels] == [["e1", "e2", "e3"]]
    assert faults(told, result) == []


def test_who_abstains_and_is_penalised_gives_nothing_and_costs_nothing() -> None:
    """Two conflicts on one pair, in either order: the application is not read, so no penalty is taken."""
    hit = {"application": "a0", "expert": "e0", "rule": "rule 8", "evidence": "x"}
    hits = [hit | {"force": "abstain"}, hit | {"force": "soft", "penalty": 0.5}]
    told = group(applications=2)
    totals = {
        panels.solve(instance.from_json(told | {"conflicts": order}, "")).total
        for order in (hits, hits[::-1])
    }
    assert len(totals) == 1


@pytest.mark.parametrize("seed", range(4))
def test_the_group_may_stand_in_any_order(seed: int) -> None:
    """Equal scores everywhere: panels and members are the same whatever stands first."""
    told = group(applications=4)
    told["scores"] = {"dense": np.zeros((4, 7)).tolist()}
    moved = told | {"applications": told["applications"][::-1], "experts": told["experts"][::-1]}
    one, other = (panels.solve(instance.from_json(x, ""), seed=seed) for x in (told, moved))
    assert set(one.pairs) == set(other.pairs)
