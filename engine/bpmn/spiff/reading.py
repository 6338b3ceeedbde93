"""From files to a `Definition`: the parsed closure of one process, shared read-only by cases and threads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.control import (
    BoundaryEventJoin,
    BoundaryEventSplit,
    BpmnStartTask,
    SimpleBpmnTask,
    _EndJoin,
)
from SpiffWorkflow.bpmn.specs.defaults import (
    BoundaryEvent,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    ParallelGateway,
    StartEvent,
)
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition
from SpiffWorkflow.spiff.parser import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.event_parsers import (
    SpiffBoundaryEventParser,
    SpiffIntermediateCatchEventParser,
    SpiffReceiveTaskParser,
)
from SpiffWorkflow.spiff.parser.task_spec import ServiceTaskParser
from SpiffWorkflow.spiff.specs.defaults import (
    BusinessRuleTask,
    CallActivity,
    ManualTask,
    NoneTask,
    ParallelMultiInstanceTask,
    ReceiveTask,
    SequentialMultiInstanceTask,
    SubWorkflowTask,
    UserTask,
)
from SpiffWorkflow.spiff.specs.event_definitions import SignalEventDefinition

from engine.bpmn import reader, safe_xml
from engine.bpmn.model import Decision, Element
from engine.bpmn.spiff.elements import Awaited, DecisionTable, NamedAction
from engine.bpmn.spiff.scope import Collection, Item, Results
from engine.errors import Unusable

_MULTI_INSTANCE = (ParallelMultiInstanceTask, SequentialMultiInstanceTask)
_EVENTS = (BoundaryEvent, EndEvent, IntermediateCatchEvent, IntermediateThrowEvent, ReceiveTask, StartEvent)
_SPECS = frozenset(
    {
        *(BoundaryEventJoin, BoundaryEventSplit, BpmnStartTask, SimpleBpmnTask, _EndJoin),
        *(BusinessRuleTask, ManualTask, NamedAction, NoneTask, UserTask, SubWorkflowTask, CallActivity),
        *(EventBasedGateway, ExclusiveGateway, ParallelGateway, *_MULTI_INSTANCE, *_EVENTS),
    }
)
"""Everything the engine runs correctly; a diagram with anything else is not read."""

_DEFINITIONS = {
    StartEvent: (NoneEventDefinition,),
    EndEvent: (NoneEventDefinition, TerminateEventDefinition),
    IntermediateThrowEvent: (NoneEventDefinition, SignalEventDefinition),
    BoundaryEvent: (Awaited, SignalEventDefinition),
    # None: it stands behind an event-based gateway, which has taken its definition over
    ReceiveTask: (Awaited, NoneEventDefinition),
    IntermediateCatchEvent: (Awaited, SignalEventDefinition, NoneEventDefinition),
}

MAX_PREDICTED = 3_000
"""Tasks predicted at once; a straight process of a hundred nodes needs a hundred."""

_AWAITED = (Awaited, SignalEventDefinition)


@dataclass(frozen=True, slots=True)
class Node:
    """What the product wants to know of a node while it runs."""

    process: str
    element: str
    kind: str
    name: str
    lane: str | None
    outcome: str | None
    message: str | None
    expression: str | None
    item: str | None


@dataclass(frozen=True)
class Definition:
    """A process `key` with everything it calls. Never changed after `parse`, so threads may share it.

    `nodes` tells what stands behind each of the engine's task specs; its helper specs have none.
    """

    key: str
    spec: Any
    subprocess_specs: Mapping[str, Any]
    nodes: Mapping[Any, Node]


class _Waits:
    """Reads time limits and messages as `Awaited`: SpiffWorkflow never parses or evaluates a timer."""

    def parse_timer_event(self, event: Any) -> Awaited:
        return Awaited(event.getparent().get("id"), "timer")

    def parse_message_event(self, message_event: Any) -> Awaited:
        node = message_event if message_event.get("id") == self.bpmn_id else message_event.getparent()  # type: ignore[attr-defined]
        return Awaited(node.get("id"), "message")


class _CatchParser(_Waits, SpiffIntermediateCatchEventParser):  # type: ignore[misc] # no types
    """Reads an intermediate catching event."""


class _BoundaryParser(_Waits, SpiffBoundaryEventParser):  # type: ignore[misc]
    """Reads a boundary event."""


class _ReceiveParser(_Waits, SpiffReceiveTaskParser):  # type: ignore[misc]
    """Reads a receive task."""


class _Parser(SpiffBpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = SpiffBpmnParser.OVERRIDE_PARSER_CLASSES | {
        full_tag("boundaryEvent"): (_BoundaryParser, BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_CatchParser, IntermediateCatchEvent),
        full_tag("receiveTask"): (_ReceiveParser, ReceiveTask),
        full_tag("serviceTask"): (ServiceTaskParser, NamedAction),
    }

    def __init__(self, decisions: Mapping[str, Decision]) -> None:
        super().__init__()
        self.decisions = decisions

    def get_engine(self, decision_ref: str, node: Any) -> DecisionTable:
        """Our own decision table in the place of SpiffWorkflow's."""
        if decision_ref not in self.decisions:
            raise ValidationException(f"没有决策表“{decision_ref}”", node=node)
        return DecisionTable(self.decisions[decision_ref])


def parse(sources: Mapping[str, bytes], key: str) -> Definition:
    """Read `sources` (file name to BPMN or DMN text) into the process `key` and all it calls.

    This is not the linter: it refuses, with Unusable and a sentence, only what cannot be run safely.
    """
    diagrams = [reader.read(source, name) for name, source in sources.items()]
    roots = {name: safe_xml.parse(source, name) for name, source in sources.items()}
    parser = _Parser({decision.id: decision for diagram in diagrams for decision in diagram.decisions})
    try:
        for diagram in diagrams:
            if diagram.kind == "bpmn":
                parser.add_bpmn_xml(_tidy(roots[diagram.name]), diagram.name)
        spec = parser.get_spec(key)
        called = parser.get_subprocess_specs(key)
    except ValidationException as error:
        raise Unusable(_sentence(key, error)) from error
    except Exception as error:  # a parser of foreign text: whatever it trips over, the diagram is unusable
        raise Unusable(
            f"流程“{key}”无法读取（{type(error).__name__}：{error}）；请在编辑器中检查流程图。"
        ) from error
    specs = {spec.name: spec, **called}
    elements = {
        (element.parent, element.id): element
        for diagram in diagrams
        for process in diagram.processes
        if process.id in specs
        for element in process.elements.values()
    }
    return Definition(key, spec, called, dict(_nodes(specs, elements)))


def _nodes(
    specs: Mapping[str, Any], elements: Mapping[tuple[str, str], Element]
) -> Iterator[tuple[Any, Node]]:
    """Check every task spec, give multi-instance tasks their scopes, and pair each with its node."""
    for name, spec in specs.items():
        if spec.data_objects or spec.io_specification:
            raise Unusable(f"流程“{name}”使用了数据对象，本系统不支持；请改用办理结果和具名动作。")
        _refuse_endless(spec)
        for task_spec in list(spec.task_specs.values()):
            element = elements.get((name, task_spec.bpmn_id))
            _check(task_spec, element)
            if isinstance(task_spec, _MULTI_INSTANCE):
                _prepare(task_spec)
            if element is not None:
                yield task_spec, _node(task_spec, element)


def _refuse_endless(spec: Any) -> None:
    """SpiffWorkflow predicts every path up to the next choice: a circle without one never ends, and parallel
    blocks in a row double the paths each time.
    """
    choices = (ExclusiveGateway, EventBasedGateway, BoundaryEvent)
    follows = {
        one.name: [] if isinstance(one, choices) else [after.name for after in one.outputs]
        for one in spec.task_specs.values()
    }
    sizes: dict[str, int] = {}
    try:
        for name in TopologicalSorter(follows).static_order():
            sizes[name] = 1 + sum(sizes[after] for after in follows[name])
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise Unusable(f"流程“{spec.name}”中的循环 {circle} 没有出口；请在循环中加入排他网关。") from error
    if max(sizes.values()) > MAX_PREDICTED:
        raise Unusable(f"流程“{spec.name}”连续的并行分支太多；请把一部分并行分支放进子流程。")


def _check(task_spec: Any, element: Element | None) -> None:
    """Refuse what SpiffWorkflow would run wrongly, or as Python."""
    problem = _problem(task_spec, element)
    if problem:
        where = f"第 {element.line} 行的“{element.name or element.id}”" if element else f"“{task_spec.name}”"
        raise Unusable(f"{where}{problem}")


def _problem(task_spec: Any, element: Element | None) -> str | None:
    if type(task_spec) not in _SPECS:
        return "是本系统不支持的节点；请改用人工步骤、具名动作、决策表或网关。"
    if element is not None and _is_nameless(element):
        return "没有写明等待哪条消息或多长期限；请补全。"
    if not _has_known_events(task_spec):
        return "是本系统不支持的事件；请改用消息、期限或信号。"
    if getattr(task_spec, "prescript", None) or getattr(task_spec, "postscript", None):
        return "带有脚本，本系统不执行脚本；请改用具名动作。"
    if task_spec.io_specification or task_spec.data_input_associations or task_spec.data_output_associations:
        return "使用了数据对象，本系统不支持；请改用办理结果和具名动作。"
    return None


def _has_known_events(task_spec: Any) -> bool:
    definition = getattr(task_spec, "event_definition", None)
    if isinstance(task_spec, EventBasedGateway):
        return all(isinstance(one, _AWAITED) for one in task_spec.event_definition.event_definitions)
    return definition is None or isinstance(definition, _DEFINITIONS[type(task_spec)])


def _is_nameless(element: Element) -> bool:
    """Whether a node waits without saying for what."""
    if element.kind == "receiveTask":
        return not element.message
    if element.kind == "intermediateCatchEvent" and not element.events:
        return True
    return any(
        not (event.timer.text if event.timer else event.name)
        for event in element.events
        if event.kind in {"timer", "message"}
    )


def _prepare(task_spec: Any) -> None:
    """Let a multi-instance task read and write our scopes, and connect it to its instances for good.

    SpiffWorkflow connects them when the first instance is made: too late for a case restored on a shared
    spec, and not safe between threads.
    """
    parts = (task_spec.data_input, task_spec.data_output, task_spec.input_item, task_spec.output_item)
    if task_spec.cardinality is not None or any(part is None for part in parts):
        raise Unusable(f"多实例步骤“{task_spec.bpmn_id}”必须声明输入列表、输出列表和各自的数据项；请补全。")
    task_spec.data_input = Collection(task_spec.data_input.bpmn_id)
    task_spec.data_output = Results(task_spec.data_output.bpmn_id)
    task_spec.input_item = Item(task_spec.input_item.bpmn_id)
    task_spec.output_item = Item(task_spec.output_item.bpmn_id)
    instance = task_spec._wf_spec.task_specs[task_spec.task_spec]
    instance.completed_event.connect(task_spec.merge_child)


def _node(task_spec: Any, element: Element) -> Node:
    event = element.event
    whole = isinstance(task_spec, _MULTI_INSTANCE)
    return Node(
        process=element.process,
        element=element.id,
        kind="multiInstance" if whole else element.kind,
        name=element.name,
        lane=element.lane,
        outcome=element.properties.get("outcome"),
        message=element.message or (event.name if event and event.kind == "message" else None),
        expression=event.timer.text if event and event.timer else None,
        item=element.repeat.item if element.repeat and not whole else None,
    )


def _tidy(root: etree._Element) -> etree._Element:
    """Lane references as written by hand may hold line breaks, which SpiffWorkflow would not match."""
    for reference in root.iter(full_tag("flowNodeRef")):
        reference.text = (reference.text or "").strip()
    return root


def _sentence(key: str, error: ValidationException) -> str:
    where = f"的节点“{error.name or error.id}”" if error.id else ""
    file = f"（{error.file_name}）" if error.file_name else ""
    return f"流程“{key}”{where}{file}无法读取：{error}；请在编辑器中改正。"
