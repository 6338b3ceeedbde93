"""The applicant's desk: own applications, and starting one for a direction."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases import queries
from engine.cases.opening import open_case
from engine.errors import Refused
from web.access import allow, applicants
from web.auth import me
from web.clock import now
from web.database import session

blueprint = Blueprint("applicant", __name__, url_prefix="/applications")


@blueprint.get("")
@allow(applicants)
def index() -> ResponseReturnValue:
    """The unit's applications with where each stands."""
    return render_template("applicant/index.html", cases=queries.cases_of_unit(session(), _unit()))


@blueprint.post("")
@allow(applicants)
def start() -> ResponseReturnValue:
    """Open an application for a direction and go on to fill it in."""
    case = open_case(session(), request.form.get("direction", ""), unit_id=_unit(), actor=me(), now=now())
    return redirect(url_for("cases.detail", case_id=case.id))


def _unit() -> int:
    unit = me().organization_id
    if unit is None:
        raise Refused("您的账号没有所属单位，不能申报；请联系管理员补全。")
    return unit
