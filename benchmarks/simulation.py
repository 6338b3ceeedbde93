"""A simulated year: how many cases a second go through the real procedures, from nothing to their ends.

Every step is a transaction of its own through the door; creating and furnishing the database is counted apart.
Aim: 150 applications, with creation, in under 40 seconds.

    python -m benchmarks.simulation
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.timing import report
from engine import assembly, db
from engine.simulation.run import START, simulate
from seed.people import load_people
from seed.world import load_reference

assert assembly.FORMS
APPLICATIONS = 150


def measure(applications: int = APPLICATIONS, seed: int = 7) -> dict[str, Any]:
    """One simulation on a new database."""
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        engine = db.open_engine(f"sqlite:///{Path(folder) / 'year.sqlite'}")
        db.migrate(engine)
        with db.writing(engine) as session:
            load_reference(session, START)
            load_people(session)
        created = time.perf_counter()
        steps = simulate(engine, applications, seed)
        ended = time.perf_counter()
        engine.dispose()
    return {
        "applications": applications,
        "steps": steps,
        "creation_seconds": round(created - began, 2),
        "seconds": round(ended - created, 2),
        "cases_per_second": round(applications / (ended - created), 2),
        "steps_per_second": round(steps / (ended - created), 1),
    }


def main() -> None:
    """Print it as one JSON object."""
    report("simulation", measure())


if __name__ == "__main__":
    main()
