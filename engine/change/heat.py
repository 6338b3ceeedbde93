"""The heat map (热力图): what the history says about each element of a diagram, to be laid over it.

Counts come from what cases passed, waiting from the rows of steps and waits, in working days of the calendar.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement
from sqlalchemy import select as columns_of
from sqlmodel import Session, col, select

from engine.cases.models import Process, Waiting, WorkItem
from engine.change.migrating import passed_of
from engine.clock import load_calendar, local_day
from engine.procedures import versions
from engine.procedures.versions import Procedure

At = tuple[str, str]


@dataclass(frozen=True)
class Heat:
    """One element: how often it was passed, how many stand there now, how long they wait in working days.

    `median_days` and `p90_days` are None where nobody ever waited; `overdue_share` (0 to 1) is of those with a
    due day: done late, or open and late.
    """

    count: int
    open_now: int = 0
    median_days: int | None = None
    p90_days: int | None = None
    overdue_share: float | None = None


@dataclass(frozen=True)
class _Wait:
    """One stay at one step; of a called part, all the stays of one case inside it."""

    process_id: int
    days: int
    open: bool
    overdue: bool | None


def heat(
    session: Session,
    key: str,
    *,
    now: datetime,
    version: str | None = None,
    since: datetime | None = None,
) -> dict[At, Heat]:
    """Every element of a procedure and its parts that a case has been at, by (process, element).

    Narrowed to one version and to what began `since`. Those still waiting count with the days so far.
    """
    chosen = _chosen(key, version, since)
    processes = list(session.exec(select(Process).where(*chosen).order_by(col(Process.id))))
    counts: Counter[At] = Counter(at for been in passed_of(session, processes).values() for at in been)
    waits = _waits(session, chosen, now)
    loaded = [versions.load(session, name) for name in sorted({row.version for row in processes})]
    for at in _attached(loaded):
        waits.pop(at, None)
    waits |= _inside_calls(loaded, waits)
    return {at: _heat(counts[at], waits.get(at, [])) for at in dict.fromkeys([*counts, *waits])}


def _chosen(key: str, version: str | None, since: datetime | None) -> list[ColumnElement[bool]]:
    """The processes to look at."""
    conditions = [col(Process.key) == key]
    if version is not None:
        conditions.append(col(Process.version) == version)
    if since is not None:
        conditions.append(col(Process.started_at) >= since)
    return conditions


def _attached(loaded: Sequence[Procedure]) -> set[At]:
    """Events on other steps: a limit or message beside a step is not what anybody waits for."""
    return {
        (process.id, element.id)
        for procedure in loaded
        for process in procedure.processes.values()
        for element in process.elements.values()
        if element.attached_to
    }


def _inside_calls(loaded: Sequence[Procedure], waits: Mapping[At, Sequence[_Wait]]) -> dict[At, list[_Wait]]:
    """What a called part keeps a case waiting, all its steps together, at each step that calls it."""
    called: dict[At, set[str]] = {}
    for procedure in loaded:
        for process in procedure.processes.values():
            for element in process.elements.values():
                if element.called:
                    called.setdefault((process.id, element.id), set()).update(
                        _below(procedure, element.called)
                    )
    found: dict[At, list[_Wait]] = {}
    for at, parts in called.items():
        stays: dict[int, list[_Wait]] = {}
        for (part, _), several in waits.items():
            for wait in several if part in parts else ():
                stays.setdefault(wait.process_id, []).append(wait)
        found[at] = [_together(several) for several in stays.values()]
    return {at: several for at, several in found.items() if several}


def _below(procedure: Procedure, key: str) -> set[str]:
    """A part and all that it calls."""
    found, waiting = {key}, [key]
    while waiting:
        for element in procedure.processes[waiting.pop()].elements.values():
            if element.called and element.called not in found:
                found.add(element.called)
                waiting.append(element.called)
    return found


def _together(waits: Sequence[_Wait]) -> _Wait:
    timed = [wait.overdue for wait in waits if wait.overdue is not None]
    return _Wait(
        waits[0].process_id,
        sum(wait.days for wait in waits),
        any(wait.open for wait in waits),
        any(timed) if timed else None,
    )


def _waits(session: Session, chosen: Sequence[ColumnElement[bool]], now: datetime) -> dict[At, list[_Wait]]:
    """Every stay at every step, by (process, element); what was cancelled did not wait."""
    between = cache(load_calendar(session).working_days_between)
    found: dict[At, list[_Wait]] = {}
    for model in (WorkItem, Waiting):
        names = ("process_id", "process_key", "element", "opened_at", "closed_at", "due_at")
        columns = [getattr(model, name) for name in names]
        of_processes = columns_of(*columns).join(Process, col(Process.id) == model.process_id)
        rows = session.connection().execute(of_processes.where(*chosen, col(model.status) != "cancelled"))
        for number, process, element, opened, closed, due in rows:
            days = between(local_day(opened), local_day(closed or now))
            overdue = None if due is None else (closed or now) > due
            found.setdefault((process, element), []).append(_Wait(number, days, closed is None, overdue))
    return found


def _heat(count: int, waits: Sequence[_Wait]) -> Heat:
    days = sorted(wait.days for wait in waits)
    timed = [wait.overdue for wait in waits if wait.overdue is not None]
    return Heat(
        count=count,
        open_now=sum(wait.open for wait in waits),
        median_days=rank(days, 0.5),
        p90_days=rank(days, 0.9),
        overdue_share=sum(timed) / len(timed) if timed else None,
    )


def rank(ordered: Sequence[int], share: float) -> int | None:
    """The value that this share of the values does not exceed (nearest rank); None of none."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else None
