"""Entering a whole application that came on paper (代录); a single step is entered from its own form."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from engine.catalogue.directions import list_directions
from engine.errors import KeguanError, Refused
from engine.people import permissions
from engine.people.models import Organization, OrganizationKind
from engine.records import on_paper
from engine.vocabulary import Role
from web.access import Rule, allow
from web.auth import me
from web.cases.files import folder, sent_file
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _

blueprint = Blueprint("paper", __name__, url_prefix="/paper")
intake = Rule("intake", frozenset({Role.INTAKE}))
NO_APPLICANTS = (OrganizationKind.BUREAU, OrganizationKind.RECOMMENDING)


@blueprint.get("")
@allow(intake)
def index() -> ResponseReturnValue:
    """Which unit's paper, for which direction, with the scan."""
    permissions.may_enter_paper(me()).require()
    return _form(None)


@blueprint.post("")
@allow(intake)
def start() -> ResponseReturnValue:
    """Open the application; its form is then filled in from the paper."""
    sent = request.form
    try:
        case = on_paper.open_on_paper(
            session(),
            sent.get("direction", ""),
            unit_id=_unit_id(sent.get("unit", "")),
            actor=me(),
            scan=sent_file("scan"),
            reason=sent.get("reason", ""),
            folder=folder(),
            now=now(),
        )
    except KeguanError as refusal:
        session().rollback()
        return _form(refusal), status_of(refusal)
    flash(_("已立卷；请按纸质材料填写申报书。"))
    return redirect(url_for("cases.detail", case_id=case.id))


def _unit_id(name: str) -> int:
    """A unit by its full name, as the list proposes it."""
    found = session().exec(select(Organization.id).where(Organization.name == name.strip())).first()
    if found is None:
        raise Refused(
            _("没有名为“%(name)s”的单位；请从列表中选择，新单位请管理员先登记。", name=name.strip())
        )
    return found


def _form(refusal: KeguanError | None) -> str:
    units = (
        select(Organization.name)
        .where(col(Organization.kind).not_in(NO_APPLICANTS))
        .order_by(col(Organization.name))
    )
    return render_template(
        "cases/paper.html",
        units=session().exec(units).all(),
        directions=list_directions(session()),
        sent=request.form,
        reasons=refusal.reasons if refusal else [],
    )
