"""Policy as rows: every threshold, limit and share with its clause (依据) and the day it takes effect.

A key is an identifier, because the values in force are names in a diagram's expressions (`limit_review`).
Changing a policy adds a row; the old one stays, so that what was in force on any day can be told.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from engine.clock import readable_limit, reminder_plan
from engine.db import Json
from engine.errors import NotFound, Unusable
from engine.stamps import Kept
from engine.triggers import append_only

DEFAULT_CLAUSE = "[D] 科室默认，待确认"
"""The clause of a number nobody has found a source for yet."""


class Policy(SQLModel, table=True):
    """One version of one value. The newest row whose day has come is in force."""

    __tablename__ = "policy"
    __table_args__ = (
        UniqueConstraint("key", "effective_from", "version"),
        Index("policy_by_day", "effective_from"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str
    version: int
    """1, 2, 3 ... within the key, in the order they were set."""
    value: Any = Field(sa_type=Json)
    title: str
    """What it is, in Chinese."""
    unit: str = ""
    """wd (working days, or a calendar duration or date), percent, points, count, years, date, ..."""
    clause: str
    """The rule or document it rests on."""
    effective_from: date
    is_default: bool
    """True for a default of ours ([D]) that the bureau has yet to confirm."""
    note: str = ""


append_only(Policy.__table__)  # type: ignore[attr-defined]


def values(session: Session, on: date, stamps: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """Every value in force on a day, by key: one lookup, the rows only when they changed. Not to be changed.

    `stamps` as for `engine.stamps.Kept.read`.
    """
    return _kept.read(session, stamps)(on)


def _by_day(session: Session) -> Callable[[date], Mapping[str, Any]]:
    """The values in force on any day, worked out once for each day asked for."""
    query = select(col(Policy.key), col(Policy.value), col(Policy.effective_from)).order_by(
        col(Policy.effective_from), col(Policy.version)
    )
    rows = session.exec(query).all()  # of two rows of one key the later one is in force

    @lru_cache(maxsize=366)
    def on_day(on: date) -> Mapping[str, Any]:
        return MappingProxyType({key: found for key, found, since in rows if since <= on})

    return on_day


_kept = Kept(Policy.__table__, _by_day)  # type: ignore[attr-defined]


def value(session: Session, key: str, on: date) -> Any:
    """One value in force on a day; NotFound when there is none."""
    return version_in_force(session, key, on).value


def version_in_force(session: Session, key: str, on: date) -> Policy:
    """The row behind a value, with its clause and title; NotFound when none is in force on that day."""
    query = (
        select(Policy)
        .where(Policy.key == key, col(Policy.effective_from) <= on)
        .order_by(col(Policy.effective_from).desc(), col(Policy.version).desc())
        .limit(1)
    )
    found = session.exec(query).first()
    if found is None:
        raise NotFound(f"{on} 没有名为“{key}”的政策参数；请管理员在“政策参数”中添加。")
    return found


def clauses(session: Session, on: date) -> Mapping[str, str]:
    """The clause behind every value in force on a day, by key."""
    rows = (
        select(col(Policy.key), col(Policy.clause))
        .where(col(Policy.effective_from) <= on)
        .order_by(col(Policy.effective_from), col(Policy.version))
    )
    return dict(session.exec(rows).all())  # of two rows of one key the later one is in force


def versions(session: Session, key: str) -> list[Policy]:
    """All versions of a key, in the order they were set."""
    return list(session.exec(select(Policy).where(Policy.key == key).order_by(col(Policy.version))))


def set_policy(
    session: Session,
    key: str,
    new_value: Any,
    *,
    effective_from: date,
    clause: str,
    title: str | None = None,
    unit: str | None = None,
    note: str = "",
    is_default: bool = False,
) -> Policy:
    """Add a version of a value. Title and unit may be left out where the key exists already.

    Raises Unusable when the key is no identifier, the value no plain JSON, or a limit that cannot be counted.
    """
    check_value(key, new_value)
    before = versions(session, key)
    if title is None or unit is None:
        if not before:
            raise Unusable(f"政策参数“{key}”是新增的；请填写名称和单位。")
        title = title or before[-1].title
        unit = unit if unit is not None else before[-1].unit
    if not clause.strip():
        raise Unusable(f"政策参数“{key}”没有依据；请填写文件条款，暂无依据的写“{DEFAULT_CLAUSE}”。")
    row = Policy(
        key=key,
        version=len(before) + 1,
        value=new_value,
        title=title,
        unit=unit,
        clause=clause,
        effective_from=effective_from,
        is_default=is_default,
        note=note,
    )
    session.add(row)
    session.flush()
    return row


def check_value(key: str, new_value: Any) -> None:
    """Unusable with a sentence when the value cannot be what the key says it is."""
    if not key.isidentifier():
        raise Unusable(f"政策参数名“{key}”不合格；请只用字母、数字和下划线，且不以数字开头。")
    try:
        json.dumps(new_value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Unusable(f"政策参数“{key}”的值无法保存；请填写数字、文字、列表或表格。") from error
    if isinstance(new_value, float):
        raise Unusable(f"政策参数“{key}”的值 {new_value} 是近似小数；请填写整数，或加引号的小数、分数。")
    if key.startswith("limit_"):
        readable_limit(new_value)
    if key.startswith("reminders_"):
        reminder_plan(str(new_value))
