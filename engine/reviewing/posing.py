"""Rows to problem: a round's applications, the expert pool, fit, conflicts and policy as the optimizer's instance.

What comes out is the documented .json instance of `keguan assign`, so that anybody can solve and verify it again.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlmodel import Session, col, select

from engine import policy as policies
from engine.cases.models import CaseFile
from engine.catalogue.directions import get_direction
from engine.reviewing import known, parties
from engine.reviewing.models import PanelMember, ReviewRound, RoundEntry
from engine.reviewing.terms import Terms, terms
from optimizer import conflicts, fit
from optimizer.conflicts.rules import RULES
from optimizer.problem import Application, Force
from optimizer.problem import Expert as Judge

FRESH = "FRESH"
"""The rule that a re-review is by a fresh panel (复评另组专家)."""
ANSWERED = "ANSWERED"
"""The rule that who has declined this panel's invitation is not asked again."""
FORBIDDEN = "FORBIDDEN"
"""The rule of a what-if: the drawing officer leaves somebody out, with a reason."""
TITLES = {rule.id: rule.title for rule in RULES.values()} | {
    FRESH: "复评另组专家",
    ANSWERED: "已答复本次邀请",
    FORBIDDEN: "抽取岗提出排除",
}


@dataclass(frozen=True)
class Hit:
    """Something found on one pair; `case_id` None means every application of the group."""

    case_id: int | None
    account_id: int
    rule: str
    evidence: str
    force: str
    penalty: float = 0.0


@dataclass(frozen=True)
class Posed:
    """A round's draw as a problem, before anybody is asked."""

    cases: tuple[CaseFile, ...]
    applications: tuple[Application, ...]
    judges: tuple[Judge, ...]
    names: Mapping[int, str]
    terms: Terms
    found: conflicts.Conflicts
    extra: tuple[Hit, ...]
    turns: Mapping[int, int]

    def about(self, case_ids: Collection[int | None]) -> "Posed":
        """The same with only these applications: what concerns them, and whoever reads them, is judged alone."""
        return replace(
            self,
            cases=tuple(one for one in self.cases if one.id in case_ids),
            applications=tuple(one for one in self.applications if one.id in case_ids),
        )

    def sittings(self, case_ids: Collection[int]) -> list[list[int]]:
        """Which of these applications are judged by the same people: all, or in letter review each by its own."""
        listed = [case.id or 0 for case in self.cases if case.id in case_ids]
        return [[one] for one in listed] if self.terms.by_letter else [listed]

    @property
    def is_split(self) -> bool:
        """Whether the applications are more than one panel may read, so that several panels share them."""
        return not self.terms.by_letter and len(self.cases) > self.terms.panel["panel_sizes"][1]

    @property
    def barring(self) -> frozenset[Force]:
        """The forces that keep an expert off an application; in letter review to abstain is not to be asked."""
        return frozenset({Force.HARD, Force.ABSTAIN} if self.terms.by_letter else {Force.HARD})

    def abstains(self, case_id: int, account_id: int) -> bool:
        """Whether this expert abstains on that application (弃权), and reads the others of the panel."""
        return any(hit.force is Force.ABSTAIN for hit in self.found.why(case_id, account_id))

    @cached_property
    def scores(self) -> fit.Fit:
        """Every pair's fit, worked out when first asked for: whoever only looks for conflicts never does."""
        return fit.score(self.applications, self.judges, self.terms.weights)

    def unknowns(self, account_id: int, case_ids: Sequence[int]) -> list[str]:
        """What has to be declared before the file opens (待声明): each sentence once."""
        said = [
            hit.evidence
            for case_id in case_ids
            for hit in self.found.why(case_id, account_id)
            if hit.force is Force.DECLARE
        ]
        return list(dict.fromkeys(said))


def pose(
    session: Session,
    opened: ReviewRound,
    on: date,
    changes: Mapping[str, Any] | None = None,
    approver: str = "",
) -> Posed:
    """The problem of a round's newest panel on a day, with `changes` to policy values for this draw alone.

    Conflicts are looked for in the whole group, also where only some of its applications are read again.
    """
    values = {**policies.values(session, on), **(changes or {})}
    spec = get_direction(session, opened.direction_code)
    major = spec.procedure == "milestone_subsidy"
    asked = terms(values, mode=opened.mode, major=major, approver=approver)
    cases = tuple(_cases(session, opened))
    turns = known.turns_taken(session, on.year)
    experts = known.pool(session)
    judges = tuple(_judge(one, asked, turns.get(one.person_key, 0)) for one in experts)
    units = parties.units(session, cases)
    applications = tuple(_application(opened, case, units[case.id or 0].applying, asked) for case in cases)
    found = conflicts.build(
        applications,
        judges,
        known.relations(session, opened, cases, units, experts, turns, on),
        asked.windows,
        on,
    )
    extra = (*_fresh(session, opened), *_answered(session, opened))
    names = {one.account_id: one.name for one in experts}
    taken = {one.account_id: turns.get(one.person_key, 0) for one in experts}
    group = Posed(cases, applications, judges, names, asked, found, extra, taken)
    return group.about(_newest(session, opened))


STILL = col(RoundEntry.announced).is_distinct_from("withdrawn")
"""An application its unit took back competes no longer, is read by nobody and excludes nobody."""


def _cases(session: Session, opened: ReviewRound) -> Sequence[CaseFile]:
    statement = (
        select(CaseFile)
        .join(RoundEntry, col(RoundEntry.case_id) == CaseFile.id)
        .where(RoundEntry.round_id == opened.id, STILL)
        .order_by(col(CaseFile.id))
    )
    return session.exec(statement).all()


def _newest(session: Session, opened: ReviewRound) -> set[int]:
    """The applications the newest panel reads, or the next one is to read."""
    rows = session.exec(
        select(RoundEntry.case_id, RoundEntry.panel_no).where(RoundEntry.round_id == opened.id, STILL)
    ).all()
    last = max((panel for _, panel in rows), default=0)
    return {case for case, panel in rows if panel == last}


def _application(opened: ReviewRound, case: CaseFile, units: tuple[str, ...], asked: Terms) -> Application:
    domain = case.facts.get("domain") or ""
    return Application(
        case.id or 0,
        asked.seats,
        units,
        (parties.leader_id(case.id), *parties.member_ids(case)),
        (domain,) if domain else (),
        known.group_name(opened),
        case.title,
        case.facts.get("abstract") or "",
    )


def _judge(one: known.Pooled, asked: Terms, taken: int) -> Judge:
    """An expert as the optimizer sees one; `cap` is what the year still allows."""
    most = asked.windows.yearly_reviews
    cap = most if one.yearly_cap is None else min(most, one.yearly_cap)
    return Judge(
        one.account_id,
        max(0, cap - taken),
        person=one.person_key,
        units=(one.unit,),
        domains=one.domains,
        roles=one.kinds,
        outside=one.outside,
        profile=one.profile,
    )


def _fresh(session: Session, opened: ReviewRound) -> list[Hit]:
    """Whoever sat in an earlier panel of this round, whether scored or excused, is not of the next one."""
    statement = select(PanelMember.account_id, PanelMember.panel_no).where(
        PanelMember.round_id == opened.id, PanelMember.panel_no < panel_to_draw(opened)
    )
    return [
        Hit(None, account, FRESH, f"已在本轮第{number}个专家组，复评由新的专家组进行", Force.HARD.value)
        for account, number in session.exec(statement.order_by(col(PanelMember.account_id)))
    ]


def _answered(session: Session, opened: ReviewRound) -> list[Hit]:
    statement = select(PanelMember).where(
        PanelMember.round_id == opened.id,
        PanelMember.panel_no == panel_to_draw(opened),
        col(PanelMember.standing).in_(("declined", "conflict", "expired", "excused")),
    )
    words = {"declined": "已谢绝", "conflict": "已声明回避", "expired": "逾期未答复", "excused": "已免除"}
    return [
        Hit(None, one.account_id, ANSWERED, f"{words[one.standing]}：{one.reason}".rstrip("："), "hard")
        for one in session.exec(statement.order_by(col(PanelMember.id)))
    ]


def panel_to_draw(opened: ReviewRound) -> int:
    """The number of the panel the next draw is for; one whose review has not opened is still being completed."""
    begun = opened.panel_no > 0 and opened.reviewing_at is None
    return opened.panel_no if begun else opened.panel_no + 1


def instance_of(
    posed: Posed, forbids: Mapping[int, str], clauses: Mapping[str, str], held: Mapping[int, int]
) -> dict[str, Any]:
    """The .json instance: ids are case and account numbers; declarations due are no part of it.

    `held` counts the seats that members of this panel hold already: they keep those and get no other.
    """
    extra = [*posed.extra, *(Hit(None, who, FORBIDDEN, why, "hard") for who, why in forbids.items())]
    known_people, listed = set(posed.names), {one.id for one in posed.applications}
    hits = [
        Hit(int(e.application), int(e.expert), e.rule, e.evidence, e.force.value, e.penalty)
        for e in posed.found.exclusions
        if e.force is not Force.DECLARE and e.application in listed
    ] + [
        replace(one, case_id=case.id)
        for one in extra
        if one.account_id in known_people
        for case in posed.cases
    ]
    dense = [[round(float(one), 6) for one in row] for row in posed.scores.total]
    load = posed.terms.load
    return {
        "applications": [_told(one) for one in posed.applications],
        "experts": [
            _described(one, held.get(int(one.id), load if one.cap > 0 else 0)) for one in posed.judges
        ],
        "scores": {"dense": dense},
        "conflicts": [_conflict(hit) for hit in hits],
        "policy": posed.terms.panel | {"versions": dict(clauses)},
    }


def _told(one: Application) -> dict[str, Any]:
    return {
        "id": one.id,
        "seats": one.seats,
        "units": list(one.units),
        "people": list(one.people),
        "domains": list(one.domains),
        "group": one.group,
        "title": one.title,
        "abstract": one.abstract,
    }


def _described(one: Judge, cap: int) -> dict[str, Any]:
    return {
        "id": one.id,
        "cap": cap,
        "person": one.person,
        "units": list(one.units),
        "domains": list(one.domains),
        "roles": list(one.roles),
        "outside": one.outside,
        "profile": one.profile,
    }


def _conflict(hit: Hit) -> dict[str, Any]:
    told: dict[str, Any] = {
        "application": hit.case_id,
        "expert": hit.account_id,
        "rule": hit.rule,
        "evidence": hit.evidence,
        "force": hit.force,
    }
    return told | ({"penalty": hit.penalty} if hit.force == Force.SOFT.value else {})


def as_bytes(instance: Mapping[str, Any]) -> bytes:
    """The instance as the file whose hash the certificate carries."""
    return json.dumps(instance, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def digest(instance: Mapping[str, Any]) -> str:
    """sha256 of the instance's file."""
    return hashlib.sha256(as_bytes(instance)).hexdigest()
