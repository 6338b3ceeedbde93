"""The versions of a direction's rules (方向规则版本): what was in force when, and putting the next one in force.

The table of directions holds what is in force now. A direction nobody has changed has no versions here.
"""

from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from engine.catalogue.directions import get_direction, load_catalogue
from engine.catalogue.models import Direction, DirectionVersion
from engine.catalogue.spec import DirectionSpec, as_json

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before anything this product has ever computed: when a direction's first version was in force from."""


def direction_at(session: Session, code: str, moment: datetime) -> DirectionSpec:
    """The direction as it was in force at a moment: what an amount computed then was derived from."""
    statement = (
        select(DirectionVersion.data)
        .where(DirectionVersion.code == code, col(DirectionVersion.applied_at) <= moment)
        .order_by(col(DirectionVersion.applied_at).desc(), col(DirectionVersion.version).desc())
        .limit(1)
    )
    data = session.exec(statement).first()
    return get_direction(session, code) if data is None else DirectionSpec.model_validate(data)


def direction_versions(session: Session, code: str) -> list[DirectionVersion]:
    """All versions of a direction, the first first; empty when it was never changed."""
    statement = (
        select(DirectionVersion).where(DirectionVersion.code == code).order_by(col(DirectionVersion.version))
    )
    return list(session.exec(statement))


def add_version(
    session: Session,
    spec: DirectionSpec,
    *,
    effective_from: date,
    clause: str,
    note: str,
    proposal_id: int | None,
) -> DirectionVersion:
    """Keep the next version of a direction; it is put in force by `apply_due`."""
    known = direction_versions(session, spec.code)
    if not known:
        before = DirectionVersion(
            code=spec.code,
            version=1,
            data=as_json(get_direction(session, spec.code)),
            effective_from=FIRST.date(),
            clause="申报指南",
            applied_at=FIRST,
        )
        session.add(before)
        known = [before]
    row = DirectionVersion(
        code=spec.code,
        version=len(known) + 1,
        data=as_json(spec),
        effective_from=effective_from,
        clause=clause,
        note=note,
        proposal_id=proposal_id,
    )
    session.add(row)
    session.flush()
    return row


def apply_due(session: Session, today: date, now: datetime) -> list[DirectionVersion]:
    """Put every version in force whose day has come; returns those. Doing it again changes nothing."""
    statement = (
        select(DirectionVersion)
        .where(col(DirectionVersion.applied_at).is_(None), col(DirectionVersion.effective_from) <= today)
        .order_by(col(DirectionVersion.effective_from), col(DirectionVersion.version))
    )
    due = list(session.exec(statement))
    for row in due:
        year = session.get_one(Direction, row.code).guide_year
        load_catalogue(session, [DirectionSpec.model_validate(row.data)], year)
        row.applied_at = now
    session.flush()
    return due
