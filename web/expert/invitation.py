"""An invitation to review: which applications, what is to be declared before any file opens, the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from engine.cases.models import CaseFile, WorkItem
from engine.cases.moves import form_spec
from engine.errors import KeguanError
from engine.people.models import Organization
from engine.reviewing import parties
from engine.reviewing.models import PanelMember, ReviewRound
from web.addresses import is_number
from web.expert.assignments import cases_of, files, seat_of
from web.forms.reading import Sent
from web.forms.sending import Complaint, Refusal, complaints

ANSWERS = ("accept", "decline", "conflict")


@dataclass(frozen=True)
class InvitedTo:
    """One application of the group: what may be told before signing, and the conflict typed about it.

    `others` are the units that take part besides the lead, `heads` the legal representatives by unit.
    """

    case: CaseFile
    unit: str
    others: Sequence[str]
    heads: Mapping[str, str]
    statement: str = ""

    @property
    def team(self) -> list[str]:
        """The members, each with the unit where it is another."""
        return [
            f"{one['name']}（{one['unit']}）" if one.get("unit") else one["name"]
            for one in parties.team_of(self.case)
        ]


@dataclass(frozen=True)
class InvitationPage:
    """The invitation with what was entered; `unknown` are the sentences the expert has to answer to."""

    item: WorkItem
    round: ReviewRound
    seat: PanelMember
    cases: Sequence[InvitedTo]
    unknown: Sequence[str]
    outcome: str = ""
    comment: str = ""
    signed: bool = False
    refusal: Refusal | None = None


def invitation_page(
    session: Session, item: WorkItem, *, sent: Sent | None = None, refusal: KeguanError | None = None
) -> InvitationPage:
    """The invitation for the expert it is addressed to; with `sent` as it was filled in."""
    seat = seat_of(session, item)
    typed = sent or Sent()
    cases = files(session, cases_of(session, item))
    units = parties.organizations(session, cases)
    return InvitationPage(
        item,
        session.get_one(ReviewRound, item.round_id),
        seat,
        [_invited_to(case, units, typed.get(f"statement.{case.id}", "")) for case in cases],
        [str(sentence) for sentence in seat.declared.get("unknown", [])],
        outcome=typed.get("outcome", ""),
        comment=typed.get("comment", ""),
        signed=typed.get("signed") == "yes",
        refusal=Refusal(_complaints(item, refusal, typed)) if refusal else None,
    )


def _invited_to(case: CaseFile, units: Sequence[Organization], statement: str) -> InvitedTo:
    lead = next(one.name for one in units if one.id == case.unit_id)
    others = [name for name in parties.partners(case) if name != lead]
    heads = {one.name: one.legal_representative for one in units if one.name in (lead, *others)}
    return InvitedTo(case, lead, others, {name: head for name, head in heads.items() if head}, statement)


def _complaints(item: WorkItem, refusal: KeguanError, sent: Sent) -> list[Complaint]:
    """Each sentence with the field it is about: what the rules refuse is missing from one of two fields."""
    found = complaints(form_spec(item.form_key).model, refusal)
    unsigned = sent.get("outcome") == "accept" and sent.get("signed") != "yes"
    field = "signed" if unsigned else None if sent.get("comment", "").strip() else "comment"
    return [one if one.name else Complaint(one.sentence, field) for one in found]


def answer_from(sent: Sent) -> dict[str, Any]:
    """The invitation form's payload: the decision, the promise, and a statement for each conflict named."""
    statements = {
        key.removeprefix("statement."): text.strip()
        for key, text in sent.items()
        if key.startswith("statement.") and text.strip()
    }
    declared = [
        {"case_id": case_id, "statement": text} for case_id, text in statements.items() if is_number(case_id)
    ]
    return {
        "outcome": sent.get("outcome", ""),
        "signed": sent.get("signed") == "yes",
        "declarations": declared if sent.get("outcome") != "decline" else [],
        "comment": sent.get("comment", "").strip(),
    }
