"""The certificate (指派证书): everything an auditor needs to recompute a result and to trust its bound."""

import platform
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import numpy as np

from optimizer.grid import Grid
from optimizer.pricing import Prices
from optimizer.problem import Problem
from optimizer.result import Objective, Position, Stage

LISTED = 20_000  # barred pairs are listed up to here, and always counted
PRICED = 6_000  # prices are written out up to this many papers and experts


def certify(
    problem: Problem,
    grid: Grid,
    objective: Objective,
    levels: int,
    seed: int,
    stages: tuple[Stage, ...],
    positions: tuple[Position, ...],
    prices: Prices | None,
) -> dict[str, Any]:
    """The certificate of one answer. Prices go in only where they alone prove the bound on the total."""
    return {
        "input_sha256": problem.digest,
        "objective": str(objective),
        "levels": levels,
        "seed": seed,
        "order": "rows keyed by seed and id" if problem.named else "rows keyed by seed and content",
        "policy_versions": dict(problem.policy.versions),
        "solver": {
            "flow": "OR-Tools SimpleMinCostFlow",
            "mip": "HiGHS in OR-Tools MathOpt, one thread",
            "ortools": version("ortools"),
            "numpy": version("numpy"),
            "python": platform.python_version(),
        },
        "shape": "flow" if grid.nested else "crossing",
        "stages": [{"name": s.name, "value": s.value, "bound": s.bound} for s in stages],
        "exclusions": exclusions(problem),
        "prices": _prices(problem, grid, prices),
        "pairs_sha256": fingerprint(positions),
    }


def fingerprint(positions: tuple[Position, ...]) -> str:
    """Hash of the sorted (application, expert) positions of an assignment."""
    return sha256(repr(positions).encode()).hexdigest()


def exclusions(problem: Problem) -> dict[str, Any]:
    """Every pair that may not be, with the rule and its evidence."""
    hits = [[h.application, h.expert, h.rule, h.evidence, str(h.force)] for h in problem.exclusions]
    if problem.barred is None or not problem.barred.any():
        return {"count": len(hits), "pairs": hits[:LISTED]}
    p, r = np.nonzero(problem.barred)
    named = {(h.application, h.expert) for h in problem.exclusions}
    ids = [
        (problem.applications[i].id, problem.experts[j].id)
        for i, j in zip(p[:LISTED], r[:LISTED], strict=True)
    ]
    mask = [
        [a, e, "mask", "marked as a conflict in the input", "hard"] for a, e in ids if (a, e) not in named
    ]
    return {
        "count": max(len(hits), len(p)),
        "sha256": sha256(np.packbits(problem.barred).tobytes()).hexdigest(),
        "pairs": (hits + mask)[:LISTED],
    }


def _prices(problem: Problem, grid: Grid, prices: Prices | None) -> dict[str, list[float]] | None:
    """Dual prices by input position, in score units: an auditor adds them up to the bound without any solver."""
    if prices is None or prices.unit is not None or prices.stretch is not None or sum(grid.shape) > PRICED:
        return None
    paper, expert = np.zeros(len(problem.applications)), np.zeros(len(problem.experts))
    paper[grid.papers] = prices.paper * grid.norm
    expert[grid.experts] = np.maximum(prices.expert, 0.0) * grid.norm
    return {"applications": paper.tolist(), "experts": expert.tolist()}
