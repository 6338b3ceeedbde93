"""Every shipped diagram can be published, says what an officer needs at each step, and is drawn."""

import ast
from collections.abc import Iterator
from itertools import pairwise

import pytest

from engine.bpmn import profile
from engine.bpmn.model import HUMAN_TASKS, Element
from engine.vocabulary import CaseStatus, Role
from tests.workflows import drawn

NAMES = list(drawn.SHIPPED)
SIDES = {"objection", "termination", "change", "extension", "withdrawal"}
CASE_PARTS = set(drawn.processes()) - SIDES - {"review_round", "expert_invitation"}
TOP_LEVEL = {"post_subsidy", "milestone_subsidy", "cooperation_subsidy", "unfunded"}


def elements(kinds: frozenset[str] | set[str]) -> Iterator[Element]:
    """The elements of some kinds in all shipped diagrams."""
    for process in drawn.processes().values():
        yield from (element for element in process.elements.values() if element.kind in kinds)


def test_all_may_be_published() -> None:
    """The linter finds nothing in the whole set."""
    assert profile.check(drawn.SHIPPED) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_file_holds_the_process_it_is_named_after(name: str) -> None:
    """One executable process a file, under the file's name, every id used once."""
    process = drawn.process(name)
    assert (f"{process.id}.bpmn", process.executable, drawn.repeated_ids(name)) == (name, True, [])


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_a_chinese_name(name: str) -> None:
    """Nodes, and flows that leave a gateway with a choice."""
    process = drawn.process(name)
    choices = [one for one in process.elements.values() if one.kind == "exclusiveGateway"]
    named = [*process.elements.values(), *(flow for one in choices for flow in process.outgoing(one))]
    assert [one.id for one in named if not any("一" <= char <= "鿿" for char in one.name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_lanes_are_roles(name: str) -> None:
    """A lane is named by a role's Chinese label; every node but a spanning subprocess is in one."""
    process = drawn.process(name)
    assert {lane.name for lane in process.lanes} <= {role.zh for role in Role}
    assert [one.id for one in process.elements.values() if one.lane is None and not one.children] == []


def test_human_tasks_say_what_an_officer_needs() -> None:
    """Why it exists, who does it, the form, the limit, the reminders and the clause."""
    missing = [
        (task.process, task.id, key)
        for task in elements(HUMAN_TASKS)
        for key in ("form", "outcomes", "limit", "reminders", "clause")
        if not task.properties.get(key)
    ]
    undocumented = [task.id for task in elements(HUMAN_TASKS) if not task.documentation.endswith("。")]
    assert (missing, undocumented) == ([], [])


def test_reminders_are_a_plan_of_days() -> None:
    """Working days relative to the due date, in order."""
    for task in elements(HUMAN_TASKS):
        days = [int(day) for day in task.properties["reminders"].split(",")]
        assert days == sorted(set(days)), task.id


def test_waiting_in_a_case_has_a_status() -> None:
    """A person or a message that a case waits for tells the case's status; so does a case's end."""
    waiting = [one for one in elements({*HUMAN_TASKS, "receiveTask"}) if one.process in CASE_PARTS]
    ends = [one for one in elements({"endEvent"}) if one.process == one.parent and one.process in TOP_LEVEL]
    unknown = [one.id for one in [*waiting, *ends] if one.properties.get("status") not in set(CaseStatus)]
    assert unknown == []


def test_ends_have_an_outcome() -> None:
    """A caller can branch on every end."""
    assert [
        (one.process, one.id) for one in elements({"endEvent"}) if not one.properties.get("outcome")
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_gateways_ask_for_outcomes_that_exist(name: str) -> None:
    """Conditions compare `<node>_outcome` of a node of the process with outcomes that node can have."""
    process = drawn.process(name)
    wrong = []
    for flow in process.flows.values():
        for compare in ast.walk(ast.parse(flow.condition or "True", mode="eval")):
            if isinstance(compare, ast.Compare):
                variable, value = ast.unparse(compare.left), ast.literal_eval(compare.comparators[0])
                node = process.elements.get(variable.removesuffix("_outcome"))
                if node is None or value not in drawn.outcomes(node):
                    wrong.append((flow.id, flow.condition))
    assert wrong == []


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_drawn(name: str) -> None:
    """A shape for every node and lane, an edge for every flow, nothing else but the pool."""
    process = drawn.process(name)
    shown = {*process.elements, *(lane.id for lane in process.lanes), f"{process.id}_pool"}
    assert (set(drawn.shapes(name)), set(drawn.edges(name))) == (shown, set(process.flows))


@pytest.mark.parametrize("name", NAMES)
def test_nodes_are_drawn_in_their_lane(name: str) -> None:
    """Inside the band and the subprocess around them; boundary events sit on their host's border."""
    process, shapes = drawn.process(name), drawn.shapes(name)
    bands = {lane.name: shapes[lane.id] for lane in process.lanes}
    outside = [
        one.id
        for one in process.elements.values()
        if one.attached_to is None
        and not (
            (one.lane is None or drawn.inside(shapes[one.id], bands[one.lane]))
            and drawn.inside(shapes[one.id], shapes.get(one.parent, shapes[f"{process.id}_pool"]))
        )
    ]
    loose = [
        one.id
        for one in process.elements.values()
        if one.attached_to and drawn.inside(shapes[one.id], shapes[one.attached_to])
    ]
    assert (outside, loose) == ([], [])


@pytest.mark.parametrize("name", NAMES)
def test_flows_run_straight_and_around_the_nodes(name: str) -> None:
    """Every stretch is level or upright, and none runs through a node."""
    process, shapes = drawn.process(name), drawn.shapes(name)
    slanted, through = [], []
    for key, points in drawn.edges(name).items():
        if any(x != to_x and y != to_y for (x, y), (to_x, to_y) in pairwise(points)):
            slanted.append(key)
        solid = [one.id for one in process.elements.values() if not one.children]
        through += [(key, node) for node in solid if drawn.crosses(points, shapes[node])]
    assert (slanted, through) == ([], [])
