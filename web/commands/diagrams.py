"""The diagrams a command works on: those named on the command line, and those that come with the product."""

from collections.abc import Iterable
from pathlib import Path

from engine.bpmn.safe_xml import MAX_BYTES
from engine.errors import Unusable

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"


def shipped_diagrams() -> dict[str, bytes]:
    """The procedures that come with the product, file name to content."""
    found = sorted([*WORKFLOWS.glob("*.bpmn"), *WORKFLOWS.glob("*.dmn")])
    return {file.name: file.read_bytes() for file in found}


def named_diagrams(files: Iterable[Path]) -> dict[str, bytes]:
    """The files of a command line, name to content; raises Unusable for one that cannot be opened."""
    return {_name(file): _content(file) for file in files}


def _name(file: Path) -> str:
    return str(file).encode("utf-8", "replace").decode()


def _content(file: Path) -> bytes:
    """At most one byte more than a diagram may have: the reader refuses it, memory never holds more."""
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as problem:
        raise Unusable(f"无法读取文件 {_name(file)}：{problem.strerror}；请检查路径和权限。") from problem
    except ValueError as problem:
        raise Unusable(f"文件名 {_name(file)} 不可用；请检查路径。") from problem
