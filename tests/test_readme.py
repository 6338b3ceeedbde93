"""Every command the README shows is run, as it stands there."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from engine.db import ROOT
from engine.vocabulary import Role

BLOCKS = re.findall(r"^```\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
SERVING = [command for command in COMMANDS if "keguan serve" in command]
MADE = [command for command in COMMANDS if command.startswith("make ")]
FINISHING = [command for command in COMMANDS if command not in SERVING + MADE]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that looks like the checkout to a command, with a database folder of its own."""
    for name in ("workflows", "README.md"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "var").mkdir()
    return tmp_path


def _environment(checkout: Path) -> dict[str, str]:
    url = f"sqlite:///{checkout / 'var' / 'readme.sqlite'}"
    path = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "KEGUAN_DATABASE_URL": url}


@pytest.mark.parametrize("command", FINISHING)
def test_a_command_of_the_readme_works(checkout: Path, command: str) -> None:
    """It ends well and says something."""
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=checkout,
        env=_environment(checkout),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("command", SERVING)
def test_a_serving_command_answers(checkout: Path, command: str) -> None:
    """The address it prints opens."""
    port = re.search(r"--port (\d+)", command)
    assert port is not None
    server = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], cwd=checkout, env=_environment(checkout), stderr=subprocess.DEVNULL
    )
    try:
        assert _answers(f"http://127.0.0.1:{port[1]}/sign-in")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=20)


def _answers(address: str) -> bool:
    for _attempt in range(120):
        try:
            with urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.5)
    return False


def test_every_make_target_of_the_readme_exists() -> None:
    """The targets themselves are run by whoever runs this suite: `make test` sets up first."""
    makefile = (ROOT / "Makefile").read_text()
    named = set(re.findall(r"`?make (\w+)", (ROOT / "README.md").read_text()))

    assert named <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


def test_every_demo_account_is_in_the_readme() -> None:
    """One for each role, with its login."""
    readme = (ROOT / "README.md").read_text()
    assert [role for role in Role if f"| `{role.value}` | {role.en} | {role.zh} |" not in readme] == []
