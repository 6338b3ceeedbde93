"""What to use here instead of another product's extension (其他产品写法的替代): the same thing in our properties."""

import re

_WORD = re.compile(r"\b(true|false)\b")

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
_PRODUCTS = {
    "zeebe": "Camunda 8",
    "modeler": "Camunda Modeler",
    "camunda": "Camunda 7",
    "activiti": "Activiti",
    "flowable": "Flowable",
    "signavio": "Signavio",
    "bizagi": "Bizagi",
    "triso": "Trisotech",
}
"""Products by a part of their namespace; the first found counts (Camunda 8's lies under Camunda's address)."""


def product(namespace: str) -> str:
    """The product an extension belongs to."""
    return next((name for key, name in _PRODUCTS.items() if key in namespace.lower()), "其他产品")


def instead(tag: str) -> str:
    """What to use instead of an extension element or attribute."""
    return _REPLACEMENTS.get(tag, _DROP)


def rewritten(condition: str) -> str | None:
    """The same comparison as we would write it, as far as it is only spelled differently; None for our own."""
    text = condition.strip()
    if not text.startswith(("${", "#{", "=")):
        return None
    bare = text[2:-1] if text.startswith(("${", "#{")) and text.endswith("}") else text.lstrip("=")
    plain = bare.strip().replace("&&", " and ").replace("||", " or ")
    if text.startswith("=") and "==" not in plain and "!=" not in plain:
        plain = plain.replace(" = ", " == ")
    plain = _WORD.sub(lambda word: word[0].capitalize(), plain)
    return f'请改写为 {" ".join(plain.split())[:80]}；步骤的结果写作 步骤编号_outcome == "结果"。'
