"""The one door: every move of every process goes through `advance`, and nothing else changes a process.

A person completes a work item, a message arrives, a time limit passes: each is one transaction that, in order,

1. takes the process row (locked on PostgreSQL; SQLite's writer is alone) and the state of its revision;
2. applies what the person entered, and runs the engine until it waits again: named actions happen here;
3. makes the work items and waits equal to the process's live tokens, with due dates in working days;
4. keeps the new compressed state under the next revision, compare-and-swap on the old one;
5. sets the case's status from the diagram and writes the history entry.

The verbs never commit; their caller commits once, so all of it lands or nothing does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from engine import history, policy
from engine.bpmn import spiff
from engine.bpmn.ways import label_of
from engine.cases.complaints import parse_form
from engine.cases.models import (
    CaseFile,
    FormRecord,
    Message,
    Process,
    ProcessState,
    Waiting,
    WorkItem,
)
from engine.cases.moves import ACTIONS, SYSTEM, Form, Move, form_spec
from engine.cases.names import Names
from engine.cases.projection import project
from engine.cases.rows import append, take, write
from engine.cases.transfer import put_back, renew
from engine.clock import load_calendar, local_day
from engine.errors import Conflict, NotFound, Refused
from engine.people import permissions
from engine.people.models import Account
from engine.procedures import versions
from engine.stamps import read_stamps


@dataclass(frozen=True)
class _Host:
    """What the running process may ask of us: names for its expressions, and named actions."""

    move: Move

    def names(self) -> Mapping[str, object]:
        return Names(self.move)

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        if operator not in ACTIONS:
            raise Refused(f"流程图的步骤“{element}”引用了未登记的动作“{operator}”；请管理员改选已有动作。")
        return ACTIONS[operator](self.move, element, data)


def _at_the_start(move: Move, host: spiff.Host) -> spiff.Instance:
    return spiff.start(move.procedure.definition, {}, host)


def start(
    session: Session,
    key: str,
    *,
    kind: str,
    actor: Account,
    now: datetime,
    case: CaseFile | None = None,
    round_id: int | None = None,
    subject: dict[str, Any] | None = None,
    summary: str = "",
    verb: str = "start",
    arrive: Callable[[Move, spiff.Host], spiff.Instance] = _at_the_start,
) -> Process:
    """Begin a process on the version of `key` now in force, and open its first steps.

    `arrive` puts the engine where the process begins: a project under way does not begin at the start.
    """
    version = versions.in_force(session, key, now)
    process = Process(
        key=key,
        kind=kind,
        version=version,
        case_id=case.id if case else None,
        round_id=round_id,
        subject=subject or {},
        started_at=now,
        revision=-1,
    )
    session.add(process)
    session.flush()
    move = _move(session, process, case, actor, now)
    instance = arrive(move, _Host(move))
    summary = summary or f"启动流程：{move.procedure.title}"
    _land(move, instance, (), verb=verb, summary=summary, payload={})
    return process


def complete(
    session: Session,
    item_id: int,
    *,
    actor: Account,
    payload: Mapping[str, Any],
    now: datetime,
    on_behalf_of: str | None = None,
) -> Process:
    """A person completes a work item with a form (办理).

    Raises NotFound, Conflict (already done), Forbidden (not theirs), Unusable (the form's fields, one sentence
    each) or Refused (the rules say no); in every case nothing has changed.
    """
    taken = take(session, WorkItem, item_id)
    if taken is None:
        raise NotFound(f"没有编号为 {item_id} 的待办。")
    item = taken.cause
    if item.status != "open":
        how = "已由" + (item.closed_by or "系统") + "办结" if item.status == "done" else "已随流程撤销"
        raise Conflict(f"待办“{item.name}”{how}，不能重复办理；请刷新页面查看最新进展。")
    permissions.may_enter(actor, item.role, item.holder_id, item.unit_id, on_behalf_of).require()
    move = _move(session, taken.process, taken.case, actor, now, on_behalf_of)
    move.role = item.role
    model = move.procedure.processes[item.process_key]
    element = model.elements[item.element]
    form = parse_form(item.form_key, element, payload)
    effect = form_spec(item.form_key).effect
    data = (effect(move, item, form) if effect else None) or {}
    if move.stays:
        _record(move, [])
        return taken.process
    closed = {"status": "done", "outcome": form.outcome, "closed_at": now, "closed_by": actor.name}
    write(session, item, {"id": item_id}, closed)
    _keep_form(move, item, form)
    _advance(
        move,
        taken.state,
        item.token,
        lambda instance: instance.complete(item.token, form.outcome, data),
        verb="complete",
        element=item.element,
        summary=f"{item.name}：{label_of(model, element, form.outcome)}"
        + (f"（{form.comment}）" if form.comment else ""),
        payload={"outcome": form.outcome, "item": item_id, "data": data},
    )
    return taken.process


def deliver(session: Session, message_id: int, *, now: datetime) -> bool:
    """Hand a kept message to the process that awaits it; False when nothing awaits it yet."""
    taken = take(session, Message, message_id)
    if taken is None or taken.cause.delivered_at is not None:
        return False
    message = taken.cause
    statement = select(Waiting).where(
        Waiting.process_id == message.process_id,
        Waiting.status == "open",
        Waiting.kind == "message",
        Waiting.message == message.name,
    )
    waiting = session.exec(statement).first()
    if waiting is None:
        return False
    move = _move(session, taken.process, taken.case, SYSTEM, now)
    model = move.procedure.processes[waiting.process_key]
    message.delivered_at = now
    waiting.status, waiting.closed_at = "done", now
    _advance(
        move,
        taken.state,
        waiting.token,
        lambda instance: instance.deliver(waiting.token, message.outcome, message.payload),
        verb="message",
        element=waiting.element,
        summary=f"{waiting.name}：{label_of(model, model.elements[waiting.element], message.outcome)}",
        payload={"message": message.name, "outcome": message.outcome, "payload": message.payload},
    )
    return True


def fire(session: Session, waiting_id: int, *, now: datetime) -> bool:
    """Let one time limit pass; False when it was not due, or already over."""
    taken = take(session, Waiting, waiting_id)
    if taken is None:
        return False
    waiting = taken.cause
    if waiting.status != "open" or waiting.due_at is None or waiting.due_at > now:
        return False
    move = _move(session, taken.process, taken.case, SYSTEM, now)
    waiting.status, waiting.closed_at = "done", now
    _advance(
        move,
        taken.state,
        waiting.token,
        lambda instance: instance.fire(waiting.token),
        verb="timer",
        element=waiting.element,
        summary=f"{waiting.name}：期限届满",
        payload={"due_at": waiting.due_at.isoformat()},
    )
    return True


def transfer(
    session: Session,
    process_id: int,
    version: str,
    carry: Callable[[bytes], bytes],
    *,
    revision: int | None = None,
    rows: Sequence[Mapping[str, Any]] = (),
    actor: Account,
    now: datetime,
    verb: str,
    summary: str,
    payload: dict[str, Any],
) -> Process:
    """Carry a running process over to another version, to where `carry` makes of its state (迁移、撤销迁移).

    Open steps keep their number and holder; `rows` are put back as they were. Conflict when the process has
    ended, or has moved since `revision`.
    """
    process = session.get_one(Process, process_id, with_for_update=True, populate_existing=True)
    if process.ended_at is not None or revision not in (None, process.revision):
        raise Conflict("该办件已办结或刚被办理过，位置已变；请重新核对后再迁移。")
    kept = session.get_one(ProcessState, (process_id, process.revision)).state
    case = session.get(CaseFile, process.case_id) if process.case_id else None
    old = versions.load(session, process.version)
    write(session, process, {"id": process_id}, {"version": version})
    move = _move(session, process, case, actor, now)
    before = spiff.restore(old.definition, kept, _Host(move)).tokens()
    instance = spiff.restore(move.procedure.definition, carry(kept), _Host(move))
    returned = put_back(session, rows)
    if not rows:
        renew(move, old, before, instance)
    before += [token for token in instance.tokens() if token.id in returned]
    _land(move, instance, before, verb=verb, summary=summary, payload=payload)
    return process


def send(
    session: Session,
    process_id: int,
    name: str,
    outcome: str,
    *,
    now: datetime,
    key: str,
    payload: dict[str, Any] | None = None,
) -> None:
    """Keep a message for another process; sending the same `key` again changes nothing."""
    if session.exec(select(Message.id).where(Message.idempotency_key == key)).first() is None:
        session.add(
            Message(
                process_id=process_id,
                name=name,
                outcome=outcome,
                payload=payload or {},
                idempotency_key=key,
                sent_at=now,
            )
        )


def _move(
    session: Session,
    process: Process,
    case: CaseFile | None,
    actor: Account,
    now: datetime,
    on_behalf_of: str | None = None,
) -> Move:
    stamps = read_stamps(session)
    return Move(
        session=session,
        now=now,
        actor=actor,
        process=process,
        procedure=versions.load(session, process.version),
        calendar=load_calendar(session, stamps),
        policy=policy.values(session, local_day(now), stamps),
        case=case,
        on_behalf_of=on_behalf_of,
    )


def _advance(
    move: Move,
    state: bytes,
    token: str,
    happen: Callable[[spiff.Instance], None],
    *,
    verb: str,
    element: str,
    summary: str,
    payload: dict[str, Any],
) -> None:
    """Steps 2 to 5 of the door; `token`, whose row is closed already, is what `happen` happens to."""
    instance = spiff.restore(move.procedure.definition, state, _Host(move))
    others = [one for one in instance.tokens() if one.id != token]
    happen(instance)
    _land(move, instance, others, verb=verb, summary=summary, payload=payload, element=element)


def _land(
    move: Move,
    instance: spiff.Instance,
    before: Sequence[spiff.Token],
    *,
    verb: str,
    summary: str,
    payload: dict[str, Any],
    element: str | None = None,
) -> None:
    """Steps 3 to 5 of the door."""
    process, passed, after = move.process, instance.passed, instance.tokens()
    project(move, instance, before, after)
    _keep(move, instance)
    status = _status(move, after, passed) if process.kind == "case" else None
    if status and status != move.file.status:  # an equal value too would cost the session a flush
        move.file.status = status
    if instance.ended:
        process.ended_at, process.outcome = move.now, instance.outcome
    payload = payload | {
        "passed": [[node.process, node.element, node.outcome] for node in passed],
        "process": process.key,
        "version": process.version,
        "revision": process.revision,
    }
    _record(move, [history.Draft(verb=verb, element=element, summary=summary, payload=payload)], element)


def _record(move: Move, drafts: list[history.Draft], element: str | None = None) -> None:
    """Step 5 of the door: what happened, and the notes of the move after it."""
    noted = [history.Draft(verb=v, element=element, summary=s, payload=p) for v, s, p in move.notes]
    history.record_all(
        move.session,
        chain_of(move.process),
        [*drafts, *noted],
        at=move.now,
        actor=move.actor.login,
        actor_role=move.role,
        on_behalf_of=move.on_behalf_of,
    )
    move.session.flush()


def chain_of(process: Process) -> str:
    """The history chain a process writes to: its case's, or its round's."""
    return f"case:{process.case_id}" if process.case_id else f"round:{process.round_id}"


def _keep_form(move: Move, item: WorkItem, form: Form) -> None:
    row = {
        "work_item_id": item.id,
        "process_id": item.process_id,
        "case_id": item.case_id,
        "form_key": item.form_key,
        "element": item.element,
        "revision": move.process.revision,
        "payload": form.model_dump(mode="json", exclude_defaults=True),
        "by": move.actor.login,
        "on_behalf_of": move.on_behalf_of,
        "at": move.now,
    }
    append(move.session, FormRecord, [row])


def _keep(move: Move, instance: spiff.Instance) -> None:
    """Keep the state under the next revision; Conflict when somebody else moved the process meanwhile."""
    process, before, after = move.process, move.process.revision, move.process.revision + 1
    if not write(move.session, process, {"id": process.id, "revision": before}, {"revision": after}):
        raise Conflict("这件事刚被别人办理过；请刷新页面后再试。")
    state = {"process_id": process.id, "revision": after, "state": instance.save()}
    append(move.session, ProcessState, [state])


def _status(move: Move, tokens: list[spiff.Token], passed: list[spiff.Passed]) -> str | None:
    """The status the diagram declares for where the case now is: a live step's, or the end it reached."""
    for token in tokens:
        status = move.procedure.element(token.process, token.element).properties.get("status")
        if status:
            return status
    for node in reversed(passed):
        status = move.procedure.element(node.process, node.element).properties.get("status")
        if status:
            return status
    return None
