"""A guide printed from a catalogue, in wording of our own, with the labels and habits a test asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from engine.catalogue.spec import DirectionSpec

LABELS = {
    "content": "研究内容",
    "indicators": "考核指标",
    "period": "实施期限",
    "total": "项目总投入",
    "mode": "补助方式",
    "money": "资助经费",
    "notes": "相关说明",
}
OTHER_LABELS = {
    "content": ["主要任务", "支持内容", "研发内容"],
    "indicators": ["绩效指标", "预期目标", "验收指标"],
    "period": ["执行期限", "项目周期", "建设年限"],
    "total": ["总投入要求", "投资规模", "项目总投资"],
    "mode": ["支持方式", "资助方式", "扶持方式"],
    "money": ["支持额度", "补助标准", "财政资金"],
    "notes": ["其他说明", "备注", "有关事项"],
}
TITLES = ("专题", "方向", "子方向")


@dataclass(frozen=True)
class Style:
    """How the guide is printed: item labels, heading labels, blank lines, items' numbers."""

    labels: Mapping[str, str] = field(default_factory=lambda: LABELS)
    titles: tuple[str, str, str] = TITLES
    blank: bool = True
    number: str = "{}."


def printed(catalogue: Sequence[DirectionSpec], style: Style = Style()) -> str:
    """The guide's text, sections in the order of the catalogue."""
    lines = ["某市科技计划项目申报指南"]
    for section, leaves in groupby(catalogue, lambda spec: spec.path[0]):
        lines += [*_gap(style), _titled(section, style)]
        for direction, below in groupby(leaves, lambda spec: spec.path[1]):
            lines += [*_gap(style), _titled(direction, style)]
            for spec in below:
                lines += [_titled(title, style) for title in spec.path[2:]] + _items(spec, style)
    return "\n".join(lines)


def _gap(style: Style) -> list[str]:
    return [""] if style.blank else []


def _titled(title: str, style: Style) -> str:
    for ours, theirs in sorted(zip(TITLES, style.titles, strict=True), key=lambda pair: -len(pair[0])):
        if title.startswith(ours) and title[len(ours)] in "123456789一二三四五六七八九":
            return theirs + title[len(ours) :]
    return title


def _items(spec: DirectionSpec, style: Style) -> list[str]:
    said = [
        ("content", "面向产业需要开展关键技术攻关，形成可推广的成果。"),
        ("indicators", "（1）申请发明专利2件；（2）发表论文1篇以上。"),
        ("period", _period(spec)),
        ("total", _total(spec)),
        ("mode", _mode(spec)),
        ("money", _money(spec)),
        ("notes", "公开择优" + (f"立项不超过{spec.quota}个项目。" if spec.quota else "。")),
    ]
    kept = [(kind, text) for kind, text in said if text]
    return [
        f"{style.number.format(place)}{style.labels[kind]}：{text}"
        for place, (kind, text) in enumerate(kept, start=1)
    ]


def _period(spec: DirectionSpec) -> str:
    return (
        f"{spec.duration_exact_years}年。"
        if spec.duration_exact_years
        else f"不超过{spec.duration_max_years}年。"
    )


def _total(spec: DirectionSpec) -> str:
    least = spec.min_total_investment_yuan
    return f"不少于{_wan(least)}。" if least else ""


def _mode(spec: DirectionSpec) -> str:
    if spec.payment_trigger == "cooperation_payment":
        return "后补助，企业向高校支付合作款项后一次性拨付。"
    said = {"post_subsidy": "后补助。通过验收后一次性拨付。", "milestone": "里程碑式补助。", "unfunded": ""}
    return said[spec.funding_mode]


def _money(spec: DirectionSpec) -> str:
    if spec.funding_mode == "unfunded":
        return "不拨付市财政科技经费。"
    rule, parts = spec.rule, []
    if rule.rate is not None:
        base = {"ai_compute_paid": "实际支付算力费用", "verified_self_raised": "核定的自筹经费"}[rule.basis]
        parts.append(f"按{base}的{(rule.rate * 100).normalize():f}%给予补助")
    if spec.self_raised_ratio_min is not None:
        parts.append(f"自筹经费与申请财政经费不低于{spec.self_raised_ratio_min}:1")
    if rule.floor_yuan is not None:
        parts.append(f"单个项目补助不少于{_wan(rule.floor_yuan)}")
    if rule.cap_yuan is not None:
        parts.append(f"单个项目补助最高不超过{_wan(rule.cap_yuan)}")
    if rule.cap_share_of_total_investment is not None:
        parts.append(f"补助不高于项目总投入的{(rule.cap_share_of_total_investment * 100).normalize():f}%")
    return "，".join(parts) + "。"


def _wan(yuan: int | None) -> str:
    return f"{(yuan or 0) / 10_000:g}万元"
