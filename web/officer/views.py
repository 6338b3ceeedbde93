"""The inbox (待办): mine, my group's, all; the step one is at beside the list; every state is an address."""

from dataclasses import dataclass
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases import desk
from engine.cases.inbox import Inbox, Scope, choices
from engine.cases.inbox import inbox as read_inbox
from engine.cases.queries import internal
from engine.errors import Refused, Unusable
from engine.people.models import Account
from engine.people.permissions import may_change, may_see_reviewers
from engine.records.views import views_for
from web.access import allow, signed_in
from web.addresses import is_number, local_address
from web.auth import me
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _
from web.lists import address, as_far_as_readable, cursor_text
from web.officer.detail import detail_of
from web.officer.filters import KEPT, NARROWING, filters_from
from web.parts.task import open_task

blueprint = Blueprint("officer", __name__)
WHERE = (*KEPT, "after", "before")


@dataclass(frozen=True)
class Neighbours:
    """Where the keys lead from the step that is open: the steps before and after it in the list."""

    previous: int | None
    next: int | None


@blueprint.get("/inbox")
@allow(signed_in)
def inbox() -> ResponseReturnValue:
    """The open steps somebody may act on or follow, and the one that is open beside them."""
    filters, wrong = as_far_as_readable(filters_from, request.args)
    found = read_inbox(session(), me(), filters, now())
    if "scope" not in request.args and (scope := _elsewhere(found)):
        return redirect(address(request.path, request.args, KEPT, scope=scope))
    chosen = request.args.get("item", "")
    beside = _neighbours(found, int(chosen)) if is_number(chosen) else Neighbours(None, None)
    here = partial(address, request.path, request.args, WHERE)
    page = render_template(
        "officer/inbox.html",
        wrong=wrong,
        inbox=found,
        filters=filters,
        choices=choices(session(), me()),
        views=views_for(session(), me(), "inbox"),
        narrowed=any(request.args.get(name) for name in NARROWING),
        reviewers=may_see_reviewers(me()),
        detail=detail_of(session(), int(chosen), me()) if is_number(chosen) else None,
        beside=beside,
        here=here,
        view=partial(address, request.path, request.args, KEPT),
        cursor_text=cursor_text,
        query=address("", request.args, KEPT).removeprefix("?"),
        inside=internal(me()),
    )
    return page, 400 if wrong else 200


def _elsewhere(found: Inbox) -> Scope | None:
    """Where to begin when nothing is in one's own hands: with the group's steps; who only looks on, with all."""
    if found.counts["mine"].number:
        return None
    if found.counts["group"].number:
        return "group"
    return None if may_change(me()) else "all"


def _neighbours(found: Inbox, chosen: int) -> Neighbours:
    keys = [row.item.id for row in found.rows]
    if chosen not in keys:
        return Neighbours(None, keys[0] if keys else None)
    at = keys.index(chosen)
    return Neighbours(keys[at - 1] if at else None, keys[at + 1] if at + 1 < len(keys) else None)


@blueprint.post("/inbox/<int:item_id>/reassign")
@allow(signed_in)
def reassign(item_id: int) -> ResponseReturnValue:
    """Hand a step to a colleague of the same role, with a reason."""
    back = local_address(request.form.get("next"), url_for("officer.inbox"))
    try:
        item = desk.reassign(
            session(), item_id, to=_colleague(), actor=me(), reason=request.form.get("reason", ""), now=now()
        )
    except (Unusable, Refused) as refusal:
        session().rollback()
        task = open_task(session(), item_id, me())
        return render_template(
            "officer/reassign.html", task=task, back=back, message=refusal.message
        ), status_of(refusal)
    flash(_("已将“%(name)s”转交%(to)s。", name=item.name, to=_colleague().name))
    return redirect(back)


def _colleague() -> Account:
    """Who was chosen to take a step over."""
    to = request.form.get("to", "")
    colleague = session().get(Account, int(to)) if is_number(to) else None
    if colleague is None:
        raise Unusable(_("转办请选择同事。"))
    return colleague
