"""The proof knows every way the engine goes: random runs of the engine are replayed in the token game."""

from collections.abc import Mapping
from random import Random

import pytest

from engine.bpmn import spiff
from engine.bpmn.model import Element
from engine.bpmn.proof.data import Data, survey
from engine.bpmn.proof.exploration import State, apply
from engine.bpmn.proof.moves import begin, moves
from engine.bpmn.proof.net import SCOPES, expand
from engine.bpmn.reader import read
from engine.db import ROOT
from tests.engine.bpmn.walks import Anybody

SHIPPED = {file.name: file.read_bytes() for file in sorted((ROOT / "workflows").glob("*.bpmn"))}
PROCESSES = {
    process.id: process for name, source in SHIPPED.items() for process in read(source, name).processes
}


class Answering(Anybody):
    """A host whose actions answer what their steps declare, now and then something else."""

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        """One of the outcomes of any step with this id."""
        steps = [process.elements[element] for process in PROCESSES.values() if element in process.elements]
        return self.chance.choice([word for step in steps for word in _outcomes(step)])


def _outcomes(step: Element) -> list[str]:
    return step.properties.get("outcomes", "else").split(",")


def engine_walk(
    definition: spiff.Definition, chance: Random, steps: int
) -> tuple[list[tuple[str, str]], bool]:
    """The steps the engine passes in a random run, called diagrams' too, and whether it ended."""
    instance = spiff.start(definition, {"panel": [1, 2]}, Answering(chance))
    passed = [*instance.passed]
    for _ in range(steps):
        if instance.ended:
            break
        token = chance.choice(instance.tokens())
        outcomes = _outcomes(PROCESSES[token.process].elements[token.element])
        if token.kind == "timer":
            instance.fire(token.id)
        elif token.kind == "message":
            instance.deliver(token.id, chance.choice(outcomes))
        else:
            instance.complete(token.id, chance.choice(outcomes), {"sheet": 1})
        passed += instance.passed
    return [(one.process, one.element) for one in passed], instance.ended


@pytest.mark.parametrize("key", sorted(PROCESSES))
def test_the_engine_goes_no_way_the_proof_does_not_know(key: str) -> None:
    """Ten random runs: each step is a move of the token game, and it ends when the engine does."""
    net = expand(PROCESSES[key], PROCESSES)
    data = survey(net, frozenset(), called=False)
    definition = spiff.parse(SHIPPED, key)
    for seed in range(10):
        passed, ended = engine_walk(definition, Random(seed), 40)
        states: set[State] = {(begin(net), data.start, 0)}
        for process, element in passed:
            if PROCESSES[process].elements[element].kind in SCOPES:
                continue  # the engine counts it when it is left, the game when it is entered
            states = {
                apply(data, move, env, 0, None)
                for scope, env, _ in _entered(data, states)
                for move in moves(data, scope, env)
                if move.node is not None
                and (net.nodes[move.node].process, net.nodes[move.node].element.id) == (process, element)
            }
            assert states, (seed, process, element)
        assert not ended or any(not scope for scope, _, _ in states)


def _entered(data: Data, states: set[State]) -> set[State]:
    """The states, also after every subprocess and call has been entered that a token has come to."""
    found, waiting = set(states), list(states)
    while waiting:
        scope, env, _ = waiting.pop()
        for move in moves(data, scope, env):
            if move.node is not None and data.net.nodes[move.node].element.kind in SCOPES:
                state = apply(data, move, env, 0, None)
                if state not in found:
                    found.add(state)
                    waiting.append(state)
    return found
