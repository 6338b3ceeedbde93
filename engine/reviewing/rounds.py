"""The review round's first half (评审): grouping, the score sheets, visits and defences; `ranking` ranks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from engine import policy
from engine.cases import door
from engine.cases.fields import Line, Text, en
from engine.cases.models import CaseFile, Process, Waiting, WorkItem
from engine.cases.moves import Form, Move, action, form, refuse_unless
from engine.catalogue.directions import belongs, get_direction
from engine.clock import local_day
from engine.errors import Refused
from engine.people.models import Account
from engine.reviewing import seating
from engine.reviewing.models import PanelMember, ReviewRound, RoundEntry, Score
from engine.vocabulary import ReviewMode

REVIEW_MESSAGE = "review_result"
Points = Annotated[Decimal, Field(ge=0, le=100, max_digits=6, decimal_places=2, allow_inf_nan=False)]


def open_round(session: Session, direction_code: str, *, actor: Account, now: datetime) -> ReviewRound:
    """Open a round for the applications of a direction that wait for review; Refused when none does."""
    spec = get_direction(session, direction_code)
    waiting = cases_awaiting_review(session, direction_code)
    if not waiting:
        raise Refused(f"方向 {direction_code} 没有等待评审的项目；形式审查通过后才能开启评审轮次。")
    quota = spec.quota
    if quota is None and policy.value(session, "quota_default_enabled", local_day(now)):
        quota = int(policy.value(session, "quota_default", local_day(now)))
    opened = ReviewRound(
        direction_code=direction_code,
        title=f"{spec.title}（{local_day(now).year} 年）",
        quota=quota,
        mode=policy.value(session, "review_mode", local_day(now)),
        opened_at=now,
    )
    session.add(opened)
    session.flush()
    door.start(
        session,
        "review_round",
        kind="round",
        actor=actor,
        now=now,
        round_id=opened.id,
        subject={"direction_code": direction_code, "title": opened.title},
        summary=f"开启评审轮次：{opened.title}，待评审 {len(waiting)} 项",
    )
    return opened


def cases_awaiting_review(session: Session, direction_code: str) -> list[int]:
    """The direction's cases that wait for a review result and are in no unfinished round."""
    taken = (
        select(RoundEntry.case_id)
        .join(Process, col(Process.round_id) == RoundEntry.round_id)
        .where(col(Process.ended_at).is_(None), Process.kind == "round")
    )
    statement = (
        select(CaseFile.id)
        .join(Waiting, col(Waiting.case_id) == CaseFile.id)
        .where(
            CaseFile.direction_code == direction_code,
            Waiting.status == "open",
            Waiting.message == REVIEW_MESSAGE,
            col(CaseFile.id).not_in(taken),
        )
        .order_by(col(CaseFile.id))
    )
    return [case_id for case_id in session.exec(statement) if case_id is not None]


def refuse_while_any(session: Session, opened: ReviewRound) -> None:
    """A round is given up (取消轮次) only when its units have taken every application back."""
    left = len(in_the_running(session, opened.id))
    refuse_unless(not left, f"本轮次还有 {left} 个项目；只有项目全部撤回后才能办结轮次。")


def round_of(move: Move) -> ReviewRound:
    """The round this move is about."""
    return move.session.get_one(ReviewRound, move.process.round_id)


def titled(move: Move, case_id: int) -> str:
    """A case as people know it, in a sentence."""
    return f"项目“{move.session.get_one(CaseFile, case_id).title}”"


def entries(session: Session, round_id: int | None) -> list[RoundEntry]:
    """A round's applications, ranked ones first in their order."""
    statement = (
        select(RoundEntry)
        .where(RoundEntry.round_id == round_id)
        .order_by(col(RoundEntry.rank).is_(None), col(RoundEntry.rank), col(RoundEntry.case_id))
    )
    return list(session.exec(statement))


def in_the_running(session: Session, round_id: int | None) -> list[RoundEntry]:
    """A round's applications without those their units took back: those that are drawn for, read and ranked."""
    return [entry for entry in entries(session, round_id) if entry.announced != "withdrawn"]


def reviewers_of(session: Session, case_id: int) -> list[int]:
    """The accounts of the experts to whom this case is open now."""
    statement = (
        select(PanelMember)
        .join(RoundEntry, col(RoundEntry.round_id) == PanelMember.round_id)
        .where(RoundEntry.case_id == case_id, PanelMember.standing == "accepted")
    )
    found = [member for member in session.exec(statement).unique() if case_id in member.cases]
    return [member.account_id for member in found if not why_closed(session, member)]


def read_by(session: Session, account_id: int) -> list[int]:
    """The cases this expert reads: those that name the account in `reviewers_of`."""
    statement = select(PanelMember).where(PanelMember.account_id == account_id)
    seats = [one for one in session.exec(statement) if not why_closed(session, one)]
    return sorted({case for one in seats for case in one.cases})


def why_closed(session: Session, member: PanelMember) -> str:
    """Why the files are closed to this member; empty from the panel's completion until the results are issued."""
    opened = session.get_one(ReviewRound, member.round_id)
    if member.standing == "invited":
        return "请先签署回避与保密承诺并应邀，再打开材料。"
    if member.standing != "accepted" or member.quarantined:
        return "您已不在本项目的评审席位上，不能打开材料。"
    if opened.announced_at is not None:
        return "本轮次的结果已下达，申报材料不再向评审专家开放。"
    began = member.panel_no < opened.panel_no or opened.reviewing_at is not None
    return "" if began else "专家组尚未到齐，评审开始后才能打开材料。"


def own_cases(session: Session, item: WorkItem) -> list[int]:
    """The applications on an expert's score sheet: those of the seat he or she holds."""
    opened = session.get_one(ReviewRound, item.round_id)
    statement = select(PanelMember).where(
        PanelMember.round_id == opened.id,
        PanelMember.panel_no == opened.panel_no,
        PanelMember.account_id == item.holder_id,
    )
    return list(session.exec(statement).one().cases)


class Grouping(Form):
    """Which applications compete in this round, and how they are read; empty takes all that wait, as policy says."""

    cases: list[int] = Field(
        default_factory=list, title="入组项目", json_schema_extra=en("Applications", choices="cases")
    )
    mode: ReviewMode | None = Field(default=None, title="评审方式", json_schema_extra=en("Mode of review"))


@form("grouping", "评审分组", "Grouping", Grouping)
def group(move: Move, item: WorkItem, grouping: Grouping) -> None:  # noqa: ARG001
    """Put the waiting applications of the direction in one competition group, and fix how it is read.

    A round opened in error, or left without applications, is given up here; what waits goes on waiting.
    """
    opened = round_of(move)
    if grouping.outcome == "cancel":
        refuse_unless(grouping.comment, "取消轮次的，请在意见中写明理由。")
        return
    opened.mode = grouping.mode.value if grouping.mode else opened.mode
    move.note("review_mode", f"评审方式：{ReviewMode.of(opened.mode).zh}", mode=opened.mode)
    waiting = cases_awaiting_review(move.session, opened.direction_code)
    chosen = grouping.cases or waiting
    strangers = [case for case in chosen if case not in waiting]
    refuse_unless(not strangers, f"项目 {strangers} 不在待评审之列；请只选本方向形式审查通过的项目。")
    refuse_unless(chosen, "没有待评审的项目，不能分组。")
    for case in dict.fromkeys(chosen):
        move.session.add(RoundEntry(round_id=opened.id or 0, case_id=case))


class SheetRow(BaseModel):
    """One application on an expert's score sheet."""

    model_config = ConfigDict(extra="forbid")

    case_id: int
    points: dict[str, Points]
    recommend: bool
    veto: bool = False
    """One vote that rejects the application (一票否决); the opinion must say why."""
    opinion: Text = ""


class ScoreSheet(Form):
    """An expert's scores for every application of the group, or an excuse."""

    rows: list[SheetRow] = Field(
        default_factory=list, title="评分", json_schema_extra=en("Scores", kind="scores")
    )


def rubric_of(move_policy: Mapping[str, Any], direction_code: str) -> dict[str, Any]:
    """The rubric (评分标准) in force for a direction: the longest matching prefix of the policy's table."""
    table = move_policy["rubric_for"]
    prefix = max((p for p in table if belongs(direction_code, p)), key=len, default="")
    rubric: dict[str, Any] = move_policy[table.get(prefix, "rubric_rd")]
    return rubric


@form("score_sheet", "专家评分", "Score sheet", ScoreSheet)
def score(move: Move, item: WorkItem, sheet: ScoreSheet) -> dict[str, Any]:
    """Every application scored on every dimension, within its weight; an excused expert leaves no score."""
    opened, account = round_of(move), item.holder_id or 0
    statement = select(PanelMember).where(
        PanelMember.round_id == opened.id,
        PanelMember.panel_no == opened.panel_no,
        PanelMember.account_id == account,
    )
    member = move.session.exec(statement).one()
    if sheet.outcome == "excuse":
        refuse_unless(sheet.comment, "回避或不能评审的，请在意见中写明原因。")
        _step_down(move, item, opened, member, sheet.comment)
        return {"sheet": account}
    refuse_unless(
        sorted(row.case_id for row in sheet.rows) == sorted(member.cases),
        f"请为本组全部 {len(member.cases)} 个项目各评一次分，现有 {len(sheet.rows)} 份。",
    )
    weights = {
        d["key"]: Decimal(d["weight"]) for d in rubric_of(move.policy, opened.direction_code)["dimensions"]
    }
    for row in sheet.rows:
        _check_points(row, weights)
        move.session.add(
            Score(
                round_id=opened.id or 0,
                panel_no=opened.panel_no,
                case_id=row.case_id,
                account_id=account,
                points={name: str(value) for name, value in row.points.items()},
                total=str(sum(row.points.values(), Decimal(0))),
                recommend=row.recommend,
                veto=row.veto,
                opinion=row.opinion,
                at=move.now,
            )
        )
    return {"sheet": account}


def _step_down(move: Move, item: WorkItem, opened: ReviewRound, member: PanelMember, reason: str) -> None:
    """The seat goes to its next backup, whose sheet this becomes; with no backup left the sheet is closed."""
    member.excused, member.excuse, member.standing = True, reason, "excused"
    member.reason, member.answered_at = reason, member.answered_at or move.now
    called = seating.substitute(
        seating.hand_of(move), opened, member, seating.posed_today(move.session, opened, move.now)
    )
    if called == "seated":
        item.holder_id, move.stays = None, True
        move.note("excused", "一位专家退出评审，已邀请备选递补", member=member.id, reason=reason)


def _check_points(row: SheetRow, weights: Mapping[str, Decimal]) -> None:
    refuse_unless(row.opinion or not row.veto, f"项目 {row.case_id} 一票否决的，必须写明理由。")
    refuse_unless(
        not (row.veto and row.recommend), f"项目 {row.case_id} 一票否决与推荐立项不能并存；请改正。"
    )
    if set(row.points) != set(weights):
        raise Refused(f"项目 {row.case_id} 的评分项应为 {'、'.join(weights)}，请逐项打分。")
    for name, value in row.points.items():
        if value > weights[name]:
            raise Refused(f"项目 {row.case_id} 的“{name}”满分 {weights[name]} 分，现为 {value} 分；请改正。")


class VisitRow(BaseModel):
    """The result of a site visit or defence for one application."""

    model_config = ConfigDict(extra="forbid")

    case_id: int
    passed: bool
    note: Line = ""


class Visit(Form):
    """Results of a site visit (现场考察) or a defence (公开答辩); applications not named are taken to pass."""

    rows: list[VisitRow] = Field(
        default_factory=list, title="结果", json_schema_extra=en("Results", kind="visits")
    )


def _keep_visits(move: Move, rows: Sequence[VisitRow], what: str) -> None:
    """A result stays failed once it failed; what was noted is kept in the history."""
    by_case = {entry.case_id: entry for entry in entries(move.session, round_of(move).id)}
    for row in rows:
        if row.case_id not in by_case:
            raise Refused(f"项目 {row.case_id} 不在本评审组。")
        title, entry = titled(move, row.case_id), by_case[row.case_id]
        refuse_unless(row.passed or row.note, f"{title}不合格的，请写明原因。")
        entry.visit_passed = row.passed and entry.visit_passed is not False
        if not row.passed:
            entry.result = "rejected"
        if row.note:
            move.note("visited", f"{title}{what}{'合格' if row.passed else '不合格'}：{row.note}")


@form("site_visit", "现场考察", "Site visit", Visit)
def visit_sites(move: Move, item: WorkItem, visit: Visit) -> None:  # noqa: ARG001
    """Keep the results of the visit."""
    _keep_visits(move, visit.rows, "现场考察")


@form("defence", "公开答辩", "Defence", Visit)
def hear_defence(move: Move, item: WorkItem, visit: Visit) -> None:  # noqa: ARG001
    """Keep the results of the defence."""
    _keep_visits(move, visit.rows, "答辩")


@action("announce_review")
def announce_review(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Tell every case what the review concluded; those on the reserve list stay in the running."""
    for entry in in_the_running(move.session, round_of(move).id):
        result = "rejected" if entry.result == "rejected" else "recommended"
        tell_case(move, entry.case_id, REVIEW_MESSAGE, result, f"review:{entry.round_id}:{entry.case_id}")
    return "done"


def tell_case(move: Move, case_id: int, name: str, outcome: str, key: str) -> None:
    """Keep a message for a case's own process."""
    statement = select(Process.id).where(Process.case_id == case_id, Process.kind == "case")
    process_id = move.session.exec(statement).one()
    door.send(move.session, process_id or 0, name, outcome, now=move.now, key=key)
