"""Two at once on one case: exactly one lands, the other is told, and nothing is half done."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from engine import db
from engine.cases import door
from engine.cases.models import CaseFile, FormRecord, Waiting
from engine.errors import Conflict
from engine.jobs.sweep import sweep
from engine.people.models import Account
from tests.worlds import Bureau

DIRECTION = "T3-D1-S1"
ROUNDS = 5
"""A race is tried so often; which way it goes is chance, that it goes one way is not."""


def race(*acts: Callable[[], object]) -> list[object]:
    """Start all at the same moment; what each returned or raised."""
    gate, results = Barrier(len(acts)), [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            results[number] = act()  # type: ignore[call-overload]
        except Exception as error:
            results[number] = error  # type: ignore[call-overload]

    threads = [Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return list(results)


def completing(database: Engine, world: Bureau, item_id: int, login: str, outcome: str) -> Callable[[], str]:
    """One officer with a session of their own."""

    def act() -> str:
        with db.writing(database) as session:
            actor = session.exec(select(Account).where(Account.login == login)).one()
            payload = {"outcome": outcome, "comment": login}
            door.complete(session, item_id, actor=actor, payload=payload, now=world.now)
        return outcome

    return act


@pytest.fixture
def submitted(world: Bureau) -> CaseFile:
    """An application waiting for intake, committed, with two intake officers."""
    world.session.add(Account(login="intake2", name="示例受理员乙", password_hash="-", roles=["intake"]))
    case = world.open(DIRECTION)
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    world.do("recommend", "recommend")
    world.session.commit()
    return case


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_two_officers_decide_the_same_step(
    database: Engine, world: Bureau, submitted: CaseFile, attempt: int
) -> None:
    """One accepts, one refuses: the case is accepted or refused, and the slower one reads who was first."""
    item = world.item("intake").id or 0
    world.session.commit()
    results = race(
        completing(database, world, item, "intake", "accept"),
        completing(database, world, item, "intake2", "refuse"),
    )
    world.session.expire_all()
    landed = [result for result in results if isinstance(result, str)]
    refused = [result for result in results if isinstance(result, Conflict)]
    decided = world.session.exec(select(FormRecord).where(FormRecord.element == "intake")).all()
    assert (len(landed), len(refused), len(decided)) == (1, 1, 1), results
    assert submitted.status == {"accept": "received", "refuse": "not_accepted"}[landed[0]]


@pytest.mark.parametrize("attempt", range(ROUNDS))
def test_a_form_and_a_time_limit_at_the_same_moment(
    database: Engine, world: Bureau, submitted: CaseFile, attempt: int
) -> None:
    """The unit withdraws while the sweep closes the step: one of the two, and no deadlock."""
    world.do("intake", "correct", comment="缺件")
    item = world.item("correct_filing")
    due = world.session.exec(select(Waiting).where(Waiting.element == "correction_late")).one().due_at
    assert due is not None
    world.now = due
    world.session.commit()
    results = race(
        completing(database, world, item.id or 0, "applicant", "withdraw"),
        lambda: sweep(database, due),
    )
    world.session.expire_all()
    first, swept = results
    won = first == "withdraw"
    assert won or isinstance(first, Conflict), results
    assert getattr(swept, "stuck", None) == (), results
    assert submitted.status == ("withdrawn" if won else "not_accepted")


def test_two_sweeps_at_once_do_everything_once(database: Engine, world: Bureau) -> None:
    """The request's sweep and the worker's: every limit passes once, nothing is stuck."""
    cases = [world.open(DIRECTION) for _ in range(4)]
    late = world.item("fill", cases[0]).due_at
    assert late is not None
    world.session.commit()
    results = race(lambda: sweep(database, late), lambda: sweep(database, late))
    world.session.expire_all()
    assert [getattr(result, "stuck", result) for result in results] == [(), ()]
    assert sum(getattr(result, "fired", 0) for result in results) == len(cases)
    assert [case.status for case in cases] == ["not_accepted"] * len(cases)
