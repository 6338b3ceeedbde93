"""`keguan log export`: the history in a file that other tools read."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import db
from engine.errors import Unusable
from web.commands.log import log


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database without cases."""
    monkeypatch.setenv("KEGUAN_DATABASE_URL", f"sqlite:///{tmp_path / 'log.sqlite'}")
    db.ready_engine.cache_clear()


def test_an_empty_history_is_a_valid_log(tmp_path: Path) -> None:
    """Types and no events."""
    file = tmp_path / "out.json"
    done = CliRunner().invoke(log, ["export", "--format", "ocel", "--out", str(file)])
    read = json.loads(file.read_text())
    assert (done.exit_code, read["events"], read["objects"]) == (0, [], [])
    assert "已导出到" in done.output


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A folder that is not there."""
    done = CliRunner().invoke(log, ["export", "--out", str(tmp_path / "nowhere" / "out.xes")])
    assert isinstance(done.exception, Unusable)
    assert "不能写入" in done.exception.message
