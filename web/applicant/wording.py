"""Where an application stands, in words for who filed it: one sentence a status, never an expert's name."""

from datetime import date

from engine.vocabulary import CaseStatus
from web.language import translate as _

STAGES = (
    ("filing", ("draft", "awaiting_recommendation", "submitted", "withdrawn", "not_accepted")),
    ("check", ("received", "correcting", "ineligible")),
    ("review", ("in_review", "declined")),
    ("establishment", ("proposed", "on_notice", "established")),
    ("task_book", ("awaiting_contract", "revoked")),
    ("implementation", ("active",)),
    ("acceptance", ("closing", "failed", "terminated", "accepted")),
    ("payment", ("payable", "paid", "clawback", "archived")),
)
OVER = frozenset(
    {
        CaseStatus.WITHDRAWN,
        CaseStatus.NOT_ACCEPTED,
        CaseStatus.DECLINED,
        CaseStatus.REVOKED,
        CaseStatus.FAILED,
        CaseStatus.TERMINATED,
        CaseStatus.ACCEPTED,
        CaseStatus.PAID,
        CaseStatus.ARCHIVED,
    }
)
"""Statuses after which nothing more is to be expected."""


def stage_names() -> dict[str, str]:
    """The way of an application in eight stages."""
    return {
        "filing": _("申报推荐"),
        "check": _("受理审查"),
        "review": _("专家评审"),
        "establishment": _("立项"),
        "task_book": _("签任务书"),
        "implementation": _("项目实施"),
        "acceptance": _("结题验收"),
        "payment": _("补助拨付"),
    }


def stage_of(status: str) -> int:
    """The stage a status belongs to, counted from 0."""
    return next(number for number, (_name, statuses) in enumerate(STAGES) if status in statuses)


def sentence_of(status: str) -> str:
    """The friendly word for a status, beside the internal one."""
    sentences = {
        "draft": _("申报书填写中，尚未提交"),
        "awaiting_recommendation": _("已提交，推荐单位审核中"),
        "submitted": _("推荐单位已推荐，等待受理"),
        "received": _("已受理，形式审查中"),
        "correcting": _("需要补正材料"),
        "ineligible": _("形式审查未通过，可以申请复核"),
        "not_accepted": _("未受理，本次申报结束"),
        "in_review": _("专家评审中"),
        "proposed": _("评审结束，正在研究立项"),
        "on_notice": _("已列入拟立项公示，等待批准下达"),
        "established": _("已立项"),
        "declined": _("本次未立项"),
        "withdrawn": _("已撤回申报"),
        "awaiting_contract": _("已立项，任务书签订中"),
        "active": _("项目实施中"),
        "closing": _("结题验收中"),
        "accepted": _("验收通过，已结题"),
        "failed": _("验收未通过"),
        "terminated": _("项目已终止"),
        "revoked": _("立项已撤销"),
        "payable": _("验收通过，补助拨付办理中"),
        "paid": _("补助已拨付"),
        "clawback": _("追缴办理中"),
        "archived": _("已归档"),
    }
    return sentences[status]


def told(status: str, expected: date | None) -> str:
    """The whole sentence: where it stands, and by when a result may be expected."""
    if expected is None:
        return _("%(where)s。", where=sentence_of(status))
    return _("%(where)s，预计 %(day)s 前有结果。", where=sentence_of(status), day=expected.isoformat())


def request_names() -> dict[str, str]:
    """What a unit may ask for beside the ordinary way, by the procedure's key."""
    return {
        "change": _("变更"),
        "extension": _("延期"),
        "withdrawal": _("撤回申报"),
        "termination": _("终止"),
    }


def outcome_of(outcome: str | None) -> str:
    """How a request ended; empty while it is under way."""
    return {
        "changed": _("已变更"),
        "recorded": _("已备案"),
        "extended": _("已延期"),
        "withdrawn": _("已撤回"),
        "refused": _("未获同意"),
        "lapsed": _("逾期失效"),
        "given_up": _("已放弃"),
        "cancelled": _("已取消"),
        "terminated": _("已终止"),
    }.get(outcome or "", outcome or "")


def book_kind(kind: str) -> str:
    """What made a version of the task-book."""
    return {
        "signed": _("签订"),
        "entered": _("录入"),
        "supplement": _("补充任务书"),
        "recorded": _("备案"),
        "extension": _("延期"),
    }[kind]
