"""The forecast: live cases played to their ends on two versions with the same dice."""

import pytest
from sqlmodel import Session, select

from engine.cases.models import Process
from engine.simulation.forecast import forecast
from seed.procedures import shipped_sources
from tests.engine.change.edits import insert_step, shipped, version
from tests.walks import file_application, pass_formal_check
from tests.worlds import Bureau


@pytest.fixture
def template() -> str:
    """A furnished database."""
    return "bureau"


def test_an_added_step_takes_time_and_work(session: Session, world: Bureau) -> None:
    """Two live cases, one ahead of the new step: nothing is written, and the new step shows."""
    first = file_application(world, "T3-D1-S1")
    pass_formal_check(world, first)
    file_application(world, "T3-D1-S1")
    process = session.exec(select(Process).where(Process.case_id == first.id)).one()
    edited = insert_step(shipped("formal_check"), "flow_countersign_countersign_result")
    files = shipped_sources() | {"formal_check.bpmn": edited.encode()}
    session.flush()
    found = forecast(session, process.key, files, now=world.now, runs=5)
    assert (found.old.cases, found.new.cases, found.left_out) == (2, 2, 0)
    assert "补充核对" in found.new.waiting
    assert "补充核对" not in found.old.waiting
    assert sum(found.new.workload["programme"]) > sum(found.old.workload["programme"])
    assert not session.dirty
    assert not session.new


def test_the_same_diagram_gives_the_same_outlook(session: Session, world: Bureau) -> None:
    """The same dice on both sides."""
    case = file_application(world, "T3-D1-S1")
    process = session.exec(select(Process).where(Process.case_id == case.id)).one()
    session.flush()
    found = forecast(session, process.key, shipped_sources(), now=world.now, runs=3)
    assert found.old == found.new
    assert len(found.old.cycle_days) + found.old.stopped == 3


def test_cases_of_an_earlier_version_are_played_too(session: Session, world: Bureau) -> None:
    """After a publication the portfolio runs several versions; the forecast has all of it."""
    file_application(world, "T3-D1-S1")
    key = session.exec(select(Process.key).where(Process.kind == "case")).one()
    edited = insert_step(shipped("formal_check"), "flow_countersign_countersign_result")
    version(world, key, formal_check=edited)
    file_application(world, "T3-D1-S1")
    session.flush()
    found = forecast(session, key, shipped_sources(), now=world.now, runs=1)
    assert len({row.version for row in session.exec(select(Process).where(Process.kind == "case"))}) == 2
    assert (found.old.cases, found.left_out) == (2, 0)
