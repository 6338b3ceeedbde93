"""The scripted drawing officer (模拟抽取): the draw as from the web, conditions relaxed in turn where they must be."""

import random
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from engine import db
from engine.jobs.draws import run_draws
from engine.people.models import Account
from engine.reviewing import draws
from engine.reviewing.models import ReviewRound
from engine.reviewing.wishes import NO_WISH, Wish
from engine.vocabulary import Role

RELAXED: tuple[dict[str, object], ...] = (
    {},
    {"panel_domain_min": 1},
    {"panel_domain_min": 0, "outside_share_min": "0", "outside_share_major_min": "0"},
    {"panel_domain_min": 0, "outside_share_min": "0", "outside_share_major_min": "0", "panel_unit_cap": 2},
)
"""What a leader agrees to in a shortage, step by step; no rule of avoidance is among it."""


def draw_panel(
    engine: Engine,
    round_id: int,
    officers: Mapping[str, Account],
    dice: random.Random,
    now: datetime,
    pins: tuple[tuple[int | None, int], ...] = (),
) -> None:
    """Prepare, solve, draw lots before a witness and publish. `pins` sit on the panel whatever the lots say."""
    for changes in RELAXED:
        wish = Wish(pins=pins, changes=changes, reason=_reason(changes, pins))
        draw_id = _prepared(engine, round_id, officers, wish, now)
        if _publish(engine, draw_id, officers, str(dice.randint(1, 999)), now):
            return
    raise LookupError(f"round {round_id}: the demo world's pool is too small for a panel without conflicts")


def _reason(changes: Mapping[str, object], pins: Collection[object]) -> str:
    if changes:
        return "候选专家不足，申请放宽"
    return "须由熟悉本领域的专家参加" if pins else ""


def _prepared(
    engine: Engine, round_id: int, officers: Mapping[str, Account], wish: Wish, now: datetime
) -> int:
    run_draws(engine, now)  # a draw after a shortage is queued already
    with db.writing(engine) as session:
        waiting = draws.current(session, round_id)
        if waiting is None or waiting.status != "ready" or wish != NO_WISH:
            actor = officers[Role.DRAWING]
            if session.get_one(ReviewRound, round_id).panel_no and not wish.reason:
                wish = replace(wish, reason="补抽或复评")
            waiting = draws.prepare(session, round_id, actor=actor, now=now, wish=wish)
        draw_id = waiting.id or 0
    run_draws(engine, now)
    return draw_id


def _publish(
    engine: Engine, draw_id: int, officers: Mapping[str, Account], number: str, now: datetime
) -> bool:
    """Lots and invitations; False where there is no panel under these conditions."""
    with db.writing(engine) as session:
        made = draws.get(session, draw_id)
        if made.status != "ready":
            return False
        if made.needs_approval:
            draws.approve(session, draw_id, actor=officers[Role.APPROVER], now=now)
        actor = officers[Role.DRAWING]
        draws.draw_lots(session, draw_id, actor=actor, now=now, witness="纪检监督员", number=number)
        draws.publish(session, draw_id, actor=actor, now=now)
        return True
