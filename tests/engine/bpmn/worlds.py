"""Tiny diagrams, written as briefly as a sentence."""

import re
from itertools import pairwise

OPEN = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="defs" targetNamespace="https://keguan.example">'
)
DMN = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="defs" name="d" namespace="x">'
START = '<startEvent id="begin"/>'
END = '<endEvent id="done"/>'


def diagram(*body: str, key: str = "case", before: str = "", lanes: str | None = None) -> bytes:
    """A file with one process; every human task lies in the lane 受理员 unless `lanes` says otherwise."""
    inside = "\n".join(body)
    if lanes is None:
        people = re.findall(r'<(?:userTask|manualTask) id="(\w+)"', inside)
        lanes = lane("受理员", *people) if people else ""
    process = f'<process id="{key}" isExecutable="true">{lanes}\n{inside}\n</process>'
    return f"{OPEN}{before}\n{process}</definitions>".encode()


def lane(name: str, *nodes: str) -> str:
    """A lane set with one lane."""
    references = "".join(f"<flowNodeRef>{node}</flowNodeRef>" for node in nodes)
    return f'<laneSet id="lanes"><lane id="lane" name="{name}">{references}</lane></laneSet>'


def user(id_: str, inner: str = "") -> str:
    """A user task."""
    return f'<userTask id="{id_}">{inner}</userTask>'


def service(id_: str, operator: str = "open_notice", parameters: str = "") -> str:
    """A service task calling a named action."""
    inner = f"<spiffworkflow:parameters>{parameters}</spiffworkflow:parameters>" if parameters else ""
    action = f'<spiffworkflow:serviceTaskOperator id="{operator}">{inner}</spiffworkflow:serviceTaskOperator>'
    return f'<serviceTask id="{id_}"><extensionElements>{action}</extensionElements></serviceTask>'


def call(id_: str, called: str) -> str:
    """A call activity."""
    return f'<callActivity id="{id_}" calledElement="{called}"/>'


def xor(id_: str, default: str = "") -> str:
    """An exclusive gateway; `default` is `source-target` of its default flow."""
    return (
        f'<exclusiveGateway id="{id_}" default="f_{default.replace("-", "_")}"/>'
        if default
        else (f'<exclusiveGateway id="{id_}"/>')
    )


def flows(*arrows: str) -> str:
    """Sequence flows written `a-b-c`; a condition follows after a space: `a-b x == 1`."""
    found = []
    for arrow in arrows:
        path, _, condition = arrow.partition(" ")
        nodes = path.split("-")
        for source, target in pairwise(nodes):
            text = condition.replace("&", "&amp;").replace("<", "&lt;")
            inner = f"<conditionExpression>{text}</conditionExpression>" if condition else ""
            id_ = f"f_{source}_{target}"
            found.append(
                f'<sequenceFlow id="{id_}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
            )
    return "".join(found)


def properties(**values: str) -> str:
    """The product's own properties of a task."""
    inner = "".join(
        f'<spiffworkflow:property name="{key}" value="{value}"/>' for key, value in values.items()
    )
    return (
        f"<extensionElements><spiffworkflow:properties>{inner}</spiffworkflow:properties></extensionElements>"
    )


def timer(text: str, tag: str = "timeDuration") -> str:
    """A timer event definition."""
    return f"<timerEventDefinition><{tag}>{text}</{tag}></timerEventDefinition>"


def boundary(id_: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    """A boundary event."""
    cancel = str(interrupting).lower()
    attributes = f'id="{id_}" attachedToRef="{host}" cancelActivity="{cancel}"'
    return f"<boundaryEvent {attributes}>{definition}</boundaryEvent>"


def catch(id_: str, definition: str) -> str:
    """An intermediate catch event."""
    return f'<intermediateCatchEvent id="{id_}">{definition}</intermediateCatchEvent>'


def subprocess(id_: str, *body: str) -> str:
    """An embedded subprocess."""
    return f'<subProcess id="{id_}">{"".join(body)}</subProcess>'


def repeat(inner: str = "", collection: str = "panel", item: str = "member", result: str = "score") -> str:
    """A parallel multi-instance marker with all four parts."""
    return (
        f"<multiInstanceLoopCharacteristics><loopDataInputRef>{collection}</loopDataInputRef>"
        f'<loopDataOutputRef>scores</loopDataOutputRef><inputDataItem id="{item}"/>'
        f'<outputDataItem id="{result}"/>{inner}</multiInstanceLoopCharacteristics>'
    )


def line(*middle: str) -> tuple[str, ...]:
    """A start, the given nodes one after another, an end."""
    ids = [found[1] for node in middle if (found := re.match(r'<\w+ id="([^"]+)"', node))]
    return (START, *middle, END, flows("-".join(["begin", *ids, "done"])))


def table(
    *rows: tuple[str, str], policy: str = "UNIQUE", outputs: str = "risk", column: str = "score"
) -> bytes:
    """A decision table `risk_level` with one input and one output column."""
    cells = "".join(
        f'<rule id="row{number}"><inputEntry id="in{number}"><text>{_escape(match)}</text></inputEntry>'
        f'<outputEntry id="out{number}"><text>{_escape(value)}</text></outputEntry></rule>'
        for number, (match, value) in enumerate(rows)
    )
    return (
        f'{DMN}<decision id="risk_level" name="风险"><decisionTable id="table" hitPolicy="{policy}">'
        f'<input id="col"><inputExpression id="expr"><text>{_escape(column)}</text></inputExpression></input>'
        f'<output id="result" name="{outputs}"/>{cells}</decisionTable></decision></definitions>'
    ).encode()


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
