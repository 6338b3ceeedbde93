"""Migrating running cases: the plan with its reasons, a rehearsal, a batch with progress and results, undoing it."""

from collections.abc import Iterable

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine
from sqlmodel import col, select

from engine.cases.models import CaseFile
from engine.change import batches, comparing, migrating
from engine.change.models import MigrationBatch
from engine.errors import NotFound
from engine.procedures.models import ProcedureVersion
from web.access import allow
from web.auth import me
from web.change.pictures import pictures
from web.change.room import admins, admins_and_supervision, blueprint
from web.clock import now
from web.database import session
from web.language import translate as _

MAPPED = "map."
"""How the form names a step mapped by hand: `map.process/element`."""


@blueprint.get("/migrations")
@allow(admins_and_supervision)
def migrations() -> ResponseReturnValue:
    """Every batch, the newest first."""
    return render_template("change/migrations.html", batches=batches.batches(session()))


@blueprint.get("/migrations/<old>/<new>")
@allow(admins)
def plan_page(old: str, new: str) -> ResponseReturnValue:
    """Where each running case stands, whether it may go and why not, and the map from old steps to new."""
    mapping = _mapping(request.args.items())
    planned = migrating.plan(session(), old, new, mapping, now=now())
    rehearsed = migrating.rehearse(session(), planned, now=now()) if "rehearse" in request.args else None
    before, after = (session().get_one(ProcedureVersion, name) for name in (old, new))
    changes = comparing.versions_difference(session(), old, new)
    return render_template(
        "change/plan.html",
        plan=planned,
        before=before,
        after=after,
        mapping=mapping,
        rehearsed={one.process_id: one for one in rehearsed} if rehearsed is not None else None,
        changes=changes,
        pictures=pictures(
            changes,
            {name: text.encode() for name, text in before.sources.items()},
            {name: text.encode() for name, text in after.sources.items()},
            lambda process: url_for("procedures.source", name=old, process=process),
            lambda process: url_for("procedures.source", name=new, process=process),
        ),
    )


@blueprint.post("/migrations/<old>/<new>")
@allow(admins)
def start(old: str, new: str) -> ResponseReturnValue:
    """Begin a batch with the cases ticked. It runs once this answer is on its way; the worker goes on with it."""
    planned = migrating.plan(session(), old, new, _mapping(request.form.items()), now=now())
    batch = batches.start_batch(
        session(),
        planned,
        process_ids=request.form.getlist("process", type=int),
        reason=request.form.get("reason", ""),
        actor=me(),
        now=now(),
    )
    answer = redirect(url_for("change.batch", number=batch.id))
    engine, clock, number = _engine(), current_app.extensions["keguan_clock"], batch.id or 0
    answer.call_on_close(lambda: batches.run_batch(engine, number, clock))
    return answer


@blueprint.get("/migrations/<int:number>")
@allow(admins_and_supervision)
def batch(number: int) -> ResponseReturnValue:
    """How far a batch is, each case's result, and undoing it."""
    found = session().get(MigrationBatch, number)
    if found is None:
        raise NotFound(_("没有这批迁移；请从迁移列表进入。"))
    progress = batches.progress(session(), number)
    wanted = [row.case_id for row in progress.rows if row.case_id]
    cases = session().exec(select(CaseFile).where(col(CaseFile.id).in_(wanted)))
    titles = {case.id: f"{case.number or ''} {case.title or _('未命名项目')}" for case in cases}
    return render_template("change/batch.html", batch=found, progress=progress, titles=titles)


@blueprint.post("/migrations/<int:number>/undo")
@allow(admins)
def undo(number: int) -> ResponseReturnValue:
    """Take every case of a batch back; those that have moved since stay and say so."""
    actor = me()
    session().close()  # each case is a transaction of its own
    done = batches.undo_batch(_engine(), number, actor=actor, clock=current_app.extensions["keguan_clock"])
    flash(_("已撤销 %(count)s 件；其余的原因列在下面。", count=done.undone))
    return redirect(url_for("change.batch", number=number))


def _mapping(given: Iterable[tuple[str, str]]) -> dict[str, str]:

    return {name.removeprefix(MAPPED): value for name, value in given if name.startswith(MAPPED) and value}


def _engine() -> Engine:
    engine: Engine = current_app.extensions["keguan_engine"]
    return engine
