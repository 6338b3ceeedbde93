"""Procedures (流程): the published diagrams, drawn and told as a list of steps."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlmodel import col, select

from engine.bpmn.reader import read
from engine.bpmn.ways import ways
from engine.errors import NotFound
from engine.procedures import versions
from engine.procedures.models import ProcedureVersion
from web.access import allow, anyone, officers
from web.clock import now
from web.database import session
from web.parts.steps import steps

blueprint = Blueprint("procedures", __name__, url_prefix="/procedures")
blueprint.add_app_template_global(steps)
blueprint.add_app_template_global(ways)


@blueprint.get("")
@allow(anyone)
def index() -> ResponseReturnValue:
    """The versions in force, one line each."""
    keys = session().exec(select(ProcedureVersion.key).distinct().order_by(col(ProcedureVersion.key))).all()
    found = [_version(versions.in_force(session(), key, now())) for key in keys]
    return render_template("procedures/index.html", procedures=found)


@blueprint.get("/in-force/<key>")
@allow(anyone)
def current(key: str) -> ResponseReturnValue:
    """The version of a procedure that new cases start on."""
    name = versions.in_force(session(), key, now())
    return redirect(url_for("procedures.detail", name=name))


@blueprint.get("/<name>")
@allow(anyone)
def detail(name: str) -> ResponseReturnValue:
    """One version: a diagram, its steps in words, and the diagrams it calls."""
    procedure = versions.load(session(), name)
    wanted = request.args.get("process", procedure.key)
    if wanted not in procedure.processes:
        raise NotFound(f"流程“{procedure.title}”不含“{wanted}”这个图；请从流程页面的列表进入。")
    return render_template(
        "procedures/detail.html",
        version=_version(name),
        procedure=procedure,
        process=procedure.processes[wanted],
        inside=current_user.is_authenticated and officers.admits(current_user.account.roles),
    )


@blueprint.get("/<name>/<process>.bpmn")
@allow(anyone)
def source(name: str, process: str) -> ResponseReturnValue:
    """The diagram's own text, for the viewer and for any modeler. A version never changes, so it is kept."""
    for file, text in _version(name).sources.items():
        if read(text.encode(), file).process(process):
            answer = Response(text, mimetype="application/xml")
            answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
            return answer
    raise NotFound(f"这个流程版本不含“{process}”这个图。")


def _version(name: str) -> ProcedureVersion:
    found = session().get(ProcedureVersion, name)
    if found is None:
        raise NotFound(f"没有编号为 {name[:12]} 的流程版本。")
    return found
