"""Files of a case over the web: sent by a plain form, handed out as downloads that a browser never runs."""

import io
from pathlib import Path

from flask import Blueprint, Flask, current_app, flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from engine.cases.queries import internal
from engine.errors import NotFound, Refused
from engine.records import attachments
from engine.records.attachments import Upload
from engine.records.models import Attachment
from web.access import allow, signed_in
from web.addresses import local_address
from web.auth import me
from web.cases.seeing import seen_case
from web.clock import now
from web.database import session
from web.language import translate as _

blueprint = Blueprint("files", __name__)


def install(app: Flask, folder: Path) -> None:
    """Tell the application where the files lie."""
    app.extensions["keguan_attachments"] = folder


def folder() -> Path:
    """Where the files of cases lie."""
    found: Path = current_app.extensions["keguan_attachments"]
    return found


def sent_file(name: str) -> Upload | None:
    """The file chosen in a form, if one was."""
    sent: FileStorage | None = request.files.get(name)
    return Upload(sent.filename, sent.read()) if sent and sent.filename else None


@blueprint.post("/cases/<int:case_id>/attachments")
@allow(signed_in)
def add(case_id: int) -> ResponseReturnValue:
    """Keep a file with the case."""
    case = seen_case(session(), case_id, me())
    upload = sent_file("file")
    if upload is None:
        raise Refused(_("请先选择要上传的文件。"))
    kept = attachments.attach(
        session(),
        case,
        upload,
        folder=folder(),
        actor=me(),
        now=now(),
        hidden=request.form.get("shown") != "yes",
        note=request.form.get("note", ""),
    )
    flash(_("已上传“%(name)s”第 %(version)s 版。", name=kept.name, version=kept.version))
    page = local_address(request.form.get("next"), url_for("cases.detail", case_id=case_id))
    return redirect(f"{page}#files")


@blueprint.get("/attachments/<int:attachment_id>")
@allow(signed_in)
def download(attachment_id: int) -> ResponseReturnValue:
    """One version of a file, for whoever may see its case; always saved, never shown in the page."""
    row = session().get(Attachment, attachment_id)
    if row is None:
        raise NotFound(_("没有这个附件；请从项目页面打开。"))
    seen_case(session(), row.case_id, me())
    if row.internal and not internal(me()):
        raise NotFound(_("没有这个附件；请从项目页面打开。"))
    answer = send_file(
        io.BytesIO(attachments.content_of(folder(), row)),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=_versioned(row),
    )
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _versioned(row: Attachment) -> str:
    """An older version is told from the newer ones by its file name too."""
    stem, _dot, ending = row.name.rpartition(".")
    return row.name if row.version == 1 else f"{stem}（第{row.version}版）.{ending}"
