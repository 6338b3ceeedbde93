"""The shipped procedures: every diagram under `workflows/`, published as the versions new cases start on."""

from datetime import UTC, datetime, time

from sqlmodel import Session, select

from engine.db import ROOT
from engine.procedures.models import ProcedureVersion
from engine.procedures.versions import publish
from seed.policies import effective_from

FOLDER = ROOT / "workflows"
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


def load_procedures(session: Session, at: datetime) -> None:
    """Publish the shipped procedures; a version that is there already stays as it is.

    In a new database they are in force as long as the shipped policies are; a diagram that a later release
    changes takes effect `at` the moment it is loaded.
    """
    sources = shipped_sources()
    known = set(session.exec(select(ProcedureVersion.key).distinct()))
    first = datetime.combine(effective_from(), time(), UTC)
    for key in STARTED:
        publish(
            session, sources, key, at=at if key in known else min(at, first), by="system", note="随系统发布"
        )
