"""Working through the API: the inbox, a step with its form, and everything one may do with it."""

import base64
from typing import Any

from pydantic import Field
from sqlmodel import select

from engine.bpmn.ways import ways
from engine.cases import desk, door, opening, sides
from engine.cases.inbox import Due, InboxRow, Scope, Sort, inbox
from engine.cases.models import CaseFile, Process, WorkItem
from engine.cases.moves import form_spec
from engine.cases.queries import internal
from engine.errors import Forbidden, NotFound, Unusable
from engine.people import permissions
from engine.people.accounts import get_account
from engine.people.models import Account
from engine.people.permissions import may_see_reviewers
from engine.procedures import versions
from engine.records import drafts, on_paper
from engine.records.attachments import Upload
from engine.reviewing import objections
from web.addresses import RowId
from web.api import answers
from web.api.calls import Body, Call, operation
from web.api.cases import seen
from web.cases.files import folder
from web.forms.context import context_for
from web.lists import cursor_text
from web.officer.filters import filters_from


class InboxQuery(Body):
    """What the inbox is narrowed to; `after` is the `next` of the page before."""

    scope: Scope = Field(default="mine", description="mine 我的、group 本组待签收、all 全部")
    direction: str = Field(default="", max_length=40)
    element: str = Field(default="", max_length=100, description="流程图中步骤的编号")
    role: str = Field(default="", max_length=40)
    unit: str = Field(default="", max_length=100, description="申报单位名称中的文字")
    due: Due = Field(default="", description="overdue 逾期、today 今天、week 一周内、none 无期限")
    text: str = Field(default="", max_length=100)
    sort: Sort = "due"
    after: str = Field(default="", max_length=60)


class OnPaper(Body):
    """A unit's step that came on paper (代录): why, and the scan."""

    reason: str = Field(min_length=1, max_length=500)
    filename: str = Field(min_length=1, max_length=200)
    content: str = Field(description="扫描件，base64")


class Completion(Body):
    """A step's form, as its schema asks; `on_paper` only for a unit's step entered on its behalf."""

    form: dict[str, Any]
    on_paper: OnPaper | None = None


class Handover(Body):
    """To whom a step goes, and why (转办)."""

    to: str = Field(min_length=1, max_length=40, description="接办人的登录名")
    reason: str = Field(min_length=1, max_length=500)


class Filing(Body):
    """A new application of a unit for a direction."""

    direction: str = Field(min_length=1, max_length=40)
    unit_id: RowId


class Termination(Body):
    """Why a project should be terminated."""

    reason: str = Field(min_length=1, max_length=2000)


class ObjectionBody(Body):
    """A written objection with a real name (异议)."""

    raised_by: str = Field(min_length=1, max_length=200)
    contact: str = Field(min_length=1, max_length=200)
    content: str = Field(min_length=1, max_length=4000)


@operation("GET", "/inbox", "待办", tag="work", answer=answers.Inbox, query=InboxQuery)
def get_inbox(call: Call) -> answers.Inbox:
    """The open steps this account may act on or follow, the soonest due first."""
    found = inbox(call.session, call.account, filters_from(call.query.model_dump()), call.now)
    return answers.Inbox(
        items=[_line(call, row) for row in found.rows],
        total=answers.Count(**vars(found.total)),
        counts={scope: answers.Count(**vars(count)) for scope, count in found.counts.items()},
        next=cursor_text(found.after) if found.after else None,
    )


@operation("GET", "/work-items/{item_id}", "一件待办和它的表单", tag="work", answer=answers.WorkItemDetail)
def get_work_item(call: Call, item_id: int) -> answers.WorkItemDetail:
    """The step, its form as a JSON Schema, what it is filled in with, and whether one may complete it."""
    item = _seen_item(call, item_id)
    process = call.session.get_one(Process, item.process_id)
    model = versions.load(call.session, process.version).processes[item.process_key]
    element = model.elements[item.element]
    may = permissions.may_complete(call.account, item.role, item.holder_id, item.unit_id)
    return answers.WorkItemDetail(
        id=item_id,
        case_id=item.case_id,
        round_id=item.round_id,
        element=item.element,
        name=item.name,
        role=item.role,
        status=item.status,
        documentation=element.documentation,
        clause=element.properties.get("clause", ""),
        holder=_holder(call, item),
        opened_at=item.opened_at,
        due_at=item.due_at,
        may_complete=bool(may) and item.status == "open",
        reason=may.reason if isinstance(may, permissions.Denied) else None,
        form=_form(
            call,
            item,
            [answers.Way(outcome=way.outcome, label=way.label) for way in ways(model, element)],
            filled=bool(may),
        ),
    )


@operation(
    "POST",
    "/work-items/{item_id}/completion",
    "办理",
    tag="work",
    answer=answers.Moved,
    body=Completion,
)
def complete_work_item(call: Call, item_id: int) -> answers.Moved:
    """Complete a step with its form; what the form or the rules refuse changes nothing."""
    item, sent = _item(call, item_id), call.body
    if on_paper.on_behalf(call.account, item) and sent.on_paper is not None:
        process = on_paper.complete_on_paper(
            call.session,
            item_id,
            actor=call.account,
            payload=sent.form,
            scan=upload_of(sent.on_paper.filename, sent.on_paper.content),
            reason=sent.on_paper.reason,
            folder=folder(),
            now=call.now,
        )
    elif on_paper.on_behalf(call.account, item) and permissions.may_complete(
        call.account, item.role, item.holder_id, item.unit_id
    ):
        raise Unusable("代单位办理的，请在 on_paper 中写明事由并附扫描件。")
    else:
        process = door.complete(call.session, item_id, actor=call.account, payload=sent.form, now=call.now)
    drafts.discard_drafts(call.session, item_id)
    return moved(call, process)


@operation("POST", "/work-items/{item_id}/claim", "签收", tag="work", answer=answers.Moved)
def claim_work_item(call: Call, item_id: int) -> answers.Moved:
    """Take a step of one's group into one's own hands."""
    return _after(call, desk.claim(call.session, item_id, actor=call.account, now=call.now))


@operation("POST", "/work-items/{item_id}/release", "退回本组", tag="work", answer=answers.Moved)
def release_work_item(call: Call, item_id: int) -> answers.Moved:
    """Give a step back to the group."""
    return _after(call, desk.release(call.session, item_id, actor=call.account, now=call.now))


@operation(
    "POST", "/work-items/{item_id}/reassignment", "转办", tag="work", answer=answers.Moved, body=Handover
)
def reassign_work_item(call: Call, item_id: int) -> answers.Moved:
    """Hand a step to a colleague of the same role, with a reason."""
    to = get_account(call.session, call.body.to)
    item = desk.reassign(
        call.session, item_id, to=to, actor=call.account, reason=call.body.reason, now=call.now
    )
    return _after(call, item)


@operation("POST", "/cases", "新建申报", tag="cases", answer=answers.Moved, body=Filing, status=201)
def file_application(call: Call) -> answers.Moved:
    """Open an application of a unit for a direction; its first step is to fill it in."""
    case = opening.open_case(
        call.session, call.body.direction, unit_id=call.body.unit_id, actor=call.account, now=call.now
    )
    return moved(call, sides.main_process(call.session, case.id or 0))


@operation(
    "POST",
    "/cases/{case_id}/terminations",
    "提出终止",
    tag="cases",
    answer=answers.Moved,
    body=Termination,
    status=201,
)
def propose_termination(call: Call, case_id: int) -> answers.Moved:
    """Start the termination of a project under way, beside its own procedure."""
    case = seen(call, case_id).case
    process = sides.open_termination(
        call.session, case, actor=call.account, reason=call.body.reason, now=call.now
    )
    return moved(call, process)


@operation(
    "POST",
    "/cases/{case_id}/objections",
    "登记异议",
    tag="cases",
    answer=answers.Moved,
    body=ObjectionBody,
    status=201,
)
def enter_objection(call: Call, case_id: int) -> answers.Moved:
    """Enter a written objection against a project on public notice; only this project pauses."""
    case = seen(call, case_id).case
    sent = call.body.model_dump()
    process = objections.open_objection(call.session, case, actor=call.account, now=call.now, **sent)
    return moved(call, process)


def moved(call: Call, process: Process) -> answers.Moved:
    """Where a process stands now; the steps of a round are told to the bureau only."""
    case = call.session.get(CaseFile, process.case_id) if process.case_id else None
    steps = select(WorkItem.name).where(WorkItem.process_id == process.id, WorkItem.status == "open")
    told = case is not None or internal(call.account)
    return answers.Moved(
        case_id=process.case_id,
        round_id=process.round_id,
        process_id=process.id or 0,
        status=case.status if case else None,
        ended=process.ended_at is not None,
        open_steps=list(call.session.exec(steps)) if told else [],
    )


def _after(call: Call, item: WorkItem) -> answers.Moved:
    return moved(call, call.session.get_one(Process, item.process_id))


def _item(call: Call, item_id: int) -> WorkItem:
    item = call.session.get(WorkItem, item_id)
    if item is None:
        raise NotFound(f"没有编号为 {item_id} 的待办；它可能已被撤销。")
    return item


def _seen_item(call: Call, item_id: int) -> WorkItem:
    """A step of a case one may see; a round's step is the bureau's, and each expert's own."""
    item = _item(call, item_id)
    if item.case_id is not None:
        seen(call, item.case_id)
    elif not internal(call.account) and item.holder_id != call.account.id:
        raise Forbidden("评审轮次的待办只有局内人员和承办的专家可以查看。")
    return item


def _holder(call: Call, item: WorkItem) -> str | None:
    """Who has the step in hand; an expert's name is secret as on the pages."""
    if item.holder_id is None:
        return None
    secret = item.item is not None and item.holder_id != call.account.id
    if secret and not may_see_reviewers(call.account):
        return None
    return call.session.get_one(Account, item.holder_id).name


def _form(call: Call, item: WorkItem, outcomes: list[answers.Way], *, filled: bool) -> answers.Form:
    spec = form_spec(item.form_key)
    values: dict[str, Any] = {}
    if filled and item.status == "open":
        known = context_for(call.session, item).values
        values = dict(known) | (spec.prefill(call.session, item) if spec.prefill else {})
    return answers.Form(
        key=spec.key,
        title=spec.title,
        outcomes=outcomes,
        schema_=spec.model.model_json_schema(),
        values=values,
    )


def upload_of(filename: str, content: str) -> Upload:
    """A file sent inside JSON; Unusable when it is not base64."""
    try:
        return Upload(filename, base64.b64decode(content, validate=True))
    except ValueError as problem:
        raise Unusable("content 应为 base64 编码的文件内容。") from problem


def _line(call: Call, row: InboxRow) -> answers.WorkItemRow:
    item = row.item
    secret = (
        item.item is not None and item.holder_id != call.account.id and not may_see_reviewers(call.account)
    )
    return answers.WorkItemRow(
        id=item.id or 0,
        case_id=item.case_id,
        round_id=item.round_id,
        number=row.number,
        title=row.title,
        unit=row.unit,
        direction=item.direction_code,
        element=item.element,
        name=item.name,
        role=item.role,
        holder=None if secret else row.holder,
        opened_at=item.opened_at,
        due_at=item.due_at,
        overdue=item.due_at is not None and item.due_at < call.now,
        disputed=row.disputed,
    )
