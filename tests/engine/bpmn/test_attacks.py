"""Every place an expression can sit, with every escape and every bomb: refused with a sentence, at once."""

import time
from collections.abc import Callable
from html import escape

import pytest

from engine.bpmn.profile import check
from tests.engine.bpmn.attacks import BOMBS, ESCAPES
from tests.engine.bpmn.worlds import (
    END,
    START,
    boundary,
    catch,
    diagram,
    flows,
    line,
    properties,
    repeat,
    service,
    table,
    timer,
    user,
    xor,
)

TABLE_CASE = diagram(
    *line(
        '<businessRuleTask id="rate"><extensionElements><spiffworkflow:calledDecisionId>risk_level'
        "</spiffworkflow:calledDecisionId></extensionElements></businessRuleTask>"
    )
)


def in_process(*body: str, before: str = "") -> dict[str, bytes]:
    """The files of one attacked process."""
    return {"case.bpmn": diagram(*body, before=before)}


def extension(tag: str, text: str) -> str:
    """A SpiffWorkflow extension element."""
    return f"<extensionElements><spiffworkflow:{tag}>{text}</spiffworkflow:{tag}></extensionElements>"


PLACES: dict[str, Callable[[str], dict[str, bytes]]] = {
    "condition": lambda text: in_process(
        *(START, user("a"), xor("way", "way-done"), END, flows("begin-a-way-done")),
        f'<sequenceFlow id="f" sourceRef="way" targetRef="a"><conditionExpression>{text}'
        "</conditionExpression></sequenceFlow>",
    ),
    "condition on a task": lambda text: in_process(
        *(START, user("a"), END, flows("begin-a")),
        f'<sequenceFlow id="f" sourceRef="a" targetRef="done"><conditionExpression>{text}'
        "</conditionExpression></sequenceFlow>",
    ),
    "boundary timer": lambda text: in_process(
        *line(user("a")), boundary("late", "a", timer(text)), flows("late-done")
    ),
    "catch timer": lambda text: in_process(*line(catch("a", timer(text)))),
    "timer date": lambda text: in_process(*line(catch("a", timer(text, "timeDate")))),
    "timer cycle": lambda text: in_process(*line(catch("a", timer(text, "timeCycle")))),
    "limit": lambda text: in_process(*line(user("a", properties(limit=text)))),
    "action parameter": lambda text: in_process(
        *line(service("a", parameters=f'<spiffworkflow:parameter id="p" type="any" value="{text}"/>'))
    ),
    "completion condition": lambda text: in_process(
        *line(user("a", repeat(f"<completionCondition>{text}</completionCondition>")))
    ),
    "collection": lambda text: in_process(*line(user("a", repeat(collection=text)))),
    "data item": lambda text: in_process(*line(user("a", repeat(item=text)))),
    "cardinality": lambda text: in_process(
        *line(user("a", repeat(f"<loopCardinality>{text}</loopCardinality>")))
    ),
    "loop condition": lambda text: in_process(
        *line(
            user(
                "a",
                f"<standardLoopCharacteristics><loopCondition>{text}</loopCondition></standardLoopCharacteristics>",
            )
        )
    ),
    "conditional event": lambda text: in_process(
        *line(
            catch(
                "a", f"<conditionalEventDefinition><condition>{text}</condition></conditionalEventDefinition>"
            )
        )
    ),
    "script": lambda text: in_process(*line(f'<scriptTask id="a"><script>{text}</script></scriptTask>')),
    "script before": lambda text: in_process(*line(user("a", extension("preScript", text)))),
    "script after": lambda text: in_process(*line(user("a", extension("postScript", text)))),
    "message payload": lambda text: in_process(
        *line('<receiveTask id="a" messageRef="m"/>'),
        before=f'<message id="m" name="listed">{extension("messagePayload", text)}</message>',
    ),
    "message variable": lambda text: in_process(*line(user("a", extension("messageVariable", text)))),
    "signal payload": lambda text: in_process(
        *line(user("a")),
        before=f'<signal id="s" name="stop">{extension("payloadExpression", text)}</signal>',
    ),
    "correlation": lambda text: in_process(
        *line(user("a")),
        before='<correlationProperty id="c"><correlationPropertyRetrievalExpression messageRef="m">'
        f"<messagePath>{text}</messagePath></correlationPropertyRetrievalExpression></correlationProperty>",
    ),
    "message reference": lambda text: in_process(*line(f'<receiveTask id="a" messageRef="{text}"/>')),
    "called process": lambda text: in_process(*line(f'<callActivity id="a" calledElement="{text}"/>')),
    "input column": lambda text: {"case.bpmn": TABLE_CASE, "t.dmn": _table(("1", "2"), column=text)},
    "input cell": lambda text: {"case.bpmn": TABLE_CASE, "t.dmn": _table((text, "2"))},
    "input cell with a mark": lambda text: {"case.bpmn": TABLE_CASE, "t.dmn": _table((f"? == {text}", "2"))},
    "output cell": lambda text: {"case.bpmn": TABLE_CASE, "t.dmn": _table(("1", text))},
    "output name": lambda text: {"case.bpmn": TABLE_CASE, "t.dmn": _table(("1", "2"), outputs=text)},
}


def _table(row: tuple[str, str], column: str = "score", outputs: str = "risk") -> bytes:
    return table(row, column=column, outputs=outputs)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_the_place_itself_may_hold_a_harmless_text(place: Callable[[str], dict[str, bytes]]) -> None:
    """The attacks below are refused for what they say: the same file is read without a crash otherwise."""
    assert isinstance(check(place("x")), list)


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_no_attack_passes_or_takes_long(place: Callable[[str], dict[str, bytes]]) -> None:
    """Escapes and bombs are refused with a sentence; all of them together in seconds."""
    begun = time.process_time()
    passed = [text for text in ESCAPES + BOMBS if not check(place(escape(text)))]
    assert (passed, time.process_time() - begun < 10) == ([], True)


def test_a_chain_of_calls_is_bounded() -> None:
    """Calls that fan out twice at each of thirty levels would be a billion paths."""
    files = {
        f"p{n}.bpmn": diagram(
            START,
            xor("way", "way-b"),
            *(f'<callActivity id="{one}" calledElement="p{n + 1}"/>' for one in "ab"),
            END,
            flows("begin-way-a-done", "way-b-done").replace('id="f_way_a" ', 'id="f_way_a" '),
            key=f"p{n}",
        )
        for n in range(30)
    }
    begun = time.process_time()
    check(files)
    assert time.process_time() - begun < 2


def test_a_long_diagram_is_refused_or_read_in_time() -> None:
    """As many steps as a file can hold."""
    ids = [f"n{number}" for number in range(3_000)]
    case = diagram(START, *(user(id_) for id_ in ids), END, flows("-".join(["begin", *ids, "done"])))
    begun = time.process_time()
    found = {one.rule for one in check({"case.bpmn": case})}
    assert (found, time.process_time() - begun < 2) == ({"too-large"}, True)


def test_a_wide_diagram_is_checked_in_time() -> None:
    """The largest admitted size, every branch looping and waiting: the pairwise rule stays quick."""
    ways = [f"w{number}" for number in range(90)]
    body = [f"{user(f'{way}u')}{xor(f'{way}x', f'{way}x-join')}" for way in ways]
    arrows = [f"split-{way}u-{way}x-join" for way in ways] + [f"{way}x-{way}u x == 1" for way in ways]
    gateways = ('<parallelGateway id="split"/>', '<parallelGateway id="join"/>')
    case = diagram(START, *gateways, *body, END, flows("begin-split", "join-done", *arrows))
    begun = time.process_time()
    assert {one.rule for one in check({"case.bpmn": case})} == {"waiting-beside-loop"}
    assert time.process_time() - begun < 2


def test_a_large_table_is_checked_in_time() -> None:
    """Rows that all have to be told apart from each other."""
    case = table(*((f"{number} <= ? < {number + 1}", '"x"') for number in range(200)))
    begun = time.process_time()
    check({"t.dmn": case})
    assert time.process_time() - begun < 2
