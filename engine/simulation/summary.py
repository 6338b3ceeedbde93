"""The year in figures (分方向统计): how many came how far, and what was committed and paid, direction by direction."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, func, select

from engine.cases.models import CaseFile, Settlement
from engine.catalogue.directions import list_directions
from engine.money.models import Commitment, Payment
from engine.reviewing.models import RoundEntry


@dataclass(frozen=True)
class DirectionSummary:
    """One direction's year; money in fen."""

    code: str
    title: str
    applied: int
    passed: int
    established: int
    accepted: int
    committed_fen: int
    paid_fen: int

    @property
    def committed_yuan(self) -> str:
        """What was promised, in yuan with two decimals."""
        return _yuan(self.committed_fen)

    @property
    def paid_yuan(self) -> str:
        """What was paid, in yuan with two decimals."""
        return _yuan(self.paid_fen)

    def as_json(self) -> dict[str, Any]:
        """The object `keguan simulate --json` prints: counts, and yuan as integers or decimal strings."""
        return {
            "code": self.code,
            "title": self.title,
            "applied": self.applied,
            "passed": self.passed,
            "established": self.established,
            "accepted": self.accepted,
            "committed": _number(self.committed_fen),
            "paid": _number(self.paid_fen),
        }


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _number(fen: int) -> int | str:
    """Whole yuan as a number, others exactly as a string."""
    return fen // 100 if fen % 100 == 0 else _yuan(fen)


def summarize(session: Session) -> list[DirectionSummary]:
    """Every direction in the guide's order: applied, passed the formal check, established, accepted, money."""
    code = CaseFile.direction_code
    applied = _counts(session, select(code, func.count()).group_by(code))
    passed = _counts(
        session,
        select(code, func.count(func.distinct(CaseFile.id)))
        .join(RoundEntry, RoundEntry.case_id == CaseFile.id)  # type: ignore[arg-type]
        .group_by(code),
    )
    established = _counts(
        session,
        select(code, func.count())
        .join(RoundEntry, RoundEntry.case_id == CaseFile.id)  # type: ignore[arg-type]
        .where(RoundEntry.announced == "established")
        .group_by(code),
    )
    accepted = _counts(
        session,
        select(code, func.count())
        .join(Settlement, Settlement.case_id == CaseFile.id)  # type: ignore[arg-type]
        .where(Settlement.acceptance == "passed")
        .group_by(code),
    )
    committed, paid = (
        _counts(
            session,
            select(code, func.sum(model.amount_fen))
            .join(model, model.case_id == CaseFile.id)  # type: ignore[arg-type]
            .group_by(code),
        )
        for model in (Commitment, Payment)
    )
    return [
        DirectionSummary(
            code=spec.code,
            title=spec.title,
            applied=applied.get(spec.code, 0),
            passed=passed.get(spec.code, 0),
            established=established.get(spec.code, 0),
            accepted=accepted.get(spec.code, 0),
            committed_fen=committed.get(spec.code, 0),
            paid_fen=paid.get(spec.code, 0),
        )
        for spec in list_directions(session)
    ]


def _counts(session: Session, statement: Any) -> dict[str, int]:
    return {code: int(count or 0) for code, count in session.exec(statement)}
