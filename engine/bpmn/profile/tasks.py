"""Tasks: people have a lane, actions and decisions exist, calls lead somewhere and never in a circle."""

import re
from collections.abc import Iterator

from engine.bpmn import expressions
from engine.bpmn.model import HUMAN_TASKS, Element, Repeat
from engine.bpmn.profile import limits
from engine.bpmn.profile.finding import Finding, Page, expression, title
from engine.vocabulary import CaseStatus

_REPEATABLE = {"userTask", "manualTask", "subProcess", "callActivity"}
_WORD = re.compile(r"[a-z][a-z0-9_]{0,60}")


def check(page: Page) -> Iterator[Finding]:
    """Every activity of a process."""
    for element in page.process.elements.values():
        if element.kind in HUMAN_TASKS and not element.lane:
            fix = "请把它画进一个岗位的泳道；被调用的流程里也要有自己的泳道。"
            yield page.at(element, "human-task-without-lane", "没有泳道，不知道由谁办理。", fix)
        if element.kind == "serviceTask":
            yield from _service(page, element)
        if element.kind == "businessRuleTask":
            yield from _decision(page, element)
        if element.kind == "callActivity":
            yield from _call(page, element)
        if element.repeat is not None:
            yield from _repeat(page, element, element.repeat)
        yield from _properties(page, element)
    yield from _circles(page)


def _service(page: Page, element: Element) -> Iterator[Finding]:
    operator = element.operator
    if operator is None or not operator.id:
        yield page.at(element, "service-without-action", "没有选择具名动作。", "请在属性里选择一个具名动作。")
        return
    actions = page.world.actions
    if actions is not None and operator.id not in actions:
        fix = f"请从这些动作中选择：{'、'.join(sorted(actions))}。"
        yield page.at(element, "unknown-action", f"的具名动作“{operator.id[:60]}”不存在。", fix)
    variable = operator.result_variable
    if variable and variable != f"{element.id}_outcome":
        fix = f"请删除，或写成 {element.id}_outcome。"
        yield page.at(element, "result-variable", f"的结果变量“{variable[:60]}”会被忽略。", fix)


def _decision(page: Page, element: Element) -> Iterator[Finding]:
    if not element.decision:
        yield page.at(element, "rule-without-decision", "没有选择决策表。", "请在属性里选择一个决策表。")
    elif element.decision not in page.world.decisions:
        fix = "请一并上传该 DMN 文件，或选择已有的决策表。"
        yield page.at(element, "unknown-decision", f"的决策表“{element.decision[:60]}”不存在。", fix)


def _call(page: Page, element: Element) -> Iterator[Finding]:
    if not element.called:
        yield page.at(element, "call-without-process", "没有选择要调用的流程。", "请填写被调用流程的编号。")
    elif element.called not in page.world.processes:
        fix = "请一并上传该流程的文件，或改为已有流程的编号。"
        yield page.at(element, "unknown-process", f"调用的流程“{element.called[:60]}”不存在。", fix)


def _circles(page: Page) -> Iterator[Finding]:
    for element in page.process.elements.values():
        callee = page.world.callee(element)
        if callee is not None and page.process.id in page.world.closure(callee):
            fix = "请用排他网关画出回路，代替调用自己。"
            yield page.at(element, "recursive-call", f"调用“{callee.id}”又会调用回本流程。", fix)


def _repeat(page: Page, element: Element, repeat: Repeat) -> Iterator[Finding]:
    if element.kind not in _REPEATABLE:
        fix = "请把它放进子流程，对子流程设多实例。"
        yield page.at(element, "multi-instance-kind", "不能设为多实例。", fix)
    parts = {
        "loopDataInputRef": repeat.collection,
        "inputDataItem": repeat.item,
        "loopDataOutputRef": repeat.output_collection,
        "outputDataItem": repeat.output_item,
    }
    for tag, name in parts.items():
        if not name:
            fix = "请写明要处理的列表、每项的变量名、结果列表和每项的结果变量名。"
            yield page.at(element, "multi-instance-data", f"的多实例缺少 {tag}。", fix)
        elif not expressions.is_name(name):
            yield page.at(
                element, "variable-name", f"的 {tag}“{name[:60]}”不能作变量名。", "请用字母开头的名字。"
            )
    names = [name for name in parts.values() if name]
    if len(set(names)) < len(names):
        yield page.at(
            element, "multi-instance-data", "的多实例有两处用了同一个变量名。", "请用四个不同的名字。"
        )
    if repeat.completion is not None:
        what = f"{title(element)}的多实例完成条件"
        yield from expression(page.file, element.id, repeat.line, what, repeat.completion)


def _properties(page: Page, element: Element) -> Iterator[Finding]:
    properties = element.properties
    if limit := properties.get("limit"):
        yield from limits.check(page, element.id, element.line, f"{title(element)}的期限", limit)
    if plan := properties.get("reminders"):
        yield from limits.reminders(page, element.id, element.line, plan)
    form, forms = properties.get("form"), page.world.forms
    if form and forms is not None and form not in forms:
        yield page.at(element, "unknown-form", f"的表单“{form[:60]}”不存在。", "请改选已有的表单。")
    status = properties.get("status")
    if status is not None and status not in set(CaseStatus):
        fix = f"请从这些状态中选择：{'、'.join(CaseStatus)}。"
        yield page.at(element, "unknown-status", f"的状态“{status[:60]}”不存在。", fix)
    for key in ("outcomes", "outcome"):
        words = [word.strip() for word in properties[key].split(",")] if key in properties else []
        for word in words:
            if not _WORD.fullmatch(word):
                fix = "请用小写英文字母和下划线，多个用英文逗号隔开，如 accept,return。"
                yield page.at(element, "outcome-name", f"的办理结果“{word[:60]}”写法不对。", fix)
