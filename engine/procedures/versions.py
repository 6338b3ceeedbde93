"""Published procedures (流程版本): what a case runs, named by the hash of everything it runs.

A parent's own file does not change when a diagram it calls does, so a version's hash covers the whole closure:
the diagram and every diagram and decision it calls. A version never changes and a case stays on its own.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from engine.bpmn import spiff
from engine.bpmn.model import Diagram, Element, ProcessModel
from engine.bpmn.reader import read
from engine.errors import NotFound, Unusable
from engine.procedures.models import ProcedureVersion


@dataclass(frozen=True)
class Procedure:
    """A version ready to run: the engine's parsed definition beside what the diagrams say to us."""

    hash: str
    key: str
    title: str
    definition: spiff.Definition
    processes: Mapping[str, ProcessModel]

    def element(self, process: str, element: str) -> Element:
        """The diagram's element, by the process that holds it and its id."""
        return self.processes[process].elements[element]


def closure(sources: Mapping[str, bytes], key: str) -> dict[str, bytes]:
    """The files of `sources` that process `key` needs: its own, and those it calls, directly or not."""
    diagrams = {name: _read(source, name) for name, source in sources.items()}
    home = {process.id: name for name, diagram in diagrams.items() for process in diagram.processes}
    home |= {decision.id: name for name, diagram in diagrams.items() for decision in diagram.decisions}
    needed: set[str] = set()
    pending = [key]
    while pending:
        called = pending.pop()
        if called not in home:
            raise Unusable(
                f"流程“{key}”调用的“{called}”不在所给文件中；请一并提交该图，或改正调用活动的 calledElement。"
            )
        if home[called] not in needed:
            needed.add(home[called])
            pending += _calls(diagrams[home[called]])
    return {name: sources[name] for name in sorted(needed)}


_read = lru_cache(maxsize=64)(read)
"""Diagrams read once: the shipped files are read again for every procedure that calls them."""


def _calls(diagram: Diagram) -> list[str]:
    elements = [element for process in diagram.processes for element in process.elements.values()]
    return [name for element in elements for name in (element.called, element.decision) if name]


def hash_of(sources: Mapping[str, bytes], key: str) -> str:
    """The version's name: sha256 over the key and every file of its closure."""
    digests = {name: hashlib.sha256(source).hexdigest() for name, source in sources.items()}
    return hashlib.sha256(json.dumps([key, digests], sort_keys=True).encode()).hexdigest()


def publish(
    session: Session, sources: Mapping[str, bytes], key: str, *, at: datetime, by: str, note: str
) -> ProcedureVersion:
    """Keep `key` with its closure as a version in force from `at`; publishing the same text again changes nothing.

    Raises Unusable with the engine's sentence when the closure cannot be parsed. Linting and proof come before:
    the caller shows their findings.
    """
    needed = closure(sources, key)
    name = hash_of(needed, key)
    known = session.get(ProcedureVersion, name)
    if known is not None:
        return known
    spiff.parse(needed, key)
    title = next(p.name for source in needed for p in read(needed[source], source).processes if p.id == key)
    version = ProcedureVersion(
        hash=name,
        key=key,
        title=title or key,
        sources={file: source.decode() for file, source in needed.items()},
        note=note,
        published_by=by,
        published_at=at,
        effective_from=at,
    )
    session.add(version)
    session.flush()
    return version


def in_force(session: Session, key: str, at: datetime) -> str:
    """The hash of the version a new case of this procedure starts on."""
    statement = (
        select(ProcedureVersion.hash)
        .where(ProcedureVersion.key == key, ProcedureVersion.effective_from <= at)
        .order_by(col(ProcedureVersion.effective_from).desc(), col(ProcedureVersion.published_at).desc())
        .limit(1)
    )
    found = session.exec(statement).first()
    if found is None:
        raise NotFound(f"没有生效的流程“{key}”；请管理员先发布该流程。")
    return found


_loaded: dict[str, Procedure] = {}


def load(session: Session, name: str) -> Procedure:
    """The version `name`, parsed; versions never change, so each process parses one once."""
    if name not in _loaded:
        version = session.get(ProcedureVersion, name)
        if version is None:
            raise NotFound(f"没有编号为 {name[:12]} 的流程版本。")
        files = {file: source.encode() for file, source in version.sources.items()}
        processes = {p.id: p for file in files for p in read(files[file], file).processes}
        _loaded[name] = Procedure(
            name, version.key, version.title, spiff.parse(files, version.key), processes
        )
    return _loaded[name]
