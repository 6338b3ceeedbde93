"""Assignments: total, worst, bounds, seconds and memory per data set and method, one JSON object a line.

python -m benchmarks.assignment

Instances are generated here; further .npz sets (sim, mask, load, demand) are read from the folder that the
environment variable KEGUAN_BENCH_DATA names. Each case runs in a process of its own, so that its peak memory is its
own. `peer` holds the best published or measured figure of another system for the same data and objective.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from benchmarks.timing import peak_mb
from optimizer import instance
from optimizer.draw import with_lottery
from optimizer.problem import Application, Composition, Expert, Policy, Problem
from optimizer.repair import repair
from optimizer.result import Objective
from optimizer.solve import solve
from optimizer.watch import Watch

FOLDER = "KEGUAN_BENCH_DATA"
PEERS: dict[tuple[str, str], dict[str, Any]] = {
    ("midl", "total"): {
        "system": "openreview-matcher MinMax",
        "total": 201.867,
        "worst": 0.9033,
        "seconds": 0.281,
    },
    ("midl", "fair"): {"system": "FairFlow", "total": 189.323, "worst": 0.9448, "seconds": 2.13},
    ("midl", "leximin"): {"system": "PR4A, 70 s", "total": 200.851, "worst": 0.9175, "seconds": 71},
    ("aamas2021", "total"): {"system": "FairFlow", "total": 1080.061, "worst": 1.7228, "seconds": 11.1},
    ("aamas2021", "fair"): {"system": "FairSequence", "total": 1078.936, "worst": 1.7348, "seconds": 1.49},
    ("aamas2021", "q=0.5"): {"system": "Randomized", "total": 1029.454, "worst": 1.6829, "seconds": 19.9},
    ("20000x15000, 200 candidates", "total"): {
        "system": "RAMP, 20,000 x 20,000, other objective",
        "seconds": 1200,
    },
}


def synthetic(papers: int, experts: int, seed: int = 0) -> Problem:
    """Topic mixtures: demand 3, capacity 1.25 times the demand, one pair in a hundred in conflict."""
    rng = np.random.default_rng(seed)
    ours, theirs = rng.dirichlet(np.full(40, 0.1), papers), rng.dirichlet(np.full(40, 0.1), experts)
    table = np.sqrt(ours @ theirs.T)
    barred = rng.random(table.shape) < 0.01
    return _problem(table / table.max(), barred, int(np.ceil(3 * papers * 1.25 / experts)))


def _problem(scores: Any, barred: Any, load: int, seats: int = 3) -> Problem:
    n, m = scores.shape
    return Problem(
        tuple(Application(i, seats) for i in range(n)),
        tuple(Expert(j, load) for j in range(m)),
        scores,
        barred,
        named=False,
    )


def large() -> Problem:
    """20,000 x 15,000 with each application's 200 best candidates and each expert's 50 best."""
    rng = np.random.default_rng(1)
    papers, experts = 20_000, 15_000
    ours = rng.dirichlet(np.full(40, 0.1), papers).astype(np.float32)
    theirs = rng.dirichlet(np.full(40, 0.1), experts).astype(np.float32)
    codes = [_best(ours, theirs, 200), _swapped(_best(theirs, ours, 50), papers, experts)]
    code = np.unique(np.concatenate(codes))
    p, r = (code // experts).astype(np.int32), (code % experts).astype(np.int32)
    value = np.concatenate(
        [
            np.sqrt(np.einsum("ij,ij->i", ours[p[at : at + 500_000]], theirs[r[at : at + 500_000]]))
            for at in range(0, len(p), 500_000)
        ]
    ).astype(np.float64)
    start = np.searchsorted(p, np.arange(papers + 1)).astype(np.int32)
    return _problem(csr_array((value, r, start), shape=(papers, experts)), None, 5)


def _best(ours: Any, theirs: Any, count: int) -> Any:
    found = []
    for at in range(0, len(ours), 500):
        table = ours[at : at + 500] @ theirs.T
        place = np.argpartition(table, table.shape[1] - count, axis=1)[:, -count:]
        found.append(((at + np.arange(len(table)))[:, None] * len(theirs) + place).ravel())
    return np.concatenate(found)


def _swapped(code: Any, papers: int, experts: int) -> Any:
    return (code % papers) * experts + code // papers


def crossing(problem: Problem) -> Problem:
    """One expert per institution, a senior one and one of the application's field, drawn at random."""
    rng, (n, m) = np.random.default_rng(7), problem.shape
    field = [f"{110 + 10 * k}" for k in range(8)]
    applications = tuple(Application(i, 3, domains=(field[k],)) for i, k in enumerate(rng.integers(0, 8, n)))
    experts = tuple(
        Expert(
            j,
            problem.experts[j].cap,
            units=(f"institution {u}",),
            roles=("senior",) * int(s),
            domains=(field[k],),
        )
        for j, (u, s, k) in enumerate(
            zip(rng.integers(0, 150, m), rng.random(m) < 0.3, rng.integers(0, 8, m), strict=True)
        )
    )
    policy = Policy(unit_cap=1, composition=(Composition("senior", 1),), coverage=1)
    return Problem(applications, experts, problem.scores, problem.barred, policy=policy, named=False)


def _read(name: str) -> Problem:
    return instance.read(Path(os.environ[FOLDER]) / f"{name}.npz")


SETS: dict[str, Callable[[], Problem]] = {
    "500x375, demand 3 (municipal size)": lambda: synthetic(500, 375),
    "1000x750": lambda: synthetic(1000, 750),
    "2000x1500": lambda: synthetic(2000, 1500),
    "20000x15000, 200 candidates": large,
}
CASES = [
    ("500x375, demand 3 (municipal size)", "total"),
    ("500x375, demand 3 (municipal size)", "fair"),
    ("500x375, demand 3 (municipal size)", "repair of 5"),
    ("1000x750", "total"),
    ("2000x1500", "total"),
    ("2000x1500", "fair"),
    ("20000x15000, 200 candidates", "total"),
]
METHODS = ("total", "fair", "leximin", "crossing", "q=0.5", "repair of 5")


def run(name: str, method: str) -> dict[str, Any]:
    """One case, timed from the problem in memory to the result."""
    problem = SETS[name]() if name in SETS else _read(name)
    if method == "crossing":
        problem = crossing(problem)
    before = solve(problem, Objective.TOTAL) if method == "repair of 5" else None
    began = time.perf_counter()
    if before is not None:
        result = repair(
            problem, before.positions, before.positions[:: len(before.positions) // 5][:5], Objective.TOTAL
        )
    elif method.startswith("q="):
        best = solve(problem, Objective.FAIR)
        result = with_lottery(problem, best, float(method.removeprefix("q=")))
    else:
        objective = Objective(method) if method in {*Objective} else Objective.TOTAL
        result = solve(problem, objective, levels=3, watch=Watch(limit=120))
    seconds = time.perf_counter() - began
    return {
        "set": name,
        "method": method,
        "status": str(result.status),
        "total": result.total,
        "worst": result.worst,
        "total_bound": result.total_bound,
        "worst_bound": result.worst_bound,
        "seconds": round(seconds, 3),
        "peak_mb": peak_mb(),
        "peer": PEERS.get((name, method)),
    }


def main() -> None:
    """Every case in its own process."""
    folder = os.environ.get(FOLDER)
    given = sorted(path.stem for path in Path(folder).glob("*.npz")) if folder else []
    for name, method in CASES + [(name, method) for name in given for method in METHODS]:
        words = [sys.executable, "-m", "benchmarks.assignment", name, method]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        fault = {"set": name, "method": method, "failed": done.stderr.strip().splitlines()[-1:]}
        print(done.stdout.strip() or json.dumps(fault), flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(run(*sys.argv[1:]), ensure_ascii=False))
    else:
        main()
