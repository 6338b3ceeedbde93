"""The demo world with its cases on 18 March 2026, built once for all test processes and copied."""

import fcntl
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from engine import db
from seed.world import load_demo, load_demo_cases, load_reference

TODAY = datetime(2026, 3, 18, 2, tzinfo=UTC)
LOGINS = (
    "applicant", "recommender", "intake", "programme", "planning", "drawing", "expert", "approver", "finance",
    "supervision", "admin",
)  # fmt: skip


def demo_world(factory: pytest.TempPathFactory) -> Engine:
    """A copy of one's own; the world itself is kept where every process of this run shares it."""
    run = factory.getbasetemp()
    shared, mine = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run), factory.mktemp("demo")
    template = shared / "demo.sqlite"
    with (shared / "demo.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not template.exists():
            _build(shared / "building.sqlite")
            (shared / "building.sqlite").rename(template)
    shutil.copyfile(template, mine / "demo.sqlite")
    return db.open_engine(f"sqlite:///{mine / 'demo.sqlite'}", durable=False)


def _build(file: Path) -> None:
    engine = db.open_engine(f"sqlite:///{file}", durable=False)
    db.migrate(engine)
    with db.writing(engine) as session:
        load_reference(session, TODAY)
        load_demo(session, TODAY)
    load_demo_cases(engine, TODAY)
    engine.dispose()  # the last connection folds the write-ahead log into the file
