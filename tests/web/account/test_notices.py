"""The bell and the list of notices."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import select

from engine import db
from engine.people.models import Account
from engine.records.notices.models import Mail, Notification

Enter = Callable[[str], FlaskClient]
NOON = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)


def _told(engine: Engine, login: str, number: int) -> int:
    """Tell an account something; returns the notification's number."""
    with db.writing(engine) as session:
        account = session.exec(select(Account).where(Account.login == login)).one()
        row = Notification(
            account_id=account.id or 0,
            source="notice",
            source_id=number,
            title=f"示例通知{number}",
            body="请办理。",
            case_id=7,
            at=NOON,
        )
        session.add(row)
        session.flush()
        session.add(Mail(notification_id=row.id or 0, address="a@example.cn", status="failed", next_at=NOON))
        return row.id or 0


def test_the_bell_counts_what_is_unread(signed_in: Enter, furnished: Engine) -> None:
    """Opening one marks it and leads to the case; the others can be marked at once."""
    first = _told(furnished, "approver", 901)
    _told(furnished, "approver", 902)
    approver = signed_in("approver")
    assert "2 条未读" in approver.get("/inbox").text

    assert approver.post(f"/notices/{first}").location == "/cases/7"
    assert "1 条未读" in approver.get("/notices").text
    approver.post("/notices/read")
    assert "条未读" not in approver.get("/notices").text


def test_the_list_says_how_the_letter_fared(signed_in: Enter, furnished: Engine) -> None:
    """And is empty in a sentence for who was told nothing."""
    _told(furnished, "planning", 903)

    assert "发送失败" in signed_in("planning").get("/notices").text
    assert "还没有通知" in signed_in("drawing").get("/notices").text


def test_another_s_notice_is_not_opened(signed_in: Enter, furnished: Engine) -> None:
    """It is as if there were none."""
    number = _told(furnished, "planning", 904)

    assert signed_in("drawing").post(f"/notices/{number}").status_code == 404


def test_a_token_is_shown_once_and_revoked(signed_in: Enter) -> None:
    """In one's own account."""
    client = signed_in("finance")
    shown = client.post("/account/tokens", data={"name": "财务系统"}).text

    assert "kg_" in shown
    page = client.get("/account").text
    assert "财务系统" in page
    number = page.split("/account/tokens/")[1].split("/")[0]
    client.post(f"/account/tokens/{number}/revocation")
    assert "已撤销" in client.get("/account").text


def test_an_address_for_notices_is_checked(signed_in: Enter) -> None:
    """And may be emptied again."""
    client = signed_in("finance")

    assert client.post("/account/email", data={"email": "nowhere"}).status_code == 400
    assert client.post("/account/email", data={"email": "f@example.cn"}).status_code == 302
    assert 'value="f@example.cn"' in client.get("/account").text
