"""A file holds one executable process; each scope one plain start and an end; lanes are named."""

from collections import Counter
from collections.abc import Iterator

from engine.bpmn.model import Diagram, Element
from engine.bpmn.parts import BPMN
from engine.bpmn.profile.finding import Finding, Page

MAX_NODES = 300
"""Nodes of one process that can still be read (the largest shipped one has about 40), and that the engine's
recursive parser can follow."""

MAX_FLOWS = 600

MAX_CALLED = 60
"""Processes one case may run through, all calls counted (the largest shipped procedure has about ten)."""


def check_file(diagram: Diagram) -> Iterator[Finding]:
    """How many processes a file holds, and which pools show them."""
    if not diagram.processes:
        message = f"{diagram.name} 里没有流程。"
        yield Finding(diagram.name, None, 1, "no-process", message, "请画出一个流程再上传。")
    for process in diagram.processes[1:]:
        message = f"{diagram.name} 里有多个流程，“{process.id}”是多余的。"
        fix = "请每个文件只放一个流程，用调用活动连接。"
        yield Finding(diagram.name, process.id or None, process.line, "several-processes", message, fix)
    known = {process.id for process in diagram.processes}
    for part in diagram.parts:
        reference = part.attributes.get("processRef")
        if part.namespace == BPMN and part.tag == "participant" and reference and reference not in known:
            message = f"泳池“{part.owner}”指向的流程“{reference[:60]}”不存在。"
            yield Finding(
                diagram.name, part.id, part.line, "dangling-reference", message, "请让泳池指向本文件的流程。"
            )


def check_size(page: Page) -> Iterator[Finding]:
    """Whether a process is small enough to be looked at more closely."""
    process = page.process
    if len(process.elements) > MAX_NODES or len(process.flows) > MAX_FLOWS:
        message = f"流程“{process.id}”超过 {MAX_NODES} 个节点或 {MAX_FLOWS} 条顺序流。"
        yield page.on(process.id, process.line, "too-large", message, "请用调用活动拆成几个流程。")
    calls = len(page.world.closure(process))
    if calls > MAX_CALLED:
        message = f"流程“{process.id}”共调用 {calls} 个流程，超过 {MAX_CALLED} 个。"
        yield page.on(process.id, process.line, "too-many-calls", message, "请合并一些流程。")


def check(page: Page) -> Iterator[Finding]:
    """One process: executable, with starts, ends and lanes."""
    process = page.process
    if not process.executable:
        message = f"流程“{process.id}”没有标记为可执行，引擎会忽略它。"
        fix = '请在流程属性里勾选“可执行”（isExecutable="true"）。'
        yield page.on(process.id, process.line, "not-executable", message, fix)
    yield from _scope(page, process.id, process.line)
    for element in process.elements.values():
        if element.kind == "subProcess":
            yield from _scope(page, element.id, element.line)
        yield from _start_and_end(page, element)
    yield from _lanes(page)


def _scope(page: Page, key: str, line: int) -> Iterator[Finding]:
    kinds = Counter(element.kind for element in page.process.inside(key))
    if kinds["startEvent"] != 1:
        message = f"“{key}”应有一个开始事件，现有 {kinds['startEvent']} 个。"
        yield page.on(key, line, "one-start", message, "请只保留一个没有触发条件的开始事件。")
    if not kinds["endEvent"]:
        message = f"“{key}”没有结束事件。"
        yield page.on(key, line, "no-end", message, "请在每条路径的末尾放一个结束事件。")


def _start_and_end(page: Page, element: Element) -> Iterator[Finding]:
    if element.kind == "startEvent":
        if element.events:
            fix = "请改为普通开始事件；由系统或具名动作来发起流程。"
            yield page.at(element, "start-trigger", "不能有触发条件。", fix)
        if element.incoming:
            yield page.at(
                element, "flow-into-start", "不能有进入的顺序流。", "请把顺序流接到开始之后的步骤。"
            )
    if element.kind == "endEvent":
        if any(event.kind != "terminate" for event in element.events) or len(element.events) > 1:
            fix = "请改为普通结束或终止结束；发消息请用自动步骤。"
            yield page.at(element, "end-kind", "的类型不受支持。", fix)
        if element.outgoing:
            yield page.at(element, "flow-out-of-end", "不能有离开的顺序流。", "请把后续步骤接到结束之前。")


def _lanes(page: Page) -> Iterator[Finding]:
    elements = page.process.elements
    lane_of: dict[str, str] = {}
    for lane in page.process.lanes:
        if not lane.name:
            message = f"泳道“{lane.id}”没有名称。"
            yield page.on(lane.id, lane.line, "lane-without-name", message, "请写上岗位名称，如“受理员”。")
        for node in lane.nodes:
            if node not in elements:
                message = f"泳道“{lane.name or lane.id}”列出的节点“{node[:60]}”不存在。"
                yield page.on(lane.id, lane.line, "dangling-reference", message, "请删除这一引用。")
                continue
            lane_of[node] = lane.name
    for node, name in lane_of.items():
        if name and elements[node].lane not in {name, None}:
            message = f"画在泳道“{name}”，但引擎按泳道“{elements[node].lane}”处理（子流程整体属于一个泳道）。"
            yield page.at(elements[node], "lane-conflict", message, "请把子流程移出泳道，或让内外泳道一致。")
