"""The net (展开的流程网): one process with everything it calls, as numbered nodes a token can stand on.

Call activities are expanded where they stand, so a process called twice is there twice. A place is a node's
number: the token has come and the step is not done yet. Only a parallel join tells its arrivals apart; each of
its incoming flows has a place of its own, a negative number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from engine.bpmn.model import HUMAN_TASKS, Element, Flow, ProcessModel
from engine.errors import Unusable

MAX_NODES = 5_000
"""Nodes after expansion: thirty times the largest shipped procedure (about 170). Calls that call calls twice
double each time; a net beyond this has no readable proof and would only reach the state bound."""

HUMAN = HUMAN_TASKS
AUTOMATIC = frozenset(
    {
        "startEvent",
        "serviceTask",
        "scriptTask",
        "sendTask",
        "task",
        "businessRuleTask",
        "intermediateThrowEvent",
    }
)
SCOPES = frozenset({"subProcess", "callActivity"})
AWAITED = frozenset({"receiveTask", "intermediateCatchEvent"})
_GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "eventBasedGateway"})
_KINDS = AUTOMATIC | HUMAN | AWAITED | SCOPES | _GATEWAYS | {"endEvent", "boundaryEvent"}
_EVENTS = frozenset({"timer", "message", "signal", "terminate"})
_LEAVING = HUMAN | {"serviceTask", "receiveTask"}

SUFFIX = "_outcome"


MAX_CALLS = 60
"""Calls within calls; no procedure goes deeper than three."""


class TooLargeError(Exception):
    """The net has more than `MAX_NODES` nodes, or calls lie deeper than `MAX_CALLS`."""


@dataclass(frozen=True, slots=True)
class Node:
    """One element at one place of the expanded diagram.

    `walk` is how a counter-example names it: the element's id, after the ids of the call activities to open
    and slashes (`final_disbursement/record`). `out` are the places its flows lead to, `arrivals` the places of
    a join, `inner` where the token starts inside a subprocess or called process. `variables` are the outcome
    variables it sets; inside a multi-instance step they belong to the instance (`scopes` names the instances
    around it, the innermost first, the case's own scope "" last).
    """

    element: Element
    process: str
    walk: str
    host: int | None
    scopes: tuple[str, ...]
    variables: tuple[str, ...]
    flows: tuple[Flow, ...] = ()
    out: tuple[int, ...] = ()
    boundary: tuple[int, ...] = ()
    arrivals: tuple[int, ...] = ()
    inner: int | None = None

    @property
    def action(self) -> str | None:
        """The named action of a service task."""
        return self.element.operator.id if self.element.operator else None

    @property
    def waits(self) -> str | None:
        """The kind of event awaited: `timer`, `message` or `signal`."""
        return self.element.event.kind if self.element.event else None

    @property
    def thrown(self) -> str | None:
        """The name of the signal an event throws."""
        throws = self.element.kind == "intermediateThrowEvent" and self.waits == "signal"
        return self.element.event.name if throws and self.element.event else None


@dataclass(frozen=True, slots=True)
class Net:
    """A process expanded; `start` is the place of its start event, `joins` the node behind place -1, -2 ..."""

    process: ProcessModel
    nodes: tuple[Node, ...]
    joins: tuple[int, ...]
    start: int

    def own(self) -> Iterator[int]:
        """The nodes drawn in the process's own diagram."""
        return (index for index, node in enumerate(self.nodes) if node.process == self.process.id)


@dataclass(frozen=True, slots=True)
class _Scope:
    """A process or subprocess still to be laid out, with the way it was reached."""

    process: ProcessModel
    key: str
    path: str = ""
    calls: tuple[str, ...] = ()
    host: int | None = None
    scopes: tuple[str, ...] = ("",)


@dataclass(slots=True)
class _Draft:
    nodes: list[Node] = field(default_factory=list)
    joins: list[int] = field(default_factory=list)
    starts: dict[int | None, int] = field(default_factory=dict)
    """The start event inside each host."""


def expand(process: ProcessModel, processes: Mapping[str, ProcessModel]) -> Net:
    """The net of a process; raises Unusable for what cannot be played, `TooLargeError` beyond the bound."""
    draft = _Draft()
    waiting = [_Scope(process, process.id, calls=(process.id,))]
    while waiting:
        scope = waiting.pop()
        for index in _lay_out(draft, scope):
            waiting += _inside(draft.nodes[index], index, scope, processes)
    nodes = tuple(replace(node, inner=draft.starts.get(index)) for index, node in enumerate(draft.nodes))
    return Net(process, nodes, tuple(draft.joins), draft.starts[None])


def _lay_out(draft: _Draft, scope: _Scope) -> range:
    """Add one scope's elements; the numbers they got."""
    elements = [element for element in scope.process.inside(scope.key) if _playable(scope, element)]
    first = len(draft.nodes)
    if first + len(elements) > MAX_NODES or len(scope.calls) > MAX_CALLS:
        raise TooLargeError
    number = {element.id: first + position for position, element in enumerate(elements)}
    starts = [element for element in elements if element.kind == "startEvent"]
    if len(starts) != 1:
        raise Unusable(f"流程“{scope.key}”应有一个开始事件，现有 {len(starts)} 个，无法证明；请先改正。")
    draft.starts[scope.host] = number[starts[0].id]
    arrivals = {flow: place for element in elements for flow, place in _arrivals(draft, element, number)}
    for element in elements:
        flows = scope.process.outgoing(element)
        for flow in flows:
            if flow.target not in number:
                raise Unusable(f"顺序流“{flow.id}”没有通向同一层的节点，无法证明；请重新连接。")
            if element.kind == "eventBasedGateway" and _kind(scope, flow.target) not in AWAITED:
                raise Unusable(f"事件网关“{element.id}”之后的“{flow.target}”不等待事件，无法证明；请改正。")
        draft.nodes.append(
            Node(
                element,
                scope.process.id,
                scope.path + element.id,
                scope.host,
                scope.scopes,
                _variables(draft, scope, element),
                flows,
                tuple(arrivals.get(flow.id, number[flow.target]) for flow in flows),
                tuple(number[key] for key in element.boundary if key in number),
                tuple(arrivals[flow] for flow in element.incoming if flow in arrivals),
            )
        )
    return range(first, len(draft.nodes))


def _kind(scope: _Scope, key: str) -> str:
    return scope.process.elements[key].kind


def _arrivals(draft: _Draft, element: Element, number: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """A place for each flow into a parallel join."""
    if element.kind == "parallelGateway" and len(element.incoming) > 1:
        for flow in element.incoming:
            draft.joins.append(number[element.id])
            yield flow, -len(draft.joins)


def _inside(node: Node, index: int, scope: _Scope, processes: Mapping[str, ProcessModel]) -> Iterator[_Scope]:
    """The scope inside a subprocess or call activity."""
    element = node.element
    if element.kind not in SCOPES:
        return
    scopes = (node.walk, *scope.scopes) if element.repeat else scope.scopes
    if element.kind == "subProcess":
        yield _Scope(scope.process, element.id, scope.path, scope.calls, index, scopes)
        return
    callee = processes.get(element.called or "")
    if callee is None:
        raise Unusable(f"调用活动“{node.walk}”调用的流程“{element.called}”不存在；请一并给出该流程的文件。")
    if callee.id in scope.calls:
        raise Unusable(f"调用活动“{node.walk}”又调用回流程“{callee.id}”，无法证明；请用排他网关画出回路。")
    yield _Scope(callee, callee.id, f"{node.walk}/", (*scope.calls, callee.id), index, scopes)


def _playable(scope: _Scope, element: Element) -> bool:
    """Whether it is a node of the token game; raises Unusable for one whose rules we do not play."""
    odd = [event.kind for event in element.events if event.kind not in _EVENTS]
    if element.kind in _KINDS and not odd and element.attributes.get("triggeredByEvent") != "true":
        return True
    what = odd[0] if odd else element.kind
    raise Unusable(
        f"流程“{scope.process.id}”的“{element.name or element.id}”（{what}）不在流程规范内，无法证明；"
        "请先用 keguan bpmn check 检查。"
    )


def _variables(draft: _Draft, scope: _Scope, element: Element) -> tuple[str, ...]:
    """The variables a step sets, with the instance they belong to after an @ (`score_outcome@score`).

    An end sets its scope's outcome and, seen from outside, the host's: the engine does the latter when the
    scope is left, but nothing inside reads the outcome of the step it lies in.
    """
    where = scope.scopes[0]
    names: tuple[str, ...] = ()
    if element.kind == "endEvent":
        names = (scope.key,)
        if scope.host is not None:
            names = tuple(dict.fromkeys((scope.key, draft.nodes[scope.host].element.id)))
    elif element.kind in _LEAVING or (element.event is not None and element.event.kind == "message"):
        names = (element.id,)
        where = f"{scope.path}{element.id}" if element.repeat else where
    return tuple(qualified(name + SUFFIX, where) for name in names)


def qualified(name: str, where: str) -> str:
    """A variable's name with the multi-instance step whose instances have it to themselves."""
    return f"{name}@{where}" if where else name


def plain(name: str) -> str:
    """A variable's name as conditions write it."""
    return name.partition("@")[0]
