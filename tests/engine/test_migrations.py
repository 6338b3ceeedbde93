"""The schema a migration makes is the schema the models describe, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlmodel import Session, SQLModel, col, select

from engine import db, tables
from engine.cases.search import WORDS
from engine.reviewing.models import PublicNotice, ReviewRound, RoundEntry
from tests.engine.reviewing.worlds import DIRECTION, open_round
from tests.walks import file_application, pass_formal_check
from tests.worlds import bureau

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


def test_rounds_of_before_letter_review_keep_their_newest_panel(database: Engine) -> None:
    """Not drawn yet, drawn once, reviewed again: read by panel, every application by the round's newest one."""
    with Session(database) as session:
        world = bureau(session)
        for number in range(3):
            pass_formal_check(world, file_application(world, DIRECTION))
            open_round(world).panel_no = number
            session.commit()
        session.execute(text("ALTER TABLE review_round DROP COLUMN mode"))
        session.execute(text("ALTER TABLE round_entry DROP COLUMN panel_no"))
        session.execute(text("ALTER TABLE organization DROP COLUMN legal_representative"))
        session.execute(text("ALTER TABLE public_notice DROP COLUMN listed"))
        session.execute(text("UPDATE alembic_version SET version_num = '0009'"))
        session.commit()
    db.migrate(database)
    with Session(database) as session:
        rows = select(ReviewRound.mode, ReviewRound.panel_no, RoundEntry.panel_no).join(
            RoundEntry, col(RoundEntry.round_id) == ReviewRound.id
        )
        found = session.exec(rows.order_by(col(ReviewRound.id))).all()
        assert [tuple(one) for one in found] == [("panel", 0, 1), ("panel", 1, 1), ("panel", 2, 2)]


def test_notices_of_before_keep_the_lines_they_would_print(database: Engine) -> None:
    """The project, its unit and the amount proposed."""
    with Session(database) as session:
        world = bureau(session)
        case = file_application(world, DIRECTION)
        pass_formal_check(world, case)
        opened = open_round(world)
        session.exec(select(RoundEntry)).one().approved_fen = 12_345_600
        day = world.now.date()
        notice = PublicNotice(round_id=opened.id or 0, title="公示", posted_on=day, ends_on=day)
        notice.cases = [case.id or 0]
        session.add(notice)
        session.flush()
        expected = [
            {"number": case.number, "title": case.title, "unit": world.unit.name, "approved_fen": 12_345_600}
        ]
        session.execute(text("ALTER TABLE public_notice DROP COLUMN listed"))
        session.execute(text("UPDATE alembic_version SET version_num = '0011'"))
        session.commit()
    db.migrate(database)
    with Session(database) as session:
        assert session.exec(select(PublicNotice.listed)).one() == expected
