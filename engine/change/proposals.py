"""Proposals and the second pair of eyes (四眼原则): who proposes a change never approves it.

Proposing checks everything that can be checked; approving checks it again, because other changes may have come
in between, and carries it out (`engine.change.approving`). Every step is in the history of what is changed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine import history
from engine.change.models import ChangeProposal
from engine.errors import Conflict, NotFound, Refused, Unusable
from engine.people import permissions
from engine.people.models import Account
from engine.people.permissions import ALLOWED, Decision, Denied


def propose(
    session: Session,
    kind: str,
    subject: str,
    title: str,
    payload: Mapping[str, Any],
    *,
    clause: str,
    note: str,
    effective_at: datetime,
    actor: Account,
    now: datetime,
    report: Mapping[str, Any] | None = None,
) -> ChangeProposal:
    """Keep a proposal for a second admin; the caller has checked what it would do.

    Raises Unusable without a ground (依据) or a note, Refused when the same subject has one waiting already.
    """
    permissions.may_administer(actor).require()
    require_ground(clause, note)
    effective_at = max(effective_at, now)
    waiting = select(ChangeProposal).where(
        ChangeProposal.status == "pending", ChangeProposal.kind == kind, ChangeProposal.subject == subject
    )
    if (other := session.exec(waiting).first()) is not None:
        raise Refused(f"“{other.title}”正在等待批准；请先批准、退回或撤回它，再提出新的修改。")
    proposal = ChangeProposal(
        kind=kind,
        subject=subject,
        title=title,
        payload=dict(payload),
        clause=clause.strip(),
        note=note.strip(),
        effective_at=effective_at,
        report=dict(report or {}),
        proposed_by=actor.login,
        proposed_at=now,
    )
    session.add(proposal)
    session.flush()
    record(
        session, proposal, "propose", f"提出：{title}（{note.strip()}；依据：{clause.strip()}）", actor, now
    )
    return proposal


def require_ground(clause: str, note: str) -> None:
    """Every change states what it rests on and what it is for."""
    missing = [
        word for word, text in (("依据（指南条款或文件）", clause), ("修改说明", note)) if not text.strip()
    ]
    if missing:
        raise Unusable(f"请填写{'和'.join(missing)}；没有依据的修改不能提交。", missing)


def may_approve(actor: Account, proposal: ChangeProposal) -> Decision:
    """May this account approve the proposal? An admin, and never the one who proposed it."""
    if not (able := permissions.may_administer(actor)):
        return able
    if proposal.status != "pending":
        return Denied(f"“{proposal.title}”已经{STATUS_WORDS[proposal.status]}。")
    if proposal.proposed_by == actor.login:
        return Denied("提出人不能批准自己的修改，须由另一位管理员批准（四眼原则）。")
    return ALLOWED


STATUS_WORDS = {"pending": "待批准", "approved": "批准", "refused": "退回", "withdrawn": "撤回"}


def pending(session: Session, proposal_id: int) -> ChangeProposal:
    """A proposal that still waits, locked; NotFound or Conflict with a sentence."""
    proposal = session.get(ChangeProposal, proposal_id, with_for_update=True, populate_existing=True)
    if proposal is None:
        raise NotFound("没有这项修改提议；请从提议列表进入。")
    if proposal.status != "pending":
        raise Conflict(f"“{proposal.title}”已由{proposal.decided_by or ''}{STATUS_WORDS[proposal.status]}。")
    return proposal


def decide(
    session: Session, proposal: ChangeProposal, status: str, decision: str, actor: Account, now: datetime
) -> ChangeProposal:
    """Write down what became of a proposal."""
    proposal.status, proposal.decision = status, decision
    proposal.decided_by, proposal.decided_at = actor.login, now
    session.flush()
    words = f"{STATUS_WORDS[status]}：{proposal.title}" + (f"（{decision}）" if decision else "")
    record(
        session, proposal, {"approved": "approve", "refused": "refuse"}.get(status, status), words, actor, now
    )
    return proposal


def refuse(
    session: Session, proposal_id: int, *, reason: str, actor: Account, now: datetime
) -> ChangeProposal:
    """Send a proposal back with a reason; nothing changes. The proposer withdraws instead."""
    proposal = pending(session, proposal_id)
    may_approve(actor, proposal).require()
    if not reason.strip():
        raise Unusable("请写明退回的理由。")
    return decide(session, proposal, "refused", reason.strip(), actor, now)


def withdraw(session: Session, proposal_id: int, *, actor: Account, now: datetime) -> ChangeProposal:
    """Take back a proposal of one's own."""
    proposal = pending(session, proposal_id)
    permissions.may_administer(actor).require()
    if proposal.proposed_by != actor.login:
        raise Refused("只有提出人可以撤回；其他管理员请退回并写明理由。")
    return decide(session, proposal, "withdrawn", "", actor, now)


def proposals(session: Session, status: str | None = None, kind: str | None = None) -> list[ChangeProposal]:
    """Proposals, the newest first, narrowed as asked."""
    statement = select(ChangeProposal).order_by(col(ChangeProposal.id).desc())
    if status is not None:
        statement = statement.where(ChangeProposal.status == status)
    if kind is not None:
        statement = statement.where(ChangeProposal.kind == kind)
    return list(session.exec(statement))


def record(
    session: Session, proposal: ChangeProposal, verb: str, summary: str, actor: Account, now: datetime
) -> None:
    """A line in the history of what is changed."""
    history.record(
        session,
        f"change:{proposal.kind}:{proposal.subject}",
        at=now,
        actor=actor.login,
        verb=verb,
        summary=summary,
        payload={
            "proposal": proposal.id,
            "clause": proposal.clause,
            "note": proposal.note,
            "effective_at": proposal.effective_at.isoformat(),
        },
    )
