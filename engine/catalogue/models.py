"""The table of directions: the whole specification as JSON, and beside it the columns lists filter on."""

from typing import Any

from sqlalchemy import CheckConstraint, Column
from sqlmodel import Field, SQLModel

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
