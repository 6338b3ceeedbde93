"""Withdrawing an application before its establishment is issued (放弃、撤回): its place goes to the next in rank."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field
from sqlmodel import Session, col, select

from engine.cases import door
from engine.cases.changes import filled
from engine.cases.fields import Text, en
from engine.cases.models import CaseFile, Process, Waiting, WorkItem
from engine.cases.moves import Form, Move, action, form, refuse_unless
from engine.cases.notices import post_notice
from engine.cases.sides import is_open, main_process, second_words
from engine.errors import Refused
from engine.people import permissions
from engine.people.models import Account
from engine.reviewing import draws, invitations, ranking, rounds, seating
from engine.reviewing.models import ReviewRound, RoundEntry
from engine.vocabulary import CaseStatus

WITHDRAWN_MESSAGE = "application_withdrawn"


class WithdrawalRequest(Form):
    """Why the unit gives the application up (撤回申请)."""

    reason: Text = Field(default="", title="撤回理由", json_schema_extra=en("Reason", long=True))


def open_withdrawal(session: Session, case: CaseFile, *, actor: Account, now: datetime) -> Process:
    """Start the withdrawal of an application; Refused once its establishment is issued."""
    permissions.may_ask_change(actor, case.unit_id).require()
    if reason := why_not_withdrawn(session, case):
        raise Refused(reason)
    summary = f"{actor.name}提出撤回申报"
    return door.start(session, "withdrawal", kind="side", actor=actor, now=now, case=case, summary=summary)


def why_not_withdrawn(session: Session, case: CaseFile) -> str | None:
    """Why an application cannot be withdrawn now, in a sentence; None when it can."""
    if not may_be_withdrawn(session, case):
        word = CaseStatus.of(case.status).zh
        return f"项目现为“{word}”，只有立项下达前可以撤回；立项后请申请变更或终止。"
    return second_words("撤回") if is_open(session, case, "withdrawal") else None


def may_be_withdrawn(session: Session, case: CaseFile) -> bool:
    """Does the case's own diagram still let the application go, as it does until it is established?"""
    statement = select(Waiting.id).where(
        Waiting.process_id == main_process(session, case.id or 0).id,
        Waiting.status == "open",
        Waiting.message == WITHDRAWN_MESSAGE,
    )
    return session.exec(statement).first() is not None


@form("withdrawal_request", "撤回申请", "Request to withdraw", WithdrawalRequest, prefill=filled)
def request_withdrawal(move: Move, item: WorkItem, request: WithdrawalRequest) -> None:  # noqa: ARG001
    """A withdrawal states its reason."""
    refuse_unless(request.outcome != "submit" or request.reason, "请写明撤回理由。")
    if request.outcome == "submit":
        move.note("withdrawal", f"申请撤回申报：{request.reason}")


@action("withdraw_application")
def withdraw_application(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Take the application out of its round and tell its own process, whose diagram ends it as withdrawn."""
    session, case = move.session, move.file
    if not may_be_withdrawn(session, case):
        raise Refused("立项已下达或项目已办结，不能再撤回；请改为不予撤回。")
    _leave_rounds(move)
    process: Process = main_process(session, case.id or 0)
    key = f"withdraw:{move.process.id}"
    door.send(session, process.id or 0, WITHDRAWN_MESSAGE, "withdrawn", now=move.now, key=key)
    post_notice(move, "withdrawn", "撤回申报通知", "已按申请撤回本项目申报，不再参加评审和立项。")
    return "done"


def _leave_rounds(move: Move) -> None:
    """A proposal passes over what was announced already, so the next in rank takes the place (递补).

    Nobody reads it any more: a seat in letter review with nothing left to read is given up.
    """
    statement = select(RoundEntry).where(
        RoundEntry.case_id == move.file.id, col(RoundEntry.announced).is_(None)
    )
    for entry in move.session.exec(statement):
        entry.announced, entry.decision = "withdrawn", "decline"
        entry.decision_reason, entry.approved_fen, entry.disputed = "申报单位撤回", 0, False
        entry.rank = None
        _clear_seats(move, draws.hold_round(move.session, entry.round_id), entry.case_id)


def _clear_seats(move: Move, opened: ReviewRound, case_id: int) -> None:
    hand = seating.hand_of(move)
    for member in seating.holding(move.session, opened):
        member.cases = [one for one in member.cases if one != case_id]
        if not member.cases and opened.reviewing_at is None:
            invitations.withdraw_invitation(move.session, member, move.now)
            member.standing, member.reason = "withdrawn", "项目已撤回，无须评审"
    move.session.flush()
    if not rounds.in_the_running(move.session, opened.id):
        invitations.dismiss(hand, opened, "项目全部撤回，无须评审")
    elif opened.reviewing_at is None:
        invitations.open_when_complete(hand, opened)
    ranking.recount(move.session, opened, move.now)
