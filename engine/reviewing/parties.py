"""Who and which units stand behind an application (申报各方), as avoidance reads them and an expert is told.

Of these people no identity number is on file: the name, the unit and the year of birth tell who may be whom.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.models import CaseFile
from engine.people.models import Organization
from optimizer.identity import PersonRecord, clean_name


def leader_id(case_id: int | None) -> str:
    """The record of a case's leader."""
    return f"leader of case {case_id}"


def member_ids(case: CaseFile) -> list[str]:
    """The records of a case's team (项目组成员), in the order stated."""
    return [f"member {number} of case {case.id}" for number, _ in enumerate(team_of(case), start=1)]


def legal_id(code: str) -> str:
    """The record of a unit's legal representative (法定代表人)."""
    return f"legal representative of {code}"


def team_of(case: CaseFile) -> list[dict[str, Any]]:
    """The team as last stated, without the leader."""
    return list(case.facts.get("team") or [])


def partners(case: CaseFile) -> list[str]:
    """The names of the units that apply besides the lead (联合申报单位)."""
    return list(case.facts.get("joint_units") or [])


def homes(case: CaseFile) -> set[str]:
    """The names of the units the team comes from, where it is not the lead."""
    return {one["unit"] for one in team_of(case) if one.get("unit")}


def organizations(session: Session, cases: Sequence[CaseFile]) -> list[Organization]:
    """The units behind these cases as far as they are registered; a name's spaces and width make no other unit."""
    named = {clean_name(name) for case in cases for name in (*partners(case), *homes(case))}
    rows = session.exec(select(Organization.id, Organization.name))
    ids = {key for key, name in rows if clean_name(name) in named} | {case.unit_id for case in cases}
    statement = select(Organization).where(col(Organization.id).in_(ids))
    return list(session.exec(statement.order_by(col(Organization.id))))


@dataclass(frozen=True)
class Units:
    """The units of one case by credit code: those that apply, the lead first, and those the team comes from.

    A unit nobody registered has no code: the expert is told its name.
    """

    applying: tuple[str, ...]
    of_the_team: tuple[str, ...]


def units(session: Session, cases: Sequence[CaseFile]) -> dict[int, Units]:
    """The units of each case."""
    found = organizations(session, cases)
    leads = {one.id: one.credit_code for one in found}
    named = {clean_name(one.name): one.credit_code for one in found}

    def codes(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted({named[name] for name in map(clean_name, names) if name in named}))

    return {
        case.id or 0: Units((leads[case.unit_id], *codes(partners(case))), codes(homes(case)))
        for case in cases
    }


def people(session: Session, cases: Sequence[CaseFile]) -> Iterator[PersonRecord]:
    """Leaders, teams and every unit's legal representative, as records to be told apart."""
    rows = session.exec(
        select(
            Organization.id, Organization.name, Organization.credit_code, Organization.legal_representative
        )
    ).all()
    codes = {key: code for key, _, code, _ in rows}
    named = {clean_name(name): code for _, name, code, _ in rows}
    for case in cases:
        home = codes[case.unit_id]
        born = (case.facts.get("leader") or {}).get("birth_date")
        year = int(born[:4]) if born else None
        yield PersonRecord(leader_id(case.id), case.facts.get("leader_name", ""), unit=home, birth_year=year)
        for number, one in zip(member_ids(case), team_of(case), strict=True):
            unit = named.get(clean_name(one["unit"]), "") if one.get("unit") else home
            yield PersonRecord(number, one["name"], unit=unit, birth_year=one.get("birth_year"))
    for _, _, code, legal in rows:
        if legal:
            yield PersonRecord(legal_id(code), legal, unit=code)
