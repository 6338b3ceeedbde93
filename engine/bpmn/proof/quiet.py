"""Quiet moves (无关先后的步骤): where many branches run at once, the order of most steps makes no difference.

A quiet move only takes a token from one waiting step to the next: nobody reads its outcome, nothing can take
the token away meanwhile, nothing happens on the way. It commutes with everything else and is the only thing its
token can do, so a state that has one need not try anything else first (an ample set of one move: Clarke,
Grumberg, Peled 1999, chapter 10; conditions C0 to C4, so that what can be reached in the end stays the same).
Walks are then no longer the shortest ones, so this is used only where looking at every order is too much.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bpmn.proof.data import Data
from engine.bpmn.proof.funding import PAY
from engine.bpmn.proof.moves import Scope
from engine.bpmn.proof.net import AWAITED, HUMAN, Net, Node


@dataclass(frozen=True, slots=True)
class Quiet:
    """`landing[node]`: the place where a token that leaves this node waits next; only for quiet nodes."""

    net: Net
    landing: Mapping[int, int]

    def move(self, scope: Scope) -> int | None:
        """The node of a quiet move in a marking, the first one found; None when there is none."""
        arrived = {token[0] for token in scope if token[0] < 0}
        for place, _, _, inside in scope:
            found = self.move(inside) if inside else None
            if found is not None:
                return found
            if place in self.landing and not self._completes(self.landing[place], arrived):
                return place
        return None

    def _completes(self, place: int, arrived: set[int]) -> bool:
        """Whether a token coming to this place would let a join go on, and so whatever stands behind it."""
        if place >= 0:
            return False
        arrivals = self.net.nodes[self.net.joins[-place - 1]].arrivals
        return all(other in arrived for other in arrivals if other != place)


def find_quiet(data: Data) -> Quiet:
    """The quiet nodes of a net."""
    net = data.net
    terminated = {
        node.host for node in net.nodes if node.element.kind == "endEvent" and node.waits == "terminate"
    }
    landing = {}
    for index, node in enumerate(net.nodes):
        if node.element.kind in HUMAN | AWAITED | _PASSING and _calm(net, node, terminated):
            found = _landing(data, index)
            if found is not None:
                landing[index] = found
    return Quiet(net, landing)


_PASSING = frozenset({"startEvent", "serviceTask", "exclusiveGateway", "parallelGateway"})


def _calm(net: Net, node: Node, terminated: set[int | None]) -> bool:
    """Whether nothing can take a token away from here: no terminate end, no interrupted subprocess around it."""
    while True:
        if node.host in terminated:
            return False
        if node.host is None:
            return True
        node = net.nodes[node.host]
        if any(net.nodes[event].element.interrupting for event in node.boundary):
            return False


def _landing(data: Data, index: int) -> int | None:
    net, passed = data.net, set[int]()
    while True:
        node = net.nodes[index]
        if index in passed or not _mute(data, index) or (passed and node.element.kind not in _PASSING):
            return None
        passed.add(index)
        place = node.out[0]
        if place < 0:
            return place
        following = net.nodes[place]
        if following.element.kind in HUMAN | AWAITED:
            return None if _hears(net, following) else place
        index = place


def _mute(data: Data, index: int) -> bool:
    """Whether passing a node changes nothing but where the token stands."""
    node = data.net.nodes[index]
    plain = len(node.out) == 1 and not node.boundary and not node.element.repeat and not node.arrivals
    return plain and data.outcomes[index] == (None,) and node.action != PAY and node.waits != "signal"


def _hears(net: Net, node: Node) -> bool:
    """Whether a step waits for a signal, so that it matters whether the token is there in time."""
    return "signal" in {node.waits, *(net.nodes[event].waits for event in node.boundary)}
