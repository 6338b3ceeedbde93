"""Versions: named by all they run, never changed; a case stays on the one it began with."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from engine.errors import NotFound, Unusable
from engine.procedures import versions
from engine.procedures.models import ProcedureVersion
from seed.procedures import STARTED, load_procedures, shipped_sources

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
LATER = MONDAY + timedelta(days=30)


def publish(session: Session, sources: dict[str, bytes], key: str, at: datetime = MONDAY) -> str:
    """Publish and return the version's name."""
    return versions.publish(session, sources, key, at=at, by="admin", note="").hash


def changed(name: str) -> dict[str, bytes]:
    """The shipped files with a word of one diagram changed."""
    sources = shipped_sources()
    return sources | {name: sources[name].replace("拨付".encode(), "支付".encode())}


def test_a_closure_is_all_that_is_called_and_nothing_else() -> None:
    """The unfunded procedure never pays, so no payment diagram is in it."""
    assert sorted(versions.closure(shipped_sources(), "unfunded")) == [
        "acceptance.bpmn",
        "establishment.bpmn",
        "expert_review.bpmn",
        "filing.bpmn",
        "formal_check.bpmn",
        "implementation.bpmn",
        "unfunded.bpmn",
    ]


def test_a_called_diagram_must_be_there() -> None:
    """The sentence names what is missing."""
    sources = shipped_sources()
    del sources["filing.bpmn"]
    with pytest.raises(Unusable, match="“filing”不在所给文件中"):
        versions.closure(sources, "unfunded")


def test_a_change_in_a_called_diagram_is_a_new_version_of_its_callers_only(session: Session) -> None:
    """Disbursement changes: what pays gets a new name, what does not keeps its own."""
    shipped, edited = shipped_sources(), changed("disbursement.bpmn")
    before = {key: versions.hash_of(versions.closure(shipped, key), key) for key in STARTED}
    after = {key: versions.hash_of(versions.closure(edited, key), key) for key in STARTED}
    assert {key for key in STARTED if before[key] != after[key]} == {
        "post_subsidy",
        "milestone_subsidy",
        "cooperation_subsidy",
    }


def test_publishing_the_same_again_changes_nothing(session: Session) -> None:
    """The seed may be loaded as often as the program starts."""
    load_procedures(session, MONDAY)
    first = session.exec(select(ProcedureVersion.hash, ProcedureVersion.effective_from)).all()
    load_procedures(session, LATER)
    assert session.exec(select(ProcedureVersion.hash, ProcedureVersion.effective_from)).all() == first


def test_the_version_in_force_is_the_newest_begun(session: Session) -> None:
    """Before any it is not found; between two the first; from its day on the second."""
    old = publish(session, shipped_sources(), "objection")
    sources = shipped_sources()
    edited = sources | {
        "objection.bpmn": sources["objection.bpmn"].replace("核查异议".encode(), "核实异议".encode())
    }
    new = publish(session, edited, "objection", LATER)
    found = [
        versions.in_force(session, "objection", at) for at in (MONDAY, LATER - timedelta(seconds=1), LATER)
    ]
    with pytest.raises(NotFound, match="没有生效的流程“objection”"):
        versions.in_force(session, "objection", MONDAY - timedelta(seconds=1))
    assert (old != new, found) == (True, [old, old, new])


def test_a_loaded_version_knows_its_diagrams(session: Session) -> None:
    """By process and element, across the files of the closure."""
    procedure = versions.load(session, publish(session, shipped_sources(), "unfunded"))
    element = procedure.element("filing", "intake")
    assert (procedure.key, element.name, element.properties["form"]) == ("unfunded", "受理审核", "intake")


def test_an_unknown_version_is_not_found(session: Session) -> None:
    """By the first letters of its name."""
    with pytest.raises(NotFound, match="没有编号为 aaaaaaaaaaaa 的流程版本"):
        versions.load(session, "a" * 64)
