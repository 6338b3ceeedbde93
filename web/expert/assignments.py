"""What an expert has to answer, to score and has scored (我的评审); never anything of somebody else."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine.cases.models import CaseFile, WorkItem
from engine.errors import Forbidden, NotFound
from engine.people.models import Account
from engine.reviewing.models import PanelMember, ReviewRound, RoundEntry
from web.language import translate as _

INVITATION = "invitation"
SHEET = "score_sheet"


@dataclass(frozen=True)
class Assignment:
    """One invitation or score sheet of an expert: the round and how many applications.

    `item` is None while an accepted seat waits for the rest of the panel; `seat` is then its number.
    """

    round: ReviewRound
    item: WorkItem | None
    cases: int
    seat: int | None = None

    @property
    def is_invitation(self) -> bool:
        """Whether it still asks to come."""
        return self.item is not None and self.item.form_key == INVITATION

    @property
    def is_open(self) -> bool:
        """Whether something is to be done or waited for."""
        return self.item is None or self.item.status == "open"

    @property
    def outcome(self) -> str:
        """How it ended, or what it waits for."""
        if self.item is None:
            return _("已应邀，等待专家组到齐；到齐后在这里打开材料。")
        if self.item.status == "cancelled":
            return _("已撤回，无需办理。")
        return {
            "submit": _("已提交评分"),
            "excuse": _("已说明回避或不能评审"),
            "accept": _("已应邀"),
            "decline": _("已谢绝"),
            "conflict": _("已声明回避"),
        }.get(self.item.outcome or "", "")


def assignments_of(session: Session, account: Account) -> list[Assignment]:
    """Everything given to an expert, open ones first and the soonest due."""
    statement = (
        select(WorkItem, ReviewRound)
        .join(ReviewRound, col(ReviewRound.id) == WorkItem.round_id)
        .where(WorkItem.holder_id == account.id, col(WorkItem.form_key).in_([INVITATION, SHEET]))
        .order_by(col(WorkItem.status) != "open", col(WorkItem.due_at), col(WorkItem.id).desc())
    )
    found = [
        Assignment(opened, item, len(cases_of(session, item)))
        for item, opened in session.exec(statement)
        if item.form_key == SHEET or item.outcome != "accept"
    ]
    return [*_seated(session, account), *found]


def _seated(session: Session, account: Account) -> list[Assignment]:
    """Accepted seats whose panel is not complete yet: no sheet has been opened in their round."""
    sheets = select(WorkItem.id).where(
        WorkItem.round_id == PanelMember.round_id,
        WorkItem.form_key == SHEET,
        WorkItem.holder_id == PanelMember.account_id,
        WorkItem.status != "cancelled",
    )
    statement = (
        select(PanelMember, ReviewRound)
        .join(ReviewRound, col(ReviewRound.id) == PanelMember.round_id)
        .where(
            PanelMember.account_id == account.id,
            PanelMember.standing == "accepted",
            col(PanelMember.excused).is_(False),
            PanelMember.panel_no == ReviewRound.panel_no,
            ~sheets.exists(),
        )
    )
    return [
        Assignment(opened, None, len(member.cases), member.id) for member, opened in session.exec(statement)
    ]


def own_item(session: Session, item_id: int, account: Account, form_key: str) -> WorkItem:
    """The invitation or sheet of this number; NotFound, or Forbidden when it is another expert's."""
    item = session.get(WorkItem, item_id)
    if item is None or item.form_key != form_key:
        raise NotFound(f"没有编号为 {item_id} 的评审任务；请从“我的评审”进入。")
    if item.holder_id != account.id:
        raise Forbidden("这项评审分派给其他专家，只能由其本人打开；您的任务列在“我的评审”。")
    return item


def seat_of(session: Session, item: WorkItem) -> PanelMember:
    """The seat behind an expert's invitation or sheet: the newest one in its round."""
    statement = (
        select(PanelMember)
        .where(PanelMember.round_id == item.round_id, PanelMember.account_id == item.holder_id)
        .order_by(col(PanelMember.panel_no).desc(), col(PanelMember.id).desc())
    )
    member = session.exec(statement).first()
    if member is None:
        raise NotFound("这项评审已没有您的席位；请从“我的评审”进入。")
    return member


def cases_of(session: Session, item: WorkItem) -> list[int]:
    """The applications an assignment is about, in order: those given to the seat, and no other."""
    return sorted(seat_of(session, item).cases)


def files(session: Session, case_ids: Sequence[int]) -> list[CaseFile]:
    """The applications of these numbers, in order."""
    statement = select(CaseFile).where(col(CaseFile.id).in_(case_ids)).order_by(col(CaseFile.id))
    return list(session.exec(statement))


def reading_of(session: Session, case_id: int, account: Account) -> WorkItem | None:
    """The newest sheet this expert may read an application under; None when there is none."""
    statement = (
        select(WorkItem)
        .join(RoundEntry, col(RoundEntry.round_id) == WorkItem.round_id)
        .where(
            RoundEntry.case_id == case_id,
            WorkItem.holder_id == account.id,
            WorkItem.form_key == SHEET,
            col(WorkItem.status).in_(["open", "done"]),
        )
        .order_by(col(WorkItem.id).desc())
    )
    return next((one for one in session.exec(statement) if case_id in cases_of(session, one)), None)
