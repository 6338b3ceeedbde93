"""What the database itself enforces, on SQLite and PostgreSQL, attached to a table before its creation."""

from sqlalchemy import DDL, Table, event


def append_only(table: Table) -> None:
    """Make the database refuse UPDATE and DELETE (and TRUNCATE) on a table, from its creation on."""
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
    """Run these statements on that kind of database right after the table is created."""
    for statement in statements:
        ddl: DDL = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
