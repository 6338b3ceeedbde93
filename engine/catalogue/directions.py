"""Putting the catalogue into the database and reading it back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from engine.catalogue.models import Direction
from engine.catalogue.spec import DirectionSpec, as_json
from engine.errors import NotFound
from engine.stamps import Kept

GUIDE_YEAR = 2024
"""The year of the guide in force; an imported later guide names its own."""


def load_catalogue(
    session: Session, directions: Iterable[DirectionSpec], guide_year: int = GUIDE_YEAR
) -> int:
    """Bring the table to these directions and return how many rows were new or changed.

    Loading the same catalogue again changes nothing; a direction that is no longer offered keeps its row,
    because its cases still refer to it.
    """
    changed = 0
    for spec in directions:
        row, stored = _row(spec, guide_year), session.get(Direction, spec.code)
        if stored is None or stored.model_dump() != row.model_dump():
            session.merge(row)
            changed += 1
    session.flush()
    return changed


def get_direction(session: Session, code: str) -> DirectionSpec:
    """The direction with this code, of whatever year; raises `NotFound` with the nearest codes."""
    found = _kept.read(session).by_code.get(code)
    if found is None:
        raise NotFound(_unknown(session, code))
    return found


def list_directions(session: Session) -> list[DirectionSpec]:
    """The directions now offered: those of the newest guide, in its order."""
    return list(_kept.read(session).offered.values())


def every_direction(session: Session) -> list[DirectionSpec]:
    """The directions of every year: running cases stay under the guide they were filed under."""
    return list(_kept.read(session).by_code.values())


def is_offered(session: Session, code: str) -> bool:
    """Whether new applications may be filed for this direction."""
    return code in _kept.read(session).offered


def belongs(code: str, beginning: str) -> bool:
    """Is this the direction, or one of its sub-directions? T3-D1 has T3-D1-S1 and not T3-D10; '' has all."""
    return not beginning or f"{code}-".startswith(f"{beginning}-")


def under(column: Mapped[str], beginning: str) -> ColumnElement[bool]:
    """The same of a column of codes."""
    if not beginning:
        return true()
    return or_(column == beginning, column.startswith(f"{beginning}-", autoescape=True))


@dataclass(frozen=True)
class _Directions:
    by_code: Mapping[str, DirectionSpec]
    offered: Mapping[str, DirectionSpec]


def _read(session: Session) -> _Directions:
    rows = session.exec(
        select(Direction.code, Direction.guide_year, Direction.data).order_by(
            col(Direction.guide_year), col(Direction.position)
        )
    ).all()
    newest = max((year for _, year, _ in rows), default=0)
    specs = {code: DirectionSpec.model_validate(data) for code, _, data in rows}
    return _Directions(specs, {code: specs[code] for code, year, _ in rows if year == newest})


_kept = Kept(Direction.__table__, _read)  # type: ignore[attr-defined]


def _row(spec: DirectionSpec, guide_year: int) -> Direction:
    return Direction(
        code=spec.code,
        guide_year=guide_year,
        position=spec.guide_lines[0],
        section=spec.path[0],
        title=spec.title,
        funding_mode=spec.funding_mode,
        payment_trigger=spec.payment_trigger,
        basis=spec.rule.basis,
        procedure=spec.procedure,
        quota=spec.quota,
        data=as_json(spec),
    )


def _unknown(session: Session, code: str) -> str:
    codes = session.exec(select(Direction.code)).all()
    near = get_close_matches(code.upper(), codes, n=3, cutoff=0.5)
    hint = f"相近的有 {'、'.join(near)}" if near else "全部代码见 keguan directions"
    return f"目录中没有代码为“{code}”的方向；{hint}。"
