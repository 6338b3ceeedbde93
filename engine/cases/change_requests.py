"""What a unit asks to change in a signed task-book (变更内容), and the rules such a request must keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pydantic import Field
from sqlmodel import Session, col, select

from engine.cases.conditions import Condition, holds, stated, unknown
from engine.cases.fields import Line, Text, en
from engine.cases.models import CaseFile, Milestone
from engine.cases.moves import Form
from engine.cases.task_books import current_targets, target_conditions
from engine.catalogue.directions import get_direction
from engine.catalogue.facts import DeclaredFigure
from engine.catalogue.wording import figure_title
from engine.people.models import Account, Organization
from engine.vocabulary import Role

CLAUSE = "重庆市科研项目管理办法（参照）"
OTHER = "其他"
"""The kind of what is recorded only (备案); every other kind is a major matter (重大事项)."""


class ChangeRequest(Form):
    """What is to change (变更申请); a field left empty stays as it is. There is no field for money."""

    happened_on: date | None = Field(
        default=None, title="变更事由发生日期", json_schema_extra=en("Cause occurred on")
    )
    reason: Text = Field(default="", title="变更事由", json_schema_extra=en("Reason", long=True))
    title: Line = Field(default="", title="新项目名称", json_schema_extra=en("New project title"))
    leader_name: Line = Field(default="", title="新项目负责人", json_schema_extra=en("New leader"))
    unit_credit_code: Line = Field(
        default="",
        title="新承担单位统一社会信用代码",
        json_schema_extra=en("New lead unit's credit code"),
    )
    indicators: Mapping[str, DeclaredFigure] = Field(
        default_factory=dict, title="考核指标新目标值", json_schema_extra=en("New targets")
    )
    node_dates: dict[str, date] = Field(
        default_factory=dict, title="未完成节点的新日期", json_schema_extra=en("New dates of open milestones")
    )
    other: Text = Field(
        default="",
        title="其他调整（成员、技术路线等）",
        json_schema_extra=en("Other adjustments (members, route)", long=True),
    )


@dataclass(frozen=True)
class Difference:
    """One thing a request changes: its kind, what it is called, what it was and what it shall be."""

    kind: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.what}：{self.before or '—'} → {self.after}"


def differences(session: Session, case: CaseFile, request: ChangeRequest) -> list[Difference]:
    """Everything a request changes, beside what it is now; empty when it changes nothing."""
    unit, leader = session.get_one(Organization, case.unit_id), str(case.facts.get("leader_name", ""))
    heir = unit_of(session, request.unit_credit_code)
    named = [
        ("承担单位", unit.credit_code, request.unit_credit_code),
        ("项目负责人", leader, request.leader_name),
        ("项目名称", case.title, request.title),
        (OTHER, "", request.other),
    ]
    found = [
        Difference(kind, kind, before, after) for kind, before, after in named if after not in ("", before)
    ]
    if found and found[0].kind == "承担单位":
        found[0] = Difference(
            "承担单位", "承担单位", unit.name, heir.name if heir else request.unit_credit_code
        )
    indicators, now = get_direction(session, case.direction_code).indicators, current_targets(session, case)
    for key, figure in new_targets(session, case, request).items():
        what = figure_title(indicators, key)
        found.append(Difference("考核指标", what, _word(now.get(key)), _word(figure)))
    kept = {node.position: node for node in open_nodes(session, case)}
    for position, day in new_dates(session, case, request).items():
        node = kept.get(position)
        title, before = (node.title, node.due_on.isoformat()) if node else (f"节点 {position}", "")
        found.append(Difference("实施进度", f"节点“{title}”", before, day.isoformat()))
    return found


def _word(figure: object) -> str:
    if isinstance(figure, bool):
        return "是" if figure else "否"
    return "" if figure is None else str(figure)


def major_words(session: Session, case: CaseFile, request: ChangeRequest) -> list[str]:
    """The major matters (重大事项) a request changes, in words; empty when all of it is recorded only."""
    kinds = (one.kind for one in differences(session, case, request))
    return [kind for kind in dict.fromkeys(kinds) if kind != OTHER]


def new_targets(session: Session, case: CaseFile, request: ChangeRequest) -> dict[str, Any]:
    """The targets that differ from those now promised, as plain values."""
    stated = request.model_dump(mode="json")["indicators"]
    now = current_targets(session, case)
    return {key: figure for key, figure in stated.items() if str(figure) != str(now.get(key))}


def open_nodes(session: Session, case: CaseFile) -> list[Milestone]:
    """The milestones neither passed nor failed, in order."""
    statement = (
        select(Milestone)
        .where(Milestone.case_id == case.id, col(Milestone.verdict).in_(("pending", "rectified")))
        .order_by(col(Milestone.position))
    )
    return list(session.exec(statement))


def new_dates(session: Session, case: CaseFile, request: ChangeRequest) -> dict[int, date]:
    kept = {node.position: node.due_on for node in open_nodes(session, case)}
    stated = {int(position): day for position, day in request.node_dates.items() if position.isdecimal()}
    return {position: day for position, day in stated.items() if kept.get(position) != day}


def change_conditions(
    session: Session, case: CaseFile, request: ChangeRequest, policy: Mapping[str, Any], today: date
) -> list[Condition]:
    """Everything a request must keep: something changes, in time, and nothing below the guide."""
    major = major_words(session, case, request)
    found = [
        stated("reason", "写明变更事由", request.reason, "请写明变更事由。", CLAUSE),
        stated(
            "something",
            "至少变更一项",
            major or request.other,
            "没有任何一项与现任务书不同；请填写要变更的内容。",
            CLAUSE,
        ),
    ]
    if not major:
        return found
    found += _in_time(case, request, policy, today)
    found += _unit_may_lead(session, case, request)
    found += _dates_fit(session, case, request, today)
    promised = {**current_targets(session, case), **request.indicators}
    spec = get_direction(session, case.direction_code)
    return [*found, *(target_conditions(spec, case, promised) if "考核指标" in major else ())]


def _in_time(
    case: CaseFile, request: ChangeRequest, policy: Mapping[str, Any], today: date
) -> list[Condition]:
    """Major: applied for soon after the cause, and well before the project expires."""
    within, before = policy["change_apply_within_days"], policy["change_apply_before_expiry_days"]
    text = f"事由发生后 {within} 天内申请"
    if request.happened_on is None:
        found = [unknown("soon", text, "请填写变更事由发生日期。", CLAUSE)]
    else:
        late = f"事由发生于 {request.happened_on}，应在其后 {within} 天内申请，不能早于今天以后；请核对日期。"
        in_days = timedelta(0) <= today - request.happened_on <= timedelta(within)
        found = [holds("soon", text, in_days, late, CLAUSE)]
    if case.ends_on is not None:
        latest = case.ends_on - timedelta(before)
        wrong = f"重大事项变更应在项目到期 {before} 天前（{latest} 前）申请，现已过期；请按原任务书结题。"
        found.append(holds("early", f"到期 {before} 天前申请", today <= latest, wrong, CLAUSE))
    return found


def _unit_may_lead(session: Session, case: CaseFile, request: ChangeRequest) -> list[Condition]:
    if "承担单位" not in major_words(session, case, request):
        return []
    unit = unit_of(session, request.unit_credit_code)
    text = "新承担单位已在系统登记、在本市注册并有申报账号"
    wrong = f"信用代码 {request.unit_credit_code} 的单位未登记、不在本市注册，或没有申报账号；请先联系管理员登记。"
    ready = unit is not None and unit.registered_in_city and applicant_of(session, unit) is not None
    return [holds("unit", text, ready, wrong, CLAUSE)]


def unit_of(session: Session, credit_code: str) -> Organization | None:
    return session.exec(select(Organization).where(Organization.credit_code == credit_code)).first()


def applicant_of(session: Session, unit: Organization) -> Account | None:
    accounts = (
        select(Account)
        .where(Account.organization_id == unit.id, col(Account.active))
        .order_by(col(Account.id))
    )
    return next((one for one in session.exec(accounts) if Role.APPLICANT in one.roles), None)


def _dates_fit(session: Session, case: CaseFile, request: ChangeRequest, today: date) -> list[Condition]:
    moved = new_dates(session, case, request)
    if not moved:
        return []
    kept = {node.position: node.due_on for node in open_nodes(session, case)}
    days = [moved.get(position, day) for position, day in kept.items()]
    fits = (
        set(moved) <= set(kept)
        and days == sorted(days)
        and all(day >= today for day in moved.values())
        and (case.ends_on is None or days[-1] <= case.ends_on)
    )
    wrong = (
        f"只能改未完成节点的日期，应依次靠后、不早于今天、不晚于项目结束日期 {case.ends_on}；"
        "需要更晚的请申请延期。"
    )
    return [holds("nodes", "节点日期依次靠后，不晚于结束日期", fits, wrong, CLAUSE)]
