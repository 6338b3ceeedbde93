"""What the forms about a project's promises show: its indicators with the guide's floor, its open milestones."""

from collections.abc import Iterable

from sqlmodel import Session

from engine.cases.change_requests import open_nodes
from engine.cases.models import CaseFile, WorkItem
from engine.cases.task_books import current_targets
from engine.catalogue.directions import get_direction
from engine.catalogue.indicators import Indicator
from engine.catalogue.wording import figure_title
from web.forms.building import Context, Figure
from web.language import translate as _

DECISION = frozenset({"outcome", "comment"})


def figures_of(indicators: Iterable[Indicator]) -> list[Figure]:
    """Every figure the indicators read, once, in the guide's order."""
    listed = list(indicators)
    found: dict[str, Figure] = {}
    for part in (part for one in listed for part in one.walk() if part.is_bounded or part.qualitative):
        for key in part.sum_of or (part.kind,):
            title = figure_title(listed, key)
            found.setdefault(key, Figure(key, title, part.unit or "", part.qualitative))
    return list(found.values())


def task_book(session: Session, item: WorkItem) -> Context:
    """Targets by indicator; the milestones only where the direction pays by them."""
    direction = get_direction(session, item.direction_code)
    by_milestone = direction.payment_trigger == "milestone"
    return Context(
        figures={"indicators": figures_of(direction.indicators)},
        hidden=DECISION if by_milestone else DECISION | {"nodes"},
    )


def change(session: Session, item: WorkItem) -> Context:
    """What may be changed beside what it is now: nothing entered means no change."""
    case = session.get_one(CaseFile, item.case_id)
    direction = get_direction(session, item.direction_code)
    now = current_targets(session, case)
    figures = [
        Figure(one.key, one.label, _("现为 %(now)s", now=_word(now.get(one.key))), one.truth)
        for one in figures_of(direction.indicators)
    ]
    nodes = [
        Figure(str(node.position), node.title, _("现为 %(now)s", now=node.due_on))
        for node in open_nodes(session, case)
    ]
    return Context(figures={"indicators": figures, "node_dates": nodes}, hidden=DECISION)


def achieved(session: Session, item: WorkItem) -> Context:
    """One figure an indicator, beside what the task-book promises."""
    case = session.get_one(CaseFile, item.case_id)
    direction = get_direction(session, item.direction_code)
    promised = current_targets(session, case)
    figures = [
        Figure(one.key, one.label, _("目标 %(goal)s", goal=_word(promised.get(one.key))), one.truth)
        for one in figures_of(direction.indicators)
    ]
    return Context(figures={"indicators": figures}, hidden=DECISION)


def _word(figure: object) -> str:
    if figure is None:
        return "—"
    if isinstance(figure, bool):
        return _("是") if figure else _("否")
    return "、".join(str(one) for one in figure) if isinstance(figure, list) else str(figure)
