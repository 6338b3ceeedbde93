"""All states a diagram can get into, breadth first, so that the first way found is a shortest one."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.bpmn.proof import funding
from engine.bpmn.proof.data import UNSET, Data, Env
from engine.bpmn.proof.moves import Move, Scope, begin, broadcast, moves
from engine.bpmn.proof.net import SCOPES, Net
from engine.bpmn.proof.quiet import Quiet

MAX_STATES = 10_000
"""States looked at: thirty times the largest shipped procedure's (about 320). More takes longer than anybody
who presses "publish" waits (this takes one to two seconds), and comes from branches at once, which are tried
once more without the orders that make no difference."""

MAX_MOVES = 6
"""Moves looked at, for each state allowed: a case seldom has more than three ways on, a wide split has many."""

MAX_TOKENS = 40
"""Branches at once in one process; more are no procedure, and every state of theirs is slow to look at."""

MAX_ALIKE = 2
"""Tokens at one place of a process. Two are a fault that has been found then; a diagram that goes on making
more has no end of states."""

State: TypeAlias = tuple[Scope, Env, int]
"""The tokens, the outcomes that are still read, the facts about money."""

PROPER = "finishes_properly"


@dataclass(slots=True)
class Exploration:
    """What was found. `complete` is False when the bound stopped it: then only what was found is certain.

    `came[state]` is the state before and the node passed; `back[state]` all that lead there, likewise. `passed`
    and `stood` tell for each node the first state before it is passed, or in which a token stands on it.
    `broken` holds the first move that breaks a property: the state before, and the node.
    """

    net: Net
    complete: bool = True
    states: list[State] = field(default_factory=list)
    came: list[tuple[int, int | None]] = field(default_factory=list)
    back: list[list[tuple[int, int | None]]] = field(default_factory=list)
    passed: dict[int, int] = field(default_factory=dict)
    stood: dict[int, int] = field(default_factory=dict)
    broken: dict[str, tuple[int, int]] = field(default_factory=dict)
    dead_ends: list[int] = field(default_factory=list)
    """States in which nothing can happen although tokens are left, the nearest first."""
    frontier: set[int] = field(default_factory=set)
    """States whose moves were not all looked at."""

    def walk(self, state: int) -> tuple[str, ...]:
        """The nodes passed on a shortest way to a state, as a counter-example names them."""
        found: list[str] = []
        while state:
            state, node = self.came[state]
            if node is not None:
                found.append(self.net.nodes[node].walk)
        return tuple(reversed(found))

    def stuck(self) -> int | None:
        """The nearest dead end, or else state that only leads round in circles; None when there is none for certain."""
        if self.dead_ends:
            return self.dead_ends[0]
        hopeful = {index for index, state in enumerate(self.states) if not state[0]} | self.frontier
        waiting = list(hopeful)
        while waiting:
            for before, _ in self.back[waiting.pop()]:
                if before not in hopeful:
                    hopeful.add(before)
                    waiting.append(before)
        return next((index for index in range(len(self.states)) if index not in hopeful), None)

    def round(self, state: int) -> tuple[str, ...]:
        """The nodes passed from a state that only leads round in circles until a state comes again."""
        onward: dict[int, tuple[int, int | None]] = {}
        for target, sources in enumerate(self.back):
            for source, node in sources:
                onward.setdefault(source, (target, node))
        found, met = list[str](), set[int]()
        while state in onward and state not in met:
            met.add(state)
            state, node = onward[state]
            if node is not None:
                found.append(self.net.nodes[node].walk)
        return tuple(found)


def explore(
    data: Data,
    mode: funding.Funding | None = None,
    limit: int = MAX_STATES,
    *,
    skipping: Quiet | None = None,
) -> Exploration:
    """Every state of a net; `mode` is how the procedure is funded, None when it pays nothing.

    With `skipping` orders that make no difference are left out; walks may then be longer than needed.
    """
    found, looked = Exploration(data.net), 0
    seen: dict[State, int] = {}
    waiting = deque([_add(found, seen, (begin(data.net), data.start, 0), (0, None))])
    while waiting:
        number = waiting.popleft()
        scope, env, facts = found.states[number]
        if looked > limit * MAX_MOVES or _overflows(scope):
            found.complete = False
            found.frontier.add(number)
            continue
        possible = moves(data, scope, env)
        looked += len(possible)
        if scope and not possible:
            found.dead_ends.append(number)
        following = [apply(data, move, env, facts, mode) for move in possible]
        chosen = list(zip(possible, following, strict=True))
        if skipping is not None and (only := skipping.move(scope)) is not None:
            alone = [(move, state) for move, state in chosen if move.node == only]
            chosen = alone if len(alone) == 1 and alone[0][1] not in seen else chosen
        for move, state in chosen:
            if move.node is not None:
                found.passed.setdefault(move.node, number)
                _judge(found, number, move, facts, mode)
            if state not in seen:
                if len(seen) >= limit:
                    found.complete = False
                    found.frontier.add(number)
                    continue
                waiting.append(_add(found, seen, state, (number, move.node)))
            found.back[seen[state]].append((number, move.node))
    return found


def _overflows(scope: Scope) -> bool:
    """Whether there are more tokens than are looked at, together or at one place."""
    places = [token[0] for token in scope]
    crowded = len(places) > len(set(places)) and any(places.count(place) > MAX_ALIKE for place in places)
    too_many = crowded or len(places) > MAX_TOKENS
    return too_many or any(_overflows(token[3]) for token in scope if token[3])


def _add(found: Exploration, seen: dict[State, int], state: State, came: tuple[int, int | None]) -> int:
    number = seen[state] = len(found.states)
    found.states.append(state)
    found.came.append(came)
    found.back.append([])
    crowded = _stand(found, number, state[0])
    if crowded is not None:
        found.broken.setdefault(PROPER, (number, crowded))
    return number


def _stand(found: Exploration, number: int, scope: Scope) -> int | None:
    """Note where tokens stand; a place where two do, neither of them beside the main path."""
    crowded = None
    for position, (place, _, side, inside) in enumerate(scope):
        node = place if place >= 0 else found.net.joins[-place - 1]
        found.stood.setdefault(node, number)
        if any(other[0] == place and not other[2] and not side for other in scope[:position]):
            crowded = node
        within = _stand(found, number, inside)
        crowded = within if crowded is None else crowded
    return crowded


def _judge(found: Exploration, number: int, move: Move, facts: int, mode: funding.Funding | None) -> None:
    assert move.node is not None
    if move.leftover:
        found.broken.setdefault(PROPER, (number, move.node))
    if mode is not None and found.net.nodes[move.node].action == funding.PAY:
        broken = funding.broken(mode, facts)
        if broken is not None:
            found.broken.setdefault(broken, (number, move.node))


def apply(data: Data, move: Move, env: Env, facts: int, mode: funding.Funding | None) -> State:
    """The state after a move: what it writes, and without what nobody reads any more."""
    scope = move.scope
    if move.node is None:
        return scope, _forget(data, scope, env), facts
    node = data.net.nodes[move.node]
    values = list(env)
    for name in node.variables:
        if name in data.index:
            values[data.index[name]] = move.value
    if node.element.repeat and node.element.kind in SCOPES:
        for name in _own(data, node.walk):  # a new instance begins
            values[data.index[name]] = UNSET
    if mode is not None:
        facts = funding.after(node, move.value, facts)
    if node.thrown is not None:
        scope = broadcast(data.net, scope, node.thrown)
    return scope, _forget(data, scope, tuple(values)), facts


def _own(data: Data, walk: str) -> Iterator[str]:
    return (name for name in data.index if name.endswith(f"@{walk}"))


def _forget(data: Data, scope: Scope, env: Env) -> Env:
    live = _live(data, scope)
    return tuple(value if live >> index & 1 else UNSET for index, value in enumerate(env))


def _live(data: Data, scope: Scope) -> int:
    found = 0
    for place, _, _, inside in scope:
        node = place if place >= 0 else data.net.joins[-place - 1]
        found |= data.running[node] | _live(data, inside) if inside else data.live[node]
    return found
