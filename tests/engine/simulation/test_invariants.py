"""The invariants notice what must never be: each planted break is named, and a clean case breaks nothing."""

import pytest
from sqlmodel import Session, select

from engine.cases.models import CaseFile, PaymentOrder, Settlement, Waiting, WorkItem
from engine.simulation.invariants import check_all
from tests.walks import accept, file_and_establish, pay, sign_task_book
from tests.worlds import bureau


@pytest.fixture
def template() -> str:
    """A furnished database."""
    return "bureau"


def paid_case(session: Session) -> CaseFile:
    """A case paid in full, with nothing wrong about it."""
    world = bureau(session)
    case = file_and_establish(world, "T3-D1-S1", requested_yuan="200000")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world, verified_self_raised="1000000")
    pay(world, "示例凭证1")
    session.commit()
    return case


def broken(session: Session) -> list[str]:
    """The names of the invariants that do not hold."""
    return [invariant.name for invariant in check_all(session) if not invariant.held]


def test_a_clean_case_breaks_nothing(session: Session) -> None:
    """Every invariant looks at something, and all hold."""
    paid_case(session)
    checked = {invariant.name: (invariant.checked > 0, invariant.held) for invariant in check_all(session)}
    idle = {"no_payment_on_failed_acceptance", "no_payment_for_unfunded"}
    assert checked == {name: (name not in idle, True) for name in checked}


def test_a_failed_acceptance_behind_a_payment_is_named(session: Session) -> None:
    """Paid, yet the acceptance says failed: both money invariants speak."""
    case = paid_case(session)
    session.get_one(Settlement, case.id).acceptance = "failed"
    session.flush()
    assert broken(session) == ["no_payment_before_its_trigger", "no_payment_on_failed_acceptance"]


def test_an_amount_that_does_not_follow_from_its_facts_is_named(session: Session) -> None:
    """The facts behind an order were changed: the amount can no longer be derived."""
    paid_case(session)
    order = session.exec(select(PaymentOrder)).one()
    order.facts = order.facts | {"verified_self_raised": "999999"}
    session.flush()
    assert broken(session) == ["every_amount_equals_a_fresh_derivation"]


def test_a_case_nobody_can_move_is_named(session: Session) -> None:
    """An open step vanished: the case neither ended nor waits."""
    world = bureau(session)
    world.open("T3-D1-S1")
    for row in [*session.exec(select(Waiting)), *session.exec(select(WorkItem))]:
        row.status = "cancelled"
    session.flush()
    assert broken(session) == ["every_case_ended_or_waiting"]
