"""Taking a case back to an earlier step (退回办理): the states before every move are kept.

The process stands again where it stood before a person's step, and what happened since stays in the history. It
undoes nothing that has left the house: it is refused once money or letters have gone out, when another branch has
moved on, and when a step's effect cannot be taken back. What only changed the case's own rows is put back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine import history
from engine.bpmn import spiff
from engine.cases import door
from engine.cases.models import CaseFile, Milestone, Process, ProcessState, Settlement, Waiting, WorkItem
from engine.cases.moves import form_spec
from engine.cases.rows import write
from engine.errors import Conflict, NotFound, Refused
from engine.history import HistoryEntry
from engine.people import permissions
from engine.people.models import Account
from engine.people.permissions import ALLOWED, Decision, Denied
from engine.procedures import versions

SENT_OUT = frozenset({"notice", "commit", "pay", "clawback", "task_book", "extended", "changed", "message"})
"""History verbs of what cannot be called back: letters, money, signed versions, answers of other processes."""
REPEATABLE = frozenset(
    {
        "application",
        "correction",
        "intake",
        "formal_check",
        "countersign",
        "recheck_application",
        "task_book",
        "acceptance_application",
        "fund_source",
        "cooperation_proof",
        "cooperation_check",
        "payment_budget",
    }
)
"""Forms whose effect is written over when the step is done again."""
Undo = Callable[[Session, CaseFile, HistoryEntry], None]
Hindrance = Callable[[Session, CaseFile], str | None]
HINDRANCES: list[Hindrance] = []


def hindrance(check: Hindrance) -> Hindrance:
    """Register a reason of a room above why a case cannot go back now: a sentence, or None."""
    HINDRANCES.append(check)
    return check


@dataclass(frozen=True)
class Earlier:
    """A step done before, and whether this account may take the case back to it."""

    item: WorkItem
    move: HistoryEntry
    may_return: Decision


def earlier_steps(session: Session, process: Process, account: Account) -> list[Earlier]:
    """The human steps that led a case's process to where it stands, the latest first."""
    if process.kind != "case" or process.ended_at is not None:
        return []
    chain = history.entries(session, door.chain_of(process))
    line = line_of_moves(process, chain)
    done = [move for move in line if move.verb == "complete"]
    wanted = [move.payload["item"] for move in done]
    items = {item.id: item for item in session.exec(select(WorkItem).where(col(WorkItem.id).in_(wanted)))}
    past = _Past(session, process, session.get_one(CaseFile, process.case_id), chain, line, items)
    return [
        Earlier(items[move.payload["item"]], move, _decision(past, move, account)) for move in reversed(done)
    ]


def step_back(session: Session, item_id: int, *, actor: Account, reason: str, now: datetime) -> Process:
    """Take the case back to where this step waited, in one move through the door.

    Raises NotFound, Conflict when the step is not on the way to where the case stands, Forbidden when it is not
    this account's to decide, Refused with what forbids it; in every case nothing has changed.
    """
    item = session.get(WorkItem, item_id)
    if item is None:
        raise NotFound(f"没有编号为 {item_id} 的步骤。")
    process = session.get_one(Process, item.process_id, with_for_update=True, populate_existing=True)
    found = next((one for one in earlier_steps(session, process, actor) if one.item.id == item_id), None)
    if found is None:
        raise Conflict(f"“{item.name}”不在本项目已办的步骤中，或流程已办结，不能退回；请刷新页面。")
    permissions.may_step_back(actor, item.role).require()
    if isinstance(found.may_return, Denied):
        raise Refused(found.may_return.reason)
    if not reason.strip():
        raise Refused("退回办理须写明理由。")
    return _return(session, process, found, actor, reason.strip(), now)


def _return(
    session: Session, process: Process, found: Earlier, actor: Account, reason: str, now: datetime
) -> Process:
    chain = history.entries(session, door.chain_of(process))
    line = line_of_moves(process, chain)
    restored = found.move.payload["revision"] - 1
    kept = session.get_one(ProcessState, (process.id, restored)).state
    case = session.get_one(CaseFile, process.case_id)
    for entry in reversed([one for one in chain if one.seq >= found.move.seq]):
        _undo(session, case, entry)
    before = [move for move in line if move.seq < found.move.seq]
    door.transfer(
        session,
        process.id or 0,
        process.version,
        lambda _state: kept,
        revision=process.revision,
        actor=actor,
        now=now,
        verb="step_back",
        summary=f"退回到“{found.item.name}”：{reason}",
        payload={"restored": restored, "item": found.item.id, "reason": reason},
    )
    _restore_status(session, process, case, before)
    return process


def line_of_moves(process: Process, chain: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """The moves that led to where the process stands, oldest first; what was taken back is not among them."""
    by_revision = {
        entry.payload["revision"]: entry
        for entry in chain
        if entry.payload.get("process") == process.key and "revision" in entry.payload
    }
    line, revision = [], process.revision
    while revision in by_revision:
        entry = by_revision[revision]
        if "restored" in entry.payload:  # stepped back, or a migration undone
            revision = entry.payload["restored"]
        else:
            line.append(entry)
            revision -= 1
    return line[::-1]


@dataclass(frozen=True)
class _Past:
    """What the decision about one case's steps looks at, read once."""

    session: Session
    process: Process
    case: CaseFile
    chain: Sequence[HistoryEntry]
    line: Sequence[HistoryEntry]
    items: Mapping[int | None, WorkItem]


def _decision(past: _Past, move: HistoryEntry, account: Account) -> Decision:
    item = past.items[move.payload["item"]]
    if not (allowed := permissions.may_step_back(account, item.role)):
        return allowed
    reason = next(_obstacles(past, move, item), None)
    return Denied(f"不能退回到“{item.name}”：{reason}") if reason else ALLOWED


def _obstacles(past: _Past, move: HistoryEntry, item: WorkItem) -> Iterator[str]:
    if item.item is not None:
        yield "这一步由多人分别办理。"
    if move.payload["version"] != past.process.version:
        yield "其后流程已迁移到新版本，原来的位置在新流程中不存在。"
    for entry in past.chain:
        if entry.seq > move.seq and entry.verb in SENT_OUT:
            yield f"其后已有“{entry.summary}”，已发出的通知、款项和评审结果不能收回；请按变更、终止或追缴办理。"
    for later in past.line:
        if later.seq >= move.seq and later.verb == "complete":
            yield from _lasting(past.items[later.payload["item"]])
    yield from filter(None, (check(past.session, past.case) for check in HINDRANCES))
    yield from _moved_beside(past, move, item)


def _lasting(item: WorkItem) -> Iterator[str]:
    spec = form_spec(item.form_key)
    if spec.effect is not None and spec.key not in REPEATABLE and spec.key not in UNDOING:
        yield f"“{item.name}”的办理结果已生效，不能重做。"


def _moved_beside(past: _Past, move: HistoryEntry, item: WorkItem) -> Iterator[str]:
    """Branches beside the step: what waited there with it must wait there still."""
    kept = past.session.get(ProcessState, (past.process.id, move.payload["revision"] - 1))
    if kept is None:
        yield "当时的流程状态没有保存。"
        return
    definition = versions.load(past.session, past.process.version).definition
    for token in spiff.restore(definition, kept.state, _Reading()).tokens():
        if item.token in (token.id, token.attached_to):
            continue
        model: type[WorkItem] | type[Waiting] = WorkItem if token.kind == "human" else Waiting
        row = _newest(past, model, token.id)
        if row is not None and row.status == "done":
            yield f"与它并行的“{row.name}”其后已经办理或到期；请先退回那一步。"


def _newest(past: _Past, model: Any, token: str) -> Any:
    statement = select(model).where(model.process_id == past.process.id, model.token == token)
    return past.session.exec(statement.order_by(col(model.id).desc()).limit(1)).first()


class _Reading:
    """A host for looking at a kept state: nothing is evaluated and nothing happens."""

    def names(self) -> Mapping[str, object]:
        return {}

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        raise LookupError(f"looking at a state must not act: {operator} at {element}, {dict(data)}")


def _undo(session: Session, case: CaseFile, entry: HistoryEntry) -> None:
    """Put back what a move changed in the case's own rows."""
    if entry.verb == "verify" and "column" in entry.payload:
        settlement = session.get_one(Settlement, case.id)
        setattr(settlement, entry.payload["column"], entry.payload["before"])
    elif entry.verb == "complete":
        item = session.get(WorkItem, entry.payload["item"])
        if item is not None and item.form_key in UNDOING:
            UNDOING[item.form_key](session, case, entry)


def _unseal(session: Session, case: CaseFile, entry: HistoryEntry) -> None:  # noqa: ARG001 - one shape for all
    case.facts = {name: value for name, value in case.facts.items() if name != "recommendation_sealed"}


def _unreview(session: Session, case: CaseFile, entry: HistoryEntry) -> None:  # noqa: ARG001
    if entry.payload["outcome"] == "rectify":
        case.rectifications -= 1


def _reopen_node(session: Session, case: CaseFile, entry: HistoryEntry) -> None:
    """The node judged last is open again; whether it had been sent back before is asked anew."""
    judged = {"achieved": "passed", "rectify": "rectified"}.get(entry.payload["outcome"])
    statement = select(Milestone).where(Milestone.case_id == case.id, Milestone.verdict == judged)
    node = session.exec(statement.order_by(col(Milestone.position).desc()).limit(1)).first()
    if node is not None:
        node.verdict = "pending"


def _nothing(session: Session, case: CaseFile, entry: HistoryEntry) -> None:
    """The amounts have history entries of their own, which say what they were before."""


UNDOING: dict[str, Undo] = {
    "recommendation": _unseal,
    "acceptance_review": _unreview,
    "node_review": _reopen_node,
    "verification": _nothing,
    "payment_exception": _nothing,
}
"""Forms whose effect is taken back, and how."""


def _restore_status(session: Session, process: Process, case: CaseFile, line: Sequence[HistoryEntry]) -> None:
    """Where the step itself names no status, the case has the one it had when it stood there."""
    procedure = versions.load(session, process.version)
    open_items = select(WorkItem).where(WorkItem.process_id == process.id, WorkItem.status == "open")
    live = [procedure.element(item.process_key, item.element) for item in session.exec(open_items)]
    if any(element.properties.get("status") for element in live):
        return
    for move in reversed(line):
        for key, element, _outcome in reversed(move.payload["passed"]):
            status = procedure.element(key, element).properties.get("status")
            if status:
                write(session, case, {"id": case.id}, {"status": status})
                return
