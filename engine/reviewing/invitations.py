"""Invitations (邀请): declare and sign before a file opens, accept or decline; substitutes step in by themselves.

Each invitation is a small process of its own (`expert_invitation.bpmn`), so that its limit, reminders and history are
those of every other step. Nothing but the seat in question ever moves.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from engine.cases import door
from engine.cases.fields import Text, en
from engine.cases.models import Process, Waiting, WorkItem
from engine.cases.moves import Form, Move, action, form, refuse_unless
from engine.errors import Forbidden, NotFound, Refused
from engine.people import permissions
from engine.people.models import Account
from engine.reviewing import draws, ranking, rounds
from engine.reviewing.models import Draw, PanelMember, ReviewRound, RoundEntry, Score
from engine.reviewing.seating import (
    INVITATION,
    Hand,
    barred_from,
    give_up,
    hand_of,
    holding,
    members,
    posed_today,
    published,
    substitute,
    tell_round,
)

__all__ = ["excuse", "holding", "members", "open_file", "report_conflict", "undo", "withdraw_invitation"]

UNDO_MESSAGE = "draw_undone"
WITHDRAW_MESSAGE = "invitation_withdrawn"


class Declared(BaseModel):
    """A conflict declared on one application."""

    model_config = ConfigDict(extra="forbid")

    case_id: int
    statement: Text = Field(min_length=1)


class Answer(Form):
    """An expert's answer (应邀与回避声明), given before any file opens."""

    signed: bool = Field(
        default=False,
        title="本人与所列项目及单位无应当回避的情形，并承诺保守评审秘密",
        json_schema_extra=en("I have no conflict with these applications and will keep the review secret"),
    )
    declarations: list[Declared] = Field(
        default_factory=list, title="回避声明", json_schema_extra=en("Conflicts", kind="declarations")
    )


@form("invitation", "应邀与回避声明", "Invitation and declaration", Answer)
def answer(move: Move, item: WorkItem, given: Answer) -> None:  # noqa: ARG001
    """Accept under signature, decline with a reason, or declare a conflict; unknown is not clear.

    In letter review one may accept and leave out the applications one has a conflict with.
    """
    opened = draws.hold_round(move.session, move.process.round_id)
    member = move.session.get_one(PanelMember, move.process.subject["member"])
    refuse_unless(member.standing == "invited", "这份邀请已撤回，不必答复；您的任务列在“我的评审”。")
    strangers = [one.case_id for one in given.declarations if one.case_id not in member.cases]
    refuse_unless(not strangers, f"项目 {strangers} 不在本次邀请之列。")
    if given.outcome == "accept":
        refuse_unless(given.signed, "应邀前须签署回避与保密承诺。")
        refuse_unless(opened.by_letter or not given.declarations, "有回避情形的，请选择“声明回避”。")
        left_out = {one.case_id for one in given.declarations}
        refuse_unless(left_out < {*member.cases}, "全部项目都有回避情形的，请选择“声明回避”。")
        member.standing = "accepted"
    else:
        refuse_unless(given.comment or given.declarations, "谢绝或声明回避的，请写明理由。")
        refuse_unless(given.outcome != "conflict" or given.declarations, "请就有回避情形的项目逐项说明。")
        member.standing = "declined" if given.outcome == "decline" else "conflict"
    said = {str(one.case_id): one.statement for one in given.declarations}
    member.declared = {**member.declared, "conflicts": said, "signed": given.signed}
    member.answered_at, member.reason = move.now, given.comment or "；".join(said.values())


@action("take_seat")
def take_seat(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Somebody accepted: take over a sheet that waits, or open the review when the whole panel is there."""
    member = move.session.get_one(PanelMember, move.process.subject["member"])
    opened = move.session.get_one(ReviewRound, member.round_id)
    move.session.flush()
    if member.conflicts:
        posed = posed_today(move.session, opened, move.now)
        give_up(hand_of(move), opened, member, member.conflicts, posed)
    if opened.reviewing_at is not None:
        _take_sheet(move.session, opened, member)
    else:
        open_when_complete(hand_of(move), opened)
    return "done"


def open_when_complete(hand: Hand, opened: ReviewRound) -> None:
    """Open the review once every seat is held by somebody who accepted."""
    seated = holding(hand.session, opened)
    if _complete(hand.session, opened, seated) and all(one.standing == "accepted" for one in seated):
        _open_review(hand, opened, seated)


def _complete(session: Session, opened: ReviewRound, seated: Sequence[PanelMember]) -> bool:
    """Whether every seat of the newest published draw is held; in letter review a seat is one application's."""
    made = published(session, opened)
    if made is None:
        return False
    if not opened.by_letter:
        return len(seated) == len(made.seats)
    listed = {entry.case_id for entry in rounds.in_the_running(session, opened.id)}
    wanted = sum(case in listed for seat in made.seats for case in seat["cases"])
    return sum(len(one.cases) for one in seated) == wanted


def _open_review(hand: Hand, opened: ReviewRound, seated: Sequence[PanelMember]) -> None:
    """Everybody is there: look once more, then freeze the conflicts and let the round open its score sheets."""
    posed = posed_today(hand.session, opened, hand.now)
    late = [(one, lost) for one in seated if (lost := barred_from(posed, one))]
    for one, lost in late:
        give_up(hand, opened, one, lost, posed)
    if late:
        return
    opened.reviewing_at = hand.now
    panel = [one.account_id for one in seated]
    tell_round(hand.session, opened, "ready", hand.now, hand.key, panel)


@action("call_substitute")
def call_substitute(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """A seat is free: the next backup is invited. An invitation nobody answered has expired.

    One that was withdrawn while its limit passed has its substitute already.
    """
    opened = draws.hold_round(move.session, move.process.round_id)
    member = move.session.get_one(PanelMember, move.process.subject["member"])
    if data.get("respond_outcome") is None:
        if member.standing != "invited":
            return "seated"
        member.standing, member.answered_at, member.reason = "expired", move.now, "逾期未答复"
    return substitute(hand_of(move), opened, member, posed_today(move.session, opened, move.now))


def _take_sheet(session: Session, opened: ReviewRound, member: PanelMember) -> None:
    """The score sheet made for whoever sat here when review began becomes this member's."""
    before = member
    while before.replaces_id is not None:
        before = session.get_one(PanelMember, before.replaces_id)
        sheet = _sheet(session, opened, before.account_id)
        if sheet is not None:
            sheet.holder_id = member.account_id
            return


def _sheet(session: Session, opened: ReviewRound, account_id: int) -> WorkItem | None:
    """The open score sheet that was made for this account."""
    statement = select(WorkItem).where(
        WorkItem.process_id == draws.round_process(session, opened.id or 0).id,
        WorkItem.element == "score",
        WorkItem.status == "open",
        WorkItem.item == str(account_id),
    )
    return session.exec(statement).first()


def excuse(session: Session, member_id: int, *, actor: Account, now: datetime, reason: str) -> None:
    """The drawing officer excuses an expert (免除) with a reason; a substitute takes the seat and its open sheet."""
    member = _member(session, member_id)
    draws.may_draw_round(session, member.round_id, actor).require()
    reason = draws.reason_of(reason, "免除专家请写明理由。")
    if member.standing not in draws.STAYS:
        raise Refused("这位专家已不在席位上，不必免除。")
    if _scored(session, member):
        raise Refused("这位专家已提交评分；确有回避情形的请登记回避，评分保留但不计入。")
    _leave(session, member, actor, now, "excused", reason)


def report_conflict(
    session: Session,
    member_id: int,
    *,
    actor: Account,
    now: datetime,
    statement: str,
    case_id: int | None = None,
) -> None:
    """A conflict learned late (事后发现回避情形): before review the seat passes on; after, the review is quarantined.

    Quarantined scores are kept and flagged, and no longer counted; nothing is deleted. In letter review it may be
    about one application (`case_id`): the others stay the expert's.
    """
    member = _member(session, member_id)
    own = actor.id == member.account_id and permissions.may_change(actor)
    if not own:
        may_report_conflict(session, member, actor).require()
    statement = draws.reason_of(statement, "请写明回避情形。")
    if member.quarantined or member.standing not in draws.STAYS:
        raise Refused("这位专家已不在席位上，或已登记回避。")
    opened = session.get_one(ReviewRound, member.round_id)
    lost = _in_conflict(opened, member, case_id)
    said = {**member.conflicts, **dict.fromkeys(lost, statement)}
    member.declared = {**member.declared, "conflicts": {str(case): words for case, words in said.items()}}
    if lost != member.cases:
        _give_up_late(
            session, opened, member, lost, Hand(session, actor, now, f"member {member.id} {case_id}")
        )
        return
    if opened.reviewing_at is not None:
        member.quarantined, member.quarantine_reason = True, statement
    if not _scored(session, member):
        _leave(session, member, actor, now, "conflict", statement)
        return
    member.answered_at = now
    words = "评审开始后登记回避：该专家的评分保留，不再计入"
    hand = Hand(session, actor, now, f"member {member.id} quarantined")
    hand.note(opened, "quarantine", words, member=member.id, reason=statement)
    ranking.recount(session, opened, now)


def _in_conflict(opened: ReviewRound, member: PanelMember, case_id: int | None) -> list[int]:
    """The applications a late conflict takes from a member: all, or the one named where each is judged alone."""
    if case_id is None or not opened.by_letter:
        return member.cases
    if case_id not in member.cases:
        raise Refused(f"项目 {case_id} 不由这位专家评审；请从其评审的项目中选择。")
    return [case_id]


def _give_up_late(
    session: Session, opened: ReviewRound, member: PanelMember, lost: Sequence[int], hand: Hand
) -> None:
    """The member keeps the other applications; a score of this one stays on record and is no longer counted."""
    give_up(
        hand,
        opened,
        member,
        {case: member.conflicts[case] for case in lost},
        posed_today(session, opened, hand.now),
    )
    ranking.recount(session, opened, hand.now)


def may_report_conflict(session: Session, member: PanelMember, actor: Account) -> permissions.Decision:
    """May this account register somebody else's late conflict? Who draws for the round, and programme officers."""
    if not (able := permissions.may_change(actor)):
        return able
    if permissions.has_role(actor, "programme"):
        return permissions.ALLOWED
    return draws.may_draw_round(session, member.round_id, actor)


def _member(session: Session, member_id: int) -> PanelMember:
    found = session.get(PanelMember, member_id)
    if found is None:
        raise NotFound(f"没有编号为 {member_id} 的专家席位。")
    draws.hold_round(session, found.round_id)
    session.refresh(found)
    return found


def _scored(session: Session, member: PanelMember) -> bool:
    statement = select(Score.id).where(
        Score.round_id == member.round_id,
        Score.panel_no == member.panel_no,
        Score.account_id == member.account_id,
    )
    return session.exec(statement).first() is not None


def _leave(
    session: Session, member: PanelMember, actor: Account, now: datetime, standing: str, reason: str
) -> None:
    """Leave the seat: the invitation ends, the open sheet is nobody's for now, the next backup is invited."""
    opened = session.get_one(ReviewRound, member.round_id)
    was_invited = member.standing == "invited"
    member.standing, member.reason = standing, reason
    member.answered_at = member.answered_at or now
    if standing == "excused":
        member.excused, member.excuse = True, reason
    word = {"excused": "免除一位专家", "conflict": "一位专家登记回避"}[standing]
    hand = Hand(session, actor, now, f"member {member.id} leaves")
    hand.note(opened, standing, word, member=member.id, reason=reason)
    if was_invited:
        withdraw_invitation(session, member, now)
    statement = select(WorkItem).where(
        WorkItem.round_id == opened.id,
        WorkItem.element == "score",
        WorkItem.status == "open",
        WorkItem.holder_id == member.account_id,
    )
    for sheet in session.exec(statement):
        sheet.holder_id = None
    session.flush()
    substitute(hand, opened, member, posed_today(session, opened, now))


def withdraw_invitation(session: Session, member: PanelMember, now: datetime) -> None:
    """End the open invitation of a member, if there is one."""
    statement = (
        select(Process)
        .join(Waiting, col(Waiting.process_id) == Process.id)
        .where(
            Process.round_id == member.round_id,
            Process.key == INVITATION,
            Waiting.status == "open",
            Waiting.message == WITHDRAW_MESSAGE,
        )
    )
    for process in session.exec(statement):
        if process.subject["member"] == member.id:
            door.send(
                session, process.id or 0, WITHDRAW_MESSAGE, "withdrawn", now=now, key=f"withdraw:{process.id}"
            )


def undo(session: Session, round_id: int, *, actor: Account, now: datetime, reason: str) -> None:
    """Take a published draw back (撤回抽取) until the first file was opened; the round returns to the draw."""
    draws.may_draw_round(session, round_id, actor).require()
    draws.round_process(session, round_id)  # not found: no such round
    opened = draws.hold_round(session, round_id)
    made = published(session, opened)
    if made is None or made.panel_no != opened.panel_no:
        raise Refused("本轮次没有可以撤回的抽取结果。")
    reason = draws.reason_of(reason, "撤回抽取请写明理由。")
    seated = holding(session, opened)
    if any(one.opened_at for one in members(session, round_id, opened.panel_no)):
        raise Refused("已有专家打开材料，抽取结果不能撤回；个别专家可以免除或登记回避。")
    if any(_scored(session, one) for one in seated):
        raise Refused("已有专家提交评分，抽取结果不能撤回。")
    hand = Hand(session, actor, now, f"undo:{made.id}")
    _call_off(hand, opened, made, reason)
    hand.note(opened, "draw_undo", f"撤回抽取结果：{reason}", draw=made.id)


def _call_off(hand: Hand, opened: ReviewRound, made: Draw, reason: str) -> None:
    """Everybody's seat is given up, open score sheets end, and the round returns to the draw."""
    session, round_id = hand.session, opened.id or 0
    for one in holding(session, opened):
        withdraw_invitation(session, one, hand.now)
        one.standing, one.reason = "withdrawn", reason
    made.status = "undone"
    if opened.reviewing_at is not None:
        process = draws.round_process(session, round_id)
        key = f"{round_id}:{hand.key}"
        door.send(session, process.id or 0, UNDO_MESSAGE, "withdrawn", now=hand.now, key=key)
    elif draws.draw_item(session, round_id) is None:
        tell_round(session, opened, "withdrawn", hand.now, hand.key, [])
    opened.reviewing_at = None


def dismiss(hand: Hand, opened: ReviewRound, reason: str) -> None:
    """Nothing is left to be read: whoever is invited or is scoring is free, and the round can be ended at the draw."""
    made = published(hand.session, opened)
    if made is None or made.panel_no != opened.panel_no or draws.draw_item(hand.session, opened.id or 0):
        return
    if opened.reviewing_at is None or _scoring(hand.session, opened):
        _call_off(hand, opened, made, reason)


def _scoring(session: Session, opened: ReviewRound) -> bool:
    """Is a score sheet of the round still open?"""
    statement = select(WorkItem.id).where(
        WorkItem.round_id == opened.id, WorkItem.element == "score", WorkItem.status == "open"
    )
    return session.exec(statement).first() is not None


def open_file(session: Session, account: Account, case_id: int, *, now: datetime) -> PanelMember | None:
    """An expert opens a file of a case: noted the first time. None for whoever is no reviewer of it.

    Forbidden before the commitment is signed and before the whole panel is there.
    """
    statement = (
        select(PanelMember)
        .join(RoundEntry, col(RoundEntry.round_id) == PanelMember.round_id)
        .where(RoundEntry.case_id == case_id, PanelMember.account_id == account.id)
        .order_by(col(PanelMember.id).desc())
    )
    member = next((one for one in session.exec(statement) if case_id in one.cases), None)
    if member is None:
        return None
    if member.opened_at is None:
        draws.hold_round(session, member.round_id)  # who takes the draw back waits, or was first
        session.refresh(member)
    if reason := rounds.why_closed(session, member):
        raise Forbidden(reason)
    if member.opened_at is None:
        member.opened_at = now
        opened = session.get_one(ReviewRound, member.round_id)
        Hand(session, account, now, "").note(opened, "open_file", "专家首次打开评审材料", member=member.id)
    return member
