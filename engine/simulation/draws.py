"""The scripted drawing officer (模拟抽取): the draw as from the web, conditions relaxed in turn where they must be."""

import random
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine

from engine import db
from engine.jobs.draws import run_draws
from engine.people.models import Account
from engine.reviewing import draws
from engine.vocabulary import Role

RELAXED: tuple[dict[str, object], ...] = (
    {},
    {"panel_domain_min": 1},
    {"panel_domain_min": 0, "outside_share_min": "0", "outside_share_major_min": "0"},
    {"panel_domain_min": 0, "outside_share_min": "0", "outside_share_major_min": "0", "panel_unit_cap": 2},
)
"""What a leader agrees to in a shortage, step by step; no rule of avoidance is among it."""


def draw_panel(
    engine: Engine, round_id: int, officers: Mapping[str, Account], dice: random.Random, now: datetime
) -> None:
    """Prepare, solve, draw lots before a witness and publish."""
    for changes in RELAXED:
        draw_id = _prepared(engine, round_id, officers, changes, now)
        if _publish(engine, draw_id, officers, str(dice.randint(1, 999)), now):
            return
    raise LookupError(f"round {round_id}: the demo world's pool is too small for a panel without conflicts")


def _prepared(
    engine: Engine, round_id: int, officers: Mapping[str, Account], changes: dict[str, object], now: datetime
) -> int:
    run_draws(engine, now)  # a draw after a shortage is queued already
    wish = draws.Wish(changes=changes, reason="候选专家不足，申请放宽" if changes else "")
    with db.writing(engine) as session:
        waiting = draws.current(session, round_id)
        if waiting is None or waiting.status != "ready" or changes:
            actor = officers[Role.DRAWING]
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
