"""What came on paper (代录): an officer enters it for a unit, with the scan and the reason kept beside it."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, col, select

from engine import history
from engine.cases import door, opening
from engine.cases.models import CaseFile, Process, WorkItem
from engine.cases.notices import last_form
from engine.errors import NotFound, Refused
from engine.people import permissions
from engine.people.models import Account, Organization
from engine.records.attachments import Upload, attach, same_as
from engine.records.models import Attachment
from engine.vocabulary import Role


def on_behalf(actor: Account, item: WorkItem) -> bool:
    """Would this account complete the step for a unit that is not its own?"""
    return permissions.acts_for_a_unit(actor, item.role, item.unit_id)


def complete_on_paper(
    session: Session,
    item_id: int,
    *,
    actor: Account,
    payload: dict[str, Any],
    scan: Upload | None,
    reason: str,
    folder: Path,
    now: datetime,
) -> Process:
    """Complete a unit's step from its paper: the scan is attached and the history says for whom and why.

    An application that was opened on paper needs no second scan. Raises what `door.complete` and `attach` raise,
    and Refused without a scan or a reason.
    """
    item = session.get(WorkItem, item_id)
    if item is None:
        raise NotFound(f"没有编号为 {item_id} 的待办。")
    if not on_behalf(actor, item):
        raise Refused(f"“{item.name}”是您本人的步骤，不需要代录。")
    permissions.may_complete(actor, item.role, item.holder_id, item.unit_id).require()
    unit = session.get_one(Organization, item.unit_id)
    case = session.get_one(CaseFile, item.case_id)
    if opened := opened_with(session, item):
        reason = reason.strip() or f"按立卷时的“{opened.name}”录入"
    _keep_paper(
        session,
        case,
        scan,
        reason,
        actor=actor,
        unit=unit,
        folder=folder,
        now=now,
        what=item.name,
        at_hand=opened,
    )
    return door.complete(session, item_id, actor=actor, payload=payload, now=now, on_behalf_of=unit.name)


def opened_with(session: Session, item: WorkItem) -> Attachment | None:
    """The scan an application was opened with (立卷), until its form has been read off that paper."""
    if item.form_key != "application" or last_form(session, item.case_id, "application"):
        return None
    scans = select(Attachment).where(Attachment.case_id == item.case_id, Attachment.purpose == "scan")
    return session.exec(scans.order_by(col(Attachment.id)).limit(1)).first()


def open_on_paper(
    session: Session,
    direction_code: str,
    *,
    unit_id: int,
    actor: Account,
    scan: Upload | None,
    reason: str,
    folder: Path,
    now: datetime,
) -> CaseFile:
    """Open an application that came on paper; its steps are the unit's, if the unit has an account.

    Raises what `open_case` and `attach` raise, and Refused without a scan or a reason.
    """
    permissions.may_enter_paper(actor).require()
    case = opening.open_case(session, direction_code, unit_id=unit_id, actor=actor, now=now)
    unit = session.get_one(Organization, unit_id)
    _hand_to_unit(session, case, unit_id)
    _keep_paper(session, case, scan, reason, actor=actor, unit=unit, folder=folder, now=now, what="申报材料")
    return case


def _hand_to_unit(session: Session, case: CaseFile, unit_id: int) -> None:
    """The applicant is the unit's own account where it has one; the officer only enters."""
    accounts = select(Account).where(Account.organization_id == unit_id, col(Account.active).is_(True))
    own = next((one for one in session.exec(accounts) if Role.APPLICANT in one.roles), None)
    if own is None:
        return
    case.applicant_id = own.id or 0
    items = select(WorkItem).where(
        WorkItem.case_id == case.id, WorkItem.status == "open", WorkItem.role == Role.APPLICANT
    )
    for item in session.exec(items):
        item.holder_id = own.id
    session.flush()


def _keep_paper(
    session: Session,
    case: CaseFile,
    scan: Upload | None,
    reason: str,
    *,
    actor: Account,
    unit: Organization,
    folder: Path,
    now: datetime,
    what: str,
    at_hand: Attachment | None = None,
) -> None:
    sent = scan if scan is not None and scan.content else None
    kept = at_hand if sent is None else same_as(session, case.id, sent)
    if kept is None and sent is None:
        raise Refused("代录须附纸质材料的扫描件；请选择文件。")
    if not reason.strip():
        raise Refused("代录须写明事由（例如单位以纸质报送）。")
    if kept is None and sent is not None:
        kept = attach(
            session,
            case,
            sent,
            folder=folder,
            actor=actor,
            now=now,
            purpose="scan",
            note=f"{what}的扫描件；{reason.strip()}",
            on_behalf_of=unit.name,
        )
    assert kept is not None
    history.record(
        session,
        f"case:{case.id}",
        at=now,
        actor=actor.login,
        actor_role=Role.INTAKE.value,
        verb="on_paper",
        summary=f"代{unit.name}录入“{what}”：{reason.strip()}",
        payload={"attachment": kept.id},
        on_behalf_of=unit.name,
    )
