"""How many running cases migrate in a second: 1,000 cases of one procedure, planned, rehearsed, migrated, undone.

The cases stand at different steps; every migration is a transaction of its own with its judgement, its history
entry and a restore of what was saved. One JSON line a phase, on SQLite (WAL, synchronous=FULL).

    python -m benchmarks.migration
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.lifecycle import ANSWERS, NOW, Product, product, straight
from benchmarks.timing import report
from engine import db
from engine.change import batches, migrating
from engine.clock import SimulatedClock
from engine.procedures import versions

CASES = 1_000
STEPS = 8
"""The cases are taken this many steps on at most, one more for each, so that they stand at nine places."""


def main() -> None:
    """A version with a longer limit ahead of every case; all may go."""
    with product() as bureau:
        _prepare(bureau)
        with db.writing(bureau.engine) as session:
            old = versions.in_force(session, "straight", NOW)
            edited = straight().decode().replace("步骤t15", "最后一步").encode()
            new = versions.publish(
                session, {"straight.bpmn": edited}, "straight", at=NOW, by="b", note=""
            ).hash
        with _timed("plan"), db.reading(bureau.engine) as session:
            planned = migrating.plan(session, old, new, now=NOW)
        assert all(case.go for case in planned.cases)
        with _timed("rehearse"), db.reading(bureau.engine) as session:
            rehearsed = migrating.rehearse(session, planned, now=NOW)
        assert len(rehearsed) == CASES
        with db.writing(bureau.engine) as session:
            batch = batches.start_batch(session, planned, reason="benchmark", actor=bureau.officer, now=NOW)
        clock = SimulatedClock(NOW)
        with _timed("migrate"):
            batches.run_batch(bureau.engine, batch.id or 0, clock)
        with db.reading(bureau.engine) as session:
            assert batches.progress(session, batch.id or 0).done == CASES
        with _timed("undo"):
            done = batches.undo_batch(bureau.engine, batch.id or 0, actor=bureau.officer, clock=clock)
        assert done.undone == CASES


def _prepare(bureau: Product) -> None:
    bureau.officer.roles = ["programme", "admin"]
    with db.writing(bureau.engine) as session:
        session.merge(bureau.officer)
    for number, case in enumerate(bureau.open_cases("straight", CASES)):
        for _, outcome in ANSWERS[: number % (STEPS + 1)]:
            item, _ = bureau.waiting(case)
            bureau.step(item, outcome)


@contextmanager
def _timed(phase: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds = time.perf_counter() - began
    report(
        "migration",
        {"phase": phase, "cases": CASES, "seconds": round(seconds, 2), "per_second": round(CASES / seconds)},
    )


if __name__ == "__main__":
    main()
