"""Reads a BPMN or DMN file into `engine.bpmn.model`: what it says; nothing decided, nothing executed.

The reader is tolerant (a half-finished draft can be read and shown); the profile is what refuses. Only a file
that is no safe XML, or neither BPMN nor DMN, raises `Unreadable` (an `engine.errors.Unusable`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from engine.bpmn import safe_xml
from engine.bpmn.model import (
    Cell,
    Decision,
    DecisionRule,
    Diagram,
    Element,
    EventDefinition,
    Flow,
    Lane,
    Operator,
    ProcessModel,
    Repeat,
    Timer,
)
from engine.bpmn.parts import BPMN, DMN, LAYOUT, SPIFF, bad_coordinates, is_node, line_of, parts, split
from engine.bpmn.safe_xml import Unreadable

__all__ = ["Diagram", "Element", "Flow", "ProcessModel", "Unreadable", "read"]


@dataclass(frozen=True, slots=True)
class _Document:
    """What elements need to know about the file around them."""

    names: Mapping[str, str]
    lanes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Place:
    """An XML node with the scope it lies in."""

    node: etree._Element
    parent: str
    lane: str | None = None

    @property
    def id(self) -> str:
        return self.node.get("id", "")


@dataclass(frozen=True, slots=True)
class _Links:
    """Who is connected to whom in one process, by id."""

    incoming: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    outgoing: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    children: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    boundary: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def read(source: bytes | str, name: str) -> Diagram:
    """The diagram in a file; raises `Unreadable` when it is no safe XML or neither BPMN nor DMN."""
    root = safe_xml.parse(source, name)
    space, tag = split(root)
    if tag == "definitions" and space == BPMN:
        return _bpmn(root, name)
    if tag == "definitions" and space in DMN:
        return Diagram(name, "dmn", decisions=tuple(_decisions(root, space)), parts=tuple(parts(root)))
    raise Unreadable(
        "not-bpmn",
        f"{name} 的根元素是 {tag[:40]}，既不是 BPMN 2.0 也不是 DMN 文件。",
        "请上传由 BPMN 或 DMN 编辑器导出的 .bpmn / .dmn 文件。",
        root.sourceline or 1,
    )


# --- BPMN ---------------------------------------------------------------------------------------------------


def _bpmn(root: etree._Element, name: str) -> Diagram:
    messages = _named(root, "message")
    signals = _named(root, "signal")
    lanes = {node: lane.name for lane in _lanes(root) for node in lane.nodes}
    document = _Document(
        {**_named(root, "error"), **_named(root, "escalation"), **messages, **signals}, lanes
    )
    processes = tuple(_process(node, document) for node in root.iterchildren(f"{{{BPMN}}}process"))
    return Diagram(
        name,
        "bpmn",
        processes,
        messages=messages,
        signals=signals,
        parts=tuple(parts(root)),
        bad_coordinates=tuple(bad_coordinates(root)),
        drawn=root.find(f".//{{{LAYOUT[0]}}}BPMNShape") is not None,
    )


def _process(node: etree._Element, document: _Document) -> ProcessModel:
    key = node.get("id", "")
    flows: dict[str, Flow] = {}
    places: list[_Place] = []
    for place in _inside(node, key, None, document):
        if split(place.node)[1] == "sequenceFlow":
            flow = _flow(place)
            flows.setdefault(flow.id, flow)
        else:
            places.append(place)
    links = _links(flows, places)
    elements: dict[str, Element] = {}
    for place in places:
        elements.setdefault(place.id, _element(place, key, document, links))
    return ProcessModel(
        key,
        node.get("name", ""),
        line_of(node),
        node.get("isExecutable") == "true",
        elements,
        flows,
        tuple(_lanes(node)),
        _documentation(node),
        _properties(node),
    )


def _inside(scope: etree._Element, parent: str, lane: str | None, document: _Document) -> Iterator[_Place]:
    """The nodes and flows of a scope, subprocess by subprocess, with the lane the engine gives them.

    Recursion follows XML nesting, which `safe_xml.MAX_DEPTH` bounds. Inside a subprocess that lies in a lane
    the engine uses that lane for everything, whatever the inner lanes say.
    """
    for child in scope.iterchildren(f"{{{BPMN}}}*"):
        tag = split(child)[1]
        if tag == "sequenceFlow":
            yield _Place(child, parent)
        elif is_node(tag):
            key = child.get("id", "")
            own_lane = lane if lane is not None else document.lanes.get(key)
            yield _Place(child, parent, own_lane)
            yield from _inside(child, key, own_lane, document)


def _links(flows: Mapping[str, Flow], places: list[_Place]) -> _Links:
    links = _Links()
    for flow in flows.values():
        links.incoming[flow.target].append(flow.id)
        links.outgoing[flow.source].append(flow.id)
    for place in places:
        links.children[place.parent].append(place.id)
        if attached := place.node.get("attachedToRef"):
            links.boundary[attached].append(place.id)
    return links


def _flow(place: _Place) -> Flow:
    node = place.node
    condition = node.find(f"{{{BPMN}}}conditionExpression")
    return Flow(
        place.id,
        node.get("name", ""),
        line_of(node),
        place.parent,
        node.get("sourceRef", ""),
        node.get("targetRef", ""),
        None if condition is None else condition.text or "",
    )


def _element(place: _Place, process: str, document: _Document, links: _Links) -> Element:
    node = place.node
    extensions = _extensions(node)
    return Element(
        id=place.id,
        kind=split(node)[1],
        name=node.get("name", ""),
        line=line_of(node),
        parent=place.parent,
        process=process,
        lane=place.lane,
        documentation=_documentation(node),
        properties=_properties(node),
        attributes={str(key): str(value) for key, value in node.attrib.items()},
        extensions=extensions,
        incoming=tuple(links.incoming[place.id]),
        outgoing=tuple(links.outgoing[place.id]),
        children=tuple(links.children[place.id]),
        boundary=tuple(links.boundary[place.id]),
        events=tuple(_events(node, document)),
        repeat=_repeat(node),
        operator=_operator(node),
        called=node.get("calledElement"),
        decision=extensions.get("calledDecisionId"),
        message=document.names.get(node.get("messageRef", "")),
        attached_to=node.get("attachedToRef"),
        interrupting=node.get("cancelActivity", "true").lower() == "true",
        default=node.get("default"),
    )


def _events(node: etree._Element, document: _Document) -> Iterator[EventDefinition]:
    for child in node.iterchildren(f"{{{BPMN}}}*"):
        tag = split(child)[1]
        if not tag.endswith("EventDefinition"):
            continue
        kind = tag.removesuffix("EventDefinition")
        reference = child.get(f"{kind}Ref")
        timers = tuple(
            Timer(split(time)[1], (time.text or "").strip())
            for time in child.iterchildren(f"{{{BPMN}}}*")
            if split(time)[1] in {"timeDuration", "timeDate", "timeCycle"}
        )
        yield EventDefinition(
            kind, line_of(child), reference, document.names.get(reference) if reference else None, timers
        )


def _repeat(node: etree._Element) -> Repeat | None:
    loop = node.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    if loop is None:
        return None

    def text(tag: str) -> str | None:
        found = loop.find(f"{{{BPMN}}}{tag}")
        return None if found is None else (found.text or "").strip()

    def item(tag: str) -> str | None:
        found = loop.find(f"{{{BPMN}}}{tag}")
        return None if found is None else found.get("id", "")

    return Repeat(
        loop.get("isSequential") == "true",
        line_of(loop),
        text("loopDataInputRef"),
        item("inputDataItem"),
        text("loopDataOutputRef"),
        item("outputDataItem"),
        text("loopCardinality"),
        text("completionCondition"),
    )


def _operator(node: etree._Element) -> Operator | None:
    found = node.find(f"{{{BPMN}}}extensionElements/{{{SPIFF}}}serviceTaskOperator")
    if found is None:
        return None
    parameters = {
        parameter.get("id", ""): parameter.get("value", "")
        for parameter in found.iter(f"{{{SPIFF}}}parameter")
    }
    return Operator(found.get("id", ""), line_of(found), found.get("resultVariable"), parameters)


def _extensions(node: etree._Element) -> dict[str, str]:
    found = node.iterfind(f"{{{BPMN}}}extensionElements/{{{SPIFF}}}*")
    return {tag: (child.text or "").strip() for child in found if (tag := split(child)[1]) != "properties"}


def _properties(node: etree._Element) -> dict[str, str]:
    path = f"{{{BPMN}}}extensionElements/{{{SPIFF}}}properties/{{{SPIFF}}}property"
    return {found.get("name", ""): found.get("value", "") for found in node.iterfind(path)}


def _documentation(node: etree._Element) -> str:
    return (node.findtext(f"{{{BPMN}}}documentation") or "").strip()


def _named(root: etree._Element, tag: str) -> dict[str, str]:
    return {node.get("id", ""): node.get("name", "") for node in root.iterchildren(f"{{{BPMN}}}{tag}")}


def _lanes(scope: etree._Element) -> Iterator[Lane]:
    for node in scope.iter(f"{{{BPMN}}}lane"):
        nodes = tuple((ref.text or "").strip() for ref in node.iterchildren(f"{{{BPMN}}}flowNodeRef"))
        yield Lane(node.get("id", ""), node.get("name", "").strip(), line_of(node), nodes)


# --- DMN ----------------------------------------------------------------------------------------------------


def _decisions(root: etree._Element, space: str) -> Iterator[Decision]:
    for node in root.iterchildren(f"{{{space}}}decision"):
        tables = node.findall(f"{{{space}}}decisionTable")
        table = tables[0] if tables else node
        yield Decision(
            node.get("id", ""),
            node.get("name", ""),
            line_of(node),
            table.get("hitPolicy", "UNIQUE").upper(),
            table.get("aggregation"),
            len(tables),
            tuple(
                _cell(column.find(f"{{{space}}}inputExpression"), column, space)
                for column in table.iterchildren(f"{{{space}}}input")
            ),
            tuple(column.get("name", "") for column in table.iterchildren(f"{{{space}}}output")),
            tuple(
                DecisionRule(
                    row.get("id", ""),
                    line_of(row),
                    tuple(_cell(cell, cell, space) for cell in row.iterchildren(f"{{{space}}}inputEntry")),
                    tuple(_cell(cell, cell, space) for cell in row.iterchildren(f"{{{space}}}outputEntry")),
                )
                for row in table.iterchildren(f"{{{space}}}rule")
            ),
        )


def _cell(node: etree._Element | None, at: etree._Element, space: str) -> Cell:
    return Cell("" if node is None else node.findtext(f"{{{space}}}text") or "", line_of(at))
