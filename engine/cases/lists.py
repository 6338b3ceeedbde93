"""Pages of long lists (分页): as quick at a million rows as at a thousand, and honest about what was not counted.

Two ways to the same page. Where some filter alone leaves few rows, those are looked up by its index and the others
judge them one by one; the total is exact. Where every filter leaves many, the list is walked in its own order
until the page is full; what was not counted is not claimed. Pages go on from the row the last one ended with.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlmodel import Session

CAP = 10_000
"""How far anything is counted; beyond it a count is "10,000+"."""


@dataclass(frozen=True)
class Narrowing:
    """One filter: `find` lets an index find its rows, `test` judges a row at hand. None: no index finds them."""

    test: ColumnElement[bool]
    find: ColumnElement[bool] | None


def same(condition: ColumnElement[bool]) -> Narrowing:
    """A filter that is found and judged by the same condition."""
    return Narrowing(condition, condition)


@dataclass(frozen=True)
class Order:
    """What a list is sorted by, besides its key; rows without a value come last. None sorts by the key alone."""

    value: Any = None
    descending: bool = False


@dataclass(frozen=True)
class Cursor:
    """The row a page begins after, or, going back, ends before."""

    value: Any
    key: int
    back: bool = False


@dataclass(frozen=True)
class Counted:
    """How many rows there are; when not `exact`, at least so many."""

    number: int
    exact: bool = True

    def __str__(self) -> str:
        return f"{self.number:,}" + ("" if self.exact else "+")


@dataclass(frozen=True)
class Slice:
    """One page: the keys in order, whether there is more before and after, and how many in all."""

    keys: list[int]
    total: Counted
    before: bool
    after: bool


def capped(session: Session, key: Any, *conditions: ColumnElement[bool]) -> Counted:
    """How many rows there are, counted no further than CAP."""
    few = select(literal(1)).select_from(key.class_).where(*conditions).limit(CAP + 1).subquery()
    number = int(session.execute(select(func.count()).select_from(few)).scalar_one())
    return Counted(min(number, CAP), number <= CAP)


def slice_of(
    session: Session,
    key: Any,
    narrowings: Sequence[Narrowing],
    order: Order,
    cursor: Cursor | None,
    size: int,
) -> Slice:
    """The page after the cursor (or before it) of the rows every filter lets through."""
    best = _narrowest(session, key, narrowings)
    if best is None:
        base: Select[Any] = select(key).where(*(one.test for one in narrowings))
    else:
        assert best.find is not None
        few = select(key.label("id")).where(best.find).limit(CAP).subquery()
        base = (
            select(key).join(few, few.c.id == key).where(*(one.test for one in narrowings if one is not best))
        )
    back = cursor is not None and cursor.back
    keys = _walk(session, base, key, order, cursor, size + 1)
    more, keys = len(keys) > size, keys[:size]
    if back:
        keys.reverse()
    total = _total(session, base, best, narrowings, len(keys), more=more or cursor is not None)
    return Slice(keys, total, before=more if back else cursor is not None, after=back or more)


def _narrowest(session: Session, key: Any, narrowings: Sequence[Narrowing]) -> Narrowing | None:
    """The filter that leaves the fewest rows, when it leaves few."""
    counted = [(capped(session, key, one.find), one) for one in narrowings if one.find is not None]
    few = [(count.number, place) for place, (count, _) in enumerate(counted) if count.exact]
    return counted[min(few)[1]][1] if few else None


def _total(
    session: Session,
    base: Select[Any],
    best: Narrowing | None,
    narrowings: Sequence[Narrowing],
    shown: int,
    *,
    more: bool,
) -> Counted:
    if not more:
        return Counted(shown)
    if best is not None:
        return Counted(int(session.execute(select(func.count()).select_from(base.subquery())).scalar_one()))
    return Counted(CAP, exact=False) if len(narrowings) == 1 else Counted(shown, exact=False)


def _walk(
    session: Session, base: Select[Any], key: Any, order: Order, cursor: Cursor | None, size: int
) -> list[int]:
    """Up to `size` keys, from the parts of the list in turn: rows with a value, then those without."""
    keys: list[int] = []
    for conditions, sorting in _parts(key, order, cursor):
        if len(keys) < size:
            part = base.where(*conditions).order_by(*sorting).limit(size - len(keys))
            keys += session.execute(part).scalars().all()
    return keys


Part = tuple[list[ColumnElement[bool]], list[Any]]


def _parts(key: Any, order: Order, cursor: Cursor | None) -> list[Part]:
    down = order.descending != (cursor is not None and cursor.back)
    sort: Callable[[Any], Any] = (lambda column: column.desc()) if down else (lambda column: column.asc())
    beyond = [] if cursor is None else [key < cursor.key if down else key > cursor.key]
    value = order.value
    if value is None:
        return [(beyond, [sort(key)])]
    with_value: Part = ([value.is_not(None)], [sort(value), sort(key)])
    without: Part = ([value.is_(None)], [sort(key)])
    if cursor is None:
        return [with_value, without]
    if cursor.value is None:
        rest: Part = ([value.is_(None), *beyond], [sort(key)])
        return [rest, with_value] if cursor.back else [rest]
    strictly = value < cursor.value if down else value > cursor.value
    reached = value <= cursor.value if down else value >= cursor.value
    on: Part = ([and_(reached, or_(strictly, *beyond))], with_value[1])
    return [on] if cursor.back else [on, without]
