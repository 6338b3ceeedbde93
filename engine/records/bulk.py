"""The same decision on many cases (批量办理): rehearsed first, then each case in a transaction of its own.

Any step will do whose form asks for nothing but a decision and a comment. The rehearsal is the real thing taken
back: it says of each case where it would go, or in which words it would be refused.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Field, Session, SQLModel, col, select

from engine import db
from engine.bpmn.ways import Way, ways
from engine.cases import door
from engine.cases.models import CaseFile, Process, Waiting, WorkItem
from engine.cases.moves import Form, form_spec
from engine.clock import UtcDateTime
from engine.db import Json
from engine.errors import Conflict, Forbidden, KeguanError, NotFound
from engine.people import permissions
from engine.people.models import Account
from engine.people.roles import role_label
from engine.procedures import versions
from engine.records.on_paper import on_behalf
from engine.vocabulary import CaseStatus

LOG = logging.getLogger(__name__)
MOST = 500
"""How many steps one bulk action may hold: a page a person can still read."""


class BulkRun(SQLModel, table=True):
    """One bulk action as it went (批量办理结果): `lines` are the fields of `Line`, in the order they were done."""

    __tablename__ = "bulk_run"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    step: str
    decision: str
    comment: str = ""
    lines: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True)
class Line:
    """One step of a bulk action: whether it goes (or went) through, and the sentence that says how or why not."""

    item_id: int
    case_id: int | None
    round_id: int | None
    title: str
    number: str
    fine: bool
    sentence: str


@dataclass(frozen=True)
class Batch:
    """The chosen steps that take the same decision: one step of one version of a procedure.

    `reason` says why they cannot be decided together; empty when they can.
    """

    key: str
    name: str
    items: Sequence[WorkItem]
    ways: Sequence[Way]
    reason: str


def batches(session: Session, item_ids: Collection[int]) -> list[Batch]:
    """The chosen open steps sorted into batches, in the order they were chosen."""
    statement = (
        select(WorkItem, Process.version)
        .join(Process, col(Process.id) == WorkItem.process_id)
        .where(col(WorkItem.id).in_(list(item_ids)[:MOST]), WorkItem.status == "open")
        .order_by(col(WorkItem.id))
    )
    found: dict[tuple[str, str, str], list[WorkItem]] = {}
    for item, version in session.exec(statement):
        found.setdefault((version, item.process_key, item.element), []).append(item)
    return [_batch(session, version, items) for (version, _, _), items in found.items()]


def _batch(session: Session, version: str, items: Sequence[WorkItem]) -> Batch:
    first = items[0]
    process = versions.load(session, version).processes[first.process_key]
    return Batch(
        key=f"{version[:12]}.{first.process_key}.{first.element}",
        name=first.name,
        items=items,
        ways=ways(process, process.elements[first.element]),
        reason=_unfit(first),
    )


def _unfit(item: WorkItem) -> str:
    more = set(form_spec(item.form_key).model.model_fields) - set(Form.model_fields)
    return f"“{item.name}”须逐件填写内容，不能批量办理。" if more else ""


def rehearse(
    engine: Engine, item_ids: Collection[int], outcome: str, comment: str, *, actor: Account, now: datetime
) -> list[Line]:
    """What the decision would do to each step; every one is really done and taken back."""

    def attempt(item_id: int) -> Line:
        with Session(engine, expire_on_commit=False) as session:
            line = _decide(session, item_id, outcome, comment, actor, now)
            session.rollback()
        return line

    return [_line(engine, item_id, attempt) for item_id in list(item_ids)[:MOST]]


def run(
    engine: Engine, item_ids: Collection[int], outcome: str, comment: str, *, actor: Account, now: datetime
) -> BulkRun:
    """Decide each step in a transaction of its own, and keep the list of how each went."""

    def attempt(item_id: int) -> Line:
        with db.writing(engine) as session:
            return _decide(session, item_id, outcome, comment, actor, now)

    chosen = list(item_ids)[:MOST]
    step, decision = _named(engine, chosen, outcome)
    lines = [_line(engine, item_id, attempt) for item_id in chosen]
    with db.writing(engine) as session:
        kept = BulkRun(
            account_id=actor.id or 0,
            step=step,
            decision=decision,
            comment=comment,
            lines=[asdict(line) for line in lines],
            at=now,
        )
        session.add(kept)
    return kept


def decide_each(
    session: Session,
    item_ids: Collection[int],
    outcome: str,
    comment: str,
    *,
    actor: Account,
    now: datetime,
    keep: bool = True,
) -> list[Line]:
    """As `run`, inside the caller's transaction: each step in a savepoint of its own. `keep` false is a rehearsal."""
    return [
        _decided(session, item_id, outcome, comment, actor=actor, now=now, keep=keep)
        for item_id in list(item_ids)[:MOST]
    ]


def _decided(
    session: Session, item_id: int, outcome: str, comment: str, *, actor: Account, now: datetime, keep: bool
) -> Line:
    point = session.begin_nested()
    try:
        line = _decide(session, item_id, outcome, comment, actor, now)
    except KeguanError as error:
        point.rollback()
        return _about(session, item_id, fine=False, sentence="".join(error.reasons))
    if keep:
        point.commit()
    else:
        point.rollback()
    return line


def get_run(session: Session, run_id: int, account: Account) -> BulkRun:
    """A bulk action for whoever did it, or supervises; NotFound or Forbidden with a sentence otherwise."""
    kept = session.get(BulkRun, run_id)
    if kept is None:
        raise NotFound("没有这次批量办理的记录。")
    if kept.account_id != account.id and not permissions.may_inspect(account):
        raise Forbidden("只能查看自己的批量办理结果。")
    return kept


def _named(engine: Engine, chosen: Sequence[int], outcome: str) -> tuple[str, str]:
    with db.reading(engine) as session:
        found = batches(session, chosen)
    if len(found) != 1:
        raise Conflict("所选待办已有变化或不是同一步骤；请回到待办列表重新选择。")
    return found[0].name, next((way.label for way in found[0].ways if way.outcome == outcome), outcome)


def _line(engine: Engine, item_id: int, attempt: Callable[[int], Line]) -> Line:
    try:
        return attempt(item_id)
    except KeguanError as error:
        why = "".join(error.reasons)
    except Exception:  # a bug one case meets must not hide how the others went
        LOG.exception("bulk: work item %s", item_id)
        why = "系统出错，这一件没有办理；请把时间和编号告诉管理员。"
    with db.reading(engine) as session:
        return _about(session, item_id, fine=False, sentence=why)


def _decide(
    session: Session, item_id: int, outcome: str, comment: str, actor: Account, now: datetime
) -> Line:
    item = session.get(WorkItem, item_id)
    if item is None:
        raise NotFound(f"没有编号为 {item_id} 的待办。")
    if on_behalf(actor, item):
        raise Forbidden("代录须附纸质材料的扫描件，请逐件办理。")
    if reason := _unfit(item):
        raise Conflict(reason)
    payload = {"outcome": outcome, "comment": comment}
    process = door.complete(session, item_id, actor=actor, payload=payload, now=now)
    return _about(session, item_id, fine=True, sentence=_next(session, process))


def _next(session: Session, process: Process) -> str:
    """Where a process stands now: the steps open, what it waits for, or that it is over."""
    steps = session.exec(
        select(WorkItem.name, WorkItem.role)
        .where(WorkItem.process_id == process.id, WorkItem.status == "open")
        .order_by(col(WorkItem.id))
    ).all()
    if steps:
        return "下一步：" + "、".join(f"{name}（{role_label(role)}）" for name, role in dict.fromkeys(steps))
    waits = session.exec(
        select(Waiting.name).where(Waiting.process_id == process.id, Waiting.status == "open")
    ).all()
    if waits:
        return "转入等待：" + "、".join(dict.fromkeys(waits))
    case = session.get(CaseFile, process.case_id) if process.case_id else None
    return "流程办结" + (f"：{CaseStatus.of(case.status).zh}" if case else "")


def _about(session: Session, item_id: int, *, fine: bool, sentence: str) -> Line:
    item = session.get(WorkItem, item_id)
    case = session.get(CaseFile, item.case_id) if item and item.case_id else None
    process = session.get(Process, item.process_id) if item else None
    title = case.title if case else str(process.subject.get("title", "")) if process else ""
    return Line(
        item_id=item_id,
        case_id=item.case_id if item else None,
        round_id=item.round_id if item else None,
        title=title or "（未命名）",
        number=(case.number or "") if case else "",
        fine=fine,
        sentence=sentence,
    )
