"""Answers kept for idempotency keys (幂等键): the same request under the same key gets the same answer.

The answer is kept in the transaction that did the work, so that a key is used up exactly when the work is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, select

from engine.clock import UtcDateTime
from engine.db import Json
from engine.errors import Conflict


class ApiAnswer(SQLModel, table=True):
    """What one account was answered to the request it sent under a key. `request_hash` tells requests apart."""

    __tablename__ = "api_answer"
    __table_args__ = (UniqueConstraint("account_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    key: str
    request_hash: str
    status: int = 0
    body: Any = Field(default=None, sa_type=Json)
    at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True)
class Answer:
    """An HTTP status and the JSON beside it; `replayed` when it is what an earlier request was told."""

    status: int
    body: Any
    replayed: bool = False


class KeyReused(Conflict):
    """The key belongs to another request."""


def answer_once(
    session: Session,
    account_id: int,
    key: str,
    request_hash: str,
    work: Callable[[], Answer],
    now: datetime,
) -> Answer:
    """Do the work under a key, or return what was answered under it; KeyReused when it was another request.

    The row is written first: of two requests at once the second waits for the first and finds its answer.
    """
    kept = ApiAnswer(account_id=account_id, key=key, request_hash=request_hash, at=now, body={})
    try:
        with session.begin_nested():
            session.add(kept)
    except IntegrityError:
        return _known(session, account_id, key, request_hash)
    answer = work()
    kept.status, kept.body = answer.status, answer.body
    session.flush()
    return answer


def _known(session: Session, account_id: int, key: str, request_hash: str) -> Answer:
    statement = select(ApiAnswer).where(ApiAnswer.account_id == account_id, ApiAnswer.key == key)
    found = session.exec(statement).one()
    if found.request_hash != request_hash:
        raise KeyReused("这个幂等键已用于内容不同的请求；请为新的请求换一个 Idempotency-Key。")
    return Answer(found.status, found.body, replayed=True)
