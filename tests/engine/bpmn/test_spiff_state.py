"""What is kept between steps: small, flat over a case's life, and never less than what is live."""

import json
import random
import threading

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import spiff
from engine.errors import Unusable
from tests.engine.bpmn.diagrams import (
    Host,
    Run,
    begin,
    boundary,
    call,
    definition,
    diagram,
    end,
    exclusive,
    flows,
    human,
    many,
    parallel,
    sub,
)


def milestones() -> spiff.Definition:
    """Report, review, a limit on each, pay or go round again: the loop of a milestone subsidy."""
    tranche = diagram("tranche", begin(), human("review"), end(outcome="paid"), flows("begin > review > end"))
    top = diagram(
        "p",
        *(
            begin(),
            human("report"),
            boundary("late", "report", timer="20", interrupting=False),
            human("chase"),
        ),
        *(call("pay", "tranche"), exclusive("fork", default="fork__report"), end(), end("e2")),
        flows(
            "begin > report > pay > fork > report", 'fork > end : pay_outcome == "last"', "late > chase > e2"
        ),
    )
    return definition(top, tranche)


def test_round_500_is_as_small_as_round_1() -> None:
    """Neither the saved bytes nor the tasks in memory grow with the rounds."""
    run = Run(milestones())
    sizes, tasks = [], []
    for _ in range(500):
        run.do("report").do("review")
        sizes.append(len(run.blob))
        tasks.append(len(run.instance._workflow.tasks))
    assert (run.waits(), set(tasks), max(sizes) - min(sizes) < 0.05 * min(sizes)) == (
        ["late", "report"],
        {4},
        True,
    )


def test_a_case_kept_in_memory_stays_as_small() -> None:
    """The simulation may go on without saving: the pruning is part of the step."""
    instance = spiff.start(milestones(), {}, Host())
    counts = set()
    for _ in range(300):
        for element in ("report", "review"):
            instance.complete(next(t.id for t in instance.tokens() if t.element == element), "ok")
        counts.add(
            sum(
                len(workflow.tasks)
                for workflow in [instance._workflow, *instance._workflow.subprocesses.values()]
            )
        )
    assert max(counts) - min(counts) <= 1


def looping_block() -> spiff.Definition:
    """Three branches, one of two steps, joined, in a subprocess, round after round."""
    block = sub(
        "block",
        *(
            begin("b2"),
            parallel("split"),
            human("a"),
            human("b"),
            human("b_more"),
            human("c"),
            parallel("join"),
        ),
        end("e2"),
        flows("b2 > split > a > join > e2", "split > b > b_more > join", "split > c > join"),
    )
    return definition(
        diagram(
            "p",
            *(begin(), block, exclusive("fork", default="fork__end"), end()),
            flows("begin > block > fork > end", "fork > block : b_outcome < 4"),
        )
    )


LOOPING = looping_block()


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_a_parallel_block_in_a_loop_is_right_in_any_order(chance: random.Random) -> None:
    """Every branch runs once a round, and nothing decided in one round is overwritten by the one before."""
    run = Run(LOOPING)
    for number in range(1, 5):
        left = {"a", "b", "c"}
        while left or run.waits() == ["b_more"]:
            element = chance.choice(run.waits())
            run.do(element, number)  # type: ignore[arg-type]
            left.discard(element)
            assert run.data[f"{element}_outcome"] == number
    assert run.instance.ended
    assert run.data == {"a_outcome": 4, "b_outcome": 4, "b_more_outcome": 4, "c_outcome": 4} | {
        "block_outcome": None,
        "p_outcome": None,
    }


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_saving_changes_nothing(chance: random.Random, saved: bool) -> None:
    """A case that is restored after every step and one that stays in memory go the same way."""
    kept, stored = spiff.start(LOOPING, {}, Host()), Run(LOOPING)
    while not kept.ended:
        tokens = sorted(kept.tokens(), key=lambda token: token.element)
        token = chance.choice(tokens)
        kept.complete(token.id, 3 if saved else 4)  # type: ignore[arg-type]
        stored.do(token.element, 3 if saved else 4)  # type: ignore[arg-type]
        assert (sorted(t.element for t in kept.tokens()), kept.data) == (stored.waits(), stored.data)
        if saved and sum(1 for _ in kept.data) > 4:
            return


def test_the_saved_state_holds_only_what_is_live() -> None:
    """No diagram, no predictions, no history: the way up from what waits, and the data."""
    run = Run(milestones(), amount=7).do("report")
    state = json.loads(zstandard.ZstdDecompressor().decompress(run.blob))
    rows = [[row[3] for row in workflow[3]] for workflow in state["workflows"]]
    assert rows == [["Start", "report", "report.BoundaryEventJoin", "pay"], ["Start", "begin", "review"]]
    assert (state["format"], state["data"]) == (1, {"amount": 7, "report_outcome": "ok"})


def test_many_instances_survive_every_restore() -> None:
    """Fifty experts answer in mixed order, with a save between any two."""
    source = diagram(
        "p",
        *(begin(), human("review", many("experts", "expert", "scores", "score")), human("next"), end()),
        flows("begin > review > next > end"),
    )
    run = Run(definition(source), experts=list(range(50)))
    chance = random.Random(7)
    while run.waits() != ["next"]:
        token = chance.choice(run.tokens())
        run.act(token.id, score=token.item)
    assert sorted(run.data["scores"]) == list(range(50))  # type: ignore[call-overload]


def test_threads_may_share_a_definition() -> None:
    """Nothing of one case leaks into another that runs on the same parsed diagrams."""
    found: list[object] = []

    def walk(number: int) -> None:
        run = Run(LOOPING)
        while not run.instance.ended:
            run.do(run.waits()[number % len(run.waits())], 4, who=number)  # type: ignore[arg-type]
        found.append(run.data["who"])

    threads = [threading.Thread(target=walk, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(8))  # type: ignore[type-var]


def test_a_state_is_not_read_with_another_definition() -> None:
    """Another process, a node that is gone, or damaged bytes: each is a sentence."""
    blob = Run(milestones()).blob
    other = diagram("p", begin(), human("a"), end(), flows("begin > a > end"))
    renamed = diagram("q", begin(), human("a"), end(), flows("begin > a > end"))
    for wrong, bytes_, words in (
        (definition(other), blob, "已不存在"),
        (definition(renamed, key="q"), blob, "不能按流程"),
        (milestones(), blob[:-3], "损坏"),
        (milestones(), b"{}", "损坏"),
    ):
        with pytest.raises(Unusable, match=words):
            spiff.restore(wrong, bytes_, Host())


def test_a_state_saved_by_an_earlier_release_is_read() -> None:
    """Format 1, written down once: cases live longer than releases, so this text must never change."""
    ids = [f"{number:032x}" for number in range(1, 8)]
    top = [[ids[0], None, 64, "Start", 0, {}], [ids[1], 0, 64, "begin", 0, {}], [ids[2], 1, 32, "pay", 0, {}]]
    called = [
        [ids[3], None, 64, "Start", 0, {}],
        [ids[4], 0, 64, "begin", 0, {}],
        [ids[5], 1, 16, "review", 0, {}],
    ]
    workflows = [[None, False, {}, top], [ids[2], False, {}, called]]
    state = {"format": 1, "key": "p", "data": {"report_outcome": "ok"}, "workflows": workflows}
    blob = zstandard.ZstdCompressor().compress(json.dumps(state).encode())
    instance = spiff.restore(milestones(), blob, Host())
    assert [token.id for token in instance.tokens()] == ["00000000-0000-0000-0000-000000000006"]
    instance.complete(instance.tokens()[0].id, "ok")
    assert (sorted(t.element for t in instance.tokens()), instance.data["pay_outcome"]) == (
        ["late", "report"],
        "paid",
    )
