"""Why a case in a review round cannot be taken back to an earlier step: its place in the round would be left."""

from sqlmodel import Session, col, select

from engine.cases.models import CaseFile
from engine.cases.stepping_back import hindrance
from engine.reviewing.models import ReviewRound, RoundEntry


@hindrance
def in_a_round(session: Session, case: CaseFile) -> str | None:
    """A sentence while a round that has not announced its result holds the case."""
    statement = (
        select(ReviewRound.title)
        .join(RoundEntry, col(RoundEntry.round_id) == ReviewRound.id)
        .where(RoundEntry.case_id == case.id, RoundEntry.announced == None)  # noqa: E711
    )
    title = session.exec(statement).first()
    return f"项目已编入“{title}”，应先由业务科室从该批次移出或待其结果下达。" if title else None
