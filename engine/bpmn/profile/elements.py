"""Which BPMN elements there are at all: the profile's list, and where each may stand.

Everything not on the list is refused, with a better word for what people really try: SpiffWorkflow runs some
of it wrongly without a sound (links, compensation throws, conditions in JavaScript) or ignores it (forms and
assignees of other products).
"""

from collections.abc import Iterator

from engine.bpmn.model import Diagram, Part
from engine.bpmn.parts import BPMN, SPIFF, is_node
from engine.bpmn.profile.finding import Finding
from engine.bpmn.replacements import instead, product

_NOTES = {"documentation", "extensionElements"}
_EVENTS = {"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"}
_TASKS = {"userTask", "manualTask", "serviceTask", "businessRuleTask", "receiveTask"}
_GATEWAYS = {"exclusiveGateway", "parallelGateway", "eventBasedGateway"}
_ACTIVITIES = _TASKS | {"subProcess", "callActivity"}
_DEFINITIONS = {
    "timerEventDefinition",
    "messageEventDefinition",
    "signalEventDefinition",
    "terminateEventDefinition",
}
_ARTIFACTS = {"textAnnotation", "association", "group"}
_SCOPE = _EVENTS | _ACTIVITIES | _GATEWAYS | _ARTIFACTS | _NOTES | {"laneSet", "sequenceFlow", "property"}
_ENDS = {"incoming", "outgoing"}

_ALLOWED: dict[str, set[str]] = {
    "": {"definitions"},
    "definitions": {"process", "collaboration", "message", "signal", "category"} | _NOTES,
    "collaboration": {"participant"} | _ARTIFACTS | _NOTES,
    "process": _SCOPE,
    "subProcess": _SCOPE | _ENDS | {"multiInstanceLoopCharacteristics"},
    "laneSet": {"lane"} | _NOTES,
    "lane": {"flowNodeRef", "childLaneSet"} | _NOTES,
    "childLaneSet": {"lane"} | _NOTES,
    "sequenceFlow": {"conditionExpression"} | _NOTES,
    "timerEventDefinition": {"timeDuration", "timeDate"} | _NOTES,
    "multiInstanceLoopCharacteristics": {
        *("loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem", "completionCondition"),
        *_NOTES,
    },
    "textAnnotation": {"text"} | _NOTES,
    "category": {"categoryValue"} | _NOTES,
    "extensionElements": set(),
    **dict.fromkeys(_EVENTS, _ENDS | _DEFINITIONS | _NOTES),
    **{tag: _ENDS | {"multiInstanceLoopCharacteristics"} | _NOTES for tag in _TASKS | {"callActivity"}},
    **dict.fromkeys(_GATEWAYS, _ENDS | _NOTES),
    **{
        tag: set(_NOTES)
        for tag in (
            *("messageEventDefinition", "signalEventDefinition", "terminateEventDefinition", "categoryValue"),
            *("participant", "message", "signal", "association", "group", "inputDataItem", "outputDataItem"),
            "property",  # names a list that a multi-instance task works on; the engine needs no declaration
        )
    },
}
_EXTENSIONS = {
    "extensionElements": {"properties", "serviceTaskOperator", "calledDecisionId", "messageVariable"},
    "properties": {"property"},
}

_USE_ACTION = "请改用自动步骤并选择一个具名动作。"
_ASSIGN_BY_LANE = "请用泳道表示由哪个岗位办理，表单写在任务的 form 属性里。"
_REFUSED: dict[str, tuple[str, str, str]] = {
    "scriptTask": ("script-task", "脚本任务会在服务器上执行代码", _USE_ACTION),
    "task": ("untyped-task", "没有类型的任务不知道由人还是由系统办理", "请改为人工步骤或自动步骤。"),
    "sendTask": ("send-task", "发送任务不会真正发出消息", _USE_ACTION),
    "inclusiveGateway": ("inclusive-gateway", "包容网关的汇合会出错", "请改用排他网关或并行网关。"),
    "complexGateway": ("complex-gateway", "复杂网关无法执行", "请改用排他网关或并行网关。"),
    "transaction": ("transaction", "事务子流程不受支持", "请改用普通子流程。"),
    "adHocSubProcess": ("ad-hoc", "临时子流程无法推进", "请把步骤用顺序流连接起来。"),
    "dataStore": ("data-store", "数据存储无法执行", "请删除；数据由系统保存。"),
    "dataStoreReference": ("data-store", "数据存储无法执行", "请删除；数据由系统保存。"),
    "dataObject": ("data-object", "数据对象不受支持", "请改用办理结果和具名动作，或改为文字注释。"),
    "dataObjectReference": ("data-object", "数据对象不受支持", "请改用办理结果和具名动作，或改为文字注释。"),
    "ioSpecification": ("data-object", "输入输出规格不受支持", "请删除；办理结果自动成为变量。"),
    "messageFlow": ("message-flow", "泳池之间的消息流不会执行", "请用等待消息的步骤或消息事件等待消息。"),
    "linkEventDefinition": ("link-event", "链接事件会让流程悄悄停住", "请用顺序流直接连接。"),
    "compensateEventDefinition": ("compensation", "补偿事件不起作用", "请画出撤回的步骤。"),
    "escalationEventDefinition": ("escalation", "升级事件不受支持", "请用边界定时事件和自动步骤提醒。"),
    "escalation": ("escalation", "升级不受支持", "请用边界定时事件和自动步骤提醒。"),
    "errorEventDefinition": ("error-event", "错误事件不受支持", "请让具名动作返回结果，再用排他网关分支。"),
    "error": ("error-event", "错误不受支持", "请让具名动作返回结果，再用排他网关分支。"),
    "cancelEventDefinition": ("cancel-event", "取消事件不受支持", "请用排他网关分支。"),
    "conditionalEventDefinition": ("conditional-event", "条件事件不受支持", "请用消息事件或排他网关。"),
    "timeCycle": ("timer-cycle", "循环定时不受支持", "请用一次性的期限，催办写在任务的 reminders 属性里。"),
    "standardLoopCharacteristics": ("standard-loop", "循环标记不受支持", "请用排他网关画出回路。"),
    "loopCardinality": ("loop-cardinality", "固定次数的多实例没有数量上限", "请改为对一个列表逐项办理。"),
    "potentialOwner": ("ignored-assignment", "办理人设置会被忽略", _ASSIGN_BY_LANE),
    "humanPerformer": ("ignored-assignment", "办理人设置会被忽略", _ASSIGN_BY_LANE),
    "performer": ("ignored-assignment", "办理人设置会被忽略", _ASSIGN_BY_LANE),
    "parameters": (
        "action-parameter",
        "具名动作不读取参数，写了也会被忽略",
        "请删除参数；动作直接读取案件和政策数据。",
    ),
    "preScript": ("task-script", "任务前脚本会在服务器上执行代码", _USE_ACTION),
    "postScript": ("task-script", "任务后脚本会在服务器上执行代码", _USE_ACTION),
    "unitTests": ("task-script", "脚本测试会在服务器上执行代码", "请删除。"),
}
_VALUES = {
    "isForCompensation": ("compensation", {"false"}, "请画出撤回的步骤。"),
    "triggeredByEvent": ("event-subprocess", {"false"}, "请改用边界事件连接普通步骤。"),
    "startQuantity": ("unsupported-attribute", {"1"}, "请删除该属性。"),
    "completionQuantity": ("unsupported-attribute", {"1"}, "请删除该属性。"),
    "instantiate": ("unsupported-attribute", {"false"}, "请改用普通开始事件。"),
    "eventGatewayType": ("unsupported-attribute", {"Exclusive"}, "请改用并行网关连接多个等待。"),
    "parallelMultiple": ("unsupported-attribute", {"false"}, "请拆成几个事件。"),
    "behavior": ("unsupported-attribute", {"All"}, "请删除该属性。"),
    "language": ("expression-language", {""}, "表达式只有一种写法，请删除 language 属性。"),
}
_STANDARD_ATTRIBUTES = (
    "{http://www.w3.org/2001/XMLSchema-instance}",
    "{http://www.w3.org/XML/1998/namespace}",
)


def check(diagram: Diagram) -> Iterator[Finding]:
    """Every XML element and attribute outside the layout against the list; coordinates are numbers."""
    for line in diagram.bad_coordinates:
        message = f"第 {line} 行图形的坐标或大小不是数。"
        yield Finding(diagram.name, None, line, "layout", message, "请在编辑器中移动该图形后重新保存。")
    refused_depth: int | None = None
    outcomes = {
        f"{part.id}_outcome" for part in diagram.parts if part.namespace == BPMN and is_node(part.tag)
    }
    for part in diagram.parts:
        if refused_depth is not None and part.depth > refused_depth:
            continue  # the parent is refused already
        refused_depth = None
        for finding in _element(diagram.name, part):
            refused_depth = part.depth
            yield finding
        yield from _attributes(diagram.name, part)
        if part.namespace == SPIFF and part.tag == "messageVariable" and part.text not in outcomes:
            message = f"{part.where}的消息变量“{part.text[:60]}”不会被填写。"
            fix = "消息的结果自动成为 编号_outcome，请删除或改成这个名字。"
            yield Finding(diagram.name, part.owner or None, part.line, "message-variable", message, fix)


def _element(file: str, part: Part) -> Iterator[Finding]:
    if part.namespace == BPMN and part.tag in _ALLOWED.get(part.parent_tag, set()):
        return
    if part.namespace == SPIFF and part.tag in _EXTENSIONS.get(part.parent_tag, set()):
        return
    where = f"{part.where}：" if part.owner else ""
    if part.namespace in {BPMN, SPIFF} and part.tag in _REFUSED:
        rule, message, fix = _REFUSED[part.tag]
        yield Finding(file, part.owner or None, part.line, rule, f"{where}{message}。", fix)
    elif part.namespace in {BPMN, SPIFF}:
        message = f"{where}这里不支持 BPMN 元素 {part.tag[:60]}。"
        yield Finding(file, part.owner or None, part.line, "unsupported-element", message, "请删除该元素。")
    else:
        yield _foreign(
            file, part, f"{where}{product(part.namespace)} 的扩展 {part.tag[:60]} 会被忽略。", part.tag
        )


def _attributes(file: str, part: Part) -> Iterator[Finding]:
    if part.tag == "definitions":
        return
    for name, value in part.attributes.items():
        if name in _VALUES and part.namespace == BPMN and value not in _VALUES[name][1]:
            rule, _, fix = _VALUES[name]
            message = f"{part.where}的属性 {name}={value[:40]} 不受支持。"
            yield Finding(file, part.owner or None, part.line, rule, message, fix)
        elif name.startswith("{") and not name.startswith(_STANDARD_ATTRIBUTES):
            space, _, bare = name[1:].partition("}")
            yield _foreign(file, part, f"{part.where}的 {product(space)} 属性 {bare[:60]} 会被忽略。", bare)


def _foreign(file: str, part: Part, message: str, tag: str) -> Finding:
    return Finding(file, part.owner or None, part.line, "foreign-extension", message, instead(tag))
