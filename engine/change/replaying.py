"""Replay (重演): past cases' decisions run through an edited diagram with the real engine, in memory.

What people decided, what messages said, which limits passed and what the named actions answered all come from
the history. A step the case never had takes its ordinary way, and is told. What comes out is which cases would
get stuck, go elsewhere or be paid differently.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from engine import policy
from engine.bpmn import spiff
from engine.cases.models import CaseFile, PaymentOrder, Process
from engine.cases.money_facts import payment_facts
from engine.cases.stepping_back import line_of_moves
from engine.catalogue.directions import get_direction
from engine.change.migrating import entries_of, renamed
from engine.change.playing import Answer, Game, Script, ordinary, play
from engine.clock import local_day
from engine.errors import KeguanError
from engine.history import HistoryEntry
from engine.money import ledger, rules
from engine.money.amounts import yuan
from engine.money.facts import check_facts
from engine.money.refusals import Refusal
from engine.procedures import versions
from engine.procedures.versions import Procedure

At = tuple[str, str]


@dataclass(frozen=True)
class Replayed:
    """One past case on the edited diagram. `verdict`: same, stuck, elsewhere or paid_differently.

    `new_steps` are the steps the case never had, which were taken the ordinary way.
    """

    case_id: int
    number: str | None
    title: str
    verdict: str
    sentence: str
    paid_before_fen: int
    paid_after_fen: int
    new_steps: tuple[str, ...]


@dataclass
class _Tape:
    """What one case's history holds, taken out as the game asks for it."""

    answers: dict[At, deque[tuple[int, Answer]]] = field(default_factory=dict)
    actions: dict[str, deque[str]] = field(default_factory=dict)
    orders: deque[PaymentOrder] = field(default_factory=deque)
    known: set[At] = field(default_factory=set)
    due_fen: int = 0
    paid_fen: int = 0
    new_steps: dict[str, str] = field(default_factory=dict)
    ended: bool = False


def replay(
    session: Session, files: Mapping[str, bytes], key: str, *, now: datetime, limit: int = 200
) -> list[Replayed]:
    """Run the newest `limit` cases of a procedure through it as `files` make it; what differs comes first.

    `files` are every file of the edited closure. Cases entered in the middle of their way are left out: their
    beginning is not in the history. Raises Unusable when the engine cannot read the files.
    """
    procedure = versions.assemble(versions.closure(files, key), key)
    running = (
        select(Process).where(Process.key == key, Process.kind == "case").order_by(col(Process.id).desc())
    )
    processes = list(session.exec(running.limit(limit)))
    chains = entries_of(session, processes)
    values = policy.values(session, local_day(now))
    found = []
    for process in processes:
        line = line_of_moves(process, chains[process.id or 0])
        if line and line[0].verb == "start":
            found.append(_replayed(session, procedure, process, line, values))
    return sorted(found, key=lambda one: (one.verdict == "same", -one.case_id))


def _replayed(
    session: Session,
    procedure: Procedure,
    process: Process,
    line: Sequence[HistoryEntry],
    values: Mapping[str, object],
) -> Replayed:
    case = session.get_one(CaseFile, process.case_id)
    tape = _record(session, process, case, line)
    paid = ledger.balance(session, case.id or 0).paid_fen
    script = Script(values, lambda operator, element, _: _act(session, case, tape, operator, element))
    game = play(procedure, script, lambda waits: _choose(procedure, tape, waits))
    verdict, sentence = _judge(process, tape, game, paid)
    return Replayed(
        case.id or 0,
        case.number,
        case.title,
        verdict,
        sentence,
        paid,
        tape.paid_fen,
        tuple(tape.new_steps.values()),
    )


def _record(session: Session, process: Process, case: CaseFile, line: Sequence[HistoryEntry]) -> _Tape:
    """The tape of a case: decisions by step in their order, outcomes of actions, orders of payment."""
    old = versions.load(session, process.version)
    known = {(p.id, one) for p in old.processes.values() for one in p.elements}
    tape = _Tape(known=known, ended=process.ended_at is not None)
    for number, entry in enumerate(line):
        answered = renamed(entry, line)
        for process_key, element, outcome in answered.passed:
            kind = (
                old.processes[process_key].elements[element].kind
                if (process_key, element) in tape.known
                else ""
            )
            if kind == "serviceTask":
                tape.actions.setdefault(element, deque()).append(outcome or "done")
        if answered.at is not None:
            data = entry.payload.get("data", {})
            answer = Answer(entry.payload.get("outcome"), data)
            tape.answers.setdefault(answered.at, deque()).append((number, answer))
    orders = select(PaymentOrder).where(PaymentOrder.case_id == case.id).order_by(col(PaymentOrder.id))
    tape.orders.extend(session.exec(orders))
    return tape


def _choose(
    procedure: Procedure, tape: _Tape, waits: Sequence[spiff.Token]
) -> tuple[spiff.Token, Answer] | None:
    """The earliest recorded answer for anything that waits; otherwise the ordinary way of a step that is new."""
    recorded = [
        (tape.answers[token.process, token.element][0][0], token)
        for token in waits
        if tape.answers.get((token.process, token.element))
    ]
    if recorded:
        _, token = min(recorded, key=lambda one: one[0])
        return token, tape.answers[token.process, token.element].popleft()[1]
    if not tape.ended and not any(tape.answers.values()):
        return None  # the case itself has come no further
    for token in waits:
        element = procedure.element(token.process, token.element)
        if (token.process, token.element) in tape.known or token.attached_to is not None:
            continue
        tape.new_steps[element.id] = element.name or element.id
        return token, Answer() if token.kind == "timer" else ordinary(procedure, token, element)
    return None


def _act(session: Session, case: CaseFile, tape: _Tape, operator: str, element: str) -> str:
    """What a named action answered then; a new one computes payments itself and otherwise is simply done."""
    left = tape.actions.get(element)
    if operator == "record_payment":
        tape.paid_fen += tape.due_fen
    if operator == "compute_payable":
        return _compute(session, case, tape, left)
    return left.popleft() if left else "done"


def _compute(session: Session, case: CaseFile, tape: _Tape, left: deque[str] | None) -> str:
    if left and tape.orders:
        tape.due_fen = tape.orders.popleft().amount_fen
        return left.popleft()
    tape.due_fen = 0
    try:
        facts = check_facts(payment_facts(session, case))
        decision = rules.decide(get_direction(session, case.direction_code), "payment", facts)
    except (KeguanError, LookupError):
        return "refused"
    if isinstance(decision, Refusal):
        return "refused"
    tape.due_fen = decision.amount_fen
    return "payable" if tape.due_fen else "nothing"


def _judge(process: Process, tape: _Tape, game: Game, paid_fen: int) -> tuple[str, str]:
    left = [element for (_, element), answers in tape.answers.items() if answers]
    if stuck := _stuck(process, game, left):
        return "stuck", stuck
    if elsewhere := _elsewhere(process, game, left):
        return "elsewhere", elsewhere
    if tape.paid_fen != paid_fen:
        before, after = yuan(paid_fen // 100), yuan(tape.paid_fen // 100)
        return "paid_differently", f"当时拨付 {before}，新图中拨付 {after}。"
    added = "、".join(f"“{name}”" for name in tape.new_steps.values())
    return "same", "结果相同" + (f"，多经过{added}。" if added else "。")


def _stuck(process: Process, game: Game, left: Sequence[str]) -> str:
    if game.trouble or game.ended:
        return game.trouble
    names = [f"“{one.name or one.element}”" for one in game.waits if one.attached_to is None]
    standing = "、".join(names) or "等待"
    if left:
        return f"停在{standing}，当时“{left[0]}”的办理在新图中没有位置。"
    return f"当时已办结，新图中停在{standing}。" if process.ended_at is not None else ""


def _elsewhere(process: Process, game: Game, left: Sequence[str]) -> str:
    if game.ended and process.ended_at is None:
        return f"当时仍在办理，新图中已以“{game.outcome}”办结。"
    if game.outcome != process.outcome:
        return f"当时结果为“{process.outcome}”，新图中为“{game.outcome}”。"
    if left:
        names = "、".join(f"“{element}”" for element in left)
        return f"结果相同，但{names}的办理在新图中没有发生。"
    return ""
