"""What a diagram says in words: its steps in order, and the ways a person may decide at each.

Pure functions on `engine.bpmn.model`; the same text serves the procedure's page and the case's.
"""

import re
from collections import deque
from dataclasses import dataclass

from engine.bpmn.model import HUMAN_TASKS, Element, ProcessModel

WAITING = frozenset({"receiveTask", "intermediateCatchEvent"})
SHOWN = HUMAN_TASKS | WAITING | {"callActivity", "subProcess"}
CONDITION = re.compile(r"^\s*(\w+)_outcome\s*==\s*[\"'](\w+)[\"']\s*$")

PLAIN_WORDS = {
    "submit": "提交",
    "confirm": "确认",
    "done": "完成",
    "issued": "已下达",
    "paid": "已拨付",
    "repaid": "已退款",
    "excuse": "申请回避",
}
"""What an outcome is called where no gateway names the way on."""


@dataclass(frozen=True)
class Way:
    """One way a step may end (办理结果) and what the diagram calls it."""

    outcome: str
    label: str


def ways(process: ProcessModel, element: Element) -> list[Way]:
    """The outcomes the step declares, the ordinary one first, named by the flows that follow it."""
    declared = [word.strip() for word in element.properties.get("outcomes", "").split(",") if word.strip()]
    named = _named(process, element)
    left = [outcome for outcome in declared if outcome not in named]
    otherwise = _default_name(process, element)
    if len(left) == 1 and otherwise:
        named[left[0]] = otherwise
    return [Way(outcome, named.get(outcome) or PLAIN_WORDS.get(outcome, outcome)) for outcome in declared]


def _named(process: ProcessModel, element: Element) -> dict[str, str]:
    """Every gateway may ask for the outcome, so all flows are looked at."""
    found = {}
    for flow in process.flows.values():
        match = CONDITION.match(flow.condition or "")
        if match and match[1] == element.id and flow.name:
            found[match[2]] = flow.name
    return found


def _default_name(process: ProcessModel, element: Element) -> str:
    following = [process.elements[flow.target] for flow in process.outgoing(element)]
    defaults = [process.flows[node.default] for node in following if node.default in process.flows]
    return defaults[0].name if defaults else ""


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
