"""The shipped procedures: their tests pass on the shipped diagrams, and a bureau's own versions stay in force."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from engine.catalogue.directions import load_catalogue
from engine.change import tests
from engine.change.models import ProcedureTest
from engine.procedures import versions
from seed.catalogue import read_catalogue
from seed.policies import load_policies
from seed.procedures import load_procedures, shipped_sources, shipped_tests

NOW = datetime(2024, 3, 11, tzinfo=UTC)


@pytest.mark.parametrize("name", [test.name for test in shipped_tests()])
def test_a_shipped_test_passes_on_the_shipped_diagrams(session: Session, name: str) -> None:
    """As at every publish."""
    load_policies(session)
    load_catalogue(session, read_catalogue())
    load_procedures(session, NOW)
    test = session.exec(select(ProcedureTest).where(ProcedureTest.name == name)).one()
    found = tests.run_test(session, test, shipped_sources(), NOW)
    assert (found.passed, found.message) == (True, found.message), found.walk
    assert found.message.startswith("通过")


def test_a_bureaus_own_version_outlives_a_release_of_the_product(session: Session) -> None:
    """The shipped one is kept beside it; tests are not added a second time."""
    load_procedures(session, NOW)
    own = shipped_sources()
    own["objection.bpmn"] = own["objection.bpmn"].replace("受理异议".encode(), "登记异议".encode())
    mine = versions.publish(session, own, "objection", at=NOW, by="admin", note="").hash
    load_procedures(session, NOW + timedelta(days=1))
    assert versions.in_force(session, "objection", NOW + timedelta(days=2)) == mine
    assert len(session.exec(select(ProcedureTest)).all()) == len(shipped_tests())
