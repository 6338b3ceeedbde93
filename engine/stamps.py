"""Reference data read at every step, kept in memory for as long as its table does not change.

A trigger renews a random stamp whenever a row of the table changes, in the same transaction, whoever changes
it. One lookup of the stamp therefore tells every process, worker and half-finished transaction whether the
copy it holds is the table's present content; a stamp of a rolled-back change is never seen again.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from sqlalchemy import Table, select
from sqlmodel import Field, Session, SQLModel, col

from engine.triggers import on_create

Content = TypeVar("Content")


class TableStamp(SQLModel, table=True):
    """The present content of one reference table, as a random text that changes with it."""

    __tablename__ = "table_stamp"

    name: str = Field(primary_key=True)
    stamp: str


_lookup = select(col(TableStamp.name), col(TableStamp.stamp))


def read_stamps(session: Session) -> Mapping[str, str]:
    """The present stamp of every table, for whoever is about to read several of them."""
    return {row.name: row.stamp for row in session.connection().execute(_lookup)}


class Kept(Generic[Content]):
    """The content of a table as last loaded, loaded again only when its stamp is another."""

    def __init__(self, table: Table, load: Callable[[Session], Content]) -> None:
        self._table = table.name
        self._load = load
        self._last: tuple[str, Content] | None = None
        _stamp_changes(table)

    def read(self, session: Session, stamps: Mapping[str, str] | None = None) -> Content:
        """The content the session's transaction sees; share it, do not change it.

        `stamps` spares the lookup when this transaction has read them and changed nothing since.
        """
        stamp = (read_stamps(session) if stamps is None else stamps).get(self._table)
        last = self._last
        if last is not None and last[0] == stamp:
            return last[1]
        content = self._load(session)
        if stamp is not None:  # a table that never had a row has no stamp
            self._last = (stamp, content)
        return content


def _stamp_changes(table: Table) -> None:
    renew = (
        "INSERT INTO table_stamp (name, stamp) VALUES ({name}, {random}) "
        "ON CONFLICT (name) DO UPDATE SET stamp = excluded.stamp;"
    )
    on_sqlite = renew.format(name=f"'{table.name}'", random="hex(randomblob(16))")
    for change in ("INSERT", "UPDATE", "DELETE"):
        on_create(
            table,
            "sqlite",
            f"CREATE TRIGGER {table.name}_stamp_{change.lower()} AFTER {change} ON {table.name} "
            f"BEGIN {on_sqlite} END",
        )
    on_postgres = renew.format(name="TG_TABLE_NAME", random="gen_random_uuid()::text")
    on_create(
        table,
        "postgresql",
        "CREATE OR REPLACE FUNCTION renew_stamp() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {on_postgres} RETURN NULL; END $$",
        f"CREATE TRIGGER {table.name}_stamp AFTER INSERT OR UPDATE OR DELETE ON {table.name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION renew_stamp()",
    )
