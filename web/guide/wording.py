"""The catalogue's field names and values in words, for the guide's pages."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.vocabulary import FundingMode, PaymentTrigger
from web.formatting import percent, wan
from web.language import label
from web.language import translate as _


def field_title(field: str) -> str:
    """What a field of the catalogue is called."""
    titles = {
        "code": _("代码"),
        "path": _("标题"),
        "funding_mode": _("补助方式"),
        "payment_trigger": _("拨付条件"),
        "procedure": _("流程"),
        "rule.basis": _("补助基数"),
        "rule.rate": _("补助比例"),
        "rule.floor_yuan": _("补助下限"),
        "rule.cap_yuan": _("补助上限"),
        "rule.cap_share_of_total_investment": _("占总投入上限"),
        "quota": _("立项限额"),
        "min_total_investment_yuan": _("总投入下限"),
        "self_raised_ratio_min": _("自筹与财政经费比"),
        "duration_max_years": _("最长年限"),
        "duration_exact_years": _("确定年限"),
        "competitive": _("公开择优"),
        "eligibility": _("申报条件"),
        "indicators": _("考核指标"),
        "indicators_min_met": _("至少满足指标数"),
        "guide_lines": _("指南行号"),
    }
    return titles.get(field, field)


def value_in_words(field: str, value: Any) -> str:
    """A field's value as an admin reads it; a dash for what the guide does not state."""
    if value is None or value == []:
        return "—"
    say: dict[str, Callable[[Any], str]] = {
        "funding_mode": lambda key: label(FundingMode, key),
        "payment_trigger": lambda key: label(PaymentTrigger, key),
        "rule.basis": _basis,
        "procedure": _procedure,
        "competitive": lambda yes: _("是") if yes else _("否"),
        "eligibility": lambda found: _("%(n)s 项", n=len(found)),
        "indicators": lambda found: _("%(n)s 项", n=len(found)),
        "path": " › ".join,
        "rule.rate": lambda share: percent(Decimal(share)),
        "rule.cap_share_of_total_investment": lambda share: percent(Decimal(share)),
    }
    return say.get(field, wan if field.endswith("_yuan") else str)(value)


def _procedure(value: str) -> str:
    return {
        "post_subsidy": _("后补助流程"),
        "milestone_subsidy": _("里程碑式补助流程"),
        "cooperation_subsidy": _("校校企流程"),
        "unfunded": _("不拨付流程"),
    }[value]


def _basis(value: str) -> str:
    return {
        "ai_compute_paid": _("实付算力费用"),
        "verified_self_raised": _("核定自筹经费"),
        "total_investment": _("项目总投入"),
        "application_ratio": _("立项额，按自筹配套"),
        "minimum_only": _("立项额，只有下限"),
        "none": _("不拨付"),
    }[value]


def field_of(leaf: dict[str, Any], field: str) -> Any:
    """A field's value; `rule.rate` looks inside the rule."""
    outer, _dot, inner = field.partition(".")
    return leaf[outer][inner] if inner else leaf[outer]
