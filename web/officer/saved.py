"""Saved views (常用视图) of the lists: save, open, delete."""

from typing import cast, get_args

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Forbidden, NotFound, Refused, Unusable
from engine.records import views
from web.access import allow, signed_in
from web.auth import me
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _

blueprint = Blueprint("views", __name__)
LISTS = {"inbox": "officer.inbox", "cases": "case_list.index"}


@blueprint.post("/views")
@allow(signed_in)
def save() -> ResponseReturnValue:
    """Keep the present filters under a name."""
    of, sent = request.form.get("list", ""), request.form
    if of not in get_args(views.List):
        raise Unusable(_("没有这个列表。"))
    name, query, shared = sent.get("name", ""), sent.get("query", ""), sent.get("shared") == "1"
    try:
        view = views.save_view(session(), me(), cast("views.List", of), name, query, shared=shared, now=now())
    except (Unusable, Refused) as refusal:
        return render_template(
            "officer/view.html",
            list=of,
            query=query,
            name=name,
            shared=shared,
            message=refusal.message,
            back=_list_at(of, query),
        ), status_of(refusal)
    flash(_("已保存视图“%(name)s”。", name=view.name))
    return redirect(_address(view))


@blueprint.get("/views/<int:view_id>")
@allow(signed_in)
def open_view(view_id: int) -> ResponseReturnValue:
    """The list as the view keeps it; a shared one opens for colleagues too."""
    for of in get_args(views.List):
        for view, _owner in views.views_for(session(), me(), of):
            if view.id == view_id:
                return redirect(_address(view))
    if session().get(views.SavedView, view_id) is None:
        raise NotFound("没有这个视图；它可能已被删除。")
    raise Forbidden("这个视图没有共享给您。")


@blueprint.post("/views/<int:view_id>/delete")
@allow(signed_in)
def delete(view_id: int) -> ResponseReturnValue:
    """Delete a view of one's own."""
    view = views.delete_view(session(), me(), view_id)
    flash(_("已删除视图“%(name)s”。", name=view.name))
    return redirect(_address(view))


def _address(view: views.SavedView) -> str:
    return _list_at(view.list, view.query)


def _list_at(of: str, query: str) -> str:
    path = url_for(LISTS[of])
    return f"{path}?{query}" if query else path
