"""Writes a drawing as BPMN diagram interchange into the file, leaving every other byte alone."""

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import quoteattr

from engine.errors import Unusable
from tools.drawing.measuring import Box, Plan
from tools.drawing.routing import Point
from tools.drawing.scene import Scene

_NAMESPACES = (
    ("bpmndi", "http://www.omg.org/spec/BPMN/20100524/DI"),
    ("dc", "http://www.omg.org/spec/DD/20100524/DC"),
    ("di", "http://www.omg.org/spec/DD/20100524/DI"),
)
_OLD = re.compile(rb"[ \t]*<(?:[\w.-]+:)?BPMNDiagram\b.*?</(?:[\w.-]+:)?BPMNDiagram\s*>\s*?\r?\n?", re.DOTALL)
_END = re.compile(rb"</(?:[\w.-]+:)?definitions\s*>\s*$")


def splice(source: bytes, drawing: str) -> bytes:
    """The file with this drawing in the place of any it had."""
    bare = _OLD.sub(b"", source)
    end = _END.search(bare)
    if end is None:
        raise Unusable("文件没有以 definitions 结束，无法写入布局；请重新导出。")
    return bare[: end.start()] + drawing.encode() + bare[end.start() :]


def drawing(scene: Scene, plan: Plan, ways: Mapping[str, list[Point]], labels: Mapping[str, Box]) -> str:
    """The BPMNDiagram element, two spaces in, ending in a line break."""
    declared = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES)
    lines = [
        f'<bpmndi:BPMNDiagram id="{scene.process}_diagram"{declared}>',
        f'  <bpmndi:BPMNPlane id="{scene.process}_plane" bpmnElement={quoteattr(scene.plane)}>',
        *(f"    {line}" for line in _content(scene, plan, ways, labels)),
        "  </bpmndi:BPMNPlane>",
        "</bpmndi:BPMNDiagram>",
    ]
    return "".join(f"  {line}\n" for line in lines)


def _content(
    scene: Scene, plan: Plan, ways: Mapping[str, list[Point]], labels: Mapping[str, Box]
) -> Iterator[str]:
    if scene.pool is not None:
        yield from _shape(scene.pool, plan.pool, None, ' isHorizontal="true"')
    for lane, box in zip(scene.lanes, plan.lanes, strict=False):
        yield from _shape(lane, box, None, ' isHorizontal="true"')
    frames_first = sorted(scene.nodes.values(), key=lambda node: (not node.children, node.host is not None))
    for node in frames_first:
        extra = ' isExpanded="true"' if node.children else ""
        if node.kind == "exclusiveGateway":
            extra = ' isMarkerVisible="true"'
        yield from _shape(node.id, plan.boxes[node.id], labels.get(node.id), extra)
    for flow in scene.flows:
        yield f'<bpmndi:BPMNEdge id="{flow.id}_di" bpmnElement={quoteattr(flow.id)}>'
        for x, y in ways[flow.id]:
            yield f'  <di:waypoint x="{x}" y="{y}" />'
        yield from _label(labels.get(flow.id))
        yield "</bpmndi:BPMNEdge>"


def _shape(key: str, box: Box, label: Box | None, extra: str) -> Iterator[str]:
    yield f'<bpmndi:BPMNShape id="{key}_di" bpmnElement={quoteattr(key)}{extra}>'
    yield f"  {_bounds(box)}"
    yield from _label(label)
    yield "</bpmndi:BPMNShape>"


def _label(box: Box | None) -> Iterator[str]:
    if box is not None:
        yield "  <bpmndi:BPMNLabel>"
        yield f"    {_bounds(box)}"
        yield "  </bpmndi:BPMNLabel>"


def _bounds(box: Box) -> str:
    return f'<dc:Bounds x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" />'
