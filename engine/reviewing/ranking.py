"""The ranking of a round (汇总排序): every application's newest scores, the quota line, another look where asked for.

In letter review (通讯评审) the experts of one application are not those of another. Their raw means are compared,
which the trace of every application says; nothing is standardised.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from engine import policy
from engine.cases.fields import en
from engine.cases.models import WorkItem
from engine.cases.moves import Form, Move, action, form, refuse_unless
from engine.clock import local_day
from engine.reviewing import scores, seating
from engine.reviewing.models import PanelMember, ReviewRound, RoundEntry, Score
from engine.reviewing.rounds import entries, in_the_running, refuse_while_any, round_of, rubric_of, titled


@action("rank_group")
def rank_group(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Aggregate the newest panel's scores and rank the group; `void` when an application lacks valid scores."""
    opened = round_of(move)
    standings = rank_round(move.session, opened, move.policy)
    void = [standing.case_id for standing in standings if standing.result == "void"]
    if void:
        move.note("void", "有效评分不足，需补抽专家重新评审")
        _look_again(move, opened, void)
        return "void"
    _keep_standings(move.session, opened, standings)
    return "ranked"


def _look_again(move: Move, opened: ReviewRound, cases: Sequence[int]) -> None:
    """The next panel is to read the whole group again, or in letter review these applications alone."""
    listed = (
        cases if opened.by_letter else [entry.case_id for entry in in_the_running(move.session, opened.id)]
    )
    seating.read_again(move.session, opened, listed, opened.panel_no + 1)


def recount(session: Session, opened: ReviewRound, now: datetime) -> None:
    """Rank again after a review was quarantined, while the ranking still waits to be confirmed."""
    statement = select(WorkItem.id).where(
        WorkItem.round_id == opened.id, WorkItem.element == "confirm_ranking", WorkItem.status == "open"
    )
    if session.exec(statement).first() is not None:
        values = policy.values(session, local_day(now))
        _keep_standings(session, opened, rank_round(session, opened, values))


def _keep_standings(session: Session, opened: ReviewRound, standings: Sequence[scores.Standing]) -> None:
    """Write the standings on the entries; what an earlier panel came to stays in the trace."""
    by_case = {entry.case_id: entry for entry in entries(session, opened.id)}
    places = scores.quota_places(standings, opened.quota)
    for standing in standings:
        entry = by_case[standing.case_id]
        earlier = list(entry.trace.get("earlier", []))
        if entry.trace and entry.trace.get("panel") != entry.panel_no:
            earlier.append(
                {name: value for name, value in entry.trace.items() if name != "earlier"}
                | {"mean": entry.mean, "rank": entry.rank}
            )
        entry.mean = scores.two_decimals(standing.mean) if standing.mean is not None else None
        entry.rank, entry.result, entry.tie_break = standing.rank, standing.result, standing.tie_break
        entry.trace = (
            standing.trace
            | {"panel": entry.panel_no, "place": places[standing.case_id]}
            | ({"compared": "raw means"} if opened.by_letter else {})
            | ({"earlier": earlier} if earlier else {})
        )


def rank_round(session: Session, opened: ReviewRound, values: Mapping[str, Any]) -> list[scores.Standing]:
    """The standings from the score rows of each application's newest panel; quarantined ones are not counted.

    In letter review the experts of one application are not those of another: their raw means are compared.
    """
    statement = newest_scores(opened)
    sheets = [
        scores.Sheet(
            case_id=row.case_id,
            account_id=row.account_id,
            points={name: Decimal(value) for name, value in row.points.items()},
            recommend=row.recommend,
            quarantined=not member.counts_for(row.case_id),
            veto=row.veto,
        )
        for row, member in session.exec(statement)
    ]
    rubric = rubric_of(values, opened.direction_code)
    titles = {one["key"]: one["title"] for one in rubric["dimensions"]}
    listed = [entry.case_id for entry in in_the_running(session, opened.id)]
    return scores.rank(sheets, listed, values, titles)


def newest_scores(opened: ReviewRound) -> "Select[Score, PanelMember]":
    """Each application's scores by the newest panel that read it, with the member who gave them."""
    return (
        select(Score, PanelMember)
        .join(
            PanelMember,
            (col(PanelMember.round_id) == Score.round_id)
            & (col(PanelMember.panel_no) == Score.panel_no)
            & (col(PanelMember.account_id) == Score.account_id),
        )
        .join(
            RoundEntry,
            (col(RoundEntry.round_id) == Score.round_id)
            & (col(RoundEntry.case_id) == Score.case_id)
            & (col(RoundEntry.panel_no) == Score.panel_no),
        )
        .where(Score.round_id == opened.id)
        .order_by(col(PanelMember.id))
    )


class Confirmation(Form):
    """The ranking confirmed, or sent to be reviewed again; in letter review only the applications named."""

    cases: list[int] = Field(
        default_factory=list,
        title="复评项目",
        json_schema_extra=en("To be reviewed again", choices="cases"),
    )


@form("ranking", "确认排序", "Confirm the ranking", Confirmation)
def confirm_ranking(move: Move, item: WorkItem, ranking: Confirmation) -> None:  # noqa: ARG001
    """A re-review (复评) needs its reason; going on in spite of a trigger needs one too. Scores never change."""
    opened = round_of(move)
    listed = in_the_running(move.session, opened.id)
    void = [entry.case_id for entry in listed if entry.result == "void"]
    flagged = [entry.case_id for entry in listed if scores.wants_another_look(entry.trace)]
    if ranking.outcome == "cancel":
        refuse_while_any(move.session, opened)
        return
    if ranking.outcome == "re_review":
        refuse_unless(ranking.comment, "要求复评的，请在意见中写明理由。")
        strangers = {*ranking.cases} - {entry.case_id for entry in listed}
        refuse_unless(not strangers, f"项目 {sorted(strangers)} 不在本评审组。")
        everything = [entry.case_id for entry in listed]
        _look_again(move, opened, ranking.cases or sorted({*void, *flagged}) or everything)
        return
    refuse_unless(
        not void, f"{_named(move, void)}因回避评分不计入，有效评分不足；请选择复评，由新的专家组评审。"
    )
    refuse_unless(
        ranking.comment or not _tied_over_the_line(listed, opened.quota),
        f"第 {opened.quota} 名与下一名同分且各分项相同，限额线未能分出先后；请由组长表决，并在意见中写明结果。",
    )
    refuse_unless(
        not flagged or ranking.comment,
        f"{_named(move, flagged)}评分分歧触发复评；请选择复评，或在意见中写明讨论结论后继续。",
    )


def _named(move: Move, cases: Sequence[int]) -> str:
    return "、".join(titled(move, case) for case in cases)


def _tied_over_the_line(listed: Sequence[RoundEntry], quota: int | None) -> bool:
    """Do the last within the quota and the first beyond it stand equal in everything that is compared?"""
    edge = {entry.rank: entry for entry in listed if quota and entry.rank in (quota, quota + 1)}
    votes = [entry for entry in edge.values() if entry.trace.get("tie") and entry.result == "recommended"]
    return len(votes) == 2 and votes[0].mean == votes[1].mean
