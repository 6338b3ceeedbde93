"""Who has a step in hand (签收): claim, release, reassign. None of it moves the case."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Text, cast
from sqlmodel import Session, col, select

from engine import history
from engine.cases.door import chain_of
from engine.cases.models import Process, WorkItem
from engine.errors import Conflict, Forbidden, NotFound, Refused
from engine.people import permissions
from engine.people.models import Account
from engine.people.roles import OF_A_UNIT


def claim(session: Session, item_id: int, *, actor: Account, now: datetime) -> WorkItem:
    """Take an open step of one's group into one's own hands."""
    item = _open_item(session, item_id)
    permissions.may_claim(actor, item.role, item.holder_id, item.unit_id).require()
    item.holder_id = actor.id
    _note(session, item, actor, now, "claim", f"{actor.name}签收“{item.name}”")
    return item


def release(session: Session, item_id: int, *, actor: Account, now: datetime) -> WorkItem:
    """Give a step back to the group; an assigned expert's step stays his or hers."""
    item = _open_item(session, item_id)
    permissions.may_change(actor).require()
    if item.item is not None:
        raise Refused(f"“{item.name}”是分派给本人的，不能退回；不能办理的请在表单中说明。")
    if item.holder_id != actor.id:
        raise Forbidden("只有签收人本人可以退回待办。")
    item.holder_id = None
    _note(session, item, actor, now, "release", f"{actor.name}退回“{item.name}”")
    return item


def reassign(
    session: Session, item_id: int, *, to: Account, actor: Account, reason: str, now: datetime
) -> WorkItem:
    """Hand a step to a colleague of the same role, with a reason (转办)."""
    item = _open_item(session, item_id)
    permissions.may_complete(actor, item.role, None, item.unit_id).require()  # of a colleague who is ill, too
    permissions.may_complete(to, item.role, None, item.unit_id).require()
    if not reason.strip():
        raise Refused("转办请写明理由。")
    item.holder_id = to.id
    _note(
        session, item, actor, now, "reassign", f"{actor.name}将“{item.name}”转交{to.name}：{reason.strip()}"
    )
    return item


def colleagues(session: Session, item: WorkItem, actor: Account) -> Sequence[Account]:
    """Whom this account may hand the open step to; nobody for a step that is one person's or a unit's."""
    if item.status != "open" or item.item is not None or item.role in OF_A_UNIT:
        return []
    if not permissions.may_complete(actor, item.role, None, item.unit_id):
        return []
    statement = select(Account).where(
        cast(col(Account.roles), Text).contains(json.dumps(item.role), autoescape=True),
        Account.id != (item.holder_id or actor.id),
    )
    found = session.exec(statement.order_by(col(Account.name)))
    return [one for one in found if permissions.may_complete(one, item.role, None, item.unit_id)]


def _open_item(session: Session, item_id: int) -> WorkItem:
    item = session.get(WorkItem, item_id, with_for_update=True)
    if item is None:
        raise NotFound(f"没有编号为 {item_id} 的待办。")
    if item.status != "open":
        raise Conflict(f"待办“{item.name}”已经办结或撤销；请刷新页面。")
    return item


def _note(session: Session, item: WorkItem, actor: Account, now: datetime, verb: str, summary: str) -> None:
    process = session.get_one(Process, item.process_id)
    history.record(
        session,
        chain_of(process),
        at=now,
        actor=actor.login,
        verb=verb,
        summary=summary,
        element=item.element,
        payload={"item": item.id},
    )
