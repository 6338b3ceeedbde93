"""The shipped procedures: every diagram under `workflows/`, published as the versions new cases start on."""

from datetime import datetime

from sqlmodel import Session

from engine.db import ROOT
from engine.procedures.versions import publish

FOLDER = ROOT / "workflows"
STARTED = (
    "post_subsidy",
    "milestone_subsidy",
    "cooperation_subsidy",
    "unfunded",
    "review_round",
    "objection",
    "termination",
)
"""The processes something starts; the other diagrams are called by these."""


def shipped_sources() -> dict[str, bytes]:
    """Every shipped BPMN and DMN file by its name."""
    return {
        file.name: file.read_bytes() for file in sorted(FOLDER.iterdir()) if file.suffix in (".bpmn", ".dmn")
    }


def load_procedures(session: Session, at: datetime) -> None:
    """Publish the shipped procedures; a version that is there already stays as it is."""
    sources = shipped_sources()
    for key in STARTED:
        publish(session, sources, key, at=at, by="system", note="随系统发布")
