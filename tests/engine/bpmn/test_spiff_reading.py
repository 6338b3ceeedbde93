"""What the engine refuses to read, and that nothing it reads ever becomes Python."""

import builtins

import pytest

from engine.bpmn import spiff
from engine.errors import Unusable
from tests.engine.bpmn.diagrams import (
    CHECK,
    GRADING,
    Host,
    Run,
    begin,
    call,
    catch,
    definition,
    diagram,
    end,
    exclusive,
    flows,
    human,
    many,
    parallel,
    rule,
    service,
)

SHELL = "__import__('os').system('true')"


def with_node(node: str) -> bytes:
    """A process whose middle is `node`, with id `x`."""
    return diagram("p", begin(), node, end(), flows("begin > x > end"), messages=("m",))


def extended(tag: str) -> str:
    script = f"<spiffworkflow:{tag}>{SHELL}</spiffworkflow:{tag}>"
    return human("x", f"<bpmn:extensionElements>{script}</bpmn:extensionElements>")


def repeated(kind: str, inside: str) -> str:
    return human("x", f"<bpmn:{kind}LoopCharacteristics>{inside}</bpmn:{kind}LoopCharacteristics>")


def event(kind: str, inside: str) -> str:
    return f'<bpmn:{kind} id="x">{inside}</bpmn:{kind}>'


CONDITIONAL = (
    f"<bpmn:conditionalEventDefinition><bpmn:condition>{SHELL}</bpmn:condition>"
    "</bpmn:conditionalEventDefinition>"
)
REFUSED = {
    "script": f'<bpmn:scriptTask id="x"><bpmn:script>{SHELL}</bpmn:script></bpmn:scriptTask>',
    "before": extended("preScript"),
    "after": extended("postScript"),
    "loop": repeated("standard", f"<bpmn:loopCondition>{SHELL}</bpmn:loopCondition>"),
    "cardinality": repeated("multiInstance", f"<bpmn:loopCardinality>{SHELL}</bpmn:loopCardinality>"),
    "no items": repeated("multiInstance", "<bpmn:loopDataInputRef>a</bpmn:loopDataInputRef>"),
    "conditional": event("intermediateCatchEvent", CONDITIONAL),
    "thrown": event("intermediateThrowEvent", '<bpmn:messageEventDefinition messageRef="message_m"/>'),
    "sent message": '<bpmn:sendTask id="x" messageRef="message_m"/>',
    "empty timer": catch("x", timer=" "),
    "empty catch": event("intermediateCatchEvent", ""),
    "nameless receive": event("receiveTask", ""),
    "no operator": event("serviceTask", ""),
    "no decision": rule("x", "missing"),
    "inclusive": event("inclusiveGateway", ""),
    "complex": event("complexGateway", ""),
    "ad hoc": event("adHocSubProcess", ""),
    "transaction": event("transaction", f"{begin('b2')}{end('e2')}{flows('b2 > e2')}"),
    "missing call": call("x", "nowhere"),
    "data object": '<bpmn:dataObject id="o"/>' + human("x"),
}


@pytest.mark.parametrize("node", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_run_safely_is_not_read(node: str) -> None:
    """A sentence, before anything is started."""
    with pytest.raises(Unusable):
        definition(with_node(node))


def test_other_broken_files_are_not_read() -> None:
    """Not XML, a DOCTYPE, another process, not executable, no start, the same twice, a timer start."""
    doctype = CHECK.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1)
    timed = b"<bpmn:timerEventDefinition><bpmn:timeDate>x</bpmn:timeDate></bpmn:timerEventDefinition>"
    for sources in (
        {"a": b"<not xml"},
        {"a": doctype},
        {"a": diagram("q", begin(), end(), flows("begin > end"))},
        {"a": CHECK.replace(b'isExecutable="true"', b'isExecutable="false"')},
        {"a": CHECK.replace(begin().encode(), b"")},
        {"a": CHECK, "b": CHECK},
        {
            "a": CHECK.replace(
                begin().encode(), b'<bpmn:startEvent id="begin">' + timed + b"</bpmn:startEvent>"
            )
        },
    ):
        with pytest.raises(Unusable):
            spiff.parse(sources, "check")


def test_parallel_blocks_in_a_row_are_bounded() -> None:
    """Each would double what SpiffWorkflow predicts: twenty of them are a million tasks."""
    blocks = [f"s{i} > a{i} > j{i}" for i in range(20)] + [f"s{i} > b{i} > j{i}" for i in range(20)]
    links = [f"j{i} > s{i + 1}" for i in range(19)]
    gateways = [parallel(f"{kind}{i}") for i in range(20) for kind in "sj"]
    nodes = [*gateways, *(human(f"{kind}{i}") for i in range(20) for kind in "ab")]
    with pytest.raises(Unusable, match="并行"):
        definition(diagram("p", begin(), *nodes, end(), flows("begin > s0", *blocks, *links, "j19 > end")))


@pytest.mark.parametrize("text", [SHELL, "().__class__.__mro__", "9**9**9", "'a' * 10**9"])
def test_a_hostile_condition_is_refused_where_it_is_used(text: str) -> None:
    """An unlinted diagram meets the same allow-list at run time."""
    source = diagram(
        "p",
        *(begin(), exclusive("fork", default="fork__end"), human("a"), end()),
        flows("begin > fork > end", f"fork > a : {text}", "a > end"),
    )
    with pytest.raises(Unusable):
        Run(definition(source))


def test_no_step_evaluates_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Condition, decision, completion condition, timer and action, with eval and exec gone."""
    source = diagram(
        "p",
        *(begin(), rule("grade", "grading"), service("act", "x"), exclusive("fork", default="fork__end")),
        *(
            human("review", many("people", "one", "votes", "vote", until="len(votes) > 0")),
            catch("wait", timer=SHELL),
            end(),
        ),
        flows("begin > grade > act > fork > end", 'fork > review : grade == "A"', "review > wait > end"),
    )
    parsed = definition(source, GRADING)

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(builtins, "eval", forbidden)
        patched.setattr(builtins, "exec", forbidden)
        run = Run(parsed, Host(), score=90, people=[1, 2]).do("review", vote=1)
    assert (run.waits(), run.tokens()[0].expression) == (["wait"], SHELL)
    assert run.do("wait").instance.ended


def test_lanes_and_names_are_the_diagrams_own() -> None:
    """Line breaks inside a lane reference do not lose the lane."""
    source = diagram("p", begin(), human("a"), end(), flows("begin > a > end"), lanes={"财务": ("\n a \n",)})
    (token,) = Run(definition(source)).tokens()
    assert (token.lane, token.name) == ("财务", "a")
