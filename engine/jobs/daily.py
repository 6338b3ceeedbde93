"""What happens once a day (每日作业): approved rules put in force, reminders, the anchor of the history,
and fresh statistics for the database's choice of indexes.

All are idempotent: a version is applied once, a reminder is unique by step and day, an anchor by day.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, exists
from sqlmodel import Session, col, func, select

from engine import db, history, policy
from engine.cases.inbox import OPEN
from engine.cases.models import Process, WorkItem
from engine.catalogue import editions
from engine.clock import load_calendar, local_day
from engine.jobs.models import Reminder
from engine.procedures import versions

HORIZON = timedelta(days=60)
"""How far from its due date a step can have a reminder: beyond the longest plan."""


def run_daily(engine: Engine, now: datetime) -> int:
    """Give today's reminders and anchor the days that are over; returns how many reminders were given.

    Whom to remind is looked for among all open steps, so first without holding the writer.
    """
    with db.reading(engine) as session:
        waiting = bool(unreminded(session, now))
    with db.writing(engine) as session:
        put_in_force(session, now)
        given = remind(session, now) if waiting else 0
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
    items = unreminded(session, now)
    session.add_all(_reminder(item, local_day(now), now) for item in items)
    session.flush()
    return len(items)


def unreminded(session: Session, now: datetime) -> list[WorkItem]:
    """The open steps to be reminded of today that were not yet; steps of one kind and due day are judged as one."""
    today, calendar = local_day(now), load_calendar(session)
    default = policy.value(session, "reminders_default", today)
    kind = select(Process.version, WorkItem.process_key, WorkItem.element, col(WorkItem.due_at))
    open_steps = kind.join(Process, col(Process.id) == WorkItem.process_id).distinct()
    near = open_steps.where(OPEN, col(WorkItem.due_at) > now - HORIZON, col(WorkItem.due_at) < now + HORIZON)
    due: list[WorkItem] = []
    for version, process_key, element, moment in session.exec(near).all():
        plan = versions.load(session, version).element(process_key, element).properties.get("reminders")
        if moment and today in calendar.reminder_days(moment, plan or default):
            due += _untold_today(session, version, process_key, element, moment, today)
    return due


def _untold_today(
    session: Session, version: str, process_key: str, element: str, moment: datetime, today: date
) -> Sequence[WorkItem]:
    told = exists().where(col(Reminder.work_item_id) == WorkItem.id, col(Reminder.day) == today)
    statement = select(WorkItem).join(Process, col(Process.id) == WorkItem.process_id)
    return session.exec(
        statement.where(
            OPEN,
            Process.version == version,
            WorkItem.process_key == process_key,
            WorkItem.element == element,
            WorkItem.due_at == moment,
            ~told,
        )
    ).all()


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
