"""The shipped calendar is the State Council's, and loads once."""

from datetime import date

from sqlmodel import Session

from engine.clock import Calendar, CalendarDay, calendar_from, load_calendar
from seed.calendar import calendar_days, load_calendar_days


def shipped() -> Calendar:
    return calendar_from((row.day, row.working) for row in calendar_days().values())


def test_rows_are_exceptions_only() -> None:
    """No row repeats what Monday-Friday says already."""
    assert [row for row in calendar_days().values() if row.working == (row.day.weekday() < 5)] == []


def test_published_years_have_the_right_number_of_working_days() -> None:
    """Known totals of the published years catch a mistyped day."""
    calendar = shipped()
    totals = {
        year: calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31))
        for year in (2023, 2024, 2025, 2026)
    }
    assert totals == {2023: 249, 2024: 251, 2025: 248, 2026: 248}


def test_the_spring_festival_of_2024_and_its_make_up_days() -> None:
    """Off from 10 to 17 February; Sundays 4 and 18 February are worked; New Year's Eve was a working day."""
    calendar = shipped()
    days = [date(2024, 2, n) for n in range(4, 19)]
    assert [day.day for day in days if calendar.is_working(day)] == [4, 5, 6, 7, 8, 9, 18]


def test_years_after_the_last_notice_are_provisional() -> None:
    """2026 is published, 2027 is not."""
    noted = {(row.day.year, row.provisional) for row in calendar_days().values()}
    assert {one for one in noted if one[0] in (2026, 2027)} == {(2026, False), (2027, True)}


def test_a_corrected_year_is_left_alone(session: Session) -> None:
    """Loading again adds nothing, and never overwrites what an administrator entered."""
    session.add(CalendarDay(day=date(2027, 2, 5), working=False, name="春节", provisional=False))
    session.flush()
    first = load_calendar_days(session)
    assert (first > 0, load_calendar_days(session)) == (True, 0)
    assert load_calendar(session).is_working(date(2027, 2, 8))
