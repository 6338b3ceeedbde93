"""The State Council's holiday arrangements as calendar rows: `load_calendar_days` fills the table once."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from engine.clock import ONE_DAY, SATURDAY, CalendarDay

SOURCE = Path(__file__).with_suffix(".toml")


class Holiday(BaseModel):
    """One holiday of one year: the days off, first and last, and the weekend days worked for them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    days: tuple[date, date]
    worked: list[date] = Field(default_factory=list)
    provisional: bool = False


def holidays() -> list[Holiday]:
    """All holidays of the shipped file."""
    return [Holiday.model_validate(row) for row in tomllib.loads(SOURCE.read_text("utf-8"))["holidays"]]


def exceptions(holiday: Holiday) -> Iterator[CalendarDay]:
    """The rows of a holiday: only weekdays off and weekend days worked, for the table holds exceptions."""
    day, last = holiday.days
    while day <= last:
        if day.weekday() < SATURDAY:
            yield _row(holiday, day, working=False)
        day += ONE_DAY
    for day in holiday.worked:
        yield _row(holiday, day, working=True)


def _row(holiday: Holiday, day: date, *, working: bool) -> CalendarDay:
    name = f"{holiday.name}调休上班" if working else holiday.name
    return CalendarDay(day=day, working=working, name=name, provisional=holiday.provisional)


def calendar_days() -> dict[date, CalendarDay]:
    """Every exception of the shipped file, by day; two holidays may share one (中秋 within 国庆)."""
    return {row.day: row for holiday in holidays() for row in exceptions(holiday)}


def load_calendar_days(session: Session) -> int:
    """Add the shipped days of years the table knows nothing about; returns how many.

    A year that has rows is left alone, because an administrator may have corrected it.
    """
    known = {day.year for day in session.exec(select(col(CalendarDay.day)))}
    new = [row for row in calendar_days().values() if row.day.year not in known]
    session.add_all(new)
    session.flush()
    return len(new)
