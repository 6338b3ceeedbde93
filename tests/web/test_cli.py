"""The `keguan` command: what every subcommand has in common."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from engine.db import ROOT

KEGUAN = ROOT / ".venv" / "bin" / "keguan"


def keguan(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command on a database of its own."""
    url = f"sqlite:///{folder / 'cli.sqlite'}"
    return subprocess.run(
        [KEGUAN, *arguments],
        env={**os.environ, "KEGUAN_DATABASE_URL": url, **environment},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_help_names_every_command(tmp_path: Path) -> None:
    """The front door lists all of them with a sentence each."""
    shown = keguan("--help", folder=tmp_path)

    assert shown.returncode == 0
    listed = [line.split()[0] for line in shown.stdout.partition("Commands:")[2].splitlines() if line.strip()]
    assert listed == [
        *("assign", "audit", "bpmn", "directions", "guide", "import", "init", "log", "money", "serve"),
        *("simulate", "template"),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["serve", "--port", "many"],
        ["serve", "--port", "0"],
        ["money", "T9-D9", "--stage", "payment", "--facts", "missing.json"],
        ["bpmn", "check", "missing.bpmn"],
        ["simulate", "--applications", "x"],
    ],
)
def test_unusable_input_is_exit_2_without_a_trace(tmp_path: Path, arguments: list[str]) -> None:
    """Whatever cannot be read is said in words."""
    refused = keguan(*arguments, folder=tmp_path)

    assert refused.returncode == 2
    assert refused.stderr.strip()
    assert "Traceback" not in refused.stderr + refused.stdout


@pytest.mark.parametrize("url", ["nonsense", "sqlite:////proc/no/such.sqlite", "strange://database"])
def test_an_unusable_database_is_one_line(tmp_path: Path, url: str) -> None:
    """The setting is named."""
    refused = keguan("directions", folder=tmp_path, KEGUAN_DATABASE_URL=url)

    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert "KEGUAN_DATABASE_URL" in refused.stderr


def test_a_fresh_database_is_made_on_first_use(tmp_path: Path) -> None:
    """All 67 directions, without any set-up step before."""
    listed = keguan("directions", "--json", folder=tmp_path)

    assert len(json.loads(listed.stdout)) == 67
    assert (tmp_path / "cli.sqlite").exists()


def test_demo_passwords_stay_on_this_machine(tmp_path: Path) -> None:
    """A database with the demo accounts is not served to a network."""
    refused = keguan("serve", "--host", "0.0.0.0", "--port", "8765", folder=tmp_path)

    assert refused.returncode == 1
    assert "演示账号" in refused.stderr
