"""What happened, who did it and on what ground: append-only and hash-chained, one chain per subject (留痕).

A chain is named by its subject ("case:12", "round:3", "system"), so that two cases never wait for each other.
Every entry carries the hash of the one before it; each chain's head is kept beside it by a trigger, and the
heads are anchored once a day, each anchor carrying the one before. `verify` therefore finds an edited,
missing, added or cut-off entry. The database itself refuses UPDATE and DELETE; the hashes are for whoever
gets around that.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    cast,
    func,
    insert,
)
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, select

from engine.clock import UtcDateTime
from engine.db import Json
from engine.errors import Conflict
from engine.triggers import append_only, on_create

GENESIS = "0" * 64
"""What the first entry of a chain, and the first anchor, has before it."""
SYSTEM = "system"
"""The actor of what no person did, and the chain of what belongs to no single subject."""


class HistoryEntry(SQLModel, table=True):
    """One thing that happened to one subject."""

    __tablename__ = "history_entry"
    __table_args__ = (UniqueConstraint("chain", "seq"),)

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    )
    chain: str
    seq: int
    """1, 2, 3 ... within the chain."""
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    """A login, or "system"."""
    actor_role: str | None = None
    on_behalf_of: str | None = None
    """The login or unit for which an officer entered what came on paper (代录)."""
    verb: str
    element: str | None = None
    """The diagram's element id, where the move belongs to one."""
    summary: str
    """A Chinese sentence for the timeline."""
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What a replay needs: decisions, action outcomes, versions."""
    policy_version: str | None = None
    previous_hash: str
    hash: str


class HistoryHead(SQLModel, table=True):
    """The last entry of each chain, kept by a trigger: one lookup to append, and a cut-off tail shows."""

    __tablename__ = "history_head"

    chain: str = Field(primary_key=True)
    seq: int
    hash: str


class HistoryAnchor(SQLModel, table=True):
    """The heads that moved since the anchor before, at the end of a day, chained by digest."""

    __tablename__ = "history_anchor"

    day: date = Field(primary_key=True)
    heads: dict[str, Any] = Field(sa_type=Json)
    """Chain name to [seq, hash]."""
    previous_digest: str
    digest: str


@dataclass(frozen=True)
class Draft:
    """What a verb wants written down; the chain gives it its place and its hash."""

    verb: str
    summary: str
    element: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


class Head(NamedTuple):
    """Where a chain ends."""

    seq: int
    hash: str


class Break(NamedTuple):
    """One place where the history is not what was written."""

    chain: str
    seq: int | None
    kind: str
    """edited, gap, unlinked, truncated, head_mismatch, anchor_mismatch or anchor_edited."""
    message: str


def record(
    session: Session,
    chain: str,
    *,
    at: datetime,
    actor: str,
    verb: str,
    summary: str,
    element: str | None = None,
    payload: Mapping[str, Any] | None = None,
    actor_role: str | None = None,
    on_behalf_of: str | None = None,
    policy_version: str | None = None,
) -> Head:
    """Write one entry at the end of a chain and return the new head; see `record_all`."""
    return record_all(
        session,
        chain,
        [Draft(verb, summary, element, payload or {})],
        at=at,
        actor=actor,
        actor_role=actor_role,
        on_behalf_of=on_behalf_of,
        policy_version=policy_version,
    )


def record_all(
    session: Session,
    chain: str,
    drafts: Sequence[Draft],
    *,
    at: datetime,
    actor: str,
    actor_role: str | None = None,
    on_behalf_of: str | None = None,
    policy_version: str | None = None,
) -> Head:
    """Write what one step did at the end of a chain, in order, with one lookup and one insert.

    The payload must be plain JSON. `Conflict` when another transaction wrote to the chain meanwhile.
    """
    previous = head(session, chain)
    shared: dict[str, Any] = {
        "chain": chain,
        "at": at,
        "actor": actor,
        "actor_role": actor_role,
        "on_behalf_of": on_behalf_of,
        "policy_version": policy_version,
    }
    rows: list[dict[str, Any]] = []
    for draft in drafts:
        row = shared | {
            "seq": previous.seq + 1,
            "verb": draft.verb,
            "element": draft.element,
            "summary": draft.summary,
            "payload": json.loads(_canonical(draft.payload)),  # what the database will give back
            "previous_hash": previous.hash,
        }
        row["hash"] = entry_hash(row)
        rows.append(row)
        previous = Head(row["seq"], row["hash"])
    if rows:
        _append(session, chain, rows)
    return previous


def _append(session: Session, chain: str, rows: list[dict[str, Any]]) -> None:
    try:
        session.connection().execute(_entry, rows)
    except IntegrityError as error:
        if "unique" not in str(error.orig).lower():
            raise
        raise Conflict(f"“{chain}”刚刚被他人办理，本次操作未保存：请刷新后重试。") from error


def head(session: Session, chain: str) -> Head:
    """Where a chain ends; seq 0 when nothing has been written to it."""
    found = session.connection().execute(_head_lookup, {"of": chain}).first()
    return Head(*found) if found else Head(0, GENESIS)


_head_lookup = select(col(HistoryHead.seq), col(HistoryHead.hash)).where(
    col(HistoryHead.chain) == bindparam("of")
)


def entries(session: Session, chain: str) -> Sequence[HistoryEntry]:
    """A chain's entries, oldest first."""
    return session.exec(
        select(HistoryEntry).where(HistoryEntry.chain == chain).order_by(col(HistoryEntry.seq))
    ).all()


HASHED = (
    "chain",
    "seq",
    "at",
    "actor",
    "actor_role",
    "on_behalf_of",
    "verb",
    "element",
    "summary",
    "payload",
    "policy_version",
    "previous_hash",
)


def entry_hash(row: Mapping[str, Any]) -> str:
    """The SHA-256 of an entry's content and of the hash before it, in canonical JSON."""
    content = {name: row[name] for name in HASHED}
    content["at"] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return _digest(content)


def _canonical(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, no NaN."""
    if isinstance(value, Mapping):
        value = dict(value)
    return _encoder.encode(value)


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def _digest(value: Any) -> str:
    return hashlib.sha256(_canonical(value).encode()).hexdigest()


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def anchor_day(session: Session, day: date) -> HistoryAnchor:
    """Fix the heads of all chains that moved since the last anchor; `Conflict` if the day has one already."""
    anchors = session.exec(select(HistoryAnchor).order_by(col(HistoryAnchor.day))).all()
    if anchors and anchors[-1].day >= day:
        raise Conflict(f"历史记录已锚定到 {anchors[-1].day}:{day} 无需再次锚定。")
    anchored = _anchored_heads(anchors)
    heads = {chain: list(end) for chain, end in _heads(session).items() if anchored.get(chain) != end}
    previous = anchors[-1].digest if anchors else GENESIS
    anchor = HistoryAnchor(
        day=day, heads=heads, previous_digest=previous, digest=_anchor_digest(day, heads, previous)
    )
    session.add(anchor)
    session.flush()
    return anchor


def _anchor_digest(day: date, heads: Mapping[str, Any], previous: str) -> str:
    return _digest({"day": day.isoformat(), "heads": heads, "previous_digest": previous})


def _anchored_heads(anchors: Sequence[HistoryAnchor]) -> dict[str, Head]:
    """The newest anchored head of every chain."""
    return {chain: Head(*end) for anchor in anchors for chain, end in anchor.heads.items()}


def _heads(session: Session) -> dict[str, Head]:
    found = session.exec(
        select(col(HistoryHead.chain), col(HistoryHead.seq), col(HistoryHead.hash)).order_by(
            col(HistoryHead.chain)
        )
    )
    return {chain: Head(seq, digest) for chain, seq, digest in found}


def extent(session: Session) -> tuple[int, int]:
    """How many chains and entries there are."""
    chain = col(HistoryEntry.chain)
    found = session.exec(select(func.count(func.distinct(chain)), func.count(chain))).one()
    return found[0], found[1]


def verify(session: Session) -> list[Break]:
    """Every place where the history is not what was written; an empty list when it is intact.

    Reads all entries once, chain by chain, without holding them. Each entry is compared to its own hash, to
    its neighbour and to the anchors; each chain's end to its head and to its newest anchor. What was cut off
    after the last anchor by someone who also rewrote the head is the one thing this cannot see.
    """
    anchors = session.exec(select(HistoryAnchor).order_by(col(HistoryAnchor.day))).all()
    anchored: dict[str, dict[int, str]] = {}
    for anchor in anchors:
        for chain, (seq, digest) in anchor.heads.items():
            anchored.setdefault(chain, {})[seq] = digest
    heads = _heads(session)
    breaks = list(_broken_anchors(anchors))
    seen = set()
    for chain, rows in groupby(_stored(session), key=lambda row: str(row["chain"])):
        seen.add(chain)
        breaks += _broken_links(chain, rows, heads.get(chain), anchored.get(chain, {}))
    for chain in sorted((heads.keys() | anchored.keys()) - seen):
        breaks += _broken_links(chain, (), heads.get(chain), anchored.get(chain, {}))
    return breaks


def _stored(session: Session) -> Iterable[Mapping[str, Any]]:
    """All entries in chain order, time and payload as raw text: a tampered one may not even be readable."""
    table = _table(HistoryEntry)
    raw = [cast(c, Text).label(c.name) if c.name in ("at", "payload") else c for c in table.columns]
    query = select(*raw).order_by(table.c.chain, table.c.seq).execution_options(yield_per=1000)
    return (dict(row) for row in session.connection().execute(query).mappings())


def _recomputed_hash(row: Mapping[str, Any]) -> str | None:
    """The hash the stored content ought to have; None when the content cannot be read any more."""
    try:
        at = datetime.fromisoformat(row["at"])
        payload = json.loads(row["payload"])
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)  # SQLite keeps UTC without saying so
        return entry_hash({**row, "at": aware, "payload": payload})
    except (ValueError, TypeError):
        return None


def _broken_links(
    chain: str, rows: Iterable[Mapping[str, Any]], expected: Head | None, anchored: Mapping[int, str]
) -> Iterator[Break]:
    """Walk one chain; after a break go on from what is stored, so that one edit is reported once."""
    last = Head(0, GENESIS)
    for row in rows:
        seq = row["seq"]
        if seq != last.seq + 1:
            yield Break(
                chain, last.seq + 1, "gap", f"{chain} 第 {last.seq + 1} 条起缺失，下一条是第 {seq} 条。"
            )
        elif row["previous_hash"] != last.hash:
            yield Break(chain, seq, "unlinked", f"{chain} 第 {seq} 条与上一条的哈希不衔接。")
        if _recomputed_hash(row) != row["hash"]:
            yield Break(chain, seq, "edited", f"{chain} 第 {seq} 条的内容与其哈希不符。")
        if anchored.get(seq, row["hash"]) != row["hash"]:
            yield Break(chain, seq, "anchor_mismatch", f"{chain} 第 {seq} 条与当日锚定的哈希不符。")
        last = Head(seq, row["hash"])
    end = max([expected.seq if expected else 0, *anchored])
    if last.seq < end:
        yield Break(chain, last.seq + 1, "truncated", f"{chain} 应有 {end} 条，只剩前 {last.seq} 条。")
    elif last != expected:
        yield Break(chain, last.seq, "head_mismatch", f"{chain} 末条(第 {last.seq} 条)与链头记录不符。")


def _broken_anchors(anchors: Sequence[HistoryAnchor]) -> Iterator[Break]:
    previous = GENESIS
    for anchor in anchors:
        digest = _anchor_digest(anchor.day, anchor.heads, anchor.previous_digest)
        if digest != anchor.digest or anchor.previous_digest != previous:
            yield Break("anchor", None, "anchor_edited", f"{anchor.day} 的锚定记录被改动或其前有缺失。")
        previous = anchor.digest


_entry = insert(_table(HistoryEntry))
MOVE_HEAD = (
    "INSERT INTO history_head (chain, seq, hash) VALUES (NEW.chain, NEW.seq, NEW.hash) "
    "ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash;"
)

append_only(_table(HistoryEntry))
append_only(_table(HistoryAnchor))
on_create(
    _table(HistoryEntry),
    "sqlite",
    f"CREATE TRIGGER history_entry_moves_head AFTER INSERT ON history_entry BEGIN {MOVE_HEAD} END",
)
on_create(
    _table(HistoryEntry),
    "postgresql",
    "CREATE OR REPLACE FUNCTION history_move_head() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN {MOVE_HEAD} RETURN NULL; END $$",
    "CREATE TRIGGER history_entry_moves_head AFTER INSERT ON history_entry "
    "FOR EACH ROW EXECUTE FUNCTION history_move_head()",
)
