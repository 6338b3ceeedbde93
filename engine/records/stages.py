"""How far a case has come (进度阶段): the same conditions make every figure and the list behind it."""

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlmodel import col

from engine.cases.models import CaseFile, Settlement
from engine.money.models import Payment
from engine.reviewing.models import RoundEntry
from engine.vocabulary import CaseStatus, Word


class Stage(Word):
    """What a case has reached; whoever reached a later stage has been through the earlier ones."""

    APPLIED = "applied", "申报", "Applied"
    PASSED = "passed", "形审通过", "Passed"
    ESTABLISHED = "established", "立项", "Established"
    ACCEPTED = "accepted", "验收通过", "Accepted"
    PAID = "paid", "已拨付", "Paid"


_ESTABLISHED = (
    CaseStatus.ESTABLISHED, CaseStatus.AWAITING_CONTRACT, CaseStatus.ACTIVE, CaseStatus.CLOSING, CaseStatus.ACCEPTED,
    CaseStatus.FAILED, CaseStatus.TERMINATED, CaseStatus.REVOKED, CaseStatus.PAYABLE, CaseStatus.PAID,
    CaseStatus.CLAWBACK, CaseStatus.ARCHIVED,
)  # fmt: skip
_PASSED = (
    CaseStatus.IN_REVIEW,
    CaseStatus.PROPOSED,
    CaseStatus.ON_NOTICE,
    CaseStatus.DECLINED,
    *_ESTABLISHED,
)


def reached(stage: str) -> ColumnElement[bool]:
    """The condition on `CaseFile` of having reached a stage (`Stage`)."""
    status = col(CaseFile.status)
    match Stage.of(stage):
        case Stage.APPLIED:
            return status != CaseStatus.DRAFT.value
        case Stage.PASSED:
            grouped = exists().where(col(RoundEntry.case_id) == CaseFile.id)
            return or_(status.in_([one.value for one in _PASSED]), grouped)
        case Stage.ESTABLISHED:
            return status.in_([one.value for one in _ESTABLISHED])
        case Stage.ACCEPTED:
            return exists().where(
                col(Settlement.case_id) == CaseFile.id, col(Settlement.acceptance) == "passed"
            )
    paid = select(func.coalesce(func.sum(Payment.amount_fen), 0)).where(col(Payment.case_id) == CaseFile.id)
    return paid.correlate(CaseFile).scalar_subquery() > 0


def looked_up(stage: str) -> ColumnElement[bool] | None:
    """The same, said so that an index finds the cases; None for a stage most cases have reached."""
    match Stage.of(stage):
        case Stage.ESTABLISHED:
            return reached(stage)
        case Stage.ACCEPTED:
            passed = select(col(Settlement.case_id)).where(col(Settlement.acceptance) == "passed")
            return col(CaseFile.id).in_(passed)
        case Stage.PAID:
            sums = select(col(Payment.case_id)).group_by(col(Payment.case_id))
            return col(CaseFile.id).in_(sums.having(func.sum(Payment.amount_fen) > 0))
    return None
