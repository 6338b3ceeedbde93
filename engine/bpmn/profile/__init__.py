"""The profile (流程规范): which diagrams may be published. Findings refuse; there are no warnings.

Only what the engine runs correctly is let through, measured element by element. Nothing of a diagram is
executed here: files are read by `engine.bpmn.reader`, expressions by `engine.bpmn.expressions`, everything is
bounded, and at last the engine itself must read what the rules let through.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from types import MappingProxyType

from engine.bpmn import spiff
from engine.bpmn.model import Decision, Diagram, ProcessModel
from engine.bpmn.profile import (
    elements,
    events,
    flows,
    ids,
    joins,
    outcomes,
    paths,
    processes,
    tables,
    tasks,
)
from engine.bpmn.profile.finding import Finding, Page, World
from engine.bpmn.reader import Unreadable, read
from engine.errors import Unusable

__all__ = ["MAX_FILES", "MAX_FINDINGS", "Finding", "check"]

MAX_FILES = 40
"""Files of one check; a procedure with all it calls has about ten."""

MAX_FINDINGS = 200
"""Findings of one file; nobody reads more before mending the first."""

_Processes = dict[str, tuple[Diagram, ProcessModel]]
_Decisions = dict[str, tuple[Diagram, Decision]]
_NONE: Mapping[str, bytes] = MappingProxyType({})

_read_kept = lru_cache(maxsize=64)(read)
"""What stands behind every check is read once: the shipped procedures, or those in force."""


def check(
    files: Mapping[str, bytes],
    shipped: Mapping[str, bytes] = _NONE,
    actions: Collection[str] | None = None,
    *,
    forms: Collection[str] | None = None,
    names: Collection[str] | None = None,
) -> list[Finding]:
    """Why `files` (name to content) may not be published; an empty list means they may.

    Called processes and decisions are looked up among the files first, then in `shipped`, which is not judged
    itself. `actions` and `forms` are those there are, `names` what a time limit may name (policy values, dates
    of the case); None leaves them unchecked. Never raises for anything a file contains.
    """
    if len(files) > MAX_FILES:
        message = f"一次提交了 {len(files)} 个文件，超过 {MAX_FILES} 个。"
        return [Finding(next(iter(files)), None, 1, "too-many-files", message, "请分几次检查。")]
    diagrams, found = _read(files)
    behind = {f"shipped:{name}": content for name, content in shipped.items()}
    index = _index([*diagrams, *_read(behind, _read_kept)[0]])
    world = World(tuple(diagrams), *index, _frozen(actions), _frozen(forms), _frozen(names))
    found += _claimed_twice(diagrams)
    for diagram in diagrams:
        found += islice(dict.fromkeys(_file(world, diagram)), MAX_FINDINGS)
    if not found:
        found += _engine(world, {**behind, **files})
    return sorted(found, key=lambda one: (one.file, one.line, one.rule, one.element or ""))


def _read(
    files: Mapping[str, bytes], reading: Callable[[bytes, str], Diagram] = read
) -> tuple[list[Diagram], list[Finding]]:
    diagrams, found = [], []
    for name, content in files.items():
        try:
            diagrams.append(reading(content, name))
        except Unreadable as error:
            found.append(Finding(name, None, error.line, error.rule, error.sentence, error.fix))
    return diagrams, found


def _index(diagrams: list[Diagram]) -> tuple[_Processes, _Decisions]:
    """What may be referred to by id; the first of an id counts, so a given file stands before a shipped one."""
    found: _Processes = {}
    decisions: _Decisions = {}
    for diagram in diagrams:
        for process in diagram.processes:
            found.setdefault(process.id, (diagram, process))
        for decision in diagram.decisions:
            decisions.setdefault(decision.id, (diagram, decision))
    return found, decisions


def _frozen(names: Collection[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


def _claimed_twice(diagrams: list[Diagram]) -> Iterator[Finding]:
    """Two given files that define the same process or decision: a call could mean either."""
    seen: dict[str, str] = {}
    for diagram in diagrams:
        claims = {process.id: process.line for process in diagram.processes}
        claims |= {decision.id: decision.line for decision in diagram.decisions}
        for id_, line in claims.items():
            if id_ in seen:
                message = f"编号“{id_[:60]}”在文件 {seen[id_]} 里已经用过。"
                yield Finding(diagram.name, id_, line, "duplicate-process", message, "请改用不同的编号。")
        seen |= dict.fromkeys(claims, diagram.name)


def _file(world: World, diagram: Diagram) -> Iterator[Finding]:
    if diagram.kind == "dmn":
        yield from tables.check(diagram)
        return
    yield from elements.check(diagram)
    yield from ids.check_file(diagram)
    yield from processes.check_file(diagram)
    for process in diagram.processes:
        page = Page(world, diagram.name, process)
        large = list(processes.check_size(page))
        yield from large or _process(page)


def _process(page: Page) -> Iterator[Finding]:
    for rules in (processes, events, tasks, outcomes):
        yield from rules.check(page)
    yield from ids.check_closure(page)
    wiring = [*flows.check(page), *paths.check(page)]
    yield from wiring or joins.check(page)  # tokens can only be moved where the wiring is right


def _engine(world: World, sources: Mapping[str, bytes]) -> Iterator[Finding]:
    """The engine must read what the rules let through; called only when they found nothing."""
    for diagram in world.given:
        for process in diagram.processes:
            closure = world.closure(process)
            needed = {world.processes[key][0].name for key in closure}
            decided = {
                e.decision for called in closure.values() for e in called.elements.values() if e.decision
            }
            needed |= {world.decisions[key][0].name for key in decided if key in world.decisions}
            try:
                spiff.parse({name: sources[name] for name in sorted(needed)}, process.id)
            except Unusable as error:
                fix = "请在编辑器中检查这一步，或去掉最近加入的内容。"
                yield Finding(diagram.name, process.id, process.line, "engine", error.message[:500], fix)
