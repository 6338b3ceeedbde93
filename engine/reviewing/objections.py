"""An objection during notice (异议): only the disputed case pauses, the batch goes on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlmodel import Session, col, select

from engine.cases import door
from engine.cases.fields import Text, en
from engine.cases.models import CaseFile, Process, WorkItem
from engine.cases.moves import Form, Move, action, form, plain_form
from engine.cases.sides import refuse_second
from engine.clock import local_day
from engine.errors import Refused
from engine.people import permissions
from engine.people.models import Account
from engine.reviewing.decisions import announce, current_notice, entry_on_notice
from engine.reviewing.models import Objection, ReviewRound, RoundEntry


def open_objection(
    session: Session,
    case: CaseFile,
    *,
    actor: Account,
    raised_by: str,
    contact: str,
    content: str,
    now: datetime,
) -> Process:
    """Enter a written objection with a real name and a contact, during the notice only; pauses this case."""
    permissions.may_enter_objection(actor).require()
    entry = open_to_objection(session, case.id or 0, now)
    if entry is None:
        raise Refused("本项目不在公示期内，不能提出异议。")
    if not (raised_by.strip() and contact.strip() and content.strip()):
        raise Refused("异议应写明真实姓名（或单位）、联系方式和具体内容；匿名异议不予受理。")
    refuse_second(session, case, "objection", "异议")
    entry.disputed = case.disputed = True
    objection = Objection(
        entry_id=entry.id or 0, raised_by=raised_by, contact=contact, content=content, raised_at=now
    )
    session.add(objection)
    session.flush()
    return door.start(
        session,
        "objection",
        kind="side",
        actor=actor,
        now=now,
        case=case,
        subject={"objection": objection.id},
        summary="公示期内收到异议，本项目暂停，其他项目照常",
    )


def open_to_objection(session: Session, case_id: int, now: datetime) -> RoundEntry | None:
    """The case's entry while its public notice runs; None outside it."""
    entry = entry_on_notice(session, case_id)
    notice = current_notice(session, entry.round_id) if entry else None
    return entry if notice is not None and notice.posted_on <= local_day(now) <= notice.ends_on else None


def objections_to(session: Session, case_id: int) -> list[Objection]:
    """The objections raised against a case, oldest first. Who raised one is confidential."""
    statement = (
        select(Objection)
        .join(RoundEntry, col(RoundEntry.id) == Objection.entry_id)
        .where(RoundEntry.case_id == case_id)
        .order_by(col(Objection.id))
    )
    return list(session.exec(statement))


class Investigation(Form):
    """What the investigation found (核查情况)."""

    findings: Text = Field(min_length=1, title="核查情况", json_schema_extra=en("Findings", long=True))


plain_form("objection_intake", "受理异议", "Take in the objection")
plain_form("investigation", "核查异议", "Investigate", Investigation)


@form("objection_decision", "异议决定", "Decide the objection", Form)
def decide_objection(move: Move, item: WorkItem, decision: Form) -> None:  # noqa: ARG001
    """The decision needs its reason."""
    if not decision.comment:
        raise Refused("请在意见中写明决定理由。")


@action("settle_objection")
def settle_objection(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Upheld: the case is declined. Dismissed or refused: it goes on, at once when its round has announced.

    A case the round has decided meanwhile, by taking it off its proposal, stays as decided.
    """
    objection = move.session.get_one(Objection, move.process.subject["objection"])
    entry = move.session.get_one(RoundEntry, objection.entry_id)
    objection.verdict = _verdict(data)
    entry.disputed = move.file.disputed = False
    if entry.announced is not None:
        return objection.verdict
    if objection.verdict == "upheld":
        entry.decision, entry.decision_reason = "decline", "异议成立"
        announce(move, entry, established=False)
    elif move.session.get_one(ReviewRound, entry.round_id).announced_at is not None:
        announce(move, entry, established=True)
    return objection.verdict


def _verdict(data: Mapping[str, Any]) -> str:
    if data.get("accept_objection_outcome") == "refuse":
        return "refused"
    return "upheld" if data.get("decide_objection_outcome") == "uphold" else "dismissed"
