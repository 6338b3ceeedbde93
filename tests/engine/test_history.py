"""The history: cheap to append, impossible to change unnoticed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, SQLModel

from engine import history, triggers
from engine.errors import Conflict
from engine.history import Draft
from tests.databases import statements

NOON = datetime(2024, 5, 6, 12, 0, 0, 250, tzinfo=UTC)
TODAY = date(2024, 5, 6)
TABLES = [table for name, table in SQLModel.metadata.tables.items() if name.startswith("history_")]
CASE = "case:12"


def two_cases(session: Session) -> None:
    """Case 12 with three entries of two steps, case 13 with one."""
    filed = [Draft("submit", "申报单位提交申请", "file", {"title": "示例项目", "requested": 500_000})]
    checked = [
        Draft("complete", "形式审查通过", "check"),
        Draft("open", "等待评审", "review", {"b": 1, "a": [None]}),
    ]
    history.record_all(session, CASE, filed, at=NOON, actor="unit01", on_behalf_of="intake")
    history.record_all(
        session, CASE, checked, at=NOON + timedelta(hours=1), actor="intake", actor_role="intake"
    )
    history.record(session, "case:13", at=NOON, actor="system", verb="start", summary="启动流程")


def tamper(session: Session, statement: str) -> None:
    """Change the history behind the triggers' back, as somebody with the file in hand can."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        for table in TABLES:
            connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
    else:
        names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'history%'"
        for name in connection.execute(text(names)).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))
    connection.execute(text(statement))
    session.expire_all()


def kinds(session: Session) -> list[tuple[str, int | None, str]]:
    return [(found.chain, found.seq, found.kind) for found in history.verify(session)]


def test_entries_come_back_as_they_were_written(session: Session) -> None:
    """A timeline reads in order, with its own seq per chain."""
    two_cases(session)
    read = [(entry.seq, entry.at, entry.actor, entry.summary) for entry in history.entries(session, CASE)]
    assert read == [
        (1, NOON, "unit01", "申报单位提交申请"),
        (2, NOON + timedelta(hours=1), "intake", "形式审查通过"),
        (3, NOON + timedelta(hours=1), "intake", "等待评审"),
    ]


def test_an_untouched_history_verifies(session: Session) -> None:
    """Through a fresh read from the database, with and without an anchor."""
    two_cases(session)
    before = history.verify(session)
    history.anchor_day(session, TODAY)
    session.expire_all()
    assert (before, history.verify(session)) == ([], [])


def test_a_step_costs_two_statements(session: Session, database: Engine) -> None:
    """One lookup and one insert, however many entries a step writes."""
    two_cases(session)
    drafts = [Draft("a", "甲"), Draft("b", "乙"), Draft("c", "丙")]
    with statements(database) as sent:
        history.record_all(session, CASE, drafts, at=NOON, actor="x")
    assert [statement.split()[0] for statement in sent] == ["SELECT", "INSERT"]


@pytest.mark.parametrize("statement", ["UPDATE history_entry SET actor = 'x'", "DELETE FROM history_entry"])
def test_the_database_refuses_changes(session: Session, statement: str) -> None:
    """No program of ours can change the history, not even by mistake."""
    two_cases(session)
    with pytest.raises(DatabaseError, match="append-only"):
        session.connection().execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE history_entry SET summary = '形式审查不通过' WHERE seq = 2", [(CASE, 2, "edited")]),
        ("UPDATE history_entry SET payload = 'not json' WHERE seq = 3", [(CASE, 3, "edited")]),
        ("UPDATE history_entry SET at = 'yesterday' WHERE seq = 3", [(CASE, 3, "edited")]),
        (
            "DELETE FROM history_entry WHERE seq = 2",
            [(CASE, 2, "gap")],
        ),
        ("DELETE FROM history_entry WHERE seq = 3", [(CASE, 3, "truncated")]),
        ("DELETE FROM history_entry WHERE chain = 'case:13'", [("case:13", 1, "truncated")]),
        ("UPDATE history_head SET seq = 2 WHERE chain = 'case:12'", [(CASE, 3, "head_mismatch")]),
    ],
)
def test_tampering_is_found_where_it_happened(
    session: Session, dialect: str, statement: str, found: list[tuple[str, int, str]]
) -> None:
    """Each way of tampering is reported once, at its place."""
    if dialect == "postgresql" and "not json" in statement:
        pytest.skip("PostgreSQL keeps no broken JSON")
    two_cases(session)
    tamper(session, statement)
    assert kinds(session) == found


def test_a_tail_cut_off_with_its_head_is_found_by_the_anchor(session: Session) -> None:
    """Whoever also rewrites the head is caught by the day's anchor."""
    two_cases(session)
    history.anchor_day(session, TODAY)
    tamper(session, "DELETE FROM history_entry WHERE chain = 'case:13'")
    tamper(session, "DELETE FROM history_head WHERE chain = 'case:13'")
    assert kinds(session) == [("case:13", 1, "truncated")]


def test_an_entry_rewritten_with_its_hash_is_found_by_its_neighbour(session: Session) -> None:
    """A consistent forgery of one entry no longer fits the next one."""
    two_cases(session)
    forged = "形式审查不通过"
    entry = history.entries(session, CASE)[1].model_dump() | {"summary": forged}
    digest = history.entry_hash(entry)
    tamper(session, f"UPDATE history_entry SET summary = '{forged}', hash = '{digest}' WHERE seq = 2")
    assert kinds(session) == [(CASE, 3, "unlinked")]


def test_an_edited_anchor_is_found(session: Session) -> None:
    """The anchors are chained themselves."""
    two_cases(session)
    history.anchor_day(session, TODAY)
    tamper(session, "UPDATE history_anchor SET heads = '{}'")
    assert kinds(session) == [("anchor", None, "anchor_edited")]


def test_an_anchor_holds_only_what_moved(session: Session) -> None:
    """The second day's anchor names the one chain that grew, and a day is anchored once."""
    two_cases(session)
    history.anchor_day(session, TODAY)
    head = history.record(session, CASE, at=NOON, actor="x", verb="note", summary="备注")
    second = history.anchor_day(session, TODAY + timedelta(days=1))
    assert (second.heads, history.verify(session)) == ({CASE: list(head)}, [])
    with pytest.raises(Conflict, match="无需再次锚定"):
        history.anchor_day(session, TODAY)


def test_two_writers_of_one_chain_cannot_both_win(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower one is told to read again."""
    two_cases(session)
    monkeypatch.setattr(history, "head", lambda *_: history.Head(1, "0" * 64))
    with pytest.raises(Conflict, match="刷新"):
        history.record(session, CASE, at=NOON, actor="x", verb="note", summary="备注")


@contextmanager
def in_memory() -> Iterator[Session]:
    """A database per example, cheap enough for a property."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection, tables=TABLES)
        triggers.install(connection, *(table.name for table in TABLES))
    with Session(engine) as session:
        yield session
    engine.dispose()


EDITS: dict[str, Callable[[str], str]] = {
    "actor": lambda old: old + "x",
    "verb": lambda old: "not " + old,
    "summary": lambda old: old[:-1],
    "chain": lambda old: old + "0",
    "hash": lambda old: "f" * 64,
    "previous_hash": lambda old: "e" * 64,
    "payload": lambda old: '{"forged": true}',
    "at": lambda old: "2020-01-01 00:00:00.000000",
    "element": lambda old: "elsewhere",
    "on_behalf_of": lambda old: "nobody",
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.lists(st.text("甲乙丙x", min_size=1, max_size=5), min_size=1, max_size=6))
def test_any_single_edit_is_found(data: st.DataObject, summaries: list[str]) -> None:
    """Whatever column of whatever entry is changed, the verification notices."""
    with in_memory() as session:
        history.record_all(session, CASE, [Draft("v", s) for s in summaries], at=NOON, actor="unit01")
        column = data.draw(st.sampled_from(sorted(EDITS)))
        seq = data.draw(st.integers(1, len(summaries)))
        old = getattr(history.entries(session, CASE)[seq - 1], column)
        new = EDITS[column](old)
        tamper(session, f"UPDATE history_entry SET {column} = '{new}' WHERE seq = {seq}")
        assert kinds(session) != []
