"""Tables of the procedures: immutable versions, named by the hash of everything they run, and their releases."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json
from engine.triggers import append_only


class ProcedureVersion(SQLModel, table=True):
    """One published procedure (流程版本): its diagram and every diagram it calls, under one hash.

    `sources` maps file names to XML text. A version never changes; a case keeps the one it began with.
    """

    __tablename__ = "procedure_version"
    __table_args__ = (Index("procedure_version_in_force", "key", "effective_from"),)

    hash: str = Field(primary_key=True)
    key: str
    title: str
    sources: dict[str, str] = Field(sa_type=Json)
    note: str = ""
    published_by: str = ""
    published_at: datetime = Field(sa_type=UtcDateTime)
    effective_from: datetime = Field(sa_type=UtcDateTime)
    """When it was first in force; see `ProcedureRelease` for what is in force now."""


class ProcedureRelease(SQLModel, table=True):
    """A version of a procedure put in force (生效记录); going back to an earlier version is another row.

    The newest row whose moment has come says what new cases start on. Rows are never changed.
    """

    __tablename__ = "procedure_release"
    __table_args__ = (Index("procedure_release_in_force", "key", "effective_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str
    version: str = Field(foreign_key="procedure_version.hash")
    effective_at: datetime = Field(sa_type=UtcDateTime)
    clause: str = ""
    """The rule or document the change rests on (依据)."""
    note: str = ""
    released_by: str
    approved_by: str = ""
    released_at: datetime = Field(sa_type=UtcDateTime)
    proposal_id: int | None = None


append_only(ProcedureRelease.__table__)  # type: ignore[attr-defined]
