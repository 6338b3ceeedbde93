"""Reading cases through the API: lists, one case, its history, its money, its notices."""

from typing import Any

from pydantic import Field
from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, func, select

from engine.cases.models import CaseFile, Notice
from engine.cases.queries import CaseView, case_view, internal
from engine.people.models import Account
from engine.people.permissions import has_role
from engine.people.roles import INTERNAL, OF_A_UNIT
from engine.reviewing.rounds import read_by, reviewers_of
from engine.vocabulary import CaseStatus, Role
from web.api import answers
from web.api.calls import Body, Call, operation
from web.cases.money import money_of
from web.cases.timeline import told_outside

PAGE = 50


class CaseQuery(Body):
    """What a list of cases is narrowed to."""

    status: CaseStatus | None = Field(default=None, description="状态的键，例如 active")
    direction: str = Field(default="", max_length=40, description="方向代码或其开头")
    unit_id: int | None = Field(default=None, description="申报单位的编号")
    text: str = Field(default="", max_length=100, description="项目名称或编号中的文字")
    page: int = Field(default=1, ge=1, le=10**6)


@operation("GET", "/cases", "项目列表", tag="cases", answer=answers.Cases, query=CaseQuery)
def list_cases(call: Call) -> answers.Cases:
    """The cases this account may see, the newest first."""
    conditions = [visible_to(call.session, call.account), *_narrowed(call.query)]
    total = call.session.exec(select(func.count()).select_from(CaseFile).where(*conditions)).one()
    statement = (
        select(CaseFile)
        .where(*conditions)
        .order_by(col(CaseFile.id).desc())
        .offset((call.query.page - 1) * PAGE)
        .limit(PAGE)
    )
    items = [answers.CaseRow(**row_of(case)) for case in call.session.exec(statement)]
    return answers.Cases(items=items, total=total, page=call.query.page)


@operation("GET", "/cases/{case_id}", "一个项目", tag="cases", answer=answers.CaseDetail)
def get_case(call: Call, case_id: int) -> answers.CaseDetail:
    """Why the case is here, who holds it and what comes next; its open steps and its stated facts."""
    view = seen(call, case_id)
    case = view.case
    return answers.CaseDetail(
        **row_of(case),
        unit=view.unit.name,
        direction_title=view.direction.title,
        sentence=view.sentence,
        starts_on=case.starts_on,
        ends_on=case.ends_on,
        disputed=case.disputed,
        facts=case.facts,
        work_items=[item.id or 0 for item in view.items],
        waits=[answers.Waits(name=one.name, kind=one.kind, due_at=one.due_at) for one in view.waits],
    )


@operation("GET", "/cases/{case_id}/history", "项目的办理记录", tag="cases", answer=answers.History)
def get_history(call: Call, case_id: int) -> answers.History:
    """What happened, oldest first; outside the bureau only one's own acts and what the bureau sent."""
    view, inside = seen(call, case_id), internal(call.account)
    entries = view.timeline if inside else told_outside(call.session, view)
    events = [
        answers.Event(
            at=entry.at,
            verb=entry.verb,
            summary=entry.summary,
            actor=entry.actor if inside else None,
            role=entry.actor_role,
            on_behalf_of=entry.on_behalf_of,
        )
        for entry in entries
    ]
    return answers.History(case_id=case_id, events=events)


@operation("GET", "/cases/{case_id}/payments", "项目的资金", tag="money", answer=answers.Payments)
def get_payments(call: Call, case_id: int) -> answers.Payments:
    """What is committed, paid and returned, every computation with its derivation or its refusal."""
    seen(call, case_id)
    money = money_of(call.session, case_id)
    return answers.Payments(
        case_id=case_id,
        committed_fen=money.balance.committed_fen,
        paid_fen=money.balance.paid_fen,
        clawed_back_fen=money.balance.clawed_back_fen,
        orders=[answers.Order(**_columns(answers.Order, order)) for order in money.orders],
        payments=[answers.Paid(**_columns(answers.Paid, payment)) for payment in money.payments],
    )


@operation("GET", "/cases/{case_id}/notices", "项目的通知", tag="cases", answer=answers.Papers)
def get_notices(call: Call, case_id: int) -> answers.Papers:
    """The papers the bureau sent about a case, the newest first."""
    seen(call, case_id)
    statement = select(Notice).where(Notice.case_id == case_id).order_by(col(Notice.id).desc())
    notices = [answers.Paper(**_columns(answers.Paper, notice)) for notice in call.session.exec(statement)]
    return answers.Papers(case_id=case_id, notices=notices)


def seen(call: Call, case_id: int) -> CaseView:
    """The case, for an account that may see it; NotFound or Forbidden otherwise."""
    return case_view(call.session, case_id, call.account, reviewers_of(call.session, case_id))


def row_of(case: CaseFile) -> dict[str, Any]:
    """A case's line in a list."""
    return {
        "id": case.id or 0,
        "number": case.number,
        "direction": case.direction_code,
        "title": case.title,
        "unit_id": case.unit_id,
        "status": case.status,
        "status_word": CaseStatus.of(case.status).zh,
        "requested_fen": case.requested_fen,
        "approved_fen": case.approved_fen,
        "opened_at": case.opened_at,
    }


def visible_to(session: Session, account: Account) -> ColumnElement[bool]:
    """The cases `permissions.may_see_case` lets this account open, as one condition of a query."""
    outside = OF_A_UNIT | {Role.EXPERT.value}
    if any(role in INTERNAL or role not in outside for role in account.roles):
        return true()
    mine: list[ColumnElement[bool]] = [col(CaseFile.id).in_(read_by(session, account.id or 0))]
    if account.organization_id is not None and has_role(account, Role.APPLICANT):
        mine.append(col(CaseFile.unit_id) == account.organization_id)
    if account.organization_id is not None and has_role(account, Role.RECOMMENDER):
        mine.append(col(CaseFile.recommender_id) == account.organization_id)
    return or_(*mine)


def _narrowed(query: CaseQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.status is not None:
        conditions.append(col(CaseFile.status) == query.status.value)
    if query.direction:
        conditions.append(col(CaseFile.direction_code).startswith(query.direction, autoescape=True))
    if query.unit_id is not None:
        conditions.append(col(CaseFile.unit_id) == query.unit_id)
    if query.text:
        words = (col(CaseFile.title), col(CaseFile.number))
        conditions.append(or_(*(field.contains(query.text, autoescape=True) for field in words)))
    return conditions


def _columns(model: type[answers.Answered], row: Any) -> dict[str, Any]:
    """The columns of a row that an answer tells."""
    return {name: getattr(row, name) for name in model.model_fields}
