"""The handbooks say what the screen says: every button, link, heading and field they quote exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from lxml import etree

from engine.db import ROOT
from engine.vocabulary import Role

HANDBOOKS = sorted((ROOT / "docs" / "handbook").glob("*.md"))
QUOTED = re.compile(r"\*\*(.+?)\*\*|「(.+?)」")
GAP = "…"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
BARE = re.compile(r"[\s*：:。！？]+|\.\.\.")


@pytest.mark.parametrize("handbook", HANDBOOKS, ids=lambda path: path.stem)
def test_a_handbook_quotes_the_screen(handbook: Path, screen: set[str]) -> None:
    """A renamed button fails here until its handbook follows."""
    quoted = {_bare(one or other) for one, other in QUOTED.findall(_steps(handbook))}

    assert sorted(quoted - screen) == []


def test_every_role_has_a_handbook() -> None:
    """One page each, found from the index."""
    index = (ROOT / "docs" / "handbook" / "README.md").read_text()

    assert [role for role in Role if f"| {role.zh} | [{role.value}.md]({role.value}.md) |" not in index] == []
    assert {path.stem for path in HANDBOOKS} == {"README", *(role.value for role in Role)}


@pytest.fixture(scope="module")
def screen() -> set[str]:
    """Every text a page can show, what varies in it as a gap."""
    return {_bare(text) for text in (*_templates(), *_diagrams(), *_code()) if CHINESE.search(text)}


def _templates() -> Iterator[str]:
    with (ROOT / "web" / "translations" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        for message in read_po(file):
            yield re.sub(r"%\(\w+\)[sd]", GAP, str(message.id))


def _diagrams() -> Iterator[str]:
    for diagram in (ROOT / "workflows").glob("*.bpmn"):
        for element in etree.parse(diagram).iter():
            yield element.get("name") or ""


def _code() -> Iterator[str]:
    """Titles of form fields, words of the vocabulary, sentences of refusals."""
    for package in ("engine", "web"):
        for module in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


def _steps(handbook: Path) -> str:
    """The page without its remarks on how to read it."""
    return "\n".join(line for line in handbook.read_text().splitlines() if not line.startswith("手册里 "))


def _bare(text: str) -> str:
    """Without spaces, stars and closing marks, which a quotation may leave out."""
    return BARE.sub("", text)
