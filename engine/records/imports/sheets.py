"""The sheets of each kind of import; those of applications follow the application's own model."""

import types
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from engine.catalogue.facts import ApplicationFacts, LeaderFacts, UnitFacts
from engine.records.imports.columns import Column, Kind, Sheet
from engine.records.imports.people import EXPERTS, UNITS, USERS
from engine.vocabulary import CaseStatus

KINDS = {"units": "单位", "experts": "专家", "users": "用户", "applications": "申报项目"}
FILING = "filing"
STAGES = {"active": CaseStatus.ACTIVE, "closing": CaseStatus.CLOSING}
STAGE_WORDS = {"申报": FILING, "实施": "active", "结题验收": "closing"}
OURS = frozenset(
    {
        "submitted_on",
        "window_opens_on",
        "window_closes_on",
        "recommendation_sealed",
        "unit.registered_city",
        "unit.credit_code",
        "unit.applications_in_direction",
        "indicators",
        "unit.recognitions",
        "unit.platforms",
        "leader.like_grants",
    }
)
"""Facts the bureau knows better, and lists of several columns: a correction asks for the latter."""
PARTS: tuple[tuple[str, type[BaseModel]], ...] = (("unit.", UnitFacts), ("leader.", LeaderFacts))
EXAMPLES = {
    "requested_yuan": "500000",
    "total_investment_yuan": "3000000",
    "self_raised_yuan": "2500000",
    "starts_on": "2026-07-01",
    "ends_on": "2028-06-30",
    "unit.kind": "企业",
    "leader.birth_date": "1986-05-01",
}
KEY = Column("key", "序号", required=True, example="1", note="本文件内的编号，各表以此对应")


def sheets_of(kind: str, words: Mapping[str, str]) -> tuple[Sheet, ...]:
    """The sheets of a kind. `words` are what choices of the application are called, by key."""
    match kind:
        case "units":
            return (UNITS,)
        case "experts":
            return (EXPERTS,)
        case "users":
            return (USERS,)
    return (_projects(words), FIGURES, TEAM, MILESTONES, PAYMENTS)


def _projects(words: Mapping[str, str]) -> Sheet:
    return Sheet(
        "项目",
        (
            KEY,
            Column("stage", "进入环节", "choice", required=True, choices=STAGE_WORDS, example="实施"),
            Column("number", "项目编号", example="2024-T1-D1-00012", note="存量项目的原编号；新申报留空"),
            Column("direction", "方向代码", required=True, example="T1-D1"),
            Column("title", "项目名称", required=True, example="示例装备智能检测系统研发"),
            Column("unit", "申报单位", required=True, example="示例精工有限公司", note="系统中已有的单位"),
            Column("applicant", "申报账号", note="不填用该单位的第一个申报账号"),
            Column("leader_name", "项目负责人", required=True, example="王示例"),
            Column("abstract", "项目摘要", "long"),
            Column("domain", "学科代码（GB/T 13745）", example="510"),
            Column("approved", "立项金额（元）", "yuan", example="500000", note="存量项目必填，不拨付的填 0"),
            Column("document", "立项文号", example="示科发〔2024〕1号", note="存量项目填写"),
            Column("cooperation_due", "核定合作款应付（元）", "yuan", note="校校企存量项目已拨付的填写"),
            Column("cooperation_paid", "核定合作款已付（元）", "yuan", note="校校企存量项目已拨付的填写"),
            *(_fact_column(path, info, words) for path, info in fact_fields().items()),
        ),
    )


FIGURES = Sheet(
    "考核指标",
    (
        KEY,
        Column(
            "indicator", "指标", required=True, example="新增销售收入（万元）", note="方向页面上的指标名称"
        ),
        Column(
            "value", "填报值", required=True, example="1000", note="数字；定性指标填“是”；分年度的用顿号隔开"
        ),
    ),
    optional=True,
)
TEAM = Sheet(
    "项目组成员",
    (
        KEY,
        Column("name", "姓名", required=True, example="张示例"),
        Column("unit", "工作单位", example="示例大学", note="不填为申报单位"),
        Column("birth_year", "出生年份", "count", example="1990", note="用来区分同名的人，判断评审回避"),
        Column("duty", "项目中的分工", example="算法设计"),
    ),
    optional=True,
)
MILESTONES = Sheet(
    "里程碑",
    (
        KEY,
        Column("title", "节点名称", required=True, example="样机"),
        Column("due_on", "完成日期", "date", required=True, example="2026-12-31"),
        Column("percent", "拨付比例（%）", "number", required=True, example="40"),
        Column("passed", "已通过", "truth", required=True, example="是", note="最后一个节点填“否”"),
    ),
    optional=True,
)
PAYMENTS = Sheet(
    "已拨付",
    (
        KEY,
        Column("tranche", "节点序号", "count", example="1", note="里程碑项目填写，从 1 起"),
        Column("amount", "拨付金额（元）", "yuan", required=True, example="200000"),
        Column("paid_on", "拨付日期", "date", required=True, example="2026-01-20"),
        Column("voucher", "支付凭证号", required=True, example="2026-0012"),
    ),
    optional=True,
)


def fact_paths() -> tuple[str, ...]:
    """The dotted paths of the facts that have a column."""
    return tuple(fact_fields())


@cache
def fact_fields() -> dict[str, FieldInfo]:
    """The application's facts that have a column, by dotted path, in the form's order."""
    found = {
        name: info for name, info in ApplicationFacts.model_fields.items() if name not in ("unit", "leader")
    }
    for prefix, model in PARTS:
        found |= {prefix + name: info for name, info in model.model_fields.items()}
    return {path: info for path, info in found.items() if path not in OURS}


def _fact_column(path: str, info: FieldInfo, words: Mapping[str, str]) -> Column:
    kind, keys = _shape(path, info.annotation)
    choices = {words.get(key, key): key for key in keys}
    return Column(path, info.title or path, kind, choices=choices, example=EXAMPLES.get(path, ""))


def _shape(path: str, annotation: Any) -> tuple[Kind, tuple[str, ...]]:
    """The kind of column for a fact's type, and the keys of its choices."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        return _shape(path, next(one for one in arguments if one is not type(None)))
    if origin is Literal:
        return "choice", arguments
    if origin is tuple:
        inner = arguments[0]
        return ("several", get_args(inner)) if get_origin(inner) is Literal else ("texts", ())
    base = arguments[0] if arguments else annotation
    if base is Decimal:
        return "yuan", ()
    return {bool: ("truth", ()), date: ("date", ()), int: ("count", ())}.get(base, ("text", ()))  # type: ignore[return-value]
