"""The state of an instance, kept small: pruned after every step, without the diagram, without predictions.

SpiffWorkflow keeps every task that ever ran, walks over all of them at every step, and stops seeing tasks
more than a thousand deep (`max_depth`): a case in its two hundredth round stalls without an error. Only the
live position is kept here, so round 500 costs what round 1 does; what was done is the history's business.
"""

import json
import threading
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import zstandard
from SpiffWorkflow.bpmn.specs.defaults import EventBasedGateway, ParallelGateway
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.spiff.elements import Expressions
from engine.bpmn.spiff.reading import Definition
from engine.errors import Unusable

FORMAT = 1
LEVEL = 3
MAX_STATE_BYTES = 8_000_000

_local = threading.local()


def live_workflows(top: BpmnWorkflow) -> list[Any]:
    """The process and every called one still running, callers first.

    A cancelled multi-instance task drops its instances without cancelling the processes they called; those
    are orphans in `subprocesses` and must not be seen.
    """
    found: list[Any] = [top]
    if top.subprocesses:
        for workflow in found:
            found += [
                top.subprocesses[task.id]
                for task in workflow.tasks.values()
                if task.state == TaskState.STARTED and task.id in top.subprocesses
            ]
    return found


def prune(top: BpmnWorkflow) -> None:
    """Forget what is finished, what is only predicted, and called processes that are no longer live.

    The lowest common finished ancestor of all live tasks is hung under the root. Predictions are made anew
    when a task runs, except the events an event-based gateway waits for: they are tokens and keep their ids.
    """
    live = live_workflows(top)
    for workflow in live:
        _prune_tree(workflow)
    top.subprocesses = {workflow.parent_task_id: workflow for workflow in live[1:]}
    alive = {id_ for workflow in live for id_ in workflow.tasks}
    top.event_manager.tasks = {id_: task for id_, task in top.event_manager.tasks.items() if id_ in alive}


def _prune_tree(workflow: Any) -> None:
    tasks, root = workflow.tasks, workflow.task_tree
    anchor = _anchor(workflow)
    kept = {root.id: root, anchor.id: anchor}
    if anchor is not root:
        root._children, anchor._parent = [anchor.id], root.id
    waiting = [anchor]
    while waiting:
        task = waiting.pop()
        if task.state == TaskState.WAITING and type(task.task_spec) is EventBasedGateway:
            task.task_spec._predict_hook(task)
        else:
            task._children = [id_ for id_ in task._children if tasks[id_].state >= TaskState.WAITING]
        for id_ in task._children:
            kept[id_] = tasks[id_]
            waiting.append(tasks[id_])
    if workflow.last_task is not None and workflow.last_task.id not in kept:
        workflow.last_task = anchor
    workflow.tasks = kept


def _anchor(workflow: Any) -> Any:
    """The lowest finished task above everything live, and above the inputs a waiting join has counted.

    A join that waits has cancelled its earlier arrivals but still counts their parents: those branches stay.
    """
    tasks = workflow.tasks
    needed = [one for one in tasks.values() if TaskState.WAITING <= one.state < TaskState.COMPLETED]
    joins = {one.task_spec for one in needed if type(one.task_spec) is ParallelGateway}
    if joins:
        needed += [
            one for one in tasks.values() if one.state == TaskState.CANCELLED and one.task_spec in joins
        ]
    common: list[Any] | None = None
    for task in needed:
        above = _ancestors(tasks, task)
        common = above if common is None else [one for one in common if one in above]
    finished = (one for one in common or [] if one.state >= TaskState.COMPLETED)
    return next(finished, workflow.task_tree)


def _ancestors(tasks: dict[UUID, Any], task: Any) -> list[Any]:
    """From the parent up to the root."""
    found = []
    above = tasks.get(task._parent)
    while above is not None:
        found.append(above)
        above = tasks.get(above._parent)
    return found


def check_reachable(top: BpmnWorkflow) -> None:
    """A task that could go on must be one SpiffWorkflow still sees; anything else is a stalled case."""
    ready = {
        task.id
        for workflow in live_workflows(top)
        for task in workflow.tasks.values()
        if task.state == TaskState.READY
    }
    seen = {task.id for task in top.get_tasks(state=TaskState.READY)} if ready else ready
    if not ready <= seen:
        raise AssertionError(f"tasks lost by the engine: {sorted(map(str, ready - seen))}")


def dump(top: BpmnWorkflow, key: str) -> bytes:
    """The live position as bytes: JSON with a format version, compressed; the workflow is already pruned."""
    state = {
        "format": FORMAT,
        "key": key,
        "data": top.script_engine.data,
        "workflows": [
            [
                workflow.parent_task_id.hex if workflow.parent_task_id else None,
                workflow.completed,
                workflow.data,
                list(_rows(workflow)),
            ]
            for workflow in live_workflows(top)
        ],
    }
    return pack(state)


def pack(state: dict[str, Any]) -> bytes:
    """A saved position as it is kept."""
    text = json.dumps(state, ensure_ascii=False, separators=(",", ":"))
    return bytes(_compressor().compress(text.encode()))


def unpack(blob: bytes, definition: Definition) -> dict[str, Any]:
    """A saved position as plain values; Unusable when it is damaged or was saved under another process."""
    try:
        state: dict[str, Any] = json.loads(_decompressor().decompress(blob, max_output_size=MAX_STATE_BYTES))
    except (zstandard.ZstdError, ValueError) as error:
        raise Unusable("保存的流程状态已损坏，无法读取；请从备份恢复该办件。") from error
    if state["format"] != FORMAT or state["key"] != definition.key:
        raise Unusable(
            f"保存的流程状态（流程“{state['key']}”，格式 {state['format']}）不能按流程“{definition.key}”"
            f"格式 {FORMAT} 读取；请用保存时的流程版本打开。"
        )
    return state


def _rows(workflow: Any) -> Iterator[list[Any]]:
    """Each task after its parent: id, position of the parent, state, spec, triggered, internal data."""
    tasks = workflow.tasks
    waiting: list[tuple[Any, int | None]] = [(workflow.task_tree, None)]
    position = 0
    while waiting:
        task, parent = waiting.pop()
        yield [task.id.hex, parent, task.state, task.task_spec.name, int(task.triggered), task.internal_data]
        waiting += [(tasks[id_], position) for id_ in reversed(task._children)]
        position += 1


def load(definition: Definition, blob: bytes, engine: Expressions) -> BpmnWorkflow:
    """The workflow that `dump` was given, on the shared spec; `engine.data` becomes the saved case data."""
    state = unpack(blob, definition)
    engine.data = state["data"]
    top = BpmnWorkflow(definition.spec, definition.subprocess_specs, script_engine=engine, deserializing=True)
    for parent, completed, data, rows in state["workflows"]:
        workflow = top if parent is None else _called(top, UUID(hex=parent))
        workflow.completed, workflow.data = completed, data
        _grow(workflow, rows, definition)
    return top


def _called(top: BpmnWorkflow, parent_id: UUID) -> BpmnSubWorkflow:
    caller = top.get_task_from_id(parent_id)
    spec = top.subprocess_specs[caller.task_spec.spec]
    workflow = BpmnSubWorkflow(spec, parent_id, top, deserializing=True)
    workflow.completed_event.connect(caller.task_spec._on_subworkflow_completed, caller)
    top.subprocesses[parent_id] = workflow
    return workflow


def _grow(workflow: Any, rows: list[list[Any]], definition: Definition) -> None:
    specs, manager = workflow.spec.task_specs, workflow.top_workflow.event_manager
    grown: list[Task] = []
    for id_, parent, state, name, triggered, internal_data in rows:
        if name not in specs:
            raise Unusable(
                f"保存的流程状态停在流程“{definition.key}”中已不存在的节点“{name}”；请用保存时的流程版本打开。"
            )
        above = None if parent is None else grown[parent]
        task = Task(workflow, specs[name], above, state, UUID(hex=id_))
        task.triggered, task.internal_data = bool(triggered), internal_data
        if state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):
            manager.add_task(task)
        grown.append(task)
    workflow.task_tree = grown[0]


def _compressor() -> Any:
    """One for each thread: they are dear to make and not to be shared."""
    if not hasattr(_local, "compressor"):
        _local.compressor = zstandard.ZstdCompressor(level=LEVEL)
    return _local.compressor


def _decompressor() -> Any:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    return _local.decompressor
