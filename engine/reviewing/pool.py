"""The pool before anybody is invited (候选专家与回避): who may be drawn, who may not, and on what ground."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from engine import policy
from engine.clock import local_day
from engine.people.models import Expert, Organization
from engine.reviewing import conditions, posing
from engine.reviewing.models import ReviewRound
from engine.reviewing.terms import changeable
from engine.reviewing.wishes import CHOICES
from optimizer.problem import Expert as Judge


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
    hits: Sequence[Hit]


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
    is_split: bool


def pool(session: Session, round_id: int, *, now: datetime) -> Pool:
    """The pool of a round on the day; those who may not be drawn come first, with every finding."""
    on = local_day(now)
    posed = posing.pose(session, session.get_one(ReviewRound, round_id), on)
    units = dict(session.exec(select(Organization.id, Organization.name)).all())
    homes = dict(session.exec(select(Expert.account_id, Expert.organization_id)).all())
    members = [_member(posed, one, units[homes[int(one.id)]]) for one in posed.judges]
    return Pool(
        [PoolCase(case.id or 0, case.title, units[case.unit_id]) for case in posed.cases],
        sorted(members, key=lambda one: (one.eligible, one.account_id)),
        _rules(session, now, changeable(by_letter=posed.terms.by_letter, major=posed.terms.major)),
        posed.terms.seats,
        posed.is_split,
    )


def _member(posed: posing.Posed, one: Judge, unit: str) -> PoolMember:
    who = int(one.id)
    hits = [
        Hit(hit.rule, posing.TITLES.get(hit.rule, hit.rule), hit.force.value, case.id, hit.evidence)
        for case in posed.cases
        for hit in posed.found.why(case.id or 0, who)
    ]
    hits += [
        Hit(hit.rule, posing.TITLES[hit.rule], hit.force, None, hit.evidence)
        for hit in posed.extra
        if hit.account_id == who
    ]
    sittings = [posed.about(part) for part in posed.sittings([case.id or 0 for case in posed.cases])]
    return PoolMember(
        who,
        posed.names[who],
        unit,
        one.roles,
        one.domains,
        one.outside,
        posed.turns[who],
        one.cap,
        any(not conditions.personal(about, one) for about in sittings),
        hits,
    )


def _rules(session: Session, now: datetime, keys: Sequence[str]) -> list[PolicyLine]:
    on = local_day(now)
    rows = [policy.version_in_force(session, key, on) for key in keys]
    return [PolicyLine(row.key, row.title, row.value, row.clause, CHOICES.get(row.key, ())) for row in rows]
