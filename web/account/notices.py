"""Notices to me (通知): the bell in the bar, the list, and marking them as read."""

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlmodel import col, func, select

from engine.errors import NotFound, Unusable
from engine.jobs.mail import place_of
from engine.people.permissions import may_see_draw
from engine.records.notices import telling
from engine.records.notices.models import Mail, Notification
from engine.reviewing.models import PanelMember
from web.access import allow, officers, signed_in
from web.addresses import is_number
from web.auth import me
from web.clock import now
from web.database import session
from web.language import translate as _

blueprint = Blueprint("notices", __name__, url_prefix="/notices")
PAGE = 50


def install(app: Flask) -> None:
    """Give templates `unread_notices()`, which the bell shows."""
    app.jinja_env.globals["unread_notices"] = unread


def unread() -> int:
    """How many notices whoever asks has not read."""
    return telling.unread(session(), me()) if current_user.is_authenticated else 0


@blueprint.get("")
@allow(signed_in)
def index() -> ResponseReturnValue:
    """What one was told, the newest first, with how the letter of each fared."""
    page = request.args.get("page", "1")
    if not is_number(page) or not int(page):
        raise Unusable(_("没有第“%(page)s”页；请从页面下方翻页。", page=page[:20]))
    shown = telling.notifications(session(), me(), int(page), PAGE)
    letters = select(Mail).where(col(Mail.notification_id).in_([one.id for one in shown]))
    total = session().exec(select(func.count()).where(Notification.account_id == me().id)).one()
    return render_template(
        "account/notices.html",
        notices=shown,
        mails={mail.notification_id: mail for mail in session().exec(letters)},
        page=int(page),
        pages=max(1, -(-total // PAGE)),
    )


@blueprint.post("/<int:notification_id>")
@allow(signed_in)
def open_notice(notification_id: int) -> ResponseReturnValue:
    """Mark one as read and go where something can be done about it."""
    found = session().get(Notification, notification_id)
    if found is None or found.account_id != me().id:
        raise NotFound(_("没有这条通知；请从通知列表进入。"))
    telling.mark_read(session(), me(), now(), notification_id)
    return redirect(place_of(found))


@blueprint.get("/seats/<int:member_id>")
@allow(officers)
def seat(member_id: int) -> ResponseReturnValue:
    """The round a seat is missing in: its draw, where a seat is filled again, for who may see it."""
    found = session().get(PanelMember, member_id)
    if found is None:
        raise NotFound(_("没有这个专家席位；请从评审轮次进入。"))
    page = "draws.detail" if may_see_draw(me()) else "rounds.detail"
    return redirect(url_for(page, round_id=found.round_id))


@blueprint.post("/read")
@allow(signed_in)
def read_all() -> ResponseReturnValue:
    """Mark everything as read."""
    telling.mark_read(session(), me(), now())
    return redirect(url_for("notices.index"))
