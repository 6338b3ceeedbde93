"""Reminders before and after a due date, once each, and the daily anchor."""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel import Session, select

from engine.history import HistoryAnchor, verify
from engine.jobs.daily import anchor_yesterday, remind, run_daily
from engine.jobs.models import Reminder
from tests.worlds import MARCH, bureau


def test_a_step_is_reminded_of_before_and_after_its_due_date_once_a_day(session: Session) -> None:
    """推荐 is due in 5 working days: reminders 3 and 1 working days before, 1 and 5 after; never twice a day."""
    world = bureau(session)
    world.open("T3-D1-S1")
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    for _ in range(20):
        remind(session, world.now)
        remind(session, world.now)
        world.now += timedelta(days=1)
    rows = session.exec(select(Reminder.day, Reminder.overdue).order_by(Reminder.day)).all()  # type: ignore[arg-type]
    assert [(day.isoformat(), overdue) for day, overdue in rows] == [
        ("2024-03-13", False),
        ("2024-03-15", False),
        ("2024-03-19", True),
        ("2024-03-25", True),
    ]


def test_a_day_is_anchored_once(session: Session) -> None:
    """The sweep may wake as often as it likes."""
    world = bureau(session)
    world.open("T3-D1-S1")
    session.commit()
    done = [anchor_yesterday(session, world.now + timedelta(days=1)) for _ in range(2)]
    assert (done, len(session.exec(select(HistoryAnchor)).all()), verify(session)) == ([True, False], 1, [])


def test_the_first_run_of_a_day_refreshes_what_the_database_knows_of_its_rows(session: Session) -> None:
    """SQLite keeps statistics of every index from then on; PostgreSQL keeps its own."""
    engine = bureau(session).session.get_bind().engine
    session.commit()
    run_daily(engine, MARCH)
    run_daily(engine, MARCH)
    if engine.dialect.name == "sqlite":
        assert "account" in session.connection().scalars(text("SELECT tbl FROM sqlite_stat1")).all()
