"""Figures as guides write them: 30万元, 三十万元, 1亿元, 20%, 百分之二十, 四分之一, 4:1, 三倍, 2年, 24个月, 50个项目.

Every figure comes with its bound (不超过 … 以上), so that what a figure is for and how it is bounded are read apart.
"""

import re
from collections.abc import Iterator
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
_ARABIC = r"(?<![\d.])\d+(?:,\d{3}(?!\d))*(?:\.\d+)?"
_PLACE = r"(?:亿|[千百十]?万|[千百])"
_CHINESE = rf"[{_MARK}][{_MARK}点万亿]*"
NUMBER = rf"(?:{_ARABIC}|[{_MARK}][{_MARK}点]*)"
AMOUNT = (
    rf"(?P<amount>{_ARABIC}(?:{_PLACE}\d+(?:\.\d+)?)*{_PLACE}?|{_CHINESE})"
    r"(?:元|(?<=[万亿])(?=$|[,。;、()/]|[以之]|及以|封顶|为|且|左右|的|人民币))"
)
PERCENT = (
    rf"(?:(?P<percent>{NUMBER})%|百分之(?P<hundredths>{NUMBER})"
    rf"|(?P<under>[{_MARK}]+)分之(?P<over>[{_MARK}]+)|(?P<tenths>{NUMBER})成(?![果立为功效本绩]))"
)

Kind = Literal["yuan", "share", "ratio", "months", "count"]
Bound = Literal["most", "least", "exact"]
_FROM_TO = r"(?:-|—|–|~|至|到)+"
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
            rf"(?P<y1>\d{{4}})年(?P<m1>\d{{1,2}})月(?:\d{{1,2}}日)?起?{_FROM_TO}(?P<y2>\d{{4}})年(?P<m2>\d{{1,2}})月"
            rf"|(?P<years>(?<!\d){NUMBER})(?:个?(?:自然|周|整)?年)(?![度底初均产月销生龄\d])|(?P<months>{NUMBER})个月"
        ),
    ),
    ("count", re.compile(rf"(?P<count>{NUMBER})(?:个|项|家)(?:立项)?(?:项目|课题)?")),
)
_BOUNDS = re.compile(
    r"(?P<most>(?:不|未)[得应能可宜准再]{0,2}(?:超过|高于|多于|大于|超出|突破|长于|逾)|最[高多大长]|至多|上限|封顶"
    r"|控制在|(?<![期年时界下权])限[额量定于]?|≤|<=?)"
    r"|(?P<least>(?:不|未)[得应能可宜准再]{0,2}(?:少于|低于|小于|短于)|最[低少小]|至少|下限|起点|(?<![可高])达到?|超过|高于|多于|大于"
    r"|≥|>=?)"
)
_INCLUDED = r"(?:\((?:含|包括)[^)]*\)|含)?"
_MOST_AFTER = re.compile(
    rf"{_INCLUDED}(?:(?:以|之)内|以下|内(?![容部])|封顶|为(?:最高)?(?:上限|限额|限)){_INCLUDED}"
)
_LEAST_AFTER = re.compile(rf"{_INCLUDED}(?:[及或]?以上|起(?![止步])|为(?:下限|起点))")
_BREAK = ",。;、:"
_RANGE_LOW = re.compile(rf"(?P<low>{NUMBER}|{_CHINESE})[年%]?{_FROM_TO}$")
_CALENDAR = 100
"""A number of years from which on it is a date (2026年), not a duration."""


@dataclass(frozen=True)
class Figure:
    """One figure of a text: yuan, a share (0.2), a ratio (4:1 is 4), months, or a count of projects.

    `before` are the words since the last comma or figure, `begin` and `end` its place in the text.
    """

    kind: Kind
    value: Decimal
    bound: Bound
    before: str
    begin: int
    end: int


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
    """The share a `PERCENT` matched: 20%, 百分之二十, 五分之一 and 两成 are 0.2."""
    if found["under"]:
        return (number(found["over"]) / number(found["under"])).normalize()
    if found["tenths"]:
        return (number(found["tenths"]) / 10).normalize()
    return (number(found["percent"] or found["hundredths"]) / 100).normalize()


@lru_cache(maxsize=4096)
def figures_of(text: str) -> tuple[Figure, ...]:
    """Every figure of a text made plain, in its order, with the bound the words around it set."""
    found = sorted(_found(text), key=lambda figure: figure.begin)
    bounded = [
        _bounded(text, figure, found[place - 1].end if place else 0) for place, figure in enumerate(found)
    ]
    return tuple(_ranges(text, bounded))


def _found(text: str) -> Iterator[Figure]:
    for kind, finder in _FINDERS:
        for match in finder.finditer(text):
            value = _value(kind, match)
            if value is not None:
                yield Figure(kind, value, "exact", "", match.start(), match.end())


def _value(kind: Kind, match: re.Match[str]) -> Decimal | None:
    """What was matched is worth; None for a calendar year and for a ratio to nothing."""
    if kind == "yuan":
        return Decimal(number(match["amount"]))
    if kind == "share":
        return share(match) if match["under"] is None or number(match["under"]) else None
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
    if match["months"]:
        return number(match["months"])
    years_said = number(match["years"])
    return years_said * 12 if years_said < _CALENDAR else None


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
