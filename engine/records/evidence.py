"""Evidence by indicator (佐证材料): which of a case's files show which figure, for progress and acceptance."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlmodel import Field, Session, SQLModel, col, select

from engine.cases.models import CaseFile
from engine.catalogue.directions import get_direction
from engine.catalogue.wording import figure_title
from engine.clock import UtcDateTime
from engine.errors import Unusable
from engine.people.models import Account
from engine.records.attachments import Upload, attach
from engine.records.models import Attachment
from engine.triggers import append_only


class IndicatorEvidence(SQLModel, table=True):
    """One version of a file shown as evidence of one figure of the direction's indicators."""

    __tablename__ = "indicator_evidence"

    attachment_id: int = Field(foreign_key="attachment.id", primary_key=True)
    case_id: int = Field(foreign_key="case_file.id", index=True)
    indicator: str
    at: datetime = Field(sa_type=UtcDateTime)


append_only(IndicatorEvidence.__table__)  # type: ignore[attr-defined]


def attach_evidence(
    session: Session,
    case: CaseFile,
    indicator: str,
    upload: Upload,
    *,
    folder: Path,
    actor: Account,
    now: datetime,
) -> Attachment:
    """Keep a file with its case as evidence of a figure; Unusable when the direction has no such figure."""
    titles = figure_titles(session, case)
    if indicator not in titles:
        raise Unusable("本方向没有这项考核指标；请从页面上的指标旁上传。")
    note = f"佐证：{titles[indicator]}"
    row = attach(session, case, upload, folder=folder, actor=actor, now=now, note=note)
    session.add(
        IndicatorEvidence(attachment_id=row.id or 0, case_id=case.id or 0, indicator=indicator, at=now)
    )
    session.flush()
    return row


def figure_titles(session: Session, case: CaseFile) -> dict[str, str]:
    """What each figure of the direction's indicators is called, in the guide's order."""
    listed = get_direction(session, case.direction_code).indicators
    names = (name for one in listed for part in one.walk() for name in part.figures)
    return {name: figure_title(listed, name) for name in dict.fromkeys(names)}


def evidence_of(session: Session, case_id: int | None) -> Mapping[str, list[Attachment]]:
    """The files shown for each figure, the newest version of each name first."""
    statement = (
        select(IndicatorEvidence.indicator, Attachment)
        .join(Attachment, col(Attachment.id) == IndicatorEvidence.attachment_id)
        .where(IndicatorEvidence.case_id == case_id)
        .order_by(col(Attachment.id).desc())
    )
    found: dict[str, list[Attachment]] = {}
    for indicator, file in session.exec(statement):
        found.setdefault(indicator, []).append(file)
    return found
