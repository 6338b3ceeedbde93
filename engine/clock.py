"""Time as the bureau counts it: working days (工作日), due moments, and the clock that says what time it is.

Every limit in this product is in working days, Chinese holidays and make-up days included (DESIGN section 7).
The table holds only the exceptions to Monday-Friday; `Calendar` is the same facts as a frozen value, so that
counting days never asks the database. Moments are aware and in UTC; days are days in Liuzhou (Asia/Shanghai).
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Session, SQLModel, col, select

from engine.errors import Refused, Unusable
from engine.stamps import Kept

SHANGHAI = ZoneInfo("Asia/Shanghai")
END_OF_DAY = time(23, 59, 59)
SATURDAY = 5
ONE_DAY = timedelta(days=1)
# Not policy: a bound that keeps a mistyped limit in a diagram from counting days for minutes.
LONGEST_DAYS = 36_525
DURATION = re.compile(r"P(?=\d)(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?")
REMINDERS = re.compile(r"[+-]?\d{1,3}(?:,[+-]?\d{1,3})*")

Limit = int | str
"""Working days as a whole number, a calendar duration ("P3M", "P10D") or a fixed day ("2027-05-01")."""


class UtcDateTime(TypeDecorator[datetime]):
    """A column of aware UTC moments that reads back equal on SQLite (which drops zones) and PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone cannot be stored: {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class CalendarDay(SQLModel, table=True):
    """One exception to Monday-Friday: a weekday that is off, or a weekend day worked instead (调休上班)."""

    __tablename__ = "calendar_day"

    day: date = Field(primary_key=True)
    working: bool
    name: str
    provisional: bool = False
    """True until the State Council has published the year's arrangement."""


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. Pure: the same value always counts the same."""

    days_off: frozenset[date] = frozenset()
    """Monday-Friday days that are not worked."""
    make_up_days: frozenset[date] = frozenset()
    """Weekend days that are worked."""

    def is_working(self, day: date) -> bool:
        """Is this a working day?"""
        if day.weekday() >= SATURDAY:
            return day in self.make_up_days
        return day not in self.days_off

    def next_working_day(self, day: date) -> date:
        """The day itself when it is worked, else the first working day after it."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def add_working_days(self, start: date, count: int) -> date:
        """The `count`-th working day after `start`, which itself does not count; before it when negative.

        With 0 the answer is `start`, worked or not.
        """
        if abs(count) > LONGEST_DAYS:
            raise Unusable(f"期限 {count} 个工作日太长：请填写不超过 {LONGEST_DAYS} 的天数。")
        step = ONE_DAY if count > 0 else -ONE_DAY
        day, left = start, abs(count)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def notice_end(self, first_day: date, count: int) -> date:
        """The last day of a public notice (公示) of `count` working days, the posting day being day one.

        Nanning's notice of 26 April - 5 May 2023 is 5 working days only when counted so (DOMAIN fact 6).
        A notice posted on a day off starts to count on the next working day.
        """
        if count < 1:
            raise Unusable(f"公示期 {count} 个工作日不成立：公示至少 1 个工作日。")
        return self.add_working_days(self.next_working_day(first_day), count - 1)

    def working_days_between(self, start: date, end: date) -> int:
        """The working days after `start` up to and including `end`; negative when `end` is earlier."""
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working(start + ONE_DAY * n) for n in range(1, (end - start).days + 1))

    def due(self, limit: Limit, from_moment: datetime) -> datetime:
        """The last moment of a limit: 23:59:59 in Liuzhou on its last day, as an aware UTC moment.

        - a whole number: working days, the day of `from_moment` (in Liuzhou) not counted;
        - "P1M", "P3M", "P1Y", "P10D": calendar time, clamped at a month's end (31 January + P1M is the last
          of February); a last day that is not worked moves on to the next working day;
        - "2027-05-01": that very day, worked or not, because whoever named a day meant it.

        Raises `Unusable` with a sentence for anything else.
        """
        start = local_day(from_moment)
        limit = readable_limit(limit)
        if isinstance(limit, int):
            return end_of_day(self.add_working_days(start, limit))
        if not limit.startswith("P"):
            return end_of_day(date.fromisoformat(limit))
        return end_of_day(self.next_working_day(_add_duration(start, limit)))

    def reminder_days(self, due: datetime, plan: str) -> tuple[date, ...]:
        """The days on which to remind of something due then.

        "-3,-1,1,5" is three and one working days before, one and five after.
        """
        last = local_day(due)
        return tuple(self.add_working_days(last, offset) for offset in reminder_plan(plan))


def readable_limit(limit: object) -> Limit:
    """The limit itself when `Calendar.due` can count it; `Unusable` with a sentence otherwise."""
    if isinstance(limit, bool) or not isinstance(limit, int | str):
        raise Unusable(f"期限 {limit!r} 无法识别：{_LIMIT_HELP}")
    if isinstance(limit, int):
        if not 1 <= limit <= LONGEST_DAYS:
            raise Unusable(f"期限 {limit} 个工作日不成立：请填写 1 到 {LONGEST_DAYS} 之间的天数。")
        return limit
    if limit.startswith("P"):
        _duration_parts(limit)
        return limit
    with suppress(ValueError):
        # fromisoformat also reads "20270501" and week dates; a limit is written in one way only
        if date.fromisoformat(limit).isoformat() == limit:
            return limit
    raise Unusable(f"期限“{limit}”无法识别：{_LIMIT_HELP}")


_LIMIT_HELP = "请填写工作日数（如 5）、日历期限（如 P3M、P1Y、P10D）或日期（如 2027-05-01）。"


def _duration_parts(text: str) -> tuple[int, int]:
    """Months and days of an ISO-8601 duration of years, months, weeks and days."""
    found = DURATION.fullmatch(text)
    years, months, weeks, days = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    parts = years * 12 + months, weeks * 7 + days
    if parts == (0, 0):
        raise Unusable(f"期限“{text}”无法识别：{_LIMIT_HELP}")
    if parts[0] * 31 + parts[1] > LONGEST_DAYS:
        raise Unusable(f"期限“{text}”太长：请填写不超过一百年的期限。")
    return parts


def _add_duration(start: date, text: str) -> date:
    months, days = _duration_parts(text)
    return add_months(start, months) + ONE_DAY * days


def add_months(start: date, months: int) -> date:
    """The same day so many months later, clamped to the last day of that month."""
    year, months_before = divmod(start.year * 12 + start.month - 1 + months, 12)
    month = months_before + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def reminder_plan(text: str) -> tuple[int, ...]:
    """The offsets of a reminder plan such as "-3,-1,1,5", in rising order; `Unusable` for anything else."""
    compact = text.replace(" ", "")
    offsets = tuple(int(part) for part in compact.split(",")) if REMINDERS.fullmatch(compact) else ()
    if not offsets or 0 in offsets or any(b <= a for a, b in pairwise(offsets)):
        raise Unusable(
            f"提醒计划“{text}”无法识别：请按先后写出与期限相差的工作日数，如 -3,-1,1,5（负数为到期前）。"
        )
    return offsets


def local_day(moment: datetime) -> date:
    """The day it is in Liuzhou at an aware moment."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone has no day: {moment.isoformat()}")
    return moment.astimezone(SHANGHAI).date()


def end_of_day(day: date) -> datetime:
    """The last second of a day in Liuzhou, as an aware UTC moment."""
    return datetime.combine(day, END_OF_DAY, SHANGHAI).astimezone(UTC)


def calendar_from(rows: Iterable[tuple[date, bool]]) -> Calendar:
    """The calendar of (day, working) rows."""
    off: set[date] = set()
    make_up: set[date] = set()
    for day, working in rows:
        (make_up if working else off).add(day)
    return Calendar(frozenset(off), frozenset(make_up))


def load_calendar(session: Session, stamps: Mapping[str, str] | None = None) -> Calendar:
    """The calendar as the session's transaction sees it: one lookup, the rows only when they changed.

    `stamps` as for `engine.stamps.Kept.read`.
    """
    return _kept.read(session, stamps)


def _read_calendar(session: Session) -> Calendar:
    return calendar_from(session.exec(select(col(CalendarDay.day), col(CalendarDay.working))))


_kept = Kept(CalendarDay.__table__, _read_calendar)  # type: ignore[attr-defined]


class Clock(Protocol):
    """Whatever says what time it is."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        return datetime.now(UTC)


class SimulatedClock:
    """A clock that stands still until it is moved, and never goes back."""

    def __init__(self, start: datetime) -> None:
        local_day(start)
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was last set to."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Move to a moment; `Refused` when it lies in the past."""
        local_day(moment)
        if moment < self._now:
            raise Refused(
                f"模拟时钟不能倒退：现在是 {self._now.isoformat()}，不能设为 {moment.isoformat()}。"
            )
        self._now = moment.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move on by a span of time."""
        self.set(self._now + by)
