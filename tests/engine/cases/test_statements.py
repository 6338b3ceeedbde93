"""What a step asks of the database is a contract, not a timing: a statement more is somebody's decision."""

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from benchmarks import lifecycle
from benchmarks.timing import counting
from engine.cases import door
from engine.cases.models import CaseFile, WorkItem
from engine.procedures import versions
from tests.worlds import Bureau

PLAIN_STEP = {
    "SELECT": 3,  # item, process, case and state; the stamps; the head of the history
    "INSERT": 4,  # form, work item, state, history
    "UPDATE": 2,  # the item is done; the revision, compare-and-swap
}
LOCK = {"sqlite": 0, "postgresql": 1}
"""SQLite's writer is alone; PostgreSQL first locks the process."""


@pytest.fixture
def case(world: Bureau) -> CaseFile:
    """A case in a procedure that goes round and round between two plain steps."""
    session, officer = world.session, world.accounts["programme"]
    sources = {"looping.bpmn": lifecycle.looping()}
    versions.publish(session, sources, "looping", at=world.now, by="test", note="test")
    case = CaseFile(direction_code="T1-D1-S1", unit_id=1, applicant_id=1, status="draft", opened_at=world.now)
    session.add(case)
    session.flush()
    door.start(session, "looping", kind="case", actor=officer, now=world.now, case=case)
    return case


def step(world: Bureau) -> dict[str, int]:
    """Complete the one open step; the statements that took, the commit included, by kind."""
    item = world.session.exec(select(WorkItem.id).where(WorkItem.status == "open")).one()
    engine = world.session.get_bind()
    assert isinstance(engine, Engine)
    with counting(engine) as words:
        door.complete(
            world.session,
            item or 0,
            actor=world.accounts["programme"],
            payload={"outcome": "ok"},
            now=world.now,
        )
        world.session.commit()
    return dict(words)


@pytest.mark.usefixtures("case")
def test_a_plain_step_is_nine_statements_in_its_first_round_and_in_its_tenth(
    world: Bureau, dialect: str
) -> None:
    """Three reads and six writes, however long the case has been going on."""
    rounds = [step(world) for _ in range(20)]
    assert rounds == [PLAIN_STEP | {"SELECT": 3 + LOCK[dialect]}] * 20
