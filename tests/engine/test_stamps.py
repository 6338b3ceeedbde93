"""Reference data kept in memory is never older than its table."""

from datetime import date

from sqlalchemy import Engine, text
from sqlmodel import Session

from engine.clock import CalendarDay, load_calendar
from tests.databases import statements

LABOUR_DAY = date(2024, 5, 1)


def labour_day_off(session: Session) -> None:
    session.add(CalendarDay(day=LABOUR_DAY, working=False, name="劳动节"))
    session.flush()


def test_an_unchanged_calendar_costs_one_lookup(session: Session, database: Engine) -> None:
    """Every step asks for it; almost none of them finds it changed."""
    labour_day_off(session)
    load_calendar(session)
    with statements(database) as sent:
        load_calendar(session)
    assert ["table_stamp" in statement for statement in sent] == [True]


def test_a_change_behind_our_back_is_noticed(session: Session) -> None:
    """Even one typed into the database by hand."""
    labour_day_off(session)
    before = load_calendar(session)
    session.connection().execute(text("DELETE FROM calendar_day"))
    assert (before.is_working(LABOUR_DAY), load_calendar(session).is_working(LABOUR_DAY)) == (False, True)


def test_a_change_that_was_rolled_back_leaves_no_trace(session: Session) -> None:
    """What a failed transaction saw is not what the next one sees."""
    labour_day_off(session)
    session.commit()
    session.connection().execute(text("UPDATE calendar_day SET working = true"))
    inside = load_calendar(session)
    session.rollback()
    assert (inside.days_off, load_calendar(session).days_off) == (frozenset(), {LABOUR_DAY})


def test_an_empty_table_is_read_each_time(session: Session) -> None:
    """Another database's calendar is not mistaken for this one's."""
    assert load_calendar(session).days_off == frozenset()
