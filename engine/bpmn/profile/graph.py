"""Small graph algorithms over node ids; all linear and without recursion."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from engine.bpmn.model import ProcessModel

Graph = Mapping[str, tuple[str, ...]]


def successors(process: ProcessModel, scope: str) -> dict[str, tuple[str, ...]]:
    """Where a token can go next inside one process or subprocess; a task leads to its boundary events too."""
    nodes = {element.id: element for element in process.inside(scope)}
    return {
        key: tuple(
            dict.fromkeys(
                target
                for target in (*(flow.target for flow in process.outgoing(node)), *node.boundary)
                if target in nodes
            )
        )
        for key, node in nodes.items()
    }


def reachable(graph: Graph, starts: Iterable[str], avoiding: str | None = None) -> set[str]:
    """Every node on some path from the starts (themselves included) that does not pass `avoiding`."""
    waiting = [start for start in starts if start in graph and start != avoiding]
    found = set(waiting)
    while waiting:
        for target in graph[waiting.pop()]:
            if target not in found and target != avoiding:
                found.add(target)
                waiting.append(target)
    return found


def reverse(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The same graph with every arrow turned."""
    turned: defaultdict[str, list[str]] = defaultdict(list)
    for source, targets in graph.items():
        for target in targets:
            turned[target].append(source)
    return {node: tuple(turned[node]) for node in graph}


def cycles(graph: Graph, without: frozenset[str] | set[str] = frozenset()) -> list[set[str]]:
    """The strongly connected parts a token can go round in (Kosaraju), after dropping the nodes `without`."""
    kept = {
        node: tuple(target for target in targets if target not in without)
        for node, targets in graph.items()
        if node not in without
    }
    turned, seen, found = reverse(kept), set[str](), []
    for root in reversed(_finishing_order(kept)):
        if root in seen:
            continue
        part, waiting = {root}, [root]
        seen.add(root)
        while waiting:
            for source in turned[waiting.pop()]:
                if source not in seen:
                    seen.add(source)
                    part.add(source)
                    waiting.append(source)
        if len(part) > 1 or root in kept[root]:
            found.append(part)
    return found


def _finishing_order(graph: Graph) -> list[str]:
    seen, order = set[str](), list[str]()
    for root in graph:
        if root in seen:
            continue
        seen.add(root)
        stack = [(root, iter(graph[root]))]
        while stack:
            node, targets = stack[-1]
            target = next((one for one in targets if one not in seen), None)
            if target is None:
                order.append(node)
                stack.pop()
            else:
                seen.add(target)
                stack.append((target, iter(graph[target])))
    return order
