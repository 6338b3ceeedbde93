"""Ways of connecting steps that the engine runs wrongly, each refused by the rule that explains it."""

import pytest

from tests.engine.bpmn.test_profile import MESSAGE, ON_MESSAGE, rules
from tests.engine.bpmn.worlds import (
    END,
    START,
    boundary,
    flows,
    line,
    properties,
    repeat,
    service,
    subprocess,
    timer,
    user,
    xor,
)

PATHS: dict[str, tuple[str, tuple[str, ...]]] = {
    "gateway without default": (
        "gateway-without-default",
        (START, xor("way"), user("a"), END, flows("begin-way", "way-a x == 1", "way-done x == 2", "a-done")),
    ),
    "flow without condition": (
        "flow-without-condition",
        (START, xor("way", "way-done"), user("a"), END, flows("begin-way-a-done", "way-done")),
    ),
    "condition on the default": (
        "condition-on-default",
        (
            START,
            xor("way", "way-done"),
            user("a"),
            END,
            flows("begin-way", "way-a x", "way-done y", "a-done"),
        ),
    ),
    "condition off a gateway": (
        "condition-ignored",
        (START, user("a"), END, flows("begin-a", "a-done x == 1")),
    ),
    "two flows out of a task": (
        "several-outgoing",
        (START, user("a"), user("b"), END, flows("begin-a-b-done", "a-done")),
    ),
    "unreachable": ("unreachable", (*line(user("a")), user("lost"), flows("lost-done"))),
    "no way to an end": (
        "no-way-to-end",
        (START, xor("way", "way-done"), user("a"), END, flows("begin-way-done", "way-a x == 1")),
    ),
    "dangling flow": (
        "dangling-flow",
        (*line(user("a")), '<sequenceFlow id="f" sourceRef="a" targetRef="no"/>'),
    ),
    "spinning loop": (
        "loop-without-waiting",
        (START, service("a"), xor("way", "way-done"), END, flows("begin-a-way-done", "way-a x == 1")),
    ),
    "parallel in a loop": (
        "parallel-in-loop",
        (
            *(START, '<parallelGateway id="split"/>', user("a"), user("b"), '<parallelGateway id="join"/>'),
            *(xor("way", "way-done"), END),
            flows("begin-split-a-join-way-done", "split-b-join", "way-split x == 1"),
        ),
    ),
    "alternatives that wait for each other": (
        "join-never-complete",
        (
            *(
                START,
                user("a"),
                xor("way", "way-b"),
                user("b"),
                user("c"),
                '<parallelGateway id="join"/>',
                END,
            ),
            flows("begin-a-way-b-join-done", 'way-c a_outcome == "y"', "c-join"),
        ),
    ),
    "time limit into a join": (
        "join-never-complete",
        (
            *(START, user("a"), '<parallelGateway id="join"/>', END, boundary("late", "a", timer("5"))),
            flows("begin-a-join-done", "late-join"),
        ),
    ),
    "a main path joined from beside": (
        "beside-joins-main",
        (
            *(START, user("a"), user("b"), END, boundary("late", "a", timer("5"), interrupting=False)),
            flows("begin-a-b-done", "late-b"),
        ),
    ),
    "waiting beside a loop": (
        "waiting-beside-loop",
        (
            *(START, '<parallelGateway id="split"/>', user("a"), user("b"), '<parallelGateway id="join"/>'),
            *(xor("way", "way-join"), END),
            flows("begin-split-a-way-join-done", "split-b-join", "way-a x == 1"),
        ),
    ),
    "boundary without host": (
        "boundary-host",
        (*line(user("a")), boundary("late", "nobody", timer("5")), flows("late-done")),
    ),
    "boundary on an automatic step": (
        "boundary-host",
        (*line(service("a")), boundary("late", "a", timer("5")), flows("late-done")),
    ),
    "boundary leading nowhere": ("boundary-outgoing", (*line(user("a")), boundary("late", "a", timer("5")))),
    "duplicate id": ("duplicate-id", (*line(user("a")), '<textAnnotation id="a"/>')),
    "two starts": ("one-start", (*line(user("a")), '<startEvent id="two"/>', flows("two-done"))),
    "start on a message": (
        "start-trigger",
        (f'<startEvent id="begin">{ON_MESSAGE}</startEvent>', user("a"), END, flows("begin-a-done")),
    ),
    "error end": (
        "error-event",
        (START, '<endEvent id="done"><errorEventDefinition id="e"/></endEvent>', flows("begin-done")),
    ),
    "unknown outcome": (
        "unknown-outcome",
        (
            START,
            xor("way", "way-done"),
            user("a"),
            END,
            flows("begin-way-done", 'way-a b_outcome == "x"', "a-done"),
        ),
    ),
    "outcome of a step not yet done": (
        "outcome-not-yet",
        (
            *(START, xor("way", "way-b"), user("a"), user("b"), xor("next", "next-done"), END),
            flows("begin-way-b-next-done", "way-a x == 1", "a-next", 'next-b a_outcome == "y"'),
        ),
    ),
    "outcome of the interrupted task": (
        "outcome-not-yet",
        (
            *(START, user("a"), boundary("late", "a", timer("5")), xor("next", "next-done"), END),
            flows("begin-a-done", "late-next-done", 'next-a a_outcome == "y"'),
        ),
    ),
    "outcome that stays with its instances": (
        "outcome-not-yet",
        (
            *(START, user("a", repeat()), xor("next", "next-done"), END),
            flows("begin-a-next-done", 'next-a a_outcome == "y"'),
        ),
    ),
    "impossible outcome": (
        "impossible-outcome",
        (
            *(START, user("a", properties(outcomes="accept,return")), xor("way", "way-done"), END),
            flows("begin-a-way-done", 'way-a a_outcome == "retrun"'),
        ),
    ),
    "expression": (
        "expression",
        (
            START,
            xor("way", "way-done"),
            user("a"),
            END,
            flows("begin-way-done", "way-a ().__class__", "a-done"),
        ),
    ),
    "flow across a border": (
        "flow-crosses-scope",
        (
            START,
            subprocess("s", '<startEvent id="s1"/>', user("a"), '<endEvent id="e1"/>', flows("s1-a-e1")),
            *(END, flows("begin-s-done"), '<sequenceFlow id="out" sourceRef="begin" targetRef="a"/>'),
        ),
    ),
}


@pytest.mark.parametrize(("rule", "body"), PATHS.values(), ids=PATHS.keys())
def test_a_wrong_path_is_named_by_its_rule(rule: str, body: tuple[str, ...]) -> None:
    """Each way of connecting steps that the engine runs wrongly is refused."""
    assert rule in rules(*body, before=MESSAGE)
