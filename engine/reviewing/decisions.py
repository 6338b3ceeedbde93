"""The review round's second half (立项): proposal, meeting, consultation, public notice, approval, announcement."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from engine.cases.fields import Line, Text, Yuan, en, to_fen, yuan_text
from engine.cases.models import CaseFile, WorkItem
from engine.cases.money_facts import planned_facts
from engine.cases.moves import Form, Move, action, form, refuse_unless
from engine.catalogue.directions import get_direction
from engine.clock import local_day
from engine.errors import Refused
from engine.money import rules
from engine.money.facts import check_facts
from engine.money.refusals import Refusal
from engine.people.models import Organization
from engine.reviewing.models import PublicNotice, ReviewRound, RoundEntry
from engine.reviewing.rounds import entries, round_of, tell_case, titled

NOTICE_MESSAGE = "notice_opened"
DECISION_MESSAGE = "establishment_decided"


class ProposalRow(BaseModel):
    """What is proposed for one application."""

    model_config = ConfigDict(extra="forbid")

    case_id: int
    fund: bool
    approved: Yuan = Decimal(0)
    reason: Text = ""


class Proposal(Form):
    """The establishment proposal (拟立项方案); empty proposes by rank, each at the amount asked for."""

    rows: list[ProposalRow] = Field(
        default_factory=list, title="拟立项项目", json_schema_extra=en("Proposed", kind="proposal")
    )


@form("proposal", "拟立项方案", "Establishment proposal", Proposal)
def propose(move: Move, item: WorkItem, proposal: Proposal) -> None:  # noqa: ARG001
    """Never above the quota, never an amount the rule does not admit; passing over a better rank needs a reason.

    Where the review or the units left nothing to propose the round is closed instead.
    """
    opened = round_of(move)
    listed = [entry for entry in entries(move.session, opened.id) if entry.announced is None]
    left = sum(entry.result != "rejected" for entry in listed)
    if proposal.outcome == "close":
        refuse_unless(
            not left, f"本轮次还有 {left} 个项目可以拟立项；只有项目都已撤回或评审未通过才能办结轮次。"
        )
        return
    refuse_unless(left, "本轮次的项目都已撤回或评审未通过，没有可以拟立项的；请办结轮次。")
    rows = {row.case_id: row for row in proposal.rows or _by_rank(move.session, opened, listed)}
    strangers = set(rows) - {entry.case_id for entry in listed}
    refuse_unless(not strangers, f"项目 {sorted(strangers)} 不在本评审组。")
    funded = [entry for entry in listed if entry.case_id in rows and rows[entry.case_id].fund]
    refuse_unless(
        opened.quota is None or len(funded) <= opened.quota,
        f"拟立项 {len(funded)} 项，超过本方向限额 {opened.quota} 项；请调减。",
    )
    _refuse_leaps(move, listed, rows)
    for entry in listed:
        row = rows.get(entry.case_id)
        entry.decision = "fund" if row and row.fund else "decline"
        entry.decision_reason = row.reason if row else ""
        entry.approved_fen = _admitted_fen(move.session, entry, row) if row and row.fund else 0
    total = yuan_text(sum(entry.approved_fen for entry in funded))
    move.note("proposed", f"拟立项 {len(funded)} 项，拟补助合计 {total} 元")
    for entry in listed:
        if entry.decision_reason:
            word = "拟立项" if entry.decision == "fund" else "不立项"
            move.note("proposed_because", f"{titled(move, entry.case_id)}{word}：{entry.decision_reason}")


def _by_rank(session: Session, opened: ReviewRound, listed: Sequence[RoundEntry]) -> list[ProposalRow]:
    recommended = [entry for entry in listed if entry.result == "recommended"]
    chosen = recommended[: opened.quota] if opened.quota else recommended
    rows = []
    for entry in chosen:
        case = session.get_one(CaseFile, entry.case_id)
        rows.append(ProposalRow(case_id=entry.case_id, fund=True, approved=Decimal(case.requested_fen) / 100))
    return rows


def _refuse_leaps(move: Move, listed: Sequence[RoundEntry], rows: Mapping[int, ProposalRow]) -> None:
    """Funding one ranked below an unfunded one, or one the review did not recommend, needs a written reason."""
    passed_over = False
    for entry in listed:
        row = rows.get(entry.case_id)
        if row is None or not row.fund:
            passed_over = passed_over or entry.result == "recommended"
            continue
        refuse_unless(entry.result != "rejected", f"{titled(move, entry.case_id)}评审未通过，不能拟立项。")
        refuse_unless(
            row.reason or (entry.result == "recommended" and not passed_over),
            f"{titled(move, entry.case_id)}越过了排名更前的项目或属于备选，拟立项请写明理由。",
        )


def _admitted_fen(session: Session, entry: RoundEntry, row: ProposalRow) -> int:
    """The approved amount, admitted by the direction's rule and never more than was asked for (拟立项金额)."""
    case = session.get_one(CaseFile, entry.case_id)
    refuse_unless(
        to_fen(row.approved) <= case.requested_fen,
        f"项目“{case.title}”的拟立项金额 {row.approved} 元超过申请的 {yuan_text(case.requested_fen)} 元；请调减。",
    )
    spec = get_direction(session, case.direction_code)
    facts = planned_facts(case) | {
        "requested": yuan_text(case.requested_fen),
        "approved": str(row.approved),
    }
    decision = rules.decide(spec, "establishment", check_facts(facts))
    if isinstance(decision, Refusal):
        raise Refused(f"项目“{case.title}”的拟立项金额 {row.approved} 元不成立：{decision.message}")
    return to_fen(row.approved)


@form("fund_plan", "资金方案审核", "Fund plan", Form)
@form("meeting", "局务会审议", "Meeting", Form)
@form("consultation", "三局会商", "Consultation", Form)
@form("government_approval", "市政府审批", "Approval by the government", Form)
def decide_proposal(move: Move, item: WorkItem, decision: Form) -> None:  # noqa: ARG001
    """Whoever does not let the proposal pass says why (纪要、会商意见、批示)."""
    passes = decision.outcome in {"agree", "approve"}
    refuse_unless(passes or decision.comment, "退回、调整或暂缓的，请在意见中写明理由。")


@action("open_public_notice")
def open_public_notice(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Post the notice (公示) and tell every case whether it is on it."""
    opened = round_of(move)
    today = local_day(move.now)
    listed = [entry for entry in entries(move.session, opened.id) if entry.announced is None]
    funded = [entry for entry in listed if entry.decision == "fund"]
    before = set(noticed_cases(move.session, opened.id))
    move.session.add(
        PublicNotice(
            round_id=opened.id or 0,
            title=f"关于{opened.title}拟立项项目的公示",
            posted_on=today,
            ends_on=move.calendar.notice_end(today, move.policy["notice_days"]),
            cases=[entry.case_id for entry in funded],
            listed=[_line(move.session, entry) for entry in funded],
        )
    )
    for entry in listed:
        if entry.case_id in before and entry.decision != "fund":  # adjusted away after an earlier notice
            announce(move, entry, established=False)
        elif entry.result != "rejected":
            outcome = "listed" if entry.decision == "fund" else "declined"
            tell_case(move, entry.case_id, NOTICE_MESSAGE, outcome, f"notice:{opened.id}:{entry.case_id}")
            entry.announced = "declined" if outcome == "declined" else None
    return "done"


def _line(session: Session, entry: RoundEntry) -> dict[str, Any]:
    case = session.get_one(CaseFile, entry.case_id)
    unit = session.get_one(Organization, case.unit_id)
    return {
        "number": case.number,
        "title": case.title,
        "unit": unit.name,
        "approved_fen": entry.approved_fen,
    }


def noticed_cases(session: Session, round_id: int | None) -> list[int]:
    """Every case that was on one of the round's notices so far."""
    statement = select(PublicNotice.cases).where(PublicNotice.round_id == round_id)
    return [case for cases in session.exec(statement) for case in cases]


@action("close_public_notice")
def close_public_notice(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """The notice period is over; a disputed case waits for its own decision, the others go on."""
    opened = round_of(move)
    notice = current_notice(move.session, opened.id)
    if notice is not None:
        notice.closed_at = move.now
    return "done"


def current_notice(session: Session, round_id: int | None) -> PublicNotice | None:
    """The newest notice of a round."""
    statement = (
        select(PublicNotice)
        .where(PublicNotice.round_id == round_id)
        .order_by(col(PublicNotice.id).desc())
        .limit(1)
    )
    return session.exec(statement).first()


class Document(Form):
    """The document that establishes the projects (下达文件)."""

    number: Line = Field(min_length=1, title="文号", json_schema_extra=en("Document number"))


@form("issue_document", "下达立项文件", "Issue the document", Document)
def issue_document(move: Move, item: WorkItem, document: Document) -> None:  # noqa: ARG001
    """Keep the document's number (文号)."""
    round_of(move).document_number = document.number


@action("announce_establishment")
def announce_establishment(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Tell every undisputed case on the notice that it is established (立项); a disputed one stays waiting."""
    opened = round_of(move)
    opened.announced_at = move.now
    for entry in entries(move.session, opened.id):
        if entry.decision == "fund" and not entry.disputed and entry.announced is None:
            announce(move, entry, established=True)
    return "done"


def announce(move: Move, entry: RoundEntry, *, established: bool) -> None:
    """Fix the approved amount on the case and send it the decision, once."""
    entry.announced = "established" if established else "declined"
    case = move.session.get_one(CaseFile, entry.case_id)
    case.approved_fen = entry.approved_fen if established else 0
    case.disputed = False
    tell_case(move, entry.case_id, DECISION_MESSAGE, entry.announced, f"decision:{entry.round_id}:{case.id}")


def entry_on_notice(session: Session, case_id: int) -> RoundEntry | None:
    """The case's entry in the round that has it on notice and has not announced it."""
    statement = (
        select(RoundEntry)
        .where(
            RoundEntry.case_id == case_id,
            RoundEntry.decision == "fund",
            col(RoundEntry.announced).is_(None),
        )
        .order_by(col(RoundEntry.id).desc())
    )
    return session.exec(statement).first()
