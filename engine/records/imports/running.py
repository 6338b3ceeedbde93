"""A project already running (存量项目): its case, its place in the procedure, its milestones and earlier payments.

What was paid before is entered as the system itself would have paid it: an order with the facts and the derivation
of its amount, a ledger row, and the appropriation it was paid from, which was spent before the system was used.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlmodel import Session

from engine import history
from engine.cases.entering import Goal, enter
from engine.cases.fields import yuan_text
from engine.cases.models import CaseFile, Milestone, PaymentOrder, Settlement
from engine.cases.money_facts import PLANNED, payment_facts
from engine.catalogue.directions import get_direction
from engine.catalogue.spec import DirectionSpec
from engine.clock import local_day
from engine.errors import KeguanError, Refused, Unusable
from engine.money import ledger, rules
from engine.money.facts import check_facts
from engine.money.refusals import Refusal
from engine.people.models import Account, Organization
from engine.vocabulary import CaseStatus

PAID_FORMS = frozenset({"cooperation_proof", "cooperation_check"})
"""Forms a cooperation project has behind it once it was paid."""
WHOLE = Decimal(100)


@dataclass(frozen=True)
class Node:
    """One milestone of its task-book, and whether it was passed."""

    title: str
    due_on: date
    percent: Decimal
    passed: bool


@dataclass(frozen=True)
class Earlier:
    """One payment made before; `tranche` for a milestone subsidy."""

    amount_fen: int
    paid_on: date
    voucher: str
    tranche: int | None = None


@dataclass(frozen=True)
class Running:
    """What a bureau knows of a project under way. `facts` are the application's, as JSON."""

    direction: str
    title: str
    unit: Organization
    applicant: Account
    status: CaseStatus
    stage: str
    facts: dict[str, Any]
    requested_fen: int
    approved_fen: int
    starts_on: date
    ends_on: date
    number: str | None = None
    document: str = ""
    cooperation: tuple[int, int] | None = None
    nodes: Sequence[Node] = field(default_factory=tuple)
    payments: Sequence[Earlier] = field(default_factory=tuple)


@dataclass(frozen=True)
class Misfit:
    """Something about the project that cannot be, and the cell it stands in: column, sheet, line from 0."""

    column: str
    sentence: str
    sheet: str = "项目"
    line: int = 0


class Misfits(Refused):
    """What keeps a project out."""

    def __init__(self, misfits: Sequence[Misfit]) -> None:
        super().__init__(misfits[0].sentence, [one.sentence for one in misfits])
        self.misfits = misfits


def bring_in(session: Session, project: Running, *, actor: Account, now: datetime) -> CaseFile:
    """Make the case, standing where the project stands. Raises `Misfits`, or Refused when it cannot stand there."""
    spec = get_direction(session, project.direction)
    if misfits := list(_misfits(spec, project)):
        raise Misfits(misfits)
    case = _case(session, project, now)
    session.add_all(_milestone(case, position, node) for position, node in enumerate(project.nodes, start=1))
    session.flush()
    paid = spec.payment_trigger == "cooperation_payment" and project.payments
    summary = f"存量项目导入：从“{project.stage}”环节进入，此前环节已在系统启用前办结"
    goal = Goal(project.status, PAID_FORMS if paid else (), project.document)
    enter(session, case, goal, actor=actor, now=now, summary=summary + _paper(project))
    if project.cooperation is not None:
        settlement = session.get_one(Settlement, case.id)
        settlement.cooperation_due_fen, settlement.cooperation_paid_fen = project.cooperation
    for position, payment in enumerate(project.payments):
        try:
            _pay(session, case, spec, payment, actor=actor, now=now)
        except KeguanError as refusal:
            raise Misfits([Misfit("amount", refusal.message, "已拨付", position)]) from refusal
    return case


def _paper(project: Running) -> str:
    return f"（立项文号 {project.document}）" if project.document else ""


def _misfits(spec: DirectionSpec, project: Running) -> Iterator[Misfit]:
    """What the establishment and the task-book would have refused."""
    if project.starts_on >= project.ends_on:
        yield Misfit("ends_on", "项目结束日期应晚于开始日期；请改正。")
    if spec.payment_trigger == "none" and project.approved_fen:
        yield Misfit("approved", "这个方向不拨付经费，立项金额应为 0；请改正。")
    elif project.approved_fen:
        yield from _misfit_of_the_amount(spec, project)
    if spec.payment_trigger == "milestone":
        yield from _misfits_of_the_nodes(project.nodes)
    elif project.nodes:
        yield Misfit("title", "这个方向不按里程碑拨付，不应有里程碑节点；请删除。", "里程碑")


def _misfit_of_the_amount(spec: DirectionSpec, project: Running) -> Iterator[Misfit]:
    """Whether the direction's rule admits the established amount; facts nobody knows any more bind nothing."""
    approved = yuan_text(project.approved_fen)
    facts = {fact: str(project.facts[name]) for name, fact in PLANNED.items() if name in project.facts}
    facts |= {"requested": yuan_text(project.requested_fen or project.approved_fen), "approved": approved}
    try:
        decision = rules.decide(spec, "establishment", check_facts(facts))
    except Unusable:
        return
    if isinstance(decision, Refusal):
        yield Misfit("approved", f"立项金额 {approved} 元不符合本方向的规则：{decision.message}")


def _misfits_of_the_nodes(nodes: Sequence[Node]) -> Iterator[Misfit]:
    if not nodes:
        yield Misfit("direction", "这个方向按里程碑拨付，请在“里程碑”表中填写本项目的节点。")
        return
    total = sum((node.percent for node in nodes), Decimal(0))
    if total != WHOLE:
        yield Misfit("percent", f"各节点拨付比例合计为 {total}%，应正好为 100%；请改正。", "里程碑")
    for line, (node, following) in enumerate(pairwise(nodes), start=1):
        if following.passed and not node.passed:
            yield Misfit("passed", "前面的节点还没有通过，这个节点不能先通过；请改正。", "里程碑", line)
    if nodes[-1].passed:
        last = len(nodes) - 1
        yield Misfit("passed", "最后一个节点在验收通过时才算通过，请填“否”。", "里程碑", last)


def _case(session: Session, project: Running, now: datetime) -> CaseFile:
    case = CaseFile(
        number=project.number,
        direction_code=project.direction,
        title=project.title,
        unit_id=project.unit.id or 0,
        recommender_id=project.unit.recommender_id,
        applicant_id=project.applicant.id or 0,
        status=project.status,
        facts=project.facts,
        requested_fen=project.requested_fen or project.approved_fen,
        approved_fen=project.approved_fen,
        starts_on=project.starts_on,
        ends_on=project.ends_on,
        opened_at=now,
    )
    session.add(case)
    session.flush()
    if case.number is None:
        case.number = f"{project.starts_on.year}-{case.direction_code}-{case.id:05d}"
    return case


def _milestone(case: CaseFile, position: int, node: Node) -> Milestone:
    return Milestone(
        case_id=case.id or 0,
        position=position,
        title=node.title,
        due_on=node.due_on,
        percent=f"{node.percent:f}",
        verdict="passed" if node.passed else "pending",
    )


def _pay(
    session: Session, case: CaseFile, spec: DirectionSpec, earlier: Earlier, *, actor: Account, now: datetime
) -> None:
    """Derive the payment anew; it must come to what was paid. Its year's money was spent before."""
    if earlier.paid_on > local_day(now):
        raise Refused(f"拨付日期 {earlier.paid_on} 还没有到；只导入已经拨付的款项。")
    facts = payment_facts(session, case)
    if facts.get("pay_tranche") != earlier.tranche:
        wanted = facts.get("pay_tranche")
        raise Refused(
            f"请按节点顺序逐笔填写，这一笔应是第 {wanted} 个节点。"
            if wanted
            else "这个方向没有节点，节点序号应留空。"
        )
    decision = rules.decide(spec, "payment", check_facts(facts))
    if isinstance(decision, Refusal):
        raise Refused(f"按本方向的规则，这一笔当时不应拨付：{decision.message}")
    if decision.amount_fen != earlier.amount_fen:
        due, given = yuan_text(decision.amount_fen), yuan_text(earlier.amount_fen)
        raise Refused(
            f"按本方向的规则这一笔应为 {due} 元，表中为 {given} 元；请核对金额、立项金额和拨付比例。"
        )
    order = _order(case, earlier, facts, decision, now)
    session.add(order)
    session.flush()
    _enter_in_ledger(session, order, earlier, actor)
    summary = f"存量项目导入：此前已拨付 {yuan_text(earlier.amount_fen)} 元，凭证 {earlier.voucher}"
    history.record(
        session,
        f"case:{case.id}",
        at=now,
        actor=actor.login,
        verb="pay",
        summary=summary,
        payload={"fen": earlier.amount_fen, "order": order.id},
    )


def _order(
    case: CaseFile, earlier: Earlier, facts: dict[str, Any], decision: rules.Payable, now: datetime
) -> PaymentOrder:
    return PaymentOrder(
        case_id=case.id or 0,
        tranche=earlier.tranche,
        amount_fen=decision.amount_fen,
        facts=facts,
        derivation=[step.as_json() for step in decision.derivation],
        budget_year=earlier.paid_on.year,
        voucher=earlier.voucher,
        paid_on=earlier.paid_on,
        computed_at=now,
    )


def _enter_in_ledger(session: Session, order: PaymentOrder, earlier: Earlier, actor: Account) -> None:
    def voucher(key: str) -> ledger.Voucher:
        return ledger.Voucher(
            key, earlier.paid_on, actor.login, reference=earlier.voucher, note="存量项目导入"
        )

    year = earlier.paid_on.year
    ledger.appropriate(
        session, year=year, amount_fen=order.amount_fen, voucher=voucher(f"executed:{order.id}")
    )
    ledger.record_payment(
        session,
        case_id=order.case_id,
        amount_fen=order.amount_fen,
        year=year,
        derivation=order.derivation,
        voucher=voucher(f"order:{order.id}"),
        tranche=order.tranche,
    )
