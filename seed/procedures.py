"""The shipped procedures: every diagram under `workflows/`, published as the versions new cases start on."""

import tomllib
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, select

from engine.change.models import ProcedureTest
from engine.db import ROOT
from engine.procedures.models import ProcedureVersion
from engine.procedures.versions import keep, publish, releases
from seed.policies import effective_from

FOLDER = ROOT / "workflows"
TESTS = Path(__file__).parent / "tests.toml"
SYSTEM = "system"
STARTED = (
    "post_subsidy",
    "milestone_subsidy",
    "cooperation_subsidy",
    "unfunded",
    "review_round",
    "expert_invitation",
    "objection",
    "termination",
    "change",
    "extension",
    "withdrawal",
)
"""The processes something starts; the other diagrams are called by these."""


def shipped_sources() -> dict[str, bytes]:
    """Every shipped BPMN and DMN file by its name."""
    return {
        file.name: file.read_bytes() for file in sorted(FOLDER.iterdir()) if file.suffix in (".bpmn", ".dmn")
    }


class Trial(BaseModel):
    """One test of `tests.toml`; see `engine.change.models.ProcedureTest`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    name: str
    direction_code: str = ""
    facts: dict[str, Any] = Field(default_factory=dict)
    decisions: dict[str, list[str]] = Field(default_factory=dict)
    actions: dict[str, list[str]] = Field(default_factory=dict)
    expected_outcome: str
    expected_yuan: int


def shipped_tests() -> list[Trial]:
    """The tests that come with the shipped procedures."""
    return [Trial.model_validate(row) for row in tomllib.loads(TESTS.read_text("utf-8"))["tests"]]


def load_procedures(session: Session, at: datetime) -> None:
    """Publish the shipped procedures; a version that is there already stays as it is.

    In a new database they are in force as long as the shipped policies are, each with its tests. A diagram that a
    later release changes takes effect `at` the moment it is loaded, unless the bureau has published its own:
    then the version is kept beside it, to be compared and released by an admin.
    """
    sources = shipped_sources()
    known = set(session.exec(select(ProcedureVersion.key).distinct()))
    first = datetime.combine(effective_from(), time(), UTC)
    for key in STARTED:
        if key in known and releases(session, key)[0].released_by != SYSTEM:
            keep(session, sources, key, at=at, by=SYSTEM, note="")
            continue
        publish(session, sources, key, at=at if key in known else min(at, first), by=SYSTEM, note="")
    for test in shipped_tests():
        if test.key not in known:
            fen = test.expected_yuan * 100
            row = test.model_dump(exclude={"expected_yuan"}) | {"expected_fen": fen}
            session.add(ProcedureTest(**row, created_by=SYSTEM, created_at=at))
    session.flush()
