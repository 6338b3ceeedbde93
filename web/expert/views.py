"""The expert desk (专家工作台): invitations, the declaration before the file opens, reading, scoring."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases import door
from engine.errors import Refused, Unusable
from engine.records import drafts
from engine.reviewing import invitations
from engine.vocabulary import Role
from web.access import Rule, allow
from web.addresses import is_number
from web.auth import me
from web.clock import now
from web.database import session
from web.errors import status_of
from web.expert.assignments import INVITATION, SHEET, assignments_of, own_item, seat_of
from web.expert.invitation import answer_from, invitation_page
from web.expert.reading import reading_page, sheet_page
from web.expert.sheet import line_sent, with_line
from web.language import translate as _

blueprint = Blueprint("expert", __name__, url_prefix="/expert")
experts = Rule("experts", frozenset({Role.EXPERT}))


@blueprint.get("")
@allow(experts)
def index() -> ResponseReturnValue:
    """What waits for this expert, and what is done."""
    found = assignments_of(session(), me())
    sheets = [one.item for one in found if one.item and one.is_open and not one.is_invitation]
    finished = {item.id: sheet_page(session(), item, me()).sheet.finished for item in sheets}
    return render_template("expert/index.html", assignments=found, finished=finished)


@blueprint.get("/invitations/<int:item_id>")
@allow(experts)
def invitation(item_id: int) -> ResponseReturnValue:
    """An invitation: which applications, what is to be declared, the promise, the answer."""
    item = own_item(session(), item_id, me(), INVITATION)
    return render_template("expert/invitation.html", page=invitation_page(session(), item))


@blueprint.post("/invitations/<int:item_id>")
@allow(experts)
def answer(item_id: int) -> ResponseReturnValue:
    """Accept, decline or declare a conflict; what cannot be accepted comes back as it was typed."""
    item = own_item(session(), item_id, me(), INVITATION)
    try:
        door.complete(session(), item_id, actor=me(), payload=answer_from(request.form), now=now())
    except (Unusable, Refused) as refusal:
        session().rollback()
        page = invitation_page(session(), item, sent=request.form, refusal=refusal)
        return render_template("expert/invitation.html", page=page), status_of(refusal)
    flash(_("答复已记录，谢谢。"))
    return redirect(url_for("expert.index"))


@blueprint.get("/reviews/<int:item_id>")
@allow(experts)
def sheet(item_id: int) -> ResponseReturnValue:
    """The score sheet: every application with its total so far, and what is still missing."""
    item = own_item(session(), item_id, me(), SHEET)
    return render_template("expert/sheet.html", page=sheet_page(session(), item, me()))


@blueprint.post("/reviews/<int:item_id>")
@allow(experts)
def submit(item_id: int) -> ResponseReturnValue:
    """Submit all scores, or say that one cannot review; refused lines come back with what is wrong."""
    item = own_item(session(), item_id, me(), SHEET)
    page = sheet_page(session(), item, me(), comment=request.form.get("comment", ""))
    try:
        door.complete(
            session(), item_id, actor=me(), payload=page.payload(request.form.get("outcome", "")), now=now()
        )
    except (Unusable, Refused) as refusal:
        session().rollback()
        page = sheet_page(session(), item, me(), comment=page.sheet.comment, refusal=refusal)
        return render_template("expert/sheet.html", page=page), status_of(refusal)
    drafts.discard_drafts(session(), item_id)
    flash(_("已办理：%(name)s。", name=item.name))
    return redirect(url_for("expert.sheet", item_id=item_id))


@blueprint.post("/reviews/<int:item_id>/cases/<int:case_id>/open")
@allow(experts)
def open_file(item_id: int, case_id: int) -> ResponseReturnValue:
    """Open the file of one application; the first time is noted."""
    own_item(session(), item_id, me(), SHEET)
    invitations.open_file(session(), me(), case_id, now=now())
    return redirect(url_for("expert.reading", item_id=item_id, case_id=case_id))


@blueprint.get("/reviews/<int:item_id>/cases/<int:case_id>")
@allow(experts)
def reading(item_id: int, case_id: int) -> ResponseReturnValue:
    """The application on one side, the score card on the other."""
    item = own_item(session(), item_id, me(), SHEET)
    page = reading_page(session(), item, me(), case_id)
    return render_template("expert/reading.html", page=page)


@blueprint.post("/reviews/<int:item_id>/cases/<int:case_id>")
@allow(experts)
def keep(item_id: int, case_id: int) -> ResponseReturnValue:
    """Keep the score card as it stands, to finish later; nobody else sees it."""
    item = own_item(session(), item_id, me(), SHEET)
    page = reading_page(session(), item, me(), case_id)
    line = line_sent(page.line.case, page.line.rubric, request.form)
    kept = with_line(page.page.kept, line)
    drafts.save_draft(session(), item_id, actor=me(), payload=kept, now=now())
    if "HX-Request" not in request.headers:
        flash(_("草稿已保存：%(title)s。", title=page.line.case.title))
    onward = page.after if request.form.get("then") == "next" and page.after else case_id
    return redirect(url_for("expert.reading", item_id=item_id, case_id=onward))


@blueprint.post("/seats/<int:member_id>/conflict")
@allow(experts)
def conflict_before(member_id: int) -> ResponseReturnValue:
    """Report a conflict learned after accepting and before the review began; the next backup is invited."""
    statement = request.form.get("statement", "")
    invitations.report_conflict(session(), member_id, actor=me(), now=now(), statement=statement)
    flash(_("回避情形已报告，席位由备选递补。"))
    return redirect(url_for("expert.index"))


@blueprint.post("/reviews/<int:item_id>/conflict")
@allow(experts)
def conflict(item_id: int) -> ResponseReturnValue:
    """Report a conflict found after accepting; the scores are kept and no longer count."""
    item = own_item(session(), item_id, me(), SHEET)
    statement = request.form.get("statement", "").strip()
    if not statement:
        raise Refused("请写明与哪个项目、有何回避情形。")
    seat = seat_of(session(), item)
    about = request.form.get("case_id", "")
    case_id = int(about) if is_number(about) else None
    invitations.report_conflict(
        session(), seat.id or 0, actor=me(), now=now(), statement=statement, case_id=case_id
    )
    flash(_("回避情形已报告，您的评分不再计入。"))
    return redirect(url_for("expert.index"))
