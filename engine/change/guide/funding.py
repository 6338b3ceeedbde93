"""A leaf's money and time (补助方式, 资助经费, 实施期限): read from whichever sentence states them."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.catalogue.spec import Basis, Mode, Procedure, Trigger
from engine.change.guide.figures import Figure, figures_of
from engine.change.guide.outline import ItemClass
from engine.change.guide.sentences import (
    AT_HOME,
    CONFLICTING,
    ELSEWHERE,
    INFERRED,
    Reading,
    Said,
    Sentence,
    choose,
)

TOTAL = re.compile(r"总投入|总投资|总经费|总预算|投资总额|投入总额|经费总额")
GRANT = re.compile(r"补助|补贴|资助|支持经费|支持资金|支持额度|扶持|奖补|奖励|拨付|财政(?:资金|经费)")
OTHER_MONEY = re.compile(
    r"研(?:究|发)(?:开发)?(?:经费|投入|费用|支出)|设备|固定资产|产值|收入|营收|效益|利润|销售|税|合同|注册|自筹|配套"
)
FAILED = re.compile(r"不通过|未通过|不合格|终止|撤销|逾期|违|虚假|作假|未完成|不符合")
UNFUNDED = re.compile(
    r"不(?:再|予|给予|予以)?(?:拨付|安排|资助|补助|提供|给予|支持|配套)[^,。;]{0,8}(?:财政|经费|资金)"
    r"|不(?:予|给予|予以)[^,。;]{0,4}(?:财政|经费|资金)"
    r"|(?:经费|资金)(?:全部|全额|均)?(?:由[^。;,]{1,20}?)?(?:自行(?:承担|解决|筹措)|自筹)|自筹经费项目"
)
NO_MONEY = re.compile(r"(?:无|不资助|不补助|自筹|[^,;]{0,12}自行(?:承担|解决|筹措))[。;]?")
MILESTONE = re.compile(r"里程碑|分(?:阶段|期|批|段)[^。;]{0,14}(?:拨付|拨款|补助|资助|支付)")
AFTERWARDS = re.compile(r"后(?:补助|补贴|资助|奖补|奖励)|以奖代补")
PAID = r"(?:拨付|拨款|支付|兑付|兑现|发放|给予|予以|补助)"
ON_COOPERATION = re.compile(
    r"支付[^。;]{0,12}(?:款|合作(?:经费|费用)|横向经费)[^。;]{0,12}(?:拨付|拨款|兑付|兑现|补助|资助)"
)
ON_ACCEPTANCE = re.compile(rf"验收(?!不|未|证书|核定)[^。;]{{0,16}}{PAID}")
PAID_EARLIER = re.compile(r"(?:立项|签订|签署|下达)[^。;验]{0,12}(?:拨付|拨款|兑付|发放)")
COMPETITIVE = re.compile(r"择优|(?<![非不])竞争")
PERIOD = re.compile(r"(?:实施|执行|研究|建设|项目)(?:期限|周期|年限|时间|期)|期限|周期|年限")
NO_PERIOD = re.compile(r"延期|延长|质保|服务期|有效期|近|连续|任期|监测期")
COMPUTE = re.compile(r"算力")
VERIFIED = re.compile(
    r"(?:核定|认定|审定|核实|确认)的?(?:项目|企业|单位)?的?自筹|自筹(?:经费|资金|投入)?(?:核定|认定)"
)
RATED = re.compile(r"按|比例|基数|费用|支出|投入|自筹|给予|予以|补助|补贴|资助")
QUOTA = re.compile(r"立项|遴选|资助|支持|名额|入选|评选")
NOT_A_QUOTA = re.compile(r"申报|限报|同一|每[个家]|(?<!立项)指标|参与|承担|主持|牵头")
OWN = re.compile(r"自筹|配套")
PUBLIC = re.compile(r"财政|申请(?:的)?(?:补助|资助|经费|资金)|(?:补助|资助)(?:经费|资金)")
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
    "total": ("total",),
    "ratio": ("money", "conditions"),
    "quota": ("notes",),
    "duration": ("period",),
}
FIGURES: Mapping[str, tuple[str, ...]] = {
    "yuan": ("cap_yuan", "floor_yuan", "min_total_investment_yuan"),
    "share": ("rate", "cap_share"),
    "ratio": ("self_raised_ratio_min",),
    "months": ("duration_max_years", "duration_exact_years"),
    "count": ("quota",),
}
"""Which fields a figure of a kind could have been meant for."""


@dataclass(frozen=True)
class Funding:
    """Every figure of a leaf's money and time, each with its line and confidence."""

    funding_mode: Reading[Mode | None]
    payment_trigger: Reading[Trigger | None]
    procedure: Reading[Procedure | None]
    basis: Reading[Basis | None]
    rate: Reading[Decimal | None]
    floor_yuan: Reading[int | None]
    cap_yuan: Reading[int | None]
    cap_share: Reading[Decimal | None]
    quota: Reading[int | None]
    min_total_investment_yuan: Reading[int | None]
    self_raised_ratio_min: Reading[Decimal | None]
    duration_max_years: Reading[int | None]
    duration_exact_years: Reading[int | None]
    competitive: Reading[bool]


def read_funding(sentences: Sequence[Sentence], lost: frozenset[str] = frozenset()) -> Funding:
    """Read all of it. `lost` are the kinds of figures somewhere in the leaf that nobody could place: a field
    that stays empty although one of them may have been meant for it is doubtful."""
    doubtful = {field for kind in lost for field in FIGURES[kind]}

    def figure(role: str, field: str) -> Reading[Any]:
        said = [one for sentence in sentences for name, one in roles_in(sentence) if name == role]
        found = choose(said, HOMES[role])
        return Reading(None, None, CONFLICTING) if found.value is None and field in doubtful else found

    mode = _mode(sentences)
    trigger = _trigger(sentences, mode)
    rate, cap_share = figure("rate", "rate"), figure("cap_share", "cap_share")
    ratio, floor = figure("ratio", "self_raised_ratio_min"), figure("floor_yuan", "floor_yuan")
    most, exact = _durations(figure("duration", "duration_max_years"))
    return Funding(
        funding_mode=mode,
        payment_trigger=trigger,
        procedure=_procedure(mode, trigger),
        basis=_basis(sentences, mode, rate, ratio, cap_share, floor),
        rate=rate,
        floor_yuan=floor,
        cap_yuan=figure("cap_yuan", "cap_yuan"),
        cap_share=cap_share,
        quota=figure("quota", "quota"),
        min_total_investment_yuan=figure("total", "min_total_investment_yuan"),
        self_raised_ratio_min=ratio,
        duration_max_years=most,
        duration_exact_years=exact,
        competitive=_competitive(sentences),
    )


def _stated(sentences: Sequence[Sentence], read: Callable[[Sentence], Any]) -> Iterator[Said[Any]]:
    for sentence in sentences:
        if sentence.kind != "content" and (value := read(sentence)) is not None:
            yield value if isinstance(value, Said) else Said(value, sentence)


def _mode(sentences: Sequence[Sentence]) -> Reading[Mode | None]:
    def read(sentence: Sentence) -> Mode | None:
        if _unfunded(sentence):
            return "unfunded"
        if MILESTONE.search(sentence.text):
            return "milestone"
        return "post_subsidy" if AFTERWARDS.search(sentence.text) else None

    said: Reading[Mode | None] = choose(_stated(sentences, read), MONEY)
    if said.value is None:  # no name for it, but paid after acceptance: that is what a post-subsidy is
        after = choose(_stated(sentences, _paid_after), MONEY)
        if after.value is not None:
            return Reading("post_subsidy", after.line, INFERRED)
    return said


def _paid_after(sentence: Sentence) -> bool | None:
    return True if ON_ACCEPTANCE.search(sentence.text) or ON_COOPERATION.search(sentence.text) else None


def _unfunded(sentence: Sentence) -> bool:
    """Whether it says that no public money is given at all; a refusal after a failure is not that."""
    if sentence.kind == "money" and NO_MONEY.fullmatch(sentence.text):
        return True
    found = UNFUNDED.search(sentence.text)
    return found is not None and not FAILED.search(sentence.text[: found.end()])


def _trigger(sentences: Sequence[Sentence], mode: Reading[Mode | None]) -> Reading[Trigger | None]:
    if mode.value in ("unfunded", "milestone"):
        follows: Trigger = "none" if mode.value == "unfunded" else "milestone"
        return Reading(follows, mode.line, mode.confidence)

    def read(sentence: Sentence) -> Trigger | None:
        if ON_COOPERATION.search(sentence.text):
            return "cooperation_payment"
        return "acceptance" if ON_ACCEPTANCE.search(sentence.text) else None

    said: Reading[Trigger | None] = choose(_stated(sentences, read), ("mode",))
    earlier = choose(_stated(sentences, _paid_earlier), ("mode",))
    if earlier.value is not None:  # paid at some other time: nobody but an admin can say by which procedure
        return Reading(said.value, earlier.line, 0.0)
    if said.value is None and mode.value == "post_subsidy":
        return Reading("acceptance", mode.line, INFERRED)
    return said


def _paid_earlier(sentence: Sentence) -> bool | None:
    return True if PAID_EARLIER.search(sentence.text) else None


def _procedure(mode: Reading[Mode | None], trigger: Reading[Trigger | None]) -> Reading[Procedure | None]:
    if mode.value is None:
        return Reading(None, None, INFERRED)
    sure = min(mode.confidence, trigger.confidence)
    if trigger.value == "cooperation_payment":
        return Reading("cooperation_subsidy", trigger.line, sure)
    by_mode: dict[Mode, Procedure] = {
        "post_subsidy": "post_subsidy",
        "milestone": "milestone_subsidy",
        "unfunded": "unfunded",
    }
    return Reading(by_mode[mode.value], mode.line, sure)


def _basis(
    sentences: Sequence[Sentence],
    mode: Reading[Mode | None],
    rate: Reading[Decimal | None],
    ratio: Reading[Decimal | None],
    cap_share: Reading[Decimal | None],
    floor: Reading[int | None],
) -> Reading[Basis | None]:
    """A rate names what it is a rate of; without one, the first bound that is stated decides."""
    if mode.value == "unfunded":
        return Reading("none", mode.line, mode.confidence)
    if rate.value is not None:
        return _basis_of_rate(sentences, rate)
    stated: tuple[tuple[Basis, Reading[Any]], ...] = (
        ("total_investment", cap_share),
        ("application_ratio", ratio),
        ("minimum_only", floor),
    )
    for basis, reading in stated:
        if reading.value is not None:
            return Reading(basis, reading.line, reading.confidence)
    return Reading(None, None, 0.0)


def _basis_of_rate(sentences: Sequence[Sentence], rate: Reading[Decimal | None]) -> Reading[Basis | None]:
    text = next(
        said.sentence.text
        for sentence in sentences
        for role, said in roles_in(sentence)
        if role == "rate" and said.sentence.line_at(said.place) == rate.line
    )
    if COMPUTE.search(text):
        return Reading("ai_compute_paid", rate.line, rate.confidence)
    if VERIFIED.search(text):
        return Reading("verified_self_raised", rate.line, rate.confidence)
    if "自筹" in text:  # of which self-raised money it is a rate, the guide leaves open: an admin looks
        return Reading("verified_self_raised", rate.line, INFERRED)
    return Reading(None, rate.line, 0.0)


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


def _role(sentence: Sentence, figure: Figure) -> Iterator[tuple[str, Any, float]]:
    hedged = HEDGE if HEDGED.search(figure.before) or sentence.text[figure.end :].startswith("左右") else 1.0
    of_kind = {"yuan": _money, "share": _share, "ratio": _ratio, "months": _duration, "count": _quota}
    for role, value, doubt in of_kind[figure.kind](sentence, figure):
        yield role, value, round(doubt * hedged, 2)


def _money(sentence: Sentence, figure: Figure) -> Iterator[tuple[str, int, float]]:
    value, before = int(figure.value), figure.before
    if TOTAL.search(before) or (sentence.kind == "total" and not GRANT.search(before)):
        if figure.bound != "most" and not GRANT.search(before):
            yield "total", value, AT_HOME if figure.bound == "least" else INFERRED
    elif not OTHER_MONEY.search(before) and (sentence.kind in MONEY or GRANT.search(sentence.text)):
        if figure.bound == "most":
            yield "cap_yuan", value, AT_HOME
        elif figure.bound == "least" and sentence.kind != "indicators":
            yield "floor_yuan", value, AT_HOME
        elif sentence.kind in MONEY and GRANT.search(
            before + sentence.text[figure.end :][:6]
        ):  # a fixed sum: never more, so a cap
            yield "cap_yuan", value, INFERRED


def _share(sentence: Sentence, figure: Figure) -> Iterator[tuple[str, Decimal, float]]:
    before, after = figure.before, sentence.text[figure.end :]
    if TOTAL.search(before) and not OWN.search(before):
        if figure.bound == "most":
            yield "cap_share", figure.value, AT_HOME
        return
    granted = sentence.kind in MONEY or (GRANT.search(sentence.text) and sentence.kind != "indicators")
    tranche = re.match(r"的?(?:资金|经费|款项)?(?:拨付|拨款|兑付|支付)|的?(?:首|尾|余)", after)
    if granted and figure.bound != "least" and not tranche and RATED.search(before + after[:8]):
        yield "rate", figure.value, AT_HOME if figure.bound == "exact" else INFERRED


def _ratio(sentence: Sentence, figure: Figure) -> Iterator[tuple[str, Decimal, float]]:
    """Own money to public money; said the other way round (财政与自筹不高于1:4) it is turned."""
    clause = re.split(r"[。;]", sentence.text[: figure.begin])[-1]
    own, public = OWN.search(clause), PUBLIC.search(clause)
    if own is None:
        return
    turned = public is not None and public.start() < own.start()
    expected = "most" if turned else "least"
    if figure.bound in (expected, "exact") and figure.value:
        value = 1 / figure.value if turned else figure.value
        yield "ratio", value, AT_HOME if figure.bound == expected else INFERRED


def _duration(sentence: Sentence, figure: Figure) -> Iterator[tuple[str, tuple[bool, int], float]]:
    """Whether it is at most, and how many years; a length that is no whole number of years is nobody's to round."""
    years = figure.value / YEAR
    at_home = sentence.kind == "period" or (sentence.kind == "unknown" and figure.begin <= len("不得超过"))
    if not (at_home or PERIOD.search(figure.before)) or NO_PERIOD.search(figure.before):
        return
    if figure.bound != "least" and years and years == years.to_integral_value():
        yield "duration", (figure.bound == "most", int(years)), AT_HOME


def _quota(sentence: Sentence, figure: Figure) -> Iterator[tuple[str, int, float]]:
    before = figure.before
    said = sentence.text[figure.begin : figure.end]
    named = QUOTA.search(before) or (
        sentence.kind == "notes" and figure.bound == "most" and ("项目" in said or "限" in before)
    )
    allowed = figure.bound != "least" and sentence.kind != "indicators"
    if named and allowed and not NOT_A_QUOTA.search(before):
        yield "quota", int(figure.value), AT_HOME if figure.bound == "most" else INFERRED


def _competitive(sentences: Sequence[Sentence]) -> Reading[bool]:
    def read(sentence: Sentence) -> bool | None:
        return True if COMPETITIVE.search(sentence.text) else None

    said = choose(_stated(sentences, read), ("notes",))
    return Reading(True, said.line, said.confidence) if said.value else Reading(False, None, INFERRED)


def _durations(
    said: Reading[tuple[bool, int] | None],
) -> tuple[Reading[int | None], Reading[int | None]]:
    """The longest or the exact number of years; one of them is stated."""
    if said.value is None:
        sure = min(said.confidence, ELSEWHERE)
        return Reading(None, None, sure), Reading(None, None, sure)
    at_most, years = said.value
    stated: Reading[int | None] = Reading(years, said.line, said.confidence)
    silent: Reading[int | None] = Reading(None, None, said.confidence)
    return (stated, silent) if at_most else (silent, stated)


PLAIN_RULES = re.compile(
    "|".join(rule.pattern for rule in (MILESTONE, AFTERWARDS, ON_ACCEPTANCE, ON_COOPERATION, COMPETITIVE))
)


def speaks_of_funding(sentence: Sentence) -> bool:
    """Whether the reading of money and time understood something of this sentence."""
    return bool(PLAIN_RULES.search(sentence.text) or _unfunded(sentence) or roles_in(sentence))


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
        if figure.begin not in placed and not any(begin <= figure.begin < end for begin, end in known):
            yield figure
