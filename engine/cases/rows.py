"""The rows a move begins with and those it writes, in as few statements as the guarantees allow.

Every move writes the same handful of rows. They go straight to the database by prepared statements: the unit of
work, made for objects nobody can foresee, costs five times as much and is left to the forms' effects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Insert, Table, Update, bindparam, insert, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col, select

from engine.cases.models import CaseFile, Message, Process, ProcessState, Waiting, WorkItem

Cause = TypeVar("Cause", WorkItem, Waiting, Message)


@dataclass(frozen=True)
class Taken(Generic[Cause]):
    """What sets a move off, the process it moves, its case if it has one, and the engine's state to go on from."""

    cause: Cause
    process: Process
    case: CaseFile | None
    state: bytes


def take(session: Session, model: type[Cause], key: int) -> Taken[Cause] | None:
    """Lock the process this row belongs to, then read row, case and state; None when there is no such row.

    The process is locked first, so that everything read after it is the work of moves already committed, and
    two moves of one process always wait for each other in the same order. SQLite's writer is alone already.
    """
    lock, read = _taking(model)
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(lock, {"key": key})
    found = session.exec(read, params={"key": key}).first()
    if found is None:
        return None
    cause, process, case, state = found
    if state is None:
        raise LookupError(f"process {process.id} has lost the state of revision {process.revision}")
    return Taken(cause, process, case, state)


@cache
def _taking(model: type[Cause]) -> tuple[Any, Any]:
    owner = select(model.process_id).where(model.id == bindparam("key")).scalar_subquery()
    lock = select(Process.id).where(Process.id == owner).with_for_update()
    of_revision = (col(ProcessState.process_id) == Process.id) & (
        col(ProcessState.revision) == Process.revision
    )
    read = (
        select(model, Process, CaseFile, ProcessState.state)
        .join(Process, col(Process.id) == model.process_id)
        .outerjoin(CaseFile, col(CaseFile.id) == Process.case_id)
        .outerjoin(ProcessState, of_revision)
        .where(model.id == bindparam("key"))
        .with_for_update(of=model)
        .execution_options(populate_existing=True)  # what was read before the lock may be out of date
    )
    return lock, read


def append(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows nobody holds as objects yet, all with the same columns."""
    if rows:
        session.connection().execute(_insertion(model), rows)


def write(session: Session, row: SQLModel, key: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Write these columns of one row now, and into the object; False when no row has this key (any more)."""
    found = session.connection().execute(
        _update(type(row), tuple(key)), {f"_{name}": value for name, value in key.items()} | dict(values)
    )
    for name, value in values.items():
        set_committed_value(row, name, value)
    return found.rowcount == 1


def cancel(
    session: Session,
    model: type[WorkItem] | type[Waiting],
    process_id: int,
    tokens: Sequence[str],
    at: datetime,
) -> None:
    """Cancel a process's open rows of these tokens, and the objects the session holds of them."""
    if not tokens:
        return
    gone = [
        {"_process": process_id, "_token": token, "status": "cancelled", "closed_at": at} for token in tokens
    ]
    session.connection().execute(_cancellation(model), gone)
    for row in session.identity_map.values():
        if (
            isinstance(row, model)
            and row.process_id == process_id
            and row.token in tokens
            and row.status == "open"
        ):
            set_committed_value(row, "status", "cancelled")
            set_committed_value(row, "closed_at", at)


@cache
def _cancellation(model: type[WorkItem] | type[Waiting]) -> Update:
    columns = _table(model).columns
    return update(_table(model)).where(
        columns["process_id"] == bindparam("_process"),
        columns["token"] == bindparam("_token"),
        columns["status"] == "open",
    )


@cache
def _insertion(model: type[SQLModel]) -> Insert:
    return insert(_table(model))


@cache
def _update(model: type[SQLModel], key: tuple[str, ...]) -> Update:
    columns = _table(model).columns
    return update(_table(model)).where(*(columns[name] == bindparam(f"_{name}") for name in key))


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table
