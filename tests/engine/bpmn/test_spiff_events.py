"""Messages, time limits and boundary events: exactly one token, exactly when told."""

import itertools

import pytest

from engine.bpmn import spiff
from engine.errors import Conflict
from tests.engine.bpmn.diagrams import (
    Host,
    Run,
    begin,
    boundary,
    call,
    catch,
    definition,
    diagram,
    end,
    flows,
    human,
    many,
    receive,
    sub,
)


def work_with_a_limit(interrupting: bool) -> Run:
    source = diagram(
        "p",
        *(begin(), human("work"), boundary("limit", "work", timer="notice_days", interrupting=interrupting)),
        *(human("late"), human("next"), end(), end("e2")),
        flows("begin > work > next > end", "limit > late > e2"),
    )
    return Run(definition(source))


def test_a_boundary_timer_waits_with_its_own_expression() -> None:
    """Nothing evaluates the text, and the token says which token it limits."""
    tokens = {token.element: token for token in work_with_a_limit(interrupting=True).tokens()}
    limit = tokens["limit"]
    assert (limit.kind, limit.expression, limit.attached_to) == ("timer", "notice_days", tokens["work"].id)


def test_an_interrupting_limit_takes_the_task_away() -> None:
    """After the limit only the other way is open."""
    run = work_with_a_limit(interrupting=True)
    work = run.token("work")
    assert run.do("limit").waits() == ["late"]
    with pytest.raises(Conflict):
        run.instance.complete(work, "ok")


def test_a_non_interrupting_limit_leaves_the_task() -> None:
    """Both ways are open, in either order, and the process ends when both are done."""
    for order in itertools.permutations(["work", "late"]):
        run = work_with_a_limit(interrupting=False).do("limit")
        assert run.waits() == ["late", "work"]
        for element in order:
            run.do(element)
        assert run.waits() == ["next"]
        assert run.do("next").instance.ended


def test_a_limit_dies_with_its_task() -> None:
    """A completed task has no limit any more."""
    run = work_with_a_limit(interrupting=True)
    limit = run.token("limit")
    assert run.do("work").waits() == ["next"]
    with pytest.raises(Conflict):
        run.instance.fire(limit)


def test_only_the_fired_one_of_several_limits_passes() -> None:
    """Two limits on one task are two tokens."""
    source = diagram(
        "p",
        *(begin(), human("work"), human("a"), human("b"), human("next"), end(), end("e2"), end("e3")),
        boundary("first", "work", timer="5", interrupting=False),
        boundary("second", "work", timer="10", interrupting=False),
        flows("begin > work > next > end", "first > a > e2", "second > b > e3"),
    )
    run = Run(definition(source)).do("second")
    assert run.waits() == ["b", "first", "work"]
    assert run.do("b").do("work").waits() == ["next"]


def formal_check_with_withdrawal(interrupting: bool = True) -> Run:
    """A call, in it a call, in it a subprocess with a person at work; `withdraw` sits on the first."""
    inner = sub("room", begin("b2"), human("work"), human("more"), end("e2"), flows("b2 > work > more > e2"))
    deepest = diagram("deep", begin(), inner, end(outcome="deep"), flows("begin > room > end"))
    middle = diagram("mid", begin(), call("c2", "deep"), end(outcome="mid"), flows("begin > c2 > end"))
    top = diagram(
        "p",
        *(
            begin(),
            call("c1", "mid"),
            boundary("withdraw", "c1", message="withdrawn", interrupting=interrupting),
        ),
        *(human("file"), human("next"), end(), end("gone", outcome="withdrawn")),
        flows("begin > c1 > next > end", "withdraw > file > gone"),
        messages=("withdrawn",),
    )
    return Run(definition(top, middle, deepest))


@pytest.mark.parametrize("steps", [0, 1])
def test_a_message_on_a_call_cancels_it_however_deep_it_is(steps: int) -> None:
    """An applicant withdraws while somebody is at work three processes down."""
    run = formal_check_with_withdrawal()
    for element in ["work"][:steps]:
        run.do(element)
    assert run.waits() == sorted([["work", "more"][steps], "withdraw"])
    run.do("withdraw", "by_letter")
    assert (run.waits(), run.data["withdraw_outcome"]) == (["file"], "by_letter")
    run.do("file")
    assert (run.instance.ended, run.instance.outcome) == (True, "withdrawn")


def test_a_non_interrupting_message_on_a_call_leaves_it_running() -> None:
    """The call goes on beside what the message started, and both end in their own time."""
    run = formal_check_with_withdrawal(interrupting=False).do("work").do("withdraw")
    assert run.waits() == ["file", "more"]
    run.do("more")
    assert (run.waits(), run.data["c1_outcome"]) == (["file", "next"], "mid")
    assert run.do("next").do("file").instance.ended


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_limit_on_a_subprocess(interrupting: bool) -> None:
    """The subprocess is cut off, or not, as a whole."""
    room = sub("room", begin("b2"), human("a"), human("b"), end("e2"), flows("b2 > a > b > e2"))
    source = diagram(
        "p",
        *(begin(), room, boundary("limit", "room", timer="5", interrupting=interrupting), human("late")),
        *(human("next"), end(), end("e3")),
        flows("begin > room > next > end", "limit > late > e3"),
    )
    run = Run(definition(source)).do("a").do("limit")
    assert run.waits() == (["late"] if interrupting else ["b", "late"])


def test_cancelling_many_calls_leaves_none_of_their_tokens() -> None:
    """A multi-instance call that is cut off drops the processes it called."""
    called = diagram("one", begin(), human("work"), end(outcome="x"), flows("begin > work > end"))
    top = diagram(
        "p",
        *(
            begin(),
            call("c", "one", many("units", "unit", "results", "c_outcome")),
            human("late"),
            end(),
            end("e2"),
        ),
        boundary("limit", "c", timer="5"),
        flows("begin > c > end", "limit > late > e2"),
    )
    run = Run(definition(top, called), units=[1, 2, 3])
    assert run.waits() == ["limit", "work", "work", "work"]
    assert run.do("work").do("limit").waits() == ["late"]


def test_a_message_completes_one_instance_only() -> None:
    """SpiffWorkflow's own message would answer for every expert at once."""
    loop = many("experts", "expert", "answers", "answer")
    task = receive("ask", "answer").replace("/>", f">{loop}</bpmn:receiveTask>", 1)
    source = diagram(
        "p", begin(), task, human("next"), end(), flows("begin > ask > next > end"), messages=("answer",)
    )
    run = Run(definition(source), experts=["甲", "乙"])
    first, second = run.tokens()
    assert [first.item, second.item] == ["甲", "乙"]
    run.act(second.id, answer="no")
    assert ([token.id for token in run.tokens()], run.data["answers"]) == ([first.id], ["no"])
    assert run.act(first.id, answer="yes").data["answers"] == ["no", "yes"]


def awaiting(name: str) -> spiff.Instance:
    source = diagram(
        "p",
        *(begin(), human("before"), catch("wait", message="decided"), human("after"), end()),
        flows("begin > before > wait > after > end"),
        messages=("decided",),
    )
    run = Run(definition(source))
    return (run.do("before") if name == "wait" else run).instance


def test_a_message_that_comes_early_is_refused_not_lost() -> None:
    """The sender's row stays undelivered; nothing has happened here."""
    instance = awaiting("before")
    with pytest.raises(Conflict, match="尚未开始"):
        instance.deliver(instance.tokens()[0].id, "yes")


def test_a_message_of_another_name_is_refused() -> None:
    """The token says what it waits for."""
    instance = awaiting("wait")
    with pytest.raises(Conflict, match="decided"):
        instance.deliver(instance.tokens()[0].id, "yes", message="other")
    instance.deliver(instance.tokens()[0].id, "yes", {"score": 1}, message="decided")
    assert instance.data == {"before_outcome": "ok", "wait_outcome": "yes", "score": 1}


def test_a_kind_of_event_cannot_stand_in_for_another() -> None:
    """A person cannot complete a limit, a sweeper cannot complete a task."""
    run = work_with_a_limit(interrupting=True)
    limit, work = run.token("limit"), run.token("work")
    for wrong in (
        lambda: run.instance.complete(limit, "ok"),
        lambda: run.instance.fire(work),
        lambda: run.instance.deliver(limit, "ok"),
    ):
        with pytest.raises(Conflict):
            wrong()


def test_a_catching_timer_waits_to_be_fired() -> None:
    """Whatever its text, and however long ago it was."""
    source = diagram(
        "p",
        *(begin(), catch("pause", timer='"2001-01-01"'), human("after"), end()),
        flows("begin > pause > after > end"),
    )
    run = Run(definition(source), Host())
    assert (run.waits(), run.tokens()[0].attached_to) == (["pause"], None)
    assert run.do("pause").waits() == ["after"]
