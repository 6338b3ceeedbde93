"""What was decided on a round and why, its public notices, and the objections raised against them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine.bpmn.ways import label_of
from engine.cases.models import CaseFile, FormRecord, Process, WorkItem
from engine.people.models import Account
from engine.people.permissions import has_role
from engine.procedures import versions
from engine.reviewing.models import Objection, PublicNotice, ReviewRound, RoundEntry
from engine.vocabulary import Role

QUIET = frozenset({"score_sheet", "panel"})
"""Forms whose content is told elsewhere: the experts' own, and the draw."""


@dataclass(frozen=True)
class Decided:
    """One decision on the round: at which step, by whom, how and on what ground."""

    step: str
    way: str
    reason: str
    by: str
    record: FormRecord


@dataclass(frozen=True)
class Objected:
    """One objection, and who raised it where that may be seen."""

    objection: Objection
    case: CaseFile
    raised_by: str


def decisions_of(session: Session, process: Process) -> list[Decided]:
    """Everything people decided on the round, oldest first."""
    statement = (
        select(FormRecord, WorkItem, Account)
        .join(WorkItem, col(WorkItem.id) == FormRecord.work_item_id)
        .join(Account, col(Account.login) == FormRecord.by)
        .where(FormRecord.process_id == process.id, col(FormRecord.form_key).not_in(QUIET))
        .order_by(col(FormRecord.id))
    )
    procedure = versions.load(session, process.version)
    found = []
    for record, item, account in session.exec(statement):
        model = procedure.processes[item.process_key]
        way = label_of(model, model.elements[item.element], str(record.payload.get("outcome", "")))
        found.append(Decided(item.name, way, str(record.payload.get("comment", "")), account.name, record))
    return found


def notices_of(session: Session, opened: ReviewRound) -> Sequence[PublicNotice]:
    """Every public notice of the round, newest first."""
    statement = select(PublicNotice).where(PublicNotice.round_id == opened.id)
    return session.exec(statement.order_by(col(PublicNotice.id).desc())).all()


def objections_of(session: Session, opened: ReviewRound, account: Account) -> list[Objected]:
    """The objections against the round's applications; who raised one only planning and supervision read."""
    statement = (
        select(Objection, CaseFile)
        .join(RoundEntry, col(RoundEntry.id) == Objection.entry_id)
        .join(CaseFile, col(CaseFile.id) == RoundEntry.case_id)
        .where(RoundEntry.round_id == opened.id)
        .order_by(col(Objection.id))
    )
    trusted = has_role(account, Role.PLANNING) or has_role(account, Role.SUPERVISION)
    return [
        Objected(objection, case, objection.raised_by if trusted else "")
        for objection, case in session.exec(statement)
    ]
