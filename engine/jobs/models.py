"""Tables of the background work (后台作业)."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime


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
