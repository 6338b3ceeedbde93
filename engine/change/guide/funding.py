"""A leaf's money and time (补助方式, 资助经费, 实施期限): read from whichever sentence states them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.catalogue.spec import Basis, Mode, Procedure, Trigger
from engine.change.guide.roles import HOMES, MONEY, roles_in
from engine.change.guide.sentences import (
    CONFLICTING,
    INFERRED,
    UNREAD,
    Reading,
    Said,
    Sentence,
    choose,
)

FAILED = re.compile(r"不通过|未通过|不合格|终止|撤销|逾期|违|虚假|作假|未完成|不符合|部分|重复|同一|已获")
GIVE = r"不(?:再|予|给予|予以)?(?:拨付|安排|资助|补助|提供|给予|支持|配套)"
UNFUNDED = re.compile(
    rf"(?:{GIVE}|不(?:设立?|使用|需要?))[^,。;]{{0,8}}(?:财政|经费|资金)"
    r"|不(?:予|给予|予以)[^,。;]{0,4}(?:财政|经费|资金)"
    rf"|(?:财政|经费|资金)[^,。;的]{{0,6}}{GIVE}"
    r"|(?:经费|资金)(?:全部|全额|均)?(?:由[^。;,]{1,20}?)?(?:自行(?:承担|解决|筹措)|自筹)|自筹经费项目"
)
NO_MONEY = re.compile(
    rf"(?:无(?:资助|补助|财政)?(?:经费|资金)?|零|0(?:万)?元|自筹(?:项目)?|[^,;的]{{0,8}}{GIVE}"
    r"|[^,;]{0,12}自行(?:承担|解决|筹措))[。;]?"
)
"""All a money item says where no money is given."""
MILESTONE = re.compile(r"里程碑|分(?:阶段|期|批|段)[^。;]{0,14}(?:拨付|拨款|补助|资助|支付)")
AFTERWARDS = re.compile(r"后(?:补助|补贴|资助|奖补|奖励)|以奖代补")
PAID = r"(?:拨付|拨款|支付|兑付|兑现|发放|给予|予以|补助)"
ON_COOPERATION = re.compile(
    r"(?:支付[^。;]{0,12}(?:款|合作(?:经费|费用)|横向经费)|(?:合作|横向)[^。;,]{0,8}(?:付款|款项?(?:支付|付清|到账|到位)))"
    r"[^。;]{0,12}(?:拨付|拨款|兑付|兑现|补助|资助)"
)
ON_ACCEPTANCE = re.compile(rf"验收(?!不|未|证书|核定)[^。;]{{0,16}}{PAID}")
PAID_EARLIER = re.compile(r"(?:立项|签订|签署|下达)[^。;验]{0,12}(?:拨付|拨款|兑付|发放)")
COMPETITIVE = re.compile(r"择优|(?<![非不])竞争")
COMPUTE = re.compile(r"算力")
VERIFIED = re.compile(
    r"(?:核定|认定|审定|核实|确认)的?(?:项目|企业|单位)?的?自筹|自筹(?:经费|资金|投入)?(?:核定|认定)"
)


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


def read_funding(sentences: Sequence[Sentence], doubted: frozenset[str] = frozenset()) -> Funding:
    """Read all of it. `doubted` are the roles that a figure nobody could place may have been meant for: where
    nothing else was read for one of them, that it is not stated is doubtful."""

    def figure(role: str) -> Reading[Any]:
        said = [one for sentence in sentences for name, one in roles_in(sentence) if name == role]
        found = choose(said, HOMES[role])
        return Reading(None, None, CONFLICTING) if found.value is None and role in doubted else found

    mode = _mode(sentences)
    trigger = _trigger(sentences, mode)
    rate, cap_share = figure("rate"), figure("cap_share")
    ratio, floor = figure("self_raised_ratio_min"), figure("floor_yuan")
    most, exact = _durations(figure("duration"))
    return Funding(
        funding_mode=mode,
        payment_trigger=trigger,
        procedure=_procedure(mode, trigger),
        basis=_basis(sentences, mode, rate, ratio, cap_share, floor),
        rate=rate,
        floor_yuan=floor,
        cap_yuan=figure("cap_yuan"),
        cap_share=cap_share,
        quota=figure("quota"),
        min_total_investment_yuan=figure("min_total_investment_yuan"),
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
        return Reading(None, None, UNREAD)
    return said


def _paid_after(sentence: Sentence) -> bool | None:
    return True if ON_ACCEPTANCE.search(sentence.text) or ON_COOPERATION.search(sentence.text) else None


def _unfunded(sentence: Sentence) -> bool:
    """Whether it says that no public money is given at all; a refusal after a failure is not that."""
    found = NO_MONEY.fullmatch(sentence.text) if sentence.kind == "money" else None
    found = found or UNFUNDED.search(sentence.text)
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
        return Reading(said.value, earlier.line, UNREAD)
    if said.value is None and mode.value == "post_subsidy":
        return Reading("acceptance", mode.line, INFERRED)
    return said if said.value else Reading(None, None, UNREAD)


def _paid_earlier(sentence: Sentence) -> bool | None:
    return True if PAID_EARLIER.search(sentence.text) else None


def _procedure(mode: Reading[Mode | None], trigger: Reading[Trigger | None]) -> Reading[Procedure | None]:
    if mode.value is None:
        return Reading(None, None, UNREAD)
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
    return Reading(None, None, UNREAD)


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
    return Reading(None, rate.line, UNREAD)


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
        return Reading(None, None, UNREAD), Reading(None, None, UNREAD)
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
