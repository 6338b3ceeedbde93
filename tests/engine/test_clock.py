"""Working days, due moments and clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlmodel import Session

from engine import clock
from engine.clock import Calendar, SimulatedClock, SystemClock, UtcDateTime, calendar_from, end_of_day
from engine.errors import Refused, Unusable
from seed.calendar import calendar_days

SHIPPED = calendar_from((row.day, row.working) for row in calendar_days().values())
FRIDAY_BEFORE_MAY = datetime(2024, 4, 26, 9, 0, tzinfo=clock.SHANGHAI)
ONE_HOLIDAY = Calendar(days_off=frozenset({date(2024, 5, 1)}), make_up_days=frozenset({date(2024, 4, 28)}))

DAYS = st.dates(date(2022, 6, 1), date(2033, 6, 1))
CALENDARS = st.builds(
    Calendar,
    days_off=st.frozensets(DAYS, max_size=40),
    make_up_days=st.frozensets(DAYS, max_size=40),
) | st.just(SHIPPED)


@pytest.mark.parametrize(
    ("posted", "last"),
    [
        (date(2023, 4, 26), date(2023, 5, 5)),  # Nanning, over Labour Day
        (date(2023, 7, 31), date(2023, 8, 4)),  # Shanghai, an ordinary week
        (date(2024, 9, 28), date(2024, 10, 10)),  # posted on a Saturday before a worked Sunday
    ],
)
def test_a_notice_counts_its_posting_day_as_day_one(posted: date, last: date) -> None:
    """The two notices found in the wild are five working days only when counted so."""
    assert SHIPPED.notice_end(posted, 5) == last


@pytest.mark.parametrize(
    ("limit", "last"),
    [
        (1, date(2024, 4, 28)),  # the worked Sunday
        (5, date(2024, 5, 7)),
        ("P10D", date(2024, 5, 6)),
        ("P7D", date(2024, 5, 6)),  # Friday 3 May is a holiday: on to Monday
        ("P1M", date(2024, 5, 27)),  # 26 May is a Sunday
        ("P2W", date(2024, 5, 10)),
        ("P1Y", date(2025, 4, 27)),  # a Saturday, and the Sunday after it is worked
        ("2027-05-01", date(2027, 5, 1)),
    ],
)
def test_a_limit_ends_with_its_last_day(limit: int | str, last: date) -> None:
    """Working days, calendar spans and fixed days all end at 23:59:59 in Liuzhou."""
    assert SHIPPED.due(limit, FRIDAY_BEFORE_MAY) == end_of_day(last)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 11, 30), 3, date(2025, 2, 28)),
        (date(2024, 12, 1), 1, date(2025, 1, 1)),
    ],
)
def test_months_are_clamped_at_the_end_of_a_month(start: date, months: int, expected: date) -> None:
    """There is no 30 February."""
    assert clock.add_months(start, months) == expected


def test_the_starting_day_is_the_day_in_liuzhou() -> None:
    """At 17:00 UTC on 26 April it is already the 27th there: one working day later is Sunday the 28th."""
    evening = datetime(2024, 4, 26, 17, 0, tzinfo=UTC)
    assert SHIPPED.due(1, evening) == datetime(2024, 4, 28, 15, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "limit",
    [
        0,
        -1,
        10**9,
        True,
        None,
        2.5,
        "",
        "P",
        "PT5H",
        "P0D",
        "P-1D",
        "P99999Y",
        "5",
        "20270501",
        "2027-02-30",
        "soon",
    ],
)
def test_an_unreadable_limit_is_a_sentence(limit: object) -> None:
    """A mistyped limit in a diagram is refused in words, at once."""
    with pytest.raises(Unusable, match="期限"):
        SHIPPED.due(limit, FRIDAY_BEFORE_MAY)  # type: ignore[arg-type]


def test_reminders_fall_on_working_days_around_the_due_day() -> None:
    """Three and one before, one and five after, over a holiday and a worked Sunday."""
    due = end_of_day(date(2024, 4, 30))
    assert SHIPPED.reminder_days(due, "-3, -1, 1, 5") == (
        date(2024, 4, 26),
        date(2024, 4, 29),
        date(2024, 5, 6),
        date(2024, 5, 10),
    )


@pytest.mark.parametrize("plan", ["", "1,", "soon", "0", "1,1", "5,-1", "1.5"])
def test_an_unreadable_reminder_plan_is_a_sentence(plan: str) -> None:
    """The sentence shows how to write one."""
    with pytest.raises(Unusable, match="提醒计划"):
        clock.reminder_plan(plan)


@given(CALENDARS, DAYS, st.integers(0, 60))
def test_adding_working_days_agrees_with_a_naive_loop(calendar: Calendar, start: date, count: int) -> None:
    """The count-th working day after the start, found by listing days."""
    after = (start + timedelta(days=n) for n in range(1, 2000))
    worked = [day for day, _ in zip((d for d in after if calendar.is_working(d)), range(count), strict=False)]
    assert calendar.add_working_days(start, count) == (worked[-1] if count else start)


@given(CALENDARS, DAYS, st.integers(1, 60))
def test_between_counts_what_was_added(calendar: Calendar, start: date, count: int) -> None:
    """Counting is the inverse of adding, in both directions."""
    end = calendar.add_working_days(start, count)
    assert (calendar.working_days_between(start, end), calendar.working_days_between(end, start)) == (
        count,
        -count,
    )


@given(CALENDARS, DAYS, st.integers(1, 30))
def test_a_notice_holds_exactly_its_working_days(calendar: Calendar, posted: date, count: int) -> None:
    """From the posting day to the end, both included, there are as many working days as announced."""
    end = calendar.notice_end(posted, count)
    assert calendar.working_days_between(posted - timedelta(days=1), end) == count


@given(CALENDARS, DAYS, st.integers(1, 30))
def test_going_back_undoes_going_forward(calendar: Calendar, start: date, count: int) -> None:
    """From a working day forward and back is where one was."""
    start = calendar.next_working_day(start)
    assert calendar.add_working_days(calendar.add_working_days(start, count), -count) == start


def test_a_calendar_says_what_is_a_working_day() -> None:
    """A holiday on a Wednesday, a worked Sunday, an ordinary Monday and Saturday."""
    days = [date(2024, 5, 1), date(2024, 4, 28), date(2024, 5, 6), date(2024, 5, 11)]
    assert [ONE_HOLIDAY.is_working(day) for day in days] == [False, True, True, False]


def test_a_simulated_clock_stands_still_until_moved_and_never_goes_back() -> None:
    """A year can be walked through, but not backwards."""
    simulated = SimulatedClock(datetime(2024, 3, 1, 8, tzinfo=clock.SHANGHAI))
    simulated.advance(timedelta(days=1))
    assert simulated.now() == datetime(2024, 3, 2, 0, tzinfo=UTC)
    with pytest.raises(Refused, match="不能倒退"):
        simulated.set(datetime(2024, 3, 1, tzinfo=UTC))


def test_the_system_clock_is_in_utc() -> None:
    """Every moment of ours is aware."""
    assert SystemClock().now().tzinfo is UTC


def test_a_moment_reads_back_equal_from_the_database(session: Session) -> None:
    """SQLite drops zones and PostgreSQL converts them; our column gives the same UTC moment back."""
    table = Table("moments", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime))
    moment = datetime(2024, 5, 1, 8, 30, 0, 123456, tzinfo=clock.SHANGHAI)
    table.create(session.connection())
    session.execute(insert(table).values(at=moment))
    stored = session.execute(select(table.c.at)).scalar_one()
    assert (stored, stored.tzinfo) == (moment, UTC)


def test_a_moment_without_a_zone_is_a_bug() -> None:
    """A naive moment could mean two different days."""
    with pytest.raises(ValueError, match="without a time zone"):
        clock.local_day(datetime(2024, 5, 1))  # noqa: DTZ001
