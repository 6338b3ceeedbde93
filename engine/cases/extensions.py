"""The extension of a project (延期): once, not too long, asked for in time; nodes and limits follow the new end."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import Field
from sqlmodel import Session

from engine import policy
from engine.cases.change_requests import open_nodes
from engine.cases.changes import (
    filled,
    last_request,
    open_side,
    recompute_due,
    under_way,
    why_not,
)
from engine.cases.conditions import Condition, holds, refuse_unkept, stated, unknown
from engine.cases.fields import Text, en
from engine.cases.models import CaseFile, Process, WorkItem
from engine.cases.moves import Form, Move, action, form
from engine.cases.notices import post_notice
from engine.cases.task_books import ensure_first, supplement, versions_of
from engine.clock import add_months, local_day
from engine.errors import Refused
from engine.people.models import Account

CLAUSE = "省级科技计划项目验收问答（参照）"


class ExtensionRequest(Form):
    """Until when, and why (延期申请)."""

    ends_on: date | None = Field(default=None, title="延期至", json_schema_extra=en("Extend to"))
    reason: Text = Field(default="", title="延期事由", json_schema_extra=en("Reason", long=True))
    progress: Text = Field(default="", title="目前进展", json_schema_extra=en("Progress so far", long=True))


def open_extension(session: Session, case: CaseFile, *, actor: Account, now: datetime) -> Process:
    """Start a request for extension; Refused at once when it is the second, or too late."""
    if reason := why_not_extended(session, case, now):
        raise Refused(reason)
    return open_side(session, case, "extension", "延期", actor=actor, now=now)


def why_not_extended(session: Session, case: CaseFile, now: datetime) -> str | None:
    """Why an extension cannot be asked for now, in a sentence; None when it can."""
    if reason := why_not(session, case, "extension", "延期"):
        return reason
    timely = timely_conditions(session, case, policy.values(session, local_day(now)), local_day(now))
    return next((one.reason for one in timely if one.state == "unmet"), None)


def extensions_of(session: Session, case_id: int | None) -> int:
    """How often the project was extended already."""
    return sum(book.kind == "extension" for book in versions_of(session, case_id))


def timely_conditions(
    session: Session, case: CaseFile, values: Mapping[str, Any], today: date
) -> list[Condition]:
    """Not extended before, and asked for early enough."""
    most, months = values["extensions_max"], values["extension_apply_months_before"]
    done = extensions_of(session, case.id)
    found = [
        holds(
            "once",
            f"延期以 {most} 次为限",
            done < most,
            f"本项目已延期 {done} 次，最多 {most} 次；请按期结题，确实无法完成的申请终止。",
            CLAUSE,
        )
    ]
    if case.ends_on is not None:
        latest = add_months(case.ends_on, -months)
        wrong = f"延期应在到期前 {months} 个月（{latest} 前）申请，现已过期；请按期结题。"
        found.append(holds("early", f"到期前 {months} 个月申请", today <= latest, wrong, CLAUSE))
    return found


def extension_conditions(
    session: Session, case: CaseFile, request: ExtensionRequest, values: Mapping[str, Any], today: date
) -> list[Condition]:
    """Everything a request for extension must keep."""
    most = values["extension_months_max"]
    found = [
        *timely_conditions(session, case, values, today),
        stated("reason", "写明延期事由", request.reason, "请写明延期事由。", CLAUSE),
    ]
    text = f"延期不超过 {most} 个月"
    if request.ends_on is None or case.ends_on is None:
        return [*found, unknown("length", text, "请填写延期后的结束日期。", CLAUSE)]
    latest = add_months(case.ends_on, most)
    wrong = f"延期后的结束日期应晚于 {case.ends_on}、不晚于 {latest}；请更正。"
    return [*found, holds("length", text, case.ends_on < request.ends_on <= latest, wrong, CLAUSE)]


@form("extension_request", "延期申请", "Request for extension", ExtensionRequest, prefill=filled)
def request_extension(move: Move, item: WorkItem, request: ExtensionRequest) -> None:  # noqa: ARG001
    """Refuse what the rules do not allow before anybody else has to look at it."""
    if request.outcome != "submit":
        return
    today = local_day(move.now)
    refuse_unkept(extension_conditions(move.session, move.file, request, move.policy, today))
    move.note("extension", f"申请延期至 {request.ends_on}：{request.reason}")


@action("extend_project")
def extend_project(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Set the new end, put the open nodes off by as much, and keep the next version of the task-book."""
    session, case = move.session, move.file
    request = ExtensionRequest.model_validate(last_request(session, move.process.id, "extension_request"))
    if not under_way(session, case) or extensions_of(session, case.id) >= move.policy["extensions_max"]:
        raise Refused("项目已延期过，或已进入结题；不能再延期，请退回。")
    assert request.ends_on is not None
    assert case.ends_on is not None
    ensure_first(move)
    before, by = case.ends_on, request.ends_on - case.ends_on
    case.ends_on = request.ends_on
    for node in open_nodes(session, case):
        node.due_on = min(node.due_on + by, request.ends_on)
    session.flush()
    move.note("extended", f"结束日期由 {before} 延至 {case.ends_on}", before=before.isoformat())
    recompute_due(move)
    book = supplement(move, "extension", request.reason)
    body = (
        f"同意延期至 {case.ends_on}，未完成的节点顺延，以任务书第 {book.version} 版为准；立项核定金额不变。"
    )
    post_notice(move, "extended", "延期批复通知", body)
    return "done"
