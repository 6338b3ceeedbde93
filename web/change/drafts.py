"""Drafts: open one, draw, have it kept, checked and proved; bring a file in, take one out."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.bpmn import expressions, proof
from engine.bpmn.foreign import unsupported, without_extensions
from engine.bpmn.reader import read
from engine.change import checking, drafts
from engine.change.models import ProcedureDraft
from engine.errors import Unusable
from web.access import allow
from web.auth import me
from web.change.proofs import Judged, judged
from web.change.room import admins, answering, blueprint, sent
from web.change.words import panel_options, variables
from web.clock import now
from web.database import session
from web.language import translate as _


@blueprint.post("/drafts")
@allow(admins)
def open_draft() -> ResponseReturnValue:
    """Open one's draft of a part, begun from what is in force."""
    draft = drafts.open_draft(session(), request.form.get("key", ""), actor=me(), now=now())
    return redirect(url_for("change.draft", number=draft.id))


@blueprint.post("/drafts/new")
@allow(admins)
def begin() -> ResponseReturnValue:
    """A draft of a procedure that does not exist yet: a blank one, or an uploaded file of any modeler."""
    given, upload = request.form, request.files.get("file")
    key, title = given.get("key", "").strip(), given.get("title", "").strip()
    if upload is None or not upload.filename:
        draft = drafts.new_procedure(session(), key, title, actor=me(), now=now())
        return redirect(url_for("change.draft", number=draft.id))
    content, name = upload.read(), upload.filename
    processes = read(content, name).processes
    if not processes:
        raise Unusable(_("%(name)s 里没有流程；请上传 BPMN 文件。", name=name))
    draft = drafts.new_procedure(session(), processes[0].id, processes[0].name, actor=me(), now=now())
    return _imported(draft, name, content)


@blueprint.get("/drafts/<int:number>")
@allow(admins)
def draft(number: int) -> ResponseReturnValue:
    """The editor: of a diagram, or of a decision table."""
    found = drafts.get_draft(session(), number)
    file = _file(found)
    known, live = checking.vocabulary(session(), now()), drafts.live_files(session(), now())
    parts = drafts.parts(session(), now())
    return render_template(
        f"change/{'table' if file.endswith('.dmn') else 'draft'}.html",
        draft=found,
        file=file,
        title=_title(found, parts),
        options=panel_options(known, parts, {**live, **drafts.files_of(found)}),
        variables=variables(known, live),
    )


@blueprint.get("/drafts/<int:number>/file")
@allow(admins)
def source(number: int) -> ResponseReturnValue:
    """The draft's own text: for the editor, and with `download` for any other modeler."""
    found = drafts.get_draft(session(), number)
    file = _file(found)
    answer = Response(drafts.export_file(session(), number, file), mimetype="application/xml")
    if "download" in request.args:
        answer.headers.set("Content-Disposition", "attachment", filename=file)
    return answer


@blueprint.post("/drafts/<int:number>/save")
@allow(admins)
@answering
def save(number: int) -> dict[str, Any]:
    """Keep what is on the screen (自动保存)."""
    file = _file(drafts.get_draft(session(), number))
    text, revision = sent("text"), sent("revision", int)
    kept = drafts.save_draft(session(), number, file, text, revision=revision, actor=me(), now=now())
    return {"revision": kept}


@blueprint.post("/drafts/<int:number>/check")
@allow(admins)
@answering
def check(number: int) -> dict[str, Any]:
    """What stands against publishing the text on the screen; the same check as `keguan bpmn check`."""
    draft = drafts.get_draft(session(), number)
    files = {**drafts.files_of(draft), _file(draft): sent("text").encode()}
    found = [one for one in checking.check_text(session(), files, now()) if one.file == _file(draft)]
    fields = ("element", "line", "rule", "message", "fix")
    return {"findings": [{name: getattr(one, name) for name in fields} for one in found]}


@blueprint.post("/drafts/<int:number>/prove")
@allow(admins)
@answering
def prove(number: int) -> dict[str, Any]:
    """The proof of the text on the screen, as the part of a page."""
    draft = drafts.get_draft(session(), number)
    files = {**drafts.files_of(draft), _file(draft): sent("text").encode()}
    proofs: list[proof.Proof] = []
    found = checking.check_text(session(), files, now())
    if not found:
        proofs = checking.prove_files(session(), files, now())
    everything: list[Judged] = judged(proofs, {**drafts.live_files(session(), now()), **files})
    return {"html": render_template("change/proof.html", proofs=everything, refused=bool(found))}


@blueprint.post("/expression")
@allow(admins)
@answering
def expression() -> dict[str, Any]:
    """What is wrong with an expression, while it is typed; a time limit may name a policy value."""
    text = sent("text")
    problems = expressions.check(text) if text.strip() else []
    return {"problems": problems}


@blueprint.post("/drafts/<int:number>/import")
@allow(admins)
def bring(number: int) -> ResponseReturnValue:
    """Put an uploaded file in the draft's place; what of it is not supported is listed with a replacement."""
    found = drafts.get_draft(session(), number)
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Unusable(_("请先选择一个 BPMN 或 DMN 文件。"))
    return _imported(found, upload.filename, upload.read())


def _imported(draft: ProcedureDraft, name: str, content: bytes) -> ResponseReturnValue:
    """Keep the file; go on to the editor, or first to the list of what it holds in vain."""
    drafts.import_file(session(), draft.key, name, content, actor=me(), now=now())
    parts = unsupported(content, name)
    if not parts:
        flash(_("已导入 %(name)s；其中的内容都受支持。", name=name))
        return redirect(url_for("change.draft", number=draft.id))
    return render_template("change/imported.html", draft=draft, name=name, parts=parts)


@blueprint.post("/drafts/<int:number>/tables")
@allow(admins)
def add_table(number: int) -> ResponseReturnValue:
    """A new decision table in the draft, published together with the diagram that asks it."""
    given = request.form
    file = drafts.add_decision(
        session(), number, given.get("key", "").strip(), given.get("title", "").strip(), actor=me(), now=now()
    )
    return redirect(url_for("change.draft", number=number, file=file))


@blueprint.post("/drafts/<int:number>/strip")
@allow(admins)
def strip(number: int) -> ResponseReturnValue:
    """Take other products' extensions out of a draft."""
    found = drafts.get_draft(session(), number)
    file = _file(found)
    text = without_extensions(drafts.export_file(session(), number, file), file).decode()
    drafts.save_draft(session(), number, file, text, revision=found.revision, actor=me(), now=now())
    flash(_("其他产品的扩展已去掉；其余问题列在“检查”里。"))
    return redirect(url_for("change.draft", number=number))


@blueprint.post("/drafts/<int:number>/discard")
@allow(admins)
def discard(number: int) -> ResponseReturnValue:
    """Throw one's draft away."""
    drafts.discard_draft(session(), number, actor=me())
    flash(_("草稿已丢弃；正在执行的流程没有变化。"))
    return redirect(url_for("change.index"))


def _file(draft: ProcedureDraft) -> str:
    """The file the address names; else the draft's own first one."""
    named = request.args.get("file", "")
    return named if named in draft.files else next(iter(draft.files))


def _title(draft: ProcedureDraft, parts: list[drafts.Part]) -> str:
    return next((part.title for part in parts if part.key == draft.key), draft.key)
