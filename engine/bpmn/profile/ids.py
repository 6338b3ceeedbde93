"""Ids: present, unique, of a harmless shape, and never two things of the engine under one name.

SpiffWorkflow finds a flow's target by id among everything inside the process, service operators and data
items included, keeps subprocesses and processes in one table, and names its own helper tasks; a clash
sends the token somewhere else without an error.
"""

import re
from collections.abc import Iterator

from engine.bpmn.model import Diagram, ProcessModel
from engine.bpmn.parts import BPMN, is_node
from engine.bpmn.profile.finding import Finding, Page

_SHAPE = re.compile(r"[^\W\d][\w.\-]{0,99}", re.UNICODE)
_RESERVED = re.compile(
    r"Root|Start|End|StartEventSplit|StartEventJoin|.*\.(EndJoin|BoundaryEvent(Split|Join))"
)
_DATA_ITEMS = {"inputDataItem", "outputDataItem"}
_NEEDS_ID = {"process", "sequenceFlow", "lane", "message", "signal", "participant"}
_RENAME = "请在编辑器里改成以字母开头、只含字母、数字、下划线的唯一编号。"


def check_file(diagram: Diagram) -> Iterator[Finding]:
    """Ids within one file."""
    seen: dict[str, int] = {}
    nodes = {part.id for part in diagram.parts if part.namespace == BPMN and is_node(part.tag)}
    for part in diagram.parts:
        if part.namespace == BPMN and not part.id and (is_node(part.tag) or part.tag in _NEEDS_ID):
            message = f"第 {part.line} 行的 {part.tag} 没有编号（id）。"
            yield Finding(diagram.name, part.owner or None, part.line, "missing-id", message, _RENAME)
        if part.id is None or part.id == "":
            continue
        if not _SHAPE.fullmatch(part.id):
            message = f"编号“{part.id[:60]}”含有不允许的字符或过长。"
            yield Finding(diagram.name, part.id[:100], part.line, "bad-id", message, _RENAME)
        elif part.namespace == BPMN and is_node(part.tag) and _RESERVED.fullmatch(part.id):
            message = f"编号“{part.id}”是引擎内部使用的名字。"
            yield Finding(diagram.name, part.id, part.line, "reserved-id", message, _RENAME)
        if part.namespace != BPMN:
            if part.id in nodes:
                message = f"具名动作或其参数的编号“{part.id}”与一个节点的编号相同，引擎会走错步骤。"
                yield Finding(diagram.name, part.id, part.line, "operator-id-clash", message, _RENAME)
        elif part.tag in _DATA_ITEMS:
            if part.id in nodes:
                message = f"多实例数据项“{part.id}”与一个节点的编号相同，引擎会走错步骤。"
                yield Finding(diagram.name, part.id, part.line, "data-item-clash", message, _RENAME)
        elif part.id in seen:
            message = f"编号“{part.id}”重复，第 {seen[part.id]} 行已经用过。"
            yield Finding(diagram.name, part.id, part.line, "duplicate-id", message, _RENAME)
        else:
            seen[part.id] = part.line


def check_closure(page: Page) -> Iterator[Finding]:
    """Subprocess ids among everything that runs together: the engine keeps one table for all of them."""
    taken: dict[str, str] = {}
    for process in page.world.closure(page.process).values():
        if process.id != page.process.id:
            taken |= dict.fromkeys([process.id, *_subprocesses(process)], process.name or process.id)
    for key in _subprocesses(page.process):
        if key in taken:
            message = f"的编号“{key}”在被调用的流程“{taken[key]}”里也用到了，引擎会混淆。"
            yield page.at(page.process.elements[key], "subprocess-id-clash", message, _RENAME)


def _subprocesses(process: ProcessModel) -> Iterator[str]:
    return (element.id for element in process.elements.values() if element.kind == "subProcess")
