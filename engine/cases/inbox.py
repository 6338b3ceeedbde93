"""The inbox (待办): open steps that are mine, my group's or all, narrowed and sorted, page by page.

A fixed number of statements however many rows there are; everything is read from plain rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, false, func, literal_column, or_
from sqlmodel import Session, col, select

from engine.cases import search
from engine.cases.lists import CAP, Counted, Cursor, Narrowing, Order, capped, same, slice_of
from engine.cases.models import CaseFile, Process, WorkItem
from engine.catalogue.models import Direction
from engine.clock import SHANGHAI, local_day
from engine.people.models import Account, Organization
from engine.people.permissions import may_see_reviewers
from engine.people.roles import INTERNAL, OF_A_UNIT
from engine.vocabulary import Role

Scope = Literal["mine", "group", "all"]
Due = Literal["", "overdue", "today", "week", "none"]
Sort = Literal["due", "newest", "oldest", "amount"]
SCOPES: tuple[Scope, ...] = ("mine", "group", "all")
PAGE = 50
UNCLAIMED = "none"
OPEN = col(WorkItem.status) == literal_column("'open'")
"""Written out, not bound: only then does a database know that the indexes of open steps will do."""
ORDERS: dict[Sort, Order] = {
    "due": Order(col(WorkItem.due_at)),
    "newest": Order(descending=True),
    "oldest": Order(),
    "amount": Order(col(WorkItem.amount_fen), descending=True),
}


@dataclass(frozen=True)
class Filters:
    """What the inbox is narrowed to; empty means no narrowing. Amounts in fen, both ends included.

    `holder` is an account's number, or `none` for what nobody has taken; `direction` the beginning of a code;
    `unit` part of a unit's name; `text` words of the title, number or unit.
    """

    scope: Scope = "mine"
    direction: str = ""
    element: str = ""
    role: str = ""
    holder: str = ""
    unit: str = ""
    due: Due = ""
    amount_from: int | None = None
    amount_to: int | None = None
    text: str = ""
    sort: Sort = "due"
    cursor: Cursor | None = None


@dataclass(frozen=True)
class InboxRow:
    """One line of the inbox. `title` is the case's, or the round's."""

    item: WorkItem
    number: str | None
    title: str
    unit: str
    holder: str | None
    disputed: bool


@dataclass(frozen=True)
class Inbox:
    """A page of work items with the counts of every scope. `before` and `after` lead to the pages beside it."""

    rows: list[InboxRow]
    total: Counted
    counts: dict[str, Counted]
    before: Cursor | None
    after: Cursor | None


def inbox(session: Session, account: Account, filters: Filters, now: datetime, *, size: int = PAGE) -> Inbox:
    """The open steps this account may act on or follow, as the filters say."""
    narrowings = [same(in_scope(account, filters.scope)), *_narrowed(session, account, filters, now)]
    order = ORDERS[filters.sort]
    page = slice_of(session, col(WorkItem.id), narrowings, order, filters.cursor, size)
    rows = _rows(session, page.keys)
    counts: dict[str, Counted] = {
        scope: capped(session, col(WorkItem.id), in_scope(account, scope)) for scope in SCOPES
    }
    return Inbox(
        rows,
        page.total,
        counts,
        before=_cursor(rows[0].item, filters.sort, back=True) if rows and page.before else None,
        after=_cursor(rows[-1].item, filters.sort) if rows and page.after else None,
    )


def _cursor(item: WorkItem, sort: Sort, *, back: bool = False) -> Cursor:
    value = {"due": item.due_at, "amount": item.amount_fen}.get(sort)
    return Cursor(value, item.id or 0, back)


def _rows(session: Session, keys: list[int]) -> list[InboxRow]:
    joined = (
        select(WorkItem, CaseFile, Organization, Account)
        .outerjoin(CaseFile, col(CaseFile.id) == WorkItem.case_id)
        .outerjoin(Organization, col(Organization.id) == CaseFile.unit_id)
        .outerjoin(Account, col(Account.id) == WorkItem.holder_id)
        .where(col(WorkItem.id).in_(keys))
    )
    found = {item.id: (item, case, unit, holder) for item, case, unit, holder in session.exec(joined)}
    of_rounds = [item.process_id for item, case, _, _ in found.values() if case is None]
    subjects = dict(
        session.exec(select(Process.id, Process.subject).where(col(Process.id).in_(of_rounds))).all()
    )
    return [_row(*found[key], subjects.get(found[key][0].process_id, {})) for key in keys]


def _row(
    item: WorkItem,
    case: CaseFile | None,
    unit: Organization | None,
    holder: Account | None,
    subject: Mapping[str, Any],
) -> InboxRow:
    title = case.title if case else str(subject.get("title", ""))
    return InboxRow(
        item=item,
        number=case.number if case else None,
        title=title or "（未命名）",
        unit=unit.name if unit else "",
        holder=holder.name if holder else None,
        disputed=bool(case and case.disputed),
    )


def in_scope(account: Account, scope: str) -> ColumnElement[bool]:
    """Open steps that are mine, my group's and unclaimed, or all this account may see."""
    mine = col(WorkItem.holder_id) == account.id
    if scope == "mine":
        return and_(OPEN, mine)
    # an expert's step is one person's from the start, and nobody else's to see
    shared = [role for role in account.roles if role not in OF_A_UNIT and role != Role.EXPERT]
    of_unit = [role for role in account.roles if role in OF_A_UNIT]
    groups: list[ColumnElement[bool]] = [col(WorkItem.role).in_(shared)] if shared else []
    if of_unit:
        groups.append(and_(col(WorkItem.role).in_(of_unit), col(WorkItem.unit_id) == account.organization_id))
    group = or_(*groups) if groups else false()
    if scope == "group":
        return and_(OPEN, col(WorkItem.holder_id).is_(None), group)
    return OPEN if _sees_all(account) else and_(OPEN, or_(mine, group))


def _sees_all(account: Account) -> bool:
    return any(role in INTERNAL for role in account.roles)


def _narrowed(session: Session, account: Account, filters: Filters, now: datetime) -> list[Narrowing]:
    conditions: list[ColumnElement[bool]] = []
    if filters.direction:
        of_guide = col(Direction.code).startswith(filters.direction, autoescape=True)
        conditions.append(col(WorkItem.direction_code).in_(select(Direction.code).where(of_guide)))
    if filters.element:
        conditions.append(col(WorkItem.element) == filters.element)
    if filters.role:
        conditions.append(col(WorkItem.role) == filters.role)
    if filters.holder:
        conditions.append(_held(account, filters.holder))
    if filters.unit:
        named = col(Organization.name).contains(filters.unit, autoescape=True)
        conditions.append(col(WorkItem.unit_id).in_(select(Organization.id).where(named)))
    if filters.due:
        conditions.append(due_within(filters.due, now))
    if filters.amount_from is not None:
        conditions.append(col(WorkItem.amount_fen) >= filters.amount_from)
    if filters.amount_to is not None:
        conditions.append(col(WorkItem.amount_fen) <= filters.amount_to)
    found = [same(and_(OPEN, condition)) for condition in conditions]
    words = search.words_of(filters.text)
    return [*found, _said(session, words)] if words else found


def _held(account: Account, holder: str) -> ColumnElement[bool]:
    """By one person, or by nobody yet. Who reviews what is not found out by asking for each expert's steps."""
    if holder == UNCLAIMED:
        return col(WorkItem.holder_id).is_(None)
    held = col(WorkItem.holder_id) == int(holder)
    if may_see_reviewers(account) or account.id == int(holder):
        return held
    return and_(held, col(WorkItem.role) != Role.EXPERT.value)


def due_within(due: Due, now: datetime) -> ColumnElement[bool]:
    """The condition on a step's due moment; overdue as the pages say it: the day the step was due by is over."""
    today = datetime.combine(local_day(now), time.min, SHANGHAI).astimezone(UTC)
    column = col(WorkItem.due_at)
    if due == "none":
        return column.is_(None)
    if due == "overdue":
        return column < today
    return and_(column >= today, column < today + timedelta(days=1 if due == "today" else 8))


def _said(session: Session, words: list[str]) -> Narrowing:
    """Cases with the words: looked up where they are few, else read in each case at hand."""
    hits = search.hits(session, words)
    here = exists().where(col(CaseFile.id) == WorkItem.case_id, search.contains(words))
    many = len(session.execute(hits.limit(CAP + 1)).all()) > CAP
    find = None if many else and_(OPEN, col(WorkItem.case_id).in_(hits))
    return Narrowing(here, find)


@dataclass(frozen=True)
class Choices:
    """What the filters offer: steps and holders of what is open now, and the directions of the guide."""

    steps: list[tuple[str, str]]
    holders: list[tuple[int, str]]
    directions: list[tuple[str, str]]


def choices(session: Session, account: Account) -> Choices:
    """The steps and holders there are among what this account may see, found without reading every row."""
    guide = session.exec(select(Direction.code, Direction.title).order_by(col(Direction.position))).all()
    return Choices(
        _steps(session, account), _holders(session, account), [(code, title) for code, title in guide]
    )


def _steps(session: Session, account: Account) -> list[tuple[str, str]]:
    where = in_scope(account, "all")
    if not _sees_all(account):
        found = session.exec(select(WorkItem.element, WorkItem.name).where(where).distinct()).all()
    else:
        each = _distinct(col(WorkItem.element))
        name = select(WorkItem.name).where(OPEN, col(WorkItem.element) == each).limit(1).scalar_subquery()
        found = session.exec(select(each, name).where(each.is_not(None))).all()
    return sorted(((element, name) for element, name in found), key=lambda step: step[1])


def _holders(session: Session, account: Account) -> list[tuple[int, str]]:
    if not _sees_all(account):
        return []
    each = _distinct(col(WorkItem.holder_id))
    experts_too = bool(may_see_reviewers(account))
    statement = select(Account.id, Account.name, Account.roles).where(col(Account.id).in_(select(each)))
    found = session.exec(statement.order_by(col(Account.name))).all()
    return [(number or 0, name) for number, name, roles in found if experts_too or Role.EXPERT not in roles]


def _distinct(column: Any) -> Any:
    """The different values of an indexed column of the open steps, each found by one step along the index."""
    first = select(func.min(column).label("value")).where(OPEN).cte("each_value", recursive=True)
    following = select(func.min(column)).where(OPEN, column > first.c.value).scalar_subquery()
    every = first.union_all(select(following).where(first.c.value.is_not(None)))
    return every.c.value
