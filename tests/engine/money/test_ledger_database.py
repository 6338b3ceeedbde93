"""What the database itself refuses, whatever code does, also between two writers at once."""

from collections.abc import Iterator
from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from engine import db
from engine.errors import Refused
from engine.money import ledger
from engine.money.ledger import Voucher
from tests.engine.money.test_ledger import CASE, YEAR, funded, pay

PAYMENT = (
    "INSERT INTO payment (case_id, year, amount_fen, reverses_id, idempotency_key, recorded_on, recorded_by, "
    "reference, note, derivation) VALUES (:case_id, :year, :amount_fen, :reverses_id, 'direct', "
    "'2025-06-03', 'x', '', '', '[]')"
)


@pytest.fixture
def paid(database: Engine) -> Iterator[Session]:
    """A session on a database where 1,000 of 300,000 yuan are paid."""
    with db.writing(database) as setup:
        funded(setup)
        pay(setup, 1_000)
    with Session(database) as session:
        yield session


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payment SET amount_fen = 1",
        "DELETE FROM payment",
        "UPDATE commitment SET case_id = 8",
        "DELETE FROM commitment",
        "UPDATE appropriation SET year = 2026",
        "DELETE FROM appropriation",
    ],
)
def test_rows_are_never_changed_or_deleted(paid: Session, statement: str) -> None:
    """Corrections are rows."""
    with pytest.raises(DBAPIError, match="append-only"):
        paid.execute(text(statement))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"amount_fen": 29_900_001}, "payments exceed the commitment"),
        ({"case_id": 8}, "payments exceed the commitment"),
        ({"year": 2030}, "payments exceed the appropriation of the year"),
        ({"amount_fen": -100_000, "reverses_id": 99}, "must mirror"),
        ({"amount_fen": -99_999, "reverses_id": 1}, "must mirror"),
        ({"amount_fen": -100_000, "reverses_id": 1, "year": 2026}, "must mirror"),
        ({"amount_fen": -100_000}, "payment_signed"),
        ({"amount_fen": 0}, "payment_signed"),
    ],
)
def test_a_direct_insert_is_held_to_the_same_limits(
    paid: Session, values: dict[str, int], words: str
) -> None:
    """The limits do not depend on our code."""
    usual: dict[str, int | None] = {"case_id": CASE, "year": YEAR, "amount_fen": 1, "reverses_id": None}

    with pytest.raises(DBAPIError, match=words):
        paid.execute(text(PAYMENT), usual | values)


def test_of_two_writers_racing_to_overpay_exactly_one_lands(database: Engine) -> None:
    """Each wants 200,000 of the same 300,000, at the same moment."""
    with db.writing(database) as setup:
        funded(setup)
    start, outcomes = Barrier(2), []

    def race(key: str) -> None:
        start.wait()
        try:
            with db.writing(database) as session:
                pay(session, 200_000, key=key)
            outcomes.append("paid")
        except Refused:
            outcomes.append("refused")

    writers = [Thread(target=race, args=(key,)) for key in ("P1", "P2")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(outcomes) == ["paid", "refused"]
    with db.reading(database) as session:
        assert ledger.balance(session, CASE).paid_fen == 20_000_000


def test_two_writers_on_the_last_of_a_years_budget_do_not_both_land(database: Engine) -> None:
    """Two cases, each within its commitment, and money for one."""
    with db.writing(database) as setup:
        funded(setup, budget=30_000_000)
        ledger.commit_funds(
            setup, case_id=8, amount_fen=30_000_000, voucher=Voucher("C8", date(2025, 6, 3), "caiwu")
        )
    start, outcomes = Barrier(2), []

    def race(case_id: int) -> None:
        start.wait()
        try:
            with db.writing(database) as session:
                pay(session, 200_000, key=f"P{case_id}", case_id=case_id)
            outcomes.append("paid")
        except Refused:
            outcomes.append("refused")

    writers = [Thread(target=race, args=(case_id,)) for case_id in (CASE, 8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert sorted(outcomes) == ["paid", "refused"]
