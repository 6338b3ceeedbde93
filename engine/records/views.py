"""Saved views (常用视图): a list's filters under a name, kept for one person or shared with everybody inside.

A view is the query part of an address. It shows each person what that person may see.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, UniqueConstraint, or_
from sqlmodel import Field, Session, SQLModel, col, select

from engine.cases.queries import internal
from engine.clock import UtcDateTime
from engine.errors import Forbidden, NotFound, Refused, Unusable
from engine.people.models import Account

List = Literal["inbox", "cases"]
LONGEST_NAME = 40
LONGEST_QUERY = 2000


class SavedView(SQLModel, table=True):
    """One saved view. `query` is what stands after the question mark; `list` is inbox | cases."""

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("account_id", "list", "name"),
        CheckConstraint("list IN ('inbox', 'cases')", name="saved_view_list"),
    )

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    list: str
    name: str
    query: str
    shared: bool = False
    made_at: datetime = Field(sa_type=UtcDateTime)


def views_for(session: Session, account: Account, of: List) -> Sequence[tuple[SavedView, str]]:
    """The account's own views of a list, then those shared by colleagues; each with its owner's name."""
    mine = col(SavedView.account_id) == account.id
    readable = or_(mine, col(SavedView.shared)) if internal(account) else mine
    statement = (
        select(SavedView, Account.name)
        .join(Account, col(Account.id) == SavedView.account_id)
        .where(SavedView.list == of, readable)
        .order_by(mine.desc(), col(SavedView.name))
    )
    return session.exec(statement).all()


def save_view(
    session: Session, account: Account, of: List, name: str, query: str, *, shared: bool, now: datetime
) -> SavedView:
    """Keep the filters under a name; a view of one's own of that name is replaced.

    Raises Unusable for a name or filters that cannot be kept, Refused for sharing from outside the bureau.
    """
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Unusable(f"视图名称应为 1 至 {LONGEST_NAME} 个字。")
    if len(query) > LONGEST_QUERY:
        raise Unusable("筛选条件太长，不能保存；请减少条件。")
    if shared and not internal(account):
        raise Refused("只有局内人员可以共享视图。")
    known = select(SavedView).where(
        SavedView.account_id == account.id, SavedView.list == of, SavedView.name == name
    )
    view = session.exec(known).first() or SavedView(
        account_id=account.id or 0, list=of, name=name, query=query, made_at=now
    )
    view.query, view.shared, view.made_at = query, shared, now
    session.add(view)
    session.flush()
    return view


def delete_view(session: Session, account: Account, view_id: int) -> SavedView:
    """Delete a view of one's own; NotFound or Forbidden otherwise."""
    view = session.get(SavedView, view_id)
    if view is None:
        raise NotFound("没有这个视图；它可能已被删除。")
    if view.account_id != account.id:
        raise Forbidden("只能删除自己保存的视图。")
    session.delete(view)
    session.flush()
    return view
