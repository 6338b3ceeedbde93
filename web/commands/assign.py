"""`keguan assign`: solve, check, explain and repair an assignment of experts to applications.

Exit 0 done, 1 the demand cannot be met or the assignment is faulty, 2 a file or argument cannot be used.
"""

import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CDLL
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from optimizer import draw, explain, instance, panels, repair
from optimizer.errors import ProblemError
from optimizer.problem import Mode, Problem
from optimizer.result import Objective, Result, Standing
from optimizer.schema import INSTANCE
from optimizer.solve import solve as solve_problem
from optimizer.verify import Unreadable
from optimizer.verify import verify as verify_files
from optimizer.watch import Progress, Watch

REFUSED, UNUSABLE = 1, 2
FILE = click.Path(path_type=Path)
T = TypeVar("T")


@click.group()
def assign() -> None:
    """Assign experts to applications (指派评审专家): optimal, fair, explained, replayable."""


@assign.command()
@click.argument("source", metavar="INSTANCE", type=FILE)
@click.option(
    "--objective", type=click.Choice([o.value for o in Objective]), default="fair", show_default=True
)
@click.option(
    "--levels",
    type=click.IntRange(1, 1000),
    default=3,
    show_default=True,
    help="Worst applications leximin raises.",
)
@click.option("--q", type=float, help="Largest probability of any pair; makes a lottery and draws from it.")
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), default=60.0, show_default=True, metavar="S"
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--progress", is_flag=True, help="Report incumbent and bound on standard error.")
@click.option("--out", type=FILE, required=True, metavar="RESULT.json")
def solve(
    source: Path,
    objective: str,
    levels: int,
    q: float | None,
    time_limit: float,
    seed: int,
    progress: bool,
    out: Path,
) -> None:
    """Solve INSTANCE (.npz or .json), print the result and write it to --out."""
    if math.isnan(time_limit):
        _refuse("--time-limit is not a number; give seconds above 0.")
    problem = _usable(lambda: instance.read(source))
    watch = Watch(limit=time_limit, tell=_tell if progress else lambda _: None)
    result = _usable(lambda: _solved(problem, Objective(objective), levels, q, seed, watch))
    _publish(result, out)


def _solved(
    problem: Problem, objective: Objective, levels: int, q: float | None, seed: int, watch: Watch
) -> Result:
    wanted = q if q is not None else problem.policy.pair_probability
    if problem.policy.mode is Mode.PANEL:
        seated = panels.solve(problem, objective, seed, watch, levels=levels)
        return seated if wanted is None else panels.with_lottery(problem, seated, float(wanted), seed, watch)
    result = solve_problem(problem, objective, levels, seed, watch)
    return result if wanted is None else draw.with_lottery(problem, result, float(wanted), seed, watch)


@assign.command()
@click.argument("source", metavar="INSTANCE", type=FILE)
@click.argument("result", metavar="RESULT", type=FILE)
def verify(source: Path, result: Path) -> None:
    """Check RESULT (or any JSON with `pairs`) against INSTANCE; shares no code with the solver."""
    try:
        faults = verify_files(source, result)
    except Unreadable as error:
        _refuse(str(error))
    for fault in faults:
        click.echo(fault.encode("utf-8", "replace"))
    if faults:
        sys.exit(REFUSED)
    click.echo("The assignment is sound: every rule holds and every figure is as claimed.")


@assign.command(name="explain")
@click.argument("source", metavar="INSTANCE", type=FILE)
@click.argument("result", metavar="RESULT", type=FILE)
@click.option("--paper", required=True, metavar="P", help="Application to explain.")
def explain_command(source: Path, result: Path, paper: str) -> None:
    """Say why application P got its experts: parts, ranks, what kept better-ranked ones out, counterfactuals."""
    problem = _usable(lambda: instance.read(source))
    claims = _usable(lambda: instance.read_result(result))
    _print(_usable(lambda: explain.explain(problem, claims, paper)))


@assign.command(name="repair")
@click.argument("source", metavar="INSTANCE", type=FILE)
@click.argument("result", metavar="RESULT", type=FILE)
@click.option(
    "--drop", "drops", required=True, multiple=True, metavar="P,R", help="A pair that can no longer be."
)
@click.option("--out", type=FILE, required=True, metavar="NEW")
def repair_command(source: Path, result: Path, drops: tuple[str, ...], out: Path) -> None:
    """Replace the dropped pairs and move nothing else, or else as little as possible."""
    problem = _usable(lambda: instance.read(source))
    claims = _usable(lambda: instance.read_result(result))
    _publish(_usable(lambda: _repaired(problem, claims, drops)), out)


def _repaired(problem: Problem, claims: dict[str, Any], drops: tuple[str, ...]) -> Result:
    if problem.policy.mode is Mode.PANEL:
        return panels.repaired(problem, claims, repair.parsed(problem, drops))
    return repair.from_claims(problem, claims, drops)


@assign.command()
def schema() -> None:
    """Print the JSON Schema of the .json instance form."""
    _print(INSTANCE)


@contextmanager
def alone_on_stdout() -> Iterator[None]:
    """Keep standard output for the result: HiGHS prints a line of its own there now and then."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        CDLL(None).fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _usable(step: Callable[[], T]) -> T:
    """Run a step; a problem that makes no sense is one sentence on standard error and exit 2."""
    try:
        with alone_on_stdout():
            return step()
    except ProblemError as error:
        _refuse(str(error))


def _refuse(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(UNUSABLE)


def _publish(result: Result, out: Path) -> None:
    written = json.dumps(instance.result_json(result), ensure_ascii=False)
    try:
        out.write_text(written + "\n", encoding="utf-8")
    except OSError as error:
        _refuse(f"{out} cannot be written: {error.strerror}.")
    click.echo(written.encode())
    sys.exit(REFUSED if result.status is Standing.INFEASIBLE else 0)


def _print(data: object) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2).encode())


def _tell(report: Progress) -> None:
    click.echo(f"{report.seconds:8.2f} s  {report.stage:<12} {report.incumbent}  <= {report.bound}", err=True)
