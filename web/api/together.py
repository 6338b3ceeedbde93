"""Many steps at once, and forms begun and not yet sent, through the API."""

from datetime import datetime
from typing import Any

from pydantic import Field

from engine.records import bulk, drafts
from web.addresses import RowId
from web.api.answers import Answered
from web.api.calls import Body, Call, operation


class Together(Body):
    """One decision for many steps (批量办理); a `rehearsal` says what would happen and changes nothing."""

    items: list[RowId] = Field(min_length=1, max_length=bulk.MOST, description="待办编号")
    outcome: str = Field(min_length=1, max_length=40)
    comment: str = Field(default="", max_length=4000)
    rehearsal: bool = False


class LineDecided(Answered):
    """How one step went, or would go; the sentence says where to, or why not."""

    item_id: int
    case_id: int | None
    round_id: int | None
    title: str
    number: str
    fine: bool
    sentence: str


class Decided(Answered):
    """Each step by itself: one that is refused holds up none of the others."""

    rehearsal: bool
    fine: int
    refused: int
    lines: list[LineDecided]


class DraftBody(Body):
    """A form as far as it is filled in; nothing of it is judged."""

    form: dict[str, Any]


class Draft(Answered):
    """One's own draft at a step; `form` empty and `saved_at` null when there is none."""

    item_id: int
    form: dict[str, Any]
    saved_at: datetime | None


@operation("POST", "/work-items/decisions", "批量办理", tag="work", answer=Decided, body=Together)
def decide_together(call: Call) -> Decided:
    """The same decision on many steps that ask for nothing else; each succeeds or fails on its own."""
    sent = call.body
    lines = bulk.decide_each(
        call.session,
        list(dict.fromkeys(sent.items)),
        sent.outcome,
        sent.comment,
        actor=call.account,
        now=call.now,
        keep=not sent.rehearsal,
    )
    fine = sum(line.fine for line in lines)
    return Decided(
        rehearsal=sent.rehearsal,
        fine=fine,
        refused=len(lines) - fine,
        lines=[LineDecided(**vars(line)) for line in lines],
    )


@operation("GET", "/work-items/{item_id}/draft", "自己的草稿", tag="work", answer=Draft)
def get_draft(call: Call, item_id: int) -> Draft:
    """What this account has entered at the step and not yet sent."""
    kept = drafts.draft_of(call.session, item_id, call.account)
    return Draft(item_id=item_id, form=kept.payload if kept else {}, saved_at=kept.saved_at if kept else None)


@operation("POST", "/work-items/{item_id}/draft", "保存草稿", tag="work", answer=Draft, body=DraftBody)
def keep_draft(call: Call, item_id: int) -> Draft:
    """Keep a form as far as it is filled in, for this account; the page shows it too."""
    kept = drafts.save_draft(call.session, item_id, actor=call.account, payload=call.body.form, now=call.now)
    return Draft(item_id=item_id, form=kept.payload, saved_at=kept.saved_at)
