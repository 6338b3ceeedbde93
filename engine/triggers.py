"""What the database itself enforces, on SQLite and PostgreSQL: declared beside each table, installed by a migration."""

from sqlalchemy import Connection, Table

_declared: list[tuple[str, str, str]] = []


def append_only(table: Table) -> None:
    """Make the database refuse UPDATE and DELETE (and TRUNCATE) on a table."""
    name = table.name
    for change in ("UPDATE", "DELETE"):
        on_create(
            table,
            "sqlite",
            f"CREATE TRIGGER {name}_no_{change.lower()} BEFORE {change} ON {name} "
            f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END",
        )
    on_create(
        table,
        "postgresql",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$",
        f"CREATE TRIGGER {name}_no_change BEFORE UPDATE OR DELETE ON {name} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    )


def on_create(table: Table, dialect: str, *statements: str) -> None:
    """Declare statements for one kind of database, to be run once the table exists."""
    _declared.extend((table.name, dialect, statement) for statement in statements)


def install(connection: Connection, *tables: str) -> None:
    """Run everything declared for these tables; the revision that creates a table calls this at its end."""
    for name, dialect, statement in _declared:
        if name in tables and dialect == connection.dialect.name:
            connection.exec_driver_sql(statement)
