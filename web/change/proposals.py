"""Proposals: what waits for a second admin, what it would change, and the decision (四眼)."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.bpmn.difference import Change, difference
from engine.change import approving, drafts, proposals
from engine.change.models import ChangeProposal
from engine.errors import NotFound
from engine.procedures import versions
from engine.procedures.models import ProcedureVersion
from web.access import allow
from web.auth import me
from web.change.pictures import Picture, pictures
from web.change.proofs import Judged, judged_report
from web.change.room import admins, admins_and_supervision, blueprint
from web.clock import now
from web.database import session
from web.language import translate as _


@blueprint.get("/proposals")
@allow(admins_and_supervision)
def proposal_list() -> ResponseReturnValue:
    """Every proposal, those that wait first."""
    found = sorted(proposals.proposals(session()), key=lambda one: one.status != "pending")
    return render_template("change/proposals.html", proposals=found)


@blueprint.get("/proposals/<int:number>")
@allow(admins_and_supervision)
def proposal(number: int) -> ResponseReturnValue:
    """What a proposal changes, what was proved and tested, and the second admin's buttons."""
    found = _proposal(number)
    changes, drawn = _changes(found)
    return render_template(
        "change/proposal.html",
        proposal=found,
        changes=changes,
        pictures=drawn,
        proofs=_proofs(found),
        may=proposals.may_approve(me(), found),
    )


@blueprint.post("/proposals/<int:number>/approve")
@allow(admins)
def approve(number: int) -> ResponseReturnValue:
    """The second pair of eyes: carry it out."""
    done = approving.approve(session(), number, actor=me(), now=now(), remark=request.form.get("remark", ""))
    flash(_("已批准：%(title)s。", title=done.title))
    return redirect(url_for("change.proposal", number=number))


@blueprint.post("/proposals/<int:number>/refuse")
@allow(admins)
def refuse(number: int) -> ResponseReturnValue:
    """Send it back with a reason."""
    reason = request.form.get("reason", "")
    proposals.refuse(session(), number, reason=reason, actor=me(), now=now())
    flash(_("已退回，没有任何改动。"))
    return redirect(url_for("change.proposal", number=number))


@blueprint.post("/proposals/<int:number>/withdraw")
@allow(admins)
def withdraw(number: int) -> ResponseReturnValue:
    """Take one's own proposal back."""
    proposals.withdraw(session(), number, actor=me(), now=now())
    flash(_("已撤回，没有任何改动。"))
    return redirect(url_for("change.proposal", number=number))


@blueprint.get("/proposals/<int:number>/diagram/<side>/<process>.bpmn")
@allow(admins_and_supervision)
def proposed(number: int, side: str, process: str) -> ResponseReturnValue:
    """A diagram of a proposal: `old` as it was when it was proposed, `new` as proposed."""
    before, after = _files(_proposal(number))
    files = before if side == "old" else after
    return Response(files[drafts.home(files, process)], mimetype="application/xml")


def _proposal(number: int) -> ChangeProposal:
    found = session().get(ChangeProposal, number)
    if found is None:
        raise NotFound(_("没有编号为 %(number)s 的修改提议。", number=number))
    return found


def _changes(found: ChangeProposal) -> tuple[tuple[Change, ...], list[Picture]]:
    if found.kind not in {"procedure", "return"}:
        return (), []
    before, after = _files(found)
    changes = difference(before, after)

    def address(side: str, key: str) -> str:
        return url_for("change.proposed", number=found.id, side=side, process=key)

    return changes, pictures(
        changes, before, after, lambda key: address("old", key), lambda key: address("new", key)
    )


def _proofs(found: ChangeProposal) -> list[Judged]:
    report = found.report.get("proof", [])
    return (
        judged_report(report, {**drafts.live_files(session(), now()), **_files(found)[1]}) if report else []
    )


def _files(found: ChangeProposal) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What is compared: a publication's own files with those they replace, or two whole versions."""
    if found.kind == "return":
        running = versions.in_force(session(), found.subject, found.proposed_at)
        return _sources(running), _sources(found.payload["version"])
    after = {name: text.encode() for name, text in found.payload["files"].items()}
    bases: dict[str, Any] = {}
    for version in found.payload["bases"].values():
        bases |= _sources(version)
    return {name: bases[name] for name in after if name in bases}, after


def _sources(version: str) -> dict[str, bytes]:
    row = session().get_one(ProcedureVersion, version)
    return {name: text.encode() for name, text in row.sources.items()}
