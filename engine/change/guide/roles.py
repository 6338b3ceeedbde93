"""What each figure of a sentence is for: the rate, a cap, a floor, the total, the ratio, the duration, the quota."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from engine.change.guide.figures import Figure, figures_of
from engine.change.guide.marks import ItemClass
from engine.change.guide.sentences import AT_HOME, INFERRED, Said, Sentence

TOTAL = re.compile(r"总投入|总投资|总经费|总预算|投资总额|投入总额|经费总额|占比")
GRANT = re.compile(r"补助|补贴|资助|支持经费|支持资金|支持额度|扶持|奖补|奖励|拨付|财政(?:资金|经费)")
OTHER_MONEY = re.compile(
    r"研(?:究|发)(?:开发)?(?:经费|投入|费用|支出)|设备|固定资产|产值|收入|营收|效益|利润|销售|税|合同|注册|自筹|配套"
)
PERIOD = re.compile(
    r"(?:实施|执行|研究|建设|项目)(?:期限|周期|年限|时间|期)|期限|周期|年限|自[^,。;]{0,8}(?:之日|日)起"
)
NO_PERIOD = re.compile(r"延期|延长|质保|服务期|有效期|近|连续|任期|监测期")
FINISHED = re.compile(r"之?内?(?:完成|结题|验收)")
RATED = re.compile(r"按|比例|基数|费用|支出|投入|自筹|给予|予以|补助|补贴|资助")
TRANCHE = re.compile(r"的?(?:资金|经费|款项)?(?:拨付|拨款|兑付|支付)|的?(?:首|尾|余)")
BASE = re.compile(r"自筹|费用|支出")
QUOTA = re.compile(r"立项|遴选|资助|支持|名额|入选|评选|限额|指标")
NOT_A_QUOTA = re.compile(r"申报|限报|同一|每[个家]|(?:考核|绩效|技术|经济)指标|参与|承担|主持|牵头")
OWN = re.compile(r"自筹|配套")
PUBLIC = re.compile(r"财政|申请(?:的)?(?:补助|资助|经费|资金)|(?:补助|资助)(?:经费|资金)")
OF_APPLIED = re.compile(r"自筹[^,]*申请[^,]*的?$")
OF_OWN = re.compile(r"申请[^,]*自筹[^,]*的?$")
HEDGED = re.compile(r"原则上|一般|左右|约|视情况|适当|可适度")
HEDGE = 0.8
"""What a hedge (原则上, 左右) leaves of the confidence."""
YEAR = 12

MONEY: tuple[ItemClass, ...] = ("money", "mode")
HOMES: Mapping[str, tuple[ItemClass, ...]] = {
    "rate": MONEY,
    "cap_share": MONEY,
    "cap_yuan": MONEY,
    "floor_yuan": MONEY,
    "min_total_investment_yuan": ("total",),
    "self_raised_ratio_min": ("money", "conditions"),
    "quota": ("notes",),
    "duration": ("period",),
}
"""The roles a figure can have, and the items where such figures belong."""
KINDS: Mapping[str, tuple[str, ...]] = {
    "yuan": ("cap_yuan", "floor_yuan", "min_total_investment_yuan"),
    "share": ("rate", "cap_share"),
    "ratio": ("self_raised_ratio_min",),
    "months": ("duration",),
    "count": ("quota",),
}
"""The roles a figure of a kind could have; a bare number could have any that belongs in its item."""
NO_UNIT: tuple[ItemClass, ...] = ("money", "mode", "total", "period")
"""The items in which a number without a known unit may be a figure that was written in an unknown way."""

Role = Iterator[tuple[str, Any, float]]


@lru_cache(maxsize=4096)
def roles_in(sentence: Sentence) -> tuple[tuple[str, Said[Any]], ...]:
    """What each figure of the sentence is: its role and its value. A figure without a known role is not among them."""
    if sentence.kind == "content":
        return ()
    return tuple(
        (role, Said(value, sentence, figure.begin, doubt))
        for figure in figures_of(sentence.text)
        for role, value, doubt in _role(sentence, figure)
    )


def _role(sentence: Sentence, figure: Figure) -> Role:
    hedged = HEDGE if HEDGED.search(figure.before) or sentence.text[figure.end :].startswith("左右") else 1.0
    of_kind = {"yuan": _money, "share": _share, "ratio": _ratio, "months": _duration, "count": _quota}
    if figure.kind in of_kind:
        for role, value, doubt in of_kind[figure.kind](sentence, figure):
            yield role, value, round(doubt * hedged, 2)


def _money(sentence: Sentence, figure: Figure) -> Role:
    value, before = int(figure.value), figure.before
    if TOTAL.search(before) or (sentence.kind == "total" and not GRANT.search(before)):
        if figure.bound != "most" and not GRANT.search(before):
            yield "min_total_investment_yuan", value, AT_HOME if figure.bound == "least" else INFERRED
    elif value and not OTHER_MONEY.search(before) and (sentence.kind in MONEY or GRANT.search(sentence.text)):
        if figure.bound == "most":
            yield "cap_yuan", value, AT_HOME
        elif figure.bound == "least" and sentence.kind != "indicators":
            yield "floor_yuan", value, AT_HOME
        elif sentence.kind in MONEY and GRANT.search(before + sentence.text[figure.end :][:6]):
            yield "cap_yuan", value, INFERRED  # a fixed sum: never more, so a cap


def _share(sentence: Sentence, figure: Figure) -> Role:
    before, after, bound = figure.before, sentence.text[figure.end :], figure.bound
    if TOTAL.search(before) and not OWN.search(before):
        if bound == "most":
            yield "cap_share", figure.value, AT_HOME
    elif OF_APPLIED.search(before) and bound == "least":
        yield "self_raised_ratio_min", figure.value, AT_HOME
    elif OF_OWN.search(before) and bound == "most":
        yield "self_raised_ratio_min", 1 / figure.value, AT_HOME
    elif sentence.kind in MONEY or (GRANT.search(sentence.text) and sentence.kind != "indicators"):
        tranche = TRANCHE.match(after) and not BASE.search(before)
        if bound != "least" and not tranche and RATED.search(before + after[:8]):
            yield "rate", figure.value, AT_HOME if bound == "exact" else INFERRED


def _ratio(sentence: Sentence, figure: Figure) -> Role:
    """Own money to public money; said the other way round (财政与自筹不高于1:4) it is turned."""
    before = re.split(r"[。;]", sentence.text[: figure.begin])[-1]
    clause = before + re.split(r"[,。;]", sentence.text[figure.end :])[0]
    own, public = OWN.search(clause), PUBLIC.search(clause)
    if own is None:
        return
    turned = public is not None and public.start() < min(own.start(), len(before))
    expected = "most" if turned else "least"
    if figure.bound in (expected, "exact") and figure.value:
        value = 1 / figure.value if turned else figure.value
        yield "self_raised_ratio_min", value, AT_HOME if figure.bound == expected else INFERRED


def _duration(sentence: Sentence, figure: Figure) -> Role:
    """Whether it is at most, and how many years; a length that is no whole number of years is nobody's to round."""
    years, before = figure.value / YEAR, figure.before
    at_home = sentence.kind == "period" or (sentence.kind == "unknown" and figure.begin <= len("不得超过"))
    told = PERIOD.search(before) or FINISHED.match(sentence.text, figure.end)
    if not (at_home or told) or NO_PERIOD.search(before):
        return
    if figure.bound != "least" and years and years == years.to_integral_value():
        yield "duration", (figure.bound == "most", int(years)), AT_HOME if figure.certain else INFERRED


def _quota(sentence: Sentence, figure: Figure) -> Role:
    before = figure.before
    said = sentence.text[figure.begin : figure.end]
    named = QUOTA.search(before) or (
        sentence.kind == "notes" and figure.bound == "most" and ("项目" in said or "限" in before)
    )
    allowed = figure.bound != "least" and sentence.kind != "indicators"
    if named and allowed and not NOT_A_QUOTA.search(before):
        yield "quota", int(figure.value), AT_HOME if figure.bound == "most" else INFERRED


def tells_a_period(clause: str) -> bool:
    """Whether a clause says how long a project lasts, and nothing else with a figure."""
    figures = figures_of(clause)
    return bool(PERIOD.search(clause)) and [figure.kind for figure in figures] == ["months"]


def unplaced(sentence: Sentence, known: Sequence[tuple[int, int]]) -> Iterator[Figure]:
    """The figures of a sentence that are neither money nor time as known, nor within what a condition understood."""
    if sentence.kind in ("content", "indicators"):
        return
    placed = {said.place for _, said in roles_in(sentence)}
    for figure in figures_of(sentence.text):
        if figure.kind == "count" and not QUOTA.search(figure.before):
            continue
        if figure.kind == "bare" and sentence.kind not in NO_UNIT:
            continue
        if figure.begin not in placed and not any(begin <= figure.begin < end for begin, end in known):
            yield figure


def could_be(sentence: Sentence, figure: Figure) -> Iterator[str]:
    """The roles a figure that nobody could place may have been meant for."""
    if figure.kind != "bare":
        yield from KINDS[figure.kind]
    else:
        yield from (role for role, homes in HOMES.items() if sentence.kind in homes)
