"""What is on record about people and units (关系登记), as the rules of avoidance read it: rows to relations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from sqlmodel import Session, col, select

from engine.cases.models import CaseFile
from engine.clock import local_day
from engine.people.models import Account, Expert, Organization
from engine.reviewing.models import KnownRelation, PanelMember, ReviewRound, RoundEntry
from optimizer.conflicts import relations as known
from optimizer.identity import PersonRecord, Unit

SERVED = ("invited", "accepted", "excused")
"""Standings that count as a turn of the year, and as having sat in a panel."""

Reader = Callable[[KnownRelation], object]
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


def relations(
    session: Session, opened: ReviewRound, cases: Sequence[CaseFile], on: date
) -> known.Relations:
    """All that is known on a day about the experts of the pool and those who apply in this round."""
    rows = list(session.exec(select(KnownRelation).order_by(col(KnownRelation.id))))
    by_kind: dict[str, list[KnownRelation]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    return known.Relations(
        people=tuple(_people(session, cases)),
        units=tuple(_units(session)),
        employment=_each(by_kind, {"employee": _employed, "consultant": _employed}),
        kinship=_each(by_kind, dict.fromkeys(_KIN, _kin)),
        supervision=_each(by_kind, {"supervisor": _supervised}),
        joint_works=_each(by_kind, {"paper": _worked, "project": _worked}),
        interests=_each(by_kind, dict.fromkeys(_STAKES, _interest)),
        disputes=_each(by_kind, {"dispute": _dispute}),
        guide_works=_each(by_kind, {"guide": _guide}),
        bid_advice=_each(by_kind, {"advice": _advice}),
        office_posts=(*_each(by_kind, {"office": _office}), *_bureau_staff(session)),
        avoidances=_each(by_kind, {"avoided": _avoided}),
        declarations=tuple(_declarations(session, cases)),
        restrictions=(*_each(by_kind, {"dishonest": _dishonest}), *_suspensions(session)),
        terms=tuple(
            known.Term(key, until)
            for key, until in session.exec(select(Expert.person_key, Expert.term_until))
        ),
        past_panels=tuple(_past_panels(session, opened)),
        loads=tuple(
            known.ReviewLoad(key, on.year, count) for key, count in turns_taken(session, on.year).items()
        ),
        directions=(known.GroupDirection(group_name(opened), opened.direction_code),),
        batch=opened.opened_at.year,
    )


def group_name(opened: ReviewRound) -> str:
    """What the optimizer calls a round's competition group."""
    return f"round {opened.id}"


def leader_id(case_id: int | None) -> str:
    """The record of a case's leader, who has no account and no identity number on file."""
    return f"leader of case {case_id}"


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


def _each(by_kind: Mapping[str, list[KnownRelation]], readers: Mapping[str, Reader]) -> tuple[object, ...]:
    return tuple(reader(row) for kind, reader in readers.items() for row in by_kind.get(kind, ()))


def _people(session: Session, cases: Sequence[CaseFile]) -> Iterable[PersonRecord]:
    statement = (
        select(Expert, Account.name, Organization.credit_code)
        .join(Account, col(Account.id) == Expert.account_id)
        .join(Organization, col(Organization.id) == Expert.organization_id)
    )
    for expert, name, code in session.exec(statement):
        yield PersonRecord(
            f"expert {expert.account_id}", name, expert.person_key, code, expert.birth_year
        )
    codes = dict(session.exec(select(Organization.id, Organization.credit_code)).all())
    for case in cases:
        born = (case.facts.get("leader") or {}).get("birth_date")
        yield PersonRecord(
            leader_id(case.id),
            case.facts.get("leader_name", ""),
            unit=codes.get(case.unit_id, ""),
            birth_year=int(born[:4]) if born else None,
        )


def _units(session: Session) -> Iterable[Unit]:
    rows = list(session.exec(select(Organization)))
    codes = {row.id: row.credit_code for row in rows}
    return (Unit(row.credit_code, row.name, codes.get(row.parent_id, "")) for row in rows)


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


def _suspensions(session: Session) -> Iterable[known.Restriction]:
    statement = select(Expert.person_key).where(col(Expert.suspended))
    return (known.Restriction(key, known.Bar.SUSPENDED, "专家库") for key in session.exec(statement))


def _bureau_staff(session: Session) -> Iterable[known.OfficePost]:
    """Experts whose own unit is the bureau itself (主管部门工作人员)."""
    statement = (
        select(Expert.person_key, Organization.name)
        .join(Organization, col(Organization.id) == Expert.organization_id)
        .where(Organization.kind == "bureau")
    )
    return (known.OfficePost(key, name) for key, name in session.exec(statement))


def _declarations(session: Session, cases: Sequence[CaseFile]) -> Iterable[known.Declaration]:
    """What experts declared about these applications in any round: a conflict, or on signing none."""
    ours = {case.id for case in cases}
    statement = select(PanelMember, Expert.person_key).join(
        Expert, col(Expert.account_id) == PanelMember.account_id
    )
    for member, key in session.exec(statement.where(col(PanelMember.answered_at).is_not(None))):
        assert member.answered_at is not None
        said = {int(case): words for case, words in (member.declared.get("conflicts") or {}).items()}
        for case_id in ours.intersection(member.cases):
            if case_id in said or member.standing == "accepted":
                day = local_day(member.answered_at)
                words = said.get(case_id, "无回避情形")
                yield known.Declaration(key, case_id or 0, case_id in said, words, day)


def _past_panels(session: Session, opened: ReviewRound) -> Iterable[known.PastPanel]:
    statement = (
        select(Expert.person_key, ReviewRound, Organization.credit_code)
        .select_from(PanelMember)
        .join(Expert, col(Expert.account_id) == PanelMember.account_id)
        .join(ReviewRound, col(ReviewRound.id) == PanelMember.round_id)
        .join(RoundEntry, col(RoundEntry.round_id) == ReviewRound.id)
        .join(CaseFile, col(CaseFile.id) == RoundEntry.case_id)
        .join(Organization, col(Organization.id) == CaseFile.unit_id)
        .where(ReviewRound.id != opened.id, col(PanelMember.standing).in_(SERVED))
    )
    for key, past, code in session.exec(statement):
        day = local_day(past.opened_at)
        yield known.PastPanel(key, f"{past.title} {past.id}", day.year, day, code, past.direction_code)
