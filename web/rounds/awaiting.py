"""Directions whose applications wait for a review round."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine.cases.models import CaseFile, Waiting
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
