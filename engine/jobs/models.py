"""Tables of the background work (后台作业)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json


class Reminder(SQLModel, table=True):
    """A reminder given (催办记录): for which step, for which day of its plan, to whom; once a day,
    however often the job runs.
    """

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("work_item_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    work_item_id: int = Field(foreign_key="work_item.id")
    day: date
    overdue: bool
    role: str
    holder_id: int | None = None
    text: str
    at: datetime = Field(sa_type=UtcDateTime)


class Webhook(SQLModel, table=True):
    """An address told about what happens to cases (事件推送). `secret` signs every delivery."""

    __tablename__ = "webhook"

    id: int | None = Field(default=None, primary_key=True)
    url: str
    secret: str
    verbs: list[str] = Field(default_factory=list, sa_type=Json)
    """The history verbs it is told of; empty for all."""
    position: int = Field(default=0, sa_type=BigInteger)
    """Every history entry up to this one has its delivery."""
    failures: int = 0
    """Attempts that failed since one last succeeded."""
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_reason: str = ""


class WebhookDelivery(SQLModel, table=True):
    """One event on its way to one address (推送记录), once per event. `answer` is the HTTP status last received."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("webhook_id", "entry_id"),
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="webhook_delivery_status"),
        Index("webhook_delivery_pending", "status", "next_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    webhook_id: int = Field(foreign_key="webhook.id")
    entry_id: int = Field(sa_type=BigInteger)
    verb: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    status: str = "pending"
    attempts: int = 0
    next_at: datetime = Field(sa_type=UtcDateTime)
    answer: int | None = None
    error: str = ""
    made_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
