"""The unit itself: what it has stated once for all its applications, and the directions open to it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases.complaints import parse
from engine.cases.fitting import Profile, directions_for, keep_profile, stated_profile
from engine.errors import Refused, Unusable
from engine.people.models import Organization, OrganizationKind
from web.access import allow, applicants
from web.auth import me
from web.clock import now
from web.database import session
from web.forms.building import Builder, Context
from web.forms.reading import payload
from web.forms.sending import Refusal, complaints
from web.language import translate as _

blueprint = Blueprint("unit", __name__, url_prefix="/unit")
KINDS = ("fits", "open", "refused")


def own_unit() -> Organization:
    """The unit of whoever is signed in."""
    number = me().organization_id
    if number is None:
        raise Refused(_("您的账号没有所属单位，不能申报；请联系管理员补全。"))
    return session().get_one(Organization, number)


@blueprint.get("/directions")
@allow(applicants)
def directions() -> ResponseReturnValue:
    """Which directions the unit may apply for, and why not the others."""
    unit = own_unit()
    fits = directions_for(session(), unit, now())
    kind = request.args.get("kind", "fits")
    kind = kind if kind in KINDS else "fits"
    return render_template(
        "applicant/directions.html",
        unit=unit,
        kind=kind,
        counts={name: sum(one.kind == name for one in fits) for name in KINDS},
        fits=[one for one in fits if one.kind == kind],
    )


@blueprint.get("")
@allow(applicants)
def profile() -> ResponseReturnValue:
    """What the unit states about itself, to be filled in once."""
    unit = own_unit()
    about = {"legal_representative": unit.legal_representative}
    return _page(unit, stated_profile(session(), unit.id or 0) | about, Refusal())


@blueprint.post("")
@allow(applicants)
def keep() -> ResponseReturnValue:
    """Keep what the unit states about itself."""
    unit, sent = own_unit(), payload(Profile, request.form)
    try:
        stated = parse(Profile, "单位资料", sent)
    except Unusable as refused:
        return _page(unit, sent, Refusal(complaints(Profile, refused))), 400
    keep_profile(session(), unit.id or 0, stated, actor=me(), now=now())
    flash(_("单位资料已保存，新的申报会自动带入。"))
    return redirect(url_for("unit.directions"))


def _page(unit: Organization, values: dict[str, object], refusal: Refusal) -> str:
    parts = Builder(Context(), refusal.by_field).parts(Profile, values)
    return render_template(
        "applicant/unit.html", unit=unit, parts=parts, refusal=refusal, unit_kinds=OrganizationKind
    )
