"""A leaf's money and time (补助方式, 资助经费, 实施期限): read from whichever sentence states them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.catalogue.spec import Basis, Mode, Procedure, Trigger
from engine.change.guide.figures import AMOUNT, NUMBER, PERCENT, number, share, whole, yuan
from engine.change.guide.outline import ItemClass
from engine.change.guide.sentences import ELSEWHERE, INFERRED, Reading, Sentence, choose

AT_MOST = r"(?:最高|不超过|不高于|不多于|不得超过|至多|最多|上限为?|封顶|≤|<=)"
AT_LEAST = r"(?:不少于|不低于|不得少于|不得低于|至少|最低|≥|>=)"
TOTAL = r"(?:总投入|总投资|总经费|总预算)"
GRANT = re.compile(r"补助|补贴|资助|支持经费|支持资金|扶持|奖补|拨付")
NOT_THE_GRANT = re.compile(rf"{TOTAL}|研究经费投入|研发投入|研发费用|产值|收入|效益|利润|销售")

UNFUNDED = re.compile(r"不(?:予|再)?(?:拨付|安排|资助|补助|提供)[^,。;]{0,8}(?:财政|经费|资金)")
MILESTONE = re.compile(r"里程碑")
AFTERWARDS = re.compile(r"后补助|事后补助|后补贴|以奖代补")
ON_COOPERATION = re.compile(r"支付[^。;]{0,12}(?:款项|合作款|合作经费|合作费用)[^。;]{0,8}拨付")
ON_ACCEPTANCE = re.compile(r"验收[^。;]{0,12}拨付")

YEARS = (
    rf"(?P<most>不超过|不多于|至多|最多|最长|不得超过|≤)?(?:为)?(?P<count>{NUMBER})"
    r"(?P<of>年|个月)(?P<within>以内|内)?"
)
PERIOD = re.compile(rf"(?:实施|执行|研究|建设|项目)(?:期限|周期|年限|时间|期)(?:为|是|:)?{YEARS}")
BARE_PERIOD = re.compile(rf"^{YEARS}[。;]?$")
TOTAL_AT_LEAST = re.compile(rf"{TOTAL}[^,。;\d]{{0,8}}{AT_LEAST}[^,。;\d]{{0,4}}{AMOUNT}")
BARE_AT_LEAST = re.compile(rf"^{AT_LEAST}(?:人民币)?{AMOUNT}[。;]?$")
RATIO = re.compile(rf"自筹[^。;]{{0,24}}{AT_LEAST}(?P<over>{NUMBER}):(?P<under>{NUMBER})")
SHARE_OF_TOTAL = re.compile(rf"{AT_MOST}[^,。;\d]{{0,6}}{TOTAL}的?{PERCENT}")
SHARE_AFTER = re.compile(rf"{TOTAL}的?{PERCENT}(?:以内|以下|封顶)")
RATE = re.compile(PERCENT)
COMPUTE = re.compile(r"算力")
VERIFIED = re.compile(r"(?:核定|认定|审定)的?(?:项目)?自筹|自筹(?:经费|资金|投入)?(?:核定|认定)")
CAP = re.compile(
    rf"{AT_MOST}(?!{AT_LEAST})[^\d,。;%零一二两三四五六七八九十百千]{{0,12}}(?:{AT_MOST})?[^\d,。;%零一二两三四五六七八九十百千]{{0,6}}{AMOUNT}"
)
CAP_AFTER = re.compile(rf"{AMOUNT}(?:封顶|以内|以下|为限)")
FLOOR = re.compile(rf"{AT_LEAST}[^\d,。;%零一二两三四五六七八九十百千]{{0,8}}{AMOUNT}")
QUOTA = re.compile(
    rf"(?:立项|遴选|资助|支持)[^,。;\d]{{0,8}}(?:不超过|不多于|至多|最多|限额?|控制在|≤)(?:约)?(?P<count>{NUMBER})(?:个|项)"
)
COMPETITIVE = re.compile(r"择优|(?<![非不])竞争")
QUOTA_SHORT = re.compile(rf"限(?:额|量)?(?:立项|支持)?(?P<count>{NUMBER})(?:个|项)")


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


def read_funding(sentences: Sequence[Sentence]) -> Funding:
    """Read all of it."""
    mode = _mode(sentences)
    trigger = _trigger(sentences, mode)
    money: tuple[ItemClass, ...] = ("money", "mode")
    rate = choose(sentences, _rate, money)
    ratio = choose(sentences, _ratio, ("money", "conditions"))
    cap = choose(sentences, _cap, money)
    cap_share = choose(sentences, _share_of_total, money)
    floor = choose(sentences, _floor, money, ("content", "total", "indicators"))
    most, exact = _durations(sentences)
    return Funding(
        funding_mode=mode,
        payment_trigger=trigger,
        procedure=_procedure(mode, trigger),
        basis=_basis(sentences, mode, rate, ratio, cap_share, floor),
        rate=rate,
        floor_yuan=floor,
        cap_yuan=cap,
        cap_share=cap_share,
        quota=choose(sentences, _quota, ("notes",)),
        min_total_investment_yuan=choose(sentences, _total, ("total",)),
        self_raised_ratio_min=ratio,
        duration_max_years=most,
        duration_exact_years=exact,
        competitive=_competitive(sentences),
    )


def _mode(sentences: Sequence[Sentence]) -> Reading[Mode | None]:
    def read(sentence: Sentence) -> Mode | None:
        if UNFUNDED.search(sentence.text):
            return "unfunded"
        if MILESTONE.search(sentence.text):
            return "milestone"
        return "post_subsidy" if AFTERWARDS.search(sentence.text) else None

    return choose(sentences, read, ("mode", "money"))


def _trigger(sentences: Sequence[Sentence], mode: Reading[Mode | None]) -> Reading[Trigger | None]:
    if mode.value in ("unfunded", "milestone"):
        follows: Trigger = "none" if mode.value == "unfunded" else "milestone"
        return Reading(follows, mode.line, mode.confidence)

    def read(sentence: Sentence) -> Trigger | None:
        if ON_COOPERATION.search(sentence.text):
            return "cooperation_payment"
        return "acceptance" if ON_ACCEPTANCE.search(sentence.text) else None

    said: Reading[Trigger | None] = choose(sentences, read, ("mode",))
    if said.value is None and mode.value == "post_subsidy":
        return Reading("acceptance", mode.line, INFERRED)
    return said


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
    text = next(one.text for one in sentences if one.line == rate.line and _rate(one) is not None)
    if COMPUTE.search(text):
        return Reading("ai_compute_paid", rate.line, rate.confidence)
    if VERIFIED.search(text):
        return Reading("verified_self_raised", rate.line, rate.confidence)
    if "自筹" in text:  # of which self-raised money it is a rate, the guide leaves open: an admin looks
        return Reading("verified_self_raised", rate.line, INFERRED)
    return Reading(None, rate.line, 0.0)


def _of_the_grant(sentence: Sentence, before: str) -> bool:
    """Whether an amount with these words before it is the grant's and not a turnover or a total."""
    if NOT_THE_GRANT.search(before[-14:]):
        return False
    return sentence.kind in ("money", "mode") or bool(GRANT.search(sentence.text))


def _rate(sentence: Sentence) -> Decimal | None:
    for found in RATE.finditer(sentence.text):
        before, after = sentence.text[: found.start()], sentence.text[found.end() :]
        if re.search(rf"{TOTAL}的?$", before):
            continue
        if (COMPUTE.search(before) or VERIFIED.search(before) or "按" in before) and (
            GRANT.search(sentence.text) or sentence.kind == "money"
        ):
            return share(found)
        if re.search(r"^(?:的?比例)?(?:给予|予以)?(?:补助|补贴|资助)", after) and sentence.kind in (
            "money",
            "mode",
        ):
            return share(found)
    return None


def _ratio(sentence: Sentence) -> Decimal | None:
    found = RATIO.search(sentence.text)
    return number(found["over"]) / number(found["under"]) if found else None


def _cap(sentence: Sentence) -> int | None:
    for found in (*CAP.finditer(sentence.text), *CAP_AFTER.finditer(sentence.text)):
        if _of_the_grant(sentence, sentence.text[: found.start()]):
            return yuan(found)
    return None


def _floor(sentence: Sentence) -> int | None:
    for found in FLOOR.finditer(sentence.text):
        if _of_the_grant(sentence, sentence.text[: found.start()]):
            return yuan(found)
    return None


def _share_of_total(sentence: Sentence) -> Decimal | None:
    found = SHARE_OF_TOTAL.search(sentence.text) or SHARE_AFTER.search(sentence.text)
    return share(found) if found else None


def _total(sentence: Sentence) -> int | None:
    if found := TOTAL_AT_LEAST.search(sentence.text):
        return yuan(found)
    found = BARE_AT_LEAST.search(sentence.text) if sentence.kind == "total" else None
    return yuan(found) if found else None


def _quota(sentence: Sentence) -> int | None:
    found = QUOTA.search(sentence.text)
    if found is None and sentence.kind == "notes":
        found = QUOTA_SHORT.search(sentence.text)
    return whole(found["count"]) if found else None


def _competitive(sentences: Sequence[Sentence]) -> Reading[bool]:
    said = choose(sentences, lambda sentence: True if COMPETITIVE.search(sentence.text) else None, ("notes",))
    return Reading(True, said.line, said.confidence) if said.value else Reading(False, None, INFERRED)


def _durations(sentences: Sequence[Sentence]) -> tuple[Reading[int | None], Reading[int | None]]:
    """The longest or the exact number of years; one of them is stated."""

    def read(sentence: Sentence) -> tuple[bool, int] | None:
        found = PERIOD.search(sentence.text)
        if found is None and sentence.kind in ("period", "unknown"):
            found = BARE_PERIOD.search(sentence.text)
        if found is None:
            return None
        years = whole(found["count"]) if found["of"] == "年" else whole(found["count"]) // 12
        return bool(found["most"] or found["within"]), years

    said = choose(sentences, read, ("period",))
    if said.value is None:
        return Reading(None, None, ELSEWHERE), Reading(None, None, ELSEWHERE)
    at_most, years = said.value
    stated: Reading[int | None] = Reading(years, said.line, said.confidence)
    silent: Reading[int | None] = Reading(None, None, said.confidence)
    return (stated, silent) if at_most else (silent, stated)


SPEAKS = (_rate, _ratio, _cap, _floor, _share_of_total, _total, _quota)
PLAIN_RULES = re.compile(
    rf"{UNFUNDED.pattern}|{MILESTONE.pattern}|{AFTERWARDS.pattern}|{ON_ACCEPTANCE.pattern}|{ON_COOPERATION.pattern}"
    rf"|{COMPETITIVE.pattern}|{PERIOD.pattern}"
)


def speaks_of_funding(sentence: Sentence) -> bool:
    """Whether the reading of money and time understood this sentence."""
    if PLAIN_RULES.search(sentence.text) or any(read(sentence) is not None for read in SPEAKS):
        return True
    return sentence.kind == "period" and BARE_PERIOD.search(sentence.text) is not None
