"""What an edit changes (语义差异): added, removed, changed, and moved on the page without changing anything.

Pure: two closures in, a list of changes out, by the elements' own ids, for a list in words and for colouring
the two diagrams side by side. Text, order of XML and names of files do not count, only what the diagram says.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from engine.bpmn import safe_xml
from engine.bpmn.model import Decision, Diagram, Element, Flow, Lane, ProcessModel
from engine.bpmn.reader import read
from engine.bpmn.words import Facet, Thing, said


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One property, as it was and as it is; None where it is not stated."""

    name: str
    old: str | None
    new: str | None

    @property
    def label(self) -> str:
        """The property's Chinese name."""
        return said(Facet, self.name)


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `kind`: added, removed, changed or moved; `what`: element, flow, lane, process, decision, rule.

    `id` is the element's in its diagram, `process` the process around it, `thing` what it is (a key of `Thing`).
    """

    kind: str
    what: str
    process: str
    id: str
    thing: str
    name: str
    properties: tuple[PropertyChange, ...] = field(default=())

    @property
    def title(self) -> str:
        """A Chinese name for the list."""
        return f"{said(Thing, self.thing)}“{self.name}”"

    @property
    def sentence(self) -> str:
        """The change in words."""
        verb = {"added": "新增", "removed": "删除", "changed": "修改", "moved": "移动位置"}[self.kind]
        details = "；".join(
            f"{one.label}由“{one.old or '（无）'}”改为“{one.new or '（无）'}”" for one in self.properties
        )
        return f"{verb}{self.title}" + (f"：{details}" if details else "")


def difference(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> tuple[Change, ...]:
    """Every change from one closure (file name to content) to another, process by process.

    Raises Unusable for a file that cannot be read.
    """
    before, after = [_read(files) for files in (old, new)]
    found = [*_processes(before, after), *_decisions(before, after)]
    return tuple(found)


def colours(changes: Iterable[Change], process: str) -> dict[str, list[str]]:
    """The ids to colour in the diagram of one process, by kind; removed ones are in the old diagram."""
    found: dict[str, list[str]] = {"added": [], "removed": [], "changed": [], "moved": []}
    for change in changes:
        if change.process == process and change.what in ("element", "flow", "lane"):
            found[change.kind].append(change.id)
    return found


def _read(files: Mapping[str, bytes]) -> list[tuple[Diagram, dict[str, str]]]:
    return [(read(content, name), _layout(content, name)) for name, content in files.items()]


def _layout(content: bytes, name: str) -> dict[str, str]:
    """Where each element is drawn, as text to compare: bounds of a shape, points of an edge."""
    drawn = {}
    for node in safe_xml.parse(content, name).iter():
        owner = node.get("bpmnElement") if isinstance(node.tag, str) else None
        if owner and etree.QName(node).localname in ("BPMNShape", "BPMNEdge"):
            points = [
                ",".join(child.get(key) or "" for key in ("x", "y", "width", "height"))
                for child in node
                if isinstance(child.tag, str) and etree.QName(child).localname in ("Bounds", "waypoint")
            ]
            drawn[owner] = " ".join(points)
    return drawn


_Side = list[tuple[Diagram, dict[str, str]]]


def _processes(before: _Side, after: _Side) -> Iterator[Change]:
    olds, news = [
        {process.id: (process, layout) for diagram, layout in side for process in diagram.processes}
        for side in (before, after)
    ]
    for key in dict.fromkeys([*olds, *news]):
        if key not in news:
            yield _whole("removed", olds[key][0])
        elif key not in olds:
            yield _whole("added", news[key][0])
        else:
            yield from _process(*olds[key], *news[key])


def _whole(kind: str, process: ProcessModel) -> Change:
    return Change(kind, "process", process.id, process.id, "process", process.name or process.id)


def _process(
    old: ProcessModel, drawn: Mapping[str, str], new: ProcessModel, redrawn: Mapping[str, str]
) -> Iterator[Change]:
    told = _compare(_process_facts(old), _process_facts(new))
    if told:
        yield Change("changed", "process", new.id, new.id, "process", new.name or new.id, told)
    old_lanes, new_lanes = ({lane.id: lane for lane in process.lanes} for process in (old, new))
    sides: list[tuple[str, Mapping[str, Any], Mapping[str, Any], Any, Callable[[Any], tuple[str, str]]]] = [
        ("element", old.elements, new.elements, element_facts, _element_name),
        (
            "flow",
            old.flows,
            new.flows,
            _flow_facts,
            lambda flow: ("sequenceFlow", _flow_name(new, old, flow)),
        ),
        ("lane", old_lanes, new_lanes, _lane_facts, lambda lane: ("lane", lane.name)),
    ]
    for what, olds, news, facts, name in sides:
        for id_ in dict.fromkeys([*olds, *news]):
            if id_ not in news:
                yield Change("removed", what, new.id, id_, *name(olds[id_]))
            elif id_ not in olds:
                yield Change("added", what, new.id, id_, *name(news[id_]))
            elif changed := _compare(facts(olds[id_]), facts(news[id_])):
                yield Change("changed", what, new.id, id_, *name(news[id_]), changed)
            elif drawn.get(id_) != redrawn.get(id_) and what != "flow":
                yield Change("moved", what, new.id, id_, *name(news[id_]))


def _compare(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[PropertyChange, ...]:
    names = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    return tuple(PropertyChange(name, old.get(name), new.get(name)) for name in names)


def _stated(facts: Mapping[str, object]) -> dict[str, str]:
    """Only what is stated, as text."""
    return {name: str(value) for name, value in facts.items() if value not in (None, "", ())}


def _process_facts(process: ProcessModel) -> dict[str, str]:
    return _stated({"name": process.name, "documentation": process.documentation, **process.properties})


def element_facts(element: Element) -> dict[str, str]:
    """Everything a diagram says about one element, by property, as text."""
    repeat = element.repeat
    return _stated(
        {
            "kind": element.kind,
            "name": element.name,
            "lane": element.lane,
            "parent": element.parent if element.parent != element.process else None,
            "documentation": element.documentation,
            "called": element.called,
            "decision": element.decision,
            "message": element.message,
            "operator": element.operator.id if element.operator else None,
            "events": "、".join(
                f"{event.kind} {event.name or ''}{event.timer.text if event.timer else ''}".strip()
                for event in element.events
            ),
            "repeat": f"{repeat.collection}/{repeat.item}→{repeat.output_collection}/{repeat.output_item}"
            + ("（逐个）" if repeat.sequential else "")
            + (f" {repeat.completion}" if repeat.completion else "")
            if repeat
            else None,
            "attached_to": element.attached_to,
            "interrupting": None if element.interrupting else "否",
            "default": element.default,
            **element.properties,
        }
    )


def _flow_facts(flow: Flow) -> dict[str, str]:
    return _stated(
        {"source": flow.source, "target": flow.target, "name": flow.name, "condition": flow.condition}
    )


def _lane_facts(lane: Lane) -> dict[str, str]:
    return _stated({"name": lane.name})


def _element_name(element: Element) -> tuple[str, str]:
    return element.kind, element.name or element.id


def _flow_name(new: ProcessModel, old: ProcessModel, flow: Flow) -> str:
    ends = [new.elements.get(id_) or old.elements.get(id_) for id_ in (flow.source, flow.target)]
    return "{} → {}".format(*(end.name or end.id if end else "？" for end in ends))


def _decisions(before: _Side, after: _Side) -> Iterator[Change]:
    olds, news = [
        {decision.id: decision for diagram, _ in side for decision in diagram.decisions}
        for side in (before, after)
    ]
    for key in dict.fromkeys([*olds, *news]):
        name = (news.get(key) or olds[key]).name or key
        if key not in news or key not in olds:
            yield Change("removed" if key in olds else "added", "decision", key, key, "decision", name)
            continue
        if told := _compare(_decision_facts(olds[key]), _decision_facts(news[key])):
            yield Change("changed", "decision", key, key, "decision", name, told)
        yield from _rules(key, name, olds[key], news[key])


def _decision_facts(decision: Decision) -> dict[str, str]:
    return _stated(
        {
            "name": decision.name,
            "hit_policy": f"{decision.hit_policy} {decision.aggregation or ''}".strip(),
            "inputs": "、".join(cell.text for cell in decision.inputs),
            "outputs": "、".join(decision.outputs),
        }
    )


def _rules(key: str, name: str, old: Decision, new: Decision) -> Iterator[Change]:
    olds, news = (
        {rule.id: _rule_facts(decision, rule) for rule in decision.rules} for decision in (old, new)
    )
    for id_ in dict.fromkeys([*olds, *news]):
        told = _compare(olds.get(id_, {}), news.get(id_, {}))
        kind = "changed" if id_ in olds and id_ in news else "removed" if id_ in olds else "added"
        if told:
            yield Change(kind, "rule", key, id_, "rule", f"{name} {id_}", told)


def _rule_facts(decision: Decision, rule: Any) -> dict[str, str]:
    heads = [cell.text for cell in decision.inputs] + list(decision.outputs)
    cells = [cell.text for cell in (*rule.inputs, *rule.outputs)]
    return _stated(dict(zip(heads, cells, strict=False)))
