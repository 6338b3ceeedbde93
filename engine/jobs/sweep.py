"""The sweep (巡检): hands over messages, lets due time limits pass, writes reminders. Idempotent, one row at a time.

Every message and every limit is a transaction of its own, so that one stuck case never holds up three hundred;
what fails is left where it is, counted and said. Whoever wakes it (a request, the worker, the simulation) may
wake it as often as it likes.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, bindparam
from sqlmodel import col, select

from engine import db
from engine.cases import door
from engine.cases.models import Message, Process, Waiting
from engine.clock import UtcDateTime

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """What one sweep did; `stuck` names what failed, with its sentence."""

    delivered: int = 0
    fired: int = 0
    stuck: tuple[str, ...] = ()


def sweep(engine: Engine, now: datetime) -> Swept:
    """Deliver and fire until nothing more moves."""
    delivered = fired = 0
    stuck: dict[str, str] = {}
    while True:
        with db.reading(engine) as session:
            connection = session.connection()
            messages = connection.execute(_pending_messages).scalars().all()
            waits = connection.execute(_due_waits, {"now": now}).scalars().all()
        handed = _each(engine, messages, door.deliver, "消息", now, stuck)
        passed = _each(engine, waits, door.fire, "时限", now, stuck)
        delivered, fired = delivered + handed, fired + passed
        if not handed and not passed:
            return Swept(delivered, fired, tuple(stuck.values()))


def _each(
    engine: Engine,
    keys: Sequence[int],
    move: Callable[..., bool],
    word: str,
    now: datetime,
    stuck: dict[str, str],
) -> int:
    """Move one row per transaction; returns how many moved."""
    moved = 0
    for key in keys:
        name = f"{word}{key}"
        if name in stuck:
            continue
        try:
            with db.writing(engine) as session:
                moved += move(session, key, now=now)
        except Exception as error:  # one stuck case must not stop the others; it is counted, logged and shown
            LOG.exception("sweep: %s", name)
            stuck[name] = f"{name}：{error}"
    return moved


_pending_messages = (
    select(Message.id)
    .join(
        Waiting,
        (col(Waiting.process_id) == Message.process_id)
        & (col(Waiting.message) == Message.name)
        & (col(Waiting.status) == "open"),
    )
    .join(Process, col(Process.id) == Message.process_id)
    .where(col(Message.delivered_at).is_(None), col(Process.ended_at).is_(None))
    .order_by(col(Message.id))
)
"""Messages whose process now awaits them."""
_due_waits = (
    select(Waiting.id)
    .where(
        Waiting.status == "open",
        Waiting.kind == "timer",
        col(Waiting.due_at) <= bindparam("now", type_=UtcDateTime),
    )
    .order_by(col(Waiting.due_at))
)
"""Time limits that have passed."""
