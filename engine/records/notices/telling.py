"""Who is told what (通知谁): the bureau's papers to the unit, reminders to whoever holds the step or its group.

Every account is told once of each, on the screen, and by a letter where it has an address. Telling never
changes a case; a letter that cannot be sent is only a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, col, func, select

from engine.cases.models import CaseFile, Notice, WorkItem
from engine.people.models import Account
from engine.people.permissions import may_change
from engine.people.roles import OF_A_UNIT, role_for_lane
from engine.records.notices.models import Mail, Notification

LOOK_BACK = 200
"""How many rows before the newest one told of are looked at again: a transaction may commit after a later one."""


@dataclass(frozen=True)
class News:
    """One thing to tell: what it is, to whom, and where it leads."""

    source: str
    source_id: int
    title: str
    body: str
    at: datetime
    accounts: Sequence[Account]
    case_id: int | None = None
    work_item_id: int | None = None


def tell_notices(session: Session, now: datetime) -> int:
    """Tell the unit's applicants of every paper the bureau sent them; returns how many were told."""
    statement = (
        select(Notice, CaseFile)
        .join(CaseFile, col(CaseFile.id) == Notice.case_id)
        .where(*untold(session, "notice", col(Notice.id)))
        .order_by(col(Notice.id))
    )
    found = session.exec(statement).all()
    people = People.of(session) if found else People(())
    news = [
        News(
            "notice",
            notice.id or 0,
            notice.title,
            notice.body,
            notice.at,
            people.of_unit("applicant", case.unit_id),
            case_id=case.id,
        )
        for notice, case in found
    ]
    return tell(session, news, now)


def tell(session: Session, news: Iterable[News], now: datetime) -> int:
    """Write the notifications and letters that are not there yet; returns how many are new."""
    fresh = 0
    for one in news:
        for account in one.accounts:
            fresh += _tell_one(session, one, account, now)
    return fresh


def _tell_one(session: Session, one: News, account: Account, now: datetime) -> int:
    row = {
        "account_id": account.id,
        "source": one.source,
        "source_id": one.source_id,
        "title": one.title,
        "body": one.body,
        "case_id": one.case_id,
        "work_item_id": one.work_item_id,
        "at": one.at,
    }
    made = session.connection().execute(_insert_new(session, row)).scalar()
    if made is None:
        return 0
    if account.email:
        session.add(Mail(notification_id=made, address=account.email, next_at=now))
    return 1


def _insert_new(session: Session, row: Mapping[str, object]) -> ReturningInsert[Any]:
    """An insert that leaves alone what is there already, and returns the new row's number."""
    if session.get_bind().dialect.name == "postgresql":
        return (
            postgresql.insert(Notification)
            .values(row)
            .on_conflict_do_nothing()
            .returning(col(Notification.id))
        )
    return sqlite.insert(Notification).values(row).on_conflict_do_nothing().returning(col(Notification.id))


def untold(session: Session, source: str, number: Any) -> tuple[ColumnElement[bool], ...]:
    """The conditions for rows of a source that nobody was told of, from a little before the newest one told of."""
    newest = session.exec(select(func.max(Notification.source_id)).where(Notification.source == source)).one()
    told = exists().where(col(Notification.source) == source, col(Notification.source_id) == number)
    return number > (newest or 0) - LOOK_BACK, ~told


@dataclass(frozen=True)
class People:
    """The accounts in use that may act, read once."""

    accounts: Sequence[Account]

    @classmethod
    def of(cls, session: Session) -> "People":
        """Everybody who could do something about it; supervision is not reminded."""
        found = session.exec(select(Account).where(col(Account.active).is_(True)).order_by(col(Account.id)))
        return cls([account for account in found if may_change(account)])

    def of_unit(self, role: str, unit_id: int | None) -> list[Account]:
        """A unit's accounts of a role."""
        return [one for one in self.accounts if role in one.roles and one.organization_id == unit_id]

    def for_step(self, item: WorkItem) -> list[Account]:
        """Who a step waits for: its holder, else its whole group; a unit's own step is the whole unit's."""
        role = role_for_lane(item.role)
        if role in OF_A_UNIT:
            return self.of_unit(role, item.unit_id)
        if item.holder_id is not None:
            return [one for one in self.accounts if one.id == item.holder_id]
        return [one for one in self.accounts if role in one.roles]


def unread(session: Session, account: Account) -> int:
    """How many notifications this account has not read."""
    statement = select(func.count()).where(
        Notification.account_id == account.id, col(Notification.read_at).is_(None)
    )
    return session.exec(statement).one()


def notifications(session: Session, account: Account, page: int, size: int) -> list[Notification]:
    """A page of what this account was told, the newest first."""
    statement = (
        select(Notification)
        .where(Notification.account_id == account.id)
        .order_by(col(Notification.id).desc())
        .offset((page - 1) * size)
        .limit(size)
    )
    return list(session.exec(statement))


def mark_read(session: Session, account: Account, now: datetime, notification_id: int | None = None) -> None:
    """Mark one notification, or all of this account's, as read; another's stays as it is."""
    statement = (
        update(Notification)
        .where(col(Notification.account_id) == account.id, col(Notification.read_at).is_(None))
        .values(read_at=now)
    )
    if notification_id is not None:
        statement = statement.where(col(Notification.id) == notification_id)
    session.exec(statement)
