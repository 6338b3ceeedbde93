"""What is on record about people and units (关系登记), as the rules of avoidance read it: rows to relations."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TypeVar

from sqlalchemy import or_
from sqlmodel import Session, col, select

from engine.cases.models import CaseFile
from engine.clock import local_day
from engine.people.models import Account, Expert, Organization
from engine.reviewing import parties
from engine.reviewing.models import KnownRelation, PanelMember, ReviewRound, RoundEntry
from optimizer.conflicts import relations as known
from optimizer.identity import PersonRecord, Unit

SERVED = ("invited", "accepted", "excused")
"""Standings that count as a turn of the year, and as having sat in a panel."""

Fact = TypeVar("Fact")
_KIN = {
    "spouse": known.Degree.SPOUSE,
    "direct": known.Degree.DIRECT,
    "collateral": known.Degree.COLLATERAL,
    "in_law": known.Degree.IN_LAW,
}
_STAKES = {
    "investment": known.Stake.INVESTMENT,
    "director": known.Stake.DIRECTOR,
    "control": known.Stake.CONTROL,
}


@dataclass(frozen=True)
class Pooled:
    """A member of the expert pool (专家库), as one flat row."""

    account_id: int
    name: str
    unit: str
    unit_kind: str
    person_key: str
    domains: tuple[str, ...]
    kinds: tuple[str, ...]
    outside: bool
    term_until: date
    yearly_cap: int | None
    suspended: bool
    profile: str
    birth_year: int | None


def pool(session: Session) -> list[Pooled]:
    """Everybody in the pool whose account is in use, in account order."""
    statement = (
        select(
            Expert.account_id,
            Account.name,
            Organization.credit_code,
            Organization.kind,
            Expert.person_key,
            Expert.domains,
            Expert.kinds,
            Expert.outside_city,
            Expert.term_until,
            Expert.yearly_cap,
            Expert.suspended,
            Expert.profile,
            Expert.birth_year,
        )  # type: ignore[call-overload]
        .join(Account, col(Account.id) == Expert.account_id)
        .join(Organization, col(Organization.id) == Expert.organization_id)
        .where(col(Account.active))
        .order_by(col(Expert.account_id))
    )
    names = [one.name for one in fields(Pooled)]
    rows = (dict(zip(names, row, strict=True)) for row in session.exec(statement).all())
    return [Pooled(**row | {"domains": tuple(row["domains"]), "kinds": tuple(row["kinds"])}) for row in rows]


def relations(
    session: Session,
    opened: ReviewRound,
    cases: Sequence[CaseFile],
    units: Mapping[int, parties.Units],
    experts: Sequence[Pooled],
    turns: Mapping[str, int],
    on: date,
) -> known.Relations:
    """All that is known on a day about the experts of the pool and those who apply in this round."""
    rows: dict[str, list[KnownRelation]] = {}
    for row in session.exec(select(KnownRelation).order_by(col(KnownRelation.id))):
        rows.setdefault(row.kind, []).append(row)
    staff = [known.OfficePost(one.person_key, "主管部门") for one in experts if one.unit_kind == "bureau"]
    suspended = [
        known.Restriction(one.person_key, known.Bar.SUSPENDED, "专家库") for one in experts if one.suspended
    ]
    return known.Relations(
        people=(*(_record(one) for one in experts), *parties.people(session, cases)),
        units=tuple(_units(session)),
        employment=_read(rows, ("employee", "consultant"), _employed),
        kinship=_read(rows, tuple(_KIN), _kin),
        supervision=_read(rows, ("supervisor",), _supervised),
        joint_works=_read(rows, ("paper", "project"), _worked),
        interests=_read(rows, tuple(_STAKES), _interest),
        disputes=_read(rows, ("dispute",), _dispute),
        guide_works=_read(rows, ("guide",), _guide),
        bid_advice=_read(rows, ("advice",), _advice),
        office_posts=(*_read(rows, ("office",), _office), *staff),
        avoidances=_read(rows, ("avoided",), _avoided),
        team_units=tuple(
            known.TeamUnit(case_id, code) for case_id, one in units.items() for code in one.of_the_team
        ),
        declarations=tuple(_declarations(session, cases)),
        restrictions=(*_read(rows, ("dishonest",), _dishonest), *suspended),
        terms=tuple(known.Term(one.person_key, one.term_until) for one in experts),
        past_panels=tuple(_past_panels(session, opened, {case.unit_id for case in cases})),
        loads=tuple(known.ReviewLoad(key, on.year, count) for key, count in turns.items()),
        directions=(known.GroupDirection(group_name(opened), opened.direction_code),),
        batch=opened.opened_at.year,
    )


def group_name(opened: ReviewRound) -> str:
    """What the optimizer calls a round's competition group."""
    return f"round {opened.id}"


def turns_taken(session: Session, year: int) -> dict[str, int]:
    """How many panels each person of the pool sat in this calendar year, by person key."""
    statement = (
        select(Expert.person_key, ReviewRound.opened_at)
        .join(PanelMember, col(PanelMember.account_id) == Expert.account_id)
        .join(ReviewRound, col(ReviewRound.id) == PanelMember.round_id)
        .where(col(PanelMember.standing).in_(SERVED))
    )
    counted: dict[str, int] = {}
    for key, opened_at in session.exec(statement):
        if local_day(opened_at).year == year:
            counted[key] = counted.get(key, 0) + 1
    return counted


def _read(
    rows: Mapping[str, list[KnownRelation]], kinds: Sequence[str], reader: Callable[[KnownRelation], Fact]
) -> tuple[Fact, ...]:
    return tuple(reader(row) for kind in kinds for row in rows.get(kind, ()))


def _record(one: Pooled) -> PersonRecord:
    return PersonRecord(f"expert {one.account_id}", one.name, one.person_key, one.unit, one.birth_year)


def _units(session: Session) -> Iterable[Unit]:
    statement = select(
        Organization.id,
        Organization.credit_code,
        Organization.name,
        Organization.parent_id,
        Organization.legal_representative,
    )  # type: ignore[call-overload]
    rows = session.exec(statement).all()
    codes = {key: code for key, code, *_ in rows}
    return (
        Unit(code, name, codes.get(parent, ""), parties.legal_id(code) if legal else "")
        for _, code, name, parent, legal in rows
    )


def _employed(row: KnownRelation) -> known.Employment:
    post = known.Post.EMPLOYEE if row.kind == "employee" else known.Post.CONSULTANT
    return known.Employment(row.person_key, row.unit_code, row.since, row.until, post)


def _kin(row: KnownRelation) -> known.Kinship:
    return known.Kinship(row.person_key, row.other_key, _KIN[row.kind], row.number)


def _supervised(row: KnownRelation) -> known.Supervision:
    return known.Supervision(row.person_key, row.other_key, row.since, row.until)


def _worked(row: KnownRelation) -> known.JointWork:
    kind = known.Work.PAPER if row.kind == "paper" else known.Work.PROJECT
    return known.JointWork(kind, row.title, (row.person_key, row.other_key), row.since, row.until)


def _interest(row: KnownRelation) -> known.Interest:
    return known.Interest(row.person_key, row.unit_code, _STAKES[row.kind], row.since, row.until)


def _dispute(row: KnownRelation) -> known.Dispute:
    return known.Dispute(row.person_key, row.title, row.other_key, row.unit_code, row.since, row.until)


def _guide(row: KnownRelation) -> known.GuideWork:
    return known.GuideWork(row.person_key, row.title)


def _advice(row: KnownRelation) -> known.BidAdvice:
    return known.BidAdvice(row.person_key, row.case_id or 0, row.title)


def _office(row: KnownRelation) -> known.OfficePost:
    return known.OfficePost(row.person_key, row.title, row.since, row.until)


def _avoided(row: KnownRelation) -> known.Avoidance:
    return known.Avoidance(row.case_id or 0, row.person_key, row.title, row.number)


def _dishonest(row: KnownRelation) -> known.Restriction:
    return known.Restriction(row.person_key, known.Bar.DISHONEST, row.source, row.since, row.until)


def _declarations(session: Session, cases: Sequence[CaseFile]) -> Iterable[known.Declaration]:
    """What experts declared about these applications in any round: a conflict, or on signing none."""
    ours = {case.id or 0 for case in cases}
    rounds = select(RoundEntry.round_id).where(col(RoundEntry.case_id).in_(ours))
    statement = (
        select(PanelMember, Expert.person_key)
        .join(Expert, col(Expert.account_id) == PanelMember.account_id)
        .where(col(PanelMember.answered_at).is_not(None), col(PanelMember.round_id).in_(rounds))
    )
    for member, key in session.exec(statement):
        assert member.answered_at is not None
        said = member.conflicts
        for case_id in ours.intersection({*member.cases, *said}):
            if case_id in said or member.standing == "accepted":
                day = local_day(member.answered_at)
                words = said.get(case_id, "无回避情形")
                yield known.Declaration(key, case_id, case_id in said, words, day)


def _past_panels(session: Session, opened: ReviewRound, units: Collection[int]) -> Iterable[known.PastPanel]:
    """Earlier panels that rotation (轮换) looks at: those for the same lead units, and those of the direction."""
    statement = (
        select(
            Expert.person_key,
            ReviewRound.id,
            ReviewRound.title,
            ReviewRound.opened_at,
            ReviewRound.direction_code,
            Organization.credit_code,
        )  # type: ignore[call-overload]
        .select_from(PanelMember)
        .join(Expert, col(Expert.account_id) == PanelMember.account_id)
        .join(ReviewRound, col(ReviewRound.id) == PanelMember.round_id)
        .join(RoundEntry, col(RoundEntry.round_id) == ReviewRound.id)
        .join(CaseFile, col(CaseFile.id) == RoundEntry.case_id)
        .join(Organization, col(Organization.id) == CaseFile.unit_id)
        .where(
            ReviewRound.id != opened.id,
            col(PanelMember.standing).in_(SERVED),
            or_(col(CaseFile.unit_id).in_(units), col(ReviewRound.direction_code) == opened.direction_code),
        )
        .distinct()
    )
    for key, past, title, opened_at, direction, code in session.exec(statement):
        day = local_day(opened_at)
        yield known.PastPanel(key, f"{title} {past}", day.year, day, code, direction)
