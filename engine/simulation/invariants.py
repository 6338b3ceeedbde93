"""What must hold in any database (不变量), each with how many rows it looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from engine import history
from engine.cases.models import CaseFile, Milestone, PaymentOrder, Process, Settlement, Waiting, WorkItem
from engine.catalogue.directions import every_direction
from engine.catalogue.editions import direction_at
from engine.catalogue.spec import DirectionSpec
from engine.money import rules
from engine.money.facts import check_facts
from engine.money.models import Clawback, Commitment, Payment
from engine.money.refusals import Refusal
from engine.reviewing.models import ReviewRound, RoundEntry


@dataclass(frozen=True)
class Invariant:
    """One invariant: `checked` rows were looked at, `broken` says in sentences where it does not hold."""

    name: str
    checked: int
    broken: tuple[str, ...]

    @property
    def held(self) -> bool:
        """Whether it holds everywhere."""
        return not self.broken


Looks = Iterator[str | None]
"""One item per row looked at: None where the invariant holds, a sentence where it does not."""


def check_all(session: Session) -> list[Invariant]:
    """Every invariant, in the order below."""
    specs = {spec.code: spec for spec in every_direction(session)}
    checks: dict[str, Callable[[], Looks]] = {
        "no_payment_before_its_trigger": lambda: _triggers(session, specs),
        "no_payment_on_failed_acceptance": lambda: _failed(session, specs),
        "no_payment_for_unfunded": lambda: _unfunded(session, specs),
        "quota_never_exceeded": lambda: _quotas(session),
        "payments_within_commitments": lambda: _commitments(session),
        "every_case_ended_or_waiting": lambda: _live(session),
        "every_amount_equals_a_fresh_derivation": lambda: _derivations(session),
        "every_payment_has_its_order": lambda: _orders(session),
        "history_chain_verifies": lambda: _history(session),
    }
    found = []
    for name, check in checks.items():
        looks = list(check())
        found.append(Invariant(name, len(looks), tuple(look for look in looks if look is not None)))
    return found


def _paid_orders(session: Session) -> list[tuple[PaymentOrder, CaseFile, Payment]]:
    """Paid orders with their case and ledger row."""
    rows = session.exec(select(Payment).where(col(Payment.reverses_id).is_(None))).all()
    by_key = {row.idempotency_key: row for row in rows}
    statement = (
        select(PaymentOrder, CaseFile)
        .join(CaseFile, col(CaseFile.id) == PaymentOrder.case_id)
        .where(col(PaymentOrder.voucher).is_not(None))
    )
    return [
        (order, case, by_key[f"order:{order.id}"])
        for order, case in session.exec(statement)
        if f"order:{order.id}" in by_key
    ]


def _triggers(session: Session, specs: dict[str, DirectionSpec]) -> Looks:
    """The event that makes money payable lies before the payment, by its own row and day."""
    for order, case, payment in _paid_orders(session):
        settlement = session.get_one(Settlement, case.id)
        trigger = specs[case.direction_code].payment_trigger
        if trigger == "acceptance":
            accepted = settlement.acceptance == "passed" and settlement.accepted_on is not None
            fine = accepted and settlement.accepted_on <= payment.recorded_on  # type: ignore[operator]
        elif trigger == "milestone":
            node = session.exec(
                select(Milestone).where(
                    Milestone.case_id == case.id, Milestone.position == (order.tranche or 0)
                )
            ).one()
            fine = node.verdict == "passed"
        else:
            due, paid = settlement.cooperation_due_fen, settlement.cooperation_paid_fen
            fine = due is not None and paid is not None and 0 < due <= paid
        yield None if fine else f"项目 {case.number} 在“{trigger}”成就之前拨付。"


def _failed(session: Session, specs: dict[str, DirectionSpec]) -> Looks:
    """A case whose acceptance failed got nothing that acceptance makes payable, and the last tranche never."""
    statement = (
        select(CaseFile)
        .join(Settlement, col(Settlement.case_id) == CaseFile.id)
        .where(col(Settlement.acceptance).in_(("failed", "terminated")))
    )
    for case in session.exec(statement):
        trigger = specs[case.direction_code].payment_trigger
        tranches = session.exec(select(Payment.tranche).where(Payment.case_id == case.id)).all()
        nodes = session.exec(select(func.count()).where(Milestone.case_id == case.id)).one()
        wrong = bool(tranches) if trigger in ("acceptance", "none") else nodes > 0 and nodes in tranches
        yield f"项目 {case.number} 验收未通过仍有拨付。" if wrong else None


def _unfunded(session: Session, specs: dict[str, DirectionSpec]) -> Looks:
    unfunded = [code for code, spec in specs.items() if spec.payment_trigger == "none"]
    for case in session.exec(select(CaseFile).where(col(CaseFile.direction_code).in_(unfunded))):
        rows = session.exec(select(Payment.id).where(Payment.case_id == case.id)).all()
        yield f"不拨付项目 {case.number} 有拨付记录。" if rows else None


def _quotas(session: Session) -> Looks:
    for opened in session.exec(select(ReviewRound)):
        statement = select(func.count()).where(
            RoundEntry.round_id == opened.id, RoundEntry.announced == "established"
        )
        count = session.exec(statement).one()
        over = opened.quota is not None and count > opened.quota
        yield f"{opened.title}立项 {count} 项，超过限额 {opened.quota}。" if over else None


def _commitments(session: Session) -> Looks:
    """Payments never beyond the commitment, clawbacks never beyond the payments."""
    sums = {
        model: dict(
            session.exec(select(model.case_id, func.sum(model.amount_fen)).group_by(col(model.case_id))).all()
        )
        for model in (Commitment, Payment, Clawback)
    }
    for case_id in set().union(*sums.values()):
        committed, paid, back = (
            int(sums[model].get(case_id) or 0) for model in (Commitment, Payment, Clawback)
        )
        fine = back <= paid <= committed
        yield None if fine else f"项目 {case_id} 承诺 {committed} 分、拨付 {paid} 分、收回 {back} 分不相称。"


def _live(session: Session) -> Looks:
    """Every process has ended, or waits at a named step for a person, a message or a time."""
    items = select(WorkItem.process_id).where(WorkItem.status == "open", WorkItem.name != "")
    waits = select(Waiting.process_id).where(Waiting.status == "open", Waiting.name != "")
    waiting = set(session.exec(items)) | set(session.exec(waits))
    for process in session.exec(select(Process)):
        fine = (process.ended_at is None) == (process.id in waiting)
        yield None if fine else f"流程 {process.id}（{process.key}）既未办结也没有等待的步骤。"


def _derivations(session: Session) -> Looks:
    """Deriving every order again from its facts gives the amount, the steps and the ledger's figure."""
    for order, case, payment in _paid_orders(session):
        spec = direction_at(session, case.direction_code, order.computed_at)
        decision = rules.decide(spec, "payment", check_facts(order.facts))
        if isinstance(decision, Refusal):
            yield f"项目 {case.number} 重新核算得到拒付：{decision.message}"
            continue
        fresh = [step.as_json() for step in decision.derivation]
        same = decision.amount_fen == order.amount_fen == payment.amount_fen and fresh == payment.derivation
        yield None if same else f"项目 {case.number} 拨付 {payment.amount_fen} 分与重新核算不一致。"


def _orders(session: Session) -> Looks:
    """No payment without the computed order it pays."""
    keys = {f"order:{key}" for key in session.exec(select(PaymentOrder.id))}
    for payment in session.exec(select(Payment).where(col(Payment.reverses_id).is_(None))):
        yield None if payment.idempotency_key in keys else f"拨付记录 {payment.id} 没有核定单。"


def _history(session: Session) -> Looks:
    breaks = history.verify(session)
    yield from (found.message for found in breaks)
    chains = session.exec(select(func.count(func.distinct(col(history.HistoryEntry.chain))))).one()
    yield from [None] * (chains - min(chains, len(breaks)))
