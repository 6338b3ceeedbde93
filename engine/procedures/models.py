"""Tables of the procedures: immutable versions, named by the hash of everything they run."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json


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
