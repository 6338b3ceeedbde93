"""What every application is checked for: the window, the seals, the period, records.

The money asked for is held against the direction's own bounds, exactly, in decimals.
"""

from collections.abc import Callable
from dataclasses import dataclass

from engine.catalogue.facts import ApplicationFacts, years_later
from engine.catalogue.findings import CheckPolicy, Finding, Rule, correct, decide, known, met
from engine.catalogue.guide_rules import before_retirement
from engine.catalogue.spec import DirectionSpec
from engine.credit_code import credit_code_is_valid


@dataclass(frozen=True)
class CommonRule:
    """A rule about the whole direction; `text` is None where the direction does not ask for it."""

    id: str
    text: Callable[[DirectionSpec], str | None]
    rule: Rule


def _in_window(_: DirectionSpec, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    day, opens, closes = (
        known(facts.submitted_on),
        known(facts.window_opens_on),
        known(facts.window_closes_on),
    )
    return decide(
        opens <= day <= closes,
        f"{day} 提交，在申报期内。",
        f"{day} 提交，不在申报期 {opens} 至 {closes} 内。",
    )


def _recommended(_: DirectionSpec, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    return met("推荐单位已盖章。") if facts.recommendation_sealed else correct("请推荐单位盖章。")


def _sealed(_: DirectionSpec, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    return met("申报单位已盖章。") if facts.unit_sealed else correct("请申报单位盖章。")


def _registered(_: DirectionSpec, facts: ApplicationFacts, policy: CheckPolicy) -> Finding:
    city = known(facts.unit.registered_city)
    return decide(
        city == policy.registration_city,
        f"注册地为{city}。",
        f"注册地为{city}，应为{policy.registration_city}。",
    )


def _credit_code(_: DirectionSpec, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    code = known(facts.unit.credit_code)
    if credit_code_is_valid(code):
        return met("校验位正确。")
    return correct(f"统一社会信用代码“{code}”的位数或校验位不对，请核对后重填。")


def _duration(spec: DirectionSpec, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    """A year's anniversary may be written as the day itself or the day before; both count as whole years."""
    starts, ends = known(facts.starts_on), known(facts.ends_on)
    if ends <= starts:
        return correct(f"结束日期 {ends} 应晚于开始日期 {starts}，请更正。")
    if spec.duration_exact_years is None:
        longest = years_later(starts, known(spec.duration_max_years))
        return decide(
            ends <= longest, f"{starts} 至 {ends}。", f"{starts} 至 {ends}，最迟应于 {longest} 结束。"
        )
    due = years_later(starts, spec.duration_exact_years)
    return decide(
        0 <= (due - ends).days <= 1,
        f"{starts} 至 {ends}。",
        f"{starts} 至 {ends}，应为 {spec.duration_exact_years} 年（至 {due} 止）。",
    )


def _total_minimum(spec: DirectionSpec, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    total, least = known(facts.total_investment_yuan), known(spec.min_total_investment_yuan)
    return decide(total >= least, f"总投入 {total:,} 元。", f"总投入 {total:,} 元，少于 {least:,} 元。")


def _floor(spec: DirectionSpec, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    asked, floor = known(facts.requested_yuan), known(spec.rule.floor_yuan)
    return decide(asked >= floor, f"申请 {asked:,} 元。", f"申请 {asked:,} 元，低于下限 {floor:,} 元。")


def _cap(spec: DirectionSpec, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    asked, cap = known(facts.requested_yuan), known(spec.rule.cap_yuan)
    return decide(asked <= cap, f"申请 {asked:,} 元。", f"申请 {asked:,} 元，超过上限 {cap:,} 元。")


def _share(spec: DirectionSpec, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    asked, total = known(facts.requested_yuan), known(facts.total_investment_yuan)
    share = known(spec.rule.cap_share_of_total_investment)
    return decide(
        asked <= share * total,
        f"申请 {asked:,} 元，总投入 {total:,} 元。",
        f"申请 {asked:,} 元，超过总投入 {total:,} 元的 {share:.0%}。",
    )


def _ratio(spec: DirectionSpec, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    own, asked, ratio = (
        known(facts.self_raised_yuan),
        known(facts.requested_yuan),
        known(spec.self_raised_ratio_min),
    )
    return decide(
        own >= ratio * asked,
        f"自筹 {own:,} 元，申请 {asked:,} 元。",
        f"自筹 {own:,} 元，申请 {asked:,} 元，低于 {ratio}:1；自筹至少应为 {ratio * asked:,} 元。",
    )


def _no_request(_: DirectionSpec, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    asked = facts.requested_yuan or 0
    return decide(asked == 0, "未申请市财政经费。", f"本方向不拨付市财政经费，却申请 {asked:,} 元。")


def _honest(_: DirectionSpec, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    listed = [
        who
        for who, is_listed in (("单位", facts.unit.dishonest), ("负责人", facts.leader.dishonest))
        if is_listed
    ]
    return decide(not listed, "单位和负责人均无失信记录。", f"{'、'.join(listed)}有失信记录。")


def _no_overdue(_: DirectionSpec, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    overdue = known(facts.unit.overdue_acceptances)
    return decide(overdue == 0, "无逾期未结题项目。", f"单位有 {overdue} 个逾期未结题项目。")


def _open_projects(_: DirectionSpec, facts: ApplicationFacts, policy: CheckPolicy) -> Finding:
    count, cap = known(facts.leader.open_projects), policy.pi_open_project_cap
    return decide(count < cap, f"负责人在研 {count} 项。", f"负责人在研 {count} 项，已达上限 {cap} 项。")


def always(text: str) -> Callable[[DirectionSpec], str | None]:
    """The rule applies to every direction, in these words."""
    return lambda _: text


def _duration_text(spec: DirectionSpec) -> str:
    exact = spec.duration_exact_years
    return f"实施期限为{exact}年" if exact else f"实施期限不超过{spec.duration_max_years}年"


def _wan(yuan: int | None, words: str) -> str | None:
    return None if yuan is None else words.format(f"{yuan / 10_000:g}万元")


def _share_text(spec: DirectionSpec) -> str | None:
    share = spec.rule.cap_share_of_total_investment
    return None if share is None else f"申请经费不高于总投入的{share:.0%}"


def _ratio_text(spec: DirectionSpec) -> str | None:
    ratio = spec.self_raised_ratio_min
    return None if ratio is None else f"自筹经费与申请经费之比不低于{ratio}:1"


COMMON_RULES = (
    CommonRule(
        "in_window",
        always("在申报期内提交"),
        Rule(("submitted_on", "window_opens_on", "window_closes_on"), _in_window),
    ),
    CommonRule(
        "recommendation_sealed",
        always("推荐单位盖章"),
        Rule((), _recommended, also=("recommendation_sealed",)),
    ),
    CommonRule("unit_sealed", always("申报单位盖章"), Rule((), _sealed, also=("unit_sealed",))),
    CommonRule("registered_in_city", always("单位在本市注册"), Rule(("unit.registered_city",), _registered)),
    CommonRule("credit_code", always("统一社会信用代码有效"), Rule(("unit.credit_code",), _credit_code)),
    CommonRule("duration", _duration_text, Rule(("starts_on", "ends_on"), _duration)),
    CommonRule(
        "total_investment_minimum",
        lambda spec: _wan(spec.min_total_investment_yuan, "项目总投入不少于{}"),
        Rule(("total_investment_yuan",), _total_minimum),
    ),
    CommonRule(
        "requested_floor",
        lambda spec: _wan(spec.rule.floor_yuan, "申请经费不低于{}"),
        Rule(("requested_yuan",), _floor),
    ),
    CommonRule(
        "requested_cap",
        lambda spec: _wan(spec.rule.cap_yuan, "申请经费不超过{}"),
        Rule(("requested_yuan",), _cap),
    ),
    CommonRule("requested_share", _share_text, Rule(("requested_yuan", "total_investment_yuan"), _share)),
    CommonRule("self_raised_ratio", _ratio_text, Rule(("self_raised_yuan", "requested_yuan"), _ratio)),
    CommonRule(
        "no_municipal_funding",
        lambda spec: "不申请市财政经费" if spec.funding_mode == "unfunded" else None,
        Rule((), _no_request, also=("requested_yuan",)),
    ),
    CommonRule(
        "not_dishonest",
        always("单位和负责人不在失信名单"),
        Rule(("unit.dishonest", "leader.dishonest"), _honest),
    ),
    CommonRule(
        "no_overdue_acceptance",
        always("单位无逾期未结题项目"),
        Rule(("unit.overdue_acceptances",), _no_overdue),
    ),
    CommonRule(
        "pi_open_projects",
        always("负责人在研项目数未达上限"),
        Rule(("leader.open_projects",), _open_projects),
    ),
    CommonRule(
        "pi_before_retirement",
        always("退休年龄前能完成项目"),
        Rule(("ends_on",), before_retirement, also=("leader.birth_date", "leader.retires_on")),
    ),
)

MANUAL_RULES = {
    "fits_guide": "研究内容符合本方向",
    "not_duplicate": "题目、内容与已立项或同批项目不重复",
    "self_raised_source": "自筹经费来源不是财政资金",
    "ethics": "涉及伦理、人类遗传资源、实验动物的，手续齐全",
    "indicators_credible": "考核指标可信、可考核",
    "seals_match": "印章与单位名称一致",
    "real_employment": "负责人劳动关系真实，非兼职、挂靠",
}
