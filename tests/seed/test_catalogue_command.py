"""`keguan directions` on a fresh install."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import db
from engine.catalogue.spec import as_json
from seed.catalogue import read_catalogue
from web.commands.directions import directions


@pytest.fixture
def fresh_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No database yet, only its address."""
    url = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    monkeypatch.setenv("KEGUAN_DATABASE_URL", url)


def test_a_fresh_install_prints_the_whole_catalogue(fresh_install: None) -> None:
    """The command creates and fills the database, and prints what it holds."""
    result = CliRunner().invoke(directions, ["--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) == [as_json(spec) for spec in read_catalogue()]
    assert "“人工智能+”" in result.stdout


def test_without_json_it_prints_a_line_a_direction(fresh_install: None) -> None:
    """The table names every code."""
    result = CliRunner().invoke(directions, [])
    assert result.exit_code == 0
    assert all(spec.code in result.stdout for spec in read_catalogue())
    db.ready_engine(db.database_url()).dispose()
