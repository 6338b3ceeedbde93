"""The database: one URL, one declarative base, explicit transactions.

SQLite (WAL, foreign keys on) is the embedded default and PostgreSQL the other choice, by `KEGUAN_DATABASE_URL`.
A *write* transaction on SQLite begins with BEGIN IMMEDIATE: a plain BEGIN loses concurrent read-modify-write
updates without an error. Verbs take a session and never commit; whoever opened it (a request, a command, a
sweep) commits once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.types import JSON
from sqlmodel import Session

from engine.errors import Unusable

ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = ROOT / "migrations"
DEFAULT_URL = f"sqlite:///{ROOT / 'var' / 'keguan.sqlite'}"
Json = JSON  # one name for a JSON column, on both databases


def database_url() -> str:
    """The database this process works on: `KEGUAN_DATABASE_URL`, or SQLite under `var/`."""
    return os.environ.get("KEGUAN_DATABASE_URL") or DEFAULT_URL


def open_engine(url: str | None = None, *, durable: bool = True) -> Engine:
    """An engine for the URL with the pragmas this product relies on; creates a SQLite file's folder.

    `durable` false, for a simulation whose loss is no loss, spares SQLite the wait for the disk at each commit.
    """
    parsed = make_url(url or database_url())
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        _make_folder(Path(parsed.database).parent)
    engine = create_engine(parsed)
    event.listen(engine, "connect", partial(_prepare_sqlite, durable))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Unusable(
            f"不能建立数据库所在的文件夹 {folder}（{problem.strerror}）；请检查 KEGUAN_DATABASE_URL。"
        ) from problem


def _prepare_sqlite(durable: bool, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    synchronous = "FULL" if durable else "OFF"
    for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "busy_timeout=30000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One write transaction: committed when the block ends, rolled back when it raises."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
        session.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One read transaction; it never holds SQLite's only writer."""
    with Session(engine.execution_options(read_only=True), expire_on_commit=False) as session:
        yield session
        session.rollback()


def refresh_statistics(engine: Engine) -> None:
    """Let SQLite look at how its rows are spread, so that it takes the right index; PostgreSQL does by itself.

    It looks at a thousand rows of each index at most, milliseconds at any size.
    """
    if engine.dialect.name != "sqlite":
        return
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        connection.exec_driver_sql("ANALYZE")


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision; creates it on first use.

    Alembic is loaded only when there is something to do: it is a fifth of every command's start.
    """
    if _revision(engine) == _newest_revision():
        return
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: Engine) -> str | None:
    """The revision the database is at; None for one without a schema."""
    with engine.execution_options(read_only=True).connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return found


def _newest_revision() -> str:
    """The number the newest revision's file begins with."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("*.py"))


@lru_cache(maxsize=8)
def ready_engine(url: str) -> Engine:
    """The engine for a URL, created and migrated once in this process."""
    engine = open_engine(url)
    migrate(engine)
    return engine
