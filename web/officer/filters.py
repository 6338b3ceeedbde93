"""The inbox's filters as they stand in its address."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast, get_args

from engine.cases.inbox import UNCLAIMED, Due, Filters, Scope, Sort
from web.addresses import is_number
from web.language import translate as _
from web.lists import WrongFilter, cursor_of, fen_of, one_of, sort_of, word_of

NARROWING = ("direction", "element", "role", "holder", "unit", "due", "from", "to", "text")
"""The parts of an inbox's address that leave rows out."""
KEPT = ("scope", *NARROWING, "sort")
"""The parts a saved view keeps: not the page, nor the step that happens to be open."""


def filters_from(query: Mapping[str, str]) -> Filters:
    """The filters in an address; WrongFilter, in a sentence, for what there cannot be."""
    unknown = _("待办没有“%(word)s”这个范围；请从页面上的“我的、本组、全部”进入。")
    scope = one_of(query, "scope", get_args(Scope), "mine", unknown)
    due = one_of(query, "due", get_args(Due), "", _("待办没有“%(word)s”这种期限；请从页面上选择。"))
    sort = sort_of(query, get_args(Sort))
    holder = word_of(query, "holder")
    if holder and holder != UNCLAIMED and not is_number(holder):
        raise WrongFilter("holder", _("经办人应从列表中选择。"))
    return Filters(
        scope=cast("Scope", scope),
        direction=word_of(query, "direction"),
        element=word_of(query, "element"),
        role=word_of(query, "role"),
        holder=holder,
        unit=word_of(query, "unit"),
        due=cast("Due", due),
        amount_from=fen_of(query, "from"),
        amount_to=fen_of(query, "to"),
        text=word_of(query, "text"),
        sort=cast("Sort", sort),
        cursor=cursor_of(query, read={"due": datetime.fromisoformat, "amount": int}.get(sort)),
    )
