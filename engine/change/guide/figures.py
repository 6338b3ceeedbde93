"""Figures as guides write them: 30万元, 三十万元, 1亿元, 20%, 百分之二十, 4:1, 2年, 24个月."""

import re
from decimal import Decimal

NUMBER = r"(?:\d+(?:,\d{3})*(?:\.\d+)?|[零一二两三四五六七八九十百千]+)"
AMOUNT = rf"(?P<amount>{NUMBER})(?P<unit>亿|千万|百万|万)?元"
PERCENT = rf"(?:(?P<percent>{NUMBER})%|百分之(?P<hundredths>{NUMBER}))"
DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
PLACES = {"十": 10, "百": 100, "千": 1000}
UNITS = {None: 1, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000}


def number(text: str) -> Decimal:
    """A number in Arabic or Chinese figures."""
    if text[0].isdigit():
        return Decimal(text.replace(",", ""))
    total, digit = 0, 0
    for mark in text:
        if mark in PLACES:
            total += (digit or 1) * PLACES[mark]
            digit = 0
        else:
            digit = DIGITS[mark]
    return Decimal(total + digit)


def whole(text: str) -> int:
    """A whole number in Arabic or Chinese figures."""
    return int(number(text))


def yuan(found: re.Match[str]) -> int:
    """The amount an `AMOUNT` matched, in yuan."""
    return int(number(found["amount"]) * UNITS[found["unit"]])


def share(found: re.Match[str]) -> Decimal:
    """The share a `PERCENT` matched: 20% is 0.2."""
    return (number(found["percent"] or found["hundredths"]) / 100).normalize()
