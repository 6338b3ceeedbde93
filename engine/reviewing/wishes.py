"""A what-if of a draw (试算): who must or may not sit and what is changed for it alone, refused at once where wrong.

A name that enters here is held to the same rules of avoidance as everybody in the pool.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from engine import policy
from engine.errors import Refused, Unusable
from engine.reviewing.terms import CHANGEABLE

if TYPE_CHECKING:
    from engine.reviewing.posing import Posed

LEAST = {
    "panel_size_min": "review_scores_valid_min",
    "panel_size_major": "review_scores_valid_min",
    "letter_size": "review_scores_valid_min",
}
"""A panel smaller than the valid scores it has to give could never conclude anything."""
FROM_ONE = ("letter_applications_max", "panel_unit_cap")
SHARES = ("outside_share_min", "outside_share_major_min", "draw_pair_probability")
SHARE = re.compile(r"[0-9]{1,4}(/[1-9][0-9]{0,3}|\.[0-9]{1,6})?")
CHOICES = {
    "rotation_force": ("soft", "hard"),
    "conflict_own_unit": ("hard", "abstain"),
    "conflict_avoided": ("hard", "soft"),
}
MOST = 999
"""A count beyond this is a slip of the keys."""


@dataclass(frozen=True)
class Wish:
    """Experts who must (with the application they are to read) or must not sit, and policy values; with a reason."""

    pins: tuple[tuple[int | None, int], ...] = ()
    forbids: tuple[int, ...] = ()
    changes: Mapping[str, Any] | None = None
    reason: str = ""


NO_WISH = Wish()


def checked_changes(session: Session, wish: Wish, on: date) -> dict[str, Any]:
    """The conditions changed for one draw, each of the kind and within the bounds of its policy row."""
    changes = dict(wish.changes or {})
    if (wish.pins or wish.forbids or changes) and not wish.reason.strip():
        raise Refused("指定、排除专家或调整条件的，请写明理由。")
    values = policy.values(session, on)
    for key, new in changes.items():
        if key not in CHANGEABLE:
            raise Refused(f"“{key}”不是可以为一次抽取调整的条件；回避规则不得放宽。")
        if type(new) is not type(values[key]):
            raise Unusable(f"“{key}”应与现行值 {values[key]} 同类；请改正“{new}”。")
        if wrong := _out_of_bounds(key, new, values):
            title = policy.version_in_force(session, key, on).title
            raise Unusable(f"“{title}”{wrong}，现为“{str(new)[:20]}”；请改正。")
    return changes


def _out_of_bounds(key: str, new: Any, values: Mapping[str, Any]) -> str:
    if key in CHOICES:
        return "" if new in CHOICES[key] else f"应为 {' 或 '.join(CHOICES[key])}"
    if key in SHARES:
        return "" if _is_share(new) else "应为 0 到 1 之间的分数或小数，如 1/3"
    least = int(values[LEAST[key]]) if key in LEAST else int(key in FROM_ONE)
    return "" if least <= new <= MOST else f"应为 {least} 到 {MOST} 的整数"


def _is_share(text: str) -> bool:
    return bool(SHARE.fullmatch(text)) and Fraction(text) <= 1


def check_names(posed: "Posed", wish: Wish) -> None:
    """Refused for a name that may not sit where it is wished, with every finding and its evidence."""
    strangers = [one for one in (*wish.forbids, *(who for _, who in wish.pins)) if one not in posed.names]
    if strangers:
        raise Unusable(f"账号 {strangers} 不在专家库；请从候选名单中选择。")
    both = [posed.names[who] for _, who in wish.pins if who in wish.forbids]
    if both:
        raise Unusable(f"{'、'.join(both)}不能既指定又排除；请只选其一。")
    listed = {case.id for case in posed.cases}
    for case, who in wish.pins:
        if case is None and posed.terms.by_letter:
            raise Refused("通讯评审每个项目各有专家；指定专家请写明评哪个项目。")
        if case is None and posed.is_split:
            raise Refused("本组项目多，分由几个专家组评审；指定专家请写明评哪个项目。")
        if case is not None and case not in listed:
            raise Unusable(f"项目 {case} 不在本次抽取之列；请从名单中选择。")
        _refuse_barred(posed, case, who)


def _refuse_barred(posed: "Posed", case: int | None, who: int) -> None:
    """With the conflicts of the panel's whole group, or of the one application where only that is certain."""
    from engine.reviewing import conditions  # noqa: PLC0415 - brings numpy and scipy

    judge = next(one for one in posed.judges if one.id == who)
    alone = case is not None and (posed.terms.by_letter or posed.is_split)
    found = conditions.personal(posed.about({case}) if alone else posed, judge)
    if found:
        raise Refused("不能指定：" + "；".join(found) + "。", found)
