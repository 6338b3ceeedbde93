"""The bureau's letters to a unit (通知书), each on a sheet of its own: one, or all of the formal check's at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, select

from engine.cases.models import CaseFile, Notice
from engine.catalogue.directions import under
from engine.errors import NotFound
from engine.people.models import Organization
from engine.people.permissions import may_see_case
from web.access import allow, officers, signed_in
from web.auth import me
from web.database import session
from web.exports.papers import CHECK_NOTICES
from web.language import translate as _
from web.lists import word_of

blueprint = Blueprint("letters", __name__)


@dataclass(frozen=True)
class Letter:
    """One letter: to whom, about which project, what it says."""

    notice: Notice
    case: CaseFile
    unit: str


@blueprint.get("/letters/<int:notice_id>")
@allow(signed_in)
def letter(notice_id: int) -> ResponseReturnValue:
    """One letter, for whoever may see its case; an expert is sent none."""
    found = _letters(session(), Notice.id == notice_id)
    if not found:
        raise NotFound(_("没有这份通知书；请从项目页面打开。"))
    case = found[0].case
    may_see_case(me(), case.unit_id, case.recommender_id).require()
    return render_template("exports/letters.html", letters=found, title=found[0].notice.title)


@blueprint.get("/letters/formal-checks")
@allow(officers)
def formal_checks() -> ResponseReturnValue:
    """Every letter of the formal check, of the directions whose code begins so, to print in one go."""
    direction = word_of(request.args, "direction")
    found = _letters(
        session(),
        col(Notice.kind).in_(CHECK_NOTICES),
        under(col(CaseFile.direction_code), direction),
    )
    return render_template("exports/letters.html", letters=found, title=_("形式审查通知书"))


def _letters(session: Session, *conditions: Any) -> Sequence[Letter]:
    statement = (
        select(Notice, CaseFile, Organization.name)
        .join(CaseFile, col(CaseFile.id) == Notice.case_id)
        .join(Organization, col(Organization.id) == CaseFile.unit_id)
        .where(*conditions)
        .order_by(col(Notice.id))
    )
    return [Letter(*one) for one in session.exec(statement)]
