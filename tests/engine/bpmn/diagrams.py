"""Tiny diagrams for the engine's tests: nodes as one-line functions, flows as arrows, no layout."""

from collections.abc import Mapping
from itertools import pairwise

from engine.bpmn import spiff

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions id="d" targetNamespace="t" '
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)


class Host:
    """A product that answers actions from a list and remembers what it was asked."""

    def __init__(self, outcomes: Mapping[str, str] | None = None, names: Mapping[str, object] | None = None):
        self.outcomes = outcomes or {}
        self.values = names or {}
        self.asked: list[tuple[str, str, dict[str, object]]] = []

    def names(self) -> Mapping[str, object]:
        return self.values

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        self.asked.append((operator, element, dict(data)))
        return self.outcomes.get(operator, "done")


def properties(**values: str) -> str:
    pairs = "".join(f'<spiffworkflow:property name="{k}" value="{v}"/>' for k, v in values.items())
    inside = f"<spiffworkflow:properties>{pairs}</spiffworkflow:properties>" if pairs else ""
    return f"<bpmn:extensionElements>{inside}</bpmn:extensionElements>"


def begin(id_: str = "begin") -> str:
    return f'<bpmn:startEvent id="{id_}"/>'


def end(id_: str = "end", outcome: str | None = None, terminate: bool = False) -> str:
    what = "<bpmn:terminateEventDefinition/>" if terminate else ""
    return f'<bpmn:endEvent id="{id_}">{properties(outcome=outcome) if outcome else ""}{what}</bpmn:endEvent>'


def human(id_: str, inside: str = "") -> str:
    return f'<bpmn:userTask id="{id_}" name="{id_}">{inside}</bpmn:userTask>'


def service(id_: str, operator: str) -> str:
    return (
        f'<bpmn:serviceTask id="{id_}"><bpmn:extensionElements><spiffworkflow:serviceTaskOperator '
        f'id="{operator}"/></bpmn:extensionElements></bpmn:serviceTask>'
    )


def rule(id_: str, decision: str) -> str:
    called = f"<spiffworkflow:calledDecisionId>{decision}</spiffworkflow:calledDecisionId>"
    inside = f"<bpmn:extensionElements>{called}</bpmn:extensionElements>"
    return f'<bpmn:businessRuleTask id="{id_}">{inside}</bpmn:businessRuleTask>'


def exclusive(id_: str, default: str | None = None) -> str:
    otherwise = f' default="{default}"' if default else ""
    return f'<bpmn:exclusiveGateway id="{id_}"{otherwise}/>'


def parallel(id_: str) -> str:
    return f'<bpmn:parallelGateway id="{id_}"/>'


def choice(id_: str) -> str:
    return f'<bpmn:eventBasedGateway id="{id_}"/>'


def call(id_: str, process: str, inside: str = "") -> str:
    return f'<bpmn:callActivity id="{id_}" calledElement="{process}">{inside}</bpmn:callActivity>'


def sub(id_: str, *inside: str) -> str:
    return f'<bpmn:subProcess id="{id_}">{"".join(inside)}</bpmn:subProcess>'


def many(
    collection: str,
    item: str,
    output: str,
    output_item: str,
    sequential: bool = False,
    until: str | None = None,
) -> str:
    stop = f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:loopDataInputRef>{collection}</bpmn:loopDataInputRef>"
        f"<bpmn:loopDataOutputRef>{output}</bpmn:loopDataOutputRef>"
        f'<bpmn:inputDataItem id="{item}"/><bpmn:outputDataItem id="{output_item}"/>{stop}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def _timer(text: str) -> str:
    inside = f"<bpmn:timeDuration>{text}</bpmn:timeDuration>"
    return f"<bpmn:timerEventDefinition>{inside}</bpmn:timerEventDefinition>"


def _message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="message_{name}"/>'


def receive(id_: str, message: str) -> str:
    return f'<bpmn:receiveTask id="{id_}" messageRef="message_{message}"/>'


def catch(id_: str, message: str | None = None, timer: str | None = None, signal: str | None = None) -> str:
    inside = _message(message) if message else _timer(timer) if timer else _signal(signal or "")
    return f'<bpmn:intermediateCatchEvent id="{id_}">{inside}</bpmn:intermediateCatchEvent>'


def throw(id_: str, signal: str) -> str:
    return f'<bpmn:intermediateThrowEvent id="{id_}">{_signal(signal)}</bpmn:intermediateThrowEvent>'


def _signal(name: str) -> str:
    return f'<bpmn:signalEventDefinition signalRef="signal_{name}"/>'


def boundary(
    id_: str,
    on: str,
    message: str | None = None,
    timer: str | None = None,
    signal: str | None = None,
    interrupting: bool = True,
) -> str:
    inside = _message(message) if message else _timer(timer) if timer else _signal(signal or "")
    return (
        f'<bpmn:boundaryEvent id="{id_}" attachedToRef="{on}" cancelActivity="{str(interrupting).lower()}">'
        f"{inside}</bpmn:boundaryEvent>"
    )


def flows(*arrows: str) -> str:
    """`a > b > c` is two flows; `a > b : condition` one with a condition; the first flow of a>b is `a__b`."""
    found = []
    for arrow in arrows:
        path, _, condition = arrow.partition(" : ")
        steps = path.split(" > ")
        for source, target in pairwise(steps):
            inside = (
                f"<bpmn:conditionExpression>{_escape(condition)}</bpmn:conditionExpression>"
                if condition
                else ""
            )
            found.append(
                f'<bpmn:sequenceFlow id="{source}__{target}" sourceRef="{source}" targetRef="{target}">'
                f"{inside}</bpmn:sequenceFlow>"
            )
    return "".join(found)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def diagram(
    key: str,
    *inside: str,
    messages: tuple[str, ...] = (),
    signals: tuple[str, ...] = (),
    lanes: Mapping[str, tuple[str, ...]] | None = None,
) -> bytes:
    named = "".join(f'<bpmn:message id="message_{name}" name="{name}"/>' for name in messages)
    named += "".join(f'<bpmn:signal id="signal_{name}" name="{name}"/>' for name in signals)
    rows = "".join(
        f'<bpmn:lane id="lane_{index}" name="{name}">'
        + "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes)
        + "</bpmn:lane>"
        for index, (name, nodes) in enumerate((lanes or {}).items())
    )
    lane_set = f'<bpmn:laneSet id="lanes_{key}">{rows}</bpmn:laneSet>' if rows else ""
    process = f'<bpmn:process id="{key}" isExecutable="true">{lane_set}{"".join(inside)}</bpmn:process>'
    return f"{HEAD}{named}{process}</bpmn:definitions>".encode()


def definition(*sources: bytes, key: str = "p") -> spiff.Definition:
    return spiff.parse({f"{index}.bpmn": source for index, source in enumerate(sources)}, key)


class Run:
    """A case that is saved and restored after every single step, as the product does."""

    def __init__(self, definition: spiff.Definition, host: Host | None = None, **data: object):
        self.definition = definition
        self.host = host or Host()
        self.instance = spiff.start(definition, data, self.host)
        self.reload()

    def reload(self) -> None:
        self.blob = self.instance.save()
        self.passed = self.instance.passed
        self.instance = spiff.restore(self.definition, self.blob, self.host)

    @property
    def data(self) -> dict[str, object]:
        return self.instance.data

    def tokens(self) -> list[spiff.Token]:
        return self.instance.tokens()

    def waits(self) -> list[str]:
        """The elements waited at, in the order of their names."""
        return sorted(token.element for token in self.tokens())

    def token(self, element: str) -> str:
        return next(token.id for token in self.tokens() if token.element == element)

    def do(self, element: str, outcome: str | None = "ok", **data: object) -> "Run":
        """Complete, deliver or fire whatever waits at `element` (the first instance of several)."""
        return self.act(self.token(element), outcome, **data)

    def act(self, id_: str, outcome: str | None = "ok", **data: object) -> "Run":
        token = next(token for token in self.tokens() if token.id == id_)
        if token.kind == "human":
            self.instance.complete(id_, outcome, data)
        elif token.kind == "message":
            self.instance.deliver(id_, outcome, data)
        else:
            self.instance.fire(id_)
        self.reload()
        return self


CHECK = diagram(
    "check",
    *(begin(), human("look"), exclusive("fork", default="fork__bad"), end("good", outcome="pass")),
    *(end("bad", outcome="fail"),),
    flows("begin > look > fork > bad", 'fork > good : look_outcome == "ok"'),
    lanes={"受理员": ("look",)},
)
"""A called process: somebody looks, it ends `good` (outcome `pass`) or `bad` (`fail`)."""


def table(key: str, score: str, output: str, *rows: tuple[str, str], policy: str = "UNIQUE") -> bytes:
    """A decision table with one input expression and one output."""
    rules = "".join(
        f'<rule id="r{index}"><inputEntry id="i{index}"><text>{_escape(test)}</text></inputEntry>'
        f'<outputEntry id="o{index}"><text>{_escape(value)}</text></outputEntry></rule>'
        for index, (test, value) in enumerate(rows)
    )
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="g" name="g" namespace="g">'
        f'<decision id="{key}" name="{key}"><decisionTable id="t" hitPolicy="{policy}"><input id="i">'
        f'<inputExpression id="ie"><text>{score}</text></inputExpression></input>'
        f'<output id="o" name="{output}"/>{rules}</decisionTable></decision></definitions>'
    ).encode()


GRADING = table("grading", "score", "grade", (">= 80", '"A"'), ("60 <= ? < 80", '"B"'))
