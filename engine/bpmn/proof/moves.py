"""The token game: what can happen next. A move is one step done, with all tokens where it leaves them.

What needs nobody happens before anything that is waited for, as in the engine; apart from that everything may
happen in any order: people decide, messages come, time limits pass as long as their step is open. A
non-interrupting boundary event happens once. Of a multi-instance step the instances come one after another,
at least one: they share no variables, so doing them at once opens no way that doing them in turn does not.
"""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from engine.bpmn.proof.data import Data, Env, Value, choices
from engine.bpmn.proof.net import AWAITED, HUMAN, SCOPES, Net, Node

Scope: TypeAlias = "tuple[Token, ...]"
"""The tokens of a process or subprocess, sorted. A process without tokens has ended."""

Token: TypeAlias = tuple[int, int, bool, Scope]
"""Where it stands, what has happened there, whether it runs beside the main path (it comes from a
non-interrupting event), and the tokens inside. What has happened: the boundary events of the step, as bits; 1
for an event-based gateway that waits and for a signal that has been thrown."""


class Move(NamedTuple):
    """`node` has been passed with the outcome `value`; `scope` is the diagram afterwards.

    `leftover`: a main path has ended while other tokens of its scope were still there. `node` is None for a
    token that goes on after the signal it threw has been heard.
    """

    node: int | None
    scope: Scope
    value: Value = None
    waited: bool = False
    leftover: bool = False


def begin(net: Net) -> Scope:
    """The first marking: a token on the start event."""
    return ((net.start, 0, False, ()),)


def moves(data: Data, scope: Scope, env: Env) -> list[Move]:
    """Everything that can happen next; empty at the end and in a dead end."""
    found = list(_in_scope(data, scope, env))
    return [move for move in found if not move.waited] or found


def _in_scope(data: Data, scope: Scope, env: Env) -> Iterator[Move]:
    for position, token in enumerate(scope):
        if position and token == scope[position - 1]:
            continue  # two alike: it does not matter which one moves
        rest = scope[:position] + scope[position + 1 :]
        if token[0] >= 0:
            yield from _step(data, token, rest, env)
    for join in sorted({data.net.joins[-token[0] - 1] for token in scope if token[0] < 0}):
        yield from _join(data.net, join, scope)


def _join(net: Net, join: int, scope: Scope) -> Iterator[Move]:
    rest, sides = list(scope), []
    for place in net.nodes[join].arrivals:
        token = next((token for token in rest if token[0] == place), None)
        if token is None:
            return
        rest.remove(token)
        sides.append(token[2])
    yield _passed(net, join, tuple(rest), side=all(sides))


def _step(data: Data, token: Token, rest: Scope, env: Env) -> Iterator[Move]:
    place, happened, side, inside = token
    node = data.net.nodes[place]
    kind = node.element.kind
    if kind in SCOPES and not inside:
        assert node.inner is not None, "every scope has been laid out"
        yield Move(place, _put(rest, (place, happened, side, ((node.inner, 0, False, ()),))))
    elif kind in SCOPES:
        yield from _inside(data, token, rest, env)
        yield from _boundary(data, token, rest)
    elif kind in HUMAN | AWAITED:
        yield from _done(data, token, rest)
        yield from _boundary(data, token, rest)
    elif kind == "eventBasedGateway":
        yield from _wait(data, token, rest)
    elif kind == "exclusiveGateway" and node.out:
        for flow in choices(data, place, env):
            yield Move(place, _put(rest, (node.out[flow], 0, side, ())))
    elif kind != "boundaryEvent":
        yield from _automatic(data, token, rest)


def _done(data: Data, token: Token, rest: Scope) -> Iterator[Move]:
    """A person decides, a message comes, a time limit passes; a signal is not waited for but heard."""
    place, _, side, _ = token
    node = data.net.nodes[place]
    for value in data.outcomes[place] if node.waits != "signal" else ():
        yield _passed(data.net, place, rest, side=side, value=value, waited=True)
        if node.element.repeat:
            yield Move(place, _put(rest, token), value, waited=True)


def _automatic(data: Data, token: Token, rest: Scope) -> Iterator[Move]:
    """What needs nobody. A throwing event first throws, then, if nobody who heard it took it away, goes on."""
    place, happened, side, _ = token
    node = data.net.nodes[place]
    if node.element.kind == "endEvent" and node.waits == "terminate":
        yield Move(place, (), data.outcomes[place][0])
    elif node.thrown is not None and not happened:
        yield Move(place, _put(rest, (place, 1, side, ())))
    else:
        for value in data.outcomes[place]:
            move = _passed(data.net, place, rest, side=side, value=value)
            yield move._replace(node=None) if node.thrown is not None else move


def _inside(data: Data, token: Token, rest: Scope, env: Env) -> Iterator[Move]:
    """What the inside of a subprocess or call does; when its last token goes, the host is done."""
    place, happened, side, inside = token
    for move in _in_scope(data, inside, env):
        if move.scope:
            yield move._replace(scope=_put(rest, (place, happened, side, move.scope)))
            continue
        done = _passed(data.net, place, rest, side=side)
        yield move._replace(scope=done.scope, leftover=move.leftover or done.leftover)
        if data.net.nodes[place].element.repeat:
            yield move._replace(scope=_put(rest, (place, happened, side, ())))


def _boundary(data: Data, token: Token, rest: Scope) -> Iterator[Move]:
    """Time limits that pass and messages that come while the step is open."""
    place, happened, side, inside = token
    for position, event in enumerate(data.net.nodes[place].boundary):
        node = data.net.nodes[event]
        if node.waits not in {"timer", "message"} or happened >> position & 1:
            continue
        for value in data.outcomes[event]:
            if node.element.interrupting:
                yield _passed(data.net, event, rest, side=side, value=value, waited=True)
            else:
                kept = place, happened | 1 << position, side, inside
                yield Move(event, _put(rest, kept, *_onward(node, side=True)), value, waited=True)


def _wait(data: Data, token: Token, rest: Scope) -> Iterator[Move]:
    """An event-based gateway first waits, then the first of its events happens."""
    place, happened, side, _ = token
    if not happened:
        yield Move(place, _put(rest, (place, 1, side, ())))
        return
    for event in data.net.nodes[place].out:
        if data.net.nodes[event].waits != "signal":
            for value in data.outcomes[event]:
                yield _passed(data.net, event, rest, side=side, value=value, waited=True)


def _passed(
    net: Net, place: int, rest: Scope, *, side: bool, value: Value = None, waited: bool = False
) -> Move:
    """A token leaves a node by all its flows; without any it ends there."""
    onward = _onward(net.nodes[place], side=side)
    ended_early = not onward and not side and bool(rest)
    return Move(place, _put(rest, *onward), value, waited, ended_early)


def _onward(node: Node, *, side: bool) -> Scope:
    return tuple((place, 0, side, ()) for place in node.out)


def _put(rest: Scope, *tokens: Token) -> Scope:
    return tuple(sorted((*rest, *tokens)))


def broadcast(net: Net, scope: Scope, signal: str) -> Scope:
    """A signal is thrown: everything that waits for it now goes on; it is not kept for later."""
    found: list[Token] = []
    for token in scope:
        found += _hear(net, token, signal)
    return tuple(sorted(found))


def _hear(net: Net, token: Token, signal: str) -> Scope:
    """What a token becomes when a signal is thrown."""
    place, happened, side, inside = token
    node = net.nodes[place] if place >= 0 else None
    if node is None or (node.element.kind in SCOPES and not inside):
        return (token,)
    if node.element.kind == "eventBasedGateway":
        heard = [event for event in node.out if happened and _awaits(net.nodes[event], signal)]
        return _onward(net.nodes[heard[0]], side=side) if heard else (token,)
    if node.element.kind in AWAITED and _awaits(node, signal):
        return _onward(node, side=side)
    return _hear_beside(net, token, signal)


def _hear_beside(net: Net, token: Token, signal: str) -> Scope:
    """The boundary events of an open step, then what is inside."""
    place, happened, side, inside = token
    node = net.nodes[place]
    beside: Scope = ()
    for position, event in enumerate(node.boundary):
        if not _awaits(net.nodes[event], signal) or happened >> position & 1:
            continue
        if net.nodes[event].element.interrupting:
            return _onward(net.nodes[event], side=side)
        happened |= 1 << position
        beside += _onward(net.nodes[event], side=True)
    left = broadcast(net, inside, signal)
    if inside and not left:
        return (*_onward(node, side=side), *beside)
    return ((place, happened, side, left), *beside)


def _awaits(node: Node, signal: str) -> bool:
    return node.waits == "signal" and node.element.event is not None and node.element.event.name == signal
