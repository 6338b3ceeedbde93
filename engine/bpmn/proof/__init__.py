"""Proof at publish (发布前的证明): whatever people decide and whenever limits pass, what can a procedure do?

The reachable states of a diagram are looked at, all of them: calls expanded, gateways both ways where the data
does not settle them, loops closed by the state they come back to. So a property that holds is proved, not
tested, and one that does not comes with a shortest walk to where it breaks. Pure: no database, no engine.

    net          the diagram as numbered nodes, calls expanded
    data         the outcomes that gateways read
    moves        the token game
    quiet        orders of steps that make no difference
    exploration  all states, breadth first, up to a bound
    funding      when money may be paid
    verdicts     the properties
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from engine.bpmn.model import Diagram, ProcessModel
from engine.bpmn.proof import funding
from engine.bpmn.proof.data import survey
from engine.bpmn.proof.exploration import MAX_STATES, Exploration, explore
from engine.bpmn.proof.net import Net, TooLargeError, expand
from engine.bpmn.proof.quiet import find_quiet
from engine.bpmn.proof.verdicts import Property, Verdict, judge, judge_money, pays, unproved
from engine.bpmn.reader import read
from engine.errors import Unusable

__all__ = ["MAX_STATES", "Proof", "Property", "Verdict", "prove"]

_NONE: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved of one process of a file, and how many states had to be looked at (0: not even begun)."""

    file: str
    process: str
    states: int
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class _World:
    """The processes there are by id, and the procedures explored so far."""

    processes: Mapping[str, ProcessModel]
    limit: int
    explored: dict[int, tuple[Exploration, ...]] = field(default_factory=dict)

    def closure(self, process: ProcessModel) -> dict[str, ProcessModel]:
        """A process with everything it calls, directly or not."""
        found, waiting = {process.id: process}, [process]
        while waiting:
            for element in waiting.pop().elements.values():
                callee = self.processes.get(element.called or "")
                if callee is not None and callee.id not in found:
                    found[callee.id] = callee
                    waiting.append(callee)
        return found

    def callers(self, process: ProcessModel) -> list[ProcessModel]:
        """The processes that call this one, directly or not."""
        others = (other for other in self.processes.values() if other.id != process.id)
        return [other for other in others if process.id in self.closure(other)]


def prove(
    files: Mapping[str, bytes], shipped: Mapping[str, bytes] = _NONE, limit: int = MAX_STATES
) -> list[Proof]:
    """What holds of each of `files` (name to content), file by file, and with what counter-example it does not.

    Called processes are looked up among the files first, then in `shipped`, which is not judged itself; of
    two with the same id the first counts. The properties about money are listed for a procedure that pays or
    says how it is funded; a part that pays (`disbursement`) is judged for them inside the procedures that call
    it, and the walk is then written `post_subsidy:disbursement/record`. At most `limit` states are looked at
    for each procedure. Raises Unusable for a file that cannot be read or played.
    """
    diagrams = [read(content, name) for name, content in files.items()]
    if not any(diagram.processes for diagram in diagrams):
        raise Unusable(f"{'、'.join(files) or '没有文件'}：没有流程可以证明；请给出 BPMN 流程文件。")
    known: dict[str, ProcessModel] = {}
    for diagram in [*diagrams, *(read(content, name) for name, content in shipped.items())]:
        for process in diagram.processes:
            known.setdefault(process.id, process)
    world = _World(known, limit)
    return [_proof(world, diagram, process) for diagram in diagrams for process in diagram.processes]


def _proof(world: _World, diagram: Diagram, process: ProcessModel) -> Proof:
    found = _explored(world, process)
    if not found:
        return Proof(diagram.name, process.id, 0, tuple(unproved(diagram.name, funding.declared(process))))
    general = _surest(judge(diagram.name, one) for one in found)
    money = _money(world, diagram.name, found)
    return Proof(diagram.name, process.id, sum(len(one.states) for one in found), (*general, *money))


def _explored(world: _World, process: ProcessModel) -> tuple[Exploration, ...]:
    """Everything a process can do, looked at once; empty when it is too large to be expanded.

    When there are too many states, a second exploration leaves out what makes no difference; what the first
    one found stays true.
    """
    if id(process) not in world.explored:
        world.explored[id(process)] = tuple(_explore(world, process))
    return world.explored[id(process)]


def _explore(world: _World, process: ProcessModel) -> Iterator[Exploration]:
    try:
        net = expand(process, world.processes)
    except TooLargeError:
        return
    mode = _mode(world, net)
    watched = funding.watched(net) if mode else frozenset[int]()
    data = survey(net, watched, called=bool(world.callers(process)))
    first = explore(data, mode, world.limit)
    yield first
    skipping = find_quiet(data)
    if not first.complete and skipping.landing:
        yield explore(data, mode, world.limit, skipping=skipping)


def _mode(world: _World, net: Net) -> funding.Funding | None:
    """How a procedure is funded; None when the question does not arise: it never pays, or is a part of others."""
    said = funding.declared(net.process)
    return said or (funding.funding(net) if pays(net) and not world.callers(net.process) else None)


def _money(world: _World, file: str, found: tuple[Exploration, ...]) -> list[Verdict]:
    """The properties about money: a procedure's own, or a part's in all the procedures that call it."""
    net = found[0].net
    mode = _mode(world, net)
    if mode is not None:
        return _surest(judge_money(file, one, mode) for one in found)
    if not pays(net):
        return []
    inside: dict[str, list[Verdict]] = {}
    for caller in world.callers(net.process):
        for verdict in _money_inside(world, file, caller):
            inside.setdefault(verdict.property, []).append(verdict)
    # a counter-example before a doubt, a doubt before a proof
    return [min(each, key=lambda one: (False, None, True).index(one.holds)) for each in inside.values()]


def _money_inside(world: _World, file: str, caller: ProcessModel) -> list[Verdict]:
    """What holds of a part inside one of the procedures that call it, with its name before each step of a walk."""
    found = _explored(world, caller)
    if not found:
        return [
            Verdict(file, key, None) for key in funding.PROPERTIES[funding.declared(caller) or "post_subsidy"]
        ]
    mode = _mode(world, found[0].net)
    if mode is None:
        return []  # a part itself: its own callers are asked too
    return [
        replace(verdict, walk=tuple(f"{caller.id}:{step}" for step in verdict.walk))
        for verdict in _surest(judge_money(file, one, mode) for one in found)
    ]


def _surest(found: Iterable[Iterable[Verdict]]) -> list[Verdict]:
    """For each property what one of several explorations is certain of, a counter-example first."""
    together = zip(*found, strict=True)
    return [min(each, key=lambda one: (False, True, None).index(one.holds)) for each in together]
