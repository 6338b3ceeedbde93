"""What the API answers with: frozen models, from which the document's schemas are made.

Money is in fen (integers), moments in ISO 8601 UTC, days as YYYY-MM-DD. Keys are the database's; words are beside
them where a person would need them.
"""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Answered(BaseModel):
    """Base of every answer."""

    model_config = ConfigDict(frozen=True)


class Problem(Answered):
    """Why a call was not carried out: a code, a sentence for a person, and the single points."""

    code: str
    message: str
    reasons: list[str]


class Refusal(Answered):
    """The body of every answer with a status of 400 or above."""

    error: Problem


class Me(Answered):
    """Whose token it is."""

    login: str
    name: str
    roles: list[str]
    organization_id: int | None


class WorkItemRow(Answered):
    """An open step (待办) in a list. `holder` is null while nobody has claimed it, or where names are secret."""

    id: int
    case_id: int | None
    round_id: int | None
    number: str | None
    title: str
    unit: str
    direction: str
    element: str
    name: str
    role: str
    holder: str | None
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    disputed: bool


class Count(Answered):
    """How many there are; at least so many when not `exact`, because very long lists are not counted out."""

    number: int
    exact: bool


class Inbox(Answered):
    """A page of open steps with the counts of every scope. `next` is the next page's `after`; null on the last.

    A page of a very long list may hold few rows or none, with more behind it: go on until `next` is null.
    """

    items: list[WorkItemRow]
    total: Count
    counts: dict[str, Count]
    next: str | None


class Way(Answered):
    """One way a step may end."""

    outcome: str
    label: str


class Form(Answered):
    """What completing a step takes: `schema` is a JSON Schema, `values` what it is filled in with already."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    key: str
    title: str
    outcomes: list[Way]
    schema_: dict[str, Any] = Field(serialization_alias="schema")
    values: dict[str, Any]


class WorkItemDetail(Answered):
    """One step with its form. `reason` says why this account may not complete it; null when it may."""

    id: int
    case_id: int | None
    round_id: int | None
    element: str
    name: str
    role: str
    status: str
    documentation: str
    clause: str
    holder: str | None
    opened_at: datetime
    due_at: datetime | None
    may_complete: bool
    reason: str | None
    form: Form


class Moved(Answered):
    """What a verb led to: the case's status and the steps open now that this account may know of."""

    case_id: int | None
    round_id: int | None
    process_id: int
    status: str | None
    ended: bool
    open_steps: list[str]


class CaseRow(Answered):
    """A case (项目) in a list."""

    id: int
    number: str | None
    direction: str
    title: str
    unit_id: int
    status: str
    status_word: str
    requested_fen: int
    approved_fen: int
    opened_at: datetime


class Cases(Answered):
    """A page of cases. `next` is the next page's `after`, as in the inbox: go on until it is null."""

    items: list[CaseRow]
    total: Count
    next: str | None


class Waits(Answered):
    """Something a case waits for that no person does here."""

    name: str
    kind: str
    due_at: datetime | None


class CaseDetail(CaseRow):
    """A case: why it is here, what is open on it, what was stated."""

    unit: str
    direction_title: str
    sentence: str
    starts_on: date | None
    ends_on: date | None
    disputed: bool
    facts: dict[str, Any]
    work_items: list[int]
    waits: list[Waits]


class Event(Answered):
    """One line of a case's history. `actor` is null for whoever reads it from outside the bureau."""

    at: datetime
    verb: str
    summary: str
    actor: str | None
    role: str | None
    on_behalf_of: str | None


class History(Answered):
    """What happened to a case, oldest first, as far as this account may know."""

    case_id: int
    events: list[Event]


class Order(Answered):
    """One computed amount with its derivation, or the refusal to pay."""

    id: int
    tranche: int | None
    amount_fen: int
    refusal: str | None
    message: str
    derivation: list[dict[str, Any]]
    voucher: str | None
    paid_on: date | None
    computed_at: datetime


class Paid(Answered):
    """One ledger row: a payment, or with a negative amount its reversal."""

    id: int
    amount_fen: int
    year: int
    tranche: int | None
    recorded_on: date
    reference: str


class Payments(Answered):
    """The money of a case: committed, paid, returned, and how each amount came about."""

    case_id: int
    committed_fen: int
    paid_fen: int
    clawed_back_fen: int
    orders: list[Order]
    payments: list[Paid]


class Paper(Answered):
    """A notice the bureau sent about a case."""

    id: int
    kind: str
    title: str
    body: str
    reply_by: datetime | None
    at: datetime


class Papers(Answered):
    """A case's notices, the newest first."""

    case_id: int
    notices: list[Paper]


class RoundRow(Answered):
    """A review round (评审轮次) in a list."""

    id: int
    direction: str
    title: str
    quota: int | None
    document_number: str | None
    opened_at: datetime


class Rounds(Answered):
    """Every round, the newest first."""

    rounds: list[RoundRow]


class RoundEntry(Answered):
    """One application of a round; score, rank and result are null while they are secret."""

    case_id: int
    number: str | None
    title: str
    mean: str | None
    rank: int | None
    result: str | None
    decision: str | None
    approved_fen: int
    disputed: bool


class RoundDetail(RoundRow):
    """A round with its group. `scores_hidden` says why scores are not told; null when they are."""

    entries: list[RoundEntry]
    scores_hidden: str | None
    work_items: list[int]


class DirectionRow(Answered):
    """A direction (申报方向) of the guide."""

    code: str
    title: str
    funding_mode: str
    procedure: str
    quota: int | None


class Directions(Answered):
    """The guide's directions, in its order."""

    directions: list[DirectionRow]


class Told(Answered):
    """A notification to this account."""

    id: int
    title: str
    body: str
    case_id: int | None
    work_item_id: int | None
    at: datetime
    read_at: datetime | None


class Notifications(Answered):
    """A page of what this account was told, the newest first."""

    notifications: list[Told]
    unread: int


class Done(Answered):
    """The verb was carried out."""

    done: bool = True


class RemarkRow(Answered):
    """Something said about a case; an `internal` one stays inside the bureau."""

    id: int
    text: str
    internal: bool
    by: str
    at: datetime


class Remarks(Answered):
    """What was said about a case, the newest first."""

    case_id: int
    remarks: list[RemarkRow]


class AttachmentRow(Answered):
    """One version of a file of a case; `size` in bytes."""

    id: int
    name: str
    version: int
    size: int
    sha256: str
    internal: bool
    at: datetime


class Attachments(Answered):
    """The files of a case."""

    case_id: int
    attachments: list[AttachmentRow]
