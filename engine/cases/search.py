"""Finding a case by any words of its title, number or unit (全文查找), two Chinese characters included.

No tokenizer of SQLite or PostgreSQL knows Chinese words, and both offer trigrams only. So the database keeps, for
every case, the overlapping pairs of its text, on SQLite as an FTS5 table and on PostgreSQL as a tsvector; a word
is found as its pairs standing one after another, which is the same as being contained. One character is found
as the beginning of a pair. Triggers keep the pairs true, whoever changes a case or the name of a unit.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    column,
    func,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlmodel import Session, col

from engine.cases.lists import LOOK, Narrowing, Reading
from engine.cases.models import CaseFile
from engine.people.models import Organization
from engine.triggers import on_create

WORDS = "case_words"
"""The table of pairs: `rowid` (SQLite) or `case_id` (PostgreSQL) is the case."""
MOST_WORDS = 8
FEW = 2_000
"""How many cases a word may be in for them to be looked up one by one."""

_declared = Table(WORDS, MetaData())
_punctuation = "!#$%&()*+,-./:;<=>?@[]^_{|}~"
_text = (  # a piece of the triggers below, made of our own names
    "replace(lower({row}.title || ' ' || coalesce({row}.number, '') || ' ' || coalesce("
    "(SELECT name FROM organization WHERE id = {row}.unit_id), '')), ' ', '␣')"
)


def words_of(text: str) -> list[str]:
    """The words to look for, as they stand in the pairs; the first few of very many."""
    return text.lower().split()[:MOST_WORDS]


def hits(session: Session, words: Sequence[str]) -> Select[tuple[int]]:
    """The cases whose text contains every one of the words, found by index."""
    if session.get_bind().dialect.name == "sqlite":
        pairs = table(WORDS, column("rowid"), column(WORDS))
        query = " AND ".join(_sqlite_phrase(word) for word in words)
        return select(pairs.c.rowid).where(pairs.c[WORDS].op("MATCH")(query))
    vectors = table(WORDS, column("case_id"), column("words"))
    query = " & ".join(_postgres_phrase(word) for word in words)
    return select(vectors.c.case_id).where(vectors.c.words.op("@@")(cast(bindparam(None, query), TSQUERY)))


def narrowing(session: Session, column: Any, words: Sequence[str]) -> Narrowing | Reading:
    """The words as a filter of a list whose rows name their case in `column`.

    Cases are looked up where few have the words, kept in mind where more do, and read where very many do.
    """
    found = list(session.execute(hits(session, words).limit(LOOK + 1)).scalars())
    if len(found) > LOOK:
        return Reading(column, lambda case: _says(case, words))
    among = column.in_(_listed(session, found))
    few = len(found) <= FEW
    return Narrowing(among, find=among if few else None, few=few)


def _says(case: ColumnElement[int], words: Sequence[str]) -> ColumnElement[bool]:
    """Whether a case has the words: a value, not EXISTS, which PostgreSQL may join in another order than the list's."""
    return select(contains(words)).where(col(CaseFile.id) == case).scalar_subquery()


def _listed(session: Session, cases: list[int]) -> Select[tuple[int]]:
    """Numbers as a table, sent as one value however many they are."""
    if session.get_bind().dialect.name == "sqlite":
        return select(func.json_each(json.dumps(cases)).table_valued("value").c.value)
    return select(func.unnest(cast(cases, ARRAY(Integer))).column_valued())


def contains(words: Sequence[str]) -> ColumnElement[bool]:
    """Whether a case at hand has every one of the words."""
    home = (
        select(col(Organization.name)).where(col(Organization.id) == CaseFile.unit_id).correlate(CaseFile)
    ).scalar_subquery()
    text = func.lower(CaseFile.title + " " + func.coalesce(CaseFile.number, "") + " " + home)
    return and_(*(text.contains(word, autoescape=True) for word in words))


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(max(1, len(word) - 1))]


def _sqlite_phrase(word: str) -> str:
    phrase = '"' + " ".join(_pairs(word)).replace('"', '""') + '"'
    return f"{phrase} *" if len(word) == 1 else phrase


def _postgres_phrase(word: str) -> str:
    quoted = ["'" + pair.replace("\\", "\\\\").replace("'", "''") + "'" for pair in _pairs(word)]
    return f"{quoted[0]}:*" if len(word) == 1 else "(" + " <-> ".join(quoted) + ")"


def _on_sqlite() -> list[str]:
    pairs = (
        "WITH RECURSIVE at(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM at WHERE n < length(said.words)) "
        "SELECT group_concat(substr(said.words, n, 2), ' ') FROM at"
    )
    keep = (
        f"INSERT INTO {WORDS} (rowid, pairs) SELECT NEW.id, ({pairs}) "  # noqa: S608  our own names
        f"FROM (SELECT {_text.format(row='NEW')} AS words) AS said;"
    )
    forget = f"DELETE FROM {WORDS} WHERE rowid = OLD.id;"  # noqa: S608
    return [
        f"CREATE VIRTUAL TABLE {WORDS} USING fts5(pairs, tokenize=\"ascii tokenchars '{_punctuation}'\")",
        f"CREATE TRIGGER {WORDS}_insert AFTER INSERT ON case_file BEGIN {keep} END",
        f"CREATE TRIGGER {WORDS}_update AFTER UPDATE OF title, number, unit_id ON case_file "
        f"BEGIN {forget} {keep} END",
        f"CREATE TRIGGER {WORDS}_delete AFTER DELETE ON case_file BEGIN {forget} END",
        f"CREATE TRIGGER {WORDS}_rename AFTER UPDATE OF name ON organization "
        f"BEGIN {_AGAIN} WHERE unit_id = NEW.id; END",
        "CREATE TRIGGER work_item_amount AFTER UPDATE OF requested_fen, approved_fen ON case_file "
        f"BEGIN {_AMOUNT} END",
        _AGAIN,
    ]


def _on_postgresql() -> list[str]:
    pairs = (
        "SELECT string_agg(quote_literal(substr(said, n, 2)) || ':' || n, ' ') "
        "FROM generate_series(1, length(said)) AS n"
    )
    function = "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
    keep = (
        f"DECLARE said text := {_text.format(row='NEW')}; BEGIN "  # noqa: S608  our own names
        f"INSERT INTO {WORDS} (case_id, words) VALUES (NEW.id, ({pairs})::tsvector) "
        "ON CONFLICT (case_id) DO UPDATE SET words = excluded.words; RETURN NULL; END"
    )
    again = f"BEGIN {_AGAIN} WHERE unit_id = NEW.id; RETURN NULL; END"
    amount = f"BEGIN {_AMOUNT} RETURN NULL; END"
    return [
        f"CREATE TABLE {WORDS} (case_id integer PRIMARY KEY REFERENCES case_file (id) ON DELETE CASCADE, "
        "words tsvector NOT NULL)",
        f"CREATE INDEX {WORDS}_pairs ON {WORDS} USING gin (words)",
        function.format(name=f"{WORDS}_keep", body=keep),
        function.format(name=f"{WORDS}_again", body=again),
        function.format(name="work_item_amount", body=amount),
        f"CREATE TRIGGER {WORDS}_keep AFTER INSERT OR UPDATE OF title, number, unit_id ON case_file "
        f"FOR EACH ROW EXECUTE FUNCTION {WORDS}_keep()",
        f"CREATE TRIGGER {WORDS}_rename AFTER UPDATE OF name ON organization "
        f"FOR EACH ROW EXECUTE FUNCTION {WORDS}_again()",
        "CREATE TRIGGER work_item_amount AFTER UPDATE OF requested_fen, approved_fen ON case_file "
        "FOR EACH ROW EXECUTE FUNCTION work_item_amount()",
        _AGAIN,
    ]


_AGAIN = "UPDATE case_file SET title = title"
"""Writes every pair anew: after a unit's new name, and once when the table is made."""
_AMOUNT = (
    "UPDATE work_item SET amount_fen = CASE WHEN NEW.approved_fen > 0 THEN NEW.approved_fen "
    "ELSE NEW.requested_fen END WHERE case_id = NEW.id AND status = 'open';"
)

on_create(_declared, "sqlite", *_on_sqlite())
on_create(_declared, "postgresql", *_on_postgresql())
