"""The shipped diagrams as the tests see them: their text, what they say, and what is drawn."""

from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path

from lxml import etree

from engine.bpmn import parts, reader
from engine.bpmn.model import Element, ProcessModel

SHIPPED = {path.name: path.read_bytes() for path in sorted(Path("workflows").glob("*.bpmn"))}
DC = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
DI = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"

Frame = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def process(name: str) -> ProcessModel:
    """The one process of a shipped file."""
    (found,) = reader.read(SHIPPED[name], name).processes
    return found


@cache
def processes() -> dict[str, ProcessModel]:
    """All shipped processes by id."""
    return {found.id: found for found in map(process, SHIPPED)}


def repeated_ids(name: str) -> list[str]:
    """Ids a file uses more than once; actions may repeat, but none may carry a node's id."""
    nodes = [node for node in etree.fromstring(SHIPPED[name]).iter() if node.get("id")]
    actions = {node.get("id", "") for node in nodes if node.tag.startswith(f"{{{parts.SPIFF}}}")}
    others = [node.get("id", "") for node in nodes if not node.tag.startswith(f"{{{parts.SPIFF}}}")]
    return [key for key, count in Counter([*others, *actions]).items() if count > 1]


def shapes(name: str) -> dict[str, Frame]:
    """The frame of every drawn shape, by the id of what it shows."""
    found = {}
    for shape in etree.fromstring(SHIPPED[name]).iter(f"{BPMNDI}BPMNShape"):
        bounds = shape.find(DC)
        assert bounds is not None
        x, y, width, height = (float(bounds.get(key, "")) for key in ("x", "y", "width", "height"))
        found[shape.get("bpmnElement", "")] = (x, y, x + width, y + height)
    return found


def edges(name: str) -> dict[str, list[tuple[float, float]]]:
    """The waypoints of every drawn flow."""
    return {
        edge.get("bpmnElement", ""): [
            (float(point.get("x", "")), float(point.get("y", ""))) for point in edge.iter(DI)
        ]
        for edge in etree.fromstring(SHIPPED[name]).iter(f"{BPMNDI}BPMNEdge")
    }


def inside(inner: Frame, outer: Frame) -> bool:
    """Whether one frame lies within another."""
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def crosses(points: list[tuple[float, float]], frame: Frame) -> bool:
    """Whether a line of waypoints runs through a frame, its border excepted."""
    for (x, y), (to_x, to_y) in pairwise(points):
        left, right, top, bottom = min(x, to_x), max(x, to_x), min(y, to_y), max(y, to_y)
        if right > frame[0] and left < frame[2] and bottom > frame[1] and top < frame[3]:
            return True
    return False


def outcomes(element: Element) -> set[str]:
    """What may be the value of `<element>_outcome`: declared, or the ends of what is called or embedded."""
    known = processes()
    if element.called:
        ends = known[element.called].inside(element.called)
    elif element.children:
        ends = known[element.process].inside(element.id)
    else:
        return set(element.properties.get("outcomes", "").split(",")) - {""}
    return {end.properties["outcome"] for end in ends if end.kind == "endEvent"}
