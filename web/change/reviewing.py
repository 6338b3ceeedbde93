"""Before a draft is proposed: what it changes, whether it holds, how the stored tests go; then the proposal."""

from datetime import datetime

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.bpmn.words import Facet
from engine.change import checking, comparing, drafts, publishing, tests
from engine.change.models import ProcedureDraft
from engine.clock import SHANGHAI
from engine.errors import KeguanError, NotFound, Unusable
from web.access import allow
from web.auth import me
from web.change.pictures import change_title, change_word, pictures
from web.change.proofs import judged
from web.change.room import admins, blueprint, procedure_title
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _

blueprint.add_app_template_global(change_word)
blueprint.add_app_template_global(change_title)
blueprint.add_app_template_global(Facet, "Facet")


@blueprint.get("/drafts/<int:number>/review")
@allow(admins)
def review(number: int) -> ResponseReturnValue:
    """The draft beside what is in force, its findings, proof and tests, and the form that proposes it."""
    return _page(drafts.get_draft(session(), number))


@blueprint.post("/drafts/<int:number>/review")
@allow(admins)
def propose(number: int) -> ResponseReturnValue:
    """Propose the draft for publication; what stands against it is listed on the same page."""
    draft = drafts.get_draft(session(), number)
    given = request.form
    try:
        proposal = publishing.propose_publication(
            session(),
            number,
            clause=given.get("clause", ""),
            note=given.get("note", ""),
            effective_at=moment_from(given.get("effective_at", "")),
            actor=me(),
            now=now(),
        )
    except KeguanError as refusal:
        return _page(draft, [refusal.message, *refusal.reasons]), status_of(refusal)
    flash(_("已提交，等待另一位管理员批准。"))
    return redirect(url_for("change.proposal", number=proposal.id))


@blueprint.get("/drafts/<int:number>/diagram/<process>.bpmn")
@allow(admins)
def drafted(number: int, process: str) -> ResponseReturnValue:
    """A diagram as the draft would have it: the draft's own, or the one in force around it."""
    files = {**drafts.live_files(session(), now()), **drafts.files_of(drafts.get_draft(session(), number))}
    return _xml(files[drafts.home(files, process)])


@blueprint.get("/live/<process>.bpmn")
@allow(admins)
def live(process: str) -> ResponseReturnValue:
    """A diagram in force."""
    files = drafts.live_files(session(), now())
    return _xml(files[drafts.home(files, process)])


def _page(draft: ProcedureDraft, problems: list[str] | None = None) -> str:
    files, running = drafts.files_of(draft), drafts.live_files(session(), now())
    before = {name: running[name] for name in files if name in running}
    findings = checking.check_text(session(), files, now())
    together = {**running, **files}
    changes = () if findings else comparing.draft_difference(session(), draft.id or 0, now())
    proofs = [] if findings else judged(checking.prove_files(session(), files, now()), together)
    keys = [] if findings else checking.affected_keys(session(), files, now())
    return render_template(
        "change/review.html",
        draft=draft,
        title=procedure_title(draft.key),
        findings=findings,
        changes=changes,
        pictures=pictures(
            changes,
            before,
            files,
            lambda key: url_for("change.live", process=key),
            lambda key: url_for("change.drafted", number=draft.id, process=key),
        ),
        proofs=proofs,
        diagram_of=lambda key: url_for("change.drafted", number=draft.id, process=key),
        keys=keys,
        results={key: tests.run_all(session(), key, together, now()) for key in keys},
        problems=list(dict.fromkeys(problems or [])),
        at=now().astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"),
    )


def moment_from(text: str) -> datetime:
    """What a date-and-time field holds, as Liuzhou time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError as problem:
        raise Unusable(_("请填写生效时间，如 2026-12-01 09:00。")) from problem


def _xml(content: bytes) -> Response:
    if not content:
        raise NotFound(_("没有这个流程图。"))
    return Response(content, mimetype="application/xml")
