"""Letters: each account once, tried again when a server refuses, and never in a case's way."""

import logging
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine
from sqlmodel import select

from engine import db
from engine.jobs.daily import remind
from engine.jobs.mail import PAUSES, Post, SmtpServer, send_due, to_console
from engine.jobs.telling import tell_everybody
from engine.records.notices.models import Mail, Notification
from engine.records.notices.telling import mark_read, notifications, unread
from tests.worlds import Bureau


class Mailbox:
    """A real mail server's handler: keeps what it is handed, or refuses it."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.refusing = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusing:
            return "451 try again later"
        self.letters.append(envelope)
        return "250 kept"


@pytest.fixture
def mailbox() -> Mailbox:
    """An empty one."""
    return Mailbox()


@pytest.fixture
def post(mailbox: Mailbox) -> Iterator[Post]:
    """A mail server on this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield Post(
            SmtpServer("127.0.0.1", port, security="none").send, "keguan@example.cn", "https://k.example.cn"
        )
    finally:
        controller.stop()


def _told(world: Bureau) -> None:
    """The applicant files, and the recommending unit is reminded three days before it is due."""
    world.accounts["recommender"].email = "tuijian@example.cn"
    world.open("T3-D1-S1")
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    world.now += timedelta(days=2)
    remind(world.session, world.now)
    world.session.commit()


def _mails(engine: Engine) -> list[tuple[str, int]]:
    with db.reading(engine) as session:
        return [(mail.status, mail.attempts) for mail in session.exec(select(Mail))]


def test_a_reminder_reaches_the_screen_and_the_mailbox_once(
    world: Bureau, database: Engine, post: Post, mailbox: Mailbox
) -> None:
    """However often the job runs."""
    _told(world)
    assert [tell_everybody(database, world.now) for _ in range(3)] == [1, 0, 0]
    assert [send_due(database, post, world.now) for _ in range(2)] == [(1, 0), (0, 0)]

    (letter,) = mailbox.letters
    recommender = world.accounts["recommender"]
    (seen,) = notifications(world.session, recommender, 1, 20)
    assert letter.rcpt_tos == ["tuijian@example.cn"]
    assert f"https://k.example.cn/tasks/{seen.work_item_id}" in _text(letter)
    assert (seen.title, unread(world.session, recommender)) == ("到期提醒：审核推荐", 1)
    mark_read(world.session, recommender, world.now)
    assert unread(world.session, recommender) == 0


def _text(envelope: Any) -> str:
    from email import message_from_bytes, policy  # noqa: PLC0415

    letter = message_from_bytes(envelope.content, policy=policy.default)
    assert isinstance(letter, EmailMessage)
    return str(letter.get_content())


def test_a_refused_letter_is_tried_later_and_given_up_in_the_end(
    world: Bureau, database: Engine, post: Post, mailbox: Mailbox
) -> None:
    """Every attempt is counted; in between nothing is tried."""
    mailbox.refusing = True
    _told(world)
    tell_everybody(database, world.now)

    for pause in (*PAUSES, timedelta(0)):
        assert send_due(database, post, world.now) == (0, 1)
        assert send_due(database, post, world.now) == (0, 0)
        world.now += pause
    assert _mails(database) == [("failed", len(PAUSES) + 1)]
    assert "451" in world.session.exec(select(Mail.error)).one()


def test_a_letter_goes_out_once_the_server_is_back(
    world: Bureau, database: Engine, post: Post, mailbox: Mailbox
) -> None:
    """The same letter, on its second attempt."""
    mailbox.refusing = True
    _told(world)
    tell_everybody(database, world.now)
    send_due(database, post, world.now)

    mailbox.refusing = False
    assert send_due(database, post, world.now + PAUSES[0]) == (1, 0)
    assert _mails(database) == [("sent", 2)]


def test_a_paper_of_the_bureau_is_told_to_the_unit(world: Bureau, database: Engine) -> None:
    """The receipt, to every applicant of the unit; without an address on the screen only."""
    world.open("T3-D1-S1")
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    world.do("recommend", "recommend")
    world.do("intake", "accept")
    world.session.commit()

    assert tell_everybody(database, world.now) == 1
    told = world.session.exec(select(Notification)).one()
    assert (told.account_id, told.title.startswith("受理回执")) == (world.accounts["applicant"].id, True)
    assert _mails(database) == []


def test_a_step_done_meanwhile_reminds_nobody(world: Bureau, database: Engine) -> None:
    """The reminder was written before it was done."""
    _told(world)
    world.do("recommend", "recommend")
    world.session.commit()

    assert tell_everybody(database, world.now) == 0


def test_without_a_mail_server_the_letter_is_logged(
    world: Bureau, database: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """So that a bureau trying the system sees what would be sent."""
    _told(world)
    tell_everybody(database, world.now)
    with caplog.at_level(logging.INFO):
        assert send_due(database, Post(to_console, "keguan@example.cn"), world.now) == (1, 0)
    assert "tuijian@example.cn" in caplog.text


def test_another_s_notification_stays_unread(world: Bureau, database: Engine) -> None:
    """One marks one's own only."""
    _told(world)
    tell_everybody(database, world.now)
    seen = world.session.exec(select(Notification)).one()

    mark_read(world.session, world.accounts["intake"], world.now, seen.id)
    assert unread(world.session, world.accounts["recommender"]) == 1
