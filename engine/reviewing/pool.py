"""The pool before anybody is invited (候选专家与回避): who may be drawn, who may not, and on what ground."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, select

from engine import policy
from engine.clock import local_day
from engine.people.models import Expert, Organization
from engine.reviewing import posing
from engine.reviewing.models import ReviewRound
from engine.reviewing.terms import changeable
from engine.reviewing.wishes import CHOICES

Vector = NDArray[np.bool_]


@dataclass(frozen=True)
class PoolCase:
    """One application of the group."""

    case_id: int
    title: str
    unit: str


@dataclass(frozen=True)
class Hit:
    """One finding on an expert: the rule, its force and the evidence; `case_id` None is the whole group."""

    rule: str
    title: str
    force: str
    case_id: int | None
    evidence: str


@dataclass(frozen=True)
class PoolMember:
    """One expert of the pool as this round's rules see them today; `eligible` for one application at least."""

    account_id: int
    name: str
    unit: str
    kinds: Sequence[str]
    domains: Sequence[str]
    outside: bool
    reviews_this_year: int
    turns_left: int
    eligible: bool
    to_declare: bool
    """Whether something has to be declared before a file opens."""


@dataclass(frozen=True)
class PolicyLine:
    """A condition that may be changed for one draw: its value and clause, and the words to choose from if any."""

    key: str
    title: str
    value: Any
    clause: str
    options: Sequence[str]


@dataclass(frozen=True)
class Pool:
    """A round's applications, everybody of the expert pool, and the conditions in force."""

    cases: Sequence[PoolCase]
    members: Sequence[PoolMember]
    rules: Sequence[PolicyLine]
    seats: int
    posed: posing.Posed

    @property
    def is_split(self) -> bool:
        """Whether the group will be read by more than one panel."""
        return self.posed.is_split

    def hits(self, account_id: int) -> list[Hit]:
        """Every finding on one expert, in words."""
        found = [
            Hit(hit.rule, posing.TITLES.get(hit.rule, hit.rule), hit.force.value, case.id, hit.evidence)
            for case in self.posed.cases
            for hit in self.posed.found.why(case.id or 0, account_id)
        ]
        return found + [
            Hit(hit.rule, posing.TITLES[hit.rule], hit.force, None, hit.evidence)
            for hit in self.posed.extra
            if hit.account_id == account_id
        ]


def pool(session: Session, round_id: int, *, now: datetime) -> Pool:
    """The pool of a round on the day; those who may not be drawn come first. Findings are put into words when asked."""
    on = local_day(now)
    posed = posing.pose(session, session.get_one(ReviewRound, round_id), on)
    units = dict(session.exec(select(Organization.id, Organization.name)).all())
    homes = dict(session.exec(select(Expert.account_id, Expert.organization_id)).all())
    places = [posed.found.application_ids.index(case.id or 0) for case in posed.cases]
    unknown: Vector = np.asarray(posed.found.to_declare()[places].any(axis=0), dtype=np.bool_)
    members = [
        PoolMember(
            int(one.id),
            posed.names[int(one.id)],
            units[homes[int(one.id)]],
            one.roles,
            one.domains,
            one.outside,
            posed.turns[int(one.id)],
            one.cap,
            bool(free) and one.cap > 0,
            bool(asked),
        )
        for one, free, asked in zip(posed.judges, _free(posed), unknown, strict=True)
    ]
    return Pool(
        [PoolCase(case.id or 0, case.title, units[case.unit_id]) for case in posed.cases],
        sorted(members, key=lambda one: (one.eligible, one.account_id)),
        _rules(session, now, changeable(by_letter=posed.terms.by_letter, major=posed.terms.major)),
        posed.terms.seats,
        posed,
    )


def _free(posed: posing.Posed) -> Vector:
    """Who is kept off nothing in one sitting at least, by the order of the judges."""
    barred = posed.found.matrix(lambda hit: hit.force in posed.barring)
    rows = {case: row for row, case in enumerate(posed.found.application_ids)}
    free = np.zeros(len(posed.judges), dtype=bool)
    for part in posed.sittings([case.id or 0 for case in posed.cases]):
        free |= ~barred[[rows[case] for case in part]].any(axis=0)
    out = {hit.account_id for hit in posed.extra}
    return np.asarray(free & [int(one.id) not in out for one in posed.judges], dtype=np.bool_)


def _rules(session: Session, now: datetime, keys: Sequence[str]) -> list[PolicyLine]:
    on = local_day(now)
    rows = [policy.version_in_force(session, key, on) for key in keys]
    return [PolicyLine(row.key, row.title, row.value, row.clause, CHOICES.get(row.key, ())) for row in rows]
