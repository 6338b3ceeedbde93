"""One timeline of a case: its history, the reminders given and the mail sent about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from engine.cases.models import WorkItem
from engine.cases.queries import CaseView
from engine.history import SYSTEM, HistoryEntry
from engine.jobs.models import Reminder
from engine.people.models import Account
from engine.records.notices.models import Mail, Notification
from engine.vocabulary import Role
from web.language import translate as _


@dataclass(frozen=True)
class Event:
    """One line: when, who, what and why. `kind` is the history's verb, or reminder | mail."""

    at: datetime
    actor: str
    kind: str
    summary: str
    role: str = ""
    on_behalf_of: str | None = None


def events_of(session: Session, view: CaseView, *, inside: bool) -> list[Event]:
    """What this reader may know of, oldest first."""
    if not inside:
        return [_entry(one) for one in told_outside(session, view)]
    case_id = view.case.id or 0
    events = [_entry(one) for one in view.timeline]
    events += _reminders(session, case_id)
    events += _mails(session, case_id)
    return sorted(events, key=lambda event: event.at)


def told_outside(session: Session, view: CaseView) -> list[HistoryEntry]:
    """What somebody outside the bureau reads: the unit's and its recommender's own acts, every notice, what was
    done on the unit's behalf, and what the bureau wrote or attached for it.
    """
    homes = [home for home in (view.case.unit_id, view.case.recommender_id) if home is not None]
    accounts = session.exec(select(Account).where(col(Account.organization_id).in_(homes)))
    theirs = {one.login for one in accounts if Role.EXPERT not in one.roles}
    return [entry for entry in view.timeline if entry.actor in theirs or _for_the_unit(entry)]


def _for_the_unit(entry: HistoryEntry) -> bool:
    written = entry.verb in ("attach", "remark") and not entry.payload.get("internal", True)
    return written or entry.verb == "notice" or entry.on_behalf_of is not None


def _entry(entry: HistoryEntry) -> Event:
    return Event(entry.at, entry.actor, entry.verb, entry.summary, entry.actor_role or "", entry.on_behalf_of)


def _reminders(session: Session, case_id: int) -> list[Event]:
    statement = (
        select(Reminder)
        .join(WorkItem, col(WorkItem.id) == Reminder.work_item_id)
        .where(WorkItem.case_id == case_id)
    )
    return [
        Event(one.at, SYSTEM, "reminder", _("催办：%(text)s", text=one.text))
        for one in session.exec(statement)
    ]


def _mails(session: Session, case_id: int) -> list[Event]:
    statement = (
        select(Notification, Mail)
        .join(Mail, col(Mail.notification_id) == Notification.id)
        .where(Notification.case_id == case_id)
    )
    words = {"sent": _("已发出"), "pending": _("待发"), "failed": _("未能发出")}
    return [
        Event(
            mail.sent_at or told.at,
            SYSTEM,
            "mail",
            _(
                "邮件“%(title)s”致 %(address)s：%(word)s",
                title=told.title,
                address=mail.address,
                word=words[mail.status],
            ),
        )
        for told, mail in session.exec(statement)
    ]
