"""The ground the rules stand on: people and units resolved and numbered, every relation a column to join.

Rows are kept in the order of their ids, so that nothing depends on the order of the input. An expert stands here
for a person: accounts of one person share every relation. A person who is only likely the same is linked too, with
the doubt kept, so that what is found through the link is to be declared and never certain.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np

from optimizer.conflicts.joins import Column, numbering, numbers
from optimizer.conflicts.relations import Employment, Kinship, Relations, TeamUnit
from optimizer.conflicts.windows import Windows
from optimizer.errors import ProblemError
from optimizer.identity import Identity, Units, clean_code, resolve, resolve_units
from optimizer.problem import Application, Expert, Id

PI, MEMBER, LEGAL = range(3)
TEAM = -1
ROLES = ("负责人", "成员", "法定代表人")
_FOREVER = date.max.toordinal()


class Lasting(Protocol):
    """A fact that begins and ends."""

    @property
    def since(self) -> date | None: ...
    @property
    def until(self) -> date | None: ...


class AtUnit(Lasting, Protocol):
    """A fact that ties a person to a unit for a time."""

    @property
    def person(self) -> str: ...
    @property
    def unit(self) -> str: ...


@dataclass(frozen=True, eq=False)
class Links:
    """Rows (experts or applications) and the people behind them. `doubt` is a position in `likely`, or -1."""

    row: Column
    person: Column
    role: Column
    doubt: Column

    def __getitem__(self, keep: Column) -> "Links":
        return Links(self.row[keep], self.person[keep], self.role[keep], self.doubt[keep])


@dataclass(frozen=True, eq=False)
class Claims:
    """Applications and the units behind them; `place` 0 is the lead (牵头单位), `TEAM` one that does not apply."""

    row: Column
    unit: Column
    root: Column
    place: Column


@dataclass(frozen=True, eq=False)
class Spells:
    """Facts that tie a person to a unit for a time, as columns; days as ordinals."""

    person: Column
    unit: Column
    root: Column
    since: Column
    until: Column


@dataclass(frozen=True, eq=False)
class Ground:
    """Everything the rules read."""

    applications: tuple[Application, ...]
    experts: tuple[Expert, ...]
    relations: Relations
    windows: Windows
    on: date
    identity: Identity
    units: Units
    person_ids: tuple[str, ...]
    unit_codes: tuple[str, ...]
    known: dict[str, int]
    codes: dict[str, int]
    groups: dict[str, int]
    group_of: Column  # group number of each application; one without a group is a group of its own
    judges: Links
    applicants: Links
    claims: Claims
    posts: tuple[Employment, ...]
    post: Spells
    kin: tuple[Kinship, ...]

    def people(self, references: Iterable[str]) -> Column:
        """The numbers of people; -1 for one who has nothing to do with any application or expert."""
        return numbers(map(self.identity.person, references), self.known)

    def roots(self, codes: Iterable[str]) -> Column:
        """The numbers of the units' group parents."""
        return numbers((self.units.root(clean_code(code)) for code in codes), self.codes)

    def spells(self, facts: Sequence[AtUnit]) -> Spells:
        """The facts as columns."""
        return _spells(facts, self.identity, self.units, self.known, self.codes)


def lay(
    applications: Sequence[Application],
    experts: Sequence[Expert],
    relations: Relations,
    windows: Windows,
    on: date,
) -> Ground:
    """Resolve identities and units, then number everything."""
    ours = tuple(sorted(applications, key=lambda a: in_order(a.id)))
    theirs = tuple(sorted(experts, key=lambda e: in_order(e.id)))
    _unique("applications", [a.id for a in ours])
    _unique("experts", [e.id for e in theirs])
    identity, units = resolve(relations.people), resolve_units(relations.units)
    own = [identity.person(e.person) if e.person else _nobody(e) for e in theirs]
    posts = _posts(theirs, own, relations.employment, identity)
    legal = {clean_code(u.code): u.legal_representative for u in relations.units if u.legal_representative}
    behind = [_behind(a, identity, legal) for a in ours]
    kin = tuple(dict.fromkeys(relations.kinship))
    known = numbering(
        [*own, *(p for people in behind for p, _ in people), *(x for k in kin for x in _ends(k, identity))]
        + [x for one in identity.likely for x in (one.one, one.other)]
    )
    codes = _codes(ours, theirs, posts, relations, units)
    labels = numbering(a.group for a in ours)
    return Ground(
        ours,
        theirs,
        relations,
        windows,
        on,
        identity,
        units,
        tuple(known),
        tuple(codes),
        known,
        codes,
        labels,
        np.fromiter((labels.get(a.group, len(labels) + i) for i, a in enumerate(ours)), dtype=np.int64),
        _links([(i, person, 0) for i, person in enumerate(own)], identity, known),
        _links(
            [(i, person, role) for i, people in enumerate(behind) for person, role in people], identity, known
        ),
        _claims(ours, relations.team_units, units, codes),
        posts,
        _spells(posts, identity, units, known, codes),
        kin,
    )


def _unique(what: str, ids: list[Id]) -> None:
    if len(set(ids)) < len(ids):
        raise ProblemError(f"Two {what} have the same id; ids must be unique.")


def _codes(
    applications: tuple[Application, ...],
    experts: tuple[Expert, ...],
    posts: tuple[Employment, ...],
    relations: Relations,
    units: Units,
) -> dict[str, int]:
    """Every unit somebody or something is tied to, and the top of its group, numbered."""
    raw = {code for a in applications for code in a.units} | {code for e in experts for code in e.past_units}
    raw |= (
        {p.unit for p in posts} | {i.unit for i in relations.interests} | {d.unit for d in relations.disputes}
    )
    raw |= {t.unit for t in relations.team_units}
    raw |= {u.code for u in relations.units} | {p.lead_unit for p in relations.past_panels}
    found = set(map(clean_code, raw))
    return numbering(found | set(map(units.root, found)))


def in_order(one: Id) -> tuple[bool, int, str]:
    """The order of ids: numbers by value, then names."""
    return (False, one, "") if isinstance(one, int) else (True, 0, one)


def _nobody(expert: Expert) -> str:
    return f"\0{expert.id}"  # a person of the expert's own: no record can have this id


def _ends(kinship: Kinship, identity: Identity) -> tuple[str, str]:
    return identity.person(kinship.person), identity.person(kinship.relative)


def _posts(
    experts: tuple[Expert, ...], own: list[str], filed: tuple[Employment, ...], identity: Identity
) -> tuple[Employment, ...]:
    """Spells on file, and the units experts are registered with where no spell says since when."""
    resolved = [replace(p, person=identity.person(p.person), unit=clean_code(p.unit)) for p in filed]
    told = {(p.person, p.unit) for p in resolved if p.until is None}
    registered = (
        Employment(person, code)
        for person, expert in zip(own, experts, strict=True)
        for code in map(clean_code, expert.units)
        if (person, code) not in told
    )
    return tuple(dict.fromkeys([*resolved, *registered]))


def _behind(application: Application, identity: Identity, legal: dict[str, str]) -> list[tuple[str, int]]:
    """The people behind an application in the order given, each in the highest role."""
    people = [(identity.person(ref), MEMBER if i else PI) for i, ref in enumerate(application.people)]
    people += [
        (identity.person(legal[code]), LEGAL)
        for code in dict.fromkeys(map(clean_code, application.units))
        if code in legal
    ]
    return [(person, role) for person, role in reversed(dict(reversed(people)).items()) if person]


def _links(rows: list[tuple[int, str, int]], identity: Identity, known: dict[str, int]) -> Links:
    twins: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for number, one in enumerate(identity.likely):
        twins[one.one].append((one.other, number))
        twins[one.other].append((one.one, number))
    found = [(row, known[person], role, -1) for row, person, role in rows]
    found += [
        (row, known[other], role, doubt)
        for row, person, role in rows
        for other, doubt in twins.get(person, ())
    ]
    table = np.array(found, dtype=np.int64).reshape(-1, 4)
    return Links(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _claims(
    applications: tuple[Application, ...],
    team_units: tuple[TeamUnit, ...],
    units: Units,
    codes: dict[str, int],
) -> Claims:
    teams: dict[Id, list[str]] = defaultdict(list)
    for one in team_units:
        teams[one.application].append(clean_code(one.unit))
    rows = []
    for i, a in enumerate(applications):
        placed = dict.fromkeys(teams[a.id], TEAM)
        placed |= {code: place for place, code in enumerate(dict.fromkeys(map(clean_code, a.units)))}
        rows += [(i, codes[code], codes[units.root(code)], place) for code, place in placed.items() if code]
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Claims(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _spells(
    facts: Sequence[AtUnit], identity: Identity, units: Units, known: dict[str, int], codes: dict[str, int]
) -> Spells:
    unit = [clean_code(fact.unit) for fact in facts]
    return Spells(
        numbers((identity.person(fact.person) for fact in facts), known),
        numbers(unit, codes),
        numbers((units.root(code) for code in unit), codes),
        starts(facts),
        ends(facts),
    )


def starts(facts: Iterable[Lasting]) -> Column:
    """First days as ordinals; an unknown beginning has begun."""
    return np.fromiter((fact.since.toordinal() if fact.since else 0 for fact in facts), dtype=np.int64)


def ends(facts: Iterable[Lasting]) -> Column:
    """Last days as ordinals; an open end never comes."""
    return np.fromiter((fact.until.toordinal() if fact.until else _FOREVER for fact in facts), dtype=np.int64)
