"""The table of directions: the whole specification as JSON, and beside it the columns lists filter on."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json


class Direction(SQLModel, table=True):
    """One leaf direction (方向) of one year's guide; `data` is the object that `as_json` gives."""

    __tablename__ = "direction"
    __table_args__ = (
        CheckConstraint("funding_mode in ('post_subsidy', 'milestone', 'unfunded')", name="direction_mode"),
        CheckConstraint("quota is null or quota > 0", name="direction_quota"),
    )

    code: str = Field(primary_key=True)
    guide_year: int = Field(index=True)
    position: int  # in the guide's order: its first line there
    section: str = Field(index=True)
    title: str
    funding_mode: str = Field(index=True)
    payment_trigger: str
    basis: str
    procedure: str = Field(index=True)
    quota: int | None = None
    data: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


class DirectionVersion(SQLModel, table=True):
    """One version of a direction's rules (方向规则版本), from its first change on; version 1 is what was before.

    `data` is the whole direction; `applied_at` is None until its day has come and `direction` holds it.
    """

    __tablename__ = "direction_version"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    code: str
    version: int
    data: dict[str, Any] = Field(sa_type=Json)
    effective_from: date
    clause: str
    note: str = ""
    proposal_id: int | None = None
    applied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
