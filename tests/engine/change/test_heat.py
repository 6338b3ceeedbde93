"""The heat map: counts, waiting in working days, overdue shares, from rows and history."""

from datetime import timedelta

from sqlmodel import Session, select

from engine.cases.models import Process
from engine.change.heat import Heat, heat, rank
from tests.walks import file_application, pass_formal_check
from tests.worlds import Bureau


def test_counts_and_waits_of_two_cases(session: Session, world: Bureau) -> None:
    """Monday to Wednesday is two working days; one case is through, the other stands late at its check."""
    first = file_application(world, "T3-D1-S1")
    world.now += timedelta(days=2)
    pass_formal_check(world, first)
    second = file_application(world, "T3-D1-S1")
    key = session.exec(select(Process.key).where(Process.case_id == second.id)).one()
    world.now += timedelta(days=60)
    session.flush()
    found = heat(session, key, now=world.now)
    assert found["filing", "intake"] == Heat(2, 0, 0, 0, 0.0)
    check = found["formal_check", "check"]
    assert (check.count, check.open_now, check.median_days, check.overdue_share) == (1, 1, 2, 0.5)
    assert found["formal_check", "check_result"].count == 1
    call = found[key, "formal_check"]
    assert (call.count, call.open_now, call.overdue_share) == (1, 1, 0.5)
    assert (call.median_days or 0) >= check.median_days


def test_narrowed_to_what_began_later(session: Session, world: Bureau) -> None:
    """The earlier case is not counted."""
    first = file_application(world, "T3-D1-S1")
    key = session.exec(select(Process.key).where(Process.case_id == first.id)).one()
    session.flush()
    assert heat(session, key, now=world.now, since=world.now + timedelta(days=1)) == {}


def test_the_rank_of_a_share_is_one_of_the_values() -> None:
    """Nearest rank: no value is made up."""
    days = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert (rank(days, 0.5), rank(days, 0.9), rank([7], 0.9), rank([], 0.5)) == (5, 9, 7, None)
