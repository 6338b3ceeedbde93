"""Everything the page of a review round shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine import history
from engine.cases import queries
from engine.cases.models import CaseFile, Process, Waiting, WorkItem
from engine.errors import Forbidden, NotFound
from engine.history import HistoryEntry
from engine.people import permissions
from engine.people.models import Account, Organization
from engine.procedures import versions
from engine.reviewing import rounds
from engine.reviewing.decisions import current_notice
from engine.reviewing.models import PanelMember, PublicNotice, ReviewRound, RoundEntry
from web.cases.page import names_of
from web.cases.progress import Progress, progress_of
from web.cases.task import Task, open_task
from web.forms.sending import Refusal
from web.language import translate as _


@dataclass(frozen=True)
class Entrant:
    """One application of the group, with its unit."""

    entry: RoundEntry
    case: CaseFile
    unit: str


@dataclass(frozen=True)
class Seat:
    """One expert of the panel: who (where that may be seen), and whether the sheet is in."""

    name: str
    submitted: bool
    excused: bool


@dataclass(frozen=True)
class RoundPage:
    """A round, the steps open on it, its group in order, its panel and its notice.

    `scores` and `reviewers` are decisions whose denial is shown instead of what it hides; `inside` is for
    the bureau's own people.
    """

    round: ReviewRound
    process: Process
    sentence: str
    tasks: Sequence[Task]
    progress: Progress
    entrants: Sequence[Entrant]
    seats: Sequence[Seat]
    scores: permissions.Decision
    reviewers: permissions.Decision
    notice: PublicNotice | None
    timeline: Sequence[HistoryEntry]
    names: dict[str, str]
    inside: bool


def round_page(
    session: Session,
    round_id: int,
    account: Account,
    *,
    drawing: str = "",
    refused: tuple[int, Refusal] | None = None,
) -> RoundPage:
    """The page for the bureau, or for an expert of the panel, who sees his or her own step only."""
    opened = session.get(ReviewRound, round_id)
    if opened is None:
        raise NotFound(f"没有编号为 {round_id} 的评审轮次。")
    process = session.exec(select(Process).where(Process.round_id == round_id, Process.kind == "round")).one()
    items, waits = _open_rows(session, process)
    inside = queries.internal(account)
    mine = items if inside else [item for item in items if item.holder_id == account.id]
    if not inside and not _was_seated(session, round_id, account):
        raise Forbidden("只有局内人员和本轮次的评审专家可以查看。")
    timeline = list(history.entries(session, f"round:{round_id}")) if inside else []
    closed = not any(item.element == "score" for item in items) and opened.panel_no > 0
    reviewers = permissions.may_see_reviewers(account, closed=closed)
    return RoundPage(
        round=opened,
        process=process,
        sentence=_sentence(session, process, mine, waits, account),
        tasks=_tasks(session, mine, account, refused),
        progress=progress_of(
            versions.load(session, process.version),
            process,
            items=items,
            waits=waits,
            timeline=history.entries(session, f"round:{round_id}"),
            wanted=drawing,
        ),
        entrants=_entrants(session, round_id),
        seats=_seats(session, opened, items, named=bool(reviewers)),
        scores=permissions.may_see_scores(account, closed=closed),
        reviewers=reviewers,
        notice=current_notice(session, round_id),
        timeline=timeline,
        names=names_of(session, timeline, experts=bool(reviewers)),
        inside=inside,
    )


def _open_rows(session: Session, process: Process) -> tuple[list[WorkItem], list[Waiting]]:
    items = select(WorkItem).where(WorkItem.process_id == process.id, WorkItem.status == "open")
    waits = select(Waiting).where(Waiting.process_id == process.id, Waiting.status == "open")
    return list(session.exec(items)), list(session.exec(waits))


def _was_seated(session: Session, round_id: int, account: Account) -> bool:
    """An expert of any of the round's panels, excused ones too: they see their own part."""
    statement = select(PanelMember.id).where(
        PanelMember.round_id == round_id, PanelMember.account_id == account.id
    )
    return session.exec(statement).first() is not None


def _sentence(
    session: Session, process: Process, items: Sequence[WorkItem], waits: Sequence[Waiting], account: Account
) -> str:
    """Where the round stands. A step every expert has for himself is one sentence, and names nobody."""
    shared = [item for item in items if item.item is not None and item.holder_id != account.id]
    if not shared:
        return queries.sentence(session, [process], items, waits)
    return _(
        "“%(name)s”由专家组各位专家分别办理，还有 %(n)s 位未提交；全部交齐后自动汇总排序。",
        name=shared[0].name,
        n=len(shared),
    )


def _tasks(
    session: Session, items: Sequence[WorkItem], account: Account, refused: tuple[int, Refusal] | None
) -> list[Task]:
    """One's own steps; of a step everybody of a panel has, the others' are told in the panel's list."""
    shown = [item for item in items if item.item is None or item.holder_id == account.id]
    return [
        open_task(session, item.id or 0, account, refused[1] if refused and refused[0] == item.id else None)
        for item in shown
    ]


def _entrants(session: Session, round_id: int) -> list[Entrant]:
    return [
        Entrant(entry, case, session.get_one(Organization, case.unit_id).name)
        for entry in rounds.entries(session, round_id)
        for case in [session.get_one(CaseFile, entry.case_id)]
    ]


def _seats(session: Session, opened: ReviewRound, items: Sequence[WorkItem], *, named: bool) -> list[Seat]:
    statement = (
        select(PanelMember, Account)
        .join(Account, col(Account.id) == PanelMember.account_id)
        .where(PanelMember.round_id == opened.id, PanelMember.panel_no == opened.panel_no)
        .order_by(col(PanelMember.id))
    )
    waiting = {item.holder_id for item in items if item.element == "score"}
    return [
        Seat(
            account.name if named else f"专家{number}",
            submitted=member.account_id not in waiting and not member.excused,
            excused=member.excused,
        )
        for number, (member, account) in enumerate(session.exec(statement), start=1)
    ]
