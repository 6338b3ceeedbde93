"""Figures as guides write them: 30万元, 三十万元, 1亿元, 20%, 百分之二十, 四分之一, 4:1, 三倍, 2年, 24个月, 50个项目.

Every figure comes with its bound (不超过 … 以上), so that what a figure is for and how it is bounded are read apart.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Literal

DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
DIGITS |= {"〇": 0, "两": 2} | {digit: value for value, digit in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
PLACES = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
SCORES = {"廿": 20, "卅": 30}
_MARK = "".join({*DIGITS, *PLACES, *SCORES})
_ARABIC = r"(?<![\d.])\d{1,15}(?:,\d{3}(?!\d)){0,5}(?:\.\d{1,9})?"
_PLACE = r"(?:亿|[千百十]?万|[千百])"
_CHINESE = rf"[{_MARK}][{_MARK}点万亿]{{0,24}}"
NUMBER = rf"(?:{_ARABIC}|[{_MARK}][{_MARK}点]{{0,24}})"
"""Bounded in length: no run of digits, however long, may take long to read."""
AMOUNT = (
    rf"(?P<amount>{_ARABIC}(?:{_PLACE}\d{{1,4}}(?:\.\d{{1,9}})?){{0,4}}{_PLACE}?|{_CHINESE})"
    r"(?:[元圆]|(?<=[万亿])(?=$|[,。;、()/至到~—–-]|[以之]|及以|封顶|为|且|左右|的|人民币))"
)
PERCENT = (
    rf"(?:(?P<percent>{NUMBER})(?:%|个百分点)|(?P<thousandths>{NUMBER})‰|百分之(?P<hundredths>{NUMBER})"
    rf"|(?P<under>[{_MARK}]{{1,9}})分之(?P<over>[{_MARK}]{{1,9}})|(?P<part>\d{{1,2}})/(?P<of>\d{{1,2}})(?![/\d])"
    rf"|(?P<tenths>{NUMBER})成(?P<half>半|[{_MARK}])?(?![果立为功效本绩])|一半)"
)

Kind = Literal["yuan", "share", "ratio", "months", "count", "bare"]
Bound = Literal["most", "least", "exact"]
_INCLUDED = r"(?:\((?:含|包括)[^)]*\)|含)?"
_FROM_TO = rf"{_INCLUDED}(?:-|—|–|~|至|到){{1,4}}"
_FINDERS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("yuan", re.compile(AMOUNT)),
    ("share", re.compile(PERCENT)),
    (
        "ratio",
        re.compile(rf"(?P<over>{NUMBER})(?:(?::|比)(?P<under>{NUMBER})(?![:\d])|(?P<times>倍))"),
    ),
    (
        "months",
        re.compile(
            rf"(?P<y1>\d{{4}})[年.](?P<m1>\d{{1,2}})(?:月(?:\d{{1,2}}日)?)?起?{_FROM_TO}(?P<y2>\d{{4}})[年.](?P<m2>\d{{1,2}})月?"
            rf"|(?P<from>\d{{4}})(?:年度?)?{_FROM_TO}(?P<until>\d{{4}})年度?(?!\d)"
            rf"|(?P<years>(?<!\d){NUMBER})(?:个(?:自然|周|整)?年度?|(?:自然|周|整)?年)(?![度底初均产月销生龄\d])"
            rf"(?:零?(?P<more>{NUMBER})个月|(?P<half>半))?|(?P<months>{NUMBER})个月"
        ),
    ),
    ("count", re.compile(rf"(?P<count>{NUMBER})(?:个(?!月|[年百])|项|家|名)(?:立项)?(?:项目|课题)?")),
)
_BARE = re.compile(r"(?<![A-Za-z\d.(-])\d{1,15}(?:\.\d{1,9})?(?![A-Za-z\d.)年月日号条款])")
"""A number with no unit known here: it may be a figure written in a way that nobody foresaw."""
_BOUNDS = re.compile(
    r"(?P<most>(?:不|未)[得应能可宜准再]{0,2}(?:超过|高于|多于|大于|超出|突破|长于|逾)|最[高多大长]|至多|上限|封顶"
    r"|控制在|(?<![期年时界下权])限[额量定于]?|≤|<=?)"
    r"|(?P<least>(?:不|未)[得应能可宜准再]{0,2}(?:少于|低于|小于|短于)|最[低少小]|至少|下限|起点|(?<![可高])达到?|超过|高于|多于|大于"
    r"|≥|>=?)"
)
_MOST_AFTER = re.compile(
    rf"{_INCLUDED}(?:(?:以|之)内|以下|内(?![容部])|封顶|为(?:最高)?(?:上限|限额|限)){_INCLUDED}"
)
_LEAST_AFTER = re.compile(rf"{_INCLUDED}(?:[及或]?以上|起(?![止步])|为(?:下限|起点))")
_THRESHOLD = re.compile(r"(?:的|部分)?,?(?:则|仍|均|一律)?按")
_BREAK = ",。;、"
_RANGE_LOW = re.compile(rf"(?P<low>{NUMBER}|{_CHINESE})[年%]?{_FROM_TO}$")
_CALENDAR = 100
"""A number of years from which on it is a date (2026年), not a duration."""


@dataclass(frozen=True)
class Figure:
    """One figure of a text: yuan, a share (0.2), a ratio (4:1 is 4), months, or a count of projects.

    `before` are the words since the last comma or figure, `begin` and `end` its place in the text; it is not
    `certain` where the wording leaves the value open (2026年至2027年).
    """

    kind: Kind
    value: Decimal
    bound: Bound
    before: str
    begin: int
    end: int
    certain: bool = True


def number(text: str) -> Decimal:
    """A number in Arabic or Chinese figures, or both: 1,200, 三十五, 一万五千, 1万5千, 三点五, 陆拾."""
    for mark, size in (("亿", 100_000_000), ("万", 10_000)):
        if mark in text:
            head, _, rest = text.partition(mark)
            return number(head or "一") * size + (number(rest) if rest else 0)
    return _below_ten_thousand(text)


def _below_ten_thousand(text: str) -> Decimal:
    if "点" in text:
        head, _, tail = text.partition("点")
        decimals = "".join(str(DIGITS.get(mark, mark)) for mark in tail)
        return _below_ten_thousand(head) + Decimal(f"0.{decimals or 0}")
    total, digit = Decimal(0), Decimal(0)
    for part in re.findall(r"\d[\d,]*(?:\.\d+)?|.", text):
        if part in PLACES:
            total += (digit or 1) * PLACES[part]
            digit = Decimal(0)
        elif part in SCORES:
            total += SCORES[part]
        else:
            digit = Decimal(DIGITS[part]) if part in DIGITS else Decimal(part.replace(",", ""))
    return total + digit


def whole(text: str) -> int:
    """A whole number in Arabic or Chinese figures."""
    return int(number(text))


def yuan(found: re.Match[str]) -> int:
    """The amount an `AMOUNT` matched, in yuan."""
    return int(number(found["amount"]))


def share(found: re.Match[str]) -> Decimal:
    """The share a `PERCENT` matched: 20%, 百分之二十, 五分之一, 1/5, 200‰ and 两成 are 0.2."""
    if under := found["under"] or found["of"]:
        worth = number(found["over"] or found["part"]) / number(under)
    elif found["tenths"]:
        tenth = Decimal(5) if found["half"] == "半" else number(found["half"] or "零")
        worth = number(found["tenths"]) / 10 + tenth / 100
    elif found["thousandths"]:
        worth = number(found["thousandths"]) / 1000
    elif said := found["percent"] or found["hundredths"]:
        worth = number(said) / 100
    else:
        worth = Decimal("0.5")
    return worth.normalize()


@lru_cache(maxsize=4096)
def figures_of(text: str) -> tuple[Figure, ...]:
    """Every figure of a text made plain, in its order, with the bound the words around it set."""
    found = sorted(_found(text), key=lambda figure: figure.begin)
    bounded = [
        _bounded(text, figure, found[place - 1].end if place else 0) for place, figure in enumerate(found)
    ]
    known = list(_ranges(text, bounded))
    return tuple(sorted([*known, *_bare(text, known)], key=lambda figure: figure.begin))


def _found(text: str) -> Iterator[Figure]:
    for kind, finder in _FINDERS:
        for match in finder.finditer(text):
            value = _value(kind, match)
            if value is not None:
                certain = kind != "months" or match["from"] is None
                yield Figure(kind, value, "exact", "", match.start(), match.end(), certain)


def _bare(text: str, known: Sequence[Figure]) -> Iterator[Figure]:
    for match in _BARE.finditer(text):
        if not any(figure.begin <= match.start() < figure.end for figure in known):
            yield Figure("bare", number(match[0]), "exact", "", match.start(), match.end(), False)


def _value(kind: Kind, match: re.Match[str]) -> Decimal | None:
    """What was matched is worth; None for a calendar year and for a ratio to nothing."""
    if kind == "yuan":
        return Decimal(number(match["amount"]))
    if kind == "share":
        under = match["under"] or match["of"]
        return share(match) if under is None or number(under) else None
    if kind == "ratio":
        under = Decimal(1) if match["times"] else number(match["under"])
        return number(match["over"]) / under if under else None
    if kind == "count":
        return number(match["count"])
    return _months(match)


def _months(match: re.Match[str]) -> Decimal | None:
    if match["y1"]:
        years = int(match["y2"]) - int(match["y1"])
        return Decimal(years * 12 + int(match["m2"]) - int(match["m1"]) + 1)
    if match["from"]:
        return Decimal((int(match["until"]) - int(match["from"]) + 1) * 12)
    if match["months"]:
        return number(match["months"])
    years_said = number(match["years"])
    more = Decimal(6) if match["half"] else number(match["more"] or "零")
    return years_said * 12 + more if years_said < _CALENDAR else None


def _bounded(text: str, figure: Figure, last: int) -> Figure:
    begin = max(last, *(text.rfind(mark, 0, figure.begin) + 1 for mark in _BREAK))
    before = text[begin : figure.begin]
    bound: Bound = "exact"
    if _MOST_AFTER.match(text, figure.end):
        bound = "most"
    elif _LEAST_AFTER.match(text, figure.end):
        bound = "least"
    else:
        for said in _BOUNDS.finditer(before):
            bound = "most" if said["most"] else "least"
        if bound == "least" and _THRESHOLD.match(text, figure.end):  # 超过30万元的，按30万元
            bound = "most"
    return replace(figure, bound=bound, before=before)


def _ranges(text: str, found: list[Figure]) -> Iterator[Figure]:
    """12万元至30万元 and 12—30万元 are at least 12 and at most 30."""
    highs = {
        after.begin: before
        for before, after in pairwise(found)
        if before.kind == after.kind and re.fullmatch(_FROM_TO, text[before.end : after.begin])
    }
    lows = {before.begin for before in highs.values()}
    for figure in found:
        low = _RANGE_LOW.search(text, 0, figure.begin)
        said = re.match(NUMBER, text[figure.begin : figure.end])
        if figure.begin in lows:
            yield replace(figure, bound="least")
        elif figure.begin in highs:
            yield replace(figure, bound="most", before=highs[figure.begin].before)
        elif low is not None and said is not None and number(said[0]):
            scale = figure.value / number(said[0])
            yield replace(figure, value=number(low["low"]) * scale, bound="least", begin=low.start())
            yield replace(figure, bound="most")
        else:
            yield figure
