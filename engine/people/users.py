"""Looking after accounts (用户管理): made, changed, closed, given a new password; each with a line in the history.

An administrator does all of it; changing one's own password needs the old one.
"""

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from engine import history
from engine.errors import Conflict, NotFound, Refused, Unusable
from engine.people.accounts import authenticate, hash_password
from engine.people.models import Account, Organization
from engine.people.permissions import may_administer
from engine.people.roles import OF_A_UNIT, role_label
from engine.vocabulary import Role

LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,39}")
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
LEAST_LENGTH = 10
"""Characters of a password somebody chooses: below that a stolen hash is guessed."""
MADE_BYTES = 12
NOT_EMPTY = "数据库里已有账号，不能再初始化；请换一个空数据库，或由现有管理员新增用户。"
CHAIN = "users"
NO_ADDRESS = "“{address}”不是邮箱地址；请按 name@example.cn 的形式填写，或留空。"

_quick = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
"""For passwords of our own making: 96 random bits need no slow hash, and three hundred users are made at once."""


@dataclass(frozen=True)
class Particulars:
    """What an administrator says about an account; `organization_id` is required for a unit's roles."""

    name: str
    roles: tuple[str, ...]
    organization_id: int | None = None
    email: str = ""


def made_password() -> str:
    """A random password to hand over once."""
    return secrets.token_urlsafe(MADE_BYTES)


def hash_made_password(password: str) -> str:
    """The hash of a password of our own making."""
    return _quick.hash(password)


def has_accounts(session: Session) -> bool:
    """Whether anybody can log in to this database at all."""
    return session.exec(select(Account.id).limit(1)).first() is not None


def first_admin(session: Session, *, login: str, name: str, password: str, now: datetime) -> Account:
    """The one account of a new database; Refused when the database already has accounts."""
    if has_accounts(session):
        raise Refused(NOT_EMPTY)
    check_login(login)
    check_password(password)
    particulars = Particulars(name.strip() or login, (Role.ADMIN.value,))
    account = _add(session, login, particulars, hash_password(password))
    note(session, account, "system", now, "user_made", f"初始化：设立管理员 {login}")
    return account


def create_user(
    session: Session,
    login: str,
    particulars: Particulars,
    *,
    password_hash: str,
    actor: Account,
    now: datetime,
) -> Account:
    """Make an account; Unusable for what cannot be, Conflict for a login that is taken."""
    may_administer(actor).require()
    check_login(login)
    check_particulars(session, particulars)
    account = _add(session, login, particulars, password_hash)
    note(session, account, actor.login, now, "user_made", f"新增用户 {login}（{particulars.name}）")
    return account


def change_user(
    session: Session,
    account_id: int,
    particulars: Particulars,
    *,
    active: bool,
    actor: Account,
    now: datetime,
) -> Account:
    """Change name, roles, unit, address or whether the account works; never one's own way in, nor the last
    administrator's.
    """
    may_administer(actor).require()
    account = get_user(session, account_id)
    check_particulars(session, particulars)
    keeps_admin = active and Role.ADMIN in particulars.roles
    if account.id == actor.id and not keeps_admin:
        raise Refused("不能停用自己或取消自己的管理员岗位；请由另一位管理员办理。")
    if not keeps_admin and Role.ADMIN in account.roles and not _other_admin(session, account):
        raise Refused("这是最后一位在用的管理员，不能停用或取消岗位；请先设立另一位管理员。")
    changed = _changes(account, particulars, active)
    account.name, account.email = particulars.name.strip(), particulars.email.strip()
    account.roles, account.organization_id = list(particulars.roles), particulars.organization_id
    account.active = active
    if changed:
        note(
            session,
            account,
            actor.login,
            now,
            "user_changed",
            f"修改用户 {account.login}：{'；'.join(changed)}",
        )
    session.flush()
    return account


def reset_password(session: Session, account_id: int, *, actor: Account, now: datetime) -> str:
    """Give somebody a new random password, returned once; the old one stops working."""
    may_administer(actor).require()
    account = get_user(session, account_id)
    password = made_password()
    account.password_hash = hash_made_password(password)
    note(session, account, actor.login, now, "password_reset", f"重置 {account.login} 的密码")
    return password


def change_own_password(session: Session, account: Account, old: str, new: str, *, now: datetime) -> None:
    """Choose another password; Forbidden when the old one is wrong."""
    authenticate(session, account.login, old)
    check_password(new)
    if new == old:
        raise Refused("新密码与原密码相同；请换一个。")
    account.password_hash = hash_password(new)
    note(session, account, account.login, now, "password_changed", f"{account.login} 修改了自己的密码")


def change_own_email(session: Session, account: Account, email: str, *, now: datetime) -> None:
    """Choose where one's notices go; empty for the screen only."""
    address = email.strip()
    if address and not EMAIL.fullmatch(address):
        raise Unusable(NO_ADDRESS.format(address=address[:60]))
    if address != account.email:
        account.email = address
        note(session, account, account.login, now, "user_changed", f"{account.login} 更换了邮箱")


def get_user(session: Session, account_id: int) -> Account:
    """The account of this number."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(f"没有编号为 {account_id} 的账号。")
    return account


def check_login(login: str) -> None:
    """Unusable when nobody could type it reliably."""
    if not LOGIN.fullmatch(login):
        raise Unusable(
            f"登录名“{login[:40]}”不可用；请用 2 至 40 个字母、数字、点、横线或下划线，以字母或数字开头。"
        )


def check_password(password: str) -> None:
    """Unusable when it is short enough to be guessed."""
    if len(password) < LEAST_LENGTH:
        raise Unusable(f"密码至少 {LEAST_LENGTH} 个字符；请换一个更长的。")


def check_particulars(session: Session, particulars: Particulars) -> None:
    """Unusable, with every sentence at once, when an account cannot be like that."""
    problems = list(_wrong_roles(particulars.roles))
    if not particulars.name.strip():
        problems.append("请填写姓名。")
    if particulars.email.strip() and not EMAIL.fullmatch(particulars.email.strip()):
        problems.append(NO_ADDRESS.format(address=particulars.email[:60]))
    unit_id = particulars.organization_id
    if unit_id is not None and session.get(Organization, unit_id) is None:
        problems.append("没有这个单位；请从列表中选择。")
    needing = sorted(OF_A_UNIT.intersection(particulars.roles))
    if needing and particulars.organization_id is None:
        names = "、".join(role_label(role) for role in needing)
        problems.append(f"岗位“{names}”只办理本单位的事项，请选择所属单位。")
    if problems:
        raise Unusable("用户信息有误：" + "".join(problems), problems)


def _wrong_roles(roles: Collection[str]) -> list[str]:
    wrong = [] if roles else ["请至少选择一个岗位。"]
    if any(not role.strip() or len(role) > 40 for role in roles):
        wrong.append("岗位名称不能为空，最多 40 个字。")
    if {Role.DRAWING, Role.PROGRAMME} <= set(roles):
        wrong.append("抽取岗与业务科室必须分离，不能由同一账号兼任。")
    if Role.SUPERVISION in roles and len(roles) > 1:
        wrong.append("纪检账号只能查看，不能兼任其他岗位。")
    return wrong


def _changes(account: Account, particulars: Particulars, active: bool) -> list[str]:
    told = []
    if account.name != particulars.name.strip():
        told.append(f"姓名改为{particulars.name.strip()}")
    if sorted(account.roles) != sorted(particulars.roles):
        told.append(f"岗位改为{'、'.join(role_label(role) for role in particulars.roles)}")
    if account.organization_id != particulars.organization_id:
        told.append("更换所属单位")
    if account.email != particulars.email.strip():
        told.append("更换邮箱")
    if account.active != active:
        told.append("启用" if active else "停用")
    return told


def _other_admin(session: Session, account: Account) -> bool:
    statement = select(Account).where(col(Account.active).is_(True), Account.id != account.id)
    return any(Role.ADMIN in other.roles for other in session.exec(statement))


def _add(session: Session, login: str, particulars: Particulars, password_hash: str) -> Account:
    account = Account(
        login=login,
        name=particulars.name.strip(),
        password_hash=password_hash,
        roles=list(particulars.roles),
        organization_id=particulars.organization_id,
        email=particulars.email.strip(),
    )
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError as error:
        raise Conflict(f"登录名“{login}”已有人使用；请换一个。") from error
    return account


def note(session: Session, account: Account, by: str, now: datetime, verb: str, summary: str) -> None:
    """Write a line about an account to the history of users."""
    history.record(
        session, CHAIN, at=now, actor=by, verb=verb, summary=summary, payload={"account": account.id}
    )
