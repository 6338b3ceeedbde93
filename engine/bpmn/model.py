"""What a diagram says, as small frozen values: shared by the linter, the proof, the case engine and the web.

Nothing here is executable and nothing here knows SpiffWorkflow. Ids are the diagram's own; `line` is the line
in the file, for findings. Mappings keep document order and must not be changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

HUMAN_TASKS = frozenset({"userTask", "manualTask"})
"""Tasks a person completes; they need a lane."""


@dataclass(frozen=True, slots=True)
class Timer:
    """When (定时): `kind` is `timeDuration`, `timeDate` or `timeCycle`, `text` the expression as written."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event waits for or does: `kind` is `timer`, `message`, `signal`, `terminate`, `error` ...

    `reference` is the id pointed at (a message, signal or error); `name` is that one's name, None when the
    reference leads nowhere.
    """

    kind: str
    line: int
    reference: str | None = None
    name: str | None = None
    timers: tuple[Timer, ...] = ()

    @property
    def timer(self) -> Timer | None:
        """The one timer of a timer event."""
        return self.timers[0] if self.timers else None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Multi-instance (多实例): once for each item of `collection`, in the case data.

    `item` and `output_item` are the ids of inputDataItem and outputDataItem: the engine's variable names.
    """

    sequential: bool
    line: int
    collection: str | None = None
    item: str | None = None
    output_collection: str | None = None
    output_item: str | None = None
    cardinality: str | None = None
    completion: str | None = None


@dataclass(frozen=True, slots=True)
class Operator:
    """The named action (具名动作) a service task calls, with its parameters as expressions."""

    id: str
    line: int
    result_variable: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow (顺序流); `condition` is the expression as written, None when there is none."""

    id: str
    name: str
    line: int
    parent: str
    source: str
    target: str
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """A flow node (节点): task, event, gateway, subprocess or call activity.

    `kind` is the BPMN tag without prefix (`userTask`); `parent` the process or subprocess around it.
    `lane` is the lane the engine will use (inside a subprocess that has one, the subprocess's). `properties`
    are the product's own (`form`, `limit`, `reminders`, `status`, `clause` ...). `attributes` are the raw XML
    ones, `{namespace}name` for foreign ones. `extensions` are other SpiffWorkflow extension elements by name.
    """

    id: str
    kind: str
    name: str
    line: int
    parent: str
    process: str
    lane: str | None = None
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, str] = field(default_factory=dict)
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    boundary: tuple[str, ...] = ()
    events: tuple[EventDefinition, ...] = ()
    repeat: Repeat | None = None
    operator: Operator | None = None
    called: str | None = None
    decision: str | None = None
    message: str | None = None
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None

    @property
    def event(self) -> EventDefinition | None:
        """The one event definition; None for a plain start or end."""
        return self.events[0] if self.events else None


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane (泳道): `nodes` are the ids it lists."""

    id: str
    name: str
    line: int
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProcessModel:
    """One process; `elements` and `flows` hold the nested ones of embedded subprocesses too, by id."""

    id: str
    name: str
    line: int
    executable: bool
    elements: Mapping[str, Element]
    flows: Mapping[str, Flow]
    lanes: tuple[Lane, ...] = ()
    documentation: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)

    def inside(self, parent: str) -> tuple[Element, ...]:
        """The elements lying directly in a process or subprocess."""
        return tuple(element for element in self.elements.values() if element.parent == parent)

    def outgoing(self, element: Element) -> tuple[Flow, ...]:
        """The flows leaving an element, in document order."""
        return tuple(self.flows[flow] for flow in element.outgoing)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a decision table, as written."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """One row of a decision table."""

    id: str
    line: int
    inputs: tuple[Cell, ...]
    outputs: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A DMN decision table (决策表); `inputs` are the input expressions, `outputs` the variables it sets."""

    id: str
    name: str
    line: int
    hit_policy: str
    aggregation: str | None
    tables: int
    inputs: tuple[Cell, ...] = ()
    outputs: tuple[str, ...] = ()
    rules: tuple[DecisionRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One XML element outside the layout: `owner` is the id of the drawn element it belongs to (its own included)."""

    tag: str
    namespace: str
    line: int
    depth: int
    owner: str
    owner_name: str
    parent_tag: str
    id: str | None
    text: str
    attributes: Mapping[str, str]

    @property
    def where(self) -> str:
        """How a sentence names what it belongs to: its name with its id, or the id alone."""
        return f"“{self.owner_name[:60]}”（{self.owner}）" if self.owner_name else f"“{self.owner}”"


@dataclass(frozen=True, slots=True)
class Diagram:
    """One file: a BPMN document with processes, or a DMN document with decisions."""

    name: str
    kind: Literal["bpmn", "dmn"]
    processes: tuple[ProcessModel, ...] = ()
    decisions: tuple[Decision, ...] = ()
    messages: Mapping[str, str] = field(default_factory=dict)
    signals: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    bad_coordinates: tuple[int, ...] = ()
    """Lines of the layout where a coordinate is no number."""
    drawn: bool = True
    """Whether the file says where anything is drawn; an editor has nothing to show otherwise."""

    def process(self, key: str) -> ProcessModel | None:
        """The process with this id."""
        return next((process for process in self.processes if process.id == key), None)
