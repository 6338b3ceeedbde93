"""Parallel joins that can never be complete: a token game over the flows of one scope.

Every flow has one consumer, so two steps that can go never take a token from each other, and expanding only one
of them at a time finds every dead end (a stubborn set of a free-choice net: Valmari 1991). The full proof of a
procedure is a later step; this finds the one mistake that leaves a case waiting for nobody.
"""

from collections.abc import Iterator

from engine.bpmn.model import Element
from engine.bpmn.profile.finding import Finding, Page

MAX_MARKINGS = 5_000
"""Positions looked at in one scope; the largest shipped scope has about a hundred."""

Marking = frozenset[str]


def check(page: Page) -> Iterator[Finding]:
    """Every scope that has a parallel join."""
    joins = [e for e in page.process.elements.values() if e.kind == "parallelGateway" and len(e.incoming) > 1]
    for scope in dict.fromkeys(join.parent for join in joins):
        yield from _scope(page, scope)


def _scope(page: Page, scope: str) -> Iterator[Finding]:
    inside = page.process.inside(scope)
    beside = [e for e in inside if e.kind == "boundaryEvent" and not e.interrupting]
    starts = [e for e in inside if e.kind == "startEvent"]
    waiting = [frozenset(element.outgoing) for element in (*starts, *beside)]
    seen, stuck = set(waiting), set[str]()
    while waiting:
        marking = waiting.pop()
        following = _next(page, marking)
        if following is None:
            stuck |= {page.process.flows[flow].target for flow in marking}
        for one in following or ():
            if one not in seen:
                seen.add(one)
                waiting.append(one)
        if len(seen) > MAX_MARKINGS:
            message = f"“{scope}”的并行分支组合太多，无法核对汇合。"
            yield page.on(scope, inside[0].line, "too-complex", message, "请把一部分并行放进子流程。")
            return
    for key in sorted(stuck):
        fix = "请让每条进入的分支都来自同一个并行网关；排他的分支请用排他网关汇合。"
        yield page.at(page.process.elements[key], "join-never-complete", "有的走法永远等不齐所有分支。", fix)


def _next(page: Page, marking: Marking) -> list[Marking] | None:
    """Where the first step that can go leads, one marking for each way it can end; None for a dead end."""
    elements = page.process.elements
    last: list[Marking] | None = None if marking else []
    for flow in sorted(marking):
        element = elements[page.process.flows[flow].target]
        taken = frozenset(element.incoming) if element.kind == "parallelGateway" else frozenset([flow])
        if not taken <= marking:
            continue
        if element.event is not None and element.event.kind == "terminate":
            last = [frozenset()]  # it takes everything away: looked at when nothing else can go
            continue
        return [(marking - taken) | given for given in _ways_out(page, element)]
    return last


def _ways_out(page: Page, element: Element) -> Iterator[Marking]:
    if element.kind in {"exclusiveGateway", "eventBasedGateway"}:
        yield from (frozenset([flow]) for flow in element.outgoing)
        return
    yield frozenset(element.outgoing)
    events = (page.process.elements[key] for key in element.boundary)
    yield from (frozenset(event.outgoing) for event in events if event.interrupting)
