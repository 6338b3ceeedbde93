"""Telling people (通知作业): notices, today's reminders and vacant seats become notifications, each account once."""

from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine import db
from engine.cases.models import CaseFile, WorkItem
from engine.jobs.models import Reminder
from engine.people.models import Account
from engine.records.notices.models import Notification
from engine.records.notices.telling import News, People, tell, tell_notices, untold
from engine.reviewing.models import PanelMember, ReviewRound
from engine.reviewing.seating import vacancies
from engine.vocabulary import Role

OVERDUE, AHEAD = "逾期催办", "到期提醒"


def tell_everybody(engine: Engine, now: datetime) -> int:
    """Tell of every notice and reminder nobody was told of yet; returns how many notifications are new."""
    with db.writing(engine) as session:
        return tell_notices(session, now) + tell_reminders(session, now) + tell_vacancies(session, now)


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


def tell_vacancies(session: Session, now: datetime) -> int:
    """Tell the drawing officers at once of a seat no backup is left for while the panel scores, and why."""
    told = set(session.exec(select(Notification.source_id).where(Notification.source == "vacancy")))
    found = [(seat, opened) for seat, opened in vacancies(session) if seat.id not in told]
    people = People.of(session) if found else People(())
    drawing = [one for one in people.accounts if Role.DRAWING in one.roles]
    return tell(session, [_vacant(seat, opened, drawing) for seat, opened in found], now)


def _vacant(seat: PanelMember, opened: ReviewRound, drawing: list[Account]) -> News:
    body = (
        f"{opened.title}：第 {seat.panel_no} 个专家组有一席退出且备选已用尽，原因：{seat.reason or '未写明'}。"
        "其余专家继续评分；有效评分不足的，本轮退回抽取环节补抽。"
    )
    at = seat.answered_at or opened.opened_at
    return News("vacancy", seat.id or 0, f"专家席位空缺：{opened.title}", body, at, drawing)


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
