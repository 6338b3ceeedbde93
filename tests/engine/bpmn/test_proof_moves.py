"""What the proof follows: data, events, branches at once; where it stops, and what it cannot play."""

import pytest

from engine.bpmn.proof import Verdict
from engine.errors import Unusable
from tests.engine.bpmn.diagrams import (
    begin,
    boundary,
    call,
    catch,
    choice,
    end,
    exclusive,
    flows,
    many,
    parallel,
    service,
    sub,
    throw,
)
from tests.engine.bpmn.proofs import SHIPPED, broken, diagram, human, proved

# --- what the data settles ----------------------------------------------------------------------------------


def test_outcomes_are_followed_and_other_data_is_free() -> None:
    """A decision asked for again comes out the same; a policy value may come out either way."""
    source = diagram(
        *(begin(), human("look", "a,b"), exclusive("one", default="one__two"), human("x")),
        *(exclusive("two", default="two__e"), human("y"), end("e", "z")),
        flows("begin > look > one > two > e", 'one > x : look_outcome == "a"', "x > two"),
        flows("two > y : CONDITION", "y > e"),
        people="look x y",
    )
    settled = source.replace(b"CONDITION", b'look_outcome not in ("a", "b")')
    assert broken(settled) == {"no_dead_task": ("y",)}
    assert broken(source.replace(b"CONDITION", b"grade == 1 or size > 3")) == {}
    assert broken(source.replace(b"CONDITION", b'look_outcome == "c" and size > 3')) == {
        "no_dead_task": ("y",)
    }


def test_a_condition_on_what_is_not_set_stops_the_case() -> None:
    """The engine would raise: nobody can finish there."""
    source = diagram(
        *(begin(), exclusive("fork", default="fork__e"), human("late", "a"), end("e", "x")),
        flows("begin > fork > e", 'fork > late : late_outcome == "a"', "late > e"),
        people="late",
    )
    assert broken(source)["can_always_finish"] == ("begin", "fork")


def test_actions_may_answer_what_nobody_compares() -> None:
    """Without a default, an answer no flow asks for leaves the case where it is."""
    source = diagram(
        *(begin(), service("ask", "draw"), exclusive("fork"), end("e", "x"), end("f", "y")),
        flows("begin > ask > fork", 'fork > e : ask_outcome == "a"', 'fork > f : ask_outcome == "b"'),
    )
    assert broken(source) == {"can_always_finish": ("begin", "ask", "fork")}


def test_an_instance_keeps_its_outcomes_to_itself() -> None:
    """A decision inside a multi-instance subprocess is not visible behind it."""
    each = many("panel", "member", "sheets", "sheet")
    inside = (begin("b"), human("score", "y,n"), end("d", "done"), flows("b > score > d"))
    source = diagram(
        *(
            begin(),
            sub("each", *inside, each),
            exclusive("fork", default="fork__e"),
            human("again"),
            end("e", "x"),
        ),
        flows("begin > each > fork > e", 'fork > again : score_outcome == "y"', "again > e"),
        people="again score",
    )
    assert broken(source)["can_always_finish"][-1] == "fork"


# --- events -------------------------------------------------------------------------------------------------


def test_boundary_events_and_gateways_of_events() -> None:
    """A limit that passes, a message that interrupts, the first of two events: each way is taken and ends."""
    source = diagram(
        *(begin(), human("do"), boundary("late", "do", timer="5"), end("a", "late"), choice("first")),
        *(catch("told", message="m"), catch("waited", timer="9"), end("b", "told"), end("c", "waited")),
        flows("begin > do > first > told > b", "first > waited > c", "late > a"),
        messages=("m",),
        people="do",
    )
    assert broken(source) == {}


def test_a_branch_beside_a_step_ends_by_itself() -> None:
    """What an uninterrupting limit starts may end on its own, but not outlive the case."""
    parts = (
        begin(),
        human("do"),
        boundary("late", "do", timer="5", interrupting=False),
        end("e", "x"),
        end("f", "y"),
    )
    reminding = diagram(
        *parts, service("remind", "notify"), flows("begin > do > e", "late > remind > f"), people="do"
    )
    asking = diagram(*parts, human("ask"), flows("begin > do > e", "late > ask > f"), people="do ask")
    assert broken(reminding) == {}
    assert broken(asking) == {"finishes_properly": ("begin", "late", "do", "e")}


def test_terminate_ends_everything_in_its_scope() -> None:
    """Whoever is first ends the subprocess for the other."""
    inside = (begin("b"), parallel("s"), human("x"), human("y"), end("t", "done", terminate=True))
    source = diagram(
        *(
            begin(),
            sub("race", *inside, flows("b > s > x > t", "s > y > t")),
            end("e", "z"),
            flows("begin > race > e"),
        ),
        people="x y",
    )
    assert broken(source) == {}


def test_a_signal_is_heard_by_who_waits_and_lost_otherwise() -> None:
    """Who waits from the beginning goes on; the branch that comes to wait too late waits for ever."""
    nodes = (
        begin(),
        parallel("s"),
        human("a"),
        throw("t", "go"),
        catch("c", signal="go"),
        parallel("j"),
        end("e", "x"),
    )
    early = diagram(*nodes, flows("begin > s > a > t > j > e", "s > c > j"), signals=("go",), people="a")
    late = diagram(
        *(*nodes, human("b"), flows("begin > s > a > t > j > e", "s > b > c > j")),
        signals=("go",),
        people="a b",
    )
    assert broken(early) == {}
    assert broken(late) == {"can_always_finish": ("begin", "s", "a", "t", "b", "j", "c")}


# --- bounds and unusable input ------------------------------------------------------------------------------


def _branches(count: int, joined: bool = True) -> bytes:
    steps = [f"{letter}{number}" for number in range(count) for letter in "ab"]
    arrows = [f"s > a{number} > b{number} > {'j' if joined else 'e'}" for number in range(count)]
    return diagram(
        *(begin(), parallel("s"), parallel("j"), end("e", "x"), *(human(step) for step in steps)),
        flows("begin > s", "j > e", *arrows),
        people=" ".join(steps),
    )


def test_orders_that_make_no_difference_are_left_out() -> None:
    """Twelve branches of two steps have half a million states; the proof needs none of the orders."""
    assert [one.holds for one in proved(_branches(12), limit=500).verdicts] == [True] * 5
    assert proved(_branches(12, joined=False), limit=500).verdicts[1].holds is False


def test_a_bound_is_admitted() -> None:
    """What was found stays certain, the rest is undecided."""
    found = {one.property: one.holds for one in proved(SHIPPED["post_subsidy.bpmn"], limit=50).verdicts}
    assert found == {
        "can_always_finish": None,
        "finishes_properly": None,
        "no_dead_task": None,
        "every_path_ends_in_a_named_outcome": True,
        "every_human_task_has_lane_and_limit": True,
        "no_payment_before_acceptance": None,
    }


def test_a_diagram_that_makes_tokens_for_ever_is_stopped() -> None:
    """A loop through a parallel split: two tokens at one place are found, and nobody counts on."""
    source = diagram(
        *(
            begin(),
            exclusive("m"),
            parallel("s"),
            human("t"),
            end("e", "x"),
            flows("begin > m > s > t > e", "s > m"),
        ),
        people="t",
    )
    proof = proved(source)
    assert proof.verdicts[1].holds is False
    assert proof.verdicts[0].holds is not True


def test_calls_that_double_are_not_expanded() -> None:
    """Thirty levels of two calls each: no verdict, and no waiting for one."""
    levels = [
        diagram(
            *(begin(), call("one", f"p{level + 1}"), call("two", f"p{level + 1}"), end("e", "x")),
            flows("begin > one > two > e"),
            key=f"p{level}",
        )
        for level in range(30)
    ]
    leaf = diagram(begin(), end("e", "x"), flows("begin > e"), key="p30")
    assert proved(*levels, leaf).verdicts[0] == Verdict("0.bpmn", "can_always_finish", None)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"<x/>", "既不是 BPMN"),
        (diagram(begin(), call("c", "nobody"), end("e", "x"), flows("begin > c > e")), "nobody"),
        (diagram(begin(), call("c", "p"), end("e", "x"), flows("begin > c > e")), "又调用回"),
        (diagram(end("e", "x")), "应有一个开始事件"),
        (diagram(begin(), '<bpmn:inclusiveGateway id="g"/>', flows("begin > g")), "不在流程规范内"),
        (diagram(begin(), flows("begin > g")), "没有通向"),
    ],
)
def test_what_cannot_be_played_is_refused_in_words(source: bytes, said: str) -> None:
    """Not BPMN, calls that lead nowhere or in a circle, no start, a gateway without rules, a loose flow."""
    with pytest.raises(Unusable, match=said):
        proved(source)


def test_subprocesses_in_subprocesses_are_followed() -> None:
    """Twenty deep, a limit on each: the innermost end and every way out are found."""
    inner = human("do", "a,b")
    body = flows("b20 > do > e20")
    nested = begin("b20") + inner + end("e20", "x") + body
    for level in reversed(range(20)):
        late = boundary(f"t{level}", f"s{level}", timer="5") + end(f"l{level}", "late")
        nested = begin(f"b{level}") + sub(f"s{level}", nested) + late + end(f"e{level}", "x")
        nested += flows(f"b{level} > s{level} > e{level}", f"t{level} > l{level}")
    assert broken(diagram(nested, people="do")) == {}
