"""May a running case go over to another version (能否迁移)? Decided from our own history, not the engine's state.

The engine forgets what is finished, so what a case has passed comes from its history, and what the diagrams say
about it from the two versions. A case may not go when a step it has finished or begun was removed or changed in
substance, or when the new diagram has steps on the way it has already come: those would be skipped, and the
answer names them. A new limit, reminder, name, clause or status is no change of substance.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from engine.bpmn.difference import element_facts
from engine.bpmn.model import Element, ProcessModel
from engine.bpmn.words import Facet, said
from engine.procedures.versions import Procedure

SUBSTANCE = (
    "kind",
    "lane",
    "form",
    "outcomes",
    "operator",
    "called",
    "decision",
    "message",
    "repeat",
    "attached_to",
)
"""What a finished step was decided under: a change here would have asked for another decision."""

TRANSPARENT = frozenset(
    {"exclusiveGateway", "parallelGateway", "eventBasedGateway", "intermediateThrowEvent"}
)
"""Nodes a case passes without anybody doing anything."""

Mapping_ = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Standing:
    """Where a case has been and where it is, as (process, element), in the order of its history."""

    passed: tuple[tuple[str, str], ...]
    open: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Judgement:
    """Whether a case may go: every reason against it, and the new steps that would be skipped."""

    reasons: tuple[str, ...]
    skipped: tuple[str, ...]

    @property
    def go(self) -> bool:
        """Nothing speaks against it."""
        return not self.reasons


@dataclass(frozen=True)
class Passage:
    """The way from one version to another: what every case has to be asked. Worked out once for all cases.

    `mapping` takes (process, element) of the old diagram to an element of the new one.
    """

    old: Procedure
    new: Procedure
    mapping: Mapping_ = field(default_factory=dict)

    def judge(self, standing: Standing) -> Judgement:
        """May this case go?"""
        been = list(dict.fromkeys(standing.passed))
        reasons = [self.lost[one] for one in been if one in self.lost]
        reasons += [sentence for one in standing.open if (sentence := self._open(one))]
        skipped: dict[str, None] = {}
        for start, end in self._ways(standing):
            gap = self.gaps[start, end]
            skipped |= dict.fromkeys(gap.skipped)
            if not gap.skipped:
                reasons.append(gap.sentence)
        if skipped:
            names = "、".join(f"“{name}”" for name in skipped)
            reasons.append(f"新图在该项目已走过的路上新增了{names}，迁移后将被跳过。")
        return Judgement(tuple(dict.fromkeys(reasons)), tuple(skipped))

    def _ways(self, standing: Standing) -> Iterator[tuple[tuple[str, str], tuple[str, str]]]:
        """The ways that are no longer as they were, and that this case has come."""
        last = {one: number for number, one in enumerate((*standing.passed, *standing.open))}
        first: dict[tuple[str, str], int] = {}
        for number, one in enumerate(standing.passed):
            first.setdefault(one, number)
        for start, end in self.gaps:
            if start in first and end in last and first[start] < last[end]:
                yield start, end

    def _open(self, at: tuple[str, str]) -> str | None:
        before = self._element(self.old, at)
        after = self._new_element(at)
        if after is None:
            return f"正在“{before.name or before.id}”，新图中没有这一步；请为它指定对应的步骤。"
        changed = [
            name
            for name in ("repeat", "called", "message")
            if element_facts(before).get(name) != element_facts(after).get(name)
        ]
        if changed:
            words = "、".join(said(Facet, name) for name in changed)
            return f"“{before.name or before.id}”正在进行，新图改了它的{words}。"
        return None

    def _element(self, procedure: Procedure, at: tuple[str, str]) -> Element:
        return procedure.processes[at[0]].elements[at[1]]

    def _new_element(self, at: tuple[str, str]) -> Element | None:
        process = self.new.processes.get(at[0])
        return process.elements.get(self.mapping.get(at, at[1])) if process else None

    @cached_property
    def lost(self) -> dict[tuple[str, str], str]:
        """Old steps that are gone or changed in substance, with the sentence for a case that has passed them."""
        found = {}
        for process in self.old.processes.values():
            for element in process.elements.values():
                sentence = self._loss(process.id, element)
                if sentence:
                    found[process.id, element.id] = sentence
        return found

    def _loss(self, process: str, element: Element) -> str | None:
        title, after = element.name or element.id, self._new_element((process, element.id))
        if element.kind in TRANSPARENT:
            return self._gateway_loss(element, after)
        if after is None:
            return f"已办结的“{title}”在新图中被删除。"
        before_facts, after_facts = element_facts(element), element_facts(after)
        changed = [name for name in SUBSTANCE if before_facts.get(name) != after_facts.get(name)]
        if changed:
            return f"已办结的“{title}”在新图中改了{'、'.join(said(Facet, name) for name in changed)}。"
        return None

    def _gateway_loss(self, element: Element, after: Element | None) -> str | None:
        """Branches that ran together must be the same ones; a choice may change, it was made."""
        if element.kind != "parallelGateway":
            return None
        if after is None or len(after.outgoing) != len(element.outgoing):
            return f"已经过的并行分支“{element.name or element.id}”在新图中不同。"
        return None

    @cached_property
    def gaps(self) -> dict[tuple[tuple[str, str], tuple[str, str]], "Gap"]:
        """The direct ways of the old diagrams that are no longer direct in the new ones."""
        found = {}
        for process in self.old.processes.values():
            renewed = self.new.processes.get(process.id)
            if renewed is None:
                continue
            for start, ends in direct(process).items():
                for end in ends:
                    gap = self._gap(renewed, process, start, end)
                    if gap is not None:
                        found[(process.id, start), (process.id, end)] = gap
        return found

    def _gap(self, new: ProcessModel, old: ProcessModel, start: str, end: str) -> "Gap | None":
        source = self.mapping.get((old.id, start), start)
        target = self.mapping.get((old.id, end), end)
        if source not in new.elements or target not in new.elements:
            return None  # told as a loss already
        between = shortest(new, source, target)
        if between == []:
            return None
        names = [old.elements[one].name or one for one in (start, end)]
        if between is None:
            return Gap((), f"新图中“{names[0]}”之后不再到“{names[1]}”，先后顺序不同。")
        known = {self.mapping.get((old.id, one), one) for one in old.elements}
        added = tuple(new.elements[one].name or one for one in between if one not in known)
        moved = "、".join(f"“{new.elements[one].name or one}”" for one in between)
        return Gap(added, f"新图在“{names[0]}”与“{names[1]}”之间要经过{moved}，先后顺序不同。")


@dataclass(frozen=True)
class Gap:
    """A way that is no longer direct: the new steps on it, and the sentence when there are only old ones."""

    skipped: tuple[str, ...]
    sentence: str


def direct(process: ProcessModel) -> dict[str, list[str]]:
    """For every step, the steps that may come next with nothing but gateways in between."""
    return {
        element.id: list(_next_steps(process, element.id))
        for element in process.elements.values()
        if element.kind not in TRANSPARENT
    }


def _next_steps(process: ProcessModel, start: str) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [flow.target for flow in process.outgoing(process.elements[start])]
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        element = process.elements.get(node)
        if element is None:
            continue
        if element.kind in TRANSPARENT:
            waiting += [flow.target for flow in process.outgoing(element)]
        else:
            yield node


def shortest(process: ProcessModel, start: str, end: str) -> list[str] | None:
    """The steps between two steps on the way with the fewest; empty when it is direct, None when there is none."""
    after = direct(process)
    found: dict[str, list[str]] = {node: [] for node in after.get(start, [])}
    edge = list(found)
    while edge and end not in found:
        reached = []
        for node in edge:
            for following in after.get(node, []):
                if following not in found:
                    found[following] = [*found[node], node]
                    reached.append(following)
        edge = reached
    return found.get(end)


def new_steps(passage: Passage, passed: Iterable[tuple[str, str]]) -> Sequence[str]:
    """Which of these passed nodes of the new version the old one does not have."""
    known = {
        (process.id, passage.mapping.get((process.id, one), one))
        for process in passage.old.processes.values()
        for one in process.elements
    }
    return [element for process, element in passed if (process, element) not in known]
