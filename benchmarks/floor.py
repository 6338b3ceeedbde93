"""The floor under a durable step: SpiffWorkflow, zstd and one SQLite row, with no product around them.

A case is a straight procedure of 15 human tasks and 5 exclusive gateways whose tasks 8 to 10 are done three
times: 21 completions, 4 kB of case data. A step loads the row by id, restores the pruned state on a cached
spec, completes the open task, runs the engine, prunes, compresses and commits. Cases are taken in shuffled
rounds, so that none stays hot. `bare_steps_per_second` does it with SpiffWorkflow's own serializer (what a
step of ours is measured against), `engine_steps_per_second` with `engine.bpmn.spiff`. Run as a module, it
prints one JSON object a line.
"""

import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import zstandard
from lxml import etree
from SpiffWorkflow.bpmn.serializer.workflow import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState

from engine.bpmn import spiff

TASKS = 15
GATEWAYS = (3, 6, 10, 12, 14)
"""Task numbers a gateway follows; the one after task 10 leads back to task 8."""

ORDER = [*range(1, 11), 8, 9, 10, 8, 9, 10, *range(11, TASKS + 1)]
WORDS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥 0123456789"
CASE_DATA = {
    f"field_{number:02d}": "".join(random.Random(number).choices(WORDS, k=70)) for number in range(22)
}
"""About 4 kB as JSON, and no more compressible than forms are."""

Step = Callable[[bytes, int, Mapping[str, object]], bytes]


@dataclass(frozen=True)
class Floor:
    """What a run measured; `cpu_ms` is process time without waiting for the disk."""

    steps: int
    per_second: float
    p50_ms: float
    p95_ms: float
    cpu_ms: float
    blob_bytes: int


def diagram() -> bytes:
    """The procedure as BPMN text."""
    nodes, flows = ['<bpmn:startEvent id="begin"/>', '<bpmn:endEvent id="done"/>'], []
    previous = "begin"
    for number in range(1, TASKS + 1):
        nodes.append(f'<bpmn:userTask id="t{number}"/>')
        flows.append((previous, f"t{number}", None))
        previous = f"t{number}"
        if number in GATEWAYS:
            following = f"t{number + 1}" if number < TASKS else "done"
            nodes.append(f'<bpmn:exclusiveGateway id="g{number}" default="g{number}_{following}"/>')
            flows.append((previous, f"g{number}", None))
            back = ("t8", "rounds &lt; 3") if number == 10 else ("done", f"t{number}_outcome == 'refuse'")
            flows.append((f"g{number}", *back))
            previous = f"g{number}"
    flows.append((previous, "done", None))
    return _document(nodes, flows)


def _document(nodes: list[str], flows: list[tuple[str, str, str | None]]) -> bytes:
    lines = [
        f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">'
        + (f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression>" if condition else "")
        + "</bpmn:sequenceFlow>"
        for source, target, condition in flows
    ]
    space = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    process = f'<bpmn:process id="floor" isExecutable="true">{"".join(nodes + lines)}</bpmn:process>'
    return (
        f'<bpmn:definitions xmlns:bpmn="{space}" targetNamespace="floor" id="d">{process}</bpmn:definitions>'
    ).encode()


class _Bare:
    """SpiffWorkflow alone: cached spec, its own converters for the state, pruned, zstd level 3."""

    def __init__(self) -> None:
        parser = SpiffBpmnParser()
        parser.add_bpmn_xml(etree.fromstring(diagram()))
        self.spec = parser.get_spec("floor")
        self.registry = BpmnWorkflowSerializer.configure(SPIFF_CONFIG)
        self.pack = zstandard.ZstdCompressor(level=3)
        self.unpack = zstandard.ZstdDecompressor()

    def begin(self, data: Mapping[str, object]) -> bytes:
        workflow = BpmnWorkflow(self.spec)
        workflow.task_tree.data.update(data)
        workflow.do_engine_steps()
        return self._save(workflow)

    def step(self, blob: bytes, number: int, form: Mapping[str, object]) -> bytes:
        workflow = self._load(blob)
        task = next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)), None)
        assert task is not None
        assert task.task_spec.name == f"t{number}"
        task.data.update(form)
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


class _Engine:
    """The same with our engine."""

    def __init__(self) -> None:
        self.definition = spiff.parse({"floor.bpmn": diagram()}, "floor")
        self.host = _Nobody()

    def begin(self, data: Mapping[str, object]) -> bytes:
        return spiff.start(self.definition, data, self.host).save()

    def step(self, blob: bytes, number: int, form: Mapping[str, object]) -> bytes:
        instance = spiff.restore(self.definition, blob, self.host)
        (token,) = instance.tokens()
        assert token.element == f"t{number}"
        instance.complete(token.id, "ok", form)
        return instance.save()


def bare_steps_per_second(cases: int = 100, synchronous: str = "FULL", seed: int = 7) -> Floor:
    """SpiffWorkflow alone over `cases` cases (21 steps each) in a fresh SQLite file in WAL mode."""
    bare = _Bare()
    return _measure(bare.begin, bare.step, cases, synchronous, seed)


def engine_steps_per_second(cases: int = 100, synchronous: str = "FULL", seed: int = 7) -> Floor:
    """The same loop with `engine.bpmn.spiff` in SpiffWorkflow's place."""
    ours = _Engine()
    return _measure(ours.begin, ours.step, cases, synchronous, seed)


def _measure(
    begin: Callable[[Mapping[str, Any]], bytes], step: Step, cases: int, synchronous: str, seed: int
) -> Floor:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        database = _open(Path(folder) / "floor.sqlite", synchronous)
        for case in range(cases):
            database.execute("INSERT INTO state VALUES (?, ?)", (case, begin(CASE_DATA | {"case": case})))
        walls, size, cpu = [], 0, 0.0
        for position, number in enumerate(ORDER):
            form = {f"t{number}_outcome": "ok", "rounds": ORDER[: position + 1].count(8)}
            for case in chance.sample(range(cases), cases):
                cpu_before, before = time.process_time(), time.perf_counter()
                database.execute("BEGIN IMMEDIATE")
                (blob,) = database.execute("SELECT blob FROM state WHERE id = ?", (case,)).fetchone()
                kept = step(blob, number, form)
                database.execute("UPDATE state SET blob = ? WHERE id = ?", (kept, case))
                database.execute("COMMIT")
                walls.append(time.perf_counter() - before)
                cpu += time.process_time() - cpu_before
                size = max(size, len(kept))
        database.close()
    return _floor(walls, cpu, size)


def _floor(walls: list[float], cpu: float, size: int) -> Floor:
    quantiles = statistics.quantiles(walls, n=20)
    return Floor(
        steps=len(walls),
        per_second=round(len(walls) / sum(walls), 1),
        p50_ms=round(quantiles[9] * 1000, 3),
        p95_ms=round(quantiles[18] * 1000, 3),
        cpu_ms=round(cpu / len(walls) * 1000, 3),
        blob_bytes=size,
    )


def _open(path: Path, synchronous: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(f"PRAGMA synchronous = {synchronous}")
    database.execute("CREATE TABLE state (id INTEGER PRIMARY KEY, blob BLOB NOT NULL)")
    return database


def main() -> None:
    """Print both loops, FULL and NORMAL, one JSON object a line."""
    for synchronous in ("FULL", "NORMAL"):
        for name, run in (("bare", bare_steps_per_second), ("engine", engine_steps_per_second)):
            print(
                json.dumps(
                    {"benchmark": f"step_{name}", "synchronous": synchronous} | vars(run(60, synchronous))
                )
            )


if __name__ == "__main__":
    main()
