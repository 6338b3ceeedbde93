"""The heat map (热力图): how often and how long, laid over the diagram; the event log to take away."""

from datetime import datetime, time

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.bpmn.model import ProcessModel
from engine.change import event_log
from engine.change.heat import Heat, heat
from engine.clock import SHANGHAI
from engine.errors import NotFound
from engine.procedures import versions
from web.access import allow, officers
from web.change.room import blueprint
from web.change.rules import day_from
from web.clock import now
from web.database import session
from web.language import translate as _

LEVELS = (1, 5, 10, 20)
"""Median working days from which a step is drawn warmer."""


@blueprint.get("/heat/<key>")
@allow(officers)
def heat_map(key: str) -> ResponseReturnValue:
    """Counts, median and p90 waiting and the overdue share of each step of a procedure."""
    name = versions.in_force(session(), key, now())
    procedure = versions.load(session(), name)
    wanted = request.args.get("process", key)
    if wanted not in procedure.processes:
        raise NotFound(_("流程“%(key)s”不含“%(part)s”这个图。", key=key, part=wanted))
    since = request.args.get("since", "")
    began = datetime.combine(day_from(since), time(), SHANGHAI) if since else None
    found = heat(session(), key, now=now(), since=began)
    process = procedure.processes[wanted]
    mine = {element: warm for (part, element), warm in found.items() if part == wanted}
    return render_template(
        "change/heat.html",
        key=key,
        process=process,
        parts=list(procedure.processes.values()),
        since=since,
        source=url_for("procedures.source", name=name, process=wanted),
        rows=_rows(process, mine),
        marks=_marks(mine),
        labels={element: _sign(warm) for element, warm in mine.items() if warm.median_days is not None},
    )


@blueprint.get("/log.xes")
@allow(officers)
def log_xes() -> ResponseReturnValue:
    """The event log as XES, for process mining."""
    return _file(event_log.xes(session()), "application/xml", "keguan.xes")


@blueprint.get("/log.jsonocel")
@allow(officers)
def log_ocel() -> ResponseReturnValue:
    """The event log as OCEL 2.0 JSON."""
    return _file(event_log.ocel(session()), "application/json", "keguan.jsonocel")


def _rows(process: ProcessModel, found: dict[str, Heat]) -> list[tuple[str, str, Heat]]:
    """Id, name and figures of each step that was passed or waited at, the slowest first."""
    rows = [
        (id_, process.elements[id_].name or id_, warm)
        for id_, warm in found.items()
        if id_ in process.elements
    ]
    return sorted(rows, key=lambda row: -(row[2].median_days if row[2].median_days is not None else -1))


def _marks(found: dict[str, Heat]) -> dict[str, list[str]]:
    marks: dict[str, list[str]] = {}
    for element, warm in found.items():
        level = sum((warm.median_days or 0) >= bound for bound in LEVELS)
        if warm.median_days is not None and level:
            marks.setdefault(f"heat-{level}", []).append(element)
    return marks


def _sign(warm: Heat) -> str:
    late = f" · {_('逾期')} {warm.overdue_share:.0%}" if warm.overdue_share else ""
    return f"{warm.count}× · {warm.median_days}/{warm.p90_days} {_('日')}{late}"


def _file(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
