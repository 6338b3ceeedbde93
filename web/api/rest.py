"""The rest of the API: who I am, the guide's directions, review rounds, and what I was told."""

from pydantic import Field
from sqlmodel import col, select

from engine.cases.models import CaseFile, Process, WorkItem
from engine.cases.queries import internal
from engine.catalogue.models import Direction
from engine.errors import Forbidden, NotFound
from engine.people.permissions import Denied, has_role, may_see_scores
from engine.records.notices import telling
from engine.records.notices.models import Notification
from engine.reviewing import rounds
from engine.reviewing.models import ReviewRound
from engine.vocabulary import Role
from web.api import answers
from web.api.calls import Body, Call, operation
from web.api.work import moved
from web.rounds.page import scoring_is_over

PAGE = 50


class PageQuery(Body):
    """Which page of a list."""

    page: int = Field(default=1, ge=1, le=10**6)


class RoundOpening(Body):
    """The direction whose waiting applications are to be reviewed."""

    direction: str = Field(min_length=1, max_length=40)


@operation("GET", "/me", "令牌的主人", tag="account", answer=answers.Me)
def get_me(call: Call) -> answers.Me:
    """Whose token it is, and what roles it may act in."""
    account = call.account
    return answers.Me(
        login=account.login,
        name=account.name,
        roles=account.roles,
        organization_id=account.organization_id,
    )


@operation("GET", "/directions", "申报方向", tag="guide", answer=answers.Directions)
def list_directions(call: Call) -> answers.Directions:
    """The guide's directions, in its order."""
    statement = select(Direction).order_by(col(Direction.position))
    return answers.Directions(
        directions=[
            answers.DirectionRow(
                code=one.code,
                title=one.title,
                funding_mode=one.funding_mode,
                procedure=one.procedure,
                quota=one.quota,
            )
            for one in call.session.exec(statement)
        ]
    )


@operation("GET", "/rounds", "评审轮次", tag="rounds", answer=answers.Rounds)
def list_rounds(call: Call) -> answers.Rounds:
    """Every round, the newest first; for the bureau's own people."""
    _inside(call)
    found = call.session.exec(select(ReviewRound).order_by(col(ReviewRound.id).desc()))
    return answers.Rounds(rounds=[_round(one) for one in found])


@operation("GET", "/rounds/{round_id}", "一个评审轮次", tag="rounds", answer=answers.RoundDetail)
def get_round(call: Call, round_id: int) -> answers.RoundDetail:
    """A round with its group; scores are told once scoring is over, to who may see them."""
    _inside(call)
    opened = call.session.get(ReviewRound, round_id)
    if opened is None:
        raise NotFound(f"没有编号为 {round_id} 的评审轮次。")
    statement = (
        select(WorkItem)
        .join(Process, col(Process.id) == WorkItem.process_id)
        .where(Process.round_id == round_id, WorkItem.status == "open")
    )
    items = list(call.session.exec(statement.order_by(col(WorkItem.id))))
    scores = may_see_scores(call.account, closed=scoring_is_over(opened, items))
    return answers.RoundDetail(
        **_round(opened).model_dump(),
        entries=_entries(call, round_id, shown=bool(scores)),
        scores_hidden=scores.reason if isinstance(scores, Denied) else None,
        work_items=[item.id or 0 for item in items if item.item is None],
    )


@operation("POST", "/rounds", "开启评审", tag="rounds", answer=answers.Moved, body=RoundOpening, status=201)
def open_round(call: Call) -> answers.Moved:
    """Open a round for the applications of a direction that wait for review."""
    if not has_role(call.account, Role.PROGRAMME):
        raise Forbidden("评审轮次由业务科室开启。")
    opened = rounds.open_round(call.session, call.body.direction, actor=call.account, now=call.now)
    process = call.session.exec(
        select(Process).where(Process.round_id == opened.id, Process.kind == "round")
    ).one()
    return moved(call, process)


@operation("GET", "/notifications", "通知", tag="account", answer=answers.Notifications, query=PageQuery)
def list_notifications(call: Call) -> answers.Notifications:
    """What this account was told, the newest first."""
    found = telling.notifications(call.session, call.account, call.query.page, PAGE)
    told = [answers.Told(**{name: getattr(one, name) for name in answers.Told.model_fields}) for one in found]
    return answers.Notifications(notifications=told, unread=telling.unread(call.session, call.account))


@operation("POST", "/notifications/{notification_id}/read", "标为已读", tag="account", answer=answers.Done)
def read_notification(call: Call, notification_id: int) -> answers.Done:
    """Mark one of one's own notifications as read."""
    found = call.session.get(Notification, notification_id)
    if found is None or found.account_id != call.account.id:
        raise NotFound(f"没有编号为 {notification_id} 的通知。")
    telling.mark_read(call.session, call.account, call.now, notification_id)
    return answers.Done()


def _inside(call: Call) -> None:
    if not internal(call.account):
        raise Forbidden("评审轮次只有局内人员可以查看。")


def _round(one: ReviewRound) -> answers.RoundRow:
    return answers.RoundRow(
        id=one.id or 0,
        direction=one.direction_code,
        title=one.title,
        quota=one.quota,
        document_number=one.document_number,
        opened_at=one.opened_at,
    )


def _entries(call: Call, round_id: int, *, shown: bool) -> list[answers.RoundEntry]:
    listed = rounds.entries(call.session, round_id)
    if not shown:  # the order itself would tell the ranking
        listed = sorted(listed, key=lambda one: one.case_id)
    found = select(CaseFile).where(col(CaseFile.id).in_([one.case_id for one in listed]))
    cases = {case.id: case for case in call.session.exec(found)}
    return [
        answers.RoundEntry(
            case_id=one.case_id,
            number=cases[one.case_id].number,
            title=cases[one.case_id].title,
            mean=one.mean if shown else None,
            rank=one.rank if shown else None,
            result=one.result if shown else None,
            decision=one.decision,
            approved_fen=one.approved_fen,
            disputed=one.disputed,
        )
        for one in listed
    ]
