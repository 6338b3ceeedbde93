"""The inbox (待办): open steps that are mine, my group's or all, narrowed and sorted, page by page.

A fixed number of statements however many rows there are; everything is read from plain rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_, union_all
from sqlmodel import Session, col, select

from engine.cases import search
from engine.cases.lists import (
    Counted,
    Cursor,
    Narrowing,
    Order,
    Question,
    Reading,
    between,
    capped,
    one_of,
    same,
    slice_of,
)
from engine.cases.models import CaseFile, Process, WorkItem
from engine.catalogue.directions import under
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
    "due": Order(col(WorkItem.due_at), within=("unit_id", "direction_code", "holder_id", "element", "role")),
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
    """A page of work items with the counts of every scope. `before` and `after` lead to the pages beside it.

    `unfinished`: the page ends where looking stopped, and may not be full.
    """

    rows: list[InboxRow]
    total: Counted
    counts: dict[str, Counted]
    before: Cursor | None
    after: Cursor | None
    unfinished: bool


def inbox(session: Session, account: Account, filters: Filters, now: datetime, *, size: int = PAGE) -> Inbox:
    """The open steps this account may act on or follow, as the filters say."""
    page = slice_of(session, _question(session, account, filters, now), filters.cursor, size)
    counts: dict[str, Counted] = {
        scope: capped(session, col(WorkItem.id), in_scope(account, scope)) for scope in SCOPES
    }
    return Inbox(_rows(session, page.keys), page.total, counts, page.before, page.after, page.unfinished)


def everything(session: Session, account: Account, filters: Filters, now: datetime, most: int) -> list[int]:
    """The numbers of all the steps the filters let through, in order; of more than `most`, one more than that."""
    question, cursor, keys = _question(session, account, filters, now), None, list[int]()
    while len(keys) <= most:
        page = slice_of(session, question, cursor, most + 1)
        keys, cursor = keys + page.keys, page.after
        if cursor is None:
            break
    return keys[: most + 1]


def _question(session: Session, account: Account, filters: Filters, now: datetime) -> Question:
    narrowings = [*_scope(account, filters.scope), *_narrowed(session, account, filters, now)]
    words = search.words_of(filters.text)
    said = search.narrowing(session, col(WorkItem.case_id), words) if words else None
    reading = said if isinstance(said, Reading) else None
    if isinstance(said, Narrowing):
        narrowings.append(said)
    return Question(col(WorkItem.id), OPEN, narrowings, ORDERS[filters.sort], reading)


def _rows(session: Session, keys: list[int]) -> list[InboxRow]:
    joined = (
        select(WorkItem)
        .outerjoin(CaseFile, col(CaseFile.id) == WorkItem.case_id)
        .outerjoin(Organization, col(Organization.id) == CaseFile.unit_id)
        .outerjoin(Account, col(Account.id) == WorkItem.holder_id)
        .where(col(WorkItem.id).in_(keys))
        .add_columns(
            col(CaseFile.number),
            col(CaseFile.title),
            col(Organization.name),
            col(Account.name),
            col(CaseFile.disputed),
        )
    )
    found = {row[0].id: row for row in session.execute(joined)}
    rounds = _titles(session, [row[0].process_id for row in found.values() if row[0].case_id is None])
    return [_row(found[key], rounds) for key in keys]


def _titles(session: Session, processes: list[int]) -> dict[int, str]:
    """What the rounds are called whose steps are shown."""
    if not processes:
        return {}
    statement = select(Process.id, Process.subject).where(col(Process.id).in_(processes))
    return {number or 0: str(subject.get("title", "")) for number, subject in session.exec(statement)}


def _row(found: Sequence[Any], rounds: Mapping[int, str]) -> InboxRow:
    item, number, title, unit, holder, disputed = found
    return InboxRow(
        item=item,
        number=number,
        title=title or rounds.get(item.process_id) or "（未命名）",
        unit=unit or "",
        holder=holder,
        disputed=bool(disputed),
    )


def in_scope(account: Account, scope: str) -> ColumnElement[bool]:
    """Open steps that are mine, my group's and unclaimed, or all this account may see."""
    return and_(OPEN, *(one.test for one in _scope(account, scope)))


def _scope(account: Account, scope: str) -> list[Narrowing]:
    mine = col(WorkItem.holder_id) == account.id
    if scope == "mine":
        return [same(mine, "holder_id", single=True)]
    # an expert's step is one person's from the start, and nobody else's to see
    shared = [role for role in account.roles if role not in OF_A_UNIT and role != Role.EXPERT]
    of_unit = [role for role in account.roles if role in OF_A_UNIT]
    groups: list[ColumnElement[bool]] = [col(WorkItem.role).in_(shared)] if shared else []
    if of_unit:
        groups.append(and_(col(WorkItem.role).in_(of_unit), col(WorkItem.unit_id) == account.organization_id))
    group = or_(*groups) if groups else false()
    if scope == "group":
        one_role = len(shared) == 1 and not of_unit
        return [same(and_(col(WorkItem.holder_id).is_(None), group), "role", single=one_role)]
    if _sees_all(account):
        return []
    theirs = union_all(*(select(col(WorkItem.id)).where(OPEN, one) for one in (mine, *groups)))
    return [
        same(col(WorkItem.id).in_(theirs))
    ]  # a database follows an index for each, which it would not for "or"


def _sees_all(account: Account) -> bool:
    return any(role in INTERNAL for role in account.roles)


def _narrowed(session: Session, account: Account, filters: Filters, now: datetime) -> list[Narrowing]:
    """The filters besides scope and words."""
    found: list[Narrowing] = []
    if filters.direction:
        of_guide = select(Direction.code).where(under(col(Direction.code), filters.direction))
        found.append(one_of(session, col(WorkItem.direction_code), of_guide))
    if filters.element:
        found.append(same(col(WorkItem.element) == filters.element, "element", single=True))
    if filters.role:
        found.append(same(col(WorkItem.role) == filters.role))
    if filters.holder:
        found.append(same(_held(account, filters.holder), "holder_id", single=True))
    if filters.unit:
        named = select(Organization.id).where(col(Organization.name).contains(filters.unit, autoescape=True))
        found.append(one_of(session, col(WorkItem.unit_id), named))
    if filters.due:
        found.append(same(due_within(filters.due, now), "due_at", single=filters.due == "none"))
    return [*found, *between(col(WorkItem.amount_fen), filters.amount_from, filters.amount_to)]


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
