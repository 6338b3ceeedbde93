"""The draw (抽取岗): pool and conflicts, prepare, preview and what-if, witness and lots, publish, undo."""

import json

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import KeguanError, NotFound, Refused, Unusable
from engine.people.permissions import may_see_draw
from engine.reviewing import draws, invitations
from engine.reviewing.models import Draw
from engine.vocabulary import Role
from web.access import Rule, allow
from web.addresses import is_number
from web.auth import me
from web.clock import now
from web.database import session
from web.errors import status_of
from web.forms.sending import Complaint, Refusal
from web.language import translate as _
from web.rounds.draw_page import draw_page
from web.rounds.wishes import wish_from, wrong_field

blueprint = Blueprint("draws", __name__, url_prefix="/rounds/<int:round_id>/draw")
watchers = Rule("watchers", frozenset({Role.DRAWING, Role.APPROVER, Role.SUPERVISION}))


@blueprint.get("")
@allow(watchers)
def detail(round_id: int) -> ResponseReturnValue:
    """Where the draw stands, who may be drawn, and what has been drawn."""
    asked = [request.args.get(name, "") for name in ("part", "force")]
    page = draw_page(
        session(),
        round_id,
        me(),
        replayed=request.args.get("replay") == "1",
        pooled="HX-Request" not in request.headers,
        forced=(int(asked[0]), int(asked[1])) if all(is_number(one) for one in asked) else None,
    )
    return render_template("rounds/draw.html", page=page, sent=request.args, refusal=None)


@blueprint.get("/certificate.json")
@allow(watchers)
def certificate(round_id: int) -> ResponseReturnValue:
    """The newest draw's certificate as a file: hashes, policy versions, seed, bounds, every exclusion."""
    from engine.reviewing import proofs  # noqa: PLC0415 - brings the optimizer

    may_see_draw(me()).require()
    body = json.dumps(proofs.certificate(session(), _newest(round_id).id or 0), ensure_ascii=False, indent=2)
    answer = Response(body, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="draw-{round_id}.json"'
    return answer


@blueprint.post("/prepare")
@allow(watchers)
def prepare(round_id: int) -> ResponseReturnValue:
    """Queue a draw, with what is wished for it; the worker solves it."""
    try:
        draws.prepare(
            session(), round_id, actor=me(), now=now(), wish=wish_from(session(), request.form, now())
        )
    except (Unusable, Refused) as refusal:
        return _again(round_id, refusal, wrong_field(request.form))
    return _back(round_id, _("已开始准备；求解在后台进行，本页会自动更新。"))


@blueprint.post("/cancel")
@allow(watchers)
def cancel(round_id: int) -> ResponseReturnValue:
    """Stop solving with the best so far."""
    draws.cancel(session(), _newest(round_id).id or 0, actor=me(), now=now())
    return _back(round_id, _("已要求中止，以目前最好的结果为准。"))


@blueprint.post("/approve")
@allow(watchers)
def approve(round_id: int) -> ResponseReturnValue:
    """The approving leader agrees to what was pinned or changed."""
    draws.approve(session(), _newest(round_id).id or 0, actor=me(), now=now())
    return _back(round_id, _("已批准本次调整。"))


@blueprint.post("/lots")
@allow(watchers)
def lots(round_id: int) -> ResponseReturnValue:
    """Draw one panel from the stored list with the witness's number."""
    sent = {name: request.form.get(name, "") for name in ("witness", "number", "reason")}
    try:
        drawn = draws.draw_lots(session(), _newest(round_id).id or 0, actor=me(), now=now(), **sent)
    except (Unusable, Refused) as refusal:
        missing = next((name for name in ("witness", "number") if not sent[name].strip()), "lots-reason")
        return _again(round_id, refusal, missing)
    return _back(round_id, _("第 %(n)s 次抽签已记录。", n=drawn.attempt))


@blueprint.post("/publish")
@allow(watchers)
def publish(round_id: int) -> ResponseReturnValue:
    """Verify the drawn panel, seat it and send the invitations."""
    try:
        draws.publish(session(), _newest(round_id).id or 0, actor=me(), now=now())
    except (Unusable, Refused) as refusal:
        return _again(round_id, refusal, None)
    return _back(round_id, _("抽取结果已发布，邀请已发出。"))


@blueprint.post("/undo")
@allow(watchers)
def undo(round_id: int) -> ResponseReturnValue:
    """Take the published draw back, until the first file was opened."""
    try:
        invitations.undo(session(), round_id, actor=me(), now=now(), reason=request.form.get("reason", ""))
    except (Unusable, Refused) as refusal:
        return _again(round_id, refusal, "undo-reason")
    return _back(round_id, _("抽取结果已撤回，邀请随之撤销。"))


@blueprint.post("/members/<int:member_id>")
@allow(watchers)
def leave(round_id: int, member_id: int) -> ResponseReturnValue:
    """Excuse an expert, or register a conflict learned late; the next backup steps in."""
    reason = request.form.get("reason", "")
    try:
        if request.form.get("how") == "conflict":
            about = request.form.get("case_id", "")
            case_id = int(about) if is_number(about) else None
            invitations.report_conflict(
                session(), member_id, actor=me(), now=now(), statement=reason, case_id=case_id
            )
        else:
            invitations.excuse(session(), member_id, actor=me(), now=now(), reason=reason)
    except (Unusable, Refused) as refusal:
        return _again(round_id, refusal, f"leave-{member_id}")
    return _back(round_id, _("已登记，席位由备选递补。"))


def _newest(round_id: int) -> Draw:
    found = draws.current(session(), round_id)
    if found is None:
        raise NotFound(f"编号为 {round_id} 的评审轮次还没有抽取记录；请先准备抽取。")
    return found


def _back(round_id: int, word: str) -> ResponseReturnValue:
    flash(word)
    return redirect(url_for("draws.detail", round_id=round_id))


def _again(round_id: int, refusal: KeguanError, field: str | None) -> ResponseReturnValue:
    """The page with what was entered and why it was not accepted."""
    session().rollback()
    page = draw_page(session(), round_id, me())
    told = Refusal([Complaint(reason, field) for reason in refusal.reasons])
    body = render_template("rounds/draw.html", page=page, sent=request.form, refusal=told)
    return body, status_of(refusal)
