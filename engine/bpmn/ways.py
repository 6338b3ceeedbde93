"""The ways a step may end (办理结果), in the diagram's own words: what buttons, sentences and timelines say.

Outcomes are keys; the diagram names them on the flows behind the gateway that asks for them.
"""

import re
from dataclasses import dataclass

from engine.bpmn.model import Element, ProcessModel

CONDITION = re.compile(r"^\s*(\w+)_outcome\s*==\s*[\"'](\w+)[\"']\s*$")

PLAIN_WORDS = {
    "submit": "提交",
    "confirm": "确认",
    "done": "完成",
    "issued": "已下达",
    "paid": "已拨付",
    "repaid": "已退款",
    "excuse": "申请回避",
    "decline": "谢绝",
    "conflict": "声明回避",
    "uphold": "成立",
    "defence": "公开答辩",
    "re_review": "复评",
}
"""What an outcome is called where no flow asks for it by name."""


@dataclass(frozen=True)
class Way:
    """One way a step may end (办理结果) and what the diagram calls it."""

    outcome: str
    label: str


def outcomes(element: Element) -> list[str]:
    """The decisions a step declares, the ordinary one first."""
    return [word.strip() for word in element.properties.get("outcomes", "").split(",") if word.strip()]


def ways(process: ProcessModel, element: Element) -> list[Way]:
    """The outcomes the step declares, the ordinary one first, named by the flows that follow it."""
    declared = outcomes(element)
    named = _named(process, element)
    named = PLAIN_WORDS | named
    left = [outcome for outcome in declared if outcome not in named]
    otherwise = _default_name(process, element)
    if len(left) == 1 and otherwise:
        named[left[0]] = otherwise
    return [Way(outcome, named.get(outcome, outcome)) for outcome in declared]


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
    defaults = [process.flows.get(node.default) for node in following if node.default]
    return next((flow.name for flow in defaults if flow), "")


def label_of(process: ProcessModel, element: Element, outcome: str) -> str:
    """What the diagram calls one outcome of a step."""
    return next((way.label for way in ways(process, element) if way.outcome == outcome), outcome)
