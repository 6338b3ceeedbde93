"""The one door: every move of every process goes through `advance`, and nothing else changes a process.

A person completes a work item, a message arrives, a time limit passes: each is one transaction that, in order,

1. takes the process row (locked on PostgreSQL; SQLite's writer is alone) and the state of its revision;
2. applies what the person entered, and runs the engine until it waits again: named actions happen here;
3. makes the work items and waits equal to the process's live tokens, with due dates in working days;
4. keeps the new compressed state under the next revision, compare-and-swap on the old one;
5. sets the case's status from the diagram and writes the history entry.

The verbs never commit; their caller commits once, so all of it lands or nothing does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import update
from sqlmodel import Session, col, select

from engine import history, policy
from engine.bpmn import spiff
from engine.bpmn.model import Element
from engine.bpmn.ways import label_of
from engine.cases.complaints import complaints
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
from engine.clock import load_calendar
from engine.errors import Conflict, NotFound, Refused, Unusable
from engine.people import permissions
from engine.people.models import Account
from engine.procedures import versions


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
) -> Process:
    """Begin a process on the version of `key` now in force, and open its first steps."""
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
    instance = spiff.start(move.procedure.definition, {}, _Host(move))
    _land(move, instance, verb="start", summary=summary or f"启动流程：{move.procedure.title}", payload={})
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
    item = session.get(WorkItem, item_id, with_for_update=True)
    if item is None:
        raise NotFound(f"没有编号为 {item_id} 的待办。")
    if item.status != "open":
        how = "已由" + (item.closed_by or "系统") + "办结" if item.status == "done" else "已随流程撤销"
        raise Conflict(f"待办“{item.name}”{how}，不能重复办理；请刷新页面查看最新进展。")
    process, case = _take(session, item.process_id)
    permissions.may_complete(actor, item.role, item.holder_id, item.unit_id).require()
    move = _move(session, process, case, actor, now, on_behalf_of)
    model = move.procedure.processes[item.process_key]
    element = model.elements[item.element]
    form = parse_form(item.form_key, element, payload)
    effect = form_spec(item.form_key).effect
    data = (effect(move, item, form) if effect else None) or {}
    item.status, item.outcome, item.closed_at, item.closed_by = "done", form.outcome, now, actor.name
    session.add(
        FormRecord(
            work_item_id=item_id,
            process_id=item.process_id,
            case_id=item.case_id,
            form_key=item.form_key,
            element=item.element,
            revision=process.revision,
            payload=form.model_dump(mode="json", exclude_defaults=True),
            by=actor.login,
            on_behalf_of=on_behalf_of,
            at=now,
        )
    )
    _advance(
        move,
        lambda instance: instance.complete(item.token, form.outcome, data),
        verb="complete",
        element=item.element,
        summary=f"{item.name}：{label_of(model, element, form.outcome)}"
        + (f"（{form.comment}）" if form.comment else ""),
        payload={"outcome": form.outcome, "item": item_id, "data": data},
    )
    return process


def parse_form(key: str, element: Element, payload: Mapping[str, Any]) -> Form:
    """The typed form, or Unusable with one sentence per wrong field."""
    spec = form_spec(key)
    try:
        form = spec.model.model_validate(dict(payload))
    except ValidationError as error:
        raise Unusable(f"“{spec.title}”有未填好的内容。", complaints(spec.model, error)) from error
    allowed = outcomes(element)
    if allowed and form.outcome not in allowed:
        raise Unusable(f"“{element.name}”的办理结果只能是 {'、'.join(allowed)}，不能是“{form.outcome}”。")
    return form


def outcomes(element: Element) -> list[str]:
    """The decisions a step declares, the ordinary one first."""
    return [word.strip() for word in element.properties.get("outcomes", "").split(",") if word.strip()]


def deliver(session: Session, message_id: int, *, now: datetime) -> bool:
    """Hand a kept message to the process that awaits it; False when nothing awaits it yet."""
    message = session.get(Message, message_id, with_for_update=True)
    if message is None or message.delivered_at is not None:
        return False
    statement = select(Waiting).where(
        Waiting.process_id == message.process_id,
        Waiting.status == "open",
        Waiting.kind == "message",
        Waiting.message == message.name,
    )
    waiting = session.exec(statement).first()
    if waiting is None:
        return False
    process, case = _take(session, message.process_id)
    move = _move(session, process, case, SYSTEM, now)
    message.delivered_at = now
    waiting.status, waiting.closed_at = "done", now
    _advance(
        move,
        lambda instance: instance.deliver(waiting.token, message.outcome, {}),
        verb="message",
        element=waiting.element,
        summary=f"{waiting.name}：收到{message.outcome}",
        payload={"message": message.name, "outcome": message.outcome, "payload": message.payload},
    )
    return True


def fire(session: Session, waiting_id: int, *, now: datetime) -> bool:
    """Let one time limit pass; False when it was not due, or already over."""
    waiting = session.get(Waiting, waiting_id, with_for_update=True)
    if waiting is None or waiting.status != "open" or waiting.due_at is None or waiting.due_at > now:
        return False
    process, case = _take(session, waiting.process_id)
    move = _move(session, process, case, SYSTEM, now)
    waiting.status, waiting.closed_at = "done", now
    _advance(
        move,
        lambda instance: instance.fire(waiting.token),
        verb="timer",
        element=waiting.element,
        summary=f"{waiting.name}：期限届满",
        payload={"due_at": waiting.due_at.isoformat()},
    )
    return True


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


def _take(session: Session, process_id: int) -> tuple[Process, CaseFile | None]:
    process = session.get(Process, process_id, with_for_update=True)
    if process is None:
        raise NotFound(f"没有编号为 {process_id} 的流程。")
    return process, session.get(CaseFile, process.case_id) if process.case_id else None


def _move(
    session: Session,
    process: Process,
    case: CaseFile | None,
    actor: Account,
    now: datetime,
    on_behalf_of: str | None = None,
) -> Move:
    return Move(
        session=session,
        now=now,
        actor=actor,
        process=process,
        procedure=versions.load(session, process.version),
        calendar=load_calendar(session),
        policy=policy.values(session, now.date()),
        case=case,
        on_behalf_of=on_behalf_of,
    )


def _advance(
    move: Move,
    step: Callable[[spiff.Instance], None],
    *,
    verb: str,
    element: str,
    summary: str,
    payload: dict[str, Any],
) -> None:
    kept = move.session.get(ProcessState, (move.process.id, move.process.revision))
    if kept is None:
        raise LookupError(f"process {move.process.id} has lost the state of revision {move.process.revision}")
    instance = spiff.restore(move.procedure.definition, kept.state, _Host(move))
    step(instance)
    _land(move, instance, verb=verb, summary=summary, payload=payload, element=element)


def _land(
    move: Move,
    instance: spiff.Instance,
    *,
    verb: str,
    summary: str,
    payload: dict[str, Any],
    element: str | None = None,
) -> None:
    """Steps 3 to 5 of the door."""
    tokens = instance.tokens()
    project(move, instance, tokens)
    _keep(move, instance)
    passed = instance.passed
    if move.process.kind == "case":
        move.file.status = _status(move, tokens, passed) or move.file.status
    if instance.ended:
        move.process.ended_at, move.process.outcome = move.now, instance.outcome
    payload = payload | {
        "passed": [[node.process, node.element, node.outcome] for node in passed],
        "process": move.process.key,
        "version": move.process.version,
        "revision": move.process.revision,
    }
    drafts = [history.Draft(verb=verb, element=element, summary=summary, payload=payload)]
    drafts += [history.Draft(verb=v, element=element, summary=s, payload=p) for v, s, p in move.notes]
    history.record_all(
        move.session,
        chain_of(move.process),
        drafts,
        at=move.now,
        actor=move.actor.login,
        on_behalf_of=move.on_behalf_of,
    )
    move.session.flush()


def chain_of(process: Process) -> str:
    """The history chain a process writes to: its case's, or its round's."""
    return f"case:{process.case_id}" if process.case_id else f"round:{process.round_id}"


def _keep(move: Move, instance: spiff.Instance) -> None:
    """Keep the state under the next revision; Conflict when somebody else moved the process meanwhile."""
    process, session = move.process, move.session
    before = process.revision
    statement = (
        update(Process)
        .where(col(Process.id) == process.id, col(Process.revision) == before)
        .values(revision=before + 1)
    )
    if session.connection().execute(statement).rowcount != 1:
        raise Conflict("这件事刚被别人办理过；请刷新页面后再试。")
    session.refresh(process, ["revision"])
    session.add(ProcessState(process_id=process.id, revision=process.revision, state=instance.save()))


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
