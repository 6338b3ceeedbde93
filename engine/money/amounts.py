"""Exact yuan: reading what people write, rounding as the programme rounds, splitting into tranches.

Amounts are `Decimal` where they are read and `Fraction` where they are computed with; a float never appears.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

MOST_DIGITS = 15
"""An amount below 10^15 yuan fits the ledger's 64-bit fen; more is a slip of the keyboard."""
MOST_DECIMALS = 15
PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

Exact = Decimal | Fraction | int


def read_number(value: object) -> Decimal:
    """A non-negative exact number from a JSON number or a plain decimal string.

    Raises `ValueError` with a sentence for booleans, floats, NaN, infinities, negative or oversized numbers
    and anything that is not a number.
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        # pydantic makes a reason of a ValueError and lets a TypeError through
        raise ValueError(f"应为数字或十进制数字串，不能是{_kind(value)}")  # noqa: TRY004
    if isinstance(value, str) and not (len(value) <= 2 * MOST_DIGITS + 2 and PLAIN.fullmatch(value)):
        raise ValueError("不是普通的十进制数字串（不带千分位、单位、空格或指数）")
    if isinstance(value, int) and abs(value) >= 10**MOST_DIGITS:
        raise ValueError(f"数字过大，应小于 10 的 {MOST_DIGITS} 次方")
    return _bounded(Decimal(value))


def _bounded(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise ValueError("应为有限的数字，不能是 NaN 或无穷大")
    if number < 0:
        raise ValueError("不能是负数")
    if number == 0:
        return Decimal(0)
    if number.adjusted() >= MOST_DIGITS:
        raise ValueError(f"数字过大，应小于 10 的 {MOST_DIGITS} 次方")
    exponent = number.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -MOST_DECIMALS:
        raise ValueError(f"小数位过多，最多 {MOST_DECIMALS} 位")
    return number


def read_yuan(value: object) -> Decimal:
    """An amount of yuan, exact to the fen (分)."""
    amount = read_number(value)
    if (Fraction(amount) * 100).denominator != 1:
        raise ValueError("金额应精确到分，最多两位小数")
    return amount


def half_up(value: Exact) -> int:
    """Rounded to the whole yuan, halves upward: for amounts that come from a rate (四舍五入)."""
    return (2 * Fraction(value) + 1) // 2


def down(value: Exact) -> int:
    """Rounded down to the whole yuan: for amounts that come from a ceiling, so that it is never passed."""
    return Fraction(value) // 1


def split(total: int, percents: Sequence[Decimal]) -> list[int]:
    """A total in whole yuan cut into tranches by percentages that sum to 100; the parts sum to it exactly.

    Every tranche but the last is its share rounded half-up, never more than what is left; the last is the
    remainder.
    """
    parts: list[int] = []
    left = total
    for percent in percents[:-1]:
        part = min(half_up(Fraction(total) * Fraction(percent) / 100), left)
        parts.append(part)
        left -= part
    return [*parts, left]


def plain(value: Exact) -> int | str:
    """An amount as JSON: an integer where it is one, else its digits (or the exact fraction) as a string."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return exact.numerator
    return digits(exact)


def digits(value: Exact) -> str:
    """The number written out without an exponent; a fraction with no finite decimals stays `a/b`."""
    exact = Fraction(value)
    scaled = exact * 10 ** (2 * MOST_DECIMALS)
    if scaled.denominator != 1:
        return f"{exact.numerator}/{exact.denominator}"
    whole, rest = divmod(scaled.numerator, 10 ** (2 * MOST_DECIMALS))
    decimals = f"{rest:0{2 * MOST_DECIMALS}d}".rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)


def yuan(value: Exact) -> str:
    """An amount as a form prints it: digits grouped by thousands, then 元."""
    whole, point, decimals = digits(value).partition(".")
    return f"{int(whole):,}{point}{decimals} 元" if whole.isdigit() else f"{whole} 元"


def percent(value: Exact) -> str:
    """A rate or share as a form prints it: 0.1 becomes 10%."""
    return f"{digits(Fraction(value) * 100)}%"


def _kind(value: object) -> str:
    names = {bool: "布尔值", float: "浮点数", list: "列表", dict: "对象", type(None): "null"}
    return names.get(type(value), type(value).__name__)
