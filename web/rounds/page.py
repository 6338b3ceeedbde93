"""Everything the page of a review round shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine import history
from engine.cases import queries
from engine.cases.models import Process, Waiting, WorkItem
from engine.errors import Forbidden, NotFound
from engine.history import HistoryEntry
from engine.people import permissions
from engine.people.models import Account
from engine.procedures import versions
from engine.reviewing.models import PublicNotice, ReviewRound
from web.forms.sending import Refusal
from web.language import translate as _
from web.parts.names import names_of
from web.parts.progress import Progress, done_by_many, progress_of
from web.parts.task import Task, open_task
from web.rounds.panel import Seat, counts, seats_of
from web.rounds.ranking import Ranking, ranking_of
from web.rounds.record import Decided, Objected, decisions_of, notices_of, objections_of


@dataclass(frozen=True)
class RoundPage:
    """A round, the steps open on it, its group in order, its panel, its decisions and its notices.

    `scores`, `reviewers` and `draw` are decisions whose denial is shown instead of what it hides.
    """

    round: ReviewRound
    process: Process
    sentence: str
    tasks: Sequence[Task]
    progress: Progress
    ranking: Ranking
    seats: Sequence[Seat]
    scores: permissions.Decision
    reviewers: permissions.Decision
    draw: permissions.Decision
    decisions: Sequence[Decided]
    notices: Sequence[PublicNotice]
    objections: Sequence[Objected]
    timeline: Sequence[HistoryEntry]
    names: dict[str, str]

    @property
    def emptied(self) -> bool:
        """Whether its units have taken every application back, so that nobody need be drawn."""
        listed = self.ranking.entrants
        return bool(listed) and all(one.entry.announced == "withdrawn" for one in listed)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many seats, acceptances and submitted sheets."""
        return counts(self.seats)


def round_page(
    session: Session,
    round_id: int,
    account: Account,
    *,
    drawing: str = "",
    refused: tuple[int, Refusal] | None = None,
) -> RoundPage:
    """The page for the bureau's own people; an expert's part of it is the expert desk."""
    opened = session.get(ReviewRound, round_id)
    if opened is None:
        raise NotFound(f"没有编号为 {round_id} 的评审轮次。")
    if not queries.internal(account):
        raise Forbidden("评审轮次只有局内人员可以查看；评审专家请从“我的评审”办理。")
    process = session.exec(select(Process).where(Process.round_id == round_id, Process.kind == "round")).one()
    items, waits = _open_rows(session, process)
    timeline = history.entries(session, f"round:{round_id}")
    closed = scoring_is_over(opened, items)
    scores = permissions.may_see_scores(account, closed=closed)
    reviewers = permissions.may_see_reviewers(account, closed=closed)
    return RoundPage(
        round=opened,
        process=process,
        sentence=_sentence(session, process, items, waits),
        tasks=_tasks(session, items, account, refused),
        progress=progress_of(
            versions.load(session, process.version),
            process,
            items=items,
            waits=waits,
            timeline=timeline,
            shared=done_by_many(session, process.id),
            wanted=drawing,
        ),
        ranking=ranking_of(session, opened, scores_shown=bool(scores), named=bool(reviewers)),
        seats=seats_of(session, opened, named=bool(reviewers), told=bool(reviewers)),
        scores=scores,
        reviewers=reviewers,
        draw=permissions.may_see_draw(account),
        decisions=decisions_of(session, process),
        notices=notices_of(session, opened),
        objections=objections_of(session, opened, account),
        timeline=_told(timeline, reviewers=bool(reviewers)),
        names=names_of(session, [entry.actor for entry in timeline], experts=bool(reviewers)),
    )


def scoring_is_over(opened: ReviewRound, items: Sequence[WorkItem]) -> bool:
    """Whether the newest panel has begun and nobody of it is still to score."""
    return opened.reviewing_at is not None and not any(item.element == "score" for item in items)


def _told(timeline: Sequence[HistoryEntry], *, reviewers: bool) -> list[HistoryEntry]:
    """What happened, without what experts answered while their names are secret."""
    hidden = frozenset() if reviewers else frozenset({"respond"})
    return [entry for entry in timeline if entry.element not in hidden]


def _open_rows(session: Session, process: Process) -> tuple[list[WorkItem], list[Waiting]]:
    items = select(WorkItem).where(WorkItem.process_id == process.id, WorkItem.status == "open")
    waits = select(Waiting).where(Waiting.process_id == process.id, Waiting.status == "open")
    return list(session.exec(items.order_by(col(WorkItem.id)))), list(session.exec(waits))


def _sentence(session: Session, process: Process, items: Sequence[WorkItem], waits: Sequence[Waiting]) -> str:
    """Where the round stands. A step every expert has for himself is one sentence, and names nobody."""
    shared = [item for item in items if item.item is not None]
    if shared:
        return _(
            "“%(name)s”由专家组各位专家分别办理，还有 %(n)s 位未提交；全部交齐后自动汇总排序。",
            name=shared[0].name,
            n=len(shared),
        )
    if any(wait.element == "await_panel" for wait in waits):
        return _("专家组已抽出并发出邀请；各位专家先声明回避再应邀，到齐后开始评分，缺席的由备选递补。")
    if process.outcome == "cancelled":
        return _("轮次已取消：项目全部撤回，或开启后没有分组；没有后续步骤。")
    if process.outcome == "closed":
        return _("轮次已办结：没有项目可以立项，没有后续步骤。")
    return queries.sentence(session, [process], items, waits)


def _tasks(
    session: Session, items: Sequence[WorkItem], account: Account, refused: tuple[int, Refusal] | None
) -> list[Task]:
    """The bureau's own steps; what every expert has for himself is told in the panel's list."""
    return [
        open_task(session, item.id or 0, account, refused[1] if refused and refused[0] == item.id else None)
        for item in items
        if item.item is None
    ]
