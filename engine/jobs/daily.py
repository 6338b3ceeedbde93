"""What happens once a day (每日作业): approved rules put in force, reminders, the anchor of the history,
and fresh statistics for the database's choice of indexes.

All are idempotent: a version is applied once, a reminder is unique by step and day, an anchor by day.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from engine import db, history, policy
from engine.cases.models import Process, WorkItem
from engine.catalogue import editions
from engine.clock import Calendar, load_calendar, local_day
from engine.jobs.models import Reminder
from engine.procedures import versions

HORIZON = timedelta(days=60)
"""How far from its due date a step can have a reminder: beyond the longest plan."""


def run_daily(engine: Engine, now: datetime) -> int:
    """Give today's reminders and anchor the days that are over; returns how many reminders were given."""
    with db.writing(engine) as session:
        put_in_force(session, now)
        given = remind(session, now)
        new_day = anchor_yesterday(session, now)
    if new_day:
        db.refresh_statistics(engine)
    return given


def put_in_force(session: Session, now: datetime) -> None:
    """Put the approved versions of directions in force whose day has come."""
    for row in editions.apply_due(session, local_day(now), now):
        history.record(
            session,
            f"change:direction:{row.code}",
            at=now,
            actor=history.SYSTEM,
            verb="in_force",
            summary=f"方向 {row.code} 的第 {row.version} 版规则生效（依据：{row.clause}）",
            payload={"version": row.version, "proposal": row.proposal_id},
        )


def anchor_yesterday(session: Session, now: datetime) -> bool:
    """Anchor the history up to the end of yesterday, once; whether it was now."""
    yesterday = local_day(now) - timedelta(days=1)
    newest = session.exec(select(func.max(history.HistoryAnchor.day))).one()
    if newest is not None and newest >= yesterday:
        return False
    history.anchor_day(session, yesterday)
    return True


def remind(session: Session, now: datetime) -> int:
    """Write the reminders whose day has come; the holder sees them, or the whole group."""
    today, calendar = local_day(now), load_calendar(session)
    default = policy.value(session, "reminders_default", today)
    open_items = select(WorkItem, Process.version).join(Process, col(Process.id) == WorkItem.process_id)
    near = open_items.where(
        WorkItem.status == "open",
        col(WorkItem.due_at) > now - HORIZON,
        col(WorkItem.due_at) < now + HORIZON,
    )
    known = set(session.exec(select(Reminder.work_item_id).where(Reminder.day == today)))
    given = 0
    for item, version in session.exec(near).all():
        element = versions.load(session, version).element(item.process_key, item.element)
        plan = element.properties.get("reminders") or default
        if _is_due(calendar, item, plan, today) and item.id not in known:
            session.add(_reminder(item, today, now))
            given += 1
    return given


def _is_due(calendar: Calendar, item: WorkItem, plan: str, today: date) -> bool:
    assert item.due_at is not None
    return today in calendar.reminder_days(item.due_at, plan)


def _reminder(item: WorkItem, today: date, now: datetime) -> Reminder:
    assert item.due_at is not None
    due = local_day(item.due_at)
    overdue = due < today
    word = f"已于 {due} 超期，请尽快办理" if overdue else f"将于 {due} 到期，请按时办理"
    return Reminder(
        work_item_id=item.id or 0,
        day=today,
        overdue=overdue,
        role=item.role,
        holder_id=item.holder_id,
        text=f"“{item.name}”{word}。",
        at=now,
    )
