"""How a case begins (立卷): an applicant, or intake on its behalf, opens an application for one direction."""

from datetime import date, datetime

from sqlmodel import Session

from engine import policy
from engine.cases import door
from engine.cases.models import CaseFile
from engine.catalogue.directions import get_direction, is_offered
from engine.clock import local_day
from engine.errors import NotFound, Refused
from engine.people import permissions
from engine.people.models import Account, Organization
from engine.vocabulary import CaseStatus


def open_case(
    session: Session, direction_code: str, *, unit_id: int, actor: Account, now: datetime
) -> CaseFile:
    """Open an application of a unit for a direction, on the direction's procedure now in force.

    Raises NotFound for an unknown direction, Forbidden for a stranger to the unit, Refused outside the window.
    """
    spec = get_direction(session, direction_code)
    permissions.may_file(actor, unit_id).require()
    if not is_offered(session, spec.code):
        raise Refused(f"方向 {spec.code} 属于往年指南，不再接受新的申报；请从申报方向页面选现行指南的方向。")
    unit = session.get(Organization, unit_id)
    if unit is None:
        raise NotFound(f"没有编号为 {unit_id} 的单位。")
    _refuse_outside_window(session, now)
    case = CaseFile(
        direction_code=spec.code,
        unit_id=unit_id,
        recommender_id=unit.recommender_id,
        applicant_id=actor.id or 0,
        status=CaseStatus.DRAFT,
        opened_at=now,
    )
    session.add(case)
    session.flush()
    door.start(
        session,
        spec.procedure,
        kind="case",
        actor=actor,
        now=now,
        case=case,
        summary=f"{unit.name}开始填报：{spec.title}",
    )
    return case


def _refuse_outside_window(session: Session, now: datetime) -> None:
    today = local_day(now)
    opens = date.fromisoformat(str(policy.value(session, "call_opens_on", today)))
    closes = date.fromisoformat(str(policy.value(session, "call_closes_on", today)))
    if not opens <= today <= closes:
        raise Refused(
            f"申报时间为 {opens} 至 {closes}，今天不在其中，不能新建申报；"
            "时间由管理员在“规则和参数”中的“申报开始日期”“申报截止日期”设定。"
        )
