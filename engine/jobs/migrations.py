"""Batches of migrations somebody started (批量迁移): finished in the background, a transaction for each case."""

from sqlalchemy import Engine

from engine import db
from engine.change import batches
from engine.clock import Clock


def run_migrations(engine: Engine, clock: Clock) -> None:
    """Go on with every unfinished batch; a killed server has lost nothing."""
    with db.reading(engine) as session:
        waiting = batches.unfinished(session)
    for batch in waiting:
        batches.run_batch(engine, batch, clock)
