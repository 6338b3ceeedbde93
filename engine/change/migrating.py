"""Planning a migration (迁移方案): every running case of a version judged, and rehearsed on copies.

The plan says for every running process of the old version whether it may go, and why not. A rehearsal carries
copies of the saved states over and looks at them; nothing is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from engine import history
from engine.bpmn import spiff
from engine.cases import door
from engine.cases.models import CaseFile, Process, ProcessState
from engine.cases.stepping_back import line_of_moves
from engine.change.feasibility import Judgement, Passage, Standing
from engine.errors import KeguanError, Refused, Unusable
from engine.procedures import versions

CHAINS_AT_ONCE = 200
"""Histories read by one statement."""


@dataclass(frozen=True)
class StepMap:
    """A step somebody waits at and where it leads: the same id, one mapped by hand, or nowhere yet."""

    process: str
    element: str
    name: str
    new_element: str | None
    new_name: str
    cases: int
    choices: tuple[tuple[str, str], ...] = ()
    """The steps of the new diagram it may be mapped to (id, name)."""


@dataclass(frozen=True)
class CaseVerdict:
    """One running process: where it stands and whether it may go, with every reason and what would be skipped."""

    process_id: int
    case_id: int | None
    number: str | None
    title: str
    standing: tuple[str, ...]
    go: bool
    reasons: tuple[str, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class MigrationPlan:
    """Everything to decide on before a batch begins. `mapping` is "process/element" to an element."""

    key: str
    from_version: str
    to_version: str
    mapping: Mapping[str, str]
    steps: tuple[StepMap, ...]
    cases: tuple[CaseVerdict, ...]


@dataclass(frozen=True)
class Rehearsal:
    """What became of a copy: the steps before and after, or why it would fail."""

    process_id: int
    ok: bool
    before: tuple[str, ...]
    after: tuple[str, ...]
    message: str


class Nobody:
    """A host for reading a saved state: a process that is not moved asks for nothing."""

    def names(self) -> Mapping[str, object]:
        """Nothing is evaluated."""
        return {}

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:  # noqa: ARG002
        """Nothing is done."""
        raise LookupError(f"a state that is only read asked for {operator}")


def plan(
    session: Session,
    from_version: str,
    to_version: str,
    mapping: Mapping[str, str] | None = None,
    *,
    now: datetime,  # noqa: ARG001 - a plan is of this moment; the page shows it
) -> MigrationPlan:
    """Judge every running process of a version; `mapping` is what was mapped by hand so far.

    Raises NotFound for an unknown version, Refused when the two are not versions of one procedure, Unusable for
    a mapping that names what is not there.
    """
    passage = passage_between(session, from_version, to_version, mapping or {})
    running = _running(session, from_version)
    where = {row.id or 0: spiff.standing(passage.old.definition, state) for row, _, state in running}
    been = passed_of(session, [row for row, _, _ in running])
    cases = []
    for row, case, _ in running:
        at = Standing(tuple(been.get(row.id or 0, ())), tuple(where[row.id or 0]))
        cases.append(_verdict(passage, row, case, at, passage.judge(at)))
    return MigrationPlan(
        passage.old.key,
        from_version,
        to_version,
        dict(mapping or {}),
        tuple(_steps(passage, list(where.values()))),
        tuple(cases),
    )


def passage_between(session: Session, old: str, new: str, mapping: Mapping[str, str]) -> Passage:
    """The way between two versions of one procedure, with what was mapped by hand."""
    before, after = versions.load(session, old), versions.load(session, new)
    if before.key != after.key or old == new:
        raise Refused("只能在同一流程的两个不同版本之间迁移；请重新选择版本。")
    found = {}
    for name, target in mapping.items():
        process, _, element = name.partition("/")
        if process not in before.processes or element not in before.processes[process].elements:
            raise Unusable(f"旧图中没有步骤“{name}”；请重新选择对应关系。")
        if process not in after.processes or target not in after.processes[process].elements:
            raise Unusable(f"新图中没有步骤“{target}”；请重新选择“{name}”对应的步骤。")
        found[process, element] = target
    return Passage(before, after, found)


def _running(session: Session, version: str) -> list[tuple[Process, CaseFile | None, bytes]]:
    statement = (
        select(Process, CaseFile, ProcessState.state)
        .join(
            ProcessState,
            (col(ProcessState.process_id) == Process.id) & (col(ProcessState.revision) == Process.revision),
        )
        .outerjoin(CaseFile, col(CaseFile.id) == Process.case_id)
        .where(Process.version == version, col(Process.ended_at).is_(None))
        .order_by(col(Process.id))
    )
    return [(row, case, state) for row, case, state in session.exec(statement)]


@dataclass(frozen=True)
class Told:
    """What one entry of a history tells of the way: the step it was about, and what was passed, by today's ids."""

    at: tuple[str, str] | None
    passed: tuple[tuple[str, str, str | None], ...]


MOVES = frozenset({"complete", "message", "timer"})


def passed_of(session: Session, processes: Sequence[Process]) -> dict[int, list[tuple[str, str]]]:
    """What each process has passed on the way to where it stands, in order, as (process, element)."""
    found = {}
    for row, chain in zip(processes, entries_of(session, processes).values(), strict=True):
        line = line_of_moves(row, chain)
        told = [renamed(entry, line) for entry in line]
        found[row.id or 0] = [(process, one) for each in told for process, one, _ in each.passed]
    return found


def renamed(entry: history.HistoryEntry, line: Sequence[history.HistoryEntry]) -> Told:
    """An entry's ids as the migrations after it renamed them."""
    later = [
        {tuple(name.split("/", 1)): new for name, new in other.payload.get("mapping", {}).items()}
        for other in line
        if other.verb == "migrate" and other.seq > entry.seq
    ]

    def now(process: str, element: str) -> str:
        for mapping in later:
            element = mapping.get((process, element), element)
        return element

    passed = tuple((process, now(process, one), outcome) for process, one, outcome in entry.payload["passed"])
    at = None
    if entry.verb in MOVES:
        about = ((process, one) for process, one, _ in entry.payload["passed"] if one == entry.element)
        at = next(((process, now(process, one)) for process, one in about), None)
    return Told(at, passed)


def entries_of(session: Session, processes: Sequence[Process]) -> dict[int, list[history.HistoryEntry]]:
    """The history each process writes to, by the process, a few statements for all."""
    chains = list(dict.fromkeys(door.chain_of(row) for row in processes))
    found: dict[str, list[history.HistoryEntry]] = {chain: [] for chain in chains}
    for start in range(0, len(chains), CHAINS_AT_ONCE):
        some = chains[start : start + CHAINS_AT_ONCE]
        statement = (
            select(history.HistoryEntry)
            .where(col(history.HistoryEntry.chain).in_(some))
            .order_by(col(history.HistoryEntry.chain), col(history.HistoryEntry.seq))
        )
        for entry in session.exec(statement):
            found[entry.chain].append(entry)
    return {row.id or 0: found[door.chain_of(row)] for row in processes}


def _verdict(
    passage: Passage, row: Process, case: CaseFile | None, at: Standing, found: Judgement
) -> CaseVerdict:
    return CaseVerdict(
        process_id=row.id or 0,
        case_id=row.case_id,
        number=case.number if case else None,
        title=case.title if case else str(row.subject.get("title", "")),
        standing=tuple(_names(passage, at.open)),
        go=found.go,
        reasons=found.reasons,
        skipped=found.skipped,
    )


WAITING_KINDS = frozenset({"userTask", "manualTask", "receiveTask", "intermediateCatchEvent"})


def _names(passage: Passage, at: Sequence[tuple[str, str]]) -> list[str]:
    """The steps somebody or something is waited for at; the calls around them are not told."""
    elements = [passage.old.element(*one) for one in at]
    return [one.name or one.id for one in elements if one.kind in WAITING_KINDS]


def _steps(passage: Passage, standings: Sequence[Sequence[tuple[str, str]]]) -> list[StepMap]:
    """The map: every step a case is at, and what it becomes."""
    counts: dict[tuple[str, str], int] = {}
    for at in standings:
        for one in at:
            if passage.old.element(*one).kind in WAITING_KINDS:
                counts[one] = counts.get(one, 0) + 1
    found = []
    for (process, element), cases in sorted(counts.items()):
        before = passage.old.element(process, element)
        renewed = passage.new.processes.get(process)
        target = passage.mapping.get((process, element), element)
        after = renewed.elements.get(target) if renewed else None
        choices = [
            (one.id, one.name or one.id)
            for one in (renewed.elements.values() if renewed else ())
            if one.kind == before.kind and one.parent == before.parent
        ]
        found.append(
            StepMap(
                process,
                element,
                before.name,
                after.id if after else None,
                after.name if after else "",
                cases,
                tuple(choices),
            )
        )
    return found


def carried(passage: Passage, state: bytes) -> bytes:
    """A saved state as a state of the new version."""
    by_scope = {
        (passage.old.element(process, element).parent, element): target
        for (process, element), target in passage.mapping.items()
    }
    return spiff.migrate(passage.old.definition, passage.new.definition, state, by_scope)


def rehearse(session: Session, planned: MigrationPlan, *, now: datetime) -> list[Rehearsal]:  # noqa: ARG001
    """Carry a copy of every case that may go over, and restore it; nothing is written."""
    passage = passage_between(session, planned.from_version, planned.to_version, planned.mapping)
    going = {one.process_id for one in planned.cases if one.go}
    found = []
    for row, _, state in _running(session, planned.from_version):
        if row.id not in going:
            continue
        before = spiff.restore(passage.old.definition, state, Nobody()).tokens()
        try:
            after = spiff.restore(passage.new.definition, carried(passage, state), Nobody()).tokens()
        except KeguanError as error:
            found.append(
                Rehearsal(row.id or 0, ok=False, before=_told(before), after=(), message=error.message)
            )
            continue
        found.append(Rehearsal(row.id or 0, ok=True, before=_told(before), after=_told(after), message=""))
    return found


def _told(tokens: Sequence[spiff.Token]) -> tuple[str, ...]:
    return tuple(token.name or token.element for token in tokens)
