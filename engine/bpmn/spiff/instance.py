"""A running process: where it waits, the one event that moves it on, and what it passed on the way."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, EndEvent, EventBasedGateway
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.specs.defaults import CallActivity, SubWorkflowTask
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.spiff import scope, state
from engine.bpmn.spiff.elements import Awaited, Expressions
from engine.bpmn.spiff.reading import Definition, Node
from engine.bpmn.spiff.values import Host, Passed, Token
from engine.errors import Conflict, Refused

for _name in (
    "spiff.task",
    "spiff.workflow",
):  # below WARNING they list every task for each line, read or not
    logging.getLogger(_name).setLevel(logging.WARNING)

MAX_AUTOMATIC_STEPS = 250
"""Nodes one move may pass by itself: far more than any diagram holds, and shallow enough that SpiffWorkflow's
recursion and its depth limit of 1,000 are never reached before the tree is pruned."""


class Instance:
    """One running process.

    A verb that raises leaves it unfit for use: throw it away, the saved state is untouched. `data` are the
    case's variables (small: ids and decisions). `passed` lists what the last verb passed, in order. A verb
    raises Conflict when the token does not wait for it (any more), Refused when the diagram runs in a circle
    without ever waiting.
    """

    def __init__(self, definition: Definition, workflow: BpmnWorkflow) -> None:
        self._definition = definition
        self._workflow = workflow
        self.passed: list[Passed] = []

    @property
    def data(self) -> dict[str, Any]:
        """The case's variables."""
        found: dict[str, Any] = self._workflow.script_engine.data
        return found

    @property
    def ended(self) -> bool:
        """Whether the process has reached its end."""
        return bool(self._workflow.completed)

    @property
    def outcome(self) -> str | None:
        """The `outcome` of the end event reached last."""
        found: str | None = self._workflow.data.get("outcome")
        return found

    @property
    def end_element(self) -> str | None:
        """The id of the end event reached last."""
        found: str | None = self._workflow.data.get("end")
        return found

    def tokens(self) -> list[Token]:
        """All places where the process waits for a person, a message or a time limit."""
        return [self._token(task, node) for task, node in self._waiting()]

    def complete(self, token: str, outcome: str | None, data: Mapping[str, Any] | None = None) -> None:
        """A person completes a task; sets `<element>_outcome`, adds `data`, and runs on to the next waits."""
        task, node = self._take(token, "human")
        self._note(task, node, outcome, data)
        self._run(task)
        self._advance()

    def deliver(
        self,
        token: str,
        outcome: str | None,
        data: Mapping[str, Any] | None = None,
        *,
        message: str | None = None,
    ) -> None:
        """A message reaches exactly this token; `message`, when given, must be the name it waits for."""
        task, node = self._take(token, "message")
        if message is not None and message != node.message:
            raise Conflict(
                f"步骤“{node.name or node.element}”等待的消息是“{node.message}”，不是“{message}”。"
            )
        self._note(task, node, outcome, data)
        self._happen(task)

    def fire(self, token: str) -> None:
        """The time limit of exactly this token has passed."""
        task, _ = self._take(token, "timer")
        self.passed = []
        self._happen(task)

    def save(self) -> bytes:
        """The live position, compressed (about 1 kB); `restore` takes it with the same definition."""
        return state.dump(self._workflow, self._definition.key)

    def _take(self, token: str, kind: str) -> tuple[Any, Node]:
        for task, node in self._waiting():
            if str(task.id) == token and _kind(node) == kind:
                return task, node
        raise Conflict("这一步已经办结、被撤销或尚未开始，请刷新后查看最新进展。")

    def _waiting(self) -> Iterator[tuple[Any, Node]]:
        nodes = self._definition.nodes
        for workflow in state.live_workflows(self._workflow):
            for task in list(workflow.tasks.values()):
                spec = task.task_spec
                if task.state == TaskState.READY and spec.manual:
                    yield task, nodes[spec]
                elif task.state == TaskState.WAITING and type(spec) is EventBasedGateway:
                    yield from ((child, nodes[child.task_spec]) for child in task.children)
                elif task.state == TaskState.WAITING and isinstance(
                    getattr(spec, "event_definition", None), Awaited
                ):
                    yield task, nodes[spec]

    def _token(self, task: Any, node: Node) -> Token:
        return Token(
            id=str(task.id),
            process=node.process,
            element=node.element,
            kind=_kind(node),
            lane=node.lane,
            name=node.name or None,
            message=node.message,
            expression=node.expression,
            attached_to=_host_of(task),
            item=task.internal_data[scope.SCOPE][node.item] if node.item else None,
        )

    def _note(self, task: Any, node: Node, outcome: str | None, data: Mapping[str, Any] | None) -> None:
        self.passed = []
        scope.assign(task, {**(data or {}), f"{node.element}_outcome": outcome})

    def _happen(self, task: Any) -> None:
        """Let an awaited event come to one task, or to the gateway that waits for it on the task's behalf."""
        catcher, definition = task, getattr(task.task_spec, "event_definition", None)
        if type(task.parent.task_spec) is EventBasedGateway:
            catcher = task.parent
            position = catcher.task_spec.outputs.index(task.task_spec)
            definition = catcher.task_spec.event_definition.event_definitions[position]
        catcher.task_spec.catch(catcher, BpmnEvent(definition))
        catcher.task_spec._update(catcher)
        self._advance()

    def _advance(self) -> None:
        """Run everything that needs nobody, then forget what is finished."""
        for _ in range(MAX_AUTOMATIC_STEPS):
            task = self._next()
            if task is None:
                break
            self._run(task)
        else:
            last = self.passed[-1].name if self.passed else ""
            raise Refused(
                f"流程在“{last}”附近自动循环，超过 {MAX_AUTOMATIC_STEPS} 步仍未停下；请在循环中加入人工步骤。"
            )
        state.prune(self._workflow)
        state.check_reachable(self._workflow)

    def _next(self) -> Any:
        """A task that runs by itself, in the innermost process first."""
        for workflow in reversed(state.live_workflows(self._workflow)):
            for task in workflow.tasks.values():
                if task.state == TaskState.READY and not task.task_spec.manual:
                    return task
        return None

    def _run(self, task: Any) -> None:
        spec = task.task_spec
        if spec._outputs and all(child.triggered for child in task.children):
            spec._predict_hook(task)  # its successors only: predictions are pruned after every step
        node = self._definition.nodes.get(spec)
        if isinstance(spec, SubWorkflowTask | CallActivity):
            self._return(task)
        if node is not None and isinstance(spec, EndEvent):
            task.workflow.data |= {"outcome": node.outcome, "end": node.element}
            scope.assign(task, {f"{task.workflow.spec.name}_outcome": node.outcome})
        task.run()
        if node is not None and task.state == TaskState.COMPLETED:
            outcome = node.outcome or scope.scopes(task)[0].get(f"{node.element}_outcome")
            self.passed.append(Passed(node.process, node.element, node.kind, node.name or None, outcome))

    def _return(self, task: Any) -> None:
        """A called process or subprocess has ended: its outcome is also the calling node's."""
        called = self._workflow.subprocesses[task.id]
        scope.assign(task, {f"{task.task_spec.bpmn_id}_outcome": called.data.get("outcome")})


def start(definition: Definition, data: Mapping[str, Any], host: Host) -> Instance:
    """Begin the process with `data` as its variables and run to the first waits."""
    engine = Expressions(host, dict(data))
    instance = Instance(
        definition, BpmnWorkflow(definition.spec, definition.subprocess_specs, script_engine=engine)
    )
    instance._advance()
    return instance


def restore(definition: Definition, blob: bytes, host: Host) -> Instance:
    """The instance that was saved; Unusable when it was saved under another process or is damaged."""
    return Instance(definition, state.load(definition, blob, Expressions(host, {})))


def _kind(node: Node) -> str:
    if node.message is not None:
        return "message"
    return "timer" if node.expression is not None else "human"


def _host_of(task: Any) -> str | None:
    """For a boundary event, the engine's id of the task it sits on."""
    if not isinstance(task.task_spec, BoundaryEvent):
        return None
    return next(str(one.id) for one in task.parent.children if not isinstance(one.task_spec, BoundaryEvent))
