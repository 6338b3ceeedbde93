"""Opened and exported by the editor, every shipped diagram says exactly what it said."""

import subprocess
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from engine.bpmn.difference import difference
from engine.bpmn.reader import read
from engine.db import ROOT
from web.commands.bpmn import findings_of
from web.commands.diagrams import WORKFLOWS, shipped_diagrams

NODE = ROOT / ".venv" / "bin" / "node"
UNSAID = {"line", "attributes"}
"""Where it stands in the file; raw attributes, of which the editor leaves out those that say the default."""
DESCRIPTOR = ROOT / "web" / "frontend" / "editor" / "spiffworkflow.json"


def test_every_shipped_diagram_survives_the_editor(tmp_path: Path) -> None:
    """Equal element by element but for line numbers, nothing even moved, and still clean for the check."""
    names = sorted(file for file in WORKFLOWS.glob("*.bpmn"))
    script = Path(__file__).with_name("roundtrip.mjs")

    subprocess.run([NODE, script, tmp_path, DESCRIPTOR, *names], cwd=ROOT, check=True)

    saved = {file.name: (tmp_path / file.name).read_bytes() for file in names}
    shipped = {name: content for name, content in shipped_diagrams().items() if name in saved}
    assert difference(shipped, saved) == ()
    assert [_said(shipped[name], name) for name in saved] == [_said(saved[name], name) for name in saved]
    assert findings_of(saved) == []


def _said(content: bytes, name: str) -> Any:
    diagram = read(content, name)
    return _without_lines(replace(diagram, parts=()))


def _without_lines(value: Any) -> Any:
    if is_dataclass(value):
        stated = {
            field.name: getattr(value, field.name) for field in fields(value) if field.name not in UNSAID
        }
        return {name: _without_lines(one) for name, one in stated.items()}
    if isinstance(value, tuple):
        return [_without_lines(one) for one in value]
    if isinstance(value, dict):
        return {key: _without_lines(one) for key, one in value.items()}
    return value
