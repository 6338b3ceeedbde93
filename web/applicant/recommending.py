"""The recommending unit's own page: the applications of its units, and those that wait for its word."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import func
from sqlmodel import Session, col, select

from engine.cases.models import CaseFile, WorkItem
from engine.errors import Refused
from engine.people.models import Organization
from engine.vocabulary import Role
from web.access import Rule, allow
from web.addresses import is_number
from web.applicant.wording import STAGES
from web.auth import me
from web.database import session
from web.language import translate as _

blueprint = Blueprint("recommending", __name__, url_prefix="/recommending")
recommenders = Rule("recommenders", frozenset({Role.RECOMMENDER}))
PAGE = 50


@dataclass(frozen=True)
class Recommended:
    """One application a unit recommends; `step` is what waits for its word."""

    case: CaseFile
    unit: str
    step: WorkItem | None


@blueprint.get("")
@allow(recommenders)
def index() -> ResponseReturnValue:
    """What this recommending unit has to decide, and how its units' applications stand."""
    home = me().organization_id
    if home is None:
        raise Refused(_("您的账号没有所属单位；请联系管理员补全。"))
    stage = request.args.get("stage", "")
    asked = request.args.get("page", "")
    page = max(1, int(asked)) if is_number(asked) else 1
    counts = _counts(session(), home)
    total = counts.get(stage, 0) if stage else sum(counts.values())
    return render_template(
        "applicant/recommending.html",
        waiting=_waiting(session(), home),
        listed=_listed(session(), home, stage, page),
        counts=counts,
        stage=stage,
        page=page,
        pages=-(-total // PAGE),
    )


def _waiting(session: Session, home: int) -> Sequence[Recommended]:
    statement = (
        select(WorkItem, CaseFile, Organization)
        .join(CaseFile, col(CaseFile.id) == WorkItem.case_id)
        .join(Organization, col(Organization.id) == CaseFile.unit_id)
        .where(WorkItem.status == "open", WorkItem.role == Role.RECOMMENDER, col(WorkItem.unit_id) == home)
        .order_by(col(WorkItem.due_at), col(WorkItem.id))
    )
    return [Recommended(case, unit.name, item) for item, case, unit in session.exec(statement)]


def _listed(session: Session, home: int, stage: str, page: int) -> Sequence[Recommended]:
    statement = (
        select(CaseFile, Organization)
        .join(Organization, col(Organization.id) == CaseFile.unit_id)
        .where(CaseFile.recommender_id == home)
        .order_by(col(CaseFile.id).desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    if stage in dict(STAGES):
        statement = statement.where(col(CaseFile.status).in_(dict(STAGES)[stage]))
    return [Recommended(case, unit.name, None) for case, unit in session.exec(statement)]


def _counts(session: Session, home: int) -> dict[str, int]:
    """How many of its units' applications are in each stage."""
    statement = (
        select(CaseFile.status, func.count()).where(CaseFile.recommender_id == home).group_by(CaseFile.status)
    )
    by_status = dict(session.exec(statement).all())
    return {name: sum(by_status.get(one, 0) for one in statuses) for name, statuses in STAGES}
