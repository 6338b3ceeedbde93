"""More one may do about a case through the API: ask for something, take a step back, write, attach."""

from pydantic import Field

from engine.cases.changes import open_change
from engine.cases.extensions import open_extension
from engine.cases.stepping_back import step_back
from engine.records import attachments, remarks
from engine.records.models import Attachment, Remark
from engine.reviewing.withdrawals import open_withdrawal
from web.api import answers
from web.api.calls import Body, Call, operation
from web.api.cases import seen
from web.api.work import moved, upload_of
from web.cases.files import folder


class StepBack(Body):
    """Why a case goes back to an earlier step."""

    reason: str = Field(min_length=1, max_length=500)


class RemarkBody(Body):
    """Something to say about a case; `to_unit` lets the unit read what the bureau writes."""

    text: str = Field(min_length=1, max_length=10_000)
    to_unit: bool = False


class FileBody(Body):
    """A file for a case; `hidden` keeps it inside the bureau."""

    filename: str = Field(min_length=1, max_length=200)
    content: str = Field(description="文件内容，base64")
    note: str = Field(default="", max_length=500)
    hidden: bool = False


@operation("POST", "/cases/{case_id}/changes", "申请变更", tag="cases", answer=answers.Moved, status=201)
def ask_change(call: Call, case_id: int) -> answers.Moved:
    """Begin a request for change; its first step is the form to fill in."""
    return moved(call, open_change(call.session, seen(call, case_id).case, actor=call.account, now=call.now))


@operation("POST", "/cases/{case_id}/extensions", "申请延期", tag="cases", answer=answers.Moved, status=201)
def ask_extension(call: Call, case_id: int) -> answers.Moved:
    """Begin a request for extension; its first step is the form to fill in."""
    case = seen(call, case_id).case
    return moved(call, open_extension(call.session, case, actor=call.account, now=call.now))


@operation("POST", "/cases/{case_id}/withdrawals", "申请撤回", tag="cases", answer=answers.Moved, status=201)
def ask_withdrawal(call: Call, case_id: int) -> answers.Moved:
    """Begin the withdrawal of an application that is not established yet."""
    case = seen(call, case_id).case
    return moved(call, open_withdrawal(call.session, case, actor=call.account, now=call.now))


@operation(
    "POST", "/work-items/{item_id}/step-back", "退回到这一步", tag="work", answer=answers.Moved, body=StepBack
)
def go_back(call: Call, item_id: int) -> answers.Moved:
    """Take a case back to a step that was completed, leaving the trace."""
    process = step_back(call.session, item_id, actor=call.account, reason=call.body.reason, now=call.now)
    return moved(call, process)


@operation("GET", "/cases/{case_id}/remarks", "项目的留言", tag="cases", answer=answers.Remarks)
def get_remarks(call: Call, case_id: int) -> answers.Remarks:
    """What was said about a case, the newest first; outside the bureau without the internal remarks."""
    seen(call, case_id)
    found = remarks.remarks_of(call.session, case_id, call.account)
    return answers.Remarks(case_id=case_id, remarks=[_remark(one) for one in found])


@operation(
    "POST",
    "/cases/{case_id}/remarks",
    "留言",
    tag="cases",
    answer=answers.RemarkRow,
    body=RemarkBody,
    status=201,
)
def write_remark(call: Call, case_id: int) -> answers.RemarkRow:
    """Say something about a case; a unit's remark is always read by both sides."""
    case = seen(call, case_id).case
    row = remarks.remark(
        call.session, case, call.body.text, actor=call.account, now=call.now, to_unit=call.body.to_unit
    )
    call.session.flush()
    return _remark(row)


@operation("GET", "/cases/{case_id}/attachments", "项目的附件", tag="cases", answer=answers.Attachments)
def get_attachments(call: Call, case_id: int) -> answers.Attachments:
    """The files of a case this account may open, every version."""
    seen(call, case_id)
    found = attachments.attachments_of(call.session, case_id, call.account)
    return answers.Attachments(case_id=case_id, attachments=[_file(one) for one in found])


@operation(
    "POST",
    "/cases/{case_id}/attachments",
    "上传附件",
    tag="cases",
    answer=answers.AttachmentRow,
    body=FileBody,
    status=201,
)
def add_attachment(call: Call, case_id: int) -> answers.AttachmentRow:
    """Keep a file with its case; a file of the same name is its next version."""
    sent, case = call.body, seen(call, case_id).case
    row = attachments.attach(
        call.session,
        case,
        upload_of(sent.filename, sent.content),
        folder=folder(),
        actor=call.account,
        now=call.now,
        note=sent.note,
        hidden=sent.hidden,
    )
    return _file(row)


def _remark(row: Remark) -> answers.RemarkRow:
    return answers.RemarkRow(id=row.id or 0, text=row.text, internal=row.internal, by=row.by, at=row.at)


def _file(row: Attachment) -> answers.AttachmentRow:
    return answers.AttachmentRow(
        id=row.id or 0,
        name=row.name,
        version=row.version,
        size=row.size,
        sha256=row.sha256,
        internal=row.internal,
        at=row.at,
    )
