"""Tables of the cases: the application, its processes with their kept states, work items, waits and messages.

Money is integer fen. The process state is a compressed blob that only the door reads; every list and screen lives
on the plain rows beside it, which the same transaction keeps true.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json
from engine.triggers import append_only


class CaseFile(SQLModel, table=True):
    """One application and all that becomes of it (申报项目). `facts` is the application as last submitted."""

    __tablename__ = "case_file"
    __table_args__ = (
        CheckConstraint("requested_fen >= 0 AND approved_fen >= 0", name="case_money_not_negative"),
        Index("case_by_direction", "direction_code", "status"),
        Index("case_by_unit", "unit_id", "opened_at", "id"),
        Index("case_by_status", "status", "opened_at", "id"),
        Index("case_by_guide", "direction_code", "opened_at", "id"),
        Index("case_by_opened", "opened_at", "id"),
        Index("case_by_requested", "requested_fen", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, unique=True)
    direction_code: str
    title: str = ""
    unit_id: int
    recommender_id: int | None = None
    applicant_id: int
    status: str
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    requested_fen: int = Field(default=0, sa_type=BigInteger)
    approved_fen: int = Field(default=0, sa_type=BigInteger)
    starts_on: date | None = None
    ends_on: date | None = None
    corrections: int = 0
    rectifications: int = 0
    disputed: bool = False
    frozen: bool = False
    opened_at: datetime = Field(sa_type=UtcDateTime)


class Settlement(SQLModel, table=True):
    """What implementation and acceptance established about one case (核定结果): the only input of the money rule.

    `acceptance` is passed | failed | terminated | pending. Amounts are None until somebody verified them.
    """

    __tablename__ = "settlement"

    case_id: int = Field(sa_column=Column(ForeignKey("case_file.id"), primary_key=True))
    acceptance: str = "pending"
    accepted_on: date | None = None
    verified_self_raised_fen: int | None = Field(default=None, sa_type=BigInteger)
    self_raised_from_fiscal_fen: int | None = Field(default=None, sa_type=BigInteger)
    total_investment_verified_fen: int | None = Field(default=None, sa_type=BigInteger)
    ai_compute_paid_fen: int | None = Field(default=None, sa_type=BigInteger)
    cooperation_due_fen: int | None = Field(default=None, sa_type=BigInteger)
    cooperation_paid_fen: int | None = Field(default=None, sa_type=BigInteger)
    fund_source: str = ""


class Milestone(SQLModel, table=True):
    """One node of a task-book (里程碑节点). `percent` is contract data, an exact decimal written as text."""

    __tablename__ = "milestone"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id")
    position: int
    title: str
    due_on: date
    percent: str
    verdict: str = "pending"


class TaskBookVersion(SQLModel, table=True):
    """One version of a project's task-book (任务书): the signed one, then every supplement, never changed.

    `kind` is signed | entered (a project that came in under way) | supplement | recorded | extension. `indicators`
    are the targets by figure, `nodes` the milestones with their due day and exact share as text.
    """

    __tablename__ = "task_book"
    __table_args__ = (
        UniqueConstraint("case_id", "version"),
        UniqueConstraint("process_id"),
        CheckConstraint("approved_fen >= 0", name="task_book_not_negative"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id")
    version: int
    kind: str
    title: str
    unit_name: str
    leader_name: str
    starts_on: date | None = None
    ends_on: date | None = None
    goals: str = ""
    indicators: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    nodes: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    approved_fen: int = Field(default=0, sa_type=BigInteger)
    process_id: int | None = None
    """The side process that made it; None for the first."""
    reason: str = ""
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


append_only(TaskBookVersion.__table__)  # type: ignore[attr-defined]


class Process(SQLModel, table=True):
    """One running procedure: of a case, of a review round, or a side process of a case (流程实例).

    `revision` counts its moves; the state of revision n is the `ProcessState` row of that number.
    """

    __tablename__ = "process"
    __table_args__ = (
        CheckConstraint("kind IN ('case', 'round', 'side')", name="process_kind"),
        Index("process_by_case", "case_id"),
        Index("process_by_round", "round_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str
    kind: str
    version: str = Field(foreign_key="procedure_version.hash")
    case_id: int | None = Field(default=None, foreign_key="case_file.id")
    round_id: int | None = None
    subject: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    revision: int = 0
    started_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = None


class ProcessState(SQLModel, table=True):
    """The compressed engine state after one move (流程状态). All are kept: stepping back and replay need them."""

    __tablename__ = "process_state"

    process_id: int = Field(sa_column=Column(ForeignKey("process.id"), primary_key=True))
    revision: int = Field(primary_key=True)
    state: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


JUDGED = ("holder_id", "role", "element", "direction_code", "unit_id", "amount_fen", "due_at", "case_id")
"""What the inbox's filters ask of a step."""


def _of_open(name: str, *columns: str) -> Index:
    """An index of the open steps alone: as small as what is waiting, however long the past grows.

    It holds everything a filter may ask, so that a step is judged without being fetched.
    """
    is_open = text("status = 'open'")
    judged = [column for column in JUDGED if column not in columns]
    return Index(name, *columns, *judged, sqlite_where=is_open, postgresql_where=is_open)


class WorkItem(SQLModel, table=True):
    """A step waiting for a person (待办). A projection of the process state, written in the same transaction."""

    __tablename__ = "work_item"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'done', 'cancelled')", name="work_item_status"),
        Index("work_item_process", "process_id", "status"),
        Index("work_item_case", "case_id"),
        _of_open("work_item_open_due", "due_at", "id"),
        _of_open("work_item_open_holder", "holder_id", "due_at", "id"),
        _of_open("work_item_open_role", "role", "holder_id", "due_at", "id"),
        _of_open("work_item_open_direction", "direction_code", "due_at", "id"),
        _of_open("work_item_open_element", "element", "due_at", "id"),
        _of_open("work_item_open_unit", "unit_id", "due_at", "id"),
        _of_open("work_item_open_amount", "amount_fen", "id"),
        _of_open("work_item_open_id", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    process_id: int = Field(foreign_key="process.id")
    case_id: int | None = None
    round_id: int | None = None
    unit_id: int | None = None
    direction_code: str = ""
    token: str
    process_key: str
    element: str
    name: str
    role: str
    form_key: str
    item: str | None = None
    holder_id: int | None = None
    status: str = "open"
    outcome: str | None = None
    opened_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str | None = None
    amount_fen: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """What is at stake: the case's approved amount, before that the requested one. Kept true by a trigger."""


class Waiting(SQLModel, table=True):
    """A process waiting for a message or for time (等待). `due_at` is ours: recomputed, never the engine's timer."""

    __tablename__ = "waiting"
    __table_args__ = (
        Index("waiting_due", "status", "due_at"),
        Index("waiting_message", "process_id", "status", "message"),
    )

    id: int | None = Field(default=None, primary_key=True)
    process_id: int = Field(foreign_key="process.id")
    case_id: int | None = None
    token: str
    process_key: str
    element: str
    name: str
    kind: str
    message: str | None = None
    status: str = "open"
    opened_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Message(SQLModel, table=True):
    """Something one process tells another (消息): kept until awaited, delivered once."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("idempotency_key"),
        Index("message_pending", "delivered_at", "process_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    process_id: int = Field(foreign_key="process.id")
    name: str
    outcome: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    idempotency_key: str
    sent_at: datetime = Field(sa_type=UtcDateTime)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class FormRecord(SQLModel, table=True):
    """What somebody decided at one step (表单记录), as submitted; replay and the timeline read it."""

    __tablename__ = "form_record"
    __table_args__ = (Index("form_record_case", "case_id"), Index("form_record_process", "process_id"))

    id: int | None = Field(default=None, primary_key=True)
    work_item_id: int = Field(foreign_key="work_item.id")
    process_id: int
    case_id: int | None = None
    form_key: str
    element: str
    revision: int
    payload: dict[str, Any] = Field(sa_type=Json)
    by: str
    on_behalf_of: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)


class CheckResult(SQLModel, table=True):
    """One formal-check item of one case (形审条目): machine or manual, with its evidence, who and when."""

    __tablename__ = "check_result"
    __table_args__ = (UniqueConstraint("case_id", "run", "rule"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id")
    run: int
    rule: str
    text: str
    how: str
    hard: bool
    verdict: str | None = None
    reason: str = ""
    evidence: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    by: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)


class Notice(SQLModel, table=True):
    """A paper the bureau sent or posted about a case (通知): correction, refusal, ineligibility, revocation …"""

    __tablename__ = "notice"
    __table_args__ = (Index("notice_case", "case_id"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id")
    kind: str
    title: str
    body: str
    reply_by: datetime | None = Field(default=None, sa_type=UtcDateTime)
    at: datetime = Field(sa_type=UtcDateTime)


class PaymentOrder(SQLModel, table=True):
    """One computed amount on its way to payment (拨付核定单), or the refusal to pay; a recomputation adds a row.

    `facts` and `derivation` are what the amount was derived from, so that anybody can derive it again.
    """

    __tablename__ = "payment_order"
    __table_args__ = (
        CheckConstraint("amount_fen >= 0", name="payment_order_not_negative"),
        Index("payment_order_case", "case_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id")
    tranche: int | None = None
    amount_fen: int = Field(default=0, sa_type=BigInteger)
    refusal: str | None = None
    message: str = ""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    derivation: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    budget_year: int | None = None
    voucher: str | None = None
    paid_on: date | None = None
    computed_at: datetime = Field(sa_type=UtcDateTime)


class ClawbackOrder(SQLModel, table=True):
    """Money to be returned (追缴决定) and, once it is, the voucher of its return."""

    __tablename__ = "clawback_order"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="clawback_order_positive"),)

    id: int | None = Field(default=None, primary_key=True)
    case_id: int = Field(foreign_key="case_file.id")
    amount_fen: int = Field(sa_type=BigInteger)
    reason: str
    voucher: str | None = None
    decided_at: datetime = Field(sa_type=UtcDateTime)
