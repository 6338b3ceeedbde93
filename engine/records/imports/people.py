"""Units, experts and users from a workbook (单位、专家、用户). What is there already stays as it is."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session, select

from engine.credit_code import credit_code_is_valid
from engine.errors import KeguanError
from engine.people import users
from engine.people.models import Account, Expert, ExpertKind, Organization, OrganizationKind
from engine.people.users import Particulars
from engine.records.imports.columns import Column, Row, Sheet
from engine.records.imports.report import Report
from engine.vocabulary import Role, Word

DISCIPLINE = re.compile(r"\d{3}|\d{5}|\d{7}")
IDENTITY = re.compile(r"\d{17}[\dX]")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


def words(kind: type[Word]) -> dict[str, str]:
    """The Chinese words of a vocabulary and the keys they stand for."""
    return {word.zh: word.value for word in kind}


UNITS = Sheet(
    "单位",
    (
        Column("name", "单位名称", required=True, example="示例精工有限公司"),
        Column("credit_code", "统一社会信用代码", required=True, example="91450200MA0000001B", note="18 位"),
        Column("kind", "单位类型", "choice", required=True, choices=words(OrganizationKind), example="企业"),
        Column("county", "县区", example="鱼峰区", note="市外单位留空"),
        Column(
            "recommender", "推荐单位", example="鱼峰区科技管理部门（示例）", note="本表或系统中已有的单位"
        ),
        Column("parent", "控股单位", note="本表或系统中已有的单位；同一控股单位的视为关联单位"),
        Column("registered_in_city", "注册地在本市", "truth", example="是", note="不填按“是”"),
        Column("legal_representative", "法定代表人", example="李示例", note="其亲属不得评审本单位的项目"),
    ),
)
EXPERTS = Sheet(
    "专家",
    (
        Column("login", "登录名", required=True, example="zhangshi", note="字母或数字开头，2 至 40 位"),
        Column("name", "姓名", required=True, example="张示例"),
        Column("identity", "身份证号", required=True, note="只保存加密摘要和出生年份，用来识别同一个人"),
        Column("unit", "工作单位", required=True, example="示例大学", note="系统中已有的单位"),
        Column("title", "职称", required=True, example="教授"),
        Column(
            "domains",
            "学科代码",
            "texts",
            required=True,
            example="510、520.20",
            note="GB/T 13745，主要的在前",
        ),
        Column(
            "kinds", "专家类别", "several", required=True, choices=words(ExpertKind), example="技术、管理"
        ),
        Column("term_until", "聘期至", "date", required=True, example="2028-12-31"),
        Column("outside_city", "市外专家", "truth", example="否", note="不填按“否”"),
        Column("yearly_cap", "每年最多评审数", "count", example="6", note="本人同意的数，低于规定上限时填"),
        Column(
            "profile",
            "研究方向",
            "long",
            example="焊接机器人，弧焊过程控制",
            note="几句话；与申报书的名称、摘要相比，找最懂行的专家",
        ),
        Column("email", "邮箱", example="zhang@example.cn"),
    ),
)
USERS = Sheet(
    "用户",
    (
        Column("login", "登录名", required=True, example="shouli01", note="字母或数字开头，2 至 40 位"),
        Column("name", "姓名", required=True, example="李示例"),
        Column("roles", "岗位", "several", required=True, choices=words(Role), example="受理员"),
        Column("unit", "所属单位", example="示例精工有限公司", note="申报单位、推荐单位的账号必填"),
        Column("email", "邮箱", example="li@example.cn"),
    ),
)


def load_units(session: Session, rows: Sequence[Row], report: Report) -> None:
    """Add the units, then link each to its recommending and controlling unit."""
    by_name = {unit.name: unit for unit in session.exec(select(Organization))}
    codes = {unit.credit_code: unit.name for unit in by_name.values()}
    listed = {row["name"] for row in rows}
    added: list[tuple[Row, Organization]] = []
    report.refuse_repeats(rows, "name")
    for row in rows:
        if _unit_is_wanted(row, by_name, codes, report) and row.sound:
            unit = Organization(
                name=row["name"],
                credit_code=row["credit_code"].upper(),
                kind=row["kind"],
                county=row["county"] or "",
                registered_in_city=row["registered_in_city"] is not False,
                legal_representative=row["legal_representative"] or "",
            )
            session.add(unit)
            by_name[unit.name], codes[unit.credit_code] = unit, unit.name
            added.append((row, unit))
            report.made.append(("单位", unit.name, unit.credit_code))
    session.flush()
    for row, unit in added:
        unit.recommender_id = _linked(row, "recommender", by_name, listed, report)
        unit.parent_id = _linked(row, "parent", by_name, listed, report)
    session.flush()


def _unit_is_wanted(
    row: Row, by_name: dict[str, Organization], codes: dict[str, str], report: Report
) -> bool:
    name, code = row["name"], (row["credit_code"] or "").upper()
    known = by_name.get(name) if name else None
    if known is not None and known.credit_code == code:
        report.known.append(("单位", name, "已有，保持不变"))
        return False
    if known is not None:
        report.refuse(row, "name", f"“{name}”已有，信用代码为 {known.credit_code}；请核对是否同一单位。")
        return False
    if code and not credit_code_is_valid(code):
        report.refuse(row, "credit_code", f"统一社会信用代码“{code[:40]}”不正确（18 位及校验码）；请核对。")
        return False
    if code in codes:
        report.refuse(row, "credit_code", f"信用代码 {code} 已是“{codes[code]}”的；请核对是否重复。")
        return False
    if name and name in (row["recommender"], row["parent"]):
        report.refuse(row, "name", "单位不能是自己的推荐单位或控股单位；请改正。")
        return False
    return True


def _linked(
    row: Row, column: str, by_name: dict[str, Organization], listed: set[str], report: Report
) -> int | None:
    """The unit a cell names; one that stands in this file but has faults of its own is not blamed here too."""
    name = row[column]
    if name is None:
        return None
    if name not in by_name:
        if name not in listed:
            report.refuse(row, column, f"没有单位“{name}”；请先在本表中增加，或改为系统中的全称。")
        return None
    return by_name[name].id


def load_users(
    session: Session, rows: Sequence[Row], report: Report, *, actor: Account, now: datetime
) -> None:
    """Add the accounts, each with a password of its own that is shown once."""
    units = {unit.name: unit.id for unit in session.exec(select(Organization))}
    names = dict(session.exec(select(Account.login, Account.name)).all())
    report.refuse_repeats(rows, "login")
    for row in rows:
        unit_id, login = _unit_id(row, units, report), row["login"]
        if not row.sound:
            continue
        if login not in names:
            roles = tuple(dict.fromkeys(row["roles"]))
            particulars = Particulars(row["name"], roles, unit_id, row["email"] or "")
            _add_account(session, row, particulars, report, actor=actor, now=now)
        elif names[login] == row["name"]:
            report.known.append(("用户", login, "已有，保持不变"))
        else:
            owner = f"登录名“{login}”已是“{names[login]}”的"
            report.refuse(row, "login", f"{owner}；请换一个登录名，或改正姓名。")


def _unit_id(row: Row, units: dict[str, int | None], report: Report) -> int | None:
    name = row["unit"]
    if name is not None and name not in units:
        report.refuse(row, "unit", f"没有单位“{name}”；请先导入单位，或改为系统中的全称。")
        row.sound = False
    return units.get(name)


def _add_account(
    session: Session, row: Row, particulars: Particulars, report: Report, *, actor: Account, now: datetime
) -> Account | None:
    password = users.made_password()
    try:
        account = users.create_user(
            session,
            row["login"],
            particulars,
            password_hash=users.hash_made_password(password),
            actor=actor,
            now=now,
        )
    except KeguanError as refusal:
        report.refused(row, "login", refusal)
        return None
    report.made.append(("用户", account.login, account.name))
    report.passwords.append((account.login, account.name, password))
    return account


def load_experts(
    session: Session, rows: Sequence[Row], report: Report, *, actor: Account, now: datetime, key: bytes
) -> None:
    """Add experts and, where they have none, their accounts; one identity number is one expert."""
    units = {unit.name: unit.id for unit in session.exec(select(Organization))}
    accounts = {account.login: account for account in session.exec(select(Account))}
    persons = dict(session.exec(select(Expert.person_key, Expert.account_id)).all())
    report.refuse_repeats(rows, "login")
    for row in rows:
        unit_id, person = _unit_id(row, units, report), _person(row, key, report)
        _check_domains(row, report)
        known = accounts.get(row["login"])
        if person in persons:
            if known is not None and persons[person] == known.id:
                report.known.append(("专家", row["login"], "已有，保持不变"))
            else:
                report.refuse(row, "identity", "这个身份证号已属于另一位专家；请核对是否重复录入。")
            continue
        if not row.sound or person is None or unit_id is None:
            continue
        account = known or _expert_account(session, row, unit_id, report, actor=actor, now=now)
        if account is None or not _may_join(row, account, persons, report):
            continue
        accounts[account.login], persons[person] = account, account.id or 0
        session.add(_expert(row, account, unit_id, person))
        report.made.append(("专家", account.name, row["title"]))
    session.flush()


def _may_join(row: Row, account: Account, persons: Mapping[str, int], report: Report) -> bool:
    """Whether the account has an expert's role and is no other expert's."""
    if Role.EXPERT not in account.roles:
        lacking = f"账号“{account.login}”没有“评审专家”岗位"
        report.refuse(row, "login", f"{lacking}；请管理员先增加岗位，或换登录名。")
    elif account.id in persons.values():
        other = f"账号“{account.login}”已是专家库中另一位专家（身份证号不同）"
        report.refuse(row, "login", f"{other}；请换登录名，或核对身份证号。")
    else:
        return True
    return False


def _expert_account(
    session: Session, row: Row, unit_id: int, report: Report, *, actor: Account, now: datetime
) -> Account | None:
    particulars = Particulars(row["name"], (Role.EXPERT.value,), unit_id, row["email"] or "")
    return _add_account(session, row, particulars, report, actor=actor, now=now)


def _expert(row: Row, account: Account, unit_id: int, person: str) -> Expert:
    return Expert(
        account_id=account.id or 0,
        organization_id=unit_id,
        person_key=person,
        title=row["title"],
        domains=[code.replace(".", "") for code in row["domains"]],
        kinds=list(dict.fromkeys(row["kinds"])),
        outside_city=bool(row["outside_city"]),
        term_until=row["term_until"],
        yearly_cap=row["yearly_cap"],
        profile=row["profile"] or "",
        birth_year=int(row["identity"][6:10]),
    )


def _person(row: Row, key: bytes, report: Report) -> str | None:
    """The keyed hash of the identity number; None, with the reason, when it is not one."""
    number = (row["identity"] or "").upper()
    if not number:
        return None
    if not IDENTITY.fullmatch(number) or identity_check(number[:17]) != number[17]:
        report.refuse(row, "identity", "身份证号不正确（18 位及校验码）；请核对。")
        row.sound = False
        return None
    return hmac.new(key, number.encode(), hashlib.sha256).hexdigest()


def identity_check(body: str) -> str:
    """The 18th character of an identity number for the first 17 (GB 11643)."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def _check_domains(row: Row, report: Report) -> None:
    wrong = [code for code in row["domains"] or [] if not DISCIPLINE.fullmatch(code.replace(".", ""))]
    if wrong:
        report.refuse(
            row, "domains", f"学科代码“{'、'.join(wrong)}”不正确；应为 GB/T 13745 的 3、5 或 7 位代码。"
        )
        row.sound = False
