"""Tables of the review rounds (评审轮次): the group, the draw of its panel, every score, the ranking, the notice."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, false
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json
from engine.triggers import append_only


class ReviewRound(SQLModel, table=True):
    """One batch of one competition group (评审组): its applications are ranked against each other only.

    `quota` is how many may be established, None where the guide states none; `panel_no` counts the panels drawn.
    `mode`: one panel reads the group (panel), or each application has its own experts (letter); fixed by grouping.
    """

    __tablename__ = "review_round"
    __table_args__ = (CheckConstraint("quota IS NULL OR quota > 0", name="round_quota_positive"),)

    id: int | None = Field(default=None, primary_key=True)
    direction_code: str = Field(index=True)
    title: str
    quota: int | None = None
    mode: str = Field(default="panel", sa_column_kwargs={"server_default": "panel"})
    panel_no: int = 0
    reviewing_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the newest panel was complete and its files could be opened: from then on conflicts are frozen."""
    document_number: str | None = None
    announced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime = Field(sa_type=UtcDateTime)

    @property
    def by_letter(self) -> bool:
        """Whether each application has its own experts (通讯评审)."""
        return self.mode == "letter"


class RoundEntry(SQLModel, table=True):
    """One application in a round: its mean score, rank, the review's result and the decision on it.

    `mean` is an exact decimal written as text. `result`: recommended | reserve | rejected; `decision`: fund | decline.
    `panel_no` is the newest panel that reads it, or is to read it: its scores count, those before are kept.
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
    panel_no: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
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
    """An expert in a round's panel; a later panel of the same round has a higher `panel_no`.

    `standing` is where the invitation stands; `cases` are the applications this member reads. Whoever stepped in
    for somebody names that seat in `replaces_id`. A quarantined member's scores are kept and not counted.
    """

    __tablename__ = "panel_member"
    __table_args__ = (UniqueConstraint("round_id", "panel_no", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="review_round.id")
    panel_no: int
    account_id: int = Field(foreign_key="account.id", index=True)
    excused: bool = False
    excuse: str = ""
    draw_id: int | None = None
    part: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Which of the group's panels, from 1, where the group was split; of no meaning in letter review."""
    standing: str = Field(default="accepted", sa_column_kwargs={"server_default": "accepted"})
    """invited | accepted | declined | conflict | expired | withdrawn | excused."""
    cases: list[int] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    replaces_id: int | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = Field(default="", sa_column_kwargs={"server_default": ""})
    declared: dict[str, Any] = Field(
        default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"}
    )
    """What was unknown and had to be declared, and what was declared."""
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the first file was opened."""
    quarantined: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    quarantine_reason: str = Field(default="", sa_column_kwargs={"server_default": ""})

    @property
    def conflicts(self) -> dict[int, str]:
        """The applications this member declared a conflict with, in the member's words."""
        return {int(case): words for case, words in (self.declared.get("conflicts") or {}).items()}

    def counts_for(self, case_id: int) -> bool:
        """Whether a score of this application is counted: no conflict with it has been learned since."""
        return not self.quarantined and case_id not in self.conflicts


class Draw(SQLModel, table=True):
    """One draw of a panel (抽取): what was wished, the problem, the proven answer, the list, the lots, the seats.

    `status`: queued → solving → ready | short | failed | cancelled; ready → drawn → published; a draw that a
    later one takes the place of is replaced, a published one taken back is undone. The worker solves outside any
    write transaction; `claimed_at` lets another take over from a worker that died.
    """

    __tablename__ = "draw"
    __table_args__ = (Index("draw_by_round", "round_id", "id"), Index("draw_by_status", "status"))

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="review_round.id")
    panel_no: int
    status: str = "queued"
    stage: str = ""
    incumbent: float | None = None
    bound: float | None = None
    seconds: float = 0.0
    cancel_asked: bool = False
    wish: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    needs_approval: bool = False
    approved_by: str | None = None
    approved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    kept: list[int] = Field(default_factory=list, sa_type=Json)
    """Members (by account) who accepted already and stay: a draw after a shortage fills the other seats."""
    instance: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """How to solve it, from policy: weights of the fit, largest pair probability, backups, seconds."""
    input_sha256: str = ""
    result: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    lottery: dict[str, Any] | None = Field(default=None, sa_type=Json)
    seats: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    secret: str = ""
    """Kept to itself until the witness's number is in; its hash is published before."""
    requested_by: str
    requested_at: datetime = Field(sa_type=UtcDateTime)
    claimed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""

    @property
    def commitment(self) -> str:
        """The hash of the secret, published before the witness speaks."""
        return str((self.lottery or {}).get("commitment", ""))

    @property
    def list_sha256(self) -> str:
        """The hash of the stored list, fixed before the seed exists."""
        return str((self.lottery or {}).get("list_sha256", ""))

    @property
    def seats_sha256(self) -> str:
        """The hash of the list's seats with their backups in order; empty for a draw of before it was kept."""
        return str((self.lottery or {}).get("seats_sha256", ""))

    @property
    def pool_sha256(self) -> str:
        """The hash of everybody who could be drawn."""
        return str((self.lottery or {}).get("pool_sha256", ""))


class DrawAttempt(SQLModel, table=True):
    """One drawing of lots (抽签): the witness's number, the seed it made and what it drew. Never changed."""

    __tablename__ = "draw_attempt"
    __table_args__ = (UniqueConstraint("draw_id", "attempt"),)

    id: int | None = Field(default=None, primary_key=True)
    draw_id: int = Field(foreign_key="draw.id")
    attempt: int
    witness: str
    number: str
    seed: str
    drawn: int
    """Which assignment of the stored list, from 0."""
    reason: str = ""
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


append_only(DrawAttempt.__table__)  # type: ignore[attr-defined]


class KnownRelation(SQLModel, table=True):
    """Something on record about a person (关系登记) that a rule of avoidance reads; ends are inclusive.

    People are named by person key, units by credit code. `number` is the generations of collateral kin, or the
    place in the list of names an applicant asks to avoid.
    """

    __tablename__ = "known_relation"
    __table_args__ = (Index("known_relation_kind", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    person_key: str
    other_key: str = ""
    unit_code: str = ""
    case_id: int | None = Field(default=None, foreign_key="case_file.id")
    title: str = ""
    number: int = 0
    since: date | None = None
    until: date | None = None
    source: str = ""


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
    veto: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """One vote that rejects (一票否决); its reason is the opinion."""
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
    listed: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"}
    )
    """The lines as posted, in their order: number, title, unit, approved_fen. What is decided later changes none."""
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
