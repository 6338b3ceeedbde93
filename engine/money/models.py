"""Tables of the ledger (资金台账): rows that are only ever added; a correction is a reversing row.

Commitment (立项承诺), yearly appropriation (年度预算), payment (拨付) and clawback (追缴入库) are separate
rows, in integer fen. Whatever code does, the database refuses UPDATE and DELETE, a payment beyond the
commitment or the year's appropriation, a clawback beyond what was paid, and a reversal that does not mirror
its row.
"""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Table
from sqlmodel import Field, SQLModel

from engine.db import Json
from engine.triggers import append_only, on_create

SIGNED = "(reverses_id IS NULL AND amount_fen > 0) OR (reverses_id IS NOT NULL AND amount_fen < 0)"
OVERPAID = "payments exceed the commitment"
OVERSPENT = "payments exceed the appropriation of the year"
OVERCLAWED = "clawbacks exceed the payments"
UNMIRRORED = "a reversal must mirror its row"


class LedgerRow(SQLModel):
    """What every row of the ledger has. `amount_fen` is positive, and negative on a reversing row."""

    id: int | None = Field(default=None, primary_key=True)
    amount_fen: int = Field(sa_type=BigInteger)
    reverses_id: int | None = Field(default=None, unique=True)
    """The row of the same table that this one takes back; a row is taken back at most once."""
    idempotency_key: str = Field(unique=True)
    """Names the act, so that a retry or a double click records it once."""
    recorded_on: date
    recorded_by: str
    reference: str = ""
    """The document or voucher number (文号、凭证号)."""
    note: str = ""


class Commitment(LedgerRow, table=True):
    """Money promised to one case at establishment (立项下达)."""

    __tablename__ = "commitment"
    __table_args__ = (CheckConstraint(SIGNED, name="commitment_signed"),)

    case_id: int = Field(index=True)


class Appropriation(LedgerRow, table=True):
    """Money the year's budget has for payments (年度预算)."""

    __tablename__ = "appropriation"
    __table_args__ = (CheckConstraint(SIGNED, name="appropriation_signed"),)

    year: int = Field(index=True)


class Payment(LedgerRow, table=True):
    """Money paid to one case out of one year's budget (拨付), with the derivation of its amount."""

    __tablename__ = "payment"
    __table_args__ = (CheckConstraint(SIGNED, name="payment_signed"),)

    case_id: int = Field(index=True)
    year: int = Field(index=True)
    tranche: int | None = None
    """Which tranche of a milestone subsidy, from 1."""
    derivation: list[dict[str, Any]] = Field(sa_type=Json)


class Clawback(LedgerRow, table=True):
    """Money that came back from one case (追缴入库)."""

    __tablename__ = "clawback"
    __table_args__ = (CheckConstraint(SIGNED, name="clawback_signed"),)

    case_id: int = Field(index=True)


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def _never_exceeds(less: Table, more: Table, key: str, message: str) -> None:
    """After every insert into either table: the sum of `less` is at most the sum of `more`, for one key.

    PostgreSQL's writers do not see each other's uncommitted rows, so those of one key first queue for a lock.
    """
    name = f"{less.name}_within_{more.name}"
    broken = f"{_sum_for_new(less, key)} > {_sum_for_new(more, key)}"
    function = (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM pg_advisory_xact_lock(hashtext('{name}'), NEW.{key}); "
        f"IF {broken} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NULL; END $$"
    )
    for table in (less, more):
        trigger = f"CREATE TRIGGER {table.name}_{name} AFTER INSERT ON {table.name}"
        on_create(table, "sqlite", f"{trigger} WHEN {broken} BEGIN SELECT RAISE(ABORT, '{message}'); END")
        on_create(table, "postgresql", function, f"{trigger} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _sum_for_new(table: Table, key: str) -> str:
    """SQL for a table's sum under the new row's key; names are ours, never somebody's input."""
    return f"(SELECT coalesce(sum(amount_fen), 0) FROM {table.name} WHERE {key} = NEW.{key})"  # noqa: S608


def _reversals_mirror(table: Table, keys: tuple[str, ...]) -> None:
    """A reversing row takes back the whole of an original row, under the same keys."""
    name = f"{table.name}_reversal_mirrors"
    mirrored = ["id = NEW.reverses_id", "reverses_id IS NULL", "amount_fen = -NEW.amount_fen"]
    mirrored += [f"{key} = NEW.{key}" for key in keys]
    original = f"SELECT 1 FROM {table.name} WHERE {' AND '.join(mirrored)}"  # noqa: S608  our own names
    broken = f"NEW.reverses_id IS NOT NULL AND NOT EXISTS ({original})"
    on_create(
        table,
        "sqlite",
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table.name} WHEN {broken} "
        f"BEGIN SELECT RAISE(ABORT, '{UNMIRRORED}'); END",
    )
    on_create(
        table,
        "postgresql",
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {broken} THEN RAISE EXCEPTION '{UNMIRRORED}' USING ERRCODE = 'check_violation'; END IF; "
        "RETURN NEW; END $$",
        f"CREATE TRIGGER {name} BEFORE INSERT ON {table.name} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


for ledger, same_keys in (
    (Commitment, ("case_id",)),
    (Appropriation, ("year",)),
    (Payment, ("case_id", "year")),
    (Clawback, ("case_id",)),
):
    append_only(_table(ledger))
    _reversals_mirror(_table(ledger), same_keys)

_never_exceeds(_table(Payment), _table(Commitment), "case_id", OVERPAID)
_never_exceeds(_table(Payment), _table(Appropriation), "year", OVERSPENT)
_never_exceeds(_table(Clawback), _table(Payment), "case_id", OVERCLAWED)
