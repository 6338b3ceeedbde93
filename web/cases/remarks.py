"""Remarks on a case over the web."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.records import remarks
from web.access import allow, signed_in
from web.auth import me
from web.cases.seeing import seen_case
from web.clock import now
from web.database import session
from web.language import translate as _

blueprint = Blueprint("remarks", __name__)


@blueprint.post("/cases/<int:case_id>/remarks")
@allow(signed_in)
def add(case_id: int) -> ResponseReturnValue:
    """Say something about the case: among officers, unless it is meant for the unit too."""
    kept = remarks.remark(
        session(),
        seen_case(session(), case_id, me()),
        request.form.get("text", ""),
        actor=me(),
        now=now(),
        to_unit=request.form.get("to_unit") == "yes",
    )
    flash(_("已记为内部备注，申报单位看不到。") if kept.internal else _("已留言，申报单位可以看到。"))
    return redirect(url_for("cases.detail", case_id=case_id) + "#remarks")
