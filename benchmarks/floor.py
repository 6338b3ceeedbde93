"""The floor under a durable step: SpiffWorkflow, zstd and one SQLite row, with no product around them.

A step loads the row by id, restores the pruned state on a cached spec, completes the open task, runs the engine,
prunes, compresses and commits, with synchronous=FULL in WAL mode. `spiff` does it with SpiffWorkflow's own
serializer (what a step of ours is measured against) and carries the 4 kB of case data in its state; `engine` does
it with `engine.bpmn.spiff`, whose cases keep their data in rows.

    python -m benchmarks.floor
"""

import json
import random
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from uuid import UUID

import zstandard
from lxml import etree
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState

from benchmarks import lifecycle
from benchmarks.timing import Laps, report
from engine.bpmn import spiff

CASES = 60


class Machine(Protocol):
    """A process engine with nothing around it: states are bytes."""

    def begin(self, data: Mapping[str, object]) -> bytes:
        """The state of a new case at its first task."""
        ...

    def step(self, blob: bytes, element: str, outcome: str) -> bytes:
        """The state after the waiting task, which must be `element`, was completed."""
        ...


class Bare:
    """SpiffWorkflow alone: cached spec, its own converters for the state, pruned, zstd level 3."""

    def __init__(self, source: bytes, key: str) -> None:
        parser = SpiffBpmnParser()
        parser.add_bpmn_xml(etree.fromstring(source))
        self.spec = parser.get_spec(key)
        self.registry = BpmnWorkflowSerializer.configure(SPIFF_CONFIG)
        self.pack = zstandard.ZstdCompressor(level=3)
        self.unpack = zstandard.ZstdDecompressor()

    def begin(self, data: Mapping[str, object]) -> bytes:
        workflow = BpmnWorkflow(self.spec)
        workflow.task_tree.data.update(data)
        workflow.do_engine_steps()
        return self._save(workflow)

    def step(self, blob: bytes, element: str, outcome: str) -> bytes:
        workflow = self._load(blob)
        task = next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)), None)
        assert task is not None
        assert task.task_spec.name == element
        task.data[f"{element}_outcome"] = outcome
        task.run()
        workflow.do_engine_steps()
        return self._save(workflow)

    def _save(self, workflow: BpmnWorkflow) -> bytes:
        if not workflow.completed:
            _prune(workflow)
        state = {
            "data": workflow.data,
            "completed": workflow.completed,
            "success": workflow.success,
            "last_task": str(workflow.last_task.id),
            "root": str(workflow.task_tree.id),
            "tasks": {str(id_): self.registry.convert(task) for id_, task in workflow.tasks.items()},
        }
        return bytes(self.pack.compress(json.dumps(state, ensure_ascii=False).encode()))

    def _load(self, blob: bytes) -> BpmnWorkflow:
        state = json.loads(self.unpack.decompress(blob))
        workflow = BpmnWorkflow(self.spec, deserializing=True)
        for row in state["tasks"].values():
            self.registry.restore(row, workflow=workflow)
        workflow.task_tree = workflow.tasks[UUID(state["root"])]
        workflow.last_task = workflow.tasks.get(UUID(state["last_task"]))
        workflow.success, workflow.completed, workflow.data = (
            state["success"],
            state["completed"],
            state["data"],
        )
        return workflow


def _prune(workflow: BpmnWorkflow) -> None:
    """Keep the root, the finished task above the open one, and what follows it (a straight case has one)."""
    root = workflow.task_tree
    keep = next(iter(workflow.get_tasks(state=TaskState.READY))).parent
    if keep is root:
        return
    kept = {task.id: task for task in [root, *keep]}
    root._children, keep._parent = [keep.id], root.id
    workflow.tasks = kept
    workflow.last_task = keep


class _Nobody:
    """A host with no policy and no actions."""

    def names(self) -> Mapping[str, object]:
        return {}

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:  # noqa: ARG002
        raise AssertionError


class Ours:
    """The same with our engine."""

    def __init__(self, source: bytes, key: str) -> None:
        self.definition = spiff.parse({f"{key}.bpmn": source}, key)
        self.host = _Nobody()

    def begin(self, data: Mapping[str, object]) -> bytes:  # noqa: ARG002
        return spiff.start(self.definition, {}, self.host).save()

    def step(self, blob: bytes, element: str, outcome: str) -> bytes:
        instance = spiff.restore(self.definition, blob, self.host)
        (token,) = instance.tokens()
        assert token.element == element
        instance.complete(token.id, outcome)
        return instance.save()


@dataclass(frozen=True)
class Loop:
    """A machine over one table of one SQLite file."""

    machine: Machine
    database: sqlite3.Connection

    def open_cases(self, count: int) -> range:
        """New cases, each at its first task; returns their numbers."""
        rows = [(case, self.machine.begin(lifecycle.CASE_DATA | {"case": case})) for case in range(count)]
        self.database.execute("BEGIN IMMEDIATE")
        self.database.executemany("INSERT INTO state VALUES (?, ?)", rows)
        self.database.execute("COMMIT")
        return range(count)

    def step(self, case: int, element: str, outcome: str) -> None:
        """One durable step: one row read, one written, one commit."""
        self.database.execute("BEGIN IMMEDIATE")
        (blob,) = self.database.execute("SELECT blob FROM state WHERE id = ?", (case,)).fetchone()
        kept = self.machine.step(blob, element, outcome)
        self.database.execute("UPDATE state SET blob = ? WHERE id = ?", (kept, case))
        self.database.execute("COMMIT")

    def state_bytes(self) -> int:
        """The largest state kept."""
        found: int = self.database.execute("SELECT max(length(blob)) FROM state").fetchone()[0]
        return found


def open_loop(machine: Machine, folder: str) -> Loop:
    """The loop on a new file in a folder."""
    database = sqlite3.connect(Path(folder) / "floor.sqlite", isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL"):
        database.execute(f"PRAGMA {pragma}")
    database.execute("CREATE TABLE state (id INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
    return Loop(machine, database)


def measure(make: Callable[[bytes, str], Machine], cases: int = CASES, seed: int = 7) -> dict[str, Any]:
    """All steps of so many cases, in shuffled rounds so that none stays hot."""
    chance, laps = random.Random(seed), Laps()
    with TemporaryDirectory() as folder:
        loop = open_loop(make(lifecycle.straight(), "straight"), folder)
        numbers = loop.open_cases(cases)
        for element, outcome in lifecycle.ANSWERS:
            for case in chance.sample(numbers, cases):
                with laps:
                    loop.step(case, element, outcome)
        size = loop.state_bytes()
        loop.database.close()
    return laps.summary() | {"state_bytes": size}


def main() -> None:
    """Print both loops, one JSON object a line."""
    report("floor.spiff", measure(Bare))
    report("floor.engine", measure(Ours))


if __name__ == "__main__":
    main()
