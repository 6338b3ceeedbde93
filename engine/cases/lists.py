"""Pages of long lists (分页): as quick at a million rows as at a thousand, and honest about what was not looked at.

No question looks at more than LOOK rows. A page walks the list in its own order, judging row by row, until it is
full. Where that finds too little and some filter alone leaves few rows, those are looked up by its index instead.
Where neither does, the page ends with the last row looked at and the next one goes on from there. A count is exact
when all it is about was looked at; otherwise it says "at least".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, func, literal, or_, select, true
from sqlmodel import Session

LOOK = 10_000
"""How many rows one question looks at; a count beyond it is "10,000+"."""
READ = 1_000
"""How many of them one question reads the text of, which takes other tables."""


@dataclass(frozen=True)
class Narrowing:
    """One filter: `test` judges a row at hand, `find` is the same said so that an index finds its rows, if any does.

    `column` is the name of the column it is about: of a single value of it if `single` (for the column sorted by:
    none), else of a range. `few`: known to leave few rows, so that they are looked up at once.
    """

    test: ColumnElement[bool]
    find: ColumnElement[bool] | None = None
    column: str = ""
    single: bool = False
    few: bool = False


def same(test: ColumnElement[bool], column: str = "", *, single: bool = False) -> Narrowing:
    """A filter that is found and judged by the same condition."""
    return Narrowing(test, test, column, single)


def one_of(session: Session, column: Any, values: Any) -> Narrowing:
    """Where a column has one of the values; a single one is looked for as itself."""
    first = session.execute(values.limit(2)).scalars().all()
    if len(first) == 1:
        return same(column == first[0], column.key, single=True)
    return same(column.in_(values))


def between(column: Any, least: int | None, most: int | None) -> list[Narrowing]:
    """The filter of a column by its least and its most value, both included; none when neither is given."""
    bounds = [
        *([column >= least] if least is not None else []),
        *([column <= most] if most is not None else []),
    ]
    return [same(and_(*bounds), column.key)] if bounds else []


@dataclass(frozen=True)
class Order:
    """What a list is sorted by, besides its key; rows without a value come last. None sorts by the key alone.

    `within` names the columns that have an index of their own in this order: one value of one of them can be walked.
    """

    value: Any = None
    descending: bool = False
    within: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """The filter that reads other tables: `test` is the condition on what `link` points at."""

    link: Any
    test: Callable[[Any], ColumnElement[bool]]


@dataclass(frozen=True)
class Question:
    """What is asked: rows `among` all, narrowed, in order, and those of them whose text says so."""

    key: Any
    among: ColumnElement[bool]
    narrowings: Sequence[Narrowing]
    order: Order
    reading: Reading | None = None


@dataclass(frozen=True)
class Cursor:
    """The row a page begins after, or, going back, ends before."""

    value: Any
    key: int
    back: bool = False


@dataclass(frozen=True)
class Counted:
    """How many rows there are; when not `exact`, at least so many: "10,000+", or "…" while none is found."""

    number: int
    exact: bool = True

    def __str__(self) -> str:
        if self.exact:
            return f"{self.number:,}"
        return f"{self.number:,}+" if self.number else "…"


@dataclass(frozen=True)
class Slice:
    """One page: the keys in order, where the pages beside it begin, and how many rows there are in all.

    `unfinished`: it was not filled, and ends where looking stopped; there may be more beyond.
    """

    keys: list[int]
    total: Counted
    before: Cursor | None
    after: Cursor | None
    unfinished: bool


@dataclass(frozen=True)
class _Part:
    """A stretch of the list: its rows all have the value sorted by, or none has."""

    conditions: Sequence[ColumnElement[bool]]
    by_value: bool
    down: bool

    def sorting(self, value: Any, key: Any) -> list[Any]:
        columns = [value, key] if self.by_value else [key]
        return [column.desc() if self.down else column.asc() for column in columns]


Found = tuple[Sequence[Row[Any]], Cursor | None]


def capped(session: Session, key: Any, *conditions: ColumnElement[bool]) -> Counted:
    """How many rows there are, counted no further than LOOK."""
    few = select(literal(1)).select_from(key.class_).where(*conditions).limit(LOOK + 1).subquery()
    number = int(session.execute(select(func.count()).select_from(few)).scalar_one())
    return Counted(min(number, LOOK), number <= LOOK)


def slice_of(session: Session, question: Question, cursor: Cursor | None, size: int) -> Slice:
    """The page after the cursor (or before it) of the rows every filter lets through."""
    narrow = _narrowest(session, question, [one for one in question.narrowings if one.few])
    if narrow is None:
        rows, stop = _walk(session, question, cursor, size + 1)
        if stop is not None:
            narrow = _narrowest(session, question, question.narrowings)
    if narrow is not None:
        rows, stop = _look_up(session, question, narrow, cursor, size + 1)
    whole = cursor is None and stop is None and len(rows) <= size
    total = Counted(len(rows)) if whole else _total(session, question, narrow, min(len(rows), size))
    return _page(question.order, rows, stop, cursor, size, total)


def _page(
    order: Order,
    rows: Sequence[Row[Any]],
    stop: Cursor | None,
    cursor: Cursor | None,
    size: int,
    total: Counted,
) -> Slice:
    more, kept = len(rows) > size, list(rows[:size])
    back = cursor is not None and cursor.back
    if back:
        kept.reverse()
    onward = _at(order, kept[0 if back else -1], back=back) if more else stop
    returning = _at(order, kept[-1 if back else 0], back=not back) if kept and cursor is not None else None
    before, after = (onward, returning) if back else (returning, onward)
    return Slice([row.key for row in kept], total, before, after, unfinished=stop is not None)


def _at(order: Order, row: Row[Any], *, back: bool) -> Cursor:
    return Cursor(None if order.value is None else row.value, row.key, back)


def _walk(session: Session, question: Question, cursor: Cursor | None, size: int) -> Found:
    """Up to `size` rows from the list's parts in turn, and where looking stopped before it found so many."""
    leading, others = _leading(question)
    rows: list[Row[Any]] = []
    for part in _parts(question, cursor):
        where = [question.among, *(one.test for one in leading), *part.conditions]
        looked = _looked(question, where, [one.test for one in others], part)
        rows += session.execute(_fitting(question, looked).limit(size - len(rows))).all()
        if len(rows) == size:
            break
        if stop := _stopped(session, question, looked):
            return rows, _at(question.order, stop, back=cursor is not None and cursor.back)
    return rows, None


def _leading(question: Question) -> tuple[list[Narrowing], list[Narrowing]]:
    """The filters the walk follows: a range of the column sorted by, and one value of one indexed in that order."""
    leading = _of_the_value(question)
    singles = {one.column: one for one in question.narrowings if one.single}
    leading += [singles[name] for name in question.order.within if name in singles][:1]
    return leading, [one for one in question.narrowings if one not in leading]


def _of_the_value(question: Question) -> list[Narrowing]:
    """The filters about the column sorted by."""
    value = question.order.value
    return [] if value is None else [one for one in question.narrowings if one.column == value.key]


def _looked(
    question: Question,
    where: Sequence[ColumnElement[bool]],
    fits: Sequence[ColumnElement[bool]],
    part: _Part | None = None,
) -> Subquery:
    """The rows a question looks at, each with whether it fits. The limit keeps a database from choosing others."""
    key, value = question.key, question.key if question.order.value is None else question.order.value
    columns = [key.label("key"), value.label("value"), and_(true(), *fits).label("fits")]
    if question.reading:
        columns.append(question.reading.link.label("link"))
    looking = select(*columns).where(*where).limit(LOOK + 1)
    return (looking.order_by(*part.sorting(value, key)) if part else looking).subquery()


def _fitting(question: Question, looked: Subquery) -> Select[Any]:
    """Those that fit, in the order they were looked at."""
    if question.reading is None:
        return select(looked.c.key, looked.c.value).where(looked.c.fits)
    read = select(looked).where(looked.c.fits).limit(READ).subquery()
    return select(read.c.key, read.c.value).where(question.reading.test(read.c.link))


def _stopped(session: Session, question: Question, looked: Subquery) -> Row[Any] | None:
    """The last row looked at, when there may be more behind it."""
    every = select(looked.c.key, looked.c.value)
    if question.reading is not None:
        read = session.execute(every.where(looked.c.fits).limit(1).offset(READ - 1)).first()
        if read is not None:
            return read
    return session.execute(every.limit(1).offset(LOOK)).first()


def _narrowest(session: Session, question: Question, narrowings: Sequence[Narrowing]) -> Narrowing | None:
    """The filter that leaves the fewest rows, when it leaves so few that all can be looked at."""
    most = LOOK if question.reading is None else READ
    found = []
    for place, one in enumerate(narrowings):
        if one.find is not None:
            rows = select(literal(1)).select_from(question.key.class_).where(question.among, one.find)
            number = session.execute(
                select(func.count()).select_from(rows.limit(most + 1).subquery())
            ).scalar_one()
            found.append((number, place))
    return narrowings[min(found)[1]] if found and min(found)[0] <= most else None


def _look_up(
    session: Session, question: Question, narrow: Narrowing, cursor: Cursor | None, size: int
) -> Found:
    """Up to `size` rows out of the few one filter leaves."""
    rows: list[Row[Any]] = []
    for part in _parts(question, cursor):
        looked = _few(question, narrow, part.conditions)
        fitting = _fitting(question, looked)
        key, value = fitting.selected_columns
        if len(rows) < size:
            rows += session.execute(fitting.order_by(*part.sorting(value, key)).limit(size - len(rows))).all()
    return rows, None


def _few(question: Question, narrow: Narrowing, conditions: Sequence[ColumnElement[bool]] = ()) -> Subquery:
    others = [one.test for one in question.narrowings if one is not narrow]
    assert narrow.find is not None
    return _looked(question, [question.among, narrow.find], [*others, *conditions])


def _total(session: Session, question: Question, narrow: Narrowing | None, shown: int) -> Counted:
    """How many there are in all, exact if all could be looked at; texts are read only where few are left."""
    if narrow is not None:
        every = _fitting(question, _few(question, narrow)).subquery()
        return Counted(int(session.execute(select(func.count()).select_from(every)).scalar_one()))
    if question.reading is not None:
        return Counted(shown, exact=False)
    leading, others = _leading(question)
    where = [question.among, *(one.test for one in leading)]
    looked = _looked(question, where, [one.test for one in others])
    counts = select(func.count(), func.count().filter(looked.c.fits)).select_from(looked)
    number, fitting = session.execute(counts).one()
    return Counted(max(min(fitting, LOOK), shown), exact=number <= LOOK)


def _parts(question: Question, cursor: Cursor | None) -> list[_Part]:
    """The stretches a page may be on; without those a filter about the value rules out."""
    about = _of_the_value(question)
    return [
        part
        for part in _stretches(question.key, question.order, cursor)
        if all(part.by_value != one.single for one in about)
    ]


def _stretches(key: Any, order: Order, cursor: Cursor | None) -> list[_Part]:
    down = order.descending != (cursor is not None and cursor.back)
    beyond = [] if cursor is None else [key < cursor.key if down else key > cursor.key]
    value = order.value
    if value is None:
        return [_Part(beyond, by_value=False, down=down)]
    with_value = _Part([value.is_not(None)], by_value=True, down=down)
    without = _Part([value.is_(None)], by_value=False, down=down)
    if cursor is None:
        return [with_value, without]
    if cursor.value is None:
        rest = _Part([value.is_(None), *beyond], by_value=False, down=down)
        return [rest, with_value] if cursor.back else [rest]
    strictly = value < cursor.value if down else value > cursor.value
    reached = value <= cursor.value if down else value >= cursor.value
    on = _Part([and_(reached, or_(strictly, *beyond))], by_value=True, down=down)
    return [on] if cursor.back else [on, without]
