"""Files of other modelers (其他建模工具的文件): what of them is not supported, with what to draw instead.

A file from Camunda Modeler or another tool is valid BPMN, but its extensions (forms, assignees, delegates,
listeners) mean nothing to this engine. Each is named with the property of ours that says the same, so that the
admin can carry it over; `without_extensions` then takes them out. Pure: no database, no engine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from engine.bpmn import safe_xml
from engine.bpmn.model import Diagram, Part
from engine.bpmn.profile import elements, tables
from engine.bpmn.reader import BPMN, DMN, LAYOUT, SPIFF, read

_KEPT = {BPMN, SPIFF, *DMN, *LAYOUT, ""}
_STANDARD = (
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/XML/1998/namespace",
    "http://www.w3.org/2000/xmlns/",
)

_LANE = "请用泳道表示由哪个岗位办理：把步骤画进该岗位的泳道。"
_FORM = "请在步骤的“表单”里选择本系统的表单。"
_LIMIT = "请在步骤的“办理期限”里写工作日数或政策参数。"
_ACTION = "请改为自动步骤，并选择一个具名动作。"
_OUTCOME = "请在步骤的“办理结果”里列出结果；变量 编号_outcome 自动得到结果。"
_DROP = "可以直接删除；本系统不需要。"
_REPLACEMENTS = {
    **dict.fromkeys(
        (
            *("assignee", "candidateGroups", "candidateUsers", "candidateStarterGroups"),
            *("candidateStarterUsers", "assignmentDefinition", "potentialOwner"),
        ),
        _LANE,
    ),
    **dict.fromkeys(
        (
            *("formKey", "formRef", "formRefBinding", "formRefVersion", "formData", "formField"),
            *("formDefinition", "userTaskForm", "formProperty", "userTask", "formHandlerClass"),
        ),
        _FORM,
    ),
    **dict.fromkeys(("dueDate", "followUpDate", "taskSchedule"), _LIMIT),
    **dict.fromkeys(
        (
            *("class", "delegateExpression", "expression", "topic", "type", "connector", "taskDefinition"),
            *("taskHeaders", "script", "asyncBefore", "asyncAfter", "exclusive", "jobPriority"),
            *("failedJobRetryTimeCycle", "retryCounter", "properties"),
        ),
        _ACTION,
    ),
    **dict.fromkeys(
        (
            *("inputOutput", "inputParameter", "outputParameter", "ioMapping", "input", "output"),
            *("resultVariable", "resultVariableName", "in", "out", "variableMappingClass"),
        ),
        _OUTCOME,
    ),
    **dict.fromkeys(("executionListener", "executionListeners", "taskListener", "taskListeners"), _ACTION),
    "calledElement": "请在调用活动的“调用的流程”里选择本系统的流程。",
    "calledDecision": "请在决策表步骤的“决策表”里选择。",
    **dict.fromkeys(("decisionRef", "decisionRefBinding", "mapDecisionResult"), "请在“决策表”里选择。"),
    "loopCharacteristics": "请在“多实例”里填写列表和每项的变量名。",
    "collection": "请在“多实例”里填写列表和每项的变量名。",
    "elementVariable": "请在“多实例”里填写列表和每项的变量名。",
    "subscription": "请在等待消息的步骤里选择消息；案件由系统认定，不需要关联键。",
    **dict.fromkeys(
        (
            *("historyTimeToLive", "versionTag", "isStartableInTasklist", "executionPlatform", "priority"),
            *("executionPlatformVersion", "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon"),
            *("diagramRelationId", "candidateStarter", "initiator", "jobRetryTimeCycle", "taskPriority"),
        ),
        _DROP,
    ),
}
_WORDS = {"camunda": "Camunda 7", "zeebe": "Camunda 8", "modeler": "Camunda Modeler", "activiti": "Activiti"}


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
    product = next((word for key, word in _WORDS.items() if key in namespace), "其他产品")
    where = f"“{part.owner}”：" if part.owner else ""
    what = f"{where}{product} 的扩展 {tag[:60]} 在这里不起作用。"
    return Foreign(part.line, part.owner or None, what, _REPLACEMENTS.get(tag, _DROP), removable=True)


def _expressions(diagram: Diagram) -> Iterator[Foreign]:
    """Conditions in another product's language: `${...}` and FEEL's leading `=`."""
    for flow in (flow for process in diagram.processes for flow in process.flows.values()):
        text = (flow.condition or "").strip()
        if text.startswith(("${", "#{", "=")):
            yield Foreign(flow.line, flow.id, f"条件“{text[:60]}”是其他产品的写法。", _rewritten(text))


def _rewritten(text: str) -> str:
    """The same comparison as we would write it, as far as it is only spelled differently."""
    bare = text[2:-1] if text.startswith(("${", "#{")) and text.endswith("}") else text.lstrip("=")
    plain = bare.strip().replace("&&", " and ").replace("||", " or ")
    if text.startswith("=") and "==" not in plain and "!=" not in plain:
        plain = plain.replace(" = ", " == ")
    return f'请改写为 {" ".join(plain.split())[:80]}；步骤的结果写作 步骤编号_outcome == "结果"。'


def _is_foreign(key: str) -> bool:
    space = _space(key)
    return bool(space) and space not in _KEPT and space not in _STANDARD


def _space(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
