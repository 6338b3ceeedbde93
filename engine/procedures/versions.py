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
from engine.procedures.models import ProcedureRelease, ProcedureVersion


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
    known = session.get(ProcedureVersion, hash_of(closure(sources, key), key))
    if known is not None:
        return known
    version = keep(session, sources, key, at=at, by=by, note=note)
    release(session, version, at=at, by=by, note=note, now=at)
    return version


def keep(
    session: Session, sources: Mapping[str, bytes], key: str, *, at: datetime, by: str, note: str
) -> ProcedureVersion:
    """The version these sources make of `key`, added when it is new; it starts no case until it is released."""
    needed = closure(sources, key)
    name = hash_of(needed, key)
    known = session.get(ProcedureVersion, name)
    if known is not None:
        return known
    procedure = assemble(needed, key, name)
    version = ProcedureVersion(
        hash=name,
        key=key,
        title=procedure.title,
        sources={file: source.decode() for file, source in needed.items()},
        note=note,
        published_by=by,
        published_at=at,
        effective_from=at,
    )
    session.add(version)
    session.flush()
    return version


def release(
    session: Session,
    version: ProcedureVersion,
    *,
    at: datetime,
    by: str,
    note: str,
    now: datetime,
    clause: str = "",
    approved_by: str = "",
    proposal_id: int | None = None,
) -> ProcedureRelease:
    """Let new cases start on this version from `at` on; an earlier version may be released again."""
    row = ProcedureRelease(
        key=version.key,
        version=version.hash,
        effective_at=at,
        clause=clause,
        note=note,
        released_by=by,
        approved_by=approved_by,
        released_at=now,
        proposal_id=proposal_id,
    )
    session.add(row)
    session.flush()
    return row


def releases(session: Session, key: str) -> list[ProcedureRelease]:
    """When which version of a procedure was put in force, the latest first."""
    statement = (
        select(ProcedureRelease)
        .where(ProcedureRelease.key == key)
        .order_by(col(ProcedureRelease.effective_at).desc(), col(ProcedureRelease.id).desc())
    )
    return list(session.exec(statement))


def keys(session: Session) -> list[str]:
    """The procedures something starts; every other diagram is called by these."""
    return list(session.exec(select(ProcedureVersion.key).distinct().order_by(col(ProcedureVersion.key))))


def in_force(session: Session, key: str, at: datetime) -> str:
    """The hash of the version a new case of this procedure starts on."""
    statement = (
        select(ProcedureRelease.version)
        .where(ProcedureRelease.key == key, ProcedureRelease.effective_at <= at)
        .order_by(col(ProcedureRelease.effective_at).desc(), col(ProcedureRelease.id).desc())
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
        _loaded[name] = assemble(files, version.key, name)
    return _loaded[name]


def assemble(sources: Mapping[str, bytes], key: str, name: str = "") -> Procedure:
    """A closure ready to run, whether or not it is a version yet; Unusable when the engine cannot read it."""
    processes = {p.id: p for file in sources for p in read(sources[file], file).processes}
    title = processes[key].name if key in processes else key
    definition = spiff.parse(sources, key)
    return Procedure(name or hash_of(sources, key), key, title or key, definition, processes)
