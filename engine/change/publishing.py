"""Publishing (发布): a draft becomes the next version of every procedure it is part of, once a second admin agrees.

What is refused here is refused for everybody: findings of the check, a property that is not proved, a stored
test that fails. A published version takes effect by the clock: new cases look up what is in force when they
begin; running cases stay where they are until somebody migrates them.

Going back to an earlier version is a release like any other and needs the second admin too, because it changes
what every new case runs; but it is not held up by tests, which were written for what is being left.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from engine.bpmn.difference import difference
from engine.bpmn.proof import Proof, Property
from engine.change import tests
from engine.change.checking import affected_keys, check_text, prove_files
from engine.change.drafts import contents, files_of, get_draft, live_files, read_kept
from engine.change.models import ChangeProposal, ProcedureDraft
from engine.change.proposals import propose, require_ground
from engine.change.tests import TestResult
from engine.clock import SHANGHAI
from engine.errors import Conflict, KeguanError, NotFound, Refused
from engine.people import permissions
from engine.people.models import Account
from engine.procedures import versions
from engine.procedures.models import ProcedureVersion


def propose_publication(
    session: Session,
    draft_id: int,
    *,
    clause: str,
    note: str,
    effective_at: datetime,
    actor: Account,
    now: datetime,
) -> ChangeProposal:
    """Propose a draft as the next version of every procedure that uses it.

    Raises Unusable without a ground or note, Refused with one reason per finding, unproved property and failing
    test, or when the draft changes nothing; Conflict when the part was published anew since the draft began.
    """
    permissions.may_administer(actor).require()
    require_ground(clause, note)
    draft = get_draft(session, draft_id)
    files = files_of(draft)
    _require_fresh(session, draft, now)
    keys = affected_keys(session, files, now)
    if not keys:
        raise Refused("草稿与现行版本没有区别，没有需要发布的修改。")
    _require_nothing_scheduled(session, keys, now)
    report = examine(session, files, keys, now)
    bases = {key: versions.in_force(session, key, now) for key in keys if key in versions.keys(session)}
    return propose(
        session,
        "procedure",
        draft.key,
        f"发布流程“{_title(session, files, draft.key, now)}”的新版本",
        {"files": dict(draft.files), "keys": keys, "bases": bases},
        clause=clause,
        note=note,
        effective_at=effective_at,
        actor=actor,
        now=now,
        report=report,
    )


def _require_fresh(session: Session, draft: ProcedureDraft, now: datetime) -> None:
    live = live_files(session, now)
    stale = [name for name, text in draft.base.items() if live.get(name) != text.encode()]
    if stale:
        raise Conflict(
            f"草稿开始之后，{'、'.join(stale)} 已发布过新版本；请导出草稿，按现行版本重新打开后再合并修改。"
        )


def _require_nothing_scheduled(session: Session, keys: Sequence[str], now: datetime) -> None:
    """A version that is yet to take effect must not be overtaken by one that does not know it."""
    for key in keys:
        later = [one for one in versions.releases(session, key) if one.effective_at > now]
        if later:
            at = later[0].effective_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
            raise Refused(f"流程“{key}”已有新版本将于 {at} 生效；请待其生效后，在新版本上修改。")


def examine(
    session: Session, files: Mapping[str, bytes], keys: Sequence[str], now: datetime
) -> dict[str, Any]:
    """Check, prove and test these files as they would be in force; Refused with every reason, else a report."""
    findings = check_text(session, files, now)
    if findings:
        reasons = [f"{one.file} 第 {one.line} 行：{one.message}{one.fix}" for one in findings]
        raise Refused(f"流程图还有 {len(findings)} 处不符合规范，不能发布。", reasons)
    proofs = prove_files(session, files, now)
    together = {**live_files(session, now), **files}
    results = {key: tests.run_all(session, key, together, now) for key in keys}
    reasons = [*_unproved(proofs), *_failed(results)]
    if reasons:
        raise Refused(f"发布前的证明或测试没有通过（{len(reasons)} 项），不能发布。", reasons)
    return {
        "proof": _proof_report(proofs),
        "tests": [_test_report(key, one) for key, each in results.items() for one in each],
        "changes": [change.sentence for change in _changes(session, files, now)],
    }


def _unproved(proofs: Sequence[Proof]) -> list[str]:
    words = {False: "不成立", None: "未能证明"}
    return [
        f"{proof.process}：“{Property.of(verdict.property).zh}”{words[verdict.holds]}"
        + (f"，例如 {' → '.join(verdict.walk)}" if verdict.walk else "")
        for proof in proofs
        for verdict in proof.verdicts
        if verdict.holds is not True
    ]


def _failed(results: Mapping[str, Sequence[TestResult]]) -> list[str]:
    return [
        f"{key} 的测试“{one.name}”没有通过：{one.message}"
        for key, each in results.items()
        for one in each
        if not one.passed
    ]


def _proof_report(proofs: Sequence[Proof]) -> list[dict[str, Any]]:
    return [
        {
            "file": verdict.file,
            "process": proof.process,
            "property": verdict.property,
            "holds": verdict.holds,
            "walk": list(verdict.walk),
        }
        for proof in proofs
        for verdict in proof.verdicts
    ]


def _test_report(key: str, one: TestResult) -> dict[str, Any]:
    return {"key": key, "name": one.name, "passed": one.passed, "message": one.message}


def _changes(session: Session, files: Mapping[str, bytes], now: datetime) -> Sequence[Any]:
    live = live_files(session, now)
    return difference({name: live[name] for name in files if name in live}, files)


def _title(session: Session, files: Mapping[str, bytes], key: str, now: datetime) -> str:
    titles = {
        id_: title
        for content in {**live_files(session, now), **files}.values()
        for id_, title in contents(read_kept(content, ""))
    }
    return titles.get(key, key)


def carry_out_publication(session: Session, proposal: ChangeProposal, actor: Account, now: datetime) -> None:
    """Publish what was proposed; Conflict when a procedure got another version meanwhile.

    Check, proof and tests are run again on what is in force now.
    """
    payload = proposal.payload
    _require_nothing_scheduled(session, payload["keys"], now)
    for key, base in payload["bases"].items():
        if versions.in_force(session, key, now) != base:
            raise Conflict(f"提出之后，流程“{key}”已有新的版本生效；请退回本提议，按现行版本重新提出。")
    files = {name: text.encode() for name, text in payload["files"].items()}
    proposal.report = examine(session, files, payload["keys"], now)
    together = {**live_files(session, now), **files}
    made = {}
    for key in payload["keys"]:
        version = versions.keep(
            session,
            together,
            key,
            at=max(proposal.effective_at, now),
            by=proposal.proposed_by,
            note=proposal.note,
        )
        _release(session, version, proposal, actor, now)
        made[key] = version.hash
    proposal.report = proposal.report | {"versions": made}
    _clear_draft(session, proposal)


def _clear_draft(session: Session, proposal: ChangeProposal) -> None:
    """The draft that is now in force has done its work; one that was edited on stays."""
    published = select(ProcedureDraft).where(
        ProcedureDraft.key == proposal.subject, ProcedureDraft.owner == proposal.proposed_by
    )
    draft = session.exec(published).first()
    if draft is not None and draft.files == proposal.payload["files"]:
        session.delete(draft)


def _release(
    session: Session, version: ProcedureVersion, proposal: ChangeProposal, actor: Account, now: datetime
) -> None:
    versions.release(
        session,
        version,
        at=max(proposal.effective_at, now),
        by=proposal.proposed_by,
        note=proposal.note,
        now=now,
        clause=proposal.clause,
        approved_by=actor.login,
        proposal_id=proposal.id,
    )


def propose_return(
    session: Session,
    key: str,
    version: str,
    *,
    reason: str,
    clause: str,
    effective_at: datetime,
    actor: Account,
    now: datetime,
) -> ChangeProposal:
    """Propose that new cases start on an earlier version again (恢复旧版本)."""
    permissions.may_administer(actor).require()
    row = session.get(ProcedureVersion, version)
    if row is None or row.key != key:
        raise NotFound(f"流程“{key}”没有编号为 {version[:12]} 的版本。")
    if versions.in_force(session, key, now) == version:
        raise Refused("这个版本正在生效，不需要恢复。")
    return propose(
        session,
        "return",
        key,
        f"流程“{row.title}”恢复到版本 {version[:8]}",
        {"version": version},
        clause=clause,
        note=reason,
        effective_at=effective_at,
        actor=actor,
        now=now,
        report={"tests": _returned_tests(session, row, now)},
    )


def _returned_tests(session: Session, row: ProcedureVersion, now: datetime) -> list[dict[str, Any]]:
    """How today's tests go on the earlier version: said, never in the way."""
    files = {name: text.encode() for name, text in row.sources.items()}
    try:
        return [_test_report(row.key, one) for one in tests.run_all(session, row.key, files, now)]
    except KeguanError as error:
        return [{"key": row.key, "name": "", "passed": False, "message": error.message}]


def carry_out_return(session: Session, proposal: ChangeProposal, actor: Account, now: datetime) -> None:
    """Put the earlier version in force for new cases."""
    version = session.get_one(ProcedureVersion, proposal.payload["version"])
    _release(session, version, proposal, actor, now)
