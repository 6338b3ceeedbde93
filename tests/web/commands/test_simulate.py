"""`keguan simulate`: what it refuses is left as it was."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlmodel import Session

from engine import db
from engine.cases.models import CaseFile
from engine.errors import Refused
from tests.databases import contents
from web.commands.simulate import simulate_year


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A bureau's own database, migrated, with one case and none of the demo world's people."""
    name = f"sqlite:///{tmp_path / 'live.sqlite'}"
    monkeypatch.setenv("KEGUAN_DATABASE_URL", name)
    engine = db.ready_engine(name)
    opened = datetime(2024, 5, 6, tzinfo=UTC)
    with db.writing(engine) as session:
        session.add(
            CaseFile(direction_code="T1-D1", unit_id=1, applicant_id=1, status="draft", opened_at=opened)
        )
    yield engine
    engine.dispose()
    db.ready_engine.cache_clear()


@pytest.mark.parametrize(("applications", "reason"), [("67", "空库"), ("66", "至少需要 67 项")])
def test_a_refused_simulation_changes_nothing(live: Engine, applications: str, reason: str) -> None:
    """Above all it adds no demo account, whose password everybody knows, to a bureau's database."""
    with Session(live) as session:
        before = contents(session)

    ran = CliRunner().invoke(simulate_year, ["--applications", applications])

    assert isinstance(ran.exception, Refused)
    assert reason in ran.exception.message
    with Session(live) as session:
        assert contents(session) == before


def test_a_refusal_draws_no_progress_bar(live: Engine) -> None:
    """Nothing began, so standard error is left to the refusal."""
    ran = CliRunner().invoke(simulate_year, [])

    assert isinstance(ran.exception, Refused)
    assert ran.output == ""
