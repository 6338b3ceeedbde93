"""Where tokens can go: everything is reached, everything ends, loops wait, and no branch defeats the pruning.

Two of these are measured faults of SpiffWorkflow. A parallel block on a looping path joins early or crashes
from the second round on; in a subprocess it is right. A branch that waits beside a loop keeps every round of
the loop alive, so that the state of a case grows for ever.
"""

from collections.abc import Iterator
from itertools import combinations

from engine.bpmn.model import Element, ProcessModel
from engine.bpmn.profile import graph
from engine.bpmn.profile.finding import Finding, Page, World
from engine.bpmn.profile.graph import Graph

_WAITING = {"userTask", "manualTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"}
_SCOPES = {"subProcess", "callActivity"}


def check(page: Page) -> Iterator[Finding]:
    """Every scope of the process: the process itself and each embedded subprocess."""
    process = page.process
    for scope in (process.id, *(e.id for e in process.elements.values() if e.kind == "subProcess")):
        yield from _scope(page, scope)


def _scope(page: Page, scope: str) -> Iterator[Finding]:
    elements, edges = page.process.elements, graph.successors(page.process, scope)
    starts = [key for key in edges if elements[key].kind == "startEvent"]
    ends = [key for key in edges if elements[key].kind == "endEvent"]
    reached = graph.reachable(edges, starts)
    finishing = graph.reachable(graph.reverse(edges), ends)
    for key in edges:
        if starts and key not in reached:
            fix = "请用顺序流接到流程里，或删除。"
            yield page.at(elements[key], "unreachable", "从开始事件走不到，永远不会执行。", fix)
        elif ends and key not in finishing:
            yield page.at(
                elements[key], "no-way-to-end", "之后走不到任何结束事件。", "请补上通向结束的路径。"
            )
    loops = graph.cycles(edges)
    yield from _loops(page, edges, loops)
    yield from _beside(page, edges, loops)


def _loops(page: Page, edges: Graph, loops: list[set[str]]) -> Iterator[Finding]:
    elements = page.process.elements
    waiting = {key for key in edges if _waits(page, elements[key])}
    for loop in graph.cycles(edges, waiting):
        first = min((elements[key] for key in loop), key=lambda element: element.line)
        names = "、".join(sorted(elements[key].name or key for key in loop)[:5])
        fix = "请在回路里放一个需要人办理或等待的步骤。"
        yield page.at(first, "loop-without-waiting", f"在一个不停的回路上（{names}），引擎会空转。", fix)
    for loop in loops:
        for key in loop:
            if elements[key].kind == "parallelGateway":
                fix = "请把并行的分支和汇合一起放进一个子流程。"
                yield page.at(
                    elements[key], "parallel-in-loop", "位于回路上，第二轮起会提前汇合或出错。", fix
                )


def _beside(page: Page, edges: Graph, loops: list[set[str]]) -> Iterator[Finding]:
    """Pairs of branches that run at the same time, one looping while the other waits."""
    elements = page.process.elements
    for key in edges:
        element = elements[key]
        if element.kind == "parallelGateway" and len(edges[key]) > 1:
            branches = [graph.reachable(edges, [target], key) for target in edges[key]]
            pairs = list(combinations(branches, 2))
        elif (host := _accompanied(element)) in edges:
            onward = [target for target in edges[host] if target != key]
            pairs = [(graph.reachable(edges, edges[key]), graph.reachable(edges, onward, key) | {host})]
            yield from _joins_main(page, element, pairs[0][0] & pairs[0][1])
        else:
            continue
        if any(_defeats(page, left - right, right - left, loops) for left, right in pairs):
            fix = "请把循环的部分放进一个子流程。"
            yield page.at(
                element, "waiting-beside-loop", "之后一条分支循环、另一条分支等待，状态会不断变大。", fix
            )


def _joins_main(page: Page, element: Element, shared: set[str]) -> Iterator[Finding]:
    """What runs beside a task must end by itself: joining the main path would do the rest of it twice."""
    steps = sorted(key for key in shared if page.process.elements[key].kind != "endEvent")
    if steps:
        names = "、".join(page.process.elements[key].name or key for key in steps[:3])
        fix = "请让这条分支走到自己的结束事件，或改为中断型边界事件。"
        message = f"不中断任务，却又并回主路径（{names}），后面的步骤会办理两次。"
        yield page.at(element, "beside-joins-main", message, fix)


def _accompanied(element: Element) -> str:
    """The task a non-interrupting boundary event runs beside; empty for everything else."""
    beside = element.kind == "boundaryEvent" and not element.interrupting
    return element.attached_to or "" if beside else ""


def _defeats(page: Page, left: set[str], right: set[str], loops: list[set[str]]) -> bool:
    elements = page.process.elements

    def loops_in(nodes: set[str]) -> bool:
        return any(loop <= nodes for loop in loops)

    def waits_in(nodes: set[str]) -> bool:
        return any(elements[key].kind in _WAITING | _SCOPES for key in nodes)

    return (loops_in(left) and waits_in(right)) or (loops_in(right) and waits_in(left))


def _waits(page: Page, element: Element) -> bool:
    """Whether no token can pass without somebody or something outside acting.

    A multi-instance task over an empty list does not wait, so it does not count.
    """
    if element.repeat is not None:
        return False
    if element.kind in _WAITING:
        return True
    return _passes_only_by_waiting(page.world, page.process, element)


def _passes_only_by_waiting(world: World, process: ProcessModel, element: Element) -> bool:
    """Whether every way through a subprocess or called process meets a waiting step; looked at once."""
    if element.kind == "subProcess":
        inner, scope = process, element.id
    elif callee := world.callee(element):
        inner, scope = callee, callee.id
    else:
        return False
    known = world.waiting
    if (inner.id, scope) not in known:
        known[inner.id, scope] = False  # a call in a circle, refused elsewhere, ends here
        known[inner.id, scope] = not _has_way_through(world, inner, scope)
    return known[inner.id, scope]


def _has_way_through(world: World, process: ProcessModel, scope: str) -> bool:
    elements, edges = process.elements, graph.successors(process, scope)
    passable = {
        key
        for key in edges
        if elements[key].repeat is not None
        or not (elements[key].kind in _WAITING or _passes_only_by_waiting(world, process, elements[key]))
    }
    kept = {key: tuple(target for target in edges[key] if target in passable) for key in passable}
    reached = graph.reachable(kept, [key for key in kept if elements[key].kind == "startEvent"])
    return any(elements[key].kind == "endEvent" for key in reached)
