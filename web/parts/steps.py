"""A diagram as a list of its steps, in the order it reaches them: what is beside every drawing."""

from collections import deque

from engine.bpmn.model import HUMAN_TASKS, Element, ProcessModel

WAITING = frozenset({"receiveTask", "intermediateCatchEvent"})
SHOWN = HUMAN_TASKS | WAITING | {"callActivity", "subProcess"}


def steps(process: ProcessModel) -> list[Element]:
    """The steps a person can see the case stand on, in the order the diagram reaches them."""
    return [element for element in _reached(process) if element.kind in SHOWN]


def _reached(process: ProcessModel) -> list[Element]:
    starts = [e for e in process.elements.values() if e.kind == "startEvent" and e.parent == process.id]
    pending, seen = deque(starts), {start.id: start for start in starts}
    while pending:
        element = pending.popleft()
        following = [flow.target for flow in process.outgoing(element)]
        inside = [i for i in element.children if process.elements[i].kind == "startEvent"]
        for name in (*inside, *following, *element.boundary):
            if name in process.elements and name not in seen:
                seen[name] = process.elements[name]
                pending.append(seen[name])
    return list(seen.values())
