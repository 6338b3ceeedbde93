"""Next year's guide (指南导入): upload, look through it field by field, correct, propose to a second admin."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalogue.directions import GUIDE_YEAR
from engine.change.guide import drafts
from engine.change.guide.compare import LISTS
from engine.change.guide.models import GuideDraft
from engine.errors import KeguanError, Unusable
from web.access import admins, allow
from web.auth import me
from web.change.room import admins_and_supervision
from web.clock import now
from web.database import session
from web.errors import status_of
from web.guide.wording import field_of, field_title, value_in_words
from web.language import translate as _

blueprint = Blueprint("guide", __name__, url_prefix="/admin/guides")
blueprint.add_app_template_filter(field_title)
blueprint.add_app_template_global(value_in_words)
blueprint.add_app_template_global(field_of)

SHOWN = ("funding_mode", "payment_trigger", "rule.basis", "rule.rate", "rule.cap_yuan", "quota")
"""The fields of the overview, a column each."""
DOUBTFUL = 0.6
"""Fields read with at most this confidence are marked: somebody should look."""


@blueprint.get("")
@allow(admins_and_supervision)
def index() -> ResponseReturnValue:
    """Every guide read in, and the form for another."""
    return _index()


def _index(problem: KeguanError | None = None) -> ResponseReturnValue:
    page = render_template(
        "guide/index.html",
        drafts=drafts.drafts(session()),
        year=_next_year(now()),
        errors=problem.reasons if problem else [],
    )
    return (page, status_of(problem)) if problem else page


def _next_year(at: datetime) -> int:
    return max(at.year + 1, GUIDE_YEAR + 1)


@blueprint.post("")
@allow(admins)
def import_file() -> ResponseReturnValue:
    """Read an uploaded guide into a draft."""
    sent = request.files.get("file")
    year = request.form.get("year", "")
    try:
        if sent is None or not sent.filename:
            raise Unusable(_("请选择指南文件（文本或 docx）。"))
        if not year.isdecimal() or len(year) != 4:
            raise Unusable(_("年度应为四位数字，现为“%(year)s”。", year=year))
        draft = drafts.import_guide(session(), sent.read(), sent.filename, int(year), actor=me(), now=now())
    except KeguanError as problem:
        return _index(problem)
    return redirect(url_for("guide.show", draft_id=draft.id))


@blueprint.get("/<int:draft_id>")
@allow(admins_and_supervision)
def show(draft_id: int) -> ResponseReturnValue:
    """The whole draft: every direction, what was not understood, slips of the pen, what changed since last year."""
    return _show(drafts.get_draft(session(), draft_id))


def _show(draft: GuideDraft, problem: KeguanError | None = None) -> ResponseReturnValue:
    changes = drafts.differences(session(), draft)
    page = render_template(
        "guide/draft.html",
        draft=draft,
        shown=SHOWN,
        doubts={code: _doubts(draft, code) for code in draft.evidence},
        changes=[change for change in changes if change.field not in LISTS],
        reworded=[change for change in changes if change.field in LISTS],
        complaints=drafts.complaints(draft),
        errors=problem.reasons if problem else [],
        given=request.form,
    )
    return (page, status_of(problem)) if problem else page


def _doubts(draft: GuideDraft, code: str) -> list[str]:
    """Fields read with little confidence and not corrected since."""
    sure, settled = draft.evidence[code]["confidence"], draft.corrections.get(code, [])
    return [name for name, confidence in sure.items() if confidence <= DOUBTFUL and name not in settled]


@blueprint.get("/<int:draft_id>/<code>")
@allow(admins_and_supervision)
def leaf(draft_id: int, code: str) -> ResponseReturnValue:
    """One direction, field by field beside the guide's own lines."""
    return _leaf(drafts.get_draft(session(), draft_id), code)


def _leaf(draft: GuideDraft, code: str, problem: KeguanError | None = None) -> ResponseReturnValue:
    found = drafts.get_leaf(draft, code)
    first, last = found["guide_lines"]
    codes = [one["code"] for one in draft.directions]
    place = codes.index(code)
    page = render_template(
        "guide/leaf.html",
        draft=draft,
        leaf=found,
        evidence=draft.evidence[code],
        corrected=draft.corrections.get(code, []),
        correctable=drafts.CORRECTABLE,
        chosen=drafts.CHOSEN,
        lines=[line for line in draft.lines if first <= line[0] <= last],
        unparsed=[each for each in draft.unparsed if each["code"] == code],
        doubtful=DOUBTFUL,
        before=codes[place - 1] if place else None,
        after=codes[place + 1] if place + 1 < len(codes) else None,
        errors=problem.reasons if problem else [],
        given=request.form,
    )
    return (page, status_of(problem)) if problem else page


@blueprint.post("/<int:draft_id>/<code>")
@allow(admins)
def correct(draft_id: int, code: str) -> ResponseReturnValue:
    """Correct one field."""
    field, value = request.form.get("field", ""), request.form.get("value", "")
    try:
        drafts.correct(session(), draft_id, code, field, value, actor=me(), now=now())
    except KeguanError as problem:
        return _leaf(drafts.get_draft(session(), draft_id), code, problem)
    flash(_("已更正“%(field)s”。", field=field_title(field)))
    return redirect(url_for("guide.leaf", draft_id=draft_id, code=code, _anchor=field))


@blueprint.post("/<int:draft_id>/propose")
@allow(admins)
def propose(draft_id: int) -> ResponseReturnValue:
    """Put the draft before a second admin."""
    ground = {name: request.form.get(name, "") for name in ("clause", "note")}
    try:
        drafts.propose_guide(session(), draft_id, actor=me(), now=now(), **ground)
    except KeguanError as problem:
        return _show(drafts.get_draft(session(), draft_id), problem)
    flash(_("已提交，等待另一位管理员批准；批准后新申报即按新指南。"))
    return redirect(url_for("guide.show", draft_id=draft_id))


@blueprint.post("/<int:draft_id>/discard")
@allow(admins)
def discard(draft_id: int) -> ResponseReturnValue:
    """Put the draft aside."""
    drafts.discard(session(), draft_id, actor=me(), now=now())
    return redirect(url_for("guide.index"))
