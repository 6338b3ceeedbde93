"""Events: each waits for exactly one thing that can come, and boundary events sit on something that waits."""

from collections.abc import Iterator

from engine.bpmn.model import Element, EventDefinition
from engine.bpmn.profile import limits
from engine.bpmn.profile.finding import Finding, Page, title

_ALLOWED = {
    "boundaryEvent": {"timer", "message", "signal"},
    "intermediateCatchEvent": {"timer", "message", "signal"},
    "intermediateThrowEvent": {"signal"},
}
_KNOWN = {"timer", "message", "signal", "terminate"}
_HOSTS = {"userTask", "manualTask", "receiveTask", "subProcess", "callActivity"}
_CATCHING = {"boundaryEvent", "intermediateCatchEvent"}


def check(page: Page) -> Iterator[Finding]:
    """Every event and receive task of a process, and its signals."""
    for element in page.process.elements.values():
        if element.kind in _ALLOWED:
            yield from _definitions(page, element)
        if element.kind == "boundaryEvent":
            yield from _boundary(page, element)
        if element.kind == "receiveTask" and not element.message:
            yield page.at(
                element, "message-missing", "没有指定消息，会立即通过。", "请选择一个有名称的消息。"
            )
    yield from _signals(page)


def _definitions(page: Page, element: Element) -> Iterator[Finding]:
    if len(element.events) != 1:
        yield page.at(
            element, "event-definition", f"应恰有一种触发，现有 {len(element.events)} 种。", "请只选一种。"
        )
    for event in element.events:
        if event.kind not in _KNOWN:
            continue  # `elements` has refused it, with what to draw instead
        if event.kind not in _ALLOWED[element.kind]:
            fix = "请改为定时、消息或信号；发消息请用自动步骤。"
            yield page.at(element, "event-kind", f"不支持 {event.kind} 类型。", fix)
        elif event.kind == "timer":
            yield from _timer(page, element, event)
        elif not event.name:
            word = "消息" if event.kind == "message" else "信号"
            fix = f"请选择一个有名称的{word}。"
            yield page.at(element, f"{event.kind}-missing", f"没有指定{word}或{word}没有名称。", fix)


def _timer(page: Page, element: Element, event: EventDefinition) -> Iterator[Finding]:
    if len(event.timers) != 1:
        fix = "请写一个期限（timeDuration）或日期（timeDate）。"
        yield page.at(element, "timer", f"应恰有一个时间，现有 {len(event.timers)} 个。", fix)
    for timer in event.timers:
        yield from limits.check(page, element.id, event.line, f"{title(element)}的时间", timer.text)


def _boundary(page: Page, element: Element) -> Iterator[Finding]:
    host = page.process.elements.get(element.attached_to or "")
    if host is None or host.parent != element.parent:
        fix = "请把它贴在一个任务的边上。"
        yield page.at(element, "boundary-host", f"所附的节点“{element.attached_to}”不存在。", fix)
    elif host.kind not in _HOSTS:
        fix = "请把它贴在人工步骤、等待消息的步骤、子流程或调用活动上。"
        yield page.at(element, "boundary-host", f"不能附在{title(host)}上，那里不会等待。", fix)
    if len(element.outgoing) != 1:
        fix = "请连接触发后的步骤。"
        yield page.at(element, "boundary-outgoing", f"应有一条离开流，现有 {len(element.outgoing)} 条。", fix)


def _signals(page: Page) -> Iterator[Finding]:
    """A signal reaches everything that runs together, so it must begin and end inside one process."""
    caught, thrown = dict[str, Element](), dict[str, Element]()
    for element in page.process.elements.values():
        for event in element.events:
            if event.kind == "signal" and event.name:
                (caught if element.kind in _CATCHING else thrown).setdefault(event.name, element)
    for name in caught.keys() - thrown.keys():
        fix = "请在同一流程里抛出该信号，或改用消息。"
        yield page.at(caught[name], "signal-outside", f"等待的信号“{name}”在本流程里没有人发出。", fix)
    for name in thrown.keys() - caught.keys():
        fix = "请在同一流程里捕获该信号，或删除。"
        yield page.at(thrown[name], "signal-outside", f"发出的信号“{name}”在本流程里没有人等待。", fix)
    for other in page.world.closure(page.process).values():
        if other.id != page.process.id:
            events = [event for element in other.elements.values() for event in element.events]
            for name in sorted({event.name for event in events if event.kind == "signal" and event.name}):
                if name in caught:
                    message = f"的信号“{name}”在被调用的流程“{other.name or other.id}”里也用到了。"
                    yield page.at(caught[name], "signal-outside", message, "请换一个信号名称。")
