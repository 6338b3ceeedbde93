"""The worker's part of a draw: claim a queued one, solve it outside any transaction, write the answer back.

A row is the whole state: a worker that dies leaves its claim behind, and once that is stale another worker solves
the same instance again, to the same answer. Two workers never hold one claim.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, or_, update
from sqlmodel import col, select

from engine import db, history
from engine.reviewing import draws, known
from engine.reviewing.models import Draw

LOG = logging.getLogger(__name__)
STALE = timedelta(minutes=2)
"""A claim without a sign of life for so long is a dead worker's."""
TELL_SECONDS = 0.5
"""How often progress is written and the wish to cancel is read."""


def run_draws(engine: Engine, now: datetime) -> int:
    """Solve every draw that waits; returns how many were answered."""
    answered = 0
    while (claimed := _claim(engine, now)) is not None:
        _solve(engine, claimed, now)
        answered += 1
    return answered


def _claim(engine: Engine, now: datetime) -> Draw | None:
    with db.reading(engine) as session:
        waits = or_(
            col(Draw.status) == "queued",
            (col(Draw.status) == "solving") & (col(Draw.claimed_at) < now - STALE),
        )
        found = session.exec(select(Draw.id, Draw.claimed_at).where(waits).order_by(col(Draw.id))).first()
    if found is None:
        return None
    draw_id, before = found
    with db.writing(engine) as session:
        same = col(Draw.claimed_at).is_(None) if before is None else col(Draw.claimed_at) == before
        taken = session.connection().execute(
            update(Draw)
            .where(col(Draw.id) == draw_id, same, col(Draw.status).in_(("queued", "solving")))
            .values(status="solving", claimed_at=now)
        )
        if taken.rowcount == 1:
            return session.get_one(Draw, draw_id)
    return _claim(engine, now)  # another worker was faster


@dataclass
class _Wire:
    """Between the solver and the row: progress goes out, the wish to cancel comes in, both now and then."""

    engine: Engine
    draw_id: int
    now: datetime
    started: float = field(default_factory=time.monotonic)
    looked: float = field(default_factory=time.monotonic)
    wanted: bool = False

    def tell(self, progress: Any) -> None:
        """Write stage, incumbent and bound down, at most twice a second."""
        if not self._turn():
            return
        self._exchange({"stage": progress.stage, "incumbent": progress.incumbent, "bound": progress.bound})

    def cancelled(self) -> bool:
        """Has somebody asked to stop?"""
        if self._turn():
            self._exchange({})
        return self.wanted

    def _turn(self) -> bool:
        if time.monotonic() - self.looked < TELL_SECONDS:
            return False
        self.looked = time.monotonic()
        return True

    def _exchange(self, values: dict[str, Any]) -> None:
        alive = self.now + timedelta(seconds=time.monotonic() - self.started)
        seconds = round(time.monotonic() - self.started, 1)
        with db.writing(self.engine) as session:
            session.connection().execute(
                update(Draw)
                .where(col(Draw.id) == self.draw_id)
                .values(claimed_at=alive, seconds=seconds, **values)
            )
            self.wanted = session.exec(select(Draw.cancel_asked).where(Draw.id == self.draw_id)).one()


def _solve(engine: Engine, made: Draw, now: datetime) -> None:
    from engine.reviewing import solving, wording  # noqa: PLC0415 - OR-Tools is loaded only where something is solved
    from optimizer.errors import ProblemError  # noqa: PLC0415
    from optimizer.watch import Watch  # noqa: PLC0415

    wire = _Wire(engine, made.id or 0, now)
    watch = Watch(float(made.settings["seconds"]), wire.cancelled, wire.tell)
    try:
        solved = solving.solve(made.instance, made.settings, draws.pins_of(made), made.secret, watch)
    except ProblemError as error:
        _finish(engine, made, now, {"status": "cancelled" if wire.wanted else "failed", "error": str(error)})
        return
    except (
        Exception
    ) as error:  # a draw that cannot be solved is shown to its officer and must not stop others
        LOG.exception("draw %s", made.id)
        _finish(engine, made, now, {"status": "failed", "error": f"求解出错：{error}"})
        return
    result = wording.in_chinese(solved.result, _names(engine)) | {"listed": solved.listed}
    values = {"status": solved.status, "result": result, "lottery": solved.lottery}
    seats = solved.result.get("best", [])
    _finish(engine, made, now, values | {"seats": seats, "seconds": round(watch.seconds, 2)})


def _names(engine: Engine) -> dict[int, str]:
    """The experts' names by account, for what is said in words."""
    with db.reading(engine) as session:
        return {one.account_id: one.name for one in known.pool(session)}


def _finish(engine: Engine, made: Draw, now: datetime, values: dict[str, Any]) -> None:
    """Write the answer where the draw still waits for it; a second worker's equal answer changes nothing."""
    with db.writing(engine) as session:
        found = session.connection().execute(
            update(Draw)
            .where(col(Draw.id) == made.id, col(Draw.status) == "solving")
            .values(finished_at=now, stage="", **values)
        )
        if found.rowcount == 1:
            history.record(
                session,
                f"round:{made.round_id}",
                at=now,
                actor=history.SYSTEM,
                verb="draw_solved",
                summary=_WORDS[values["status"]],
                element="draw",
                payload={"draw": made.id, "input": made.input_sha256, **_hashes(values)},
            )


_WORDS = {
    "ready": "抽签名单已备好，名单和候选已留存校验码",
    "short": "现有条件凑不齐专家组，已列出原因和可行的放宽方案",
    "failed": "抽取求解未成功",
    "cancelled": "抽取求解已中止",
}


def _hashes(values: dict[str, Any]) -> dict[str, str]:
    stored = values.get("lottery") or {}
    names = ("list_sha256", "seats_sha256", "pool_sha256", "commitment")
    return {key: stored[key] for key in names if key in stored}
