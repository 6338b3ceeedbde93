"""The table of guides being read in (指南草稿)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json


class GuideDraft(SQLModel, table=True):
    """One guide's text and what was read from it. `directions` are the catalogue's objects with the admin's
    corrections, `evidence` by code the lines and confidences as read, `corrections` by code the corrected fields.
    """

    __tablename__ = "guide_draft"
    __table_args__ = (CheckConstraint("status IN ('open', 'confirmed', 'discarded')", name="guide_status"),)

    id: int | None = Field(default=None, primary_key=True)
    name: str
    year: int
    lines: list[list[Any]] = Field(sa_type=Json)  # [number, text]
    directions: list[dict[str, Any]] = Field(sa_type=Json)
    evidence: dict[str, dict[str, Any]] = Field(sa_type=Json)
    corrections: dict[str, list[str]] = Field(default_factory=dict, sa_type=Json)
    unparsed: list[dict[str, Any]] = Field(sa_type=Json)
    flags: list[dict[str, Any]] = Field(sa_type=Json)
    status: str = "open"
    imported_by: str
    imported_at: datetime = Field(sa_type=UtcDateTime)
