"""Requests for change (变更): what a unit may ask to change in a signed task-book, and what an approval changes.

Lead unit, leader, targets, name and schedule are major (重大事项): approved, then a supplement to the task-book.
All else is recorded (备案). No change touches the approved amount, a paid share or a node already passed.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from engine.cases import door
from engine.cases.change_requests import (
    ChangeRequest,
    applicant_of,
    change_conditions,
    differences,
    major_words,
    new_dates,
    new_targets,
    open_nodes,
    unit_of,
)
from engine.cases.conditions import refuse_unkept
from engine.cases.due_dates import due_of
from engine.cases.models import CaseFile, FormRecord, Process, WorkItem
from engine.cases.moves import Form, Move, action, form, refuse_unless
from engine.cases.notices import last_comment, post_notice
from engine.cases.sides import is_open, main_process, may_be_terminated, second_words
from engine.cases.task_books import current_targets, ensure_first, supplement
from engine.clock import local_day
from engine.errors import Refused
from engine.people import permissions
from engine.people.models import Account, Organization
from engine.vocabulary import CaseStatus, Role


def open_side(
    session: Session, case: CaseFile, key: str, word: str, *, actor: Account, now: datetime
) -> Process:
    """Start a side process of a project under way for its own unit; Refused when it is not under way."""
    permissions.may_ask_change(actor, case.unit_id).require()
    if reason := why_not(session, case, key, word):
        raise Refused(reason)
    return door.start(
        session, key, kind="side", actor=actor, now=now, case=case, summary=f"{actor.name}提出{word}"
    )


def why_not(session: Session, case: CaseFile, key: str, word: str) -> str | None:
    """Why a request of this kind cannot be made now, in a sentence; None when it can."""
    if not under_way(session, case):
        return f"项目现为“{CaseStatus.of(case.status).zh}”，任务书签订后、结题前才能申请{word}。"
    return second_words(word) if is_open(session, case, key) else None


def open_change(session: Session, case: CaseFile, *, actor: Account, now: datetime) -> Process:
    """Start a request for change (变更); its first step is the unit's own form."""
    return open_side(session, case, "change", "变更", actor=actor, now=now)


def under_way(session: Session, case: CaseFile) -> bool:
    """Is the task-book signed and the project not yet closing?"""
    return case.status == CaseStatus.ACTIVE and may_be_terminated(
        session, main_process(session, case.id or 0)
    )


def filled(session: Session, item: WorkItem) -> dict[str, Any]:
    """What was last filled in at this step of this process, when it comes back."""
    payload = last_request(session, item.process_id, item.form_key)
    return {name: value for name, value in payload.items() if name not in ("outcome", "comment")}


def last_request(session: Session, process_id: int | None, key: str) -> dict[str, Any]:
    """The newest record of a form in one process; empty when there is none."""
    statement = (
        select(FormRecord.payload)
        .where(FormRecord.process_id == process_id, FormRecord.form_key == key)
        .order_by(col(FormRecord.id).desc())
        .limit(1)
    )
    return dict(session.exec(statement).first() or {})


@form("change_request", "变更申请", "Request for change", ChangeRequest, prefill=filled)
def request_change(move: Move, item: WorkItem, request: ChangeRequest) -> None:  # noqa: ARG001
    """Refuse what the rules do not allow before anybody else has to look at it."""
    if request.outcome != "submit":
        return
    today = local_day(move.now)
    refuse_unkept(change_conditions(move.session, move.file, request, move.policy, today))
    asked = differences(move.session, move.file, request)
    listed = "；".join(str(one) for one in asked)
    move.note("change", f"申请变更（{request.reason}）：{listed}", changes=[asdict(one) for one in asked])


@form("change_opinion", "变更意见", "Opinion on the change", Form)
def give_opinion(move: Move, item: WorkItem, opinion: Form) -> None:  # noqa: ARG001
    """Sending back or refusing needs its reason."""
    refuse_unless(opinion.outcome == "agree" or opinion.comment, "退回或不同意的，请在意见中写明理由。")


@form("change_approval", "批准变更", "Approve the change", Form)
def approve(move: Move, item: WorkItem, opinion: Form) -> None:  # noqa: ARG001
    """Approve, or send back with a reason."""
    refuse_unless(opinion.outcome == "confirm" or opinion.comment, "退回的，请在意见中写明理由。")


@form("supplement_signature", "签署补充任务书", "Sign the supplement", Form)
def sign_supplement(move: Move, item: WorkItem, signature: Form) -> None:  # noqa: ARG001
    """A supplement to a project that is no longer under way would change what is settled already."""
    refuse_unless(
        signature.outcome != "sign" or under_way(move.session, move.file),
        "项目已进入结题或已终止，补充任务书不能再签署；请选择放弃。",
    )


def _request(move: Move) -> ChangeRequest:
    return ChangeRequest.model_validate(last_request(move.session, move.process.id, "change_request"))


@action("sort_change")
def sort_change(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """`major` when any major matter changes, else `minor`."""
    return "major" if major_words(move.session, move.file, _request(move)) else "minor"


@action("apply_change")
def apply_change(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Make the case's rows what the request says and keep them as the next version of the task-book."""
    session, case, request = move.session, move.file, _request(move)
    ensure_first(move)
    major = major_words(session, case, request)
    figures, days = new_targets(session, case, request), new_dates(session, case, request)
    indicators = current_targets(session, case) | figures
    _rename(move, request)
    if "承担单位" in major:
        _hand_over(move, request.unit_credit_code)
    for node in open_nodes(session, case):
        node.due_on = days.get(node.position, node.due_on)
    session.flush()
    recompute_due(move)
    words = "、".join(major) or "备案"
    book = supplement(move, "supplement" if major else "recorded", request.reason, indicators=indicators)
    body = f"项目变更（{words}）已生效，以任务书第 {book.version} 版为准；立项核定金额不变。"
    post_notice(move, "changed", "补充任务书通知" if major else "变更备案通知", body)
    return "done"


def _rename(move: Move, request: ChangeRequest) -> None:
    case = move.file
    before = {"title": case.title, "leader_name": case.facts.get("leader_name", "")}
    case.title = request.title or case.title
    case.facts = case.facts | {"leader_name": request.leader_name or before["leader_name"]}
    after = {"title": case.title, "leader_name": case.facts["leader_name"]}
    if after != before:
        words = f"项目名称“{after['title']}”，负责人“{after['leader_name']}”"
        move.note("changed", words, before=before, after=after)


def _hand_over(move: Move, credit_code: str) -> None:
    """The new lead unit takes the project with its open steps; its recommending unit recommends from now on."""
    session, case = move.session, move.file
    unit = unit_of(session, credit_code)
    holder = applicant_of(session, unit) if unit else None
    if unit is None or holder is None:
        raise Refused("新承担单位已不在系统中或没有申报账号；请退回变更申请。")
    before = session.get_one(Organization, case.unit_id).name
    case.unit_id, case.recommender_id, case.applicant_id = unit.id or 0, unit.recommender_id, holder.id or 0
    steps = update(WorkItem).where(col(WorkItem.case_id) == case.id, col(WorkItem.status) == "open")
    whose = col(WorkItem.role)
    session.exec(steps.where(whose == Role.APPLICANT.value).values(unit_id=unit.id, holder_id=holder.id))
    session.exec(
        steps.where(whose == Role.RECOMMENDER.value).values(unit_id=unit.recommender_id, holder_id=None)
    )
    move.note("changed", f"承担单位由“{before}”变更为“{unit.name}”", before=before, after=unit.name)


def recompute_due(move: Move) -> None:
    """Move the due day of the case's open steps that follow from its own dates: report and milestone."""
    statement = select(WorkItem).where(WorkItem.case_id == move.file.id, WorkItem.status == "open")
    for item in move.session.exec(statement):
        due = due_of(move, item)
        if due is not None and due != item.due_at:
            before = item.due_at.isoformat() if item.due_at else None
            move.note("due", f"“{item.name}”期限改为 {local_day(due)}", item=item.id, before=before)
            item.due_at = due


def _notify(name: str, kind: str, title: str, body: str) -> None:
    @action(name)
    def notify(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
        why = last_comment(move.session, move.file.id)
        post_notice(move, kind, title, f"{body}{f'理由：{why}' if why else ''}")
        return "done"


_notify("notify_change_refused", "change_refused", "不予变更通知", "变更申请未获同意，原任务书继续有效。")
_notify(
    "notify_change_lapsed",
    "change_lapsed",
    "变更失效通知",
    "补充任务书逾期未签，变更不生效，原任务书继续有效。",
)
_notify("notify_extension_refused", "extension_refused", "不予延期通知", "延期申请未获同意，原结束日期不变。")
