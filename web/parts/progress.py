"""Where a process stands on its diagrams: which steps are done, which is current, which drawing shows it."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from engine.bpmn.model import Element, ProcessModel
from engine.cases.models import Process, Waiting, WorkItem
from engine.clock import local_day
from engine.history import HistoryEntry
from engine.procedures.versions import Procedure
from web.clock import now
from web.language import translate as _
from web.parts.steps import steps

Place = tuple[str, str]
"""A step: the process that holds it and its id there."""


@dataclass(frozen=True)
class Stand:
    """How a live step stands: since when it waits, and how many of its people have done it (0 of 0: one person's)."""

    name: str
    since: datetime
    done: int = 0
    all: int = 0

    @property
    def waiting(self) -> str:
        """The count and the days (calendar days, today not counted) in words."""
        days = (local_day(now()) - local_day(self.since)).days
        word = _("已等 %(n)s 天", n=days) if days else _("今天开始")
        return f"{self.done}/{self.all} · {word}" if self.all else word


@dataclass(frozen=True)
class Step:
    """One line of the text list. `state`: done | current | ahead."""

    element: Element
    state: str
    waiting: str = ""


@dataclass(frozen=True)
class Drawing:
    """One diagram of the process with its marks; `labels` say at each current step how it stands."""

    process: ProcessModel
    steps: Sequence[Step]
    done: Sequence[str]
    current: Sequence[str]
    labels: Mapping[str, str]

    @property
    def label(self) -> str:
        """All of them in one line, for those who do not see the drawing."""
        return "；".join(self.labels.values())

    @property
    def begun(self) -> bool:
        """Whether anything on it has happened yet."""
        return bool(self.done or self.current)


@dataclass(frozen=True)
class Progress:
    """All drawings of a process, the outermost first; `shown` is the one to look at now."""

    version: str
    drawings: Sequence[Drawing]
    shown: Drawing


def progress_of(
    procedure: Procedure,
    process: Process,
    *,
    items: Iterable[WorkItem],
    waits: Iterable[Waiting],
    timeline: Iterable[HistoryEntry],
    shared: Iterable[WorkItem] = (),
    wanted: str = "",
) -> Progress:
    """The drawings, the one with the current step in front unless another is `wanted`.

    `shared` are the steps several people have each for themselves and that are done (`done_by_many`).
    """
    rows: list[WorkItem | Waiting] = [*items, *waits]
    rows = [row for row in rows if row.process_id == process.id]
    live = {
        place: stand for place, stand in _stands(rows, shared).items() if not _is_boundary(procedure, place)
    }
    done = _done(process, timeline)
    current = _with_callers(procedure, set(live), done)
    drawings = [_drawing(model, current, done, live) for model in _in_order(procedure)]
    ahead = {place[0] for place in live}
    chosen = next((one for one in drawings if one.process.id == wanted), None)
    shown = chosen or next((one for one in drawings if one.process.id in ahead), drawings[0])
    return Progress(process.version, drawings, shown)


def done_by_many(session: Session, process_id: int | None) -> list[WorkItem]:
    """What single members of a group have done of a step that each of them has for himself."""
    statement = select(WorkItem).where(
        WorkItem.process_id == process_id, WorkItem.status == "done", col(WorkItem.item).is_not(None)
    )
    return list(session.exec(statement))


def _stands(rows: Iterable[WorkItem | Waiting], shared: Iterable[WorkItem]) -> dict[Place, Stand]:
    """Every live place; of a step of many, those done count that were opened together with those still open."""
    places: dict[Place, list[WorkItem | Waiting]] = {}
    for row in rows:
        places.setdefault((row.process_key, row.element), []).append(row)
    done = list(shared)
    return {place: _stand(found, place, done) for place, found in places.items()}


def _stand(found: Sequence[WorkItem | Waiting], place: Place, done: Sequence[WorkItem]) -> Stand:
    since = min(row.opened_at for row in found)
    if getattr(found[0], "item", None) is None:
        return Stand(found[0].name, since)
    ready = sum((row.process_key, row.element) == place and row.opened_at >= since for row in done)
    return Stand(found[0].name, since, ready, ready + len(found))


def _in_order(procedure: Procedure) -> list[ProcessModel]:
    """The outermost diagram, then those it calls in the order it reaches them."""
    found: dict[str, ProcessModel] = {}
    pending = deque([procedure.key])
    while pending:
        model = procedure.processes[pending.popleft()]
        if model.id not in found:
            found[model.id] = model
            pending += [step.called for step in steps(model) if step.called]
    return list(found.values())


def _is_boundary(procedure: Procedure, place: Place) -> bool:
    return procedure.element(*place).attached_to is not None


def _done(process: Process, timeline: Iterable[HistoryEntry]) -> set[Place]:
    passed = [
        entry.payload.get("passed", []) for entry in timeline if entry.payload.get("process") == process.key
    ]
    return {(node[0], node[1]) for nodes in passed for node in nodes}


def _with_callers(procedure: Procedure, live: set[Place], done: set[Place]) -> set[Place]:
    """The live steps and, on each outer drawing, the step inside which they lie."""
    current = set(live)
    changed = True
    while changed:
        before = len(current)
        for model in procedure.processes.values():
            inside = {place[0] for place in current} - {model.id}
            callers = [element for element in model.elements.values() if element.called in inside]
            current |= _one_caller(model, callers, done, current)
        current |= {
            (key, procedure.element(key, element).parent)
            for key, element in current
            if procedure.element(key, element).parent != key
        }
        changed = len(current) > before
    return current


def _one_caller(
    model: ProcessModel, callers: Sequence[Element], done: set[Place], current: set[Place]
) -> set[Place]:
    """A part called from two places is where it is not done yet; the last one when both are."""
    if not callers or any((model.id, element.id) in current for element in callers):
        return set()
    ahead = [element for element in callers if (model.id, element.id) not in done]
    return {(model.id, (ahead or callers[-1:])[0].id)}


def _drawing(
    model: ProcessModel, current: set[Place], done: set[Place], live: Mapping[Place, Stand]
) -> Drawing:
    here = sorted(element for key, element in current if key == model.id)
    stands = {element: live[model.id, element] for element in here if (model.id, element) in live}
    callers = [element for element in here if element not in stands and not model.elements[element].children]
    return Drawing(
        process=model,
        steps=[
            Step(
                element,
                _state((model.id, element.id), current, done),
                stands[element.id].waiting if element.id in stands else "",
            )
            for element in steps(model)
        ],
        done=sorted(element for key, element in done - current if key == model.id),
        current=here,
        labels={element: f"{stand.name} · {stand.waiting}" for element, stand in stands.items()}
        | {element: model.elements[element].name for element in callers},
    )


def _state(place: Place, current: set[Place], done: set[Place]) -> str:
    return "current" if place in current else "done" if place in done else "ahead"
