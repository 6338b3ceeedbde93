"""Years through the real diagrams: every procedure, every invariant."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from engine import assembly, db
from engine.errors import Refused
from engine.simulation.invariants import check_all
from engine.simulation.run import LAST_YEAR, START, call, play, simulate
from engine.simulation.summary import summarize
from seed.people import load_people
from seed.world import load_reference
from tests.worlds import MARCH

assert assembly.FORMS
CODES = (
    "T1-D1",
    "T2-D1-S1",
    "T3-D1-S1",
    "T3-D2",
    "A-D1",
    "B-D1",
    "C-D1",
    "D-D1",
    "E-D1-S1",
    "E-D4-S1",
    "F-D1-S1",
)
"""At least one of every funding mode and procedure."""


def prepare(engine: Engine) -> None:
    """The reference data and the demo world's people."""
    with db.writing(engine) as session:
        load_reference(session, START)
        load_people(session)


@pytest.mark.postgres
@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_call_of_every_procedure_keeps_every_invariant(database: Engine) -> None:
    """Each way of paying to its end, on the other database; the readme's command plays all 67 directions."""
    prepare(database)
    play(database, [call(MARCH, CODES)], 7, MARCH.replace(year=MARCH.year + LAST_YEAR))
    with Session(database) as session:
        directions, invariants = summarize(session), check_all(session)
    assert {d.code for d in directions if d.applied} == set(CODES)
    assert [invariant.name for invariant in invariants if not invariant.held] == []
    assert sum(d.paid_fen for d in directions) > 0


def test_too_few_applications_are_refused(database: Engine) -> None:
    """Fewer than one for each direction would leave some untried."""
    prepare(database)
    with pytest.raises(Refused, match="67"):
        simulate(database, 66, seed=7)
