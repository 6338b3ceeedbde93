"""A proof in words: each property of each procedure, a counter-example as named steps in order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.bpmn import proof
from engine.bpmn.model import ProcessModel
from engine.bpmn.proof import Proof, Property
from engine.bpmn.reader import read
from web.language import label


@dataclass(frozen=True)
class Step:
    """One step of a walk: its id as the proof writes it, and the name people know it by."""

    path: str
    name: str


@dataclass(frozen=True)
class Verdict:
    """One property in words; `holds` None when the search was stopped before it was certain."""

    file: str
    title: str
    holds: bool | None
    walk: tuple[Step, ...]


@dataclass(frozen=True)
class Judged:
    """One process with its verdicts, those that fail first."""

    process: str
    title: str
    states: int
    verdicts: tuple[Verdict, ...]

    @property
    def holds(self) -> bool:
        """Whether everything was proved."""
        return all(one.holds for one in self.verdicts)


def judged(proofs: Iterable[Proof], files: Mapping[str, bytes]) -> list[Judged]:
    """The proofs in words; `files` name the steps, called procedures included."""
    processes = {process.id: process for name in files for process in read(files[name], name).processes}
    found = [_judged(one, processes) for one in proofs]
    return sorted(found, key=lambda one: one.holds)


def judged_report(report: Iterable[Mapping[str, Any]], files: Mapping[str, bytes]) -> list[Judged]:
    """The proofs kept with a proposal, in words."""
    by_process: dict[str, list[proof.Verdict]] = {}
    for row in report:
        verdict = proof.Verdict(row["file"], row["property"], row["holds"], tuple(row["walk"]))
        by_process.setdefault(row["process"], []).append(verdict)
    return judged([Proof(each[0].file, key, 0, tuple(each)) for key, each in by_process.items()], files)


def _judged(one: Proof, processes: Mapping[str, ProcessModel]) -> Judged:
    verdicts = [
        Verdict(
            verdict.file,
            label(Property, verdict.property),
            verdict.holds,
            tuple(Step(path, step_name(path, one.process, processes)) for path in verdict.walk),
        )
        for verdict in one.verdicts
    ]
    process = processes.get(one.process)
    title = process.name if process else one.process
    order = (False, None, True)
    return Judged(one.process, title, one.states, tuple(sorted(verdicts, key=lambda v: order.index(v.holds))))


def step_name(path: str, process: str, processes: Mapping[str, ProcessModel]) -> str:
    """`post_subsidy:disbursement/record` as people read it: 后补助项目：拨付 / 登记拨付."""
    outer, _, inner = path.rpartition(":")
    current = processes.get(outer or process)
    names = [current.name] if outer and current else []
    for id_ in inner.split("/"):
        element = current.elements.get(id_) if current else None
        names.append((element.name if element else "") or id_)
        current = processes.get((element.called or "") if element else "", current)
    return " / ".join(names)
