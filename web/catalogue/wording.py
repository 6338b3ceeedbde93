"""A direction's rule and bounds in words, for the catalogue's pages."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from engine.catalogue.indicators import Indicator
from engine.catalogue.spec import DirectionSpec
from web.formatting import percent, wan
from web.language import translate as _

CIRCUMSTANCES = {
    "enterprise": "企业",
    "research_institute": "科研院所",
    "whole_machine": "整机",
    "component": "部件",
    "diagnostic_kit": "诊断试剂盒",
    "medical_material": "医用材料",
    "breeding": "品种选育",
    "cultivation": "高效种植、种养",
    "control": "病虫害防控",
    "detection": "质量安全检测",
}
"""What the guide calls the circumstances an indicator may be limited to."""


def circumstances(when: Mapping[str, str]) -> str:
    """The circumstances under which an indicator applies, in the guide's words."""
    return "、".join(CIRCUMSTANCES.get(value, value) for value in when.values())


def rule_sentences(direction: DirectionSpec) -> list[str]:
    """The money rule, bound by bound."""
    return list(_rule(direction))


def _rule(direction: DirectionSpec) -> Iterator[str]:
    rule = direction.rule
    rate = percent(rule.rate)
    yield {
        "ai_compute_paid": _("按实际支付的人工智能算力费用的 %(rate)s 补助", rate=rate),
        "verified_self_raised": _("按验收核定的自筹经费的 %(rate)s 补助", rate=rate),
        "total_investment": _("按项目总投入计算补助"),
        "application_ratio": _("立项时确定补助额，自筹与申请财政经费按比例配套"),
        "minimum_only": _("立项时确定补助额，指南不设上限"),
        "none": _("不拨付市财政科技经费"),
    }[rule.basis]
    if rule.floor_yuan is not None:
        yield _("不少于 %(amount)s", amount=wan(rule.floor_yuan))
    if rule.cap_yuan is not None:
        yield _("最高 %(amount)s", amount=wan(rule.cap_yuan))
    if rule.cap_share_of_total_investment is not None:
        yield _("不高于项目总投入的 %(share)s", share=percent(rule.cap_share_of_total_investment))
    if direction.self_raised_ratio_min is not None:
        yield _("自筹与申请财政经费之比不低于 %(ratio)s:1", ratio=f"{direction.self_raised_ratio_min:f}")
    if direction.min_total_investment_yuan is not None:
        yield _("项目总投入不少于 %(amount)s", amount=wan(direction.min_total_investment_yuan))


def duration(direction: DirectionSpec) -> str:
    """How long a project may last."""
    if direction.duration_exact_years is not None:
        return _("%(years)s 年", years=direction.duration_exact_years)
    if direction.duration_max_years is not None:
        return _("不超过 %(years)s 年", years=direction.duration_max_years)
    return _("未规定")


def bounds(indicator: Indicator) -> list[str]:
    """The bounds of an indicator that is met by figures, as short signs: ≥ 3 项/年."""
    unit = (indicator.unit or "") + (_("/年") if indicator.per == "year" else "")
    limits: list[tuple[str, Decimal | int | None]] = [
        ("≥", indicator.min),
        ("≤", indicator.max),
        (">", indicator.more_than),
        ("<", indicator.less_than),
    ]
    return [f"{sign} {bound:,f} {unit}".rstrip() for sign, bound in limits if bound is not None]
