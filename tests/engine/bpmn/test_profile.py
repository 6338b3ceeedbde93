"""The profile admits what the engine runs rightly and names the rule that refuses anything else."""

import pytest

from engine.bpmn.profile import Finding, check
from tests.engine.bpmn.worlds import (
    END,
    START,
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
    timer,
    user,
    xor,
)

MESSAGE = '<message id="Message_1" name="listed"/>'
SIGNAL = '<signal id="Signal_1" name="stop"/>'
ON_MESSAGE = '<messageEventDefinition messageRef="Message_1"/>'
ON_SIGNAL = '<signalEventDefinition signalRef="Signal_1"/>'
CALLEE = diagram(*line(user("inner")), key="part")


def rules(*body: str, before: str = "", lanes: str | None = None) -> set[str]:
    """The rules that refuse a process."""
    files = {"case.bpmn": diagram(*body, before=before, lanes=lanes)}
    return {finding.rule for finding in check(files, {"part.bpmn": CALLEE}, {"open_notice"})}


ADMITTED = {
    "a person's task": line(
        user("check", properties(limit="limit_check", reminders="-3,1", status="received"))
    ),
    "a decision with a default": (
        *(START, user("check"), xor("way", "way-done"), user("mend"), END),
        flows("begin-check-way-done", 'way-mend check_outcome == "return"', "mend-check"),
    ),
    "parallel branches": (
        *(START, '<parallelGateway id="split"/>', user("left"), user("right")),
        *('<parallelGateway id="join"/>', END, flows("begin-split-left-join-done", "split-right-join")),
    ),
    "a parallel block in a subprocess in a loop": (
        START,
        subprocess(
            "both",
            *('<startEvent id="b1"/><parallelGateway id="split"/>', user("left"), user("right")),
            '<parallelGateway id="join"/><endEvent id="e1"/>',
            flows("b1-split-left-join-e1", "split-right-join"),
        ),
        *(xor("again", "again-done"), END, flows("begin-both-again-done", "again-both both_outcome == 1")),
    ),
    "a time limit": (
        *(START, user("check"), boundary("late", "check", timer("limit_check")), service("tell"), END),
        flows("begin-check-done", "late-tell-done"),
    ),
    "a reminder beside the task": (
        *(
            START,
            user("check"),
            boundary("late", "check", timer('"P1M"'), interrupting=False),
            service("tell"),
        ),
        *(END, '<endEvent id="told"/>', flows("begin-check-done", "late-tell-told")),
    ),
    "waiting for the first of two": (
        *(
            START,
            '<eventBasedGateway id="first"/>',
            catch("told", ON_MESSAGE),
            catch("late", timer("15")),
            END,
        ),
        flows("begin-first-told-done", "first-late-done"),
    ),
    "receiving a message": line('<receiveTask id="wait" messageRef="Message_1"></receiveTask>'),
    "calling another procedure": line(call("run", "part")),
    "once for each expert": line(user("score_sheet", repeat())),
    "a signal inside": (
        *(START, user("check"), boundary("stopped", "check", ON_SIGNAL, interrupting=False)),
        *('<parallelGateway id="split"/>', user("decide"), '<parallelGateway id="join"/>', END),
        f'<intermediateThrowEvent id="stop">{ON_SIGNAL}</intermediateThrowEvent><endEvent id="e2"/>',
        flows("begin-split-check-join-done", "split-decide-stop-join", "stopped-e2"),
    ),
    "a terminating end": (
        *(START, user("check"), '<endEvent id="done"><terminateEventDefinition id="t"/></endEvent>'),
        flows("begin-check-done"),
    ),
}


@pytest.mark.parametrize("body", ADMITTED.values(), ids=ADMITTED.keys())
def test_the_profile_admits(body: tuple[str, ...]) -> None:
    """What the engine runs rightly may be published."""
    assert rules(*body, before=MESSAGE + SIGNAL) == set()


def _refused_nodes() -> dict[str, tuple[str, tuple[str, ...]]]:
    nodes = {
        "script-task": '<scriptTask id="x"><script>import os</script></scriptTask>',
        "untyped-task": '<task id="x"/>',
        "send-task": '<sendTask id="x"/>',
        "inclusive-gateway": '<inclusiveGateway id="x"/>',
        "complex-gateway": '<complexGateway id="x"/>',
        "transaction": '<transaction id="x"><startEvent id="s"/><endEvent id="e"/></transaction>',
        "ad-hoc": '<adHocSubProcess id="x"/>',
        "link-event": catch("x", '<linkEventDefinition id="l" name="a"/>'),
        "conditional-event": catch(
            "x", "<conditionalEventDefinition><condition>1</condition></conditionalEventDefinition>"
        ),
        "standard-loop": user("x", "<standardLoopCharacteristics/>"),
        "ignored-assignment": user("x", "<potentialOwner/>"),
        "task-script": user(
            "x",
            "<extensionElements><spiffworkflow:preScript>a=1</spiffworkflow:preScript></extensionElements>",
        ),
        "data-object": user("x", "<ioSpecification/>"),
        "service-without-action": '<serviceTask id="x"/>',
        "unknown-action": service("x", "launch_rocket"),
        "action-parameter": service("x", parameters='<spiffworkflow:parameter id="p" type="str" value="1"/>'),
        "result-variable": service("x").replace('"open_notice"', '"open_notice" resultVariable="y"'),
        "rule-without-decision": '<businessRuleTask id="x"/>',
        "call-without-process": '<callActivity id="x"/>',
        "unknown-process": call("x", "nowhere"),
        "recursive-call": call("x", "case"),
        "message-missing": '<receiveTask id="x"/>',
        "timer-unquoted": catch("x", timer("P1D")),
        "timer-cycle": catch("x", timer('"R3/PT1H"')),
        "timer": catch("x", timer('"soon"')),
        "one-start": subprocess("x", '<endEvent id="e"/>'),
        "reserved-id": user("Start"),
        "bad-id": '<manualTask id="a b"/>',
        "multi-instance-kind": service("x").replace("</serviceTask>", repeat() + "</serviceTask>"),
        "loop-cardinality": user("x", repeat("<loopCardinality>9</loopCardinality>")),
        "data-item-clash": user("x", repeat(item="x")),
        "unknown-status": user("x", properties(status="nirvana")),
        "reminders": user("x", properties(reminders="often")),
        "outcome-name": user("x", properties(outcomes="Yes!")),
        "foreign-extension": '<userTask id="x" camunda:assignee="kim"/>',
        "compensation": '<userTask id="x" isForCompensation="true"/>',
        "event-kind": f'<intermediateThrowEvent id="x">{ON_MESSAGE}</intermediateThrowEvent>',
        "event-definition": '<intermediateThrowEvent id="x"/>',
        "signal-outside": catch("x", ON_SIGNAL),
        "operator-id-clash": service("x", "x"),
    }
    return {rule: (rule, line(node)) for rule, node in nodes.items()}


@pytest.mark.parametrize(("rule", "body"), _refused_nodes().values(), ids=_refused_nodes().keys())
def test_a_refused_node_is_named_by_its_rule(rule: str, body: tuple[str, ...]) -> None:
    """Each element outside the profile is refused by the rule that explains it."""
    assert rule in rules(*body, before=MESSAGE + SIGNAL)


def test_a_finding_says_where_what_and_what_to_do() -> None:
    """File, element, line, rule, a Chinese sentence and its remedy."""
    case = diagram(*line('<scriptTask id="x"/>'))
    assert check({"case.bpmn": case}) == [
        Finding(
            "case.bpmn",
            "x",
            4,
            "script-task",
            "“x”：脚本任务会在服务器上执行代码。",
            "请改用自动步骤并选择一个具名动作。",
        )
    ]


def test_a_human_task_needs_a_lane_of_its_own_diagram() -> None:
    """A lane is not inherited: a called diagram's people must be in a lane there."""
    caller = diagram(*line(user("check"), call("run", "part")))
    callee = diagram(*line(user("inner")), key="part", lanes="")
    found = check({"case.bpmn": caller, "part.bpmn": callee})
    assert [(one.file, one.element, one.rule) for one in found] == [
        ("part.bpmn", "inner", "human-task-without-lane")
    ]


def test_a_lane_needs_a_name() -> None:
    """A lane is a role, so it has a name."""
    assert rules(*line(user("a")), lanes=lane("", "a")) == {"human-task-without-lane", "lane-without-name"}


def test_a_process_must_be_executable() -> None:
    """The engine ignores a process that is not marked executable."""
    case = diagram(*line(user("a"))).replace(b' isExecutable="true"', b"")
    assert [one.rule for one in check({"case.bpmn": case})] == ["not-executable"]


def test_a_file_holds_one_process() -> None:
    """Pools that run together are several files."""
    case = diagram(*line(user("a"))).replace(
        b"</definitions>", b'<process id="more" isExecutable="false"/></definitions>'
    )
    assert "several-processes" in {one.rule for one in check({"case.bpmn": case})}


def test_message_flows_between_pools_are_refused() -> None:
    """A pool with the process is fine, a message flow is not."""
    pools = '<collaboration id="c"><participant id="p" processRef="case"/>{}</collaboration>'
    flow = '<messageFlow id="m" sourceRef="p" targetRef="p"/>'
    assert rules(*line(user("a")), before=pools.format("")) == set()
    assert rules(*line(user("a")), before=pools.format(flow)) == {"message-flow"}


def test_two_files_may_not_claim_one_process() -> None:
    """A call could mean either."""
    case = diagram(*line(user("a")))
    found = check({"one.bpmn": case, "two.bpmn": case})
    assert [(one.file, one.rule) for one in found] == [("two.bpmn", "duplicate-process")]


def test_a_given_file_stands_before_the_shipped_one() -> None:
    """An edited part is checked with its edited caller, not with the shipped one."""
    caller = diagram(*line(call("run", "part")))
    edited = diagram(*line(call("back", "case")), key="part")
    assert check({"case.bpmn": caller}, {"part.bpmn": CALLEE}) == []
    assert {one.rule for one in check({"case.bpmn": caller, "p.bpmn": edited}, {"part.bpmn": CALLEE})} == {
        "recursive-call"
    }


def test_subprocess_ids_do_not_meet_in_a_called_diagram() -> None:
    """The engine keeps the subprocesses of everything that runs together in one table."""
    inner = subprocess("phase", '<startEvent id="s1"/>', user("a"), '<endEvent id="e1"/>', flows("s1-a-e1"))
    caller = diagram(*line(inner, call("run", "part")))
    callee = diagram(*line(inner), key="part")
    assert {one.rule for one in check({"case.bpmn": caller, "part.bpmn": callee})} == {"subprocess-id-clash"}


def test_nothing_hides_inside_the_layout() -> None:
    """The engine would find a process under the drawing, so the linter looks there too."""
    hidden = (
        '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI">'
        '<process id="evil"><scriptTask id="x"/></process></di:BPMNDiagram>'
    )
    case = diagram(*line(user("a"))).replace(b"</definitions>", hidden.encode() + b"</definitions>")
    assert [one.rule for one in check({"case.bpmn": case})] == ["unsupported-element"]


def test_a_coordinate_is_a_number() -> None:
    """The engine reads the layout too, to order branches."""
    shape = (
        '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"><di:BPMNShape bpmnElement="a">'
        '<dc:Bounds xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" x="{}" y="1.5" width="9" height="9"/>'
        "</di:BPMNShape></di:BPMNDiagram></definitions>"
    )
    case = diagram(*line(user("a"))).decode()
    rules_at = {
        x: [one.rule for one in check({"c": case.replace("</definitions>", shape.format(x)).encode()})]
        for x in ("-10", "left")
    }
    assert rules_at == {"-10": [], "left": ["layout"]}
