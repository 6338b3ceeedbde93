"""What is said about a case beside its steps (留言): among officers, or between the bureau and the unit."""

from datetime import datetime

from sqlmodel import Session, col, select

from engine import history
from engine.cases.models import CaseFile
from engine.cases.queries import internal
from engine.errors import Refused
from engine.people import permissions
from engine.people.models import Account
from engine.records.models import Remark

LONGEST = 2000


def remark(
    session: Session, case: CaseFile, text: str, *, actor: Account, now: datetime, to_unit: bool
) -> Remark:
    """Say something about a case; a unit's remark is always read by both sides.

    Raises Forbidden for a stranger to the case and for experts, Refused for an empty or endless text.
    """
    permissions.may_attach(actor, case.unit_id, case.recommender_id).require()
    said = text.strip()
    if not said:
        raise Refused("请写下留言内容。")
    if len(said) > LONGEST:
        raise Refused(f"留言最多 {LONGEST} 字，现有 {len(said)} 字；较长的内容请作为附件上传。")
    row = Remark(
        case_id=case.id or 0, text=said, internal=internal(actor) and not to_unit, by=actor.login, at=now
    )
    session.add(row)
    session.flush()
    history.record(
        session,
        f"case:{case.id}",
        at=now,
        actor=actor.login,
        verb="remark",
        summary=("内部备注：" if row.internal else "留言：") + said,
        payload={"remark": row.id, "internal": row.internal},
    )
    return row


def remarks_of(session: Session, case_id: int, account: Account) -> list[Remark]:
    """What was said about a case, the newest first; outside the bureau without the internal remarks."""
    statement = select(Remark).where(Remark.case_id == case_id).order_by(col(Remark.id).desc())
    inside = internal(account)
    return [row for row in session.exec(statement) if inside or not row.internal]
