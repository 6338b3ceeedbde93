"""The proof: each planted defect is refused with the walk to it, and what is sound is proved."""

import pytest

from engine.bpmn.proof import PROPERTIES, Proof, Verdict, prove
from engine.db import ROOT
from engine.errors import Unusable
from tests.engine.bpmn import diagrams
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

SHIPPED = {file.name: file.read_bytes() for file in sorted((ROOT / "workflows").glob("*.bpmn"))}
GENERAL = {
    "can_always_finish",
    "finishes_properly",
    "no_dead_task",
    "every_path_ends_in_a_named_outcome",
    "every_human_task_has_lane_and_limit",
}


def human(id_: str, outcomes: str = "", limit: str = "5", inside: str = "", form: str = "") -> str:
    """A user task with a limit; `outcomes` as in the product's own property."""
    said = {"limit": limit, "outcomes": outcomes, "form": form}
    kept = {key: value for key, value in said.items() if value}
    return diagrams.human(id_, diagrams.properties(**kept) + inside)


def diagram(*inside: str, key: str = "p", people: str = "", **kept: tuple[str, ...]) -> bytes:
    """A diagram whose human tasks, named in `people`, have a lane."""
    return diagrams.diagram(key, *inside, lanes={"受理员": tuple(people.split())}, **kept)  # type: ignore[arg-type]


def proved(*sources: bytes, limit: int = 10_000) -> Proof:
    """The proof of the first file; the others can be called, like the shipped ones."""
    files = {f"{number}.bpmn": source for number, source in enumerate(sources)}
    return prove(files, SHIPPED, limit)[0]


def broken(*sources: bytes) -> dict[str, tuple[str, ...]]:
    """The properties that do not hold of the first file, with their walks."""
    return {one.property: one.walk for one in proved(*sources).verdicts if one.holds is False}


def mutated(name: str, *changes: tuple[str, str]) -> bytes:
    """A shipped diagram with texts exchanged; each must be there."""
    text = SHIPPED[name].decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_procedure_is_proved(name: str) -> None:
    """Whatever applies to a shipped diagram holds of it, in fewer states than a thirtieth of the bound."""
    proof = prove({name: SHIPPED[name]}, SHIPPED)[0]
    assert {one.property for one in proof.verdicts} >= GENERAL
    assert [one for one in proof.verdicts if one.holds is not True] == []
    assert proof.states < 350


def test_only_properties_that_apply_are_listed() -> None:
    """A side procedure has nothing to do with money; each way of funding has its own conditions."""
    found = {
        name: [
            one.property for one in prove({f"{name}.bpmn": SHIPPED[f"{name}.bpmn"]}, SHIPPED)[0].verdicts[5:]
        ]
        for name in (
            "objection",
            "post_subsidy",
            "milestone_subsidy",
            "unfunded",
            "disbursement",
            "acceptance",
        )
    }
    before, after_node, none = (
        "no_payment_before_acceptance",
        "payment_only_after_milestone",
        "no_payment_when_unfunded",
    )
    assert found == {
        "objection": [],
        "post_subsidy": [before],
        "milestone_subsidy": [before, after_node],
        "unfunded": [none],
        "disbursement": [before, after_node],
        "acceptance": [],
    }
    assert GENERAL | {before, after_node, none} == PROPERTIES.keys()


# --- planted defects ----------------------------------------------------------------------------------------


def test_a_deadlock_is_walked_to() -> None:
    """An exclusive split can never fill a parallel join: the walk ends where the token stands."""
    source = diagram(
        *(begin(), human("look", "a,b"), exclusive("fork", default="fork__j"), parallel("j"), end("e", "x")),
        *(
            human("more"),
            flows("begin > look > fork > j > e", 'fork > more : look_outcome == "a"', "more > j"),
        ),
        people="look more",
    )
    assert broken(source) == {"can_always_finish": ("begin", "look", "fork", "j")}


def test_a_leftover_token_is_found() -> None:
    """Both branches lead to the end: it is reached while the other branch is still open."""
    source = diagram(
        *(
            begin(),
            parallel("s"),
            human("a"),
            human("b"),
            end("e", "x"),
            flows("begin > s > a > e", "s > b > e"),
        ),
        people="a b",
    )
    assert broken(source) == {"finishes_properly": ("begin", "s", "a", "e")}


def test_a_second_token_is_found() -> None:
    """A task that two branches come to would be done twice, even if a terminate end hides it."""
    source = diagram(
        *(begin(), parallel("s"), exclusive("m"), human("a"), human("b"), end("e", "x", terminate=True)),
        flows("begin > s > m > a > e", "s > b > m"),
        people="a b",
    )
    assert broken(source) == {"finishes_properly": ("begin", "s", "m", "b", "m", "a")}


def test_a_dead_task_is_named() -> None:
    """Nobody can decide what the condition asks for."""
    source = diagram(
        *(begin(), human("look", "a,b"), exclusive("fork", default="fork__e"), human("never"), end("e", "x")),
        flows("begin > look > fork > e", 'fork > never : look_outcome == "c"', "never > e"),
        people="look never",
    )
    assert broken(source) == {"no_dead_task": ("never",)}


def test_an_unnamed_end_is_walked_to() -> None:
    """An end without an outcome; one that is never reached does not matter."""
    source = diagram(
        *(begin(), human("look", "a,b"), exclusive("fork", default="fork__e"), end("e", "x"), end("f")),
        flows("begin > look > fork > e", 'fork > f : look_outcome == "b"'),
        people="look",
    )
    assert broken(source) == {"every_path_ends_in_a_named_outcome": ("begin", "look", "fork", "f")}
    assert broken(source.replace(b'outcome == "b"', b'outcome == "z"')) == {}


def test_a_missing_limit_and_a_missing_lane_are_walked_to() -> None:
    """Also in a called diagram: its step stands behind the call activity."""
    part = diagram(
        begin(), human("do", limit=""), end("e", "x"), flows("begin > do > e"), key="q", people="do"
    )
    caller = diagram(begin(), call("c", "q"), end("e", "x"), flows("begin > c > e"))
    no_lane = diagram(begin(), human("do"), end("e", "x"), flows("begin > do > e"))
    key = "every_human_task_has_lane_and_limit"
    assert broken(part) == {key: ("begin", "do")}
    assert broken(caller, part) == {key: ("begin", "c", "c/begin", "c/do")}
    assert broken(no_lane) == {key: ("begin", "do")}


def test_paying_before_acceptance_is_refused_with_the_walk() -> None:
    """Acceptance that failed leads to the payment: the walk goes through the called diagrams to the payment."""
    planted = mutated(
        "post_subsidy.bpmn", ('acceptance_outcome == "passed"', 'acceptance_outcome == "failed"')
    )
    walk = broken(planted)["no_payment_before_acceptance"]
    assert walk[:4] == ("start", "filing", "filing/start", "filing/fill")
    assert walk[-1] == "disbursement/record"
    assert "acceptance/failed_late" in walk


def test_an_unfunded_procedure_never_pays() -> None:
    """A payment slipped into it is found, acceptance or not."""
    planted = mutated("unfunded.bpmn", ('calledElement="implementation"', 'calledElement="disbursement"'))
    assert broken(planted)["no_payment_when_unfunded"][-1] == "implementation/record"


def test_a_milestone_is_paid_only_when_achieved() -> None:
    """A milestone that was sent back is paid for: in the part alone, and in the procedure given with it."""
    key = "payment_only_after_milestone"
    unearned = mutated(
        "milestones.bpmn", ('node_review_outcome == "achieved"', 'node_review_outcome == "rectify"')
    )
    assert broken(unearned)[key][-1] == "milestone_subsidy:milestones/node_disbursement/record"
    whole = broken(SHIPPED["milestone_subsidy.bpmn"], unearned)
    assert set(whole) == {key}
    assert whole[key][-1] == "milestones/node_disbursement/record"


def test_a_milestone_is_paid_once() -> None:
    """From the payment straight back to the payment."""
    text = SHIPPED["milestones.bpmn"].decode()
    back = next(line for line in text.splitlines() if 'sourceRef="node_disbursement"' in line)
    twice = text.replace(back, back.replace('targetRef="next_node"', 'targetRef="node_disbursement"'))
    assert twice != text
    whole = broken(SHIPPED["milestone_subsidy.bpmn"], twice.encode())
    assert whole["payment_only_after_milestone"].count("milestones/node_disbursement/record") == 2


def test_the_final_payment_of_a_milestone_project_waits_for_acceptance() -> None:
    """Paying the rest after a failed acceptance is no milestone's payment."""
    planted = mutated(
        "milestone_subsidy.bpmn", ('acceptance_outcome == "passed"', 'acceptance_outcome == "failed"')
    )
    assert set(broken(planted)) == {"no_payment_before_acceptance"}


def test_cooperation_is_paid_on_proof_that_was_verified() -> None:
    """The shipped one is proved; without the check, or as another kind of project, it is refused."""
    plain = mutated("cooperation_subsidy.bpmn", ('"cooperation_subsidy"', '"post_subsidy"'))
    early = mutated(
        "cooperation_subsidy.bpmn", ('verify_proof_outcome == "ok"', 'verify_proof_outcome == "return"')
    )
    key = "no_payment_before_acceptance"
    assert set(broken(plain)) == {key}
    assert broken(early.replace(b'value="verified"', b'value="unchecked"'))[key][-1] == "disbursement/record"


def test_how_a_procedure_is_funded_can_be_said() -> None:
    """The property `funding` counts before the id."""
    body = (begin(), service("pay", "record_payment"), end("e", "x"), flows("begin > pay > e"))
    plain = diagram(*body, key="mine")
    said = plain.replace(
        b'isExecutable="true">', b'isExecutable="true">' + diagrams.properties(funding="unfunded").encode()
    )
    walk = ("begin", "pay")
    assert broken(plain) == {"no_payment_before_acceptance": walk}
    assert broken(said) == {"no_payment_when_unfunded": walk}


def test_a_part_that_pays_is_judged_inside_its_callers() -> None:
    """Acceptance that pays first would be harmless alone; in the procedures that call it, it is not."""
    part = diagram(
        *(begin(), service("pay", "record_payment"), end("e", "passed"), flows("begin > pay > e")),
        key="acceptance",
    )
    found = broken(part)
    assert found["no_payment_before_acceptance"][-1].endswith(":acceptance/pay")
    assert found["no_payment_when_unfunded"][-1] == "unfunded:acceptance/pay"


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
