"""What must hold between the rows at any moment, whatever happened: empty lists when all is true."""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from engine import history
from engine.bpmn import spiff
from engine.cases.models import CaseFile, PaymentOrder, Process, ProcessState, Waiting, WorkItem
from engine.catalogue.editions import direction_at
from engine.money import ledger, rules
from engine.money.facts import check_facts
from engine.procedures import versions


class Nobody:
    """A host for reading only: a process that is not moved asks it nothing."""

    def names(self) -> Mapping[str, object]:
        raise AssertionError("reading must not evaluate anything")

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        raise AssertionError("reading must not act")


def live_tokens(session: Session, process: Process) -> list[tuple[str, str, str]]:
    """(token, process, element) of every place where the engine waits, from the kept state."""
    kept = session.get_one(ProcessState, (process.id, process.revision))
    definition = versions.load(session, process.version).definition
    return sorted(
        (t.id, t.process, t.element) for t in spiff.restore(definition, kept.state, Nobody()).tokens()
    )


def open_rows(session: Session, process: Process) -> list[tuple[str, str, str]]:
    """The same, from the rows that screens and the sweep read."""
    rows = []
    for model in (WorkItem, Waiting):
        statement = select(model).where(model.process_id == process.id, model.status == "open")  # type: ignore[attr-defined]
        rows += [(row.token, row.process_key, row.element) for row in session.exec(statement)]  # type: ignore[attr-defined]
    return sorted(rows)


def untruths(session: Session) -> list[str]:
    """Rows unlike the engine's tokens, a broken history, payments unlike a fresh derivation."""
    session.flush()
    found = []
    for process in session.exec(select(Process)):
        live, rows = live_tokens(session, process), open_rows(session, process)
        if live != rows:
            found.append(f"process {process.id}: engine {live}, rows {rows}")
        if (process.ended_at is not None) != (live == []):
            found.append(f"process {process.id}: ended {process.ended_at} with {live}")
    found += [broken.message for broken in history.verify(session)]
    return found + _payments(session)


def _payments(session: Session) -> list[str]:
    found, derived = [], {}
    statement = select(PaymentOrder, CaseFile).join(CaseFile, col(CaseFile.id) == PaymentOrder.case_id)
    for order, case in session.exec(statement):
        spec = direction_at(session, case.direction_code, order.computed_at)
        decision = rules.decide(spec, "payment", check_facts(order.facts))
        amount = 0 if isinstance(decision, rules.Refusal) else decision.amount_yuan * 100
        derived[f"order:{order.id}"] = amount
        if amount != order.amount_fen:
            found.append(f"order {order.id}: {order.amount_fen}, derived anew {amount}")
    for case_id in session.exec(select(CaseFile.id)):
        for payment in ledger.payments(session, case_id or 0):
            if payment.amount_fen != derived.get(payment.idempotency_key):
                found.append(f"payment {payment.id} of case {case_id} is not an order's amount")
    return found
