"""Sending letters (发送邮件): each in a transaction of its own, tried again later and later, never twice once sent.

The letter's Message-ID is its row's, so that a mailbox shows one letter even when a server died between sending
it and noting so.
"""

import logging
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from sqlalchemy import Engine, update
from sqlmodel import col, select

from engine import db
from engine.records.notices.models import Mail, Notification

LOG = logging.getLogger(__name__)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720))
"""How long to wait after each attempt that failed; after the last one the letter has failed for good."""
LEASE = timedelta(minutes=10)
"""How long a server has for an attempt before another one may try."""
MOST_AT_ONCE = 200
SECONDS = 20

Sender = Callable[[EmailMessage], None]


@dataclass(frozen=True)
class Post:
    """How letters are sent: `sender` carries one, `author` is its From, `site` the address links begin with."""

    sender: Sender
    author: str
    site: str = ""


@dataclass(frozen=True)
class SmtpServer:
    """A mail server; `security` is starttls, tls or none."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "starttls"

    def send(self, letter: EmailMessage) -> None:
        """Hand one letter over; OSError or SMTPException when the server does not take it."""
        context = ssl.create_default_context()
        with self._connect(context) as server:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
            server.send_message(letter)

    def _connect(self, context: ssl.SSLContext) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=SECONDS)


def to_console(letter: EmailMessage) -> None:
    """What happens without a mail server: the letter is written to the log."""
    LOG.info("邮件 → %s：%s\n%s", letter["To"], letter["Subject"], letter.get_content())


def send_due(engine: Engine, post: Post, now: datetime) -> tuple[int, int]:
    """Try every letter whose time has come; returns how many were sent and how many failed this time."""
    with db.reading(engine) as session:
        statement = select(Mail.id).where(Mail.status == "pending", col(Mail.next_at) <= now)
        due = session.exec(statement.order_by(col(Mail.id)).limit(MOST_AT_ONCE)).all()
    results = [_send_one(engine, key, post, now) for key in due if key is not None]
    return results.count(True), results.count(False)


def _send_one(engine: Engine, key: int, post: Post, now: datetime) -> bool | None:
    """True sent, False failed, None when another server has it in hand."""
    with db.writing(engine) as session:
        claim = (
            update(Mail)
            .where(col(Mail.id) == key, col(Mail.status) == "pending", col(Mail.next_at) <= now)
            .values(next_at=now + LEASE, attempts=Mail.attempts + 1)
        )
        if session.exec(claim).rowcount != 1:
            return None
        mail = session.get_one(Mail, key)
        letter = letter_of(mail, session.get_one(Notification, mail.notification_id), post)
    try:
        post.sender(letter)
    except Exception as problem:  # whatever a mail server does, the letter waits and everything else goes on
        LOG.warning("邮件 %s 未能发出：%s", key, problem)
        _note(engine, key, now, str(problem) or type(problem).__name__)
        return False
    _note(engine, key, now, None)
    return True


def _note(engine: Engine, key: int, now: datetime, problem: str | None) -> None:
    with db.writing(engine) as session:
        mail = session.get_one(Mail, key)
        if problem is None:
            mail.status, mail.sent_at, mail.error = "sent", now, ""
            return
        mail.error = problem[:500]
        if mail.attempts > len(PAUSES):
            mail.status = "failed"
        else:
            mail.next_at = now + PAUSES[mail.attempts - 1]


def letter_of(mail: Mail, notification: Notification, post: Post) -> EmailMessage:
    """The letter of a notification, with a link to the page where something can be done about it."""
    letter = EmailMessage()
    letter["From"], letter["To"] = post.author, mail.address
    letter["Subject"] = f"【科管】{_one_line(notification.title)}"
    letter["Date"] = format_datetime(notification.at)
    letter["Message-ID"] = f"<keguan-mail-{mail.id}@{post.author.rpartition('@')[2].rstrip('>') or 'keguan'}>"
    letter["Auto-Submitted"] = "auto-generated"
    lines = [notification.body]
    if post.site:
        lines += ["", f"办理：{post.site.rstrip('/')}{place_of(notification)}"]
    lines += ["", "此邮件由系统自动发出，请勿回复；可在“我的账号”中更换或清空邮箱。"]
    letter.set_content("\n".join(lines))
    return letter


def place_of(notification: Notification) -> str:
    """The page a notification is about."""
    if notification.work_item_id is not None:
        return f"/tasks/{notification.work_item_id}"
    if notification.source == "vacancy":
        return f"/notices/seats/{notification.source_id}"
    return f"/cases/{notification.case_id}" if notification.case_id is not None else "/"


def _one_line(text: str) -> str:
    return " ".join(text.split())
