"""Files of other modelers (其他建模工具的文件): what of them is not supported, with what to draw instead.

A file from Camunda Modeler or another tool is valid BPMN, but its extensions (forms, assignees, delegates,
listeners) mean nothing to this engine. Each is named with the property of ours that says the same, so that the
admin can carry it over; `without_extensions` then takes them out. Pure: no database, no engine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.bpmn import replacements, safe_xml
from engine.bpmn.model import Diagram, Part
from engine.bpmn.parts import BPMN, DMN, LAYOUT, SPIFF
from engine.bpmn.profile import elements, tables
from engine.bpmn.reader import read

_KEPT = {BPMN, SPIFF, *DMN, *LAYOUT, ""}
_STANDARD = (
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/XML/1998/namespace",
    "http://www.w3.org/2000/xmlns/",
)


@dataclass(frozen=True, slots=True)
class Foreign:
    """A part of the file that does nothing here: where, what it is, what to use instead.

    `removable` when `without_extensions` takes it out; everything else is changed in the drawing.
    """

    line: int
    element: str | None
    what: str
    instead: str
    removable: bool = False


def unsupported(content: bytes, name: str) -> list[Foreign]:
    """What of a file is not supported, in the order of the file; Unreadable when it is no BPMN or DMN at all."""
    diagram = read(content, name)
    listed = tables.check(diagram) if diagram.kind == "dmn" else elements.check(diagram)
    general = [
        Foreign(one.line, one.element, one.message, one.fix)
        for one in listed
        if one.rule != "foreign-extension"
    ]
    found = [*general, *_extensions(diagram), *_expressions(diagram)]
    return sorted(dict.fromkeys(found), key=lambda one: (one.line, one.element or "", one.what))


def without_extensions(content: bytes, name: str) -> bytes:
    """The file without other products' elements and attributes; everything else as it was."""
    root = safe_xml.parse(content, name)
    for node in list(root.iter(etree.Element)):
        parent = node.getparent()
        if parent is not None and _space(str(node.tag)) not in _KEPT:
            parent.remove(node)
            continue
        for key in [key for key in node.attrib if _is_foreign(str(key))]:
            del node.attrib[key]
    for node in list(root.iter(f"{{{BPMN}}}extensionElements")):
        parent = node.getparent()
        if parent is not None and not len(node):
            parent.remove(node)
    etree.cleanup_namespaces(root)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _extensions(diagram: Diagram) -> Iterator[Foreign]:
    within: int | None = None
    for part in diagram.parts:
        if within is not None and part.depth > within:
            continue  # its parent is named already
        within = part.depth if part.namespace not in _KEPT else None
        if within is not None:
            yield _foreign(part, part.tag, part.namespace)
        for key in part.attributes:
            if _is_foreign(key):
                yield _foreign(part, key.rpartition("}")[2], _space(key))


def _foreign(part: Part, tag: str, namespace: str) -> Foreign:
    where = f"{part.where}：" if part.owner else ""
    what = f"{where}{replacements.product(namespace)} 的扩展 {tag[:60]} 在这里不起作用。"
    return Foreign(part.line, part.owner or None, what, replacements.instead(tag), removable=True)


def _expressions(diagram: Diagram) -> Iterator[Foreign]:
    """Conditions in another product's language: `${...}` and FEEL's leading `=`."""
    for flow in (flow for process in diagram.processes for flow in process.flows.values()):
        better = replacements.rewritten(flow.condition or "")
        if better is not None:
            what = f"条件“{(flow.condition or '').strip()[:60]}”是其他产品的写法。"
            yield Foreign(flow.line, flow.id, what, better)


def _is_foreign(key: str) -> bool:
    space = _space(key)
    return bool(space) and space not in _KEPT and space not in _STANDARD


def _space(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
