"""Tables of the notices: what each account was told, and the mail that told it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime


class Notification(SQLModel, table=True):
    """Something one account was told, once (站内通知). `source`: notice | reminder | vacancy, and which one."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("source", "source_id", "account_id"),
        Index("notification_unread", "account_id", "read_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    source: str
    source_id: int
    title: str
    body: str
    case_id: int | None = None
    work_item_id: int | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Mail(SQLModel, table=True):
    """The letter of one notification (邮件), with every attempt counted. It fails for good after the last one."""

    __tablename__ = "mail"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'sent', 'failed')", name="mail_status"),
        Index("mail_pending", "status", "next_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    notification_id: int = Field(foreign_key="notification.id", unique=True)
    address: str
    status: str = "pending"
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)
    error: str = ""
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
