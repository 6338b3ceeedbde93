"""Telling people (通知作业): notices and today's reminders become notifications, each account once."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine import db
from engine.cases.models import CaseFile, WorkItem
from engine.jobs.models import Reminder
from engine.records.notices.telling import News, People, tell, tell_notices, untold

OVERDUE, AHEAD = "逾期催办", "到期提醒"


def tell_everybody(engine: Engine, now: datetime) -> int:
    """Tell of every notice and reminder nobody was told of yet; returns how many notifications are new."""
    with db.writing(engine) as session:
        return tell_notices(session, now) + tell_reminders(session, now)


def tell_reminders(session: Session, now: datetime) -> int:
    """Tell whoever a reminded step waits for; one that is done meanwhile is nobody's business any more."""
    statement = (
        select(Reminder, WorkItem, CaseFile)
        .join(WorkItem, col(WorkItem.id) == Reminder.work_item_id)
        .outerjoin(CaseFile, col(CaseFile.id) == WorkItem.case_id)
        .where(WorkItem.status == "open", *untold(session, "reminder", col(Reminder.id)))
        .order_by(col(Reminder.id))
    )
    found = session.exec(statement).all()
    people = People.of(session) if found else People(())
    return tell(session, [_news(reminder, item, case, people) for reminder, item, case in found], now)


def _news(reminder: Reminder, item: WorkItem, case: CaseFile | None, people: People) -> News:
    about = f"项目：{case.number or '（未编号）'} {case.title}" if case else ""
    word = OVERDUE if reminder.overdue else AHEAD
    return News(
        "reminder",
        reminder.id or 0,
        f"{word}：{item.name}",
        reminder.text + about,
        reminder.at,
        people.for_step(item),
        case_id=item.case_id,
        work_item_id=item.id,
    )
