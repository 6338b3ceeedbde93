"""Explanations (指派理由): for each seat the score's parts and rank, and why each better-ranked expert is not there.

The counterfactual is exact: the pair is forced and the problem solved again under the same objective.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from optimizer import grid as grids
from optimizer import instance, panels
from optimizer import solve as solver
from optimizer.errors import ProblemError
from optimizer.problem import Mode, Problem
from optimizer.result import Objective, Position, Standing
from optimizer.watch import Watch

FORCED = 5  # better-ranked experts for whom the counterfactual is solved


def explain(
    problem: Problem, claims: Mapping[str, Any], paper: str, forced: int = FORCED, watch: Watch | None = None
) -> dict[str, Any]:
    """Why an application has its experts, as plain data with a sentence for each point."""
    row = {str(a.id): i for i, a in enumerate(problem.applications)}
    if paper not in row:
        raise ProblemError(f"There is no application {paper!r} in the instance.")
    p = row[paper]
    positions = instance.positions(problem, claims["pairs"])
    ranked = _ranking(problem, p)
    mine = [r for q, r in positions if q == p]
    for r in mine:
        if r not in ranked:
            raise ProblemError(
                f"Expert {problem.experts[r].id!r} may not be with application {paper!r}; verify the "
                "result first."
            )
    short = len(mine) < problem.applications[p].seats
    last = len(ranked) if short else max((ranked.index(r) for r in mine), default=0)
    better = [r for r in ranked[:last] if r not in mine]
    values = grids.effective_scores(problem, tuple((p, r) for r in mine))
    return {
        "paper": problem.applications[p].id,
        "wanted": problem.applications[p].seats,
        "sum": float(values.sum()),
        "eligible": len(ranked),
        "seats": [_seat(problem, p, r, ranked) for r in sorted(mine, key=ranked.index)],
        "not_chosen": [
            _missed(problem, claims, positions, p, r, ranked, k < forced, watch) for k, r in enumerate(better)
        ],
        "excluded": _excluded(problem, p),
    }


def _ranking(problem: Problem, p: int) -> list[int]:
    """Eligible experts, best first, ties in input order."""
    free = [r for r in range(len(problem.experts)) if _eligible(problem, p, r)]
    values = grids.effective_scores(problem, tuple((p, r) for r in free))
    return [free[k] for k in np.argsort(-values, kind="stable")]


def _eligible(problem: Problem, p: int, r: int) -> bool:
    barred = problem.barred is not None and bool(problem.barred[p, r])
    return problem.listed(p, r) and not barred and problem.experts[r].cap > 0


def _parts(problem: Problem, p: int, r: int) -> dict[str, float]:
    return {name: float(table[p, r]) for name, table in problem.parts.items()} or {
        "given": problem.score(p, r)
    }


def _seat(problem: Problem, p: int, r: int, ranked: list[int]) -> dict[str, Any]:
    score, rank = float(grids.effective_scores(problem, ((p, r),))[0]), ranked.index(r) + 1
    expert = problem.experts[r].id
    return {
        "expert": expert,
        "score": score,
        "parts": _parts(problem, p, r),
        "rank": rank,
        "sentence": f"Expert {expert} scores {score:.6g}, rank {rank} of {len(ranked)} eligible.",
    }


def _missed(
    problem: Problem,
    claims: Mapping[str, Any],
    positions: tuple[Position, ...],
    p: int,
    r: int,
    ranked: list[int],
    solve_it: bool,
    watch: Watch | None,
) -> dict[str, Any]:
    rule, reason = _binding(problem, positions, p, r)
    expert = problem.experts[r].id
    found: dict[str, Any] = {
        "expert": expert,
        "score": float(grids.effective_scores(problem, ((p, r),))[0]),
        "parts": _parts(problem, p, r),
        "rank": ranked.index(r) + 1,
        "rule": rule,
        "sentence": f"Expert {expert}: {reason}",
    }
    if solve_it:
        found["counterfactual"] = _forced(problem, claims, positions, p, r, watch)
        found["sentence"] += " " + found["counterfactual"]["sentence"]
    return found


def _binding(problem: Problem, positions: tuple[Position, ...], p: int, r: int) -> tuple[str, str]:
    """The rule that keeps a better-ranked expert out, as a word and a sentence."""
    elsewhere = [problem.applications[q].id for q, e in positions if e == r]
    cap = problem.experts[r].cap
    if len(elsewhere) >= cap:
        return "cap", f"at the cap of {cap} with applications {', '.join(map(str, elsewhere))}."
    units = set(problem.experts[r].units)
    mates = [e for q, e in positions if q == p and units & set(problem.experts[e].units)]
    if problem.policy.unit_cap is not None and len(mates) >= problem.policy.unit_cap:
        names = ", ".join(str(problem.experts[e].id) for e in mates)
        return "unit", f"of the same unit as {names}, who already fill the unit's place."
    policy = problem.policy
    if policy.composition or policy.coverage or policy.outside_share:
        return (
            "composition",
            "has turns to spare, but taking a seat here would break the composition or cost elsewhere.",
        )
    return "objective", "has turns to spare; taking a seat here would displace others at a loss."


def _forced(
    problem: Problem,
    claims: Mapping[str, Any],
    positions: tuple[Position, ...],
    p: int,
    r: int,
    watch: Watch | None,
) -> dict[str, Any]:
    """What would become of total and worst if this pair had to be."""
    certificate = claims.get("certificate") or {}
    objective = Objective(certificate.get("objective", "fair"))
    levels, seed = max(1, int(certificate.get("levels", 1))), int(certificate.get("seed", 0))
    before = grids.worth(problem, positions)
    watch = watch or Watch(limit=20)
    if problem.policy.mode is Mode.PANEL:
        try:
            other = panels.forced(problem, claims, _panel_of(problem, claims, p), r, watch)
        except ProblemError as error:
            return {"possible": False, "sentence": str(error)}
    else:
        other = solver.solve(problem, objective, levels, seed, watch, pins=((p, r),))
    if other.status is Standing.INFEASIBLE:
        return {"possible": False, "sentence": "Forcing the pair leaves seats empty or a requirement unmet."}
    change = other.total - before[0], other.worst - before[1]
    proof = "" if other.status is Standing.OPTIMAL else " (not proven best)"
    return {
        "possible": True,
        "total": other.total,
        "worst": other.worst,
        "total_change": change[0],
        "worst_change": change[1],
        "proven": other.status is Standing.OPTIMAL,
        "sentence": f"Forcing the pair changes the total by {change[0]:+.6g} and the worst application by "
        f"{change[1]:+.6g}{proof}.",
    }


def _panel_of(problem: Problem, claims: Mapping[str, Any], p: int) -> int:
    """The panel that reads an application, by its place in the result."""
    for k, one in enumerate(claims.get("panels", ())):
        if problem.applications[p].id in one["applications"]:
            return k
    raise ProblemError("The result lists no panels of this instance.")


def _excluded(problem: Problem, p: int) -> list[dict[str, Any]]:
    who = problem.applications[p].id
    named = [hit for hit in problem.exclusions if hit.application == who and hit.force in problem.barring]
    found = [{"expert": h.expert, "rule": h.rule, "evidence": h.evidence} for h in named]
    if problem.barred is not None:
        known = {h.expert for h in named}
        ids = [problem.experts[r].id for r in np.flatnonzero(problem.barred[p])]
        found += [
            {"expert": e, "rule": "mask", "evidence": "marked as a conflict in the input"}
            for e in ids
            if e not in known
        ]
    return found
