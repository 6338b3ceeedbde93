"""A whole year through the real diagrams: every direction, every invariant, the same year from the same seed."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from engine import assembly, db
from engine.errors import Refused
from engine.simulation.invariants import check_all
from engine.simulation.run import START, simulate
from engine.simulation.summary import summarize
from seed.people import load_people
from seed.world import load_reference

assert assembly.FORMS


def prepare(engine: Engine) -> None:
    """The reference data and the demo world's people."""
    with db.writing(engine) as session:
        load_reference(session, START)
        load_people(session)


@pytest.mark.postgres
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_year_over_every_direction_keeps_every_invariant(database: Engine) -> None:
    """One application a direction, to its end; no money goes astray. The readme's command plays it on SQLite."""
    prepare(database)
    simulate(database, 67, seed=7)
    with Session(database) as session:
        directions, invariants = summarize(session), check_all(session)
    assert [(d.code, d.applied) for d in directions if d.applied != 1] == []
    assert [invariant.name for invariant in invariants if not invariant.held] == []
    assert sum(d.paid_fen for d in directions) > 0


def test_too_few_applications_are_refused(database: Engine) -> None:
    """Fewer than one for each direction would leave some untried."""
    prepare(database)
    with pytest.raises(Refused, match="67"):
        simulate(database, 66, seed=7)
