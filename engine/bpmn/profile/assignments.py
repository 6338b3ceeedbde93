"""Which outcomes are certain to be known at a step: a condition on a missing one would stop the case.

A forward analysis over bit masks, one bit for each step that leaves an outcome. What a multi-instance step
leaves stays with its instances; a boundary event knows what was known when its task began; where parallel
branches join, what either branch left is known.
"""

from collections import deque
from collections.abc import Iterator

from engine.bpmn.model import Element, ProcessModel
from engine.bpmn.profile import graph

_LEAVING = {"userTask", "manualTask", "receiveTask", "serviceTask", "subProcess", "callActivity"}

Known = dict[str, int]


def leaves_outcome(element: Element) -> bool:
    """Whether `<id>_outcome` is a variable of the case once the step is done."""
    if element.repeat is not None:
        return False
    return element.kind in _LEAVING or any(event.kind == "message" for event in element.events)


def certain(process: ProcessModel) -> dict[str, frozenset[str]]:
    """For each step of a process, the ids of the steps whose outcome is known when a token reaches it."""
    bits = {
        element.id: 1 << position
        for position, element in enumerate(process.elements.values())
        if leaves_outcome(element)
    }
    gained: Known = {}
    inside: dict[str, Known] = {}
    for scope in reversed([process.id, *_subprocesses(process)]):  # inner scopes first
        inside[scope] = _scope(process, scope, bits, gained)
        ends = [known for key, known in inside[scope].items() if process.elements[key].kind == "endEvent"]
        shared = ends[0] if ends else 0
        for known in ends[1:]:
            shared &= known
        element = process.elements.get(scope)
        if element is not None and element.repeat is None:
            gained[scope] = shared
    return {key: _names(bits, known) for key, known in _from_outside(process, inside)}


def _subprocesses(process: ProcessModel) -> Iterator[str]:
    """In document order, so an outer one comes before what lies in it."""
    return (element.id for element in process.elements.values() if element.kind == "subProcess")


def _scope(process: ProcessModel, scope: str, bits: Known, gained: Known) -> Known:
    """What is known at each node of one scope, beyond what was known when the scope was entered."""
    edges = graph.successors(process, scope)
    before = graph.reverse(edges)
    everything = sum(bits.values())
    known = dict.fromkeys(edges, everything)

    def after(source: str, target: str) -> int:
        if process.elements[target].attached_to == source:
            return known[source]
        return known[source] | bits.get(source, 0) | gained.get(source, 0)

    waiting = deque(edges)
    while waiting:
        key = waiting.popleft()
        arriving = [after(source, key) for source in before[key]]
        joins = process.elements[key].kind == "parallelGateway"
        found = everything if arriving else 0
        if joins:
            found = 0
        for one in arriving:
            found = found | one if joins else found & one
        if found != known[key]:
            known[key] = found
            waiting.extend(edges[key])
    return known


def _from_outside(process: ProcessModel, inside: dict[str, Known]) -> Iterator[tuple[str, int]]:
    """Add to every nested scope what was known when it was entered."""
    entered = {process.id: 0}
    for scope in (process.id, *_subprocesses(process)):
        for key, known in inside[scope].items():
            total = known | entered.get(scope, 0)
            if key in inside:
                entered[key] = total
            yield key, total


def _names(bits: Known, known: int) -> frozenset[str]:
    return frozenset(key for key, bit in bits.items() if known & bit)
