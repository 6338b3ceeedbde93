"""What is to be drawn: the nodes, flows and lanes of one process, without any position yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from engine.bpmn import parts, reader, safe_xml
from engine.bpmn.model import Element, ProcessModel
from engine.errors import Unusable

TASK, GATEWAY, EVENT = (132, 70), (50, 50), (36, 36)
UNDRAWABLE = ("messageFlow", "dataObjectReference", "dataStoreReference", "textAnnotation", "group")


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node; `lane` is the band's index, `scope` the process or subprocess it lies in."""

    id: str
    kind: str
    name: str
    lane: int
    scope: str
    host: str | None
    children: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels; an expanded subprocess gets its size from its content."""
        if self.kind.endswith("Event"):
            return EVENT
        return GATEWAY if self.kind.endswith("Gateway") else TASK

    @property
    def labelled_outside(self) -> bool:
        """Events and gateways carry their name beside them, tasks inside."""
        return self.size != TASK


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow between two nodes of one scope."""

    id: str
    name: str
    source: str
    target: str
    scope: str


@dataclass(frozen=True)
class Scene:
    """One process to draw; `lanes` are lane ids from top to bottom, empty when the process has none."""

    process: str
    plane: str
    pool: str | None
    lanes: tuple[str, ...]
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]

    @cached_property
    def successors(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes after each node, its boundary events' included (last), in document order."""
        found: dict[str, list[str]] = {key: [] for key in self.nodes}
        for boundary in (False, True):
            for flow in self.flows:
                host = self.nodes[flow.source].host
                if bool(host) == boundary:
                    found[host or flow.source].append(flow.target)
        return {key: tuple(dict.fromkeys(targets)) for key, targets in found.items()}

    def inside(self, scope: str) -> tuple[Node, ...]:
        """The nodes lying directly in a scope, without boundary events: those sit on their host."""
        return tuple(node for node in self.nodes.values() if node.scope == scope and node.host is None)

    def boundaries(self, host: str) -> tuple[Node, ...]:
        """The boundary events on a node, in document order."""
        return tuple(node for node in self.nodes.values() if node.host == host)


def read(source: bytes, name: str) -> Scene:
    """The scene of a file with one process; raises `Unusable` for what this drawing does not cover."""
    diagram = reader.read(source, name)
    if len(diagram.processes) != 1:
        raise Unusable(
            f"{name} 有 {len(diagram.processes)} 个流程，自动布局只处理每个文件一个流程；请拆成多个文件。"
        )
    if extra := next((part for part in diagram.parts if part.tag in UNDRAWABLE), None):
        raise Unusable(f"{name} 第 {extra.line} 行有 {extra.tag}，自动布局不处理；请在编辑器中手工排布。")
    process = diagram.processes[0]
    loose = [flow for flow in process.flows.values() if not {flow.source, flow.target} <= {*process.elements}]
    if loose or not process.elements:
        what = f"第 {loose[0].line} 行的流程线没有连到节点" if loose else "没有节点"
        raise Unusable(f"{name} {what}，无法布局；请在编辑器中改正。")
    root = safe_xml.parse(source, name)
    pool = next(_ids(root, "participant", processRef=process.id), None)
    plane = next(_ids(root, "collaboration"), process.id) if pool else process.id
    lanes = tuple(lane.id for lane in process.lanes)
    flows = tuple(
        Flow(flow.id, flow.name, flow.source, flow.target, flow.parent) for flow in process.flows.values()
    )
    return Scene(process.id, plane, pool, lanes, dict(_nodes(process)), flows)


def _ids(root: etree._Element, tag: str, **attributes: str) -> Iterator[str]:
    for node in root.iter(f"{{{parts.BPMN}}}{tag}"):
        if all(node.get(key) == value for key, value in attributes.items()):
            yield node.get("id", "")


def _nodes(process: ProcessModel) -> Iterator[tuple[str, Node]]:
    bands = {node: index for index, lane in enumerate(process.lanes) for node in lane.nodes}
    for element in process.elements.values():
        lane = _band(element, process, bands)
        yield (
            element.id,
            Node(
                element.id,
                element.kind,
                element.name,
                lane,
                element.parent,
                element.attached_to,
                element.children,
            ),
        )


def _band(element: Element, process: ProcessModel, bands: Mapping[str, int]) -> int:
    """The lane index of an element: its own, its host's, the one around it, or the topmost inside it."""
    if element.id in bands:
        return bands[element.id]
    around = element.attached_to or element.parent
    if around in process.elements and (around in bands or element.attached_to):
        return _band(process.elements[around], process, bands)
    inner = [_band(process.elements[child], process, bands) for child in element.children if child in bands]
    return min(inner, default=0)
