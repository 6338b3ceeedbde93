"""How a list's filters stand in its address, and back: what every list of the web reads its narrowing with."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from urllib.parse import urlencode

from engine.cases.lists import Cursor
from engine.errors import Unusable
from web.addresses import is_number
from web.language import translate as _

F = TypeVar("F")
FEN_OF_WAN = 1_000_000
LONGEST_WORD = 100
MOST_WAN = 10_000_000


class WrongFilter(Unusable):
    """One filter of an address cannot be one; `name` is the part of the address it stands in."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def as_far_as_readable(
    read: Callable[[Mapping[str, str]], F], query: Mapping[str, str]
) -> tuple[F, dict[str, str]]:
    """The filters without those that cannot be, and a sentence for each of these by its name."""
    kept: dict[str, str] = dict(query)
    wrong: dict[str, str] = {}
    while True:
        try:
            return read(kept), wrong
        except WrongFilter as problem:
            wrong[problem.name] = problem.message
            del kept[problem.name]


def sort_of(query: Mapping[str, str], known: tuple[str, ...]) -> str:
    """The order asked for, the first one when none is."""
    return one_of(query, "sort", known, known[0], _("列表没有“%(word)s”这种排序；请从页面上选择。"))


def one_of(query: Mapping[str, str], name: str, known: tuple[str, ...], otherwise: str, sentence: str) -> str:
    """A word out of a few; WrongFilter with the sentence, which says %(word)s, for any other."""
    value = query.get(name, otherwise)
    if value not in known:
        raise WrongFilter(name, sentence % {"word": value[:20]})
    return value


def word_of(query: Mapping[str, str], name: str) -> str:
    """What was typed to look for; WrongFilter when it is longer than anything there is."""
    text = query.get(name, "").strip()
    if len(text) > LONGEST_WORD:
        raise WrongFilter(name, _("查找的文字最多 %(most)s 个字；请写短一些。", most=LONGEST_WORD))
    return text


def fen_of(query: Mapping[str, str], name: str) -> int | None:
    """An amount entered in 万元, in fen; None when nothing was entered."""
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not (amount.is_finite() and 0 <= amount <= MOST_WAN):
        raise WrongFilter(
            name, _("金额“%(text)s”应为不小于零的数字，单位为万元，例如 12.5。", text=text[:20])
        )
    return int(amount * FEN_OF_WAN)


def cursor_of(query: Mapping[str, str], read: Any = None) -> Cursor | None:
    """Where the page begins; WrongFilter when the address was not made by this list."""
    for name in ("after", "before"):
        value, _mark, key = query.get(name, "").rpartition("~")
        if key:
            try:
                at = read(value) if read and value else None
                return Cursor(at, _key(key), back=name == "before")
            except (ValueError, OverflowError) as error:
                raise WrongFilter(name, _("页码无效；请从页面下方翻页。")) from error
    return None


def _key(text: str) -> int:
    if not is_number(text):
        raise ValueError(text)
    return int(text)


def cursor_text(cursor: Cursor) -> str:
    """The part of an address that leads to a page."""
    value = cursor.value.isoformat() if isinstance(cursor.value, datetime) else cursor.value
    return f"{'' if value is None else value}~{cursor.key}"


def address(path: str, query: Mapping[str, str], keep: tuple[str, ...], **changed: object) -> str:
    """A list's address with these parts of the present one, changed as given; empty parts are left out."""
    values: dict[str, object] = {name: query.get(name, "") for name in keep} | changed
    said = {name: value for name, value in values.items() if value not in ("", None)}
    return f"{path}?{urlencode(said)}" if said else path
