"""A day off or a make-up day moves the due days that follow from it, and nothing else."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from engine import history
from engine.cases.models import CaseFile, WorkItem
from engine.change import approving
from engine.change.calendars import calendar_effect, propose_calendar
from engine.change.models import ChangeProposal
from engine.clock import local_day
from engine.errors import Refused, Unusable
from engine.people.models import Account
from tests.walks import file_application
from tests.worlds import Bureau

WEDNESDAY = date(2024, 3, 13)
SATURDAY = date(2024, 3, 16)


def propose(world: Bureau, day: date, working: bool | None, name: str = "临时放假") -> ChangeProposal:
    """The admin proposes a day."""
    return propose_calendar(
        world.session,
        day,
        working,
        name,
        clause="市政府通知",
        note="临时调整",
        actor=world.accounts["admin"],
        now=world.now,
    )


def at_check(world: Bureau) -> tuple[CaseFile, WorkItem]:
    """A case at its formal check, begun on Monday 11 March 2024."""
    case = file_application(world, "T1-D1")
    return case, world.item("check")


def test_a_day_off_moves_what_is_due_after_it(world: Bureau, second: Account) -> None:
    """One working day later, said in the case's history."""
    case, item = at_check(world)
    before = item.due_at
    proposal = propose(world, WEDNESDAY, working=False)
    assert [due["id"] for due in proposal.report["due"] if due["kind"] == "item"] == [item.id]
    approving.approve(world.session, proposal.id or 0, actor=second, now=world.now)
    assert before is not None
    assert item.due_at is not None
    assert local_day(item.due_at) > local_day(before)
    assert history.entries(world.session, f"case:{case.id}")[-1].verb == "recount_due"


def test_a_make_up_day_brings_it_forward(world: Bureau) -> None:
    """A worked Saturday counts."""
    _, item = at_check(world)
    moved = calendar_effect(world.session, SATURDAY, working=True, now=world.now)
    mine = [one for one in moved if one.id == item.id and one.kind == "item"]
    assert [one.after < one.before for one in mine] == [True]


def test_a_due_day_set_otherwise_stays(world: Bureau, second: Account) -> None:
    """Somebody extended it by hand: it no longer follows from the calendar."""
    _, item = at_check(world)
    assert item.due_at is not None
    item.due_at += timedelta(days=30)
    world.session.flush()
    by_hand = item.due_at
    approving.approve(
        world.session, propose(world, WEDNESDAY, working=False).id or 0, actor=second, now=world.now
    )
    assert item.due_at == by_hand


def test_taking_the_exception_back_restores_the_days(world: Bureau, second: Account) -> None:
    """Off and back again: every due day is what it was."""
    at_check(world)
    due = select(WorkItem.id, WorkItem.due_at).order_by(WorkItem.id)  # type: ignore[arg-type]
    before = world.session.exec(due).all()
    for working in (False, None):
        proposal = propose(world, WEDNESDAY, working=working)
        approving.approve(world.session, proposal.id or 0, actor=second, now=world.now)
    assert world.session.exec(due).all() == before


def test_a_day_that_is_over_is_not_changed(world: Bureau) -> None:
    """What was done was counted with the calendar of its day."""
    with pytest.raises(Unusable, match="已经过去"):
        propose(world, date(2024, 3, 8), working=False)


def test_a_day_that_is_so_already_is_refused(world: Bureau) -> None:
    """A Saturday is off by itself."""
    with pytest.raises(Refused, match="现在就是休息日"):
        propose(world, SATURDAY, working=False)
