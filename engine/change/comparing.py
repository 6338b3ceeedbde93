"""What a draft changes against what is in force, and what one version changed against another."""

from datetime import datetime

from sqlmodel import Session

from engine.bpmn.difference import Change, difference
from engine.change.drafts import files_of, get_draft, live_files
from engine.errors import NotFound
from engine.procedures.models import ProcedureVersion


def draft_difference(session: Session, draft_id: int, now: datetime) -> tuple[Change, ...]:
    """What a draft changes in its own files; everything around it stays as in force."""
    files, live = files_of(get_draft(session, draft_id)), live_files(session, now)
    return difference({name: live[name] for name in files if name in live}, files)


def versions_difference(session: Session, old: str, new: str) -> tuple[Change, ...]:
    """What changed from one version to another, over everything they call."""
    before, after = (_sources(session, name) for name in (old, new))
    return difference(before, after)


def _sources(session: Session, name: str) -> dict[str, bytes]:
    version = session.get(ProcedureVersion, name)
    if version is None:
        raise NotFound(f"没有编号为 {name[:12]} 的流程版本。")
    return {file: text.encode() for file, text in version.sources.items()}
