"""Tables of the review rounds (评审轮次): the group, its panel, every score, the ranking, the notice."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json


class ReviewRound(SQLModel, table=True):
    """One batch of one competition group (评审组): its applications are ranked against each other only.

    `quota` is how many may be established, None where the guide states none; `panel_no` counts the panels drawn.
    """

    __tablename__ = "review_round"
    __table_args__ = (CheckConstraint("quota IS NULL OR quota > 0", name="round_quota_positive"),)

    id: int | None = Field(default=None, primary_key=True)
    direction_code: str = Field(index=True)
    title: str
    quota: int | None = None
    panel_no: int = 0
    document_number: str | None = None
    announced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime = Field(sa_type=UtcDateTime)


class RoundEntry(SQLModel, table=True):
    """One application in a round: its mean score, rank, the review's result and the decision on it.

    `mean` is an exact decimal written as text. `result`: recommended | reserve | rejected; `decision`: fund | decline.
    """

    __tablename__ = "round_entry"
    __table_args__ = (
        UniqueConstraint("round_id", "case_id"),
        CheckConstraint("approved_fen >= 0", name="entry_not_negative"),
        Index("round_entry_case", "case_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="review_round.id")
    case_id: int = Field(foreign_key="case_file.id")
    mean: str | None = None
    rank: int | None = None
    tie_break: str = ""
    trace: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    result: str | None = None
    visit_passed: bool | None = None
    decision: str | None = None
    decision_reason: str = ""
    approved_fen: int = Field(default=0, sa_type=BigInteger)
    disputed: bool = False
    announced: str | None = None


class PanelMember(SQLModel, table=True):
    """An expert in a round's panel; a later panel of the same round has a higher `panel_no`."""

    __tablename__ = "panel_member"
    __table_args__ = (UniqueConstraint("round_id", "panel_no", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="review_round.id")
    panel_no: int
    account_id: int = Field(foreign_key="account.id", index=True)
    excused: bool = False
    excuse: str = ""


class Score(SQLModel, table=True):
    """One expert's score of one application (评分), never overwritten. `total` is an exact decimal as text."""

    __tablename__ = "score"
    __table_args__ = (UniqueConstraint("round_id", "panel_no", "case_id", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="review_round.id")
    panel_no: int
    case_id: int = Field(foreign_key="case_file.id")
    account_id: int = Field(foreign_key="account.id")
    points: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    total: str
    recommend: bool
    opinion: str = ""
    at: datetime = Field(sa_type=UtcDateTime)


class PublicNotice(SQLModel, table=True):
    """A public notice (公示): posting day is day one of its working days."""

    __tablename__ = "public_notice"

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="review_round.id", index=True)
    title: str
    posted_on: date
    ends_on: date
    cases: list[int] = Field(default_factory=list, sa_type=Json)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Objection(SQLModel, table=True):
    """An objection during notice (异议). Who raised it is confidential; only the disputed case pauses.

    `verdict`: upheld | dismissed | refused (不予受理); None while it is open.
    """

    __tablename__ = "objection"

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="round_entry.id", index=True)
    raised_by: str
    contact: str
    content: str
    verdict: str | None = None
    raised_at: datetime = Field(sa_type=UtcDateTime)
