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

README = (ROOT / "README.md").read_text()
CHINESE = (ROOT / "README.zh.md").read_text()
SETTING = re.compile(r"KEGUAN_[A-Z]+(?:_[A-Z]+)*")
BLOCK = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = BLOCK.findall(README)
SERVING = [block for block in BLOCKS if "keguan serve" in block]
MADE = [block for block in BLOCKS if block.startswith("make ")]
FINISHING = [block for block in BLOCKS if block not in SERVING + MADE]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that looks like the checkout to a command, with a database folder of its own."""
    for name in ("workflows", "docs", "README.md"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "var").mkdir()
    return tmp_path


def _environment(checkout: Path) -> dict[str, str]:
    url = f"sqlite:///{checkout / 'var' / 'readme.sqlite'}"
    path = f"{ROOT / '.venv' / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "KEGUAN_DATABASE_URL": url}


@pytest.mark.parametrize("commands", FINISHING)
def test_the_commands_of_the_readme_work(checkout: Path, commands: str) -> None:
    """A block, run line by line as it stands there, ends well and says something."""
    done = subprocess.run(
        ["bash", "-ec", commands],
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
    named = set(re.findall(r"`?make (\w+)", README + CHINESE))

    assert named <= set(re.findall(r"^(\w+):", makefile, re.MULTILINE))


def test_every_demo_account_is_in_the_readme() -> None:
    """One for each role, with its login."""
    assert [role for role in Role if f"| `{role.value}` | {role.en} | {role.zh} |" not in README] == []
    assert [role for role in Role if f"| `{role.value}` | {role.zh} |" not in CHINESE] == []


def test_the_chinese_readme_shows_the_same_commands() -> None:
    """Nobody works from an older one."""
    assert BLOCK.findall(CHINESE) == BLOCKS


def test_every_setting_is_in_both_readmes() -> None:
    """Whatever the program reads from its environment, and nothing it does not read."""
    sources = [path for room in ("engine", "web", "benchmarks") for path in (ROOT / room).rglob("*.py")]
    read = {name for path in sources for name in SETTING.findall(path.read_text())}

    assert set(SETTING.findall(README)) == read
    assert set(SETTING.findall(CHINESE)) == read


def test_every_file_the_documents_point_at_is_there() -> None:
    """Links and pictures of the pages a newcomer opens first, each from its own folder."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text())]

    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []
