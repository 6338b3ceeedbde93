"""Side processes of a case (旁支流程): termination here; an objection lives with the round it disputes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from engine.cases import door
from engine.cases.models import CaseFile, Process, Settlement, Waiting
from engine.cases.moves import Move, action, plain_form, refuse_unless
from engine.cases.notices import post_notice
from engine.errors import Refused
from engine.people import permissions
from engine.people.models import Account
from engine.vocabulary import CaseStatus

TERMINATED_MESSAGE = "project_terminated"


def open_termination(
    session: Session, case: CaseFile, *, actor: Account, reason: str, now: datetime
) -> Process:
    """Start the termination (终止) of a project under way, applied for by the unit or forced by the bureau."""
    permissions.may_ask_termination(actor, case.unit_id).require()
    if not may_be_terminated(session, main_process(session, case.id or 0)):
        raise Refused(f"项目现为“{CaseStatus.of(case.status).zh}”，只有实施中或结题中的项目可以终止。")
    if not reason.strip():
        raise Refused("请写明终止事由。")
    refuse_second(session, case, "termination", "终止")
    return door.start(
        session,
        "termination",
        kind="side",
        actor=actor,
        now=now,
        case=case,
        subject={"reason": reason.strip(), "by": actor.login},
        summary=f"提出项目终止：{reason.strip()}",
    )


def refuse_second(session: Session, case: CaseFile, key: str, word: str) -> None:
    """Only one open side process of a kind at a time."""
    if is_open(session, case, key):
        raise Refused(second_words(word))


def second_words(word: str) -> str:
    """Why a second one of a kind is refused."""
    return f"本项目已有一件{word}在办理，请先办结。"


def is_open(session: Session, case: CaseFile, key: str) -> bool:
    """Is a side process of this kind under way for the case?"""
    statement = select(Process.id).where(
        Process.case_id == case.id,
        Process.key == key,
        Process.ended_at == None,  # noqa: E711
    )
    return session.exec(statement).first() is not None


def main_process(session: Session, case_id: int) -> Process:
    """The case's own process, beside its side processes."""
    statement = select(Process).where(Process.case_id == case_id, Process.kind == "case")
    return session.exec(statement).one()


plain_form("termination_review", "终止审核", "Termination review")


@action("terminate_project")
def terminate_project(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Tell the case's own process that the project is terminated; its diagram decides what follows."""
    process = main_process(move.session, move.file.id or 0)
    refuse_unless(
        may_be_terminated(move.session, process), "项目已验收或已办结，不能再终止；请改为不同意终止。"
    )
    door.send(
        move.session,
        process.id or 0,
        TERMINATED_MESSAGE,
        "terminated",
        now=move.now,
        key=f"terminate:{move.process.id}",
    )
    return "done"


def may_be_terminated(session: Session, process: Process) -> bool:
    """Does the case's own diagram await the message now, as it does under way but not after acceptance?"""
    statement = select(Waiting.id).where(
        Waiting.process_id == process.id, Waiting.status == "open", Waiting.message == TERMINATED_MESSAGE
    )
    return session.exec(statement).first() is not None


@action("close_terminated")
def close_terminated(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """The project is closed as terminated (终止结题): nothing more is paid."""
    settlement = move.session.get_one(Settlement, move.file.id)
    settlement.acceptance = "terminated"
    post_notice(move, "terminated", "终止结题通知", "项目终止结题，不再拨付补助。")
    return "done"
