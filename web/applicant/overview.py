"""What a unit sees of its own applications: where each stands, what it must do and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from engine.cases import sides
from engine.cases.changes import why_not
from engine.cases.extensions import why_not_extended
from engine.cases.models import CaseFile, Notice, Process, TaskBookVersion, WorkItem
from engine.cases.task_books import versions_of
from engine.catalogue.directions import get_direction
from engine.catalogue.spec import DirectionSpec
from engine.errors import NotFound
from engine.money import ledger
from engine.people import permissions
from engine.people.models import Account, Organization
from engine.reviewing.outlook import expected_by
from engine.reviewing.withdrawals import why_not_withdrawn
from engine.vocabulary import Role
from web.applicant.wording import OVER, STAGES, told

NOTICES = 6
"""How many notices the unit's first page shows."""


@dataclass(frozen=True)
class Standing:
    """One application: the friendly sentence, and the unit's own open steps, the soonest due first."""

    case: CaseFile
    sentence: str
    steps: Sequence[WorkItem]

    @property
    def over(self) -> bool:
        """Whether nothing more is to be expected."""
        return self.case.status in OVER and not self.steps


@dataclass(frozen=True)
class Ask:
    """A request beside the ordinary way; `why_not` is the disabled button's sentence."""

    key: str
    why_not: str | None


@dataclass(frozen=True)
class Overview:
    """One application on the unit's own page."""

    standing: Standing
    unit: Organization
    direction: DirectionSpec
    notices: Sequence[Notice]
    books: Sequence[TaskBookVersion]
    asks: Sequence[Ask]
    requests: Sequence[Process]
    may_terminate: bool
    balance: ledger.Balance


def standing_of(session: Session, case: CaseFile, now: datetime) -> Standing:
    """Where an application stands for its own unit."""
    statement = (
        select(WorkItem)
        .where(WorkItem.case_id == case.id, WorkItem.status == "open", WorkItem.role == Role.APPLICANT)
        .order_by(col(WorkItem.due_at).is_(None), col(WorkItem.due_at))
    )
    steps = list(session.exec(statement))
    expected = None if case.status in OVER else expected_by(session, case, now)
    return Standing(case, told(case.status, expected), steps)


def standings(session: Session, unit_id: int, now: datetime) -> list[Standing]:
    """All applications of a unit, those that wait for it first, then the newest."""
    statement = select(CaseFile).where(CaseFile.unit_id == unit_id).order_by(col(CaseFile.id).desc())
    found = [standing_of(session, case, now) for case in session.exec(statement)]
    return sorted(found, key=lambda one: (not one.steps, one.over))


def notices_to(session: Session, unit_id: int) -> list[tuple[Notice, CaseFile]]:
    """The newest notices about the unit's applications."""
    statement = (
        select(Notice, CaseFile)
        .join(CaseFile, col(CaseFile.id) == Notice.case_id)
        .where(CaseFile.unit_id == unit_id)
        .order_by(col(Notice.id).desc())
        .limit(NOTICES)
    )
    return [(notice, case) for notice, case in session.exec(statement)]


def own_case(session: Session, case_id: int | None, account: Account) -> CaseFile:
    """A case of the account's own unit; NotFound, or Forbidden with a sentence."""
    case = session.get(CaseFile, case_id)
    if case is None:
        raise NotFound(f"没有编号为 {case_id} 的项目。")
    permissions.may_see_case(account, case.unit_id).require()
    return case


def own_step(session: Session, item_id: int, account: Account) -> tuple[CaseFile, WorkItem]:
    """An open or closed step of a case of the account's own unit."""
    item = session.get(WorkItem, item_id)
    if item is None or item.case_id is None:
        raise NotFound(f"没有编号为 {item_id} 的待办；它可能已被撤销，请回到“我的申报”。")
    return own_case(session, item.case_id, account), item


def overview_of(session: Session, case: CaseFile, now: datetime) -> Overview:
    """Everything on the unit's own page of a case."""
    notices = select(Notice).where(Notice.case_id == case.id).order_by(col(Notice.id).desc())
    beside = select(Process).where(Process.case_id == case.id, Process.kind == "side")
    return Overview(
        standing=standing_of(session, case, now),
        unit=session.get_one(Organization, case.unit_id),
        direction=get_direction(session, case.direction_code),
        notices=session.exec(notices).all(),
        books=versions_of(session, case.id),
        asks=_asks(session, case, now),
        requests=[
            one for one in session.exec(beside.order_by(col(Process.id).desc())) if one.key != "objection"
        ],
        may_terminate=sides.may_be_terminated(session, sides.main_process(session, case.id or 0))
        and not sides.is_open(session, case, "termination"),
        balance=ledger.balance(session, case.id or 0),
    )


def _asks(session: Session, case: CaseFile, now: datetime) -> list[Ask]:
    """What may be asked for in this stage; before the establishment only the withdrawal makes sense, after it not."""
    if case.status in OVER:
        return []
    early = {status for _name, statuses in STAGES[:4] for status in statuses}
    if case.status in early:
        return [Ask("withdrawal", why_not_withdrawn(session, case))]
    return [
        Ask("change", why_not(session, case, "change", "变更")),
        Ask("extension", why_not_extended(session, case, now)),
    ]
