"""A finding, and the page of a diagram it is written about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.bpmn import expressions
from engine.bpmn.model import Decision, Diagram, Element, ProcessModel
from engine.bpmn.replacements import rewritten
from engine.bpmn.words import Thing, said


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a diagram may not be published: where (file, element, line), what is wrong, what to do instead.

    `rule` is a stable English name; `message` and `fix` are Chinese sentences for the admin. A finding always
    refuses; there are no warnings.
    """

    file: str
    element: str | None
    line: int
    rule: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class World:
    """Everything a diagram may refer to: the files being checked first, then the shipped ones."""

    given: tuple[Diagram, ...]
    processes: Mapping[str, tuple[Diagram, ProcessModel]]
    decisions: Mapping[str, tuple[Diagram, Decision]]
    actions: frozenset[str] | None = None
    forms: frozenset[str] | None = None
    names: frozenset[str] | None = None
    waiting: dict[tuple[str, str], bool] = field(default_factory=dict)
    """What `paths` has found out so far: whether a scope can only be passed by waiting."""

    def callee(self, element: Element) -> ProcessModel | None:
        """The process a call activity leads to; None for anything else, and when it is unknown."""
        if element.kind != "callActivity" or not element.called:
            return None
        _, process = self.processes.get(element.called, (None, None))
        return process

    def called(self, process: ProcessModel) -> Iterator[ProcessModel]:
        """The processes a process calls directly, as far as they are known."""
        callees = (self.callee(element) for element in process.elements.values())
        return (callee for callee in callees if callee is not None)

    def closure(self, process: ProcessModel) -> dict[str, ProcessModel]:
        """A process with everything it calls, directly or not, by id."""
        found = {process.id: process}
        waiting = [process]
        while waiting:
            for callee in self.called(waiting.pop()):
                if callee.id not in found:
                    found[callee.id] = callee
                    waiting.append(callee)
        return found


@dataclass(frozen=True, slots=True)
class Page:
    """One process of one file, with the world around it: what most rules look at."""

    world: World
    file: str
    process: ProcessModel

    def at(self, element: Element, rule: str, message: str, fix: str) -> Finding:
        """A finding about an element; its kind and name open the sentence."""
        return Finding(self.file, element.id, element.line, rule, f"{title(element)}{message}", fix)

    def on(self, id_: str | None, line: int, rule: str, message: str, fix: str) -> Finding:
        """A finding about anything with an id and a line."""
        return Finding(self.file, id_, line, rule, message, fix)


def title(element: Element) -> str:
    """How a sentence names an element: its kind and its Chinese name, or its id."""
    return f"{said(Thing, element.kind)}“{element.name or element.id}”"


def expression(file: str, id_: str, line: int, what: str, text: str) -> Iterator[Finding]:
    """Findings about one expression; `what` says whose it is."""
    for problem in expressions.check(text):
        usual = '请只用变量、比较、四则运算和 and/or/not，例如 intake_outcome == "accept"。'
        fix = rewritten(text) or usual
        yield Finding(file, id_, line, "expression", f"{what}的{problem}", fix)
