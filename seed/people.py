"""The demo world's people: units, one account per role, applicants of every unit, and an expert pool.

All of it is fictional. `load_people` adds what the database lacks and changes nothing that is there.
"""

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import date
from itertools import cycle
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlmodel import Session, col, select

from engine.people.accounts import hash_password
from engine.people.models import Account, Expert, ExpertKind, Organization, OrganizationKind
from engine.reviewing.models import KnownRelation
from engine.vocabulary import Role

SOURCE = Path(__file__).with_suffix(".toml")
DEMO_PASSWORD = "keguan-demo"  # noqa: S105 - the demo world's only password, printed by `make run`
BUREAU = "示例市科学技术局"
FIRST_APPLICANT = "示例机械有限公司"
FIRST_RECOMMENDER = "鱼峰区科技管理部门（示例）"
TERM_UNTIL = date(2028, 12, 31)
TERM_OVER = date(2023, 12, 31)
LOW_CAP = 6
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章"
GIVEN = "安宁和平明朗清远文博思齐立新可嘉知行怀瑾若谷承"
BUREAU_ROLES = {
    "intake": (Role.INTAKE, "受理员甲"),
    "intake2": (Role.INTAKE, "受理员乙"),
    "programme": (Role.PROGRAMME, "业务科室经办甲"),
    "programme2": (Role.PROGRAMME, "业务科室经办乙"),
    "planning": (Role.PLANNING, "规配科经办"),
    "drawing": (Role.DRAWING, "抽取岗经办"),
    "approver": (Role.APPROVER, "分管局领导"),
    "finance": (Role.FINANCE, "财务经办"),
    "supervision": (Role.SUPERVISION, "纪检监督员"),
    "admin": (Role.ADMIN, "系统管理员"),
    "admin2": (Role.ADMIN, "系统管理员乙"),
}


class Unit(BaseModel):
    """One organisation; `recommender` and `parent` are names of others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    credit_code: str
    kind: OrganizationKind
    county: str = ""
    recommender: str | None = None
    parent: str | None = None
    registered_in_city: bool = True
    legal_representative: str = ""


class ExpertGroup(BaseModel):
    """Experts of one field: one for each unit named, with the titles in turn."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: str
    domains: list[str]
    kinds: list[ExpertKind]
    titles: list[str]
    units: list[str]


def units() -> list[Unit]:
    """Every organisation of the demo world."""
    return [Unit.model_validate(row) for row in _source()["organizations"]]


def expert_groups() -> list[ExpertGroup]:
    """The expert pool, by field."""
    return [ExpertGroup.model_validate(row) for row in _source()["experts"]]


def load_people(session: Session) -> int:
    """Add the demo world's missing units, accounts and experts; returns how many accounts were added.

    One password hash serves all of them: hashing two hundred would take half a minute.
    """
    organizations = _load_organizations(session)
    known = set(session.exec(select(col(Account.login))))
    missing = [account for account in demo_accounts(organizations) if account.login not in known]
    if missing:
        password_hash = hash_password(DEMO_PASSWORD)
        for account in missing:
            account.password_hash = password_hash
        session.add_all(missing)
        session.flush()
    _load_experts(session, organizations)
    return len(missing)


def _load_organizations(session: Session) -> dict[str, Organization]:
    """All organisations by name, the missing ones added and linked to their parents and recommenders."""
    found = {row.name: row for row in session.exec(select(Organization))}
    new = [unit for unit in units() if unit.name not in found]
    for unit in new:
        row = Organization(**unit.model_dump(mode="json", exclude={"recommender", "parent"}))
        session.add(row)
        found[unit.name] = row
    session.flush()
    for unit in new:
        row = found[unit.name]
        row.recommender_id = found[unit.recommender].id if unit.recommender else None
        row.parent_id = found[unit.parent].id if unit.parent else None
    session.flush()
    return found


def demo_accounts(organizations: dict[str, Organization]) -> Iterator[Account]:
    """Every demo account, without its password; for each role there is one whose login is the role."""
    bureau = organizations[BUREAU]
    for login, (role, name) in BUREAU_ROLES.items():
        yield _account(login, name, role, bureau)
    applying = [unit.name for unit in units() if unit.recommender]
    for login, name in _logins(Role.APPLICANT, FIRST_APPLICANT, applying):
        yield _account(login, f"{name}申报员", Role.APPLICANT, organizations[name])
    recommending = [unit.name for unit in units() if unit.kind == OrganizationKind.RECOMMENDING]
    for login, name in _logins(Role.RECOMMENDER, FIRST_RECOMMENDER, recommending):
        yield _account(login, f"{name}经办", Role.RECOMMENDER, organizations[name])
    for login, name, unit, _, _ in _experts():
        yield _account(login, name, Role.EXPERT, organizations[unit])


def _account(login: str, name: str, role: Role, organization: Organization) -> Account:
    return Account(
        login=login, name=name, password_hash="", roles=[role.value], organization_id=organization.id
    )


def _logins(role: Role, first: str, names: list[str]) -> Iterator[tuple[str, str]]:
    """The first unit's login is the role itself; the others are numbered."""
    yield role.value, first
    for number, name in enumerate((name for name in names if name != first), start=2):
        yield f"{role.value}{number:02d}", name


def _experts() -> Iterator[tuple[str, str, str, str, ExpertGroup]]:
    """Login, name, unit, title and field of every expert; the first one's login is `expert`."""
    number = 0
    for group in expert_groups():
        for unit, title in zip(group.units, cycle(group.titles), strict=False):
            number += 1
            login = Role.EXPERT.value if number == 1 else f"expert{number:03d}"
            surname, given = SURNAMES[number % len(SURNAMES)], GIVEN[number * 7 % len(GIVEN)]
            yield login, f"{surname}示{given}", unit, title, group


def _load_experts(session: Session, organizations: dict[str, Organization]) -> None:
    accounts = {row.login: row.id or 0 for row in session.exec(select(Account))}
    known = set(session.exec(select(col(Expert.account_id))))
    applying = [organizations[unit.name] for unit in units() if unit.recommender]
    for number, (login, _, unit, title, group) in enumerate(_experts(), start=1):
        if accounts[login] in known:
            continue
        organization = organizations[unit]
        session.add(
            Expert(
                account_id=accounts[login],
                organization_id=organization.id or 0,
                person_key=person_key(login),
                title=title,
                profile=group.profile,
                domains=group.domains,
                kinds=[kind.value for kind in group.kinds],
                outside_city=not organization.registered_in_city,
                # a few whose term is over or who agreed to less, as in every real pool
                term_until=TERM_OVER if number % 40 == 0 else TERM_UNTIL,
                yearly_cap=LOW_CAP if number % 15 == 0 else None,
            )
        )
        session.add_all(_relations(number, login, organization, applying))
    session.flush()


def _relations(
    number: int, login: str, home: Organization, applying: list[Organization]
) -> Iterator[KnownRelation]:
    """What is on record about an expert: two of three say since when they work where they do; a few were
    elsewhere, advise a firm or sit on its board."""
    key, source = person_key(login), "专家入库登记表（示例）"
    if number % 3:
        since = date(2012 + number % 8, 7, 1)
        yield KnownRelation(
            kind="employee", person_key=key, unit_code=home.credit_code, since=since, source=source
        )
    elsewhere = applying[number % len(applying)]
    ties = {7: ("employee", date(2019, 3, 1), date(2022, 12, 31)), 11: ("consultant", date(2022, 1, 1), None)}
    ties |= {17: ("director", date(2021, 6, 1), None)}
    for every, (kind, since, until) in ties.items():
        if number % every == 0 and elsewhere.id != home.id:
            yield KnownRelation(
                kind=kind,
                person_key=key,
                unit_code=elsewhere.credit_code,
                since=since,
                until=until,
                source=source,
            )


def person_key(login: str) -> str:
    """The keyed hash that stands for a demo person's identity number."""
    return hashlib.sha256(f"demo person {login}".encode()).hexdigest()


def _source() -> dict[str, list[dict[str, object]]]:
    return tomllib.loads(SOURCE.read_text("utf-8"))
