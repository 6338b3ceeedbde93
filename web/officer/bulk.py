"""Bulk actions (批量办理): choose steps, see what would happen to each, then do it, each for itself."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine

from engine.cases.inbox import everything
from engine.errors import Unusable
from engine.records import bulk
from web.access import allow, signed_in
from web.addresses import is_number
from web.auth import me
from web.clock import now
from web.database import session
from web.officer.filters import filters_from

blueprint = Blueprint("bulk", __name__)


@blueprint.post("/inbox/bulk")
@allow(signed_in)
def choose() -> ResponseReturnValue:
    """The chosen steps by kind, each kind with its decisions; and, once one is chosen, the preview."""
    chosen, outcome, comment = _chosen(request.form), request.form.get("outcome", ""), _comment()
    found = bulk.batches(session(), chosen)
    key = request.form.get("batch", "")
    lines = None
    if picked := next((one for one in found if one.key == key and outcome), None):
        session().commit()  # nothing was written; the rehearsal needs the writer for itself
        items = [item.id or 0 for item in picked.items]
        lines = bulk.rehearse(_engine(), items, outcome, comment, actor=me(), now=now())
    return render_template(
        "officer/bulk.html",
        batches=found,
        picked=picked,
        wanted=key,
        outcome=outcome,
        comment=comment,
        lines=lines,
        query=request.form.get("query", ""),
        most=bulk.MOST,
    )


@blueprint.post("/inbox/bulk/run")
@allow(signed_in)
def run() -> ResponseReturnValue:
    """Do it: one transaction for each case, then the list of how each went."""
    items = _chosen(request.form)
    if not request.form.get("outcome"):
        raise Unusable("请先选择办理结果。")
    actor = me()
    session().commit()
    kept = bulk.run(_engine(), items, request.form["outcome"], _comment(), actor=actor, now=now())
    return redirect(url_for("bulk.result", run_id=kept.id, query=request.form.get("query", "")))


@blueprint.get("/inbox/bulk/<int:run_id>")
@allow(signed_in)
def result(run_id: int) -> ResponseReturnValue:
    """How each case of a bulk action went."""
    kept = bulk.get_run(session(), run_id, me())
    lines = [bulk.Line(**line) for line in kept.lines]
    return render_template(
        "officer/bulk_result.html", run=kept, lines=lines, query=request.args.get("query", "")
    )


def _engine() -> Engine:
    engine: Engine = current_app.extensions["keguan_engine"]
    return engine


def _comment() -> str:
    return request.form.get("comment", "").strip()


def _chosen(form: Mapping[str, str]) -> list[int]:
    """The steps ticked, or all that the filters let through; Unusable when there are none, or too many."""
    if form.get("everything"):
        filters = filters_from(dict(parse_qsl(form.get("query", ""))))
        items = everything(session(), me(), filters, now(), bulk.MOST)
    else:
        items = [int(value) for value in request.form.getlist("items") if is_number(value)]
    if not items:
        raise Unusable("请先在列表中选中要办理的待办。")
    if len(items) > bulk.MOST:
        raise Unusable(f"一次最多批量办理 {bulk.MOST} 条；请用筛选条件分批办理。")
    return list(dict.fromkeys(items))
