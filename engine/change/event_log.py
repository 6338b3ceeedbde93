"""The history as an event log for process mining (事件日志): XES (IEEE 1849) and OCEL 2.0 in JSON.

An event is one move of a case as the history has it: when, at which step, by whom, with what outcome. XES has
one trace per case; OCEL relates each event to its case, unit, direction and, for money, its payment. Names of
people are their logins; nothing an application contains is exported.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree
from sqlmodel import Session, col, select

from engine.cases.models import CaseFile
from engine.catalogue.models import Direction
from engine.history import HistoryEntry
from engine.money.models import Payment
from engine.people.models import Account, Organization
from engine.procedures import versions

MOVES = ("start", "complete", "message", "timer", "migrate", "undo_migration", "step_back")
EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
)


@dataclass(frozen=True)
class Event:
    """One move: `activity` is the step's Chinese name, `element` its id, `verb` what kind of move it was."""

    id: str
    case_id: int
    at: datetime
    activity: str
    element: str
    verb: str
    outcome: str
    actor: str
    role: str


def events(session: Session) -> Iterator[Event]:
    """Every move of every case, case by case, in order."""
    statement = (
        select(HistoryEntry)
        .where(col(HistoryEntry.chain).startswith("case:"), col(HistoryEntry.verb).in_(MOVES))
        .order_by(col(HistoryEntry.chain), col(HistoryEntry.seq))
    )
    for entry in session.exec(statement):
        yield Event(
            id=f"{entry.chain}/{entry.seq}",
            case_id=int(entry.chain.partition(":")[2]),
            at=entry.at,
            activity=_activity(session, entry),
            element=entry.element or "",
            verb=entry.verb,
            outcome=str(entry.payload.get("outcome") or ""),
            actor=entry.actor,
            role=entry.actor_role or "",
        )


WORDS = {"start": "启动", "migrate": "迁移", "undo_migration": "撤销迁移", "step_back": "退回办理"}


def _activity(session: Session, entry: HistoryEntry) -> str:
    """The step's name in the version the move ran on."""
    if entry.element is None:
        return WORDS.get(entry.verb, entry.verb)
    processes = versions.load(session, entry.payload["version"]).processes.values()
    names = (one.elements[entry.element].name for one in processes if entry.element in one.elements)
    return next(names, "") or entry.element


def xes(session: Session) -> bytes:
    """The event log as XES 1.0, one trace for each case."""
    log = etree.Element("log", {"xes.version": "1.0", "xmlns": "http://www.xes-standard.org/"})
    for name, prefix, uri in EXTENSIONS:
        etree.SubElement(log, "extension", name=name, prefix=prefix, uri=uri)
    etree.SubElement(log, "classifier", name="activity", keys="concept:name")
    cases = {case.id: case for case in session.exec(select(CaseFile))}
    trace, current = None, None
    for event in events(session):
        if trace is None or event.case_id != current:
            current = event.case_id
            trace = _trace(log, cases[current])
        _event(trace, event)
    return bytes(etree.tostring(log, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _trace(log: etree._Element, case: CaseFile) -> etree._Element:
    trace = etree.SubElement(log, "trace")
    _text(trace, "concept:name", case.number or f"case-{case.id}")
    _text(trace, "direction", case.direction_code)
    _text(trace, "status", case.status)
    etree.SubElement(trace, "int", key="requested_fen", value=str(case.requested_fen))
    etree.SubElement(trace, "int", key="approved_fen", value=str(case.approved_fen))
    return trace


def _event(trace: etree._Element, event: Event) -> None:
    node = etree.SubElement(trace, "event")
    _text(node, "concept:name", event.activity)
    etree.SubElement(node, "date", key="time:timestamp", value=event.at.isoformat(timespec="milliseconds"))
    _text(node, "lifecycle:transition", "complete")
    _text(node, "org:resource", event.actor)
    if event.role:
        _text(node, "org:role", event.role)
    _text(node, "element", event.element)
    _text(node, "verb", event.verb)
    if event.outcome:
        _text(node, "outcome", event.outcome)


def _text(node: etree._Element, key: str, value: str) -> None:
    etree.SubElement(node, "string", key=key, value=value)


def ocel(session: Session) -> bytes:
    """The event log as OCEL 2.0 JSON: cases, units, directions, people and payments as objects."""
    moves = list(events(session))
    objects = _objects(session, {event.actor for event in moves})
    known = {one["id"] for one in objects}
    of_case = {one["id"]: one["relationships"] for one in objects if one["type"] == "case"}
    found = [_ocel_event(event, known, of_case) for event in moves] + list(_payment_events(session))
    log = {
        "objectTypes": [{"name": name, "attributes": _attributes(each)} for name, each in OBJECTS.items()],
        "eventTypes": [
            {"name": name, "attributes": _attributes(EVENT)}
            for name in sorted({one["type"] for one in found})
        ],
        "objects": objects,
        "events": found,
    }
    return json.dumps(log, ensure_ascii=False, indent=1).encode()


OBJECTS: dict[str, dict[str, str]] = {
    "case": {"number": "string", "status": "string", "approved_fen": "integer"},
    "unit": {"kind": "string", "county": "string"},
    "direction": {"title": "string", "funding_mode": "string"},
    "person": {"roles": "string"},
    "payment": {"amount_fen": "integer", "year": "integer"},
}
EVENT = {"element": "string", "verb": "string", "outcome": "string", "actor": "string", "role": "string"}


def _attributes(kinds: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in kinds.items()]


def _objects(session: Session, actors: set[str]) -> list[dict[str, Any]]:
    cases = list(session.exec(select(CaseFile).order_by(col(CaseFile.id))))
    units, directions = {case.unit_id for case in cases}, {case.direction_code for case in cases}
    found = [_case_object(case) for case in cases]
    for unit in session.exec(select(Organization).order_by(col(Organization.id))):
        if unit.id in units:
            found.append(_object(f"unit:{unit.id}", "unit", {"kind": unit.kind, "county": unit.county}))
    for row in session.exec(select(Direction).order_by(col(Direction.code))):
        if row.code in directions:
            stated = {"title": row.title, "funding_mode": row.funding_mode}
            found.append(_object(f"direction:{row.code}", "direction", stated))
    for account in session.exec(select(Account).order_by(col(Account.id))):
        if account.login in actors:
            found.append(_object(f"person:{account.login}", "person", {"roles": "、".join(account.roles)}))
    for payment in session.exec(select(Payment).order_by(col(Payment.id))):
        paid = {"amount_fen": payment.amount_fen, "year": payment.year}
        found.append(_object(f"payment:{payment.id}", "payment", paid))
    return found


def _case_object(case: CaseFile) -> dict[str, Any]:
    stated = {"number": case.number or "", "status": case.status, "approved_fen": case.approved_fen}
    related = [
        {"objectId": f"unit:{case.unit_id}", "qualifier": "applied for by"},
        {"objectId": f"direction:{case.direction_code}", "qualifier": "under"},
    ]
    return _object(f"case:{case.id}", "case", stated) | {"relationships": related}


def _object(id_: str, kind: str, values: dict[str, Any]) -> dict[str, Any]:
    attributes = [{"name": name, "time": _EPOCH, "value": value} for name, value in values.items()]
    return {"id": id_, "type": kind, "attributes": attributes}


_EPOCH = "1970-01-01T00:00:00Z"


def _ocel_event(event: Event, known: set[str], of_case: Mapping[str, list[dict[str, str]]]) -> dict[str, Any]:
    """An event with its case, what that case is related to, and who acted."""
    values = {name: getattr(event, name) for name in EVENT}
    case = f"case:{event.case_id}"
    related = [{"objectId": case, "qualifier": "moves"}, *of_case[case]]
    if f"person:{event.actor}" in known:
        related.append({"objectId": f"person:{event.actor}", "qualifier": "by"})
    return {
        "id": event.id,
        "type": event.activity,
        "time": _utc(event.at),
        "attributes": [{"name": name, "value": value} for name, value in values.items()],
        "relationships": related,
    }


def _payment_events(session: Session) -> Iterator[dict[str, Any]]:
    """The ledger's payments as the history has them: an event of its own, related to payment and case."""
    statement = (
        select(HistoryEntry)
        .where(col(HistoryEntry.chain).startswith("case:"), HistoryEntry.verb == "pay")
        .order_by(col(HistoryEntry.chain), col(HistoryEntry.seq))
    )
    paid: dict[int, list[int]] = {}
    for payment in session.exec(
        select(Payment).where(col(Payment.reverses_id).is_(None)).order_by(col(Payment.id))
    ):
        paid.setdefault(payment.case_id, []).append(payment.id or 0)
    for entry in session.exec(statement):
        case_id = int(entry.chain.partition(":")[2])
        related = [{"objectId": entry.chain, "qualifier": "pays"}]
        if paid.get(case_id):
            related.append({"objectId": f"payment:{paid[case_id].pop(0)}", "qualifier": "records"})
        values = {
            "element": entry.element or "",
            "verb": "pay",
            "outcome": "",
            "actor": entry.actor,
            "role": "",
        }
        yield {
            "id": f"{entry.chain}/{entry.seq}",
            "type": "拨付",
            "time": _utc(entry.at),
            "attributes": [{"name": name, "value": value} for name, value in values.items()],
            "relationships": related,
        }


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
