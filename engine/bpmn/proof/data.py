"""The data a proof looks at: outcomes (`X_outcome`) that gateways compare, each with finitely many values.

A step's outcome takes the values its `outcomes` property declares; what actions and messages answer is not
checked against it when they answer, so theirs also takes every value a gateway compares it with, and one that
is none of them (`OTHER`). Everything else a condition reads (policy values, results of decision tables) is
free: the condition may come out both ways. So a proof covers every run, and a counter-example may at worst rest on
a decision the data would have ruled out.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeGuard

from engine.bpmn import expressions
from engine.bpmn.model import Flow
from engine.bpmn.proof.net import HUMAN, SUFFIX, Net, Node, plain, qualified
from engine.errors import Unusable

Value = str | None
Env = tuple[Value, ...]
"""One value for each variable of `Data`, in order."""

UNSET = "\0unset"
"""Not set yet, or never read again: the latter are forgotten so that equal futures are one state."""

UNKNOWN = "\0unknown"
"""Set to something we do not know, by a caller."""

OTHER = "\0other"
"""A value no gateway compares with. No expression can contain the character 0, so none can equal it."""

MISSING = "\0missing"
"""What evaluating a condition gives when a variable it needs is not set: the engine stops with an error."""

Truth = bool | str | None


@dataclass(frozen=True, slots=True)
class Data:
    """The variables of a net (`index` by qualified name), what each node may write, and where each is read later.

    `outcomes[node]` are the values the step may end with (one `None` where nobody looks); `live[place]` is a
    bit set of the variables that may be read from there before being set again; `running[node]` the same for
    a subprocess or call whose inside has its own tokens.
    """

    net: Net
    index: Mapping[str, int]
    outcomes: tuple[tuple[Value, ...], ...]
    live: tuple[int, ...]
    running: tuple[int, ...]
    start: Env
    ways: dict[tuple[int, Env], tuple[int, ...]] = field(default_factory=dict)
    """Gateways decided so far."""


def survey(net: Net, watched: frozenset[int], called: bool) -> Data:
    """What the gateways of a net read. `watched` nodes' outcomes matter to somebody else.

    A process that others call (`called`) may find outcomes its callers have set.
    """
    read = {
        index: _reads(node) for index, node in enumerate(net.nodes) if node.element.kind == "exclusiveGateway"
    }
    written = {plain(name) for node in net.nodes for name in node.variables}
    names = sorted({name for found in read.values() for name in found if plain(name) in written})
    index = {name: position for position, name in enumerate(names)}
    reads = {node: _bits(index, found) for node, found in read.items()}
    constants, otherwise = _comparisons(net)
    outcomes = tuple(
        _outcomes(node, constants, otherwise)
        if number in watched or any(name in index for name in node.variables)
        else (None,)
        for number, node in enumerate(net.nodes)
    )
    live, running = _live(net, index, reads)
    return Data(net, index, outcomes, live, running, (UNKNOWN if called else UNSET,) * len(names))


def choices(data: Data, gateway: int, env: Env) -> tuple[int, ...]:
    """The flows an exclusive gateway may take: the first true one, or the default; both where data is free.

    Empty when nothing is true and there is no default, or a condition reads what is not set: the case is stuck.
    """
    node = data.net.nodes[gateway]
    key = gateway, tuple(env[data.index[name]] for name in _reads(node) if name in data.index)
    if key not in data.ways:
        data.ways[key] = tuple(_choices(data, node, env))
    return data.ways[key]


def _choices(data: Data, node: Node, env: Env) -> Iterator[int]:
    default = None
    for position, flow in enumerate(node.flows):
        if flow.id == node.element.default:
            default = position
            continue
        verdict = True if len(node.flows) == 1 else _verdict(data, node, flow, env)
        if verdict == MISSING:
            return
        if verdict is not False:
            yield position
        if verdict is True and (flow.condition is not None or len(node.flows) == 1):
            return
    if default is not None:
        yield default


def _verdict(data: Data, node: Node, flow: Flow, env: Env) -> Truth:
    """Whether a condition holds; None when the data is free. A flow without a condition may be taken."""
    if flow.condition is None or expressions.check(flow.condition):
        return None
    values: dict[str, Value] = {}
    for name in expressions.names_in(flow.condition):
        values[name] = _visible(data, node, name, env)
    return _truth(ast.parse(flow.condition.strip(), mode="eval").body, values)


def _visible(data: Data, node: Node, name: str, env: Env) -> Value:
    """The innermost value set, as the engine looks it up; `UNKNOWN` for what is no outcome of this net."""
    known = [qualified(name, where) for where in node.scopes if qualified(name, where) in data.index]
    found = [env[data.index[one]] for one in known]
    return next((value for value in found if value != UNSET), UNSET if known else UNKNOWN)


def _truth(tree: ast.expr, values: Mapping[str, Value]) -> Truth:
    """Three-valued logic (Kleene), read from left to right as the engine does."""
    if isinstance(tree, ast.BoolOp):
        return _junction(tree, values)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        verdict = _truth(tree.operand, values)
        return not verdict if isinstance(verdict, bool) else verdict
    text = ast.unparse(tree)
    used = {name: values[name] for name in expressions.names_in(text)}
    if UNKNOWN in used.values():
        return None
    try:
        return bool(
            expressions.evaluate(text, {name: value for name, value in used.items() if value != UNSET})
        )
    except Unusable:
        return MISSING


def _junction(tree: ast.BoolOp, values: Mapping[str, Value]) -> Truth:
    """`and`, `or`: the first part that decides; what stops the engine counts only if it surely gets there."""
    decisive = isinstance(tree.op, ast.Or)
    found: Truth = not decisive
    for part in tree.values:
        verdict = _truth(part, values)
        if verdict is decisive:
            return decisive
        if verdict == MISSING:
            return MISSING if found is not None else None
        found = None if verdict is None else found
    return found


# --- which variables, which values --------------------------------------------------------------------------


def _reads(node: Node) -> list[str]:
    """The outcome variables a gateway's conditions may read, qualified, in a fixed order."""
    names = {
        name
        for flow in node.flows
        if flow.condition and not expressions.check(flow.condition)
        for name in expressions.names_in(flow.condition)
        if name.endswith(SUFFIX)
    }
    return [qualified(name, where) for name in sorted(names) for where in node.scopes]


def _comparisons(net: Net) -> tuple[Mapping[str, set[str]], set[str]]:
    """Per unqualified variable the texts it is compared with, and the variables also used in other ways."""
    constants: defaultdict[str, set[str]] = defaultdict(set)
    otherwise: set[str] = set()
    for text in {flow.condition for node in net.nodes for flow in node.flows if flow.condition}:
        if expressions.check(text):
            continue
        tree = ast.parse(text.strip(), mode="eval")
        compared = {id(node.left) for node in ast.walk(tree) if _compares_texts(node)}
        otherwise |= {
            node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in compared
        }
        for name, value in expressions.compared(text):
            constants[name].add(value)
    return constants, otherwise


def _compares_texts(node: ast.AST) -> TypeGuard[ast.Compare]:
    """`x == "a"`, `x != "a"`, `x in ("a", "b")`, `x not in (...)`: all that tells values apart by name only."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return False
    right = node.comparators[0]
    items = right.elts if isinstance(right, ast.Tuple | ast.List) else [right]
    texts = all(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in items)
    return texts and isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.In | ast.NotIn)


def _outcomes(node: Node, constants: Mapping[str, set[str]], otherwise: set[str]) -> tuple[Value, ...]:
    element = node.element
    if element.kind == "endEvent":
        return (element.properties.get("outcome"),)
    declared = [word.strip() for word in element.properties.get("outcomes", "").split(",") if word.strip()]
    if declared and element.kind in HUMAN:
        return tuple(dict.fromkeys(declared))
    name = element.id + SUFFIX
    if name in otherwise:
        return (UNKNOWN,)
    return tuple(dict.fromkeys([*declared, *sorted(constants.get(name, ())), OTHER]))


# --- which variables are read later -------------------------------------------------------------------------


def _live(
    net: Net, index: Mapping[str, int], reads: Mapping[int, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Backwards over the flows until nothing changes, as compilers do."""
    live, running = [0] * len(net.nodes), [0] * len(net.nodes)
    writes = _writes(net, index)
    changed = True
    while changed:
        changed = False
        for number in reversed(range(len(net.nodes))):
            node = net.nodes[number]
            after = _after(net, live, number)
            outside = reads.get(number, 0) | (after & ~writes[number])
            for event in node.boundary:
                outside |= live[event]
            found = outside | (live[node.inner] if node.inner is not None else 0)
            if (found, outside) != (live[number], running[number]):
                live[number], running[number] = found, outside
                changed = True
    return tuple(live), tuple(running)


def _writes(net: Net, index: Mapping[str, int]) -> list[int]:
    """What each node is sure to set; a subprocess or call sets what all the ends inside it set."""
    everything = (1 << len(index)) - 1
    found = [everything if node.inner is not None else _bits(index, node.variables) for node in net.nodes]
    for number in reversed(range(len(net.nodes))):  # what lies inside comes after its host
        node = net.nodes[number]
        if not node.out and node.host is not None:
            found[node.host] &= found[number]
    return found


def _after(net: Net, live: Sequence[int], number: int) -> int:
    """What is read after a node: behind its flows or, from an end, behind the host; again by its next instance."""
    node = net.nodes[number]
    found = 0
    for place in node.out:
        found |= live[place if place >= 0 else net.joins[-place - 1]]
    if not node.out and node.host is not None:
        host = net.nodes[node.host]
        found |= _after(net, live, node.host)
        if host.element.repeat:
            found |= live[node.host]
    return found


def _bits(index: Mapping[str, int], names: Sequence[str]) -> int:
    return sum(1 << index[name] for name in dict.fromkeys(names) if name in index)
