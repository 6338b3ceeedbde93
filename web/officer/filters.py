"""The inbox's filters as they stand in its address, and back."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, cast, get_args
from urllib.parse import urlencode

from engine.cases.inbox import UNCLAIMED, Due, Filters, Scope, Sort
from engine.cases.lists import Cursor
from engine.errors import Unusable

FEN_OF_WAN = 1_000_000
MOST_WAN = 10_000_000
NARROWING = ("direction", "element", "role", "holder", "unit", "due", "from", "to", "text")
"""The parts of an inbox's address that leave rows out."""
KEPT = ("scope", *NARROWING, "sort")
"""The parts a saved view keeps: not the page, nor the step that happens to be open."""


def filters_from(query: Mapping[str, str]) -> Filters:
    """The filters in an address; Unusable, in a sentence, for what there cannot be."""
    unknown = "待办没有“{}”这个范围；请从页面上的“我的、本组、全部”进入。"
    scope = one_of(query, "scope", get_args(Scope), "mine", unknown)
    due = one_of(query, "due", get_args(Due), "", "待办没有“{}”这种期限；请从页面上选择。")
    sort = sort_of(query, get_args(Sort))
    holder = query.get("holder", "").strip()
    if holder and holder != UNCLAIMED and not is_number(holder):
        raise Unusable("经办人应从列表中选择。")
    return Filters(
        scope=cast("Scope", scope),
        direction=query.get("direction", "").strip(),
        element=query.get("element", "").strip(),
        role=query.get("role", "").strip(),
        holder=holder,
        unit=query.get("unit", "").strip(),
        due=cast("Due", due),
        amount_from=fen_of(query.get("from", "")),
        amount_to=fen_of(query.get("to", "")),
        text=query.get("text", "").strip(),
        sort=cast("Sort", sort),
        cursor=cursor_of(query, read={"due": datetime.fromisoformat, "amount": int}.get(sort)),
    )


def sort_of(query: Mapping[str, str], known: tuple[str, ...]) -> str:
    """The order asked for, the first one when none is."""
    return one_of(query, "sort", known, known[0], "列表没有“{}”这种排序；请从页面上选择。")


def one_of(query: Mapping[str, str], name: str, known: tuple[str, ...], otherwise: str, sentence: str) -> str:
    """A word out of a few; Unusable with the sentence for any other."""
    value = query.get(name, otherwise)
    if value not in known:
        raise Unusable(sentence.format(value[:20]))
    return value


def fen_of(text: str) -> int | None:
    """An amount entered in 万元, in fen; None when nothing was entered."""
    if not text.strip():
        return None
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount <= MOST_WAN):
        raise Unusable(f"金额“{text[:20]}”应为不小于零的数字，单位为万元。")
    return int(amount * FEN_OF_WAN)


def is_number(text: str) -> bool:
    """Whether a text can be a row's number."""
    return text.isascii() and text.isdecimal() and len(text) < 10


def cursor_of(query: Mapping[str, str], read: Any = None) -> Cursor | None:
    """Where the page begins; Unusable when the address was not made by this list."""
    for name in ("after", "before"):
        value, _, key = query.get(name, "").rpartition("~")
        if key:
            try:
                at = read(value) if read and value else None
                return Cursor(at, int(key), back=name == "before")
            except ValueError as error:
                raise Unusable("页码无效；请从页面下方翻页。") from error
    return None


def cursor_text(cursor: Cursor) -> str:
    """The part of an address that leads to a page."""
    value = cursor.value.isoformat() if isinstance(cursor.value, datetime) else cursor.value
    return f"{'' if value is None else value}~{cursor.key}"


def address(path: str, query: Mapping[str, str], keep: tuple[str, ...], **changed: object) -> str:
    """A list's address with these parts of the present one, changed as given; empty parts are left out."""
    values: dict[str, object] = {name: query.get(name, "") for name in keep} | changed
    said = {name: value for name, value in values.items() if value not in ("", None)}
    return f"{path}?{urlencode(said)}" if said else path
