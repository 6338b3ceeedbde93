"""Tables of changing procedure: drafts, stored tests, proposals waiting for a second admin, migrations.

Nothing here is in force by itself: a draft and a proposal change nothing, and an approved proposal is carried
out by the verb of its kind. What is then in force is a `ProcedureRelease`, a policy row, a direction's row or
a calendar day.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json


class ProcedureDraft(SQLModel, table=True):
    """What one admin is editing (草稿): changed files over the files in force. One for each part and admin.

    `key` is the id of the process or decision being edited; `revision` counts the saves, so that two windows
    of one admin do not overwrite each other.
    """

    __tablename__ = "procedure_draft"
    __table_args__ = (UniqueConstraint("key", "owner"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str
    owner: str
    files: dict[str, str] = Field(sa_type=Json)
    base: dict[str, str] = Field(sa_type=Json)
    """The same files as they were in force when the draft was begun."""
    revision: int = 0
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ProcedureTest(SQLModel, table=True):
    """A test kept with a procedure (流程测试), run at every publish.

    `decisions` are the outcomes given at a step or message, in order, where they are not the ordinary ones;
    `actions` the outcomes of named actions; `facts` what the money rule is given. `expected_fen` is the sum
    paid on the way, None when the test does not look at money.
    """

    __tablename__ = "procedure_test"
    __table_args__ = (UniqueConstraint("key", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str
    name: str
    direction_code: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    decisions: dict[str, list[str]] = Field(default_factory=dict, sa_type=Json)
    actions: dict[str, list[str]] = Field(default_factory=dict, sa_type=Json)
    expected_outcome: str
    expected_fen: int | None = Field(default=None, sa_type=BigInteger)
    created_by: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class ChangeProposal(SQLModel, table=True):
    """A change one admin proposes and a second decides on (四眼原则), with its ground and when it takes effect.

    `payload` is what the kind's verb carries out, `report` what was proved, tested and compared beforehand.
    """

    __tablename__ = "change_proposal"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('procedure', 'return', 'policy', 'direction', 'calendar', 'guide')",
            name="proposal_kind",
        ),
        CheckConstraint("status IN ('pending', 'approved', 'refused', 'withdrawn')", name="proposal_status"),
        CheckConstraint("status <> 'approved' OR decided_by <> proposed_by", name="proposal_four_eyes"),
        Index("proposal_by_status", "status", "kind"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    subject: str
    title: str
    payload: dict[str, Any] = Field(sa_type=Json)
    clause: str
    note: str
    effective_at: datetime = Field(sa_type=UtcDateTime)
    status: str = "pending"
    report: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    proposed_by: str
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    decision: str = ""


class MigrationBatch(SQLModel, table=True):
    """Running cases taken from one version of a procedure to another (批量迁移).

    `mapping` is what the admin mapped by hand: "process/element" of the old diagram to the new element's id.
    """

    __tablename__ = "migration_batch"
    __table_args__ = (
        CheckConstraint("status IN ('running', 'finished', 'undone')", name="migration_status"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str
    from_version: str = Field(foreign_key="procedure_version.hash")
    to_version: str = Field(foreign_key="procedure_version.hash")
    mapping: dict[str, str] = Field(default_factory=dict, sa_type=Json)
    reason: str
    status: str = "running"
    started_by: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    undone_by: str | None = None
    undone_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class MigrationCase(SQLModel, table=True):
    """One process of a batch: what became of it, and what the open rows were before, for undoing it."""

    __tablename__ = "migration_case"
    __table_args__ = (
        UniqueConstraint("batch_id", "process_id"),
        CheckConstraint(
            "status IN ('pending', 'done', 'refused', 'failed', 'undone')", name="migration_case_status"
        ),
        Index("migration_case_by_status", "batch_id", "status"),
    )

    id: int | None = Field(default=None, primary_key=True)
    batch_id: int = Field(foreign_key="migration_batch.id")
    process_id: int = Field(foreign_key="process.id")
    case_id: int | None = None
    status: str = "pending"
    reason: str = ""
    revision_before: int | None = None
    revision_after: int | None = None
    rows_before: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)
