"""Who may sit in a panel chosen by hand (专家组): size, one per unit, term, and same-unit conflicts."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.models import CaseFile
from engine.people.models import Account, Expert, Organization


def objections(
    session: Session, accounts: Sequence[int], cases: Sequence[int], policy: Mapping[str, Any], on: date
) -> list[str]:
    """Everything against seating these experts for these applications, one sentence each; empty when clear.

    Conflicts are by unit (同单位回避): an expert of an applying or joint unit, or of a unit under the same parent,
    may not sit for the group at all.
    """
    problems = []
    chosen = list(dict.fromkeys(accounts))
    if len(chosen) < policy["panel_size_min"]:
        problems.append(f"专家组至少 {policy['panel_size_min']} 人，现有 {len(chosen)} 人")
    rows = session.exec(
        select(Expert, Account, Organization)
        .join(Account, col(Account.id) == Expert.account_id)
        .join(Organization, col(Organization.id) == Expert.organization_id)
        .where(col(Expert.account_id).in_(chosen))
    ).all()
    unknown = set(chosen) - {expert.account_id for expert, _, _ in rows}
    problems += [f"账号 {account} 不在专家库" for account in sorted(unknown)]
    applying = _applying_families(session, cases)
    seated: dict[int, str] = {}
    for expert, account, unit in sorted(rows, key=lambda row: row[0].account_id):
        family = unit.parent_id or unit.id or 0
        if family in applying:
            problems.append(f"{account.name}所在单位（{unit.name}）与本组申报单位相同或同属一家，应当回避")
        if expert.suspended or expert.term_until < on:
            problems.append(f"{account.name}已停用或聘期已满（{expert.term_until}）")
        if family in seated:
            problems.append(f"{account.name}与{seated[family]}来自同一单位，每个单位限 1 人")
        seated[family] = account.name
    return problems


def _applying_families(session: Session, cases: Sequence[int]) -> set[int]:
    """Parent units (or the units themselves) of every applying and joint unit of the cases."""
    files = session.exec(select(CaseFile.unit_id, CaseFile.facts).where(col(CaseFile.id).in_(cases))).all()
    names = {name for _, facts in files for name in facts.get("joint_units", [])}
    units = {unit_id for unit_id, _ in files}
    statement = select(Organization.id, Organization.parent_id).where(
        col(Organization.id).in_(units) | col(Organization.name).in_(names)
    )
    return {parent or unit or 0 for unit, parent in session.exec(statement)}
