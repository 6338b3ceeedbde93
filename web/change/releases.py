"""Versions of a procedure: which was in force when, what changed between them, and going back (恢复)."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.change import comparing, publishing
from engine.procedures import versions
from engine.procedures.models import ProcedureVersion
from web.access import allow
from web.auth import me
from web.change.pictures import pictures
from web.change.reviewing import moment_from
from web.change.room import admins, admins_and_supervision, blueprint
from web.clock import now
from web.database import session
from web.language import translate as _


@blueprint.get("/procedures/<key>")
@allow(admins_and_supervision)
def releases(key: str) -> ResponseReturnValue:
    """Every release of a procedure, the newest first, and the form that goes back to an earlier version."""
    found = versions.releases(session(), key)
    current = versions.in_force(session(), key, now())
    return render_template(
        "change/releases.html",
        key=key,
        title=session().get_one(ProcedureVersion, current).title,
        releases=found,
        current=current,
        earlier=list(dict.fromkeys(one.version for one in found if one.version != current)),
    )


@blueprint.post("/procedures/<key>/return")
@allow(admins)
def go_back(key: str) -> ResponseReturnValue:
    """Propose that new cases start on an earlier version again."""
    given = request.form
    found = publishing.propose_return(
        session(),
        key,
        given.get("version", ""),
        reason=given.get("note", ""),
        clause=given.get("clause", ""),
        effective_at=moment_from(given.get("effective_at", "")) if given.get("effective_at") else now(),
        actor=me(),
        now=now(),
    )
    flash(_("已提交，等待另一位管理员批准。"))
    return redirect(url_for("change.proposal", number=found.id))


@blueprint.get("/versions/<old>/<new>")
@allow(admins_and_supervision)
def compare(old: str, new: str) -> ResponseReturnValue:
    """Two versions side by side."""
    changes = comparing.versions_difference(session(), old, new)
    before, after = (session().get_one(ProcedureVersion, name) for name in (old, new))
    drawn = pictures(
        changes,
        {name: text.encode() for name, text in before.sources.items()},
        {name: text.encode() for name, text in after.sources.items()},
        lambda process: url_for("procedures.source", name=old, process=process),
        lambda process: url_for("procedures.source", name=new, process=process),
    )
    return render_template("change/compare.html", before=before, after=after, changes=changes, pictures=drawn)
