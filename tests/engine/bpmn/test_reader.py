"""The reader says what a diagram says, and turns away what is not a safe diagram."""

import time
import tracemalloc

import pytest

from engine.bpmn.model import Repeat, Timer
from engine.bpmn.reader import Unreadable, read
from tests.engine.bpmn.worlds import (
    boundary,
    call,
    catch,
    diagram,
    flows,
    lane,
    line,
    properties,
    repeat,
    service,
    subprocess,
    table,
    timer,
    user,
)


def test_a_task_with_its_lane_and_properties() -> None:
    """What the case engine needs to know about a step."""
    case = read(diagram(*line(user("check", properties(form="check", limit="5")))), "case.bpmn")
    task = case.processes[0].elements["check"]
    assert (task.kind, task.lane, task.properties, task.incoming, task.outgoing) == (
        "userTask",
        "受理员",
        {"form": "check", "limit": "5"},
        ("f_begin_check",),
        ("f_check_done",),
    )


def test_inside_a_subprocess_the_lane_is_the_subprocess_s() -> None:
    """The engine gives everything inside the outer lane, whatever the inner says."""
    inner = subprocess("phase", user("a"))
    case = read(diagram(*line(inner), lanes=lane("业务科室", "phase")), "case.bpmn").processes[0]
    assert (case.elements["a"].parent, case.elements["a"].lane) == ("phase", "业务科室")


def test_events_repeats_calls_and_actions() -> None:
    """Everything an element may carry."""
    case = read(
        diagram(
            *line(
                user("a", repeat()), service("act", "pay"), call("run", "part"), catch("wait", timer("15"))
            ),
            boundary("late", "a", timer('"P1M"'), interrupting=False),
        ),
        "case.bpmn",
    ).processes[0]
    elements = case.elements
    assert elements["a"].repeat == Repeat(False, 4, "panel", "member", "scores", "score")
    assert elements["a"].boundary == ("late",)
    assert (elements["late"].attached_to, elements["late"].interrupting) == ("a", False)
    assert elements["wait"].events[0].timer == Timer("timeDuration", "15")
    assert (elements["act"].operator.id, elements["run"].called) == ("pay", "part")  # type: ignore[union-attr]


def test_a_flow_keeps_its_condition_as_written() -> None:
    """Conditions are text until they are evaluated."""
    case = read(diagram(*line(user("a")), flows('a-done a_outcome == "x"')), "case.bpmn").processes[0]
    assert case.flows["f_a_done"].condition is None  # the first of two flows with one id
    assert read(diagram(flows("a-b x < 1")), "x").processes[0].flows["f_a_b"].condition == "x < 1"


def test_a_decision_table() -> None:
    """A DMN file is read into rows of cells."""
    decision = read(table((">1", '"high"'), ("-", '"low"')), "risk.dmn").decisions[0]
    assert (decision.id, decision.hit_policy, decision.outputs) == ("risk_level", "UNIQUE", ("risk",))
    assert [(rule.inputs[0].text, rule.outputs[0].text) for rule in decision.rules] == [
        (">1", '"high"'),
        ("-", '"low"'),
    ]


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE = {
    "file-too-large": b"<a>" + b" " * 20_000_000 + b"</a>",
    "too-deep": b"<a>" * 200 + b"</a>" * 200,
    "not-xml": b"<a>" * 200,
    "too-deep by far": b"<a>" * 5_000 + b"</a>" * 5_000,
    "too-many-elements": b"<a>" + b"<b/>" * 400_000 + b"</a>",
    "too-many-attributes": b"<a " + b" ".join(b'a%d="1"' % n for n in range(5_000)) + b"/>",
    "encoding": "<a/>".encode("utf-16"),
    "not-xml zipped": b"PK\x03\x04 an archive",
    "not-xml empty": b" \n ",
    "processing-instruction": b'<?xml version="1.0"?><?xml-stylesheet href="http://x.example/x.xsl"?><a/>',
    "processing-instruction inside": b"<a><?php go ?></a>",
    "not-bpmn": b"<svg/>",
    "doctype": f'<!DOCTYPE a [<!ENTITY l0 "ha">{LAUGHS}]><a>&l11;</a>'.encode(),
}


@pytest.mark.parametrize(("rule", "source"), HOSTILE.items(), ids=HOSTILE.keys())
def test_hostile_xml_is_refused_quickly_and_in_little_memory(rule: str, source: bytes) -> None:
    """A sentence within two seconds and 200 MB."""
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(Unreadable) as refusal:
        read(source, "bad.bpmn")
    spent, (_, peak) = time.process_time() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (refusal.value.rule, spent < 2, peak < 200_000_000) == (rule.partition(" ")[0], True, True)


@pytest.mark.parametrize(
    "source",
    [
        b'<?xml version="1.0"?><!-- a > b --><!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'\xef\xbb\xbf \n<!DOCTYPE a PUBLIC "x" "http://example.test/x.dtd"><a/>',
        b'<?xml version="1.0" encoding="UTF-8"?><?go on?><!DOCTYPE a><a/>',
    ],
)
def test_any_doctype_is_refused(source: bytes) -> None:
    """Wherever in the prolog it stands."""
    with pytest.raises(Unreadable) as refusal:
        read(source, "bad.bpmn")
    assert refusal.value.rule == "doctype"


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"not xml",
        b"<a>\x00</a>",
        b"\xff\xfe",
        b"<a",
        b"<!--",
        b"<?",
        b"&x;",
        b"<a>&undefined;</a>",
        "<a>\ud800</a>",
    ],
)
def test_what_is_no_xml_is_said_to_be_none(source: bytes | str) -> None:
    """One sentence, never another error."""
    with pytest.raises(Unreadable):
        read(source, "bad.bpmn")


def test_an_encoding_declaration_does_not_smuggle_a_doctype() -> None:
    """The text is UTF-8 whatever the file claims, so what was looked at is what is parsed."""
    source = b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>'
    with pytest.raises(Unreadable):
        read(source, "bad.bpmn")
