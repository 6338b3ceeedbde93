"""The ordinary way through every procedure, on the engine alone: first outcome of each step to the end."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.bpmn import spiff
from engine.bpmn.model import Element
from tests.workflows import drawn

LAST = {
    "post_subsidy": "登记拨付",
    "milestone_subsidy": "登记拨付",
    "cooperation_subsidy": "签发验收证书",
    "unfunded": "核查经费来源",
    "objection": "异议决定",
    "termination": "批准终止",
    "change": "签署补充任务书",
    "extension": "批准延期",
    "withdrawal": "确认撤回",
    "review_round": "下达立项文件",
    "clawback": "登记退款",
    "expert_invitation": "应邀与回避声明",
}
ELEMENTS = {
    (process.id, element.id): element
    for process in drawn.processes().values()
    for element in process.elements.values()
}


class Bureau:
    """Answers every named action with its first outcome; a task-book has two milestones."""

    def __init__(self) -> None:
        self.milestones = 2

    def names(self) -> Mapping[str, object]:
        return {}

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        if operator == "next_milestone":
            self.milestones -= 1
            return "node" if self.milestones >= 0 else "last"
        return next(first(one) for one in ELEMENTS.values() if one.operator and one.operator.id == operator)


def first(element: Element) -> str:
    """The ordinary outcome of a step; at a progress report: the work is finished."""
    return "finish" if element.id == "report" else element.properties.get("outcomes", "done").split(",")[0]


def walk(key: str) -> tuple[list[str], Any]:
    """The names of the steps people took, and the instance at its end."""
    instance = spiff.start(spiff.parse(drawn.SHIPPED, key), {"panel": ["甲", "乙", "丙"]}, Bureau())
    steps: list[str] = []
    while not instance.ended:
        token = next(token for token in instance.tokens() if token.attached_to is None)
        element = ELEMENTS[token.process, token.element]
        if token.kind == "human":
            instance.complete(token.id, first(element), {"sheet": 1} if element.repeat else None)
            steps.append(element.name)
        elif token.kind == "message":
            instance.deliver(token.id, first(element))
        else:
            instance.fire(token.id)
    return steps, instance


@pytest.mark.parametrize("key", LAST)
def test_the_ordinary_way_reaches_the_end(key: str) -> None:
    """The last step is the one that settles the matter, and the end has an outcome."""
    steps, instance = walk(key)
    assert (steps[-1], bool(instance.outcome)) == (LAST[key], True)


def test_tasks_inside_a_subprocess_keep_their_own_lane() -> None:
    """The engine gives every inner task the lane it is drawn in, not the subprocess's."""
    definition = spiff.parse(drawn.SHIPPED, "establishment")
    lanes = {node.element: node.lane for node in definition.nodes.values() if node.kind == "userTask"}
    assert lanes == {
        "draft_task_book": "申报单位",
        "unit_confirm": "推荐单位",
        "office_confirm": "业务科室",
        "sign_task_book": "分管领导",
    }
    assert {
        s.bpmn_id: s.lane
        for s in definition.subprocess_specs["signing"].task_specs.values()
        if s.bpmn_id in lanes
    } == lanes
