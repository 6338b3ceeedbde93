"""Approving a proposal: the second admin's signature, and what it sets off."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from engine.change.calendars import carry_out_calendar
from engine.change.guide.drafts import carry_out_guide
from engine.change.models import ChangeProposal
from engine.change.proposals import decide, may_approve, pending
from engine.change.publishing import carry_out_publication, carry_out_return
from engine.change.rules import carry_out_direction, carry_out_policy
from engine.people.models import Account

CARRIES_OUT: dict[str, Callable[[Session, ChangeProposal, Account, datetime], None]] = {
    "procedure": carry_out_publication,
    "return": carry_out_return,
    "policy": carry_out_policy,
    "direction": carry_out_direction,
    "calendar": carry_out_calendar,
    "guide": carry_out_guide,
}


def approve(
    session: Session, proposal_id: int, *, actor: Account, now: datetime, remark: str = ""
) -> ChangeProposal:
    """Approve and carry out a proposal.

    Raises Forbidden when the same person proposed it, Conflict when it is decided already or rests on what is no
    longer in force, Refused when what was checked at the proposal no longer holds; nothing has changed then.
    """
    proposal = pending(session, proposal_id)
    may_approve(actor, proposal).require()
    CARRIES_OUT[proposal.kind](session, proposal, actor, now)
    return decide(session, proposal, "approved", remark.strip(), actor, now)
