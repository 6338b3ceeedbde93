"""Directions whose applications wait for a review round, and what the rounds under way wait for."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine.cases.models import CaseFile, Process, Waiting, WorkItem
from engine.catalogue.models import Direction
from engine.reviewing.rounds import REVIEW_MESSAGE, cases_awaiting_review


@dataclass(frozen=True)
class Awaiting:
    """A direction and how many of its applications are in no unfinished round."""

    direction: Direction
    cases: int


def awaiting_review(session: Session) -> list[Awaiting]:
    """The directions with at least one, in the guide's order."""
    codes = (
        select(CaseFile.direction_code)
        .join(Waiting, col(Waiting.case_id) == CaseFile.id)
        .where(Waiting.status == "open", Waiting.message == REVIEW_MESSAGE)
    )
    statement = select(Direction).where(col(Direction.code).in_(codes)).order_by(col(Direction.position))
    found = [Awaiting(one, len(cases_awaiting_review(session, one.code))) for one in session.exec(statement)]
    return [one for one in found if one.cases]


def steps_now(session: Session) -> dict[int, str]:
    """The step each round under way stands at, by round."""
    found: dict[int, str] = {}
    for kind in (WorkItem, Waiting):
        statement = (
            select(Process.round_id, kind.name)
            .join(Process, col(Process.id) == kind.process_id)
            .where(Process.kind == "round", kind.status == "open")
            .order_by(col(kind.id))
        )
        for round_id, name in session.exec(statement):
            found.setdefault(round_id or 0, name)
    return found
