"""The proof: each planted defect is refused with the walk to it, and the shipped procedures are proved."""

import pytest

from engine.bpmn.proof import Property, prove
from tests.engine.bpmn import diagrams
from tests.engine.bpmn.diagrams import begin, call, end, exclusive, flows, parallel, service
from tests.engine.bpmn.proofs import SHIPPED, broken, diagram, human

GENERAL = {
    "can_always_finish",
    "finishes_properly",
    "no_dead_task",
    "every_path_ends_in_a_named_outcome",
    "every_human_task_has_lane_and_limit",
}


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
    assert proof.states < 400


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
    assert GENERAL | {before, after_node, none} == set(Property)


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


def test_a_circle_without_a_way_out_is_walked_round() -> None:
    """Nobody is stuck at any step, and yet it never ends: the walk goes into the circle and once round."""
    source = diagram(
        *(begin(), human("look", "a,b"), exclusive("fork", default="fork__e"), end("e", "x")),
        *(exclusive("m"), human("again")),
        flows("begin > look > fork > e", 'fork > m : look_outcome == "b"', "m > again > m"),
        people="look again",
    )
    assert broken(source) == {"can_always_finish": ("begin", "look", "fork", "m", "again")}


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
    plain = mutated("cooperation_subsidy.bpmn", ('value="cooperation"', 'value="post_subsidy"'))
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
