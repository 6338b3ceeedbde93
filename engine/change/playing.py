"""A procedure played in memory (试走): the real engine, no database, somebody's answers instead of people's.

Tests, replays and forecasts are all this one game; they differ in where the answers come from.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.bpmn import spiff
from engine.bpmn.model import Element
from engine.errors import KeguanError
from engine.procedures.versions import Procedure

MOST_MOVES = 400
"""Moves of one game; a case with every loop taken twice needs sixty."""

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
    procedure: Procedure,
    script: Script,
    answer: Answers,
    otherwise: Answers | None = None,
    data: Mapping[str, object] = MappingProxyType({}),
) -> Game:
    """Play from the start until the end, until nobody answers, or until the engine refuses.

    `otherwise` is asked about every waiting token when `answer` had nothing for any of them.
    """
    try:
        instance = spiff.start(procedure.definition, data, script)
    except KeguanError as error:
        return Game((), ended=False, outcome=None, trouble=error.message)
    began = Step(None, None, tuple(instance.passed))
    return go_on(procedure, instance, answer, otherwise, [began])


def go_on(
    procedure: Procedure,
    instance: spiff.Instance,
    answer: Answers,
    otherwise: Answers | None = None,
    steps: Sequence[Step] = (),
) -> Game:
    """Play on from where an instance stands."""
    made = list(steps)
    for _ in range(MOST_MOVES):
        if instance.ended:
            return Game(tuple(made), ended=True, outcome=instance.outcome)
        waits = instance.tokens()
        chosen = next(_answered(procedure, waits, answer), None)
        if chosen is None and otherwise is not None:
            chosen = next(_answered(procedure, waits, otherwise), None)
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


def _answered(
    procedure: Procedure, waits: Sequence[spiff.Token], answer: Answers
) -> Iterator[tuple[spiff.Token, Answer]]:
    for token in waits:
        found = answer(token, procedure.element(token.process, token.element))
        if found is not None:
            yield token, found
