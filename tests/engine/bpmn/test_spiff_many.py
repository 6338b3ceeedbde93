"""Multi-instance tasks: each instance its own, only what it hands back leaves it."""

import pytest

from engine.errors import Refused
from tests.engine.bpmn.diagrams import (
    CHECK,
    Run,
    begin,
    call,
    definition,
    diagram,
    end,
    exclusive,
    flows,
    human,
    many,
)


def reviewed_by(sequential: bool, until: str | None = None) -> Run:
    source = diagram(
        "p",
        *(begin(), human("review", many("experts", "expert", "scores", "score", sequential, until))),
        *(exclusive("fork", default="fork__end"), end()),
        flows("begin > review > fork > end", "fork > review : len(scores) < 3"),
    )
    return Run(definition(source), experts=["甲", "乙"])


def test_parallel_instances_each_have_their_own_item() -> None:
    """Every expert has a token of his own, with himself as its item."""
    run = reviewed_by(sequential=False)
    assert [(token.element, token.item) for token in run.tokens()] == [("review", "甲"), ("review", "乙")]


def test_completing_one_instance_leaves_the_others() -> None:
    """Only what was handed back leaves an instance, collected in the order of completion."""
    run = reviewed_by(sequential=False)
    first, second = run.tokens()
    run.act(second.id, score=70, private="x")
    assert ([token.item for token in run.tokens()], run.data["scores"]) == (["甲"], [70])
    run.act(first.id, score=90)
    assert run.data == {
        "experts": ["甲", "乙"],
        "scores": [],
    }  # two are fewer than three: a second round began
    assert [token.item for token in run.tokens()] == ["甲", "乙"]


def test_sequential_instances_come_one_after_another() -> None:
    """The next expert gets a token when the one before is done."""
    run = reviewed_by(sequential=True)
    assert [token.item for token in run.tokens()] == ["甲"]
    run.do("review", score=90)
    assert [token.item for token in run.tokens()] == ["乙"]
    run.do("review", score=80)
    assert (run.data["scores"], [token.item for token in run.tokens()]) == ([], ["甲"])


def test_a_completion_condition_cancels_the_rest() -> None:
    """When enough instances are in, the others' tokens are gone."""
    source = diagram(
        "p",
        *(begin(), human("review", many("experts", "expert", "scores", "score", until="score > 80"))),
        *(human("next"), end()),
        flows("begin > review > next > end"),
    )
    run = Run(definition(source), experts=[1, 2, 3]).do("review", score=81)
    assert (run.waits(), run.data["scores"]) == (["next"], [81])


def test_an_empty_list_is_passed_at_once() -> None:
    """Nobody to ask is not an error."""
    source = diagram(
        "p",
        *(begin(), human("review", many("experts", "expert", "scores", "score")), human("next"), end()),
        flows("begin > review > next > end"),
    )
    run = Run(definition(source), experts=[])
    assert (run.waits(), run.data) == (["next"], {"experts": [], "scores": []})


@pytest.mark.parametrize(
    ("experts", "words"), [(list(range(201)), "上限 200"), ("abc", "experts"), (None, "experts")]
)
def test_a_list_that_cannot_be_worked_is_refused(experts: object, words: str) -> None:
    """Too long, or no list at all: a sentence, before anything is made."""
    source = diagram(
        "p",
        *(begin(), human("review", many("experts", "expert", "scores", "score")), end()),
        flows("begin > review > end"),
    )
    with pytest.raises(Refused, match=words):
        Run(definition(source), experts=experts)


def test_an_instance_must_hand_back_its_output() -> None:
    """A score that is missing is refused."""
    run = reviewed_by(sequential=False)
    with pytest.raises(Refused, match="score"):
        run.do("review")


def test_called_instances_keep_their_outcomes_apart() -> None:
    """A multi-instance call activity collects the outcome of each call."""
    top = diagram(
        "p",
        *(begin(), call("formal", "check", many("units", "unit", "results", "formal_outcome"))),
        *(human("next"), end()),
        flows("begin > formal > next > end"),
    )
    run = Run(definition(top, CHECK), units=["a", "b"])
    run.do("look", "no")
    assert (run.waits(), run.data) == (["look"], {"units": ["a", "b"], "results": ["fail"]})
    run.do("look", "ok")
    assert (run.waits(), run.data) == (["next"], {"units": ["a", "b"], "results": ["fail", "pass"]})
