"""Solve an assignment problem: the outline.

Lexicographic: every seat filled, every requirement met, the worst application (fair, leximin), the total fit, the
load spread, a keyed tie-break.
"""

from optimizer import grid as grids
from optimizer import shortage, spreading
from optimizer.answer import Answer, find_complete
from optimizer.certificate import certify
from optimizer.errors import ProblemError
from optimizer.grid import Grid
from optimizer.problem import Problem
from optimizer.result import Objective, Position, Result, Stage, Standing
from optimizer.watch import Watch


def solve(
    problem: Problem,
    objective: Objective = Objective.FAIR,
    levels: int = 1,
    seed: int = 0,
    watch: Watch | None = None,
    pins: tuple[Position, ...] = (),
    forbidden: tuple[Position, ...] = (),
) -> Result:
    """Assign experts to applications.

    `levels` counts the worst applications raised in turn (leximin only). `watch` limits, cancels and reports.
    `pins` must be, `forbidden` may not be (pairs by position). Never raises for a shortage: the result says it.
    """
    watch = watch or Watch()
    count = levels if objective is Objective.LEXIMIN else int(objective is Objective.FAIR)
    if objective is Objective.LEXIMIN and levels < 1:
        raise ProblemError("Leximin needs at least one level.")
    _check_pins(problem, pins)
    grid = grids.build(problem, seed, pins, forbidden)
    watch.say("seats")
    answer = find_complete(grid, count, watch)
    if answer is None:
        return shortage.partial(problem, grid, objective, count, seed, watch, pins, forbidden)
    return _result(problem, grid, objective, count, seed, watch, pins, answer)


def _result(
    problem: Problem,
    grid: Grid,
    objective: Objective,
    count: int,
    seed: int,
    watch: Watch,
    pins: tuple[Position, ...],
    answer: Answer,
) -> Result:
    positions = grids.positions_of(grid, answer.pairs, answer.taken, pins)
    total, worst = grids.worth(problem, positions)
    spread = spreading.squares(problem, positions)
    stages = (
        Stage("unfilled seats", 0.0, 0.0),
        *answer.stages,
        Stage(spreading.STAGE, spread, spread if answer.even else None),
    )
    return Result(
        Standing.OPTIMAL if answer.proven else Standing.FEASIBLE,
        total,
        worst,
        max(total, answer.total_bound * grid.norm),
        max(worst, answer.worst_bound * grid.norm),
        tuple((problem.applications[p].id, problem.experts[r].id) for p, r in positions),
        positions,
        stages,
        seconds=round(watch.seconds, 4),
        certificate=certify(
            problem,
            grid,
            objective,
            count,
            seed,
            stages,
            positions,
            None if pins or grid.least.any() else answer.prices,
        ),
    )


def _check_pins(problem: Problem, pins: tuple[Position, ...]) -> None:
    for p, r in pins:
        if problem.barred is not None and problem.barred[p, r]:
            raise ProblemError(
                f"Application {problem.applications[p].id!r} and expert {problem.experts[r].id!r} are in conflict "
                "and cannot be put together."
            )
        if not problem.listed(p, r):
            raise ProblemError(
                f"Application {problem.applications[p].id!r} and expert {problem.experts[r].id!r} are not listed "
                "as a pair that may be."
            )
