"""Flows lead somewhere, conditions stand only where the engine reads them, gateways can always go on."""

from collections import Counter
from collections.abc import Iterator

from engine.bpmn.model import Element, Flow
from engine.bpmn.profile.finding import Finding, Page, expression, title

_GATEWAYS = {"exclusiveGateway", "parallelGateway", "eventBasedGateway"}
_AWAITED = {"intermediateCatchEvent", "receiveTask"}


def check(page: Page) -> Iterator[Finding]:
    """Every flow, and every node's way in and out."""
    for flow in page.process.flows.values():
        yield from _ends(page, flow)
    for element in page.process.elements.values():
        yield from _leaving(page, element)


def _ends(page: Page, flow: Flow) -> Iterator[Finding]:
    elements = page.process.elements
    for end, word in ((flow.source, "起点"), (flow.target, "终点")):
        node = elements.get(end)
        if node is None:
            message = f"顺序流“{flow.id}”的{word}“{end[:60]}”不存在。"
            yield page.on(flow.id, flow.line, "dangling-flow", message, "请重新连接或删除这条顺序流。")
        elif node.parent != flow.parent:
            message = f"顺序流“{flow.id}”穿过了子流程的边框（{word}在另一层）。"
            yield page.on(flow.id, flow.line, "flow-crosses-scope", message, "请在同一层内连接。")
    target = elements.get(flow.target)
    if target is not None and target.kind == "boundaryEvent":
        yield page.at(target, "flow-into-boundary", "不能有进入的顺序流。", "请把顺序流接到所附的任务。")


def _leaving(page: Page, element: Element) -> Iterator[Finding]:
    flows = page.process.outgoing(element)
    if len(flows) > 1 and element.kind not in _GATEWAYS:
        fix = "请在后面加一个排他网关或并行网关再分支。"
        yield page.at(element, "several-outgoing", f"有 {len(flows)} 条离开的顺序流。", fix)
    for target, count in Counter(flow.target for flow in flows).items():
        if count > 1:
            fix = "请合并成一条，条件用 or 连接。"
            yield page.at(element, "duplicate-flow", f"有 {count} 条顺序流通向同一节点“{target}”。", fix)
    if element.default and element.default not in element.outgoing:
        fix = "请重新指定默认流。"
        yield page.at(element, "dangling-default", f"的默认流“{element.default[:60]}”不是它的离开流。", fix)
    if element.kind == "exclusiveGateway":
        yield from _exclusive(page, element, flows)
    else:
        for flow in flows:
            if flow.condition is not None:
                message = f"顺序流“{flow.name or flow.id}”离开{title(element)}，条件会被引擎忽略。"
                fix = "请在中间加一个排他网关，把条件写在网关的离开流上。"
                yield page.on(flow.id, flow.line, "condition-ignored", message, fix)
    if element.kind == "eventBasedGateway":
        yield from _event_based(page, element, flows)


def _exclusive(page: Page, element: Element, flows: tuple[Flow, ...]) -> Iterator[Finding]:
    if len(flows) > 1 and element.default not in element.outgoing:
        fix = "请把其中一条离开流设为默认流（条件都不成立时走它）。"
        yield page.at(element, "gateway-without-default", "没有默认流，条件都不成立时流程会出错。", fix)
    for flow in flows:
        if flow.id == element.default or len(flows) == 1:
            if flow.condition is not None:
                message = f"顺序流“{flow.name or flow.id}”是{title(element)}的默认流或唯一出路，不应有条件。"
                yield page.on(flow.id, flow.line, "condition-on-default", message, "请删除这个条件。")
        elif flow.condition is None:
            message = f"顺序流“{flow.name or flow.id}”离开{title(element)}，既没有条件也不是默认流。"
            yield page.on(flow.id, flow.line, "flow-without-condition", message, "请写上条件或设为默认流。")
        if flow.condition is not None:
            what = f"顺序流“{flow.name or flow.id}”的条件"
            yield from expression(page.file, flow.id, flow.line, what, flow.condition)


def _event_based(page: Page, element: Element, flows: tuple[Flow, ...]) -> Iterator[Finding]:
    if len(flows) < 2:
        yield page.at(element, "event-gateway", "应有至少两条离开流。", "请加上另一个等待的事件。")
    for flow in flows:
        target = page.process.elements.get(flow.target)
        if target is None:
            continue
        if target.kind not in _AWAITED:
            fix = "请在事件网关之后放中间捕获事件或等待消息的步骤。"
            yield page.at(element, "event-gateway", f"之后不能接{title(target)}。", fix)
        elif len(target.incoming) > 1 or target.boundary:
            fix = "请让它只接在这一个事件网关之后，且不附边界事件。"
            yield page.at(target, "event-gateway", "同时接在别的节点之后或带有边界事件。", fix)
