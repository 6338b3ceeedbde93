"""Outcomes (办理结果): a condition reads `X_outcome` of a step X that exists, for what X can yield.

Only what runs together counts: the process, what it calls, and who calls it. Other variables (policy values,
results of actions) cannot be known from the diagram and are not judged.
"""

from collections.abc import Iterator

from engine.bpmn import expressions
from engine.bpmn.model import Element, ProcessModel
from engine.bpmn.profile import assignments
from engine.bpmn.profile.finding import Finding, Page, World

_SUFFIX = "_outcome"


def check(page: Page) -> Iterator[Finding]:
    """Every condition and completion condition of a process."""
    together = _together(page)
    known = _variables(page.world, together)
    own, certain = page.process.elements, assignments.certain(page.process)
    elsewhere = {key for process in together if process.id != page.process.id for key in process.elements}
    for id_, line, step, text in _texts(page.process):
        if expressions.check(text):
            continue
        for name in sorted(expressions.names_in(text)):
            source = name.removesuffix(_SUFFIX)
            if name == source:
                continue
            if name not in known:
                message = f"条件用到了“{name}”，但没有编号为“{source}”且给出结果的步骤。"
                fix = "请改为已有步骤的编号加 _outcome。"
                yield page.on(id_, line, "unknown-outcome", message, fix)
            elif source in own and source not in {step} | elsewhere | certain.get(step, frozenset()):
                message = f"条件用到了“{name}”，但有的路径走到这里时那一步还没有办理。"
                fix = "请让每条路径都先经过那一步，或改用已经办理的步骤。"
                yield page.on(id_, line, "outcome-not-yet", message, fix)
        for name, value in expressions.compared(text):
            possible = _possible(page.world, together, name.removesuffix(_SUFFIX))
            if name.endswith(_SUFFIX) and possible is not None and value not in possible:
                message = (
                    f"条件把“{name}”与“{value[:40]}”比较，但这一步的结果只有 {'、'.join(sorted(possible))}。"
                )
                fix = "请改为其中之一，或在步骤的 outcomes 属性里加上这个结果。"
                yield page.on(id_, line, "impossible-outcome", message, fix)


def _texts(process: ProcessModel) -> Iterator[tuple[str, int, str, str]]:
    """The id, line, step and text of each condition."""
    for flow in process.flows.values():
        if flow.condition and flow.source in process.elements:
            yield flow.id, flow.line, flow.source, flow.condition
    for element in process.elements.values():
        if element.repeat and element.repeat.completion:
            yield element.id, element.repeat.line, element.id, element.repeat.completion


def _together(page: Page) -> list[ProcessModel]:
    own = page.world.closure(page.process)
    for _, process in page.world.processes.values():
        if process.id not in own and page.process.id in page.world.closure(process):
            own |= page.world.closure(process)
    return list(own.values())


def _variables(world: World, together: list[ProcessModel]) -> set[str]:
    elements = [element for process in together for element in process.elements.values()]
    known = {f"{element.id}{_SUFFIX}" for element in elements if assignments.leaves_outcome(element)}
    known |= {f"{process.id}{_SUFFIX}" for process in together}
    known |= {name for _, decision in world.decisions.values() for name in decision.outputs}
    for element in elements:
        if repeat := element.repeat:
            names = (repeat.collection, repeat.item, repeat.output_collection, repeat.output_item)
            known |= {f"{element.id}{_SUFFIX}", *(name for name in names if name)}
    return known


def _possible(world: World, together: list[ProcessModel], id_: str) -> set[str] | None:
    """What the steps of this id can yield; None when the diagram does not say."""
    found: set[str] = set()
    for process in together:
        if id_ in process.elements:
            outcomes = _outcomes(world, process.elements[id_])
            if not outcomes:
                return None
            found |= outcomes
    return found or None


def _outcomes(world: World, element: Element) -> set[str]:
    if "outcomes" in element.properties:
        return {word.strip() for word in element.properties["outcomes"].split(",")}
    callee = world.callee(element)
    if callee is None or element.repeat:
        return set()
    ends = [end for end in callee.inside(callee.id) if end.kind == "endEvent"]
    words = {end.properties.get("outcome", "") for end in ends}
    return set() if "" in words else words
