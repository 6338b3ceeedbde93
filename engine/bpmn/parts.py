"""Every XML element of a file, layout apart (文件的各部分): what the profile and the import list go through.

A part belongs to the step, flow or lane it is drawn with, so that a finding about an event definition or a form
leads to something that can be seen on the diagram.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from engine.bpmn.model import Part

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
DMN = (
    "https://www.omg.org/spec/DMN/20191111/MODEL/",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
)
LAYOUT = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
    "https://www.omg.org/spec/DMN/20191111/DMNDI/",
    "http://www.omg.org/spec/DMN/20180521/DMNDI/",
    "http://www.omg.org/spec/DMN/20180521/DC/",
    "http://www.omg.org/spec/DMN/20180521/DI/",
)

_COORDINATE = re.compile(r"-?\d{1,7}(\.\d{1,20})?")
_NODE_SUFFIXES = ("Task", "Event", "Gateway", "Activity", "SubProcess", "subProcess")
_NODE_NAMES = ("task", "transaction")
_SCOPES = ("subProcess", "SubProcess", "transaction")
_INSIDE = ("LoopCharacteristics", "extensionElements")


class _Owner(NamedTuple):
    """The drawn element around a part; `whole` when everything in it belongs to it, whatever ids there are."""

    id: str = ""
    name: str = ""
    whole: bool = False


_NOBODY = _Owner()


def parts(root: etree._Element) -> Iterator[Part]:
    """Every XML element except the layout's own, with what it belongs to, in document order.

    What is not layout is listed wherever it hides, inside the layout too: the engine would find it there.
    """
    owners: list[_Owner] = []
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            owners.pop()
            continue
        space, tag = split(node)
        owners.append(_owner(node, tag, owners[-1] if owners else _NOBODY))
        if space in LAYOUT:
            continue
        parent = node.getparent()
        yield Part(
            tag=tag,
            namespace=space,
            line=line_of(node),
            depth=len(owners),
            owner=owners[-1].id,
            owner_name=owners[-1].name,
            parent_tag="" if parent is None else split(parent)[1],
            id=node.get("id"),
            text=(node.text or "").strip(),
            attributes={str(key): str(value) for key, value in node.attrib.items()},
        )


def _owner(node: etree._Element, tag: str, around: _Owner) -> _Owner:
    if around.whole:
        return around
    if tag.endswith(_INSIDE):
        return around._replace(whole=True)
    step = tag == "sequenceFlow" or (is_node(tag) and not tag.endswith(_SCOPES))
    key = node.get("id")
    return _Owner(key, node.get("name", ""), step) if key else around._replace(whole=step)


def bad_coordinates(root: etree._Element) -> Iterator[int]:
    """Lines of the layout where a coordinate is no number."""
    for space in LAYOUT:
        for node in root.iter(f"{{{space}}}*"):
            if not all(_COORDINATE.fullmatch(node.get(name, "0")) for name in ("x", "y", "width", "height")):
                yield line_of(node)


def is_node(tag: str) -> bool:
    """Whether a BPMN tag is a flow node: something a token can stand on."""
    return tag in _NODE_NAMES or tag.endswith(_NODE_SUFFIXES)


def split(node: etree._Element) -> tuple[str, str]:
    """An element's namespace and tag."""
    name = etree.QName(node)
    return name.namespace or "", name.localname


def line_of(node: etree._Element) -> int:
    """The line in the file."""
    return int(node.sourceline or 1)
