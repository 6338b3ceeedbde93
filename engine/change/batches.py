"""Migrating a batch of cases (批量迁移): rows for progress and results, a transaction for each case, and undoing.

Each case is restored from what was just saved before it is committed; its tokens must be its open rows. It is
undone the same way, to exactly where it was, as long as nobody has moved it since.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine import db
from engine.bpmn import spiff
from engine.cases import door
from engine.cases.models import Process, ProcessState
from engine.cases.transfer import open_rows, picture
from engine.change.feasibility import Passage, Standing
from engine.change.migrating import MigrationPlan, Nobody, carried, passage_between, passed_of
from engine.change.models import MigrationBatch, MigrationCase
from engine.clock import Clock
from engine.errors import Conflict, KeguanError, NotFound, Refused, Unusable
from engine.people import permissions
from engine.people.models import Account
from engine.procedures import versions


@dataclass(frozen=True)
class Progress:
    """How far a batch is."""

    total: int
    done: int = 0
    refused: int = 0
    failed: int = 0
    pending: int = 0
    undone: int = 0
    rows: list[MigrationCase] = field(default_factory=list)


def start_batch(
    session: Session,
    planned: MigrationPlan,
    *,
    process_ids: Sequence[int] | None = None,
    reason: str,
    actor: Account,
    now: datetime,
) -> MigrationBatch:
    """Write down a batch of cases to be migrated; `run_batch` migrates them. All that may go, or those chosen.

    Cases that may not go are listed as refused with their reason.
    """
    permissions.may_administer(actor).require()
    if not reason.strip():
        raise Unusable("请写明迁移的理由；它将记入每个办件的历史。")
    chosen = [one for one in planned.cases if process_ids is None or one.process_id in process_ids]
    if not any(one.go for one in chosen):
        raise Refused("所选办件都不能迁移；请先处理各办件列出的原因。")
    batch = MigrationBatch(
        key=planned.key,
        from_version=planned.from_version,
        to_version=planned.to_version,
        mapping=dict(planned.mapping),
        reason=reason.strip(),
        started_by=actor.login,
        started_at=now,
    )
    session.add(batch)
    session.flush()
    session.add_all(
        MigrationCase(
            batch_id=batch.id or 0,
            process_id=one.process_id,
            case_id=one.case_id,
            status="pending" if one.go else "refused",
            reason="；".join(one.reasons),
        )
        for one in chosen
    )
    session.flush()
    return batch


def run_batch(engine: Engine, batch_id: int, clock: Clock) -> None:
    """Migrate what is pending, a transaction each; running it again goes on where it stopped."""
    while True:
        with db.reading(engine) as session:
            waiting = select(MigrationCase.id).where(
                MigrationCase.batch_id == batch_id, MigrationCase.status == "pending"
            )
            keys = list(session.exec(waiting.order_by(col(MigrationCase.id))))
            passage = passage_of(session, _batch(session, batch_id))
        if not keys:
            break
        for key in keys:
            _run_one(engine, key or 0, passage, clock)
    with db.writing(engine) as session:
        batch = session.get_one(MigrationBatch, batch_id)
        if batch.status == "running":
            batch.status, batch.finished_at = "finished", clock.now()


def passage_of(session: Session, batch: MigrationBatch) -> Passage:
    """The way a batch takes its cases: worked out once for all of them."""
    return passage_between(session, batch.from_version, batch.to_version, batch.mapping)


def _run_one(engine: Engine, key: int, passage: Passage, clock: Clock) -> None:
    try:
        with db.writing(engine) as session:
            migrate_case(session, key, passage, now=clock.now())
    except KeguanError as error:
        with db.writing(engine) as session:
            row = session.get_one(MigrationCase, key)
            row.status, row.reason, row.at = "failed", error.message, clock.now()


def migrate_case(session: Session, key: int, passage: Passage, *, now: datetime) -> MigrationCase:
    """Migrate one case of a batch, judged once more; Refused or Unusable when it may not or cannot go."""
    row = session.get_one(MigrationCase, key, with_for_update=True, populate_existing=True)
    if row.status != "pending":
        return row
    batch = session.get_one(MigrationBatch, row.batch_id)
    actor = _account(session, batch.started_by)
    process = session.get_one(Process, row.process_id)
    _judge_again(session, passage, process)
    row.revision_before = process.revision
    row.rows_before = picture(session, process.id)
    moved = door.transfer(
        session,
        row.process_id,
        batch.to_version,
        lambda state: carried(passage, state),
        revision=row.revision_before,
        actor=actor,
        now=now,
        verb="migrate",
        summary=f"迁移到流程新版本 {batch.to_version[:8]}：{batch.reason}",
        payload={"from": batch.from_version, "mapping": dict(batch.mapping), "batch": batch.id},
    )
    verify(session, moved)
    row.status, row.revision_after, row.at = "done", moved.revision, now
    session.flush()
    return row


def _judge_again(session: Session, passage: Passage, process: Process) -> None:
    """The case may have moved since the plan."""
    if process.version != passage.old.hash or process.ended_at is not None:
        raise Conflict("该办件已办结或已在其他版本上；请重新制定迁移方案。")
    state = session.get_one(ProcessState, (process.id, process.revision)).state
    been = passed_of(session, [process]).get(process.id or 0, [])
    found = passage.judge(Standing(tuple(been), tuple(spiff.standing(passage.old.definition, state))))
    if not found.go:
        raise Refused("；".join(found.reasons))


def verify(session: Session, process: Process) -> None:
    """Restore the process from what was just saved: its tokens must be its open rows; Refused otherwise."""
    saved = session.get_one(ProcessState, (process.id, process.revision)).state
    definition = versions.load(session, process.version).definition
    live = sorted((one.id, one.element) for one in spiff.restore(definition, saved, Nobody()).tokens())
    rows = sorted((row.token, row.element) for row in open_rows(session, process.id))
    if live != rows:
        raise Refused("迁移后的流程状态与待办不一致，已撤销本次迁移；请联系维护人员。")


def progress(session: Session, batch_id: int) -> Progress:
    """How far a batch is, with every case's result."""
    rows = list(
        session.exec(
            select(MigrationCase).where(MigrationCase.batch_id == batch_id).order_by(col(MigrationCase.id))
        )
    )
    counts = {name: sum(row.status == name for row in rows) for name in _STATUSES}
    return Progress(total=len(rows), rows=rows, **counts)


_STATUSES = ("done", "refused", "failed", "pending", "undone")


def batches(session: Session, key: str | None = None) -> list[MigrationBatch]:
    """All batches, the newest first."""
    statement = select(MigrationBatch).order_by(col(MigrationBatch.id).desc())
    return list(session.exec(statement if key is None else statement.where(MigrationBatch.key == key)))


def unfinished(session: Session) -> list[int]:
    """Batches somebody started that still have cases to migrate: for whoever runs them in the background."""
    running = select(MigrationBatch.id).where(MigrationBatch.status == "running")
    return [key for key in session.exec(running.order_by(col(MigrationBatch.id))) if key is not None]


def undo_batch(engine: Engine, batch_id: int, *, actor: Account, clock: Clock) -> Progress:
    """Take every case back to where it was; one that has moved since stays, with the reason."""
    permissions.may_administer(actor).require()
    with db.reading(engine) as session:
        batch = _batch(session, batch_id)
        if batch.status == "undone":
            raise Conflict("这批迁移已经撤销。")
        done = select(MigrationCase.id).where(
            MigrationCase.batch_id == batch_id, MigrationCase.status == "done"
        )
        keys = list(session.exec(done.order_by(col(MigrationCase.id))))
    for key in keys:
        _undo_one(engine, key or 0, actor, clock)
    with db.writing(engine) as session:
        batch = _batch(session, batch_id)
        batch.status, batch.undone_by, batch.undone_at = "undone", actor.login, clock.now()
        return progress(session, batch_id)


def _undo_one(engine: Engine, key: int, actor: Account, clock: Clock) -> None:
    try:
        with db.writing(engine) as session:
            undo_case(session, key, actor=actor, now=clock.now())
    except KeguanError as error:
        with db.writing(engine) as session:
            session.get_one(MigrationCase, key).reason = error.message


def undo_case(session: Session, key: int, *, actor: Account, now: datetime) -> MigrationCase:
    """Put one migrated case back exactly where it was; Conflict when it has moved since."""
    row = session.get_one(MigrationCase, key, with_for_update=True, populate_existing=True)
    batch = session.get_one(MigrationBatch, row.batch_id)
    before = session.get_one(ProcessState, (row.process_id, row.revision_before)).state
    moved = door.transfer(
        session,
        row.process_id,
        batch.from_version,
        lambda _: before,
        revision=row.revision_after,
        rows=row.rows_before,
        actor=actor,
        now=now,
        verb="undo_migration",
        summary=f"撤销迁移，恢复到流程版本 {batch.from_version[:8]}",
        payload={"from": batch.to_version, "batch": batch.id, "restored": row.revision_before},
    )
    verify(session, moved)
    row.status, row.at = "undone", now
    session.flush()
    return row


def _batch(session: Session, batch_id: int) -> MigrationBatch:
    found = session.get(MigrationBatch, batch_id)
    if found is None:
        raise NotFound("没有这批迁移；请从迁移列表进入。")
    return found


def _account(session: Session, login: str) -> Account:
    return session.exec(select(Account).where(Account.login == login)).one()
