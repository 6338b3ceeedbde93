"""Side processes from the case page (旁支流程): propose a termination, enter an objection."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from engine.cases import sides
from engine.cases.models import CaseFile
from engine.cases.requests import Requested, requests_under_way
from engine.errors import NotFound
from engine.people import permissions
from engine.people.models import Account
from engine.reviewing import objections
from engine.reviewing.models import Objection
from engine.vocabulary import Role
from web.access import allow, signed_in
from web.addresses import local_address
from web.auth import me
from web.clock import now
from web.database import session
from web.language import translate as _

blueprint = Blueprint("sides", __name__, url_prefix="/cases")
CONFIDANTS = frozenset({Role.PLANNING, Role.SUPERVISION})
"""Who may read who raised an objection."""


@dataclass(frozen=True)
class Sides:
    """What this account may set off beside the case, and the objections it may read."""

    may_terminate: bool
    may_object: bool
    objections: list[Objection]
    names_shown: bool
    requests: list[Requested]


def sides_of(session: Session, case: CaseFile, account: Account, *, inside: bool) -> Sides:
    """The side panel of a case for one account."""
    key = case.id or 0
    asks = permissions.may_ask_termination(account, case.unit_id)
    enters = permissions.may_enter_objection(account)
    return Sides(
        may_terminate=bool(asks) and sides.may_be_terminated(session, sides.main_process(session, key)),
        may_object=bool(enters) and objections.open_to_objection(session, key, now()) is not None,
        objections=objections.objections_to(session, key) if inside else [],
        names_shown=not CONFIDANTS.isdisjoint(account.roles),
        requests=requests_under_way(session, case),
    )


@blueprint.post("/<int:case_id>/terminations")
@allow(signed_in)
def terminate(case_id: int) -> ResponseReturnValue:
    """Propose to terminate a project under way."""
    reason = request.form.get("reason", "")
    sides.open_termination(session(), _case(case_id), actor=me(), reason=reason, now=now())
    flash(_("已提出终止，请等待审核。"))
    return redirect(local_address(request.form.get("next"), url_for("cases.detail", case_id=case_id)))


@blueprint.post("/<int:case_id>/objections")
@allow(signed_in)
def object_to(case_id: int) -> ResponseReturnValue:
    """Enter a written objection against a project on public notice."""
    objections.open_objection(
        session(),
        _case(case_id),
        actor=me(),
        raised_by=request.form.get("raised_by", ""),
        contact=request.form.get("contact", ""),
        content=request.form.get("content", ""),
        now=now(),
    )
    flash(_("异议已登记，本项目暂停，其他项目照常。"))
    return redirect(url_for("cases.detail", case_id=case_id))


def _case(case_id: int) -> CaseFile:
    case = session().get(CaseFile, case_id)
    if case is None:
        raise NotFound(f"没有编号为 {case_id} 的项目。")
    return case
