"""Walking through a process at random, as officers, messages and time limits would move it."""

from collections.abc import Mapping
from random import Random

from engine.bpmn import spiff
from engine.bpmn.model import Element
from engine.bpmn.reader import read

OUTCOMES = ("y", "n")


class Anybody:
    """A host whose actions all succeed, one way or another."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def names(self) -> Mapping[str, object]:
        """No policy values: a limit is never evaluated by the engine."""
        return {}

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        """Any outcome."""
        return self.chance.choice(OUTCOMES)


def walk(files: Mapping[str, bytes], key: str, chance: Random, steps: int = 25) -> str:
    """Move `key` at random, saved and restored after every step: `ended`, `waiting`, or `stuck` nowhere."""
    elements = {
        (process.id, element.id): element
        for name, source in files.items()
        for process in read(source, name).processes
        for element in process.elements.values()
    }
    definition, host = spiff.parse(files, key), Anybody(chance)
    collections = {e.repeat.collection: [1, 2] for e in elements.values() if e.repeat and e.repeat.collection}
    instance = spiff.start(definition, {**collections, "x": 1}, host)
    for _ in range(steps):
        tokens = instance.tokens()
        if not tokens:
            return "ended" if instance.ended else "stuck"
        token = chance.choice(tokens)
        element = elements[token.process, token.element]
        if token.kind == "timer":
            instance.fire(token.id)
        elif token.kind == "message":
            instance.deliver(token.id, chance.choice(OUTCOMES))
        else:
            instance.complete(token.id, _outcome(element, chance), _results(element))
        instance = spiff.restore(definition, instance.save(), host)
    return "waiting"


def _outcome(element: Element, chance: Random) -> str:
    return chance.choice(element.properties.get("outcomes", ",".join(OUTCOMES)).split(","))


def _results(element: Element) -> dict[str, int]:
    repeat = element.repeat
    return {repeat.output_item: 1} if repeat and repeat.output_item else {}
