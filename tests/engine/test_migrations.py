"""The schema a migration makes is the schema the models describe, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlmodel import SQLModel

from engine import db, tables
from engine.cases.search import WORDS

assert tables.ROOMS


def test_the_newest_revision_is_what_the_models_say(database: Engine) -> None:
    """A table or column added to a model needs a revision of its own."""
    with database.connect() as connection:
        options = {"compare_type": False, "include_name": _of_a_model}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, SQLModel.metadata) == []


def _of_a_model(name: str | None, kind: str, _parents: object) -> bool:
    """Every table but those of the full-text search, which are each database's own."""
    return kind != "table" or not (name or "").startswith(WORDS)


def test_migrating_twice_changes_nothing(database: Engine) -> None:
    """The second time finds the newest revision and does nothing."""
    db.migrate(database)
    with database.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == db._newest_revision()
