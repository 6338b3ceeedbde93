"""Panel mode (会议评审) in two stages: split each competition group into panels, then choose each panel's members.

Similar applications go to one panel, within the size limits. An application's score is the sum over its panel's
members, save those who abstain on it. A hard conflict with any application of the group keeps an expert out of all
the group's panels; an abstention costs only that application. An expert's cap counts panels.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from optimizer import board as boards
from optimizer import certificate, draw, mip, raising, repair, rows, shortage, spreading
from optimizer import grid as grids
from optimizer.board import Board
from optimizer.errors import ProblemError
from optimizer.problem import Force, Problem
from optimizer.result import Objective, Position, Result, Stage, Standing
from optimizer.splitting import Panel, split
from optimizer.watch import Watch

__all__ = ["Panel", "forced", "repaired", "seating_problem", "solve", "split", "with_lottery"]


def solve(
    problem: Problem,
    objective: Objective = Objective.FAIR,
    seed: int = 0,
    watch: Watch | None = None,
    given: tuple[Panel, ...] | None = None,
    pins: tuple[Position, ...] = (),
    levels: int = 1,
) -> Result:
    """Choose each panel's members (stage two); `given` panels replace the split, `pins` (panel, expert) must be.

    `levels` counts the worst applications raised in turn (leximin only).
    """
    watch = watch or Watch()
    count = levels if objective is Objective.LEXIMIN else int(objective is Objective.FAIR)
    if objective is Objective.LEXIMIN and levels < 1:
        raise ProblemError("Leximin needs at least one level.")
    panels = split(problem) if given is None else given
    board = boards.build(problem, panels, seed, pins)
    stages, taken, status = _chosen(board, count, watch)
    if status is not Standing.INFEASIBLE:
        pairs = board.grid.all_pairs()
        seated = board.grid.papers[pairs.p[taken]], board.grid.experts[pairs.r[taken]]
        members = [*zip(*seated, strict=True), *pins]
        return _result(board, objective, count, seed, watch, stages, members, status, None)
    partial = shortage.partial(board.grid.problem, board.grid, Objective.TOTAL, 0, seed, watch, pins)
    placed = list(partial.positions)
    return _result(board, objective, count, seed, watch, partial.stages, placed, status, partial)


def repaired(problem: Problem, claims: Mapping[str, Any], dropped: tuple[Position, ...]) -> Result:
    """A written panel result after members fell out: a dropped pair takes the expert out of that whole panel."""
    written = _panels_of(problem, claims)
    board = boards.build(
        problem, tuple(tuple(served) for served, _ in written), int(_certificate(claims).get("seed", 0))
    )
    seated = tuple(sorted((k, r) for k, (_, members) in enumerate(written) for r in members))
    gone = tuple(sorted({(k, r) for p, r in dropped for k, (served, _) in enumerate(written) if p in served}))
    objective = Objective(_certificate(claims).get("objective", "fair"))
    watch = Watch(limit=60)
    found = repair.repair(board.grid.problem, seated, gone, Objective.TOTAL, watch=watch)
    partial = found if found.status is Standing.INFEASIBLE else None
    stages = tuple(replace(stage, bound=None) if stage.name == "total" else stage for stage in found.stages)
    status = Standing.INFEASIBLE if partial else Standing.FEASIBLE
    count = int(_certificate(claims).get("levels", 1))
    return _result(board, objective, count, 0, watch, stages, list(found.positions), status, partial)


def with_lottery(
    problem: Problem, best: Result, asked: float, seed: int = 0, watch: Watch | None = None
) -> Result:
    """The panels of a draw in which nobody is likelier in a panel than asked, or as near as can be, which is said.

    The lottery lists (panel number, expert) pairs; the bounds and the certificate stay those of the best panels.
    """
    row = {a.id: i for i, a in enumerate(problem.applications)}
    split_as = tuple(tuple(row[a] for a in one["applications"]) for one in best.panels)
    board = boards.build(problem, split_as, seed)
    inner = board.grid.problem
    numbered = replace(
        inner, applications=tuple(replace(a, id=k + 1) for k, a in enumerate(inner.applications))
    )
    column = {e.id: r for r, e in enumerate(problem.experts)}
    chosen = tuple(sorted((k, column[e]) for k, one in enumerate(best.panels) for e in one["members"]))
    total, worst = grids.worth(numbered, chosen)
    start = replace(best, total=total, worst=worst, positions=chosen)
    drawn = draw.with_lottery(numbered, start, asked, seed, watch)
    if best.status is Standing.INFEASIBLE:
        return replace(best, lottery=drawn.lottery)
    objective = Objective(str(best.certificate["objective"]))
    found = _result(
        board, objective, 0, seed, watch or Watch(), best.stages, list(drawn.positions), drawn.status, None
    )
    same = found.worst >= best.worst - 1e-7 and found.total >= best.total - 1e-7 * max(1.0, abs(best.total))
    return replace(
        found,
        status=best.status if same else Standing.FEASIBLE,
        total_bound=drawn.total_bound,
        worst_bound=best.worst_bound,
        certificate=dict(best.certificate) | {"pairs_sha256": found.certificate["pairs_sha256"]},
        lottery=drawn.lottery,
    )


def forced(
    problem: Problem, claims: Mapping[str, Any], panel: int, expert: int, watch: Watch | None = None
) -> Result:
    """A written result's panels solved again, under its objective, with an expert who must sit in one of them.

    Raises `ProblemError` where the expert may not be in that panel.
    """
    said = _certificate(claims)
    given = tuple(tuple(served) for served, _ in _panels_of(problem, claims))
    return solve(
        problem,
        Objective(said.get("objective", "fair")),
        int(said.get("seed", 0)),
        watch,
        given,
        ((panel, expert),),
        max(1, int(said.get("levels", 1))),
    )


def _panels_of(problem: Problem, claims: Mapping[str, Any]) -> list[tuple[list[int], list[int]]]:
    """A written result's panels by position: applications and members."""
    row = {a.id: i for i, a in enumerate(problem.applications)}
    column = {e.id: j for j, e in enumerate(problem.experts)}
    try:
        return [
            ([row[a] for a in one["applications"]], [column[e] for e in one["members"]])
            for one in claims["panels"]
        ]
    except (KeyError, TypeError) as error:
        raise ProblemError("The result lists no panels of this instance.") from error


def seating_problem(problem: Problem, panels: tuple[Panel, ...]) -> Problem:
    """Panels as the applications of a letter-mode problem: what `lottery`, `draw` and what-ifs work on."""
    return boards.build(problem, panels, 0).grid.problem


def _certificate(claims: Mapping[str, Any]) -> Mapping[str, Any]:
    return claims.get("certificate") or {}


def _chosen(board: Board, count: int, watch: Watch) -> tuple[tuple[Stage, ...], Any, Standing]:
    """The `count` worst-served applications in turn, then the total; stopped in between, the best so far."""
    grid, pairs = board.grid, board.grid.all_pairs()
    if not grid.seats.any() and not grid.least.any():  # nobody is asked for
        return (_stage("total", 0.0, 0.0),), np.zeros(pairs.size, dtype=bool), Standing.OPTIMAL
    stacked = rows.stack(rows.seat_rows(grid, pairs))
    asked = stacked.matrix, stacked.low, stacked.high
    served, held = boards.served(board, pairs), board.held[sorted(board.place)]
    stages: list[Stage] = []
    levels: tuple[float, ...] = ()
    found, proven = np.zeros(0), True
    for k in range(min(count, len(held))):
        answer = raising.raised(asked, served, held, levels, watch)
        if not len(answer.values):
            if k == 0:
                return _without_answer(answer)
            proven = False
            break
        found = answer.values[: pairs.size]
        level = float(np.sort(served @ (found > 0.5) + held)[k])
        proven = proven and answer.status is mip.Status.OPTIMAL
        name = f"worst {k + 1}" if k else "worst"
        stages.append(_stage(name, level * grid.norm, max(level, answer.bound) * grid.norm))
        levels = (*levels, max((level, *levels)))
    matrix, low, high = raising.with_floors(asked, served, held, levels)
    columns = np.ones(matrix.shape[1])
    score = np.r_[pairs.score, np.zeros(len(columns) - pairs.size)]
    model = mip.Model(score, columns, columns > 0, matrix, low, high)
    answer = mip.solve(model, watch, "total")
    if answer.status is mip.Status.OPTIMAL:
        found = spreading.evened(model, answer.values, pairs.r.astype(np.int64), grid.load, watch)[0][
            : pairs.size
        ]
    elif len(answer.values):
        found = answer.values[: pairs.size]
    if not len(found):
        return _without_answer(answer)
    taken, base = found > 0.5, float(grid.base.sum())
    total = float(pairs.score[taken].sum()) + base
    stages.append(_stage("total", total * grid.norm, (answer.bound + base) * grid.norm))
    done = proven and answer.status is mip.Status.OPTIMAL
    return tuple(stages), taken, Standing.OPTIMAL if done else Standing.FEASIBLE


def _without_answer(answer: mip.Outcome) -> tuple[tuple[Stage, ...], Any, Standing]:
    """No panels: proven impossible, or not found in time, which is not the same."""
    if answer.status is mip.Status.UNKNOWN:
        raise ProblemError("No complete assignment was found before the time limit; allow more time.")
    return (), np.zeros(0), Standing.INFEASIBLE


def _stage(name: str, value: float, bound: float) -> Stage:
    return Stage(name, value, bound if np.isfinite(bound) else None)


def _result(
    board: Board,
    objective: Objective,
    count: int,
    seed: int,
    watch: Watch,
    stages: tuple[Stage, ...],
    seated: list[Position],
    status: Standing,
    partial: Result | None,
) -> Result:
    problem, grid = board.problem, board.grid
    members: list[list[int]] = [[] for _ in board.panels]
    for p, r in seated:
        members[int(p)].append(int(r))
    abstain = {(h.application, h.expert) for h in problem.exclusions if h.force is Force.ABSTAIN}
    positions = tuple(
        sorted(
            (i, r)
            for one, chosen in zip(board.panels, members, strict=True)
            for i in one
            for r in chosen
            if (problem.applications[i].id, problem.experts[r].id) not in abstain
        )
    )
    sums = {i: 0.0 for one in board.panels for i in one}
    values = grids.effective_scores(problem, positions)
    for (i, _), value in zip(positions, values, strict=True):
        sums[i] += float(value)
    total, worst = float(values.sum()), min(sums.values(), default=0.0)
    bounds = {s.name: s.bound for s in stages}
    return Result(
        status,
        total,
        worst,
        _at_least(bounds.get("total"), total),
        _at_least(bounds.get("worst"), worst),
        tuple((problem.applications[p].id, problem.experts[r].id) for p, r in positions),
        positions,
        stages,
        partial.shortages if partial else (),
        partial.relaxations if partial else (),
        round(watch.seconds, 4),
        certificate.certify(problem, grid, objective, count, seed, stages, positions, None),
        panels=tuple(
            _written(board, k, one, chosen, members)
            for k, (one, chosen) in enumerate(zip(board.panels, members, strict=True))
        ),
    )


def _at_least(bound: float | None, value: float) -> float | None:
    return None if bound is None or not np.isfinite(bound) else max(bound, value)


def _written(
    board: Board, k: int, panel: Panel, chosen: list[int], members: list[list[int]]
) -> dict[str, Any]:
    """A panel as it is written: its applications, its members, and ordered backups (two for each seat)."""
    problem, grid = board.problem, board.grid
    load = np.bincount([r for one in members for r in one], minlength=len(problem.experts))
    row = int(np.flatnonzero(grid.papers == k)[0])
    order = np.argsort(-np.where(np.isfinite(grid.scores[row]), grid.scores[row], -np.inf), kind="stable")
    free = [int(grid.experts[j]) for j in order if np.isfinite(grid.scores[row, j])]
    spare = [r for r in free if r not in chosen and load[r] < problem.experts[r].cap]
    return {
        "id": k + 1,
        "group": problem.applications[panel[0]].group,
        "applications": [problem.applications[i].id for i in panel],
        "members": [problem.experts[r].id for r in sorted(chosen)],
        "backups": [problem.experts[r].id for r in spare[: 2 * len(chosen)]],
    }
