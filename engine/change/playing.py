"""A procedure played in memory (试走): the real engine, no database, somebody's answers instead of people's.

Tests, replays and forecasts are all this one game; they differ in where the answers come from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.bpmn import spiff
from engine.bpmn.model import Element
from engine.bpmn.ways import ways
from engine.errors import KeguanError
from engine.procedures.versions import Procedure

MOST_MOVES = 400
"""Moves of one game; a case with every loop taken twice needs sixty."""

Chooses = Callable[[Sequence[spiff.Token]], "tuple[spiff.Token, Answer] | None"]
"""Given everything that waits: what happens next, and how; None when nobody has an answer."""

Answers = Callable[[spiff.Token, Element], "Answer | None"]
Acts = Callable[[str, str, Mapping[str, object]], str]


@dataclass(frozen=True)
class Answer:
    """What happens to a waiting token: a person's or a message's outcome, or a limit that passes (None)."""

    outcome: str | None = None
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One move of a game: what it happened to, and everything passed because of it."""

    token: spiff.Token | None
    answer: Answer | None
    passed: tuple[spiff.Passed, ...]


@dataclass(frozen=True)
class Game:
    """How a game went. `waits` is where it stood when the answers ended, `trouble` why it could not go on."""

    steps: tuple[Step, ...]
    ended: bool
    outcome: str | None
    waits: tuple[spiff.Token, ...] = ()
    trouble: str = ""

    @property
    def walk(self) -> list[str]:
        """The elements passed, as the proof writes a walk without its calls."""
        return [node.element for step in self.steps for node in step.passed]

    @property
    def passed(self) -> list[spiff.Passed]:
        """Every node passed, in order."""
        return [node for step in self.steps for node in step.passed]


@dataclass(frozen=True)
class Script:
    """The host of a game: names for expressions and outcomes of named actions, from wherever the game has them."""

    values: Mapping[str, object]
    acts: Acts

    def names(self) -> Mapping[str, object]:
        """What expressions may use."""
        return self.values

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        """The outcome of a named action."""
        return self.acts(operator, element, data)


def play(
    procedure: Procedure, script: Script, choose: Chooses, data: Mapping[str, object] = MappingProxyType({})
) -> Game:
    """Play from the start until the end, until nobody answers, or until the engine refuses."""
    try:
        instance = spiff.start(procedure.definition, data, script)
    except KeguanError as error:
        return Game((), ended=False, outcome=None, trouble=error.message)
    return go_on(instance, choose, [Step(None, None, tuple(instance.passed))])


def go_on(instance: spiff.Instance, choose: Chooses, steps: Sequence[Step] = ()) -> Game:
    """Play on from where an instance stands."""
    made = list(steps)
    for _ in range(MOST_MOVES):
        if instance.ended:
            return Game(tuple(made), ended=True, outcome=instance.outcome)
        waits = instance.tokens()
        chosen = choose(waits)
        if chosen is None:
            return Game(tuple(made), ended=False, outcome=None, waits=tuple(waits))
        token, answered = chosen
        try:
            move(instance, token, answered)
        except KeguanError as error:
            return Game(tuple(made), ended=False, outcome=None, waits=tuple(waits), trouble=error.message)
        made.append(Step(token, answered, tuple(instance.passed)))
    sentence = f"走了 {MOST_MOVES} 步仍未办结，停在“{made[-1].token.name if made[-1].token else ''}”附近。"
    return Game(tuple(made), ended=False, outcome=None, waits=tuple(instance.tokens()), trouble=sentence)


def in_turn(procedure: Procedure, *answers: Answers) -> Chooses:
    """Ask each of these about every waiting token, one after the other, until one has an answer."""

    def choose(waits: Sequence[spiff.Token]) -> tuple[spiff.Token, Answer] | None:
        for answer in answers:
            for token in waits:
                found = answer(token, procedure.element(token.process, token.element))
                if found is not None:
                    return token, found
        return None

    return choose


def ordinary(procedure: Procedure, token: spiff.Token, element: Element) -> Answer:
    """The ordinary way of a step or message: the first outcome it declares."""
    way = next(iter(ways(procedure.processes[token.process], element)), None)
    repeat = element.repeat
    data: dict[str, object] = {repeat.output_item: {}} if repeat and repeat.output_item else {}
    return Answer(way.outcome if way else "done", data)


def collections(procedure: Procedure, items: Sequence[object]) -> dict[str, object]:
    """Lists for the steps done once for each item, for a game whose actions make none."""
    repeats = [e.repeat for p in procedure.processes.values() for e in p.elements.values() if e.repeat]
    return {repeat.collection: list(items) for repeat in repeats if repeat.collection}


def move(instance: spiff.Instance, token: spiff.Token, answer: Answer) -> None:
    """Let an answer happen to a token, by its kind."""
    match token.kind:
        case "human":
            instance.complete(token.id, answer.outcome, answer.data)
        case "message":
            instance.deliver(token.id, answer.outcome, answer.data)
        case _:
            instance.fire(token.id)
