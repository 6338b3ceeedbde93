"""One durable step of the product, from loading the work item to the commit.

- `steps.ratio`: a step through `engine.cases.door.complete` against the bare loop of `benchmarks.floor` on the same
  diagram and the same disk, taking turns in one run: a step of each of 40 cases here, the same steps there, 21
  times. Wall time and CPU time, by sums and by medians. Aim: 2.
- `steps.statements`: the SQL statements of such a step.
- `steps.growth`: a case in its milestone round 10, 100 and 500 against one in its first, alternating; the size of
  its state. Aim: 1.2 in round 500.
- `steps.live_cases`: steps a second over 1,000 open cases, one step of each in turn.

    python -m benchmarks.steps
"""

import random
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any

from sqlmodel import select

from benchmarks import floor, lifecycle
from benchmarks.lifecycle import Product, product
from benchmarks.timing import Laps, counting, ratio, report
from engine import db
from engine.cases.models import Process, ProcessState

CASES = 40
ROUNDS = (1, 10, 100, 500)
MEASURED_ROUNDS = 10
SIDE_BY_SIDE = 4
LIVE_CASES = 1_000


def measure_ratio(world: Product, cases: int = CASES, seed: int = 7) -> dict[str, Any]:
    """Every step of so many cases, once through the door and once in the bare loop."""
    chance, door, bare = random.Random(seed), Laps(), Laps()
    with TemporaryDirectory() as folder:
        loop = floor.open_loop(floor.Bare(lifecycle.straight(), "straight"), folder)
        pairs = list(zip(world.open_cases("straight", cases), loop.open_cases(cases), strict=True))
        for element, outcome in lifecycle.ANSWERS:
            turn = chance.sample(pairs, cases)
            waiting = [world.waiting(ours) for ours, _ in turn]
            assert {at for _, at in waiting} == {element}
            for item, _ in waiting:
                with door:
                    world.step(item, outcome)
            for _, theirs in turn:
                with bare:
                    loop.step(theirs, element, outcome)
        loop.database.close()
    return {
        "ratio": ratio(door.walls, bare.walls),
        "cpu_ratio": ratio(door.cpus, bare.cpus),
        "door": door.summary(),
        "bare": bare.summary(),
    }


def measure_statements(world: Product) -> dict[str, Any]:
    """The statements of the third step of a case, BEGIN and COMMIT not counted, by their first word."""
    (case,) = world.open_cases("straight", 1)
    for _ in range(2):
        world.step(world.waiting(case)[0], "ok")
    item, _ = world.waiting(case)
    with counting(world.engine) as words:
        world.step(item, "ok")
    return {"statements": words.total(), **words}


def measure_growth(world: Product) -> Iterator[dict[str, Any]]:
    """Cases brought to each round, then measured for a few rounds in turns."""
    groups = {number: world.open_cases("looping", SIDE_BY_SIDE) for number in ROUNDS}
    for number, cases in groups.items():
        for case in cases:
            for _ in range(2 * (number - 1)):
                world.step(world.waiting(case)[0], "ok")
    sizes = {number: _state_bytes(world, cases[0]) for number, cases in groups.items()}
    laps = {number: Laps() for number in ROUNDS}
    for _ in range(2 * MEASURED_ROUNDS * SIDE_BY_SIDE):
        for number, cases in groups.items():
            cases.append(cases.pop(0))
            item, _ = world.waiting(cases[0])
            with laps[number]:
                world.step(item, "ok")
    first = laps[ROUNDS[0]]
    for number, lap in laps.items():
        yield {
            "round": number,
            "ratio": ratio(lap.walls, first.walls),
            "cpu_ratio": ratio(lap.cpus, first.cpus),
            "state_bytes": sizes[number],
            **lap.summary(),
        }


def _state_bytes(world: Product, case: int) -> int:
    with db.reading(world.engine) as session:
        newest = (
            select(ProcessState.state)
            .join(Process)
            .where(Process.case_id == case, ProcessState.revision == Process.revision)
        )
        return len(session.exec(newest).one())


def measure_live_cases(world: Product, cases: int = LIVE_CASES, seed: int = 7) -> dict[str, Any]:
    """Two steps of every case, in a shuffled order."""
    chance, laps = random.Random(seed), Laps()
    numbers = world.open_cases("straight", cases)
    for _ in range(2):
        for case in chance.sample(numbers, cases):
            item, _ = world.waiting(case)
            with laps:
                world.step(item, "ok")
    return {"cases": cases, **laps.summary()}


def main() -> None:
    """Print all four, one JSON object a line."""
    with product() as world:
        report("steps.ratio", measure_ratio(world))
        report("steps.statements", measure_statements(world))
        for figures in measure_growth(world):
            report("steps.growth", figures)
        report("steps.live_cases", measure_live_cases(world))


if __name__ == "__main__":
    main()
