"""Forms begun and not yet sent (草稿): kept for one person at one step, whatever they hold so far."""

import json
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete

from engine.cases.models import WorkItem
from engine.errors import Conflict, NotFound, Refused
from engine.people import permissions
from engine.people.models import Account
from engine.records.models import FormDraft

LARGEST = 400_000
"""Characters of JSON; every form's own limits lie far below."""


def save_draft(
    session: Session, item_id: int, *, actor: Account, payload: dict[str, Any], now: datetime
) -> FormDraft:
    """Keep what somebody has entered so far; nothing of it is judged yet.

    Raises NotFound, Conflict when the step is done, Forbidden when it is not theirs.
    """
    item = session.get(WorkItem, item_id)
    if item is None:
        raise NotFound(f"没有编号为 {item_id} 的待办。")
    if item.status != "open":
        raise Conflict(f"待办“{item.name}”已经办结或撤销，草稿不再保存；请刷新页面。")
    permissions.may_complete(actor, item.role, item.holder_id, item.unit_id).require()
    if len(json.dumps(payload)) > LARGEST:
        raise Refused("填写的内容太多，草稿无法保存；较长的材料请作为附件上传。")
    draft = session.get(FormDraft, (item_id, actor.id)) or FormDraft(
        work_item_id=item_id, account_id=actor.id or 0, saved_at=now
    )
    draft.payload, draft.saved_at = payload, now
    session.add(draft)
    session.flush()
    return draft


def draft_of(session: Session, item_id: int, account: Account) -> FormDraft | None:
    """What this account has entered at the step and not yet sent."""
    return session.get(FormDraft, (item_id, account.id))


def discard_drafts(session: Session, item_id: int) -> None:
    """Forget everybody's drafts of a step that is done."""
    session.exec(delete(FormDraft).where(col(FormDraft.work_item_id) == item_id))
