"""The list of cases (项目列表), by whatever a figure of the dashboards can be about."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from sqlalchemy import ColumnElement, and_, exists, false, or_, true
from sqlmodel import Session, col, func, select

from engine.cases import search
from engine.cases.lists import (
    Counted,
    Cursor,
    Narrowing,
    Order,
    Question,
    Reading,
    between,
    one_of,
    same,
    slice_of,
)
from engine.cases.models import CaseFile
from engine.catalogue.directions import under
from engine.catalogue.models import Direction
from engine.clock import SHANGHAI
from engine.money.models import Commitment, Payment
from engine.people.models import Account, Organization
from engine.people.permissions import may_see_case
from engine.records.stages import looked_up, reached
from engine.reviewing.rounds import read_by
from engine.vocabulary import Role

Sort = Literal["newest", "oldest", "amount"]
PAGE = 50
WITHIN = ("unit_id", "direction_code", "status")
ORDERS: dict[Sort, Order] = {
    "newest": Order(col(CaseFile.opened_at), descending=True, within=WITHIN),
    "oldest": Order(col(CaseFile.opened_at), within=WITHIN),
    "amount": Order(col(CaseFile.requested_fen), descending=True),
}
NOWHERE = "-"
"""The county of a unit outside the city."""


@dataclass(frozen=True)
class CaseFilters:
    """What the list is narrowed to; empty means no narrowing. `year` is the year a case was opened in.

    `direction` is the beginning of a code, `unit` part of a name, `committed` and `paid` years of the ledger.
    """

    direction: str = ""
    section: str = ""
    stage: str = ""
    status: str = ""
    county: str = ""
    kind: str = ""
    unit: str = ""
    text: str = ""
    year: int | None = None
    committed: int | None = None
    paid: int | None = None
    amount_from: int | None = None
    amount_to: int | None = None
    sort: Sort = "newest"
    cursor: Cursor | None = None


@dataclass(frozen=True)
class CaseRow:
    """One line: the case, its unit and its money in fen."""

    case: CaseFile
    unit: Organization
    committed_fen: int
    paid_fen: int


@dataclass(frozen=True)
class CaseList:
    """A page of cases. `before` and `after` lead to the pages beside it.

    `unfinished`: the page ends where looking stopped, and may not be full.
    """

    rows: list[CaseRow]
    total: Counted
    before: Cursor | None
    after: Cursor | None
    unfinished: bool


def case_list(session: Session, account: Account, filters: CaseFilters, *, size: int = PAGE) -> CaseList:
    """The cases this account may see, as the filters say."""
    page = slice_of(session, _question(session, account, filters), filters.cursor, size)
    return CaseList(_rows(session, page.keys), page.total, page.before, page.after, page.unfinished)


def _question(session: Session, account: Account, filters: CaseFilters) -> Question:
    narrowings = _narrowed(session, account, filters)
    words = search.words_of(filters.text)
    said = search.narrowing(session, col(CaseFile.id), words) if words else None
    reading = said if isinstance(said, Reading) else None
    if isinstance(said, Narrowing):
        narrowings.append(said)
    return Question(col(CaseFile.id), true(), narrowings, ORDERS[filters.sort], reading)


def visible(session: Session, account: Account) -> ColumnElement[bool]:
    """The cases an account may open, as `may_see_case` says of each; an expert's are those being read."""
    if may_see_case(account, None):
        return true()
    if not account.active:
        return false()
    theirs: list[ColumnElement[bool]] = [col(CaseFile.id).in_(read_by(session, account.id or 0))]
    if account.organization_id is not None:
        if Role.APPLICANT in account.roles:
            theirs.append(col(CaseFile.unit_id) == account.organization_id)
        if Role.RECOMMENDER in account.roles:
            theirs.append(col(CaseFile.recommender_id) == account.organization_id)
    return or_(*theirs)


def conditions(session: Session, account: Account, filters: CaseFilters) -> list[ColumnElement[bool]]:
    """Every condition on `CaseFile` the filters make, the account's own sight first; without the words."""
    return [one.test for one in _narrowed(session, account, filters)]


def _narrowed(session: Session, account: Account, filters: CaseFilters) -> list[Narrowing]:
    found = [] if may_see_case(account, None) else [same(visible(session, account))]
    if filters.direction:
        of_guide = select(Direction.code).where(under(col(Direction.code), filters.direction))
        found.append(one_of(session, col(CaseFile.direction_code), of_guide))
    if filters.section:
        of_section = select(Direction.code).where(Direction.section == filters.section)
        found.append(one_of(session, col(CaseFile.direction_code), of_section))
    if filters.stage:
        found.append(Narrowing(reached(filters.stage), find=looked_up(filters.stage)))
    if filters.status:
        found.append(same(col(CaseFile.status) == filters.status, "status", single=True))
    if filters.county or filters.kind or filters.unit:
        found.append(one_of(session, col(CaseFile.unit_id), _units(filters)))
    if filters.year is not None:
        begin, end = (_new_year(year) for year in (filters.year, filters.year + 1))
        in_it = and_(col(CaseFile.opened_at) >= begin, col(CaseFile.opened_at) < end)
        found.append(same(in_it, "opened_at"))
    if filters.committed is not None:
        found.append(_with_a_row(Commitment, in_year(filters.committed)))
    if filters.paid is not None:
        found.append(_with_a_row(Payment, col(Payment.year) == filters.paid))
    return [*found, *between(col(CaseFile.requested_fen), filters.amount_from, filters.amount_to)]


def _with_a_row(ledger: type[Commitment | Payment], condition: ColumnElement[bool]) -> Narrowing:
    """Cases the ledger has such a row of."""
    cases = select(col(ledger.case_id)).where(condition)
    return Narrowing(
        exists().where(col(ledger.case_id) == CaseFile.id, condition), find=col(CaseFile.id).in_(cases)
    )


def in_year(year: int) -> ColumnElement[bool]:
    """The condition on `Commitment` of having been recorded in a year."""
    return and_(
        col(Commitment.recorded_on) >= date(year, 1, 1), col(Commitment.recorded_on) < date(year + 1, 1, 1)
    )


def _units(filters: CaseFilters) -> Any:
    units = select(Organization.id)
    if filters.county:
        units = units.where(Organization.county == ("" if filters.county == NOWHERE else filters.county))
    if filters.kind:
        units = units.where(Organization.kind == filters.kind)
    if filters.unit:
        units = units.where(col(Organization.name).contains(filters.unit, autoescape=True))
    return units


def _new_year(year: int) -> datetime:
    return datetime.combine(date(year, 1, 1), time.min, SHANGHAI).astimezone(UTC)


def _rows(session: Session, keys: list[int]) -> list[CaseRow]:
    joined = (
        select(CaseFile, Organization)
        .join(Organization, col(Organization.id) == CaseFile.unit_id)
        .where(col(CaseFile.id).in_(keys))
    )
    found = {case.id: (case, unit) for case, unit in session.exec(joined)}
    committed, paid = (_sums(session, model, keys) for model in (Commitment, Payment))
    return [CaseRow(*found[key], committed.get(key, 0), paid.get(key, 0)) for key in keys]


def _sums(session: Session, model: type[Commitment | Payment], keys: list[int]) -> dict[int, int]:
    summed = select(model.case_id, func.sum(model.amount_fen)).where(col(model.case_id).in_(keys))
    return {case: int(total) for case, total in session.exec(summed.group_by(col(model.case_id)))}
