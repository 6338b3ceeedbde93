"""`keguan audit verify`: exit 0 for an intact history, 1 with every break named."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from engine import db, history
from web.commands.audit import audit


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database with one case of two entries."""
    name = f"sqlite:///{tmp_path / 'audit.sqlite'}"
    monkeypatch.setenv("KEGUAN_DATABASE_URL", name)
    with db.writing(db.ready_engine(name)) as session:
        drafts = [history.Draft("submit", "提交"), history.Draft("accept", "受理")]
        history.record_all(session, "case:1", drafts, at=datetime(2024, 5, 6, tzinfo=UTC), actor="intake")
    yield name
    db.ready_engine(name).dispose()
    db.ready_engine.cache_clear()


def test_an_intact_history_is_counted_and_passes(url: str) -> None:
    """Supervision sees how much was checked, not only that nothing was found."""
    ran = CliRunner().invoke(audit, ["verify"])
    assert (ran.exit_code, json.loads(ran.output)) == (
        0,
        {"intact": True, "chains": 1, "entries": 2, "breaks": []},
    )


def test_an_edited_entry_fails_the_command(url: str) -> None:
    """The break names its chain and its place."""
    with db.writing(db.ready_engine(url)) as session:
        session.connection().execute(text("DROP TRIGGER history_entry_no_update"))
        session.connection().execute(text("UPDATE history_entry SET actor = 'nobody' WHERE seq = 1"))
    ran = CliRunner().invoke(audit, ["verify"])
    breaks = [(found["chain"], found["seq"], found["kind"]) for found in json.loads(ran.output)["breaks"]]
    assert (ran.exit_code, breaks) == (1, [("case:1", 1, "edited")])
