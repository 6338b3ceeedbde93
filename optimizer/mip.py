"""Mixed-integer programs (混合整数规划) from arrays, by HiGHS inside OR-Tools, on one thread and so repeatable.

OR-Tools' HiGHS does not listen to interruption, so a solve runs in a thread of its own; when the watch says
stop, the caller gets the best solution known before and the thread ends at its own time limit, or when HiGHS next
looks at the clock.
"""

import re
import threading
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    parameters_pb2,
    result_pb2,
)
from ortools.math_opt.core.python import solver
from scipy.sparse import csr_array

from optimizer.grid import Floats, Mask
from optimizer.watch import Watch

TOLERANCE = 1e-9  # how far a row may be missed; sums that matter are recomputed exactly
MORE = 1e-7  # how much more is asked for when a greatest value is confirmed
LONGEST = 3600.0  # seconds a thread may live when nobody set a limit
_LINE = re.compile(r"%\s+(\S+)\s+(\S+)\s+(?:\S+%|Large|inf)")


class Status(StrEnum):
    """How a solve ended."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Model:
    """Maximise `objective` over columns between bounds, rows between `low` and `high`."""

    objective: Floats
    upper: Floats  # lower bounds are 0 but for free columns
    integer: Mask
    matrix: csr_array
    low: Floats
    high: Floats
    lower: Floats | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """The best solution, its value, the proven bound, and for a linear program the rows' prices."""

    status: Status
    values: Floats
    value: float
    bound: float
    prices: Floats


def solve(model: Model, watch: Watch, stage: str, nodes: int | None = None) -> Outcome:
    """Solve to a proven optimum unless the watch says stop, or so many nodes of the search tree were looked at."""
    limits = _limits(watch)
    if nodes is not None:
        limits.node_limit = nodes
    return _in_thread(model, watch, stage, limits)


def highest(model: Model, column: int, watch: Watch, stage: str) -> Outcome:
    """Make one continuous column as great as can be, and confirm it by asking for a little more.

    HiGHS now and then calls a value of such a model optimal that is not. With the column fixed it is a plain 0/1
    model, which either shows that there is no more or gives an assignment to go on from.
    """
    answer = solve(model, watch, stage)
    while answer.status is Status.OPTIMAL:
        lower = np.zeros(len(model.upper)) if model.lower is None else model.lower.copy()
        upper = model.upper.copy()
        lower[column] = upper[column] = answer.value + MORE
        asked = replace(model, objective=np.zeros(len(upper)), lower=lower, upper=upper)
        more = solve(asked, watch, stage)
        if more.status is Status.INFEASIBLE:
            return answer
        if not len(more.values):
            return replace(answer, status=Status.FEASIBLE)
        value = _reach(model, column, more.values)
        answer = replace(answer, values=more.values, value=value, bound=max(value, answer.bound))
    return answer


def _reach(model: Model, column: int, values: Floats) -> float:
    """How great a column may be beside the other values: each row in which it counts against the rest limits it."""
    alone = model.matrix[:, [column]].toarray().ravel()
    without = values.copy()
    without[column] = 0.0
    limits = alone < 0
    room = (model.matrix @ without - model.low)[limits] / -alone[limits]
    return float(min(model.upper[column], room.min(initial=np.inf)))


def relax(model: Model, watch: Watch, stage: str) -> Outcome:
    """Solve the linear relaxation, with prices."""
    loose = Model(
        model.objective,
        model.upper,
        np.zeros_like(model.integer),
        model.matrix,
        model.low,
        model.high,
        model.lower,
    )
    return _in_thread(loose, watch, stage, _limits(watch))


def _in_thread(
    model: Model, watch: Watch, stage: str, limits: parameters_pb2.SolveParametersProto
) -> Outcome:
    if watch.over:
        return Outcome(Status.UNKNOWN, np.zeros(0), -np.inf, np.inf, np.zeros(0))
    if (model.low > model.high).any():  # a model HiGHS would refuse to read
        return Outcome(Status.INFEASIBLE, np.zeros(0), -np.inf, -np.inf, np.zeros(0))
    proto = _proto(model)
    answers: list[result_pb2.SolveResultProto] = []
    done = threading.Event()

    def run() -> None:
        try:
            answers.append(
                solver.solve(
                    proto,
                    parameters_pb2.SOLVER_TYPE_HIGHS,
                    parameters_pb2.SolverInitializerProto(),
                    limits,
                    model_parameters_pb2.ModelSolveParametersProto(),
                    lambda lines: _report(lines, watch, stage),
                    callback_pb2.CallbackRegistrationProto(),
                    None,
                    None,
                )
            )
        finally:
            done.set()

    threading.Thread(target=run, name=f"solve {stage}", daemon=True).start()
    while not done.wait(0.1):
        if watch.cancelled() or watch.overdue:
            return Outcome(Status.UNKNOWN, np.zeros(0), -np.inf, np.inf, np.zeros(0))
    if not answers:
        raise RuntimeError(f"HiGHS broke off in the stage {stage!r}.")
    return _outcome(answers[0], model)


def _report(lines: list[str], watch: Watch, stage: str) -> None:
    for line in lines:
        found = _LINE.search(line)
        if found:
            bound, best = (_number(word) for word in found.groups())
            watch.say(stage, best, bound)


def _number(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _limits(watch: Watch) -> parameters_pb2.SolveParametersProto:
    limits = parameters_pb2.SolveParametersProto()
    limits.time_limit.FromNanoseconds(int(min(watch.remaining, LONGEST) * 1e9))
    limits.relative_gap_tolerance = 0.0
    limits.absolute_gap_tolerance = 1e-9
    for name in ("mip_feasibility_tolerance", "primal_feasibility_tolerance", "dual_feasibility_tolerance"):
        limits.highs.double_options[name] = TOLERANCE
    return limits


def _proto(model: Model) -> model_pb2.ModelProto:
    rows, columns = model.matrix.shape
    proto = model_pb2.ModelProto()
    proto.variables.ids.extend(range(columns))
    proto.variables.lower_bounds.extend(np.zeros(columns) if model.lower is None else model.lower)
    proto.variables.upper_bounds.extend(model.upper)
    proto.variables.integers.extend(model.integer.tolist())
    proto.objective.maximize = True
    used = np.flatnonzero(model.objective)
    proto.objective.linear_coefficients.ids.extend(used.tolist())
    proto.objective.linear_coefficients.values.extend(model.objective[used])
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend(model.low)
    proto.linear_constraints.upper_bounds.extend(model.high)
    matrix = model.matrix
    matrix.sort_indices()
    proto.linear_constraint_matrix.row_ids.extend(np.repeat(np.arange(rows), np.diff(matrix.indptr)).tolist())
    proto.linear_constraint_matrix.column_ids.extend(matrix.indices.tolist())
    proto.linear_constraint_matrix.coefficients.extend(matrix.data)
    return proto


def _outcome(answer: result_pb2.SolveResultProto, model: Model) -> Outcome:
    reason = answer.termination.reason
    none = np.zeros(0)
    if reason in (
        result_pb2.TERMINATION_REASON_INFEASIBLE,
        result_pb2.TERMINATION_REASON_INFEASIBLE_OR_UNBOUNDED,
    ):
        return Outcome(Status.INFEASIBLE, none, -np.inf, -np.inf, none)
    bound = answer.termination.objective_bounds.dual_bound
    solved = next((one for one in answer.solutions if one.HasField("primal_solution")), None)
    if solved is None:
        return Outcome(Status.UNKNOWN, none, -np.inf, bound, none)
    values = np.zeros(len(model.objective))
    primal = solved.primal_solution
    values[np.asarray(primal.variable_values.ids, dtype=np.int64)] = np.asarray(primal.variable_values.values)
    prices = np.zeros(len(model.low))
    if solved.HasField("dual_solution"):
        dual = solved.dual_solution.dual_values
        prices[np.asarray(dual.ids, dtype=np.int64)] = np.asarray(dual.values)
    optimal = reason == result_pb2.TERMINATION_REASON_OPTIMAL
    return Outcome(
        Status.OPTIMAL if optimal else Status.FEASIBLE, values, primal.objective_value, bound, prices
    )
