"""Which directions a unit may apply for (可申报方向): what its own facts decide, and what the application will show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints
from sqlmodel import Session

from engine import policy
from engine.cases.formal_check import filed_in_direction
from engine.cases.precheck import clause_of
from engine.catalogue.directions import list_directions
from engine.catalogue.eligibility import CheckItem, check_application
from engine.catalogue.facts import ApplicationFacts, Known, Platform, Recognition, UnitFacts, Yuan
from engine.catalogue.spec import DirectionSpec
from engine.clock import local_day
from engine.people import permissions
from engine.people.models import Account, Organization, UnitProfile
from engine.vocabulary import CheckVerdict


class Profile(Known):
    """What a unit may state once for all its applications; the rest belongs to one application or to the bureau."""

    legal_representative: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = Field(
        "", title="法定代表人", json_schema_extra={"en": "Legal representative"}
    )
    last_year_rd_yuan: Yuan | None = Field(
        None, title="上年度研究经费投入（元）", json_schema_extra={"en": "Research spending last year (yuan)"}
    )
    recognitions: tuple[Recognition, ...] | None = Field(
        None, title="企业认定及年份", json_schema_extra={"en": "Recognitions and their year"}
    )
    platforms: tuple[Platform, ...] | None = Field(
        None,
        title="科研平台、级别及认定年份",
        json_schema_extra={"en": "Research platforms, level and year"},
    )
    innovation_centre: bool | None = Field(
        None,
        title="校校企联合创新中心已成立",
        json_schema_extra={"en": "Innovation centre with universities established"},
    )


PROFILE_FIELDS = tuple(name for name in Profile.model_fields if name != "legal_representative")
"""Those an application begins with; the legal representative is the unit's own, for the rules of avoidance."""


@dataclass(frozen=True)
class Ground:
    """One condition about the unit, as it stands: what it asks, why, and where it is written."""

    text: str
    reason: str
    clause: str


@dataclass(frozen=True)
class Fit:
    """One direction for one unit.

    `refused` are conditions the unit does not meet; `open` those about the unit that nobody can judge yet;
    `later` counts the conditions that only the application will show. Unknown is never a refusal.
    """

    spec: DirectionSpec
    refused: tuple[Ground, ...]
    open: tuple[Ground, ...]
    later: int

    @property
    def kind(self) -> Literal["fits", "open", "refused"]:
        """Whether the unit may apply, may after saying more about itself, or may not."""
        return "refused" if self.refused else "open" if self.open else "fits"


def directions_for(session: Session, unit: Organization, now: datetime) -> list[Fit]:
    """Every direction in the guide's order, with how this unit stands to it today."""
    today = local_day(now)
    values = policy.values(session, today)
    return [_fit(session, spec, unit, values, now) for spec in list_directions(session)]


def _fit(
    session: Session, spec: DirectionSpec, unit: Organization, values: Mapping[str, Any], now: datetime
) -> Fit:
    facts = facts_about(session, unit, values, local_day(now), spec.code)
    refused, unknown, later = [], [], 0
    for item in check_application(spec, facts, values):
        if not item.hard or item.verdict in (CheckVerdict.MET, CheckVerdict.NOT_APPLICABLE):
            continue
        if not _about_unit(item):
            later += 1
        elif item.verdict == CheckVerdict.NOT_MET:
            refused.append(_ground(session, spec, item, now))
        elif item.verdict == CheckVerdict.TO_CORRECT:
            unknown.append(_ground(session, spec, item, now))
    return Fit(spec, tuple(refused), tuple(unknown), later)


def _about_unit(item: CheckItem) -> bool:
    """A condition the unit's profile or the bureau's registers settle, whatever the project is."""
    ours = {f"unit.{name}" for name in (*PROFILE_FIELDS, *REGISTERED)} | {"submitted_on"}
    of_the_project = item.rule.startswith("indicator") or any(
        path.startswith("leader.") for path in item.evidence
    )
    return not of_the_project and not ours.isdisjoint(item.evidence)


REGISTERED = ("kind", "credit_code", "registered_city", "applications_in_direction")


def _ground(session: Session, spec: DirectionSpec, item: CheckItem, now: datetime) -> Ground:
    return Ground(item.text, item.reason, clause_of(session, spec, item, now))


def facts_about(
    session: Session, unit: Organization, values: Mapping[str, Any], today: date, direction_code: str
) -> ApplicationFacts:
    """The facts of an application of this unit's that nobody has begun to fill in."""
    registered = {
        "kind": unit.kind,
        "credit_code": unit.credit_code,
        "registered_city": values["registration_city"] if unit.registered_in_city else "外地",
        "applications_in_direction": filed_in_direction(session, unit.id or 0, direction_code) + 1,
    }
    about = UnitFacts.model_validate(stated_profile(session, unit.id or 0) | registered)
    return ApplicationFacts(
        unit=about,
        submitted_on=today,
        window_opens_on=date.fromisoformat(values["call_opens_on"]),
        window_closes_on=date.fromisoformat(values["call_closes_on"]),
    )


def stated_profile(session: Session, unit_id: int) -> dict[str, Any]:
    """What the unit has stated about itself, as plain values; empty when it has stated nothing."""
    profile = session.get(UnitProfile, unit_id)
    return dict(profile.facts) if profile else {}


def keep_profile(
    session: Session, unit_id: int, facts: Profile, *, actor: Account, now: datetime
) -> UnitProfile:
    """Keep what the unit states about itself; applications sent already keep what they stated."""
    permissions.may_file(actor, unit_id).require()
    stated = facts.model_dump(mode="json", exclude_none=True, exclude={"legal_representative"})
    session.get_one(Organization, unit_id).legal_representative = facts.legal_representative
    row = session.get(UnitProfile, unit_id) or UnitProfile(
        unit_id=unit_id, updated_by=actor.login, updated_at=now
    )
    row.facts, row.updated_by, row.updated_at = stated, actor.login, now
    session.add(row)
    session.flush()
    return row
