"""Access tokens (访问令牌): what a program shows instead of a login and password.

A token is 256 random bits, shown once; the database keeps its SHA-256. It does exactly what its account may do.
"""

import hashlib
import secrets
from datetime import date, datetime

from sqlmodel import Session, col, select

from engine.clock import local_day
from engine.errors import Forbidden, NotFound, Refused, Unusable
from engine.people.models import Account, ApiToken
from engine.people.permissions import has_role
from engine.people.users import note
from engine.vocabulary import Role

MARK = "kg_"
SHOWN = 8
MOST = 20
"""Working tokens of one account: more is a program that forgets to keep its own."""
FAILED = "访问令牌无效、已撤销或已过期；请在“我的账号”中另建一个。"


def make_token(
    session: Session,
    account: Account,
    name: str,
    *,
    actor: Account,
    now: datetime,
    expires_on: date | None = None,
) -> tuple[ApiToken, str]:
    """A new token for an account, made by itself or an administrator; the second value is shown this once."""
    _may_manage(actor, account)
    if not name.strip():
        raise Unusable("请写明令牌的用途，例如“财务系统对接”。")
    if expires_on is not None and expires_on < local_day(now):
        raise Unusable("到期日已经过去；请改为今天或以后。")
    if len(working_tokens(session, account.id or 0, now)) >= MOST:
        raise Refused(f"每个账号最多 {MOST} 个有效令牌；请先撤销不用的。")
    token = MARK + secrets.token_urlsafe(32)
    row = ApiToken(
        account_id=account.id or 0,
        name=name.strip(),
        prefix=token[: len(MARK) + SHOWN],
        token_hash=_hash(token),
        made_at=now,
        made_by=actor.login,
        expires_on=expires_on,
    )
    session.add(row)
    session.flush()
    note(session, account, actor.login, now, "token_made", f"为 {account.login} 建立访问令牌“{row.name}”")
    return row, token


def revoke_token(session: Session, token_id: int, *, actor: Account, now: datetime) -> None:
    """Make a token stop working; doing it twice changes nothing."""
    row = session.get(ApiToken, token_id)
    if row is None:
        raise NotFound(f"没有编号为 {token_id} 的访问令牌。")
    account = session.get_one(Account, row.account_id)
    _may_manage(actor, account)
    if row.revoked_at is None:
        row.revoked_at = now
        note(
            session,
            account,
            actor.login,
            now,
            "token_revoked",
            f"撤销 {account.login} 的访问令牌“{row.name}”",
        )


def account_of(session: Session, token: str, now: datetime) -> Account:
    """Whose token it is; Forbidden with one sentence for every kind of failure."""
    statement = (
        select(ApiToken, Account)
        .join(Account, col(Account.id) == ApiToken.account_id)
        .where(ApiToken.token_hash == _hash(token))
    )
    found = session.exec(statement).first()
    if found is None or not _works(found[0], now) or not found[1].active:
        raise Forbidden(FAILED)
    return found[1]


def working_tokens(session: Session, account_id: int, now: datetime) -> list[ApiToken]:
    """An account's tokens that are neither revoked nor past their day, the newest first."""
    statement = select(ApiToken).where(ApiToken.account_id == account_id).order_by(col(ApiToken.id).desc())
    return [row for row in session.exec(statement) if _works(row, now)]


def _works(row: ApiToken, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_on is None or local_day(now) <= row.expires_on)


def _may_manage(actor: Account, account: Account) -> None:
    if actor.id != account.id and not has_role(actor, Role.ADMIN):
        raise Forbidden("访问令牌只能由本人或管理员管理。")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
