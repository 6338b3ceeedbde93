"""A case and its open steps: one page for everybody who may see it, one address to complete a step."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases import desk, door
from engine.cases.models import WorkItem
from engine.cases.moves import form_spec
from engine.cases.queries import internal
from engine.errors import NotFound, Refused, Unusable
from engine.records import drafts, on_paper
from web.access import allow, signed_in
from web.addresses import local_address
from web.auth import me
from web.cases.files import folder, sent_file
from web.cases.page import case_page
from web.clock import now
from web.database import session
from web.errors import status_of
from web.expert.assignments import reading_of, seat_of
from web.formatting import moment
from web.forms.reading import payload
from web.forms.sending import Refusal, complaints
from web.language import translate as _
from web.parts.task import open_task
from web.rounds.homes import DESKS, home_of
from web.rounds.page import round_page

blueprint = Blueprint("cases", __name__)


@blueprint.get("/cases/<int:case_id>")
@allow(signed_in)
def detail(case_id: int) -> ResponseReturnValue:
    """Why the case is here, who holds it, what happens next.

    An expert reads it beside the score card, and before the first file was opened comes to the sheet that opens it.
    """
    if not internal(me()) and (sheet := reading_of(session(), case_id, me())):
        if seat_of(session(), sheet).opened_at is None:
            return redirect(url_for("expert.sheet", item_id=sheet.id))
        return redirect(url_for("expert.reading", item_id=sheet.id, case_id=case_id))
    page = case_page(session(), case_id, me(), drawing=request.args.get("drawing", ""))
    return render_template("cases/page.html", page=page, inside=internal(me()))


@blueprint.get("/tasks/<int:item_id>")
@allow(signed_in)
def task(item_id: int) -> ResponseReturnValue:
    """The page a step belongs to."""
    return redirect(_home(open_task(session(), item_id, me()).item))


@blueprint.post("/tasks/<int:item_id>")
@allow(signed_in)
def complete(item_id: int) -> ResponseReturnValue:
    """Complete a step; what cannot be accepted comes back with everything that was entered."""
    item = _item(item_id)
    sent = payload(form_spec(item.form_key).model, request.form)
    try:
        _complete(item, sent)
    except (Unusable, Refused) as refusal:
        session().rollback()
        if item.form_key in DESKS:
            raise
        wrong = complaints(form_spec(item.form_key).model, refusal)
        return _again(_item(item_id), Refusal(wrong, sent)), status_of(refusal)
    drafts.discard_drafts(session(), item_id)
    flash(_("已办理：%(name)s。", name=item.name))
    return redirect(local_address(request.form.get("next"), _home(item)))


def _complete(item: WorkItem, sent: dict[str, Any]) -> None:
    """Through the door; what came on paper with its scan and reason."""
    if not on_paper.on_behalf(me(), item):
        door.complete(session(), item.id or 0, actor=me(), payload=sent, now=now())
        return
    on_paper.complete_on_paper(
        session(),
        item.id or 0,
        actor=me(),
        payload=sent,
        scan=sent_file("scan"),
        reason=request.form.get("paper_reason", ""),
        folder=folder(),
        now=now(),
    )


@blueprint.post("/tasks/<int:item_id>/draft")
@allow(signed_in)
def save_draft(item_id: int) -> ResponseReturnValue:
    """Keep a form as far as it is filled in: a page for a button, a line of JSON for the script."""
    item = _item(item_id)
    sent = payload(form_spec(item.form_key).model, request.form)
    draft = drafts.save_draft(session(), item_id, actor=me(), payload=sent, now=now())
    said = _("草稿已于 %(at)s 保存", at=moment(draft.saved_at))
    if request.accept_mimetypes.best == "application/json":
        return {"said": said}
    flash(said)
    return redirect(local_address(request.form.get("back")) + f"#task-{item_id}")


@blueprint.post("/tasks/<int:item_id>/claim")
@allow(signed_in)
def claim(item_id: int) -> ResponseReturnValue:
    """Take a step of one's group into one's own hands."""
    item = desk.claim(session(), item_id, actor=me(), now=now())
    return redirect(local_address(request.form.get("next"), _home(item)))


@blueprint.post("/tasks/<int:item_id>/release")
@allow(signed_in)
def release(item_id: int) -> ResponseReturnValue:
    """Give a step back to the group."""
    item = desk.release(session(), item_id, actor=me(), now=now())
    return redirect(local_address(request.form.get("next"), _home(item)))


def _item(item_id: int) -> WorkItem:
    item = session().get(WorkItem, item_id)
    if item is None:
        raise NotFound(f"没有编号为 {item_id} 的待办；它可能已被撤销，请回到待办列表。")
    return item


def _again(item: WorkItem, refusal: Refusal) -> str:
    """The page the step is on, with the form as it was sent."""
    refused = (item.id or 0, refusal)
    if item.case_id is not None:
        page = case_page(session(), item.case_id, me(), refused=refused)
        back = local_address(request.form.get("back"))
        listed = back if back.startswith(url_for("officer.inbox")) else ""
        return render_template("cases/page.html", page=page, inside=internal(me()), listed=listed)
    return render_template(
        "rounds/page.html", page=round_page(session(), item.round_id or 0, me(), refused=refused)
    )


def _home(item: WorkItem) -> str:
    if item.case_id is not None:
        return url_for("cases.detail", case_id=item.case_id)
    return home_of(item, me())
