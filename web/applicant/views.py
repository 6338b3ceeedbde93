"""The applicant's desk: own applications, the steps that wait for the unit, and what it may ask for."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import select

from engine.cases import changes, door, extensions
from engine.cases.models import Process, WorkItem
from engine.cases.moves import form_spec
from engine.cases.opening import open_case
from engine.errors import Refused, Unusable
from engine.records.drafts import discard_drafts
from engine.records.evidence import attach_evidence
from engine.reviewing import withdrawals
from web.access import allow, applicants
from web.applicant import wording
from web.applicant.overview import notices_to, overview_of, own_case, own_step, standings
from web.applicant.steps import conditions_of, doubts, step_page
from web.applicant.unit import own_unit
from web.auth import me
from web.cases.files import folder, sent_file
from web.clock import now
from web.database import only_reads, session
from web.errors import status_of
from web.forms.reading import payload
from web.forms.sending import Refusal, complaints
from web.language import translate as _

blueprint = Blueprint("applicant", __name__, url_prefix="/applications")
blueprint.app_context_processor(lambda: {"friendly": wording})
OPENERS = {
    "change": changes.open_change,
    "extension": extensions.open_extension,
    "withdrawal": withdrawals.open_withdrawal,
}


@blueprint.get("")
@allow(applicants)
def index() -> ResponseReturnValue:
    """The unit's applications: where each stands, what to do and until when."""
    unit = own_unit()
    return render_template(
        "applicant/index.html",
        standings=standings(session(), unit.id or 0, now()),
        notices=notices_to(session(), unit.id or 0),
        unit=unit,
    )


@blueprint.post("")
@allow(applicants)
def start() -> ResponseReturnValue:
    """Open an application for a direction and go on to fill it in."""
    code = request.form.get("direction", "")
    case = open_case(session(), code, unit_id=own_unit().id or 0, actor=me(), now=now())
    return redirect(url_for("applicant.detail", case_id=case.id))


@blueprint.get("/<int:case_id>")
@allow(applicants)
def detail(case_id: int) -> ResponseReturnValue:
    """One application as its unit sees it."""
    case = own_case(session(), case_id, me())
    return render_template("applicant/case.html", page=overview_of(session(), case, now()))


@blueprint.post("/<int:case_id>/requests")
@allow(applicants)
def ask(case_id: int) -> ResponseReturnValue:
    """Begin a change, an extension or a withdrawal; its first step is the unit's own form."""
    case = own_case(session(), case_id, me())
    opener = OPENERS.get(request.form.get("kind", ""))
    if opener is None:
        raise Unusable(_("没有这种申请；请从项目页面上的按钮进入。"))
    process = opener(session(), case, actor=me(), now=now())
    return redirect(url_for("applicant.step", item_id=_first_step(process)))


def _first_step(process: Process) -> int:
    statement = select(WorkItem.id).where(WorkItem.process_id == process.id, WorkItem.status == "open")
    return session().exec(statement).one() or 0


@blueprint.get("/steps/<int:item_id>")
@allow(applicants)
def step(item_id: int) -> ResponseReturnValue:
    """A step of the unit's: its form beside the conditions it must keep."""
    case, item = own_step(session(), item_id, me())
    if item.status != "open":
        return redirect(url_for("applicant.detail", case_id=case.id))
    return render_template("applicant/step.html", page=step_page(session(), case, item, me(), now()))


@blueprint.post("/steps/<int:item_id>")
@allow(applicants)
def complete(item_id: int) -> ResponseReturnValue:
    """Send a step's form; what cannot be accepted comes back with everything that was entered."""
    case, item = own_step(session(), item_id, me())
    model = form_spec(item.form_key).model
    sent = payload(model, request.form)
    if "despite" not in request.form and (found := doubts(session(), item, sent, now())):
        page = step_page(session(), case, item, me(), now(), Refusal(found, sent, doubtful=True))
        return render_template("applicant/step.html", page=page), 409
    try:
        door.complete(session(), item_id, actor=me(), payload=sent, now=now())
    except (Unusable, Refused) as refused:
        session().rollback()
        refusal = Refusal(complaints(model, refused), sent)
        case, item = own_step(session(), item_id, me())
        page = step_page(session(), case, item, me(), now(), refusal)
        return render_template("applicant/step.html", page=page), status_of(refused)
    discard_drafts(session(), item_id)
    flash(_("已办理：%(name)s。", name=item.name))
    return redirect(url_for("applicant.detail", case_id=case.id))


@blueprint.post("/steps/<int:item_id>/evidence")
@allow(applicants)
def show_evidence(item_id: int) -> ResponseReturnValue:
    """Keep a file as evidence of one figure."""
    case, _item = own_step(session(), item_id, me())
    upload = sent_file("file")
    if upload is None:
        raise Refused(_("请先选择要上传的文件。"))
    indicator = request.form.get("indicator", "")
    kept = attach_evidence(session(), case, indicator, upload, folder=folder(), actor=me(), now=now())
    flash(_("已上传“%(name)s”第 %(version)s 版。", name=kept.name, version=kept.version))
    return redirect(url_for("applicant.step", item_id=item_id) + "#evidence")


@blueprint.get("/steps/<int:item_id>/check")
@allow(applicants)
def checked(item_id: int) -> ResponseReturnValue:
    """The address of a checked form, opened again: the step itself."""
    return redirect(url_for("applicant.step", item_id=item_id))


@blueprint.post("/steps/<int:item_id>/check")
@allow(applicants)
@only_reads
def check(item_id: int) -> ResponseReturnValue:
    """How the conditions stand on what is entered so far; nothing is kept and nothing sent."""
    case, item = own_step(session(), item_id, me())
    sent = payload(form_spec(item.form_key).model, request.form)
    if "HX-Request" in request.headers:
        live = conditions_of(session(), item, sent, now())
        if live is None:  # the step was sent while this was on its way
            return "", 204
        return render_template("applicant/checked.html", live=live)
    page = step_page(session(), case, item, me(), now(), Refusal(values=sent))
    return render_template("applicant/step.html", page=page)
