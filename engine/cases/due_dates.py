"""Due days that follow from a case's own dates, worked out anew when those change."""

from dataclasses import replace
from datetime import datetime

from engine.cases.models import Process, WorkItem
from engine.cases.moves import Move
from engine.cases.names import CASE_NAMES
from engine.procedures import versions


def due_of(move: Move, item: WorkItem) -> datetime | None:
    """When an open step is due by the case's dates as they now are, counted from the day it opened.

    None for a step whose limit is no date of the case: its due day stands.
    """
    process = move.session.get_one(Process, item.process_id)
    element = versions.load(move.session, process.version).element(item.process_key, item.element)
    name = element.properties.get("limit", "")
    if name not in CASE_NAMES:
        return None
    limit = CASE_NAMES[name](replace(move, now=item.opened_at, process=process))
    return move.calendar.due(limit, item.opened_at)  # type: ignore[arg-type]
