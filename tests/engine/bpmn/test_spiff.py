"""What a running diagram does, saved and restored after every step."""

import pytest

from engine.bpmn.spiff import Passed, Token
from engine.errors import Conflict, Refused, Unusable
from tests.engine.bpmn.diagrams import (
    CHECK,
    GRADING,
    Host,
    Run,
    begin,
    boundary,
    call,
    catch,
    choice,
    definition,
    diagram,
    end,
    exclusive,
    flows,
    human,
    parallel,
    receive,
    rule,
    service,
    sub,
    throw,
)


def a_case_that_calls_check() -> Run:
    top = diagram(
        "p",
        *(begin(), call("formal", "check"), exclusive("fork", default="fork__no"), human("yes")),
        *(end("no", outcome="refused"), end("done", outcome="accepted")),
        flows("begin > formal > fork > no", 'fork > yes : formal_outcome == "pass"', "yes > done"),
        lanes={"分管领导": ("formal", "yes")},
    )
    return Run(definition(top, CHECK), round=1)


def test_a_token_names_the_called_diagrams_own_element_and_lane() -> None:
    """A lane is the one of the diagram the element is drawn in, not the caller's."""
    run = a_case_that_calls_check()
    (token,) = run.tokens()
    assert token == Token(
        id=token.id, process="check", element="look", kind="human", lane="受理员", name="look"
    )


def test_the_outcome_of_a_called_process_is_seen_by_the_caller() -> None:
    """`<process>_outcome` and `<calling node>_outcome` both hold the outcome of the end that was reached."""
    run = a_case_that_calls_check().do("look", "ok", note="n1")
    assert run.waits() == ["yes"]
    assert run.data == {
        "round": 1,
        "note": "n1",
        "look_outcome": "ok",
        "check_outcome": "pass",
        "formal_outcome": "pass",
    }


def test_what_was_passed_is_told_in_order() -> None:
    """The history gets every node of the diagrams and none of the engine's helpers."""
    run = a_case_that_calls_check().do("look", "ok")
    assert run.passed == [
        Passed("check", "look", "userTask", "look", "ok"),
        Passed("check", "fork", "exclusiveGateway"),
        Passed("check", "good", "endEvent", None, "pass"),
        Passed("p", "formal", "callActivity", None, "pass"),
        Passed("p", "fork", "exclusiveGateway"),
    ]


def test_the_end_event_gives_the_process_its_outcome() -> None:
    """An ended case has no tokens, an outcome, and the end it reached."""
    run = a_case_that_calls_check().do("look", "no")
    ended = (run.instance.ended, run.instance.outcome, run.instance.end_element, run.tokens())
    assert ended == (True, "refused", "no", [])
    assert run.data["p_outcome"] == "refused"


def test_a_token_keeps_its_id_while_it_waits() -> None:
    """Work items point at tokens: saving, restoring and moves elsewhere do not rename them."""
    source = diagram(
        "p",
        *(begin(), parallel("split"), human("a"), human("b"), parallel("join"), human("c"), end()),
        flows("begin > split > a > join > c > end", "split > b > join"),
    )
    run = Run(definition(source))
    before = run.token("b")
    run.do("a")
    assert run.token("b") == before


def test_a_task_is_done_once() -> None:
    """A second click finds the token gone."""
    run = a_case_that_calls_check()
    (token,) = run.tokens()
    run.act(token.id, "ok")
    with pytest.raises(Conflict, match="刷新"):
        run.instance.complete(token.id, "ok", {})
    assert run.waits() == ["yes"]


def test_a_parallel_block_waits_for_both_branches() -> None:
    """Whichever branch ends first, the join waits, and what both decided is kept."""
    source = diagram(
        "p",
        *(begin(), parallel("split"), human("a"), human("b"), parallel("join"), human("c"), end()),
        flows("begin > split > a > join > c > end", "split > b > join"),
    )
    run = Run(definition(source)).do("b", "later", b_note=1)
    assert run.waits() == ["a"]
    run.do("a", "sooner")
    assert run.waits() == ["c"]
    assert run.data == {"a_outcome": "sooner", "b_outcome": "later", "b_note": 1}


def test_a_join_fed_by_a_nested_split_is_not_starved_by_forgetting() -> None:
    """Branches a waiting join has counted survive the pruning, though its first arrival was dropped."""
    source = diagram(
        "p",
        *(begin(), parallel("one"), parallel("two"), human("a"), human("b"), human("c")),
        *(parallel("join"), human("after"), end()),
        flows("begin > one > a > join > after > end", "one > two > b > join", "two > c > join"),
    )
    run = Run(definition(source)).do("a").do("b").do("c")
    assert run.waits() == ["after"]


def test_a_service_task_asks_the_host_and_branches_on_its_answer() -> None:
    """The host is told the operator, the element and the data; its answer becomes `<element>_outcome`."""
    source = diagram(
        "p",
        *(begin(), service("pay", "compute_payable"), exclusive("fork", default="fork__stop")),
        *(human("sign"), end("stop", outcome="unpaid"), end()),
        flows("begin > pay > fork > stop", 'fork > sign : pay_outcome == "payable"', "sign > end"),
    )
    host = Host({"compute_payable": "payable"})
    run = Run(definition(source), host, case=7)
    assert (run.waits(), host.asked) == (["sign"], [("compute_payable", "pay", {"case": 7})])


def test_an_action_that_raises_stops_the_step() -> None:
    """A bug in an action propagates, so that the caller rolls everything back."""

    class Broken(Host):
        def act(self, operator: str, element: str, data: object) -> str:
            raise ZeroDivisionError

    source = diagram("p", begin(), service("pay", "x"), end(), flows("begin > pay > end"))
    with pytest.raises(ZeroDivisionError):
        Run(definition(source), Broken())


def test_policy_values_are_seen_by_conditions_beside_the_data() -> None:
    """A name of the case wins over a policy value of the same name."""
    source = diagram(
        "p",
        *(begin(), exclusive("fork", default="fork__low"), human("high"), human("low"), end()),
        flows("begin > fork > low > end", "fork > high : score >= line", "high > end"),
    )
    host = Host(names={"line": 60, "score": 0})
    assert (Run(definition(source), host, score=61).waits(), Run(definition(source), host).waits()) == (
        ["high"],
        ["low"],
    )


def test_a_missing_name_in_a_condition_is_refused_in_words() -> None:
    """A condition over an unknown name names it."""
    source = diagram(
        "p",
        *(begin(), exclusive("fork", default="fork__end"), human("a"), end()),
        flows("begin > fork > end", "fork > a : missing > 1", "a > end"),
    )
    with pytest.raises(Unusable, match="missing"):
        Run(definition(source))


def test_a_decision_table_writes_its_outputs() -> None:
    """DMN cells are our expressions; the outputs are variables of the case."""
    source = diagram(
        "p",
        *(begin(), rule("grade", "grading"), exclusive("fork", default="fork__low"), human("high")),
        *(human("low"), end()),
        flows("begin > grade > fork > low > end", 'fork > high : grade == "A"', "high > end"),
    )
    run = Run(definition(source, GRADING), score=85)
    assert (run.waits(), run.data) == (["high"], {"score": 85, "grade": "A"})


def test_a_subprocess_gives_its_outcome_to_its_own_name() -> None:
    """An embedded subprocess is read like a call: `<subprocess>_outcome`."""
    source = diagram(
        "p",
        *(begin(),),
        sub("inner", begin("b2"), human("a"), end("e2", outcome="x"), flows("b2 > a > e2")),
        human("next"),
        end(),
        flows("begin > inner > next > end"),
    )
    run = Run(definition(source))
    (token,) = run.tokens()
    assert (token.process, token.element) == ("p", "a")
    assert (run.do("a").waits(), run.data["inner_outcome"]) == (["next"], "x")


def test_an_outcome_does_not_outlive_its_round() -> None:
    """A second call that ends without an outcome does not leave the first one's standing."""
    inner = sub(
        "inner",
        *(begin("b2"), human("a"), exclusive("f2", default="f2__plain"), end("named", outcome="x")),
        *(end("plain"),),
        flows("b2 > a > f2 > plain", 'f2 > named : a_outcome == "x"'),
    )
    source = diagram(
        "p",
        *(begin(), inner, human("again"), exclusive("fork", default="fork__end"), end()),
        flows("begin > inner > again > fork > end", "fork > inner : True"),
    )
    run = Run(definition(source)).do("a", "x").do("again")
    assert run.data["inner_outcome"] == "x"
    assert run.do("a", "y").data["inner_outcome"] is None


def test_terminate_cancels_everything_else() -> None:
    """A terminate end takes the other branches' tokens, called processes included, with it."""
    source = diagram(
        "p",
        *(begin(), parallel("split"), human("stop"), call("formal", "check")),
        *(end("dead", "withdrawn", terminate=True), end()),
        flows("begin > split > stop > dead", "split > formal > end"),
    )
    run = Run(definition(source, CHECK)).do("stop")
    assert (run.tokens(), run.instance.ended, run.instance.outcome) == ([], True, "withdrawn")


def test_terminate_in_a_called_process_ends_only_that() -> None:
    """The caller goes on, and knows how it ended."""
    called = diagram(
        "check",
        *(begin(), parallel("split"), human("stop"), human("other")),
        *(end("dead", "cut", terminate=True), end()),
        flows("begin > split > stop > dead", "split > other > end"),
    )
    top = diagram(
        "p", begin(), call("formal", "check"), human("next"), end(), flows("begin > formal > next > end")
    )
    run = Run(definition(top, called)).do("stop")
    assert (run.waits(), run.data["formal_outcome"]) == (["next"], "cut")


def test_three_calls_deep() -> None:
    """Outcomes come back through every level."""
    level = [
        diagram(
            f"l{i}", begin(), call(f"c{i}", f"l{i + 1}"), end(outcome=f"o{i}"), flows(f"begin > c{i} > end")
        )
        for i in (1, 2)
    ]
    top = diagram("p", begin(), call("c0", "l1"), human("last"), end(), flows("begin > c0 > last > end"))
    deep = diagram(
        "l3", begin(), human("work"), human("more"), end(outcome="o3"), flows("begin > work > more > end")
    )
    run = Run(definition(top, *level, deep)).do("work").do("more")
    assert run.waits() == ["last"]
    assert {name: run.data[name] for name in ("c0_outcome", "c1_outcome", "c2_outcome")} == {
        "c0_outcome": "o1",
        "c1_outcome": "o2",
        "c2_outcome": "o3",
    }


def test_a_signal_reaches_every_branch_of_the_same_case() -> None:
    """Signals stay inside the process, called ones included, also after a restore."""
    called = diagram(
        "check",
        *(begin(), catch("hear", signal="go"), human("heard"), end()),
        flows("begin > hear > heard > end"),
        signals=("go",),
    )
    top = diagram(
        "p",
        *(begin(), parallel("split"), human("a"), throw("say", "go"), call("formal", "check")),
        *(human("b"), end("e2"), end(), boundary("cut", "b", signal="go"), end("e3")),
        flows("begin > split > a > say > e2", "split > formal > end", "split > b > end", "cut > e3"),
        signals=("go",),
    )
    run = Run(definition(top, called))
    assert run.waits() == ["a", "b"]
    assert run.do("a").waits() == ["heard"]


def test_an_automatic_loop_is_refused() -> None:
    """A circle nobody waits in ends with a sentence, not with a hanging server."""
    source = diagram(
        "p",
        *(begin(), service("spin", "x"), exclusive("fork", default="fork__spin"), end()),
        flows("begin > spin > fork > spin", "fork > end : False"),
    )
    with pytest.raises(Refused, match="自动循环"):
        Run(definition(source))


def test_choosing_between_events_takes_one_and_drops_the_others() -> None:
    """Behind an event-based gateway each event is a token; what comes first decides."""
    source = diagram(
        "p",
        *(begin(), choice("wait"), catch("answer", message="reply"), receive("notice", "news")),
        *(catch("late", timer="5"), catch("later", timer='"P1Y"'), human("a"), human("b"), human("c")),
        *(human("d"), end()),
        flows(
            "begin > wait > answer > a > end",
            "wait > late > b > end",
            "wait > later > c > end",
            "wait > notice > d > end",
        ),
        messages=("reply", "news"),
    )
    kinds = [(t.element, t.kind, t.message, t.expression) for t in Run(definition(source)).tokens()]
    assert kinds == [
        ("answer", "message", "reply", None),
        ("late", "timer", None, "5"),
        ("later", "timer", None, '"P1Y"'),
        ("notice", "message", "news", None),
    ]
    taken = {name: Run(definition(source)).do(name, "o").waits() for name, *_ in kinds}
    assert taken == {"answer": ["a"], "late": ["b"], "later": ["c"], "notice": ["d"]}
    assert Run(definition(source)).do("answer", "yes", fact=1).data == {"answer_outcome": "yes", "fact": 1}


def test_a_circle_without_a_way_out_is_not_read() -> None:
    """SpiffWorkflow would predict such a path for ever."""
    with pytest.raises(Unusable, match="循环"):
        definition(diagram("p", begin(), human("a"), human("b"), flows("begin > a > b > a")))
