"""A what-if (试算) as the draw's form sends it: who must or may not sit, which conditions change, and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from engine import policy
from engine.clock import local_day
from engine.errors import Unusable
from engine.reviewing.wishes import Wish
from web.addresses import is_number

CHANGE = "change."


def wish_from(session: Session, sent: MultiDict[str, str], now: datetime) -> Wish:
    """The wish in a form; Unusable with a sentence for what cannot be read."""
    case = sent.get("pin_case", "").strip()
    where = _number(case) if case else None
    values = policy.values(session, local_day(now))
    typed = {key.removeprefix(CHANGE): text.strip() for key, text in sent.items() if key.startswith(CHANGE)}
    return Wish(
        pins=tuple((where, _number(one)) for one in sent.getlist("pin") if one),
        forbids=tuple(_number(one) for one in sent.getlist("forbid") if one),
        changes={key: _like(text, key, values) for key, text in typed.items() if text},
        reason=sent.get("reason", "").strip(),
    )


def wrong_field(sent: MultiDict[str, str]) -> str:
    """Where a refused preparation is to be put right: the missing reason, else the first condition typed."""
    if not sent.get("wish"):
        return "again-reason"
    typed = (key for key, text in sent.items() if key.startswith(CHANGE) and text.strip())
    return "reason" if not sent.get("reason", "").strip() else next(typed, "pin")


def _number(text: str) -> int:
    if not is_number(text):
        raise Unusable(f"“{text[:20]}”不是专家或项目的编号；请从名单中选择。")
    return int(text)


def _like(text: str, key: str, values: Mapping[str, Any]) -> Any:
    """What was typed, as a value of the kind the policy has now."""
    if isinstance(values.get(key), int):
        if not is_number(text):
            raise Unusable(f"“{key}”应为整数，现为“{text[:20]}”；请改正。")
        return int(text)
    return text
