"""Tables of what is kept beside a case: files, remarks, and forms not yet sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json
from engine.triggers import append_only


class Attachment(SQLModel, table=True):
    """One version of a file of a case (附件). The content lies beside the database under its SHA-256.

    A file of the same name is its next version; `internal` ones only the bureau opens. `purpose` is
    material | scan: what a unit hands in, or the paper an officer entered something from (代录).
    """

    __tablename__ = "attachment"
    __table_args__ = (
        UniqueConstraint("case_id", "name", "version"),
        CheckConstraint("size > 0", name="attachment_not_empty"),
        CheckConstraint("purpose IN ('material', 'scan')", name="attachment_purpose"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id")
    name: str
    version: int
    sha256: str
    size: int = Field(sa_type=BigInteger)
    """In bytes."""
    kind: str
    """What its content was found to be, by the ending of such files: pdf, docx, png …"""
    purpose: str = "material"
    internal: bool = False
    note: str = ""
    by: str
    on_behalf_of: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)


class Remark(SQLModel, table=True):
    """Something said about a case (留言): among officers, or to its unit."""

    __tablename__ = "remark"
    __table_args__ = (Index("remark_case", "case_id"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id")
    text: str
    internal: bool
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class FormDraft(SQLModel, table=True):
    """A form somebody has begun and not sent (草稿): one for each step and person, gone once the step is done."""

    __tablename__ = "form_draft"

    work_item_id: int = Field(foreign_key="work_item.id", primary_key=True)
    account_id: int = Field(foreign_key="account.id", primary_key=True)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    saved_at: datetime = Field(sa_type=UtcDateTime)


append_only(Attachment.__table__)  # type: ignore[attr-defined]
append_only(Remark.__table__)  # type: ignore[attr-defined]
