"""Rules as data (规则即数据): money rules, eligibility, quotas, policies and rubrics, changed by proposal.

Each edit has its clause and the day it takes effect, is a version of its own and needs a second admin. Policies
and rubrics are looked up by day; a direction's next version is put in force on its day, and amounts already
computed stay derivable from the version they were computed under.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from engine import policy
from engine.catalogue import editions
from engine.catalogue.directions import get_direction
from engine.catalogue.spec import DirectionSpec, as_json
from engine.change.models import ChangeProposal
from engine.change.proposals import propose, require_ground
from engine.clock import SHANGHAI, local_day
from engine.errors import Conflict, Refused, Unusable
from engine.people import permissions
from engine.people.models import Account
from engine.reviewing.terms import readable_weights

FIXED = ("code", "path", "guide_lines")
"""What names a direction is not changed: another direction is another code."""
FULL = 100


def propose_policy(
    session: Session,
    key: str,
    value: Any,
    *,
    effective_from: date,
    clause: str,
    note: str,
    actor: Account,
    now: datetime,
) -> ChangeProposal:
    """Propose another value of a policy or rubric; Unusable when the value cannot be what the key says."""
    permissions.may_administer(actor).require()
    require_ground(clause, note)
    _require_ahead(effective_from, now)
    standing = policy.version_in_force(session, key, effective_from)
    policy.check_value(key, value)
    if standing.unit == "rubric":
        check_rubric(value)
    if key == "fit_weights":
        readable_weights(value)
    if type(value) is not type(standing.value):
        raise Unusable(
            f"“{standing.title}”现为 {standing.value!r}，新值 {value!r} 的类型不同；请按原来的写法填写。"
        )
    if value == standing.value:
        raise Refused(f"“{standing.title}”现在就是 {value!r}，没有修改。")
    shown = "" if standing.unit in ("rubric", "table") else f"由 {standing.value} 改为 {value}"
    return propose(
        session,
        "policy",
        key,
        f"政策参数“{standing.title}”{shown or '修改'}",
        {"value": value, "before": standing.value, "effective_from": effective_from.isoformat()},
        clause=clause,
        note=note,
        effective_at=_morning(effective_from),
        actor=actor,
        now=now,
    )


def check_rubric(value: Any) -> None:
    """A rubric's dimensions have names of their own and weigh a hundred together; Unusable otherwise."""
    dimensions = value.get("dimensions") if isinstance(value, dict) else None
    if not isinstance(dimensions, list) or not dimensions:
        raise Unusable("评分表没有评分维度；请至少填写一个维度。")
    try:
        keys = [str(one["key"]) for one in dimensions]
        weights = [int(one["weight"]) for one in dimensions]
        titles = [str(one["title"]).strip() for one in dimensions]
    except (KeyError, TypeError, ValueError) as error:
        raise Unusable("评分维度须有编号、名称和整数权重；请补全。") from error
    if len(set(keys)) != len(keys) or not all(titles):
        raise Unusable("评分维度的编号不能重复，名称不能为空。")
    if sum(weights) != FULL or min(weights) <= 0:
        raise Unusable(f"评分维度的权重应为正整数，合计 {FULL}；现合计 {sum(weights)}。")


def carry_out_policy(session: Session, proposal: ChangeProposal, actor: Account, now: datetime) -> None:  # noqa: ARG001
    """Add the value's next version, in force from its day, today at the earliest."""
    payload = proposal.payload
    since = max(date.fromisoformat(payload["effective_from"]), local_day(now))
    if policy.version_in_force(session, proposal.subject, since).value != payload["before"]:
        raise Conflict(f"“{proposal.title}”提出之后该参数已有新值；请退回本提议，按新值重新提出。")
    policy.set_policy(
        session,
        proposal.subject,
        payload["value"],
        effective_from=since,
        clause=proposal.clause,
        note=proposal.note,
    )


def propose_direction(
    session: Session,
    code: str,
    changes: Mapping[str, Any],
    *,
    effective_from: date,
    clause: str,
    note: str,
    actor: Account,
    now: datetime,
) -> ChangeProposal:
    """Propose other rules of a direction: money, quota, eligibility, ratio; `changes` as `edited` takes them."""
    permissions.may_administer(actor).require()
    require_ground(clause, note)
    _require_ahead(effective_from, now)
    before = get_direction(session, code)
    after = edited(before, changes)
    if after == before:
        raise Refused(f"方向 {code} 没有修改；请先改动规则再提交。")
    old, new = as_json(before), as_json(after)
    changed = [name for name in new if new[name] != old[name]]
    return propose(
        session,
        "direction",
        code,
        f"方向 {code}“{before.title}”修改{'、'.join(FIELD_WORDS.get(name, name) for name in changed)}",
        {"data": new, "before": old, "effective_from": effective_from.isoformat()},
        clause=clause,
        note=note,
        effective_at=_morning(effective_from),
        actor=actor,
        now=now,
        report={"changed": {name: [old[name], new[name]] for name in changed}},
    )


FIELD_WORDS = {
    "rule": "补助规则",
    "quota": "立项名额",
    "eligibility": "申报条件",
    "indicators": "考核指标",
    "indicators_min_met": "最少完成指标数",
    "self_raised_ratio_min": "自筹比例下限",
    "min_total_investment_yuan": "总投入下限",
    "duration_max_years": "最长年限",
    "duration_exact_years": "实施年限",
    "funding_mode": "补助方式",
    "payment_trigger": "拨付条件",
    "procedure": "流程",
    "competitive": "竞争性",
}


def edited(spec: DirectionSpec, changes: Mapping[str, Any]) -> DirectionSpec:
    """A direction with some fields replaced; `rule` may give only the figures that change.

    Raises Unusable with a sentence per field that cannot be read, and for what names a direction.
    """
    fixed = [name for name in changes if name in FIXED]
    if fixed:
        raise Unusable(f"{'、'.join(fixed)} 是方向的身份，不能修改；请新设方向。")
    data = as_json(spec)
    unknown = [name for name in changes if name not in data]
    if unknown:
        raise Unusable(f"方向没有名为 {'、'.join(map(str, unknown))} 的内容；可用的有 {'、'.join(data)}。")
    merged = data | dict(changes)
    if isinstance(changes.get("rule"), Mapping):
        merged["rule"] = data["rule"] | dict(changes["rule"])
    try:
        return DirectionSpec.model_validate(merged)
    except ValidationError as error:
        reasons = [f"{'.'.join(map(str, one['loc']))}：{one['msg']}" for one in error.errors()]
        raise Unusable("方向规则有未填对的内容：" + "；".join(reasons[:5]) + "。", reasons) from error


def carry_out_direction(session: Session, proposal: ChangeProposal, actor: Account, now: datetime) -> None:  # noqa: ARG001
    """Keep the direction's next version, and put it in force when its day has come."""
    payload = proposal.payload
    if as_json(get_direction(session, proposal.subject)) != payload["before"]:
        raise Conflict(f"“{proposal.title}”提出之后该方向已有修改；请退回本提议，按现行规则重新提出。")
    editions.add_version(
        session,
        DirectionSpec.model_validate(payload["data"]),
        effective_from=max(date.fromisoformat(payload["effective_from"]), local_day(now)),
        clause=proposal.clause,
        note=proposal.note,
        proposal_id=proposal.id,
    )
    editions.apply_due(session, local_day(now), now)


def _require_ahead(effective_from: date, now: datetime) -> None:
    if effective_from < local_day(now):
        raise Unusable(f"生效日期 {effective_from} 已经过去；规则不溯及既往，请填写今天或以后的日期。")


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
