"""The bureau in figures (统计): how far cases have come, who has how much to do, what was promised and paid.

Every figure is made of the condition the list behind it is made of, so that opening it shows exactly those rows.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Integer, case, cast, extract
from sqlmodel import Session, col, func, select

from engine.cases.inbox import OPEN, due_within, in_scope
from engine.cases.models import CaseFile, WorkItem
from engine.catalogue.models import Direction
from engine.money.models import Appropriation, Commitment, Payment
from engine.people.models import Account, Organization
from engine.people.roles import OF_A_UNIT
from engine.records.case_list import NOWHERE, CaseFilters, conditions
from engine.records.stages import Stage, reached
from engine.vocabulary import Role

By = Literal["section", "direction", "county", "kind"]
TOGETHER = 0
"""The holder of a line for a whole role outside the bureau: units and experts are not counted one by one."""


@dataclass(frozen=True)
class Progress:
    """One group of cases: how many reached each stage, in the order of `Stage`."""

    key: str
    title: str
    reached: tuple[int, ...]


@dataclass(frozen=True)
class Load:
    """What is open with one role, and with one person of it. `holder_id` None is what nobody has taken."""

    role: str
    holder_id: int | None
    holder: str
    open: int
    overdue: int


@dataclass(frozen=True)
class YearOfMoney:
    """One year of the ledger, in fen, and how many cases each sum is about."""

    year: int
    appropriated_fen: int
    committed_fen: int
    committed_cases: int
    paid_fen: int
    paid_cases: int


def progress(session: Session, account: Account, by: By, year: int | None = None) -> list[Progress]:
    """How far the cases opened in a year (or ever) have come, group by group.

    Groups stand in the guide's order, or in that of their names.
    """
    key, title = _group(by)
    counts = [func.coalesce(func.sum(case((reached(stage), 1), else_=0)), 0) for stage in Stage]
    statement = (
        select(key, func.min(title), *counts)
        .select_from(CaseFile)
        .join(Organization, col(Organization.id) == CaseFile.unit_id)
        .join(Direction, col(Direction.code) == CaseFile.direction_code)
        .where(*conditions(session, account, CaseFilters(year=year)))
        .group_by(key)
        .order_by(func.min(Direction.position) if by in ("section", "direction") else key)
    )
    return [
        Progress(key or NOWHERE, title or NOWHERE, tuple(int(one) for one in numbers))
        for key, title, *numbers in session.exec(statement)
        if numbers[0]
    ]


def _group(by: By) -> tuple[Any, Any]:
    match by:
        case "section":
            return col(Direction.section), col(Direction.section)
        case "direction":
            return col(Direction.code), col(Direction.title)
        case "county":
            return col(Organization.county), col(Organization.county)
    return col(Organization.kind), col(Organization.kind)


def workload(session: Session, account: Account, now: datetime) -> list[Load]:
    """What is open and what of it overdue, by role and, inside the bureau, by holder."""
    outside = col(WorkItem.role).in_([*OF_A_UNIT, Role.EXPERT.value])
    holder = case((outside, TOGETHER), else_=col(WorkItem.holder_id))
    late = func.sum(cast(due_within("overdue", now), Integer))
    statement = (
        select(WorkItem.role, holder, func.count(), func.coalesce(late, 0))
        .where(OPEN, in_scope(account, "all"))
        .group_by(col(WorkItem.role), holder)
        .order_by(col(WorkItem.role), holder)
    )
    found = session.exec(statement).all()
    names = dict(
        session.exec(
            select(Account.id, Account.name).where(col(Account.id).in_([one[1] for one in found]))
        ).all()
    )
    return [Load(role, who, names.get(who, ""), count, int(late)) for role, who, count, late in found]


def money_by_year(session: Session) -> list[YearOfMoney]:
    """What each year's budget had, what was promised in it and what was paid out of it."""
    budget, promised, paid = _of_budgets(session), _of_commitments(session), _of_payments(session)
    return [
        YearOfMoney(year, budget.get(year, 0), *promised.get(year, (0, 0)), *paid.get(year, (0, 0)))
        for year in sorted({*budget, *promised, *paid})
    ]


def _of_budgets(session: Session) -> dict[int, int]:
    summed = select(Appropriation.year, func.sum(Appropriation.amount_fen)).group_by(col(Appropriation.year))
    return {year: int(total) for year, total in session.exec(summed)}


def _of_commitments(session: Session) -> dict[int, tuple[int, int]]:
    year = extract("year", col(Commitment.recorded_on))
    cases = func.count(func.distinct(Commitment.case_id))
    summed = select(year, func.sum(Commitment.amount_fen), cases).group_by(year)
    return {int(in_year): (int(total), number) for in_year, total, number in session.exec(summed)}


def _of_payments(session: Session) -> dict[int, tuple[int, int]]:
    cases = func.count(func.distinct(Payment.case_id))
    summed = select(Payment.year, func.sum(Payment.amount_fen), cases).group_by(col(Payment.year))
    return {year: (int(total), number) for year, total, number in session.exec(summed)}


def years(session: Session) -> list[int]:
    """The years cases were opened in, the newest first."""
    first, last = session.exec(select(func.min(CaseFile.opened_at), func.max(CaseFile.opened_at))).one()
    return list(range(last.year, first.year - 1, -1)) if first and last else []
