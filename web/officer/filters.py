"""The inbox's filters as they stand in its address."""

from collections.abc import Mapping
from typing import cast, get_args

from sqlmodel import Session, col, select

from engine.cases.models import WorkItem
from engine.cases.queries import Filters, Scope
from engine.errors import Unusable


def filters_from(query: Mapping[str, str]) -> Filters:
    """The filters in an address; Unusable for a scope or page there cannot be."""
    scope, page = query.get("scope", "mine"), query.get("page", "1")
    if scope not in get_args(Scope):
        raise Unusable(f"待办没有“{scope[:20]}”这个范围；请从页面上的“我的、本组、全部”进入。")
    if not page.isdecimal() or not 0 < int(page) < 10**6:
        raise Unusable(f"没有第“{page[:20]}”页；请从页面下方翻页。")
    return Filters(
        scope=cast("Scope", scope),
        direction=query.get("direction", "").strip(),
        element=query.get("element", "").strip(),
        overdue=query.get("overdue") == "1",
        text=query.get("text", "").strip(),
        page=int(page),
    )


def known_steps(session: Session) -> list[tuple[str, str]]:
    """The steps anything is open on now, for the filter's list."""
    statement = (
        select(WorkItem.element, WorkItem.name)
        .where(WorkItem.status == "open")
        .distinct()
        .order_by(col(WorkItem.name))
    )
    return [(element, name) for element, name in session.exec(statement)]
