"""Fixtures every test shares: a fresh migrated database and a session on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from engine import db


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Engine]:
    """An empty, migrated database of its own."""
    engine = db.open_engine(f"sqlite:///{tmp_path / 'test.sqlite'}")
    db.migrate(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """One open session on the test's database."""
    with Session(database, expire_on_commit=False) as opened:
        yield opened
