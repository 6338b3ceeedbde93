"""What proves a draw (抽取的证明): its certificate, the verifier's findings, the lots drawn again without solving.

Brings the optimizer: imported where somebody asks.
"""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from engine.reviewing import draws, posing, solving
from engine.reviewing.models import DrawAttempt
from optimizer import draw as lots
from optimizer.errors import ProblemError
from optimizer.verify import verify_data


def faults(session: Session, draw_id: int) -> list[str]:
    """What the independent verifier finds against the drawn panel; nothing when it is sound."""
    made = draws.get(session, draw_id)
    split = [one["applications"] for one in made.result["panels"]]
    return verify_data(posing.as_bytes(made.instance), solving.claims(made.instance, made.seats, split))


def certificate(session: Session, draw_id: int) -> dict[str, Any]:
    """The draw's certificate (抽取证书): what an auditor needs to solve, verify and draw again.

    The secret is told only once lots were drawn with it.
    """
    made = draws.get(session, draw_id)
    drawn = draws.attempts(session, draw_id)
    return {
        "draw": made.id,
        "round": made.round_id,
        "panel": made.panel_no,
        "status": made.status,
        "requested_by": made.requested_by,
        "requested_at": made.requested_at.isoformat(),
        "wish": made.wish,
        "approved_by": made.approved_by,
        "seats_kept": made.kept,
        "input_sha256": made.input_sha256,
        "settings": made.settings,
        "certificate": made.result.get("certificate", {}),
        "lottery": made.lottery,
        "secret": made.secret if drawn else None,
        "attempts": [row.model_dump(mode="json", exclude={"id", "draw_id"}) for row in drawn],
        "seats": made.seats,
        "instance": made.instance,
    }


@dataclass(frozen=True)
class Replay:
    """A draw replayed from its stored list, without solving: each attempt and whether it comes out the same."""

    attempts: list[tuple[DrawAttempt, bool]]
    faults: list[str]
    seats: list[dict[str, Any]]


def replay(session: Session, draw_id: int) -> Replay:
    """Draw again from the stored list before the supervisors; a list or secret that was changed is a fault."""
    made = draws.get(session, draw_id)
    kept, found, seats = [], [], []
    for row in draws.attempts(session, draw_id):
        try:
            drawn = lots.replay(made.lottery or {}, made.secret, row.number, row.attempt)
            seats = made.result["listed"][drawn]
        except (ProblemError, KeyError) as error:
            drawn, seats = -1, []
            found.append(str(error))
        kept.append((row, drawn == row.drawn))
    if kept and seats != made.seats:
        found.append("重演得到的席位与记录不一致。")
    if kept and made.seats_sha256 and posing.digest({"listed": made.result["listed"]}) != made.seats_sha256:
        found.append("留存的席位与备选名单不是抽签前校验过的那一份。")
    if kept and not found:
        found += faults(session, draw_id)
    return Replay(kept, found, seats)
