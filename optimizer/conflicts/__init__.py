"""Conflicts (回避) from relations, by the twenty rules of avoidance and rotation.

Resolve who is who, join every relation by sorted columns, keep each hit with what it rests on. Nothing here knows
a year or a limit: those come with `Windows`. Rules 1 to 14 and 16 and 18 exclude; `caps` has those that limit.
"""

from collections.abc import Sequence
from datetime import date

from optimizer.conflicts.by_person import by_person
from optimizer.conflicts.by_record import applications_of, by_record
from optimizer.conflicts.by_unit import by_unit
from optimizer.conflicts.ground import Ground, lay
from optimizer.conflicts.joins import match
from optimizer.conflicts.relations import Relations
from optimizer.conflicts.table import Conflicts
from optimizer.conflicts.unknown import unknown
from optimizer.conflicts.windows import Reach, Windows
from optimizer.problem import Application, Expert

__all__ = ["Conflicts", "Reach", "Relations", "Windows", "build"]


def build(
    applications: Sequence[Application],
    experts: Sequence[Expert],
    relations: Relations,
    windows: Windows,
    on: date,
) -> Conflicts:
    """Every conflict between applications and experts on a day, with its evidence.

    The first of an application's people is its PI, the first of its units its lead. `person` of an expert and
    `people` of an application are record ids or person keys. Evidence is put into words when asked for.
    ProblemError where the relations contradict themselves.
    """
    ground = lay(applications, experts, relations, windows, on)
    return Conflicts(
        tuple(a.id for a in applications),
        tuple(e.id for e in experts),
        ground,
        (*by_unit(ground), *by_person(ground), *by_record(ground), *unknown(ground)),
        _cleared(ground),
    )


def _cleared(ground: Ground) -> frozenset[tuple[int, int]]:
    """Pairs an expert has declared free of conflict: what was unknown about them is now said."""
    said = [d for d in ground.relations.declarations if not d.conflict]
    place = applications_of(ground, [d.application for d in said])
    links = ground.judges
    x, f = match(links.person, ground.people(d.person for d in said))
    keep = (links.doubt[x] < 0) & (place[f] >= 0)
    return frozenset(zip(place[f][keep].tolist(), links.row[x][keep].tolist(), strict=True))
