"""The panel of a round as its officers follow it: who came, how far each is, reminded when, who stepped in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from engine import policy
from engine.cases.models import Process, WorkItem
from engine.clock import load_calendar, local_day
from engine.jobs.models import Reminder
from engine.people.models import Account
from engine.procedures import versions
from engine.records.models import FormDraft
from engine.reviewing.models import PanelMember, ReviewRound, Score
from web.clock import now
from web.language import translate as _


@dataclass(frozen=True)
class Seat:
    """One expert of a panel: who (where that may be seen), where the invitation stands, how far the sheet is.

    `item` is the open step; `drafted` how many applications have lines in its draft. `instead_of` names whose
    seat it was; `reason` why it was left, where that may be told.
    """

    member: PanelMember
    name: str
    item: WorkItem | None
    drafted: int
    submitted_at: datetime | None
    reminded: Sequence[date]
    next_reminder: date | None
    instead_of: str
    reason: str

    @property
    def submitted(self) -> bool:
        """Whether the scores are in."""
        return self.submitted_at is not None

    @property
    def standing(self) -> str:
        """Where this expert is, in a word."""
        if self.member.quarantined:
            return _("事后回避，评分不计入")
        if self.submitted:
            return _("已提交评分")
        if self.member.standing == "accepted":
            return _("评分中") if self.item else _("已应邀，等待到齐")
        return {
            "invited": _("待答复邀请"),
            "declined": _("已谢绝"),
            "conflict": _("已声明回避"),
            "expired": _("逾期未答复"),
            "withdrawn": _("抽取已撤回"),
            "excused": _("已退出"),
        }.get(self.member.standing, self.member.standing)

    @property
    def colour(self) -> str:
        """The badge that goes with the word."""
        if self.member.quarantined or self.member.standing in ("declined", "conflict", "expired", "excused"):
            return "late"
        return "fine" if self.submitted else "soon" if self.member.standing == "invited" else ""

    @property
    def holds(self) -> bool:
        """Whether the seat is still theirs."""
        return self.member.standing in ("invited", "accepted")


def seats_of(session: Session, opened: ReviewRound, *, named: bool, told: bool) -> list[Seat]:
    """The seats of the newest panel, substitutes after those they replaced.

    Without `named` they are numbered; without `told` nobody's reason is shown.
    """
    members = _members(session, opened)
    names = _names(session, members, named=named)
    items = _open_items(session, opened)
    drafts, sent = _drafts(session, items), _submitted(session, opened)
    reminded = _reminders(session, items)
    by_holder = {item.holder_id: item for item in items}
    seats = []
    for member in members:
        item = by_holder.get(member.account_id)
        seats.append(
            Seat(
                member,
                names[member.id or 0],
                item,
                drafts.get(item.id or 0, 0) if item else 0,
                sent.get(member.account_id),
                reminded.get(item.id or 0, []) if item else [],
                _next_reminder(session, item) if item else None,
                names.get(member.replaces_id or 0, ""),
                (member.quarantine_reason or member.reason or member.excuse) if told else "",
            )
        )
    return seats


def _members(session: Session, opened: ReviewRound) -> list[PanelMember]:
    statement = select(PanelMember).where(
        PanelMember.round_id == opened.id, PanelMember.panel_no == opened.panel_no
    )
    return list(session.exec(statement.order_by(col(PanelMember.part), col(PanelMember.id))))


def _names(session: Session, members: Sequence[PanelMember], *, named: bool) -> dict[int, str]:
    if not named:
        return {one.id or 0: _("专家%(n)s", n=number) for number, one in enumerate(members, start=1)}
    accounts = select(Account.id, Account.name).where(
        col(Account.id).in_([one.account_id for one in members])
    )
    known = dict(session.exec(accounts).all())
    return {one.id or 0: known[one.account_id] for one in members}


def _open_items(session: Session, opened: ReviewRound) -> list[WorkItem]:
    statement = select(WorkItem).where(
        WorkItem.round_id == opened.id,
        WorkItem.status == "open",
        col(WorkItem.form_key).in_(["invitation", "score_sheet"]),
    )
    return list(session.exec(statement))


def _drafts(session: Session, items: Sequence[WorkItem]) -> dict[int, int]:
    """How many applications each open sheet has lines for, and nothing of what they say."""
    statement = select(FormDraft).where(col(FormDraft.work_item_id).in_([item.id for item in items]))
    return {row.work_item_id: len(row.payload.get("rows", [])) for row in session.exec(statement)}


def _submitted(session: Session, opened: ReviewRound) -> dict[int, datetime]:
    statement = select(Score.account_id, Score.at).where(
        Score.round_id == opened.id, Score.panel_no == opened.panel_no
    )
    return dict(session.exec(statement).all())


def _reminders(session: Session, items: Sequence[WorkItem]) -> dict[int, list[date]]:
    statement = select(Reminder).where(col(Reminder.work_item_id).in_([item.id for item in items]))
    found: dict[int, list[date]] = {}
    for row in session.exec(statement.order_by(col(Reminder.day))):
        found.setdefault(row.work_item_id, []).append(row.day)
    return found


def _next_reminder(session: Session, item: WorkItem) -> date | None:
    """The next day of the step's reminder plan, from tomorrow on."""
    if item.due_at is None:
        return None
    today = local_day(now())
    process = session.get_one(Process, item.process_id)
    element = versions.load(session, process.version).element(item.process_key, item.element)
    plan = element.properties.get("reminders") or policy.value(session, "reminders_default", today)
    days = load_calendar(session).reminder_days(item.due_at, plan)
    return min((one for one in days if one > today), default=None)


def counts(seats: Sequence[Seat]) -> Mapping[str, int]:
    """How many hold a seat, have submitted, have answered."""
    holding = [seat for seat in seats if seat.holds or seat.submitted]
    return {
        "seats": len(holding),
        "submitted": sum(seat.submitted for seat in holding),
        "accepted": sum(seat.member.standing == "accepted" for seat in holding),
    }
