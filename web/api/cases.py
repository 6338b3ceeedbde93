"""Reading cases through the API: lists, one case, its history, its money, its notices."""

from typing import Any, Literal

from pydantic import Field
from sqlmodel import col, select

from engine.cases.models import CaseFile, Notice
from engine.cases.queries import CaseView, case_view, internal
from engine.records.case_list import Sort, case_list
from engine.reviewing.rounds import reviewers_of
from engine.vocabulary import CaseStatus
from web.api import answers
from web.api.calls import Body, Call, operation
from web.lists import cursor_text
from web.officer.cases import filters_from
from web.parts.money import money_of
from web.parts.timeline import told_outside


class CaseQuery(Body):
    """What a list of cases is narrowed to; `after` is the `next` of the page before."""

    status: CaseStatus | Literal[""] = Field(default="", description="状态的键，例如 active")
    direction: str = Field(default="", max_length=40, description="方向代码或其开头")
    unit: str = Field(default="", max_length=100, description="申报单位名称中的文字")
    text: str = Field(default="", max_length=100, description="项目名称、编号或单位中的文字")
    sort: Sort = "newest"
    after: str = Field(default="", max_length=60)


@operation("GET", "/cases", "项目列表", tag="cases", answer=answers.Cases, query=CaseQuery)
def list_cases(call: Call) -> answers.Cases:
    """The cases this account may see, the newest first."""
    found = case_list(call.session, call.account, filters_from(call.query.model_dump(mode="json")))
    return answers.Cases(
        items=[answers.CaseRow(**row_of(row.case)) for row in found.rows],
        total=answers.Count(**vars(found.total)),
        next=cursor_text(found.after) if found.after else None,
    )


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


def _columns(model: type[answers.Answered], row: Any) -> dict[str, Any]:
    """The columns of a row that an answer tells."""
    return {name: getattr(row, name) for name in model.model_fields}
