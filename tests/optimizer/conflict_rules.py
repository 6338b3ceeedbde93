"""The rules of avoidance read plainly, pair by pair and fact by fact, to hold the joins against."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from optimizer.conflicts import Reach, Relations, Windows
from optimizer.conflicts import relations as facts
from optimizer.problem import Application, Expert, Force
from tests.optimizer.conflict_worlds import ON

Finding = tuple[Any, Any, str, Force]
Hit = tuple[str, Force]
EDGE = date(ON.year - 3, ON.month, ON.day)  # all windows of the policy used here are of three years


@dataclass(frozen=True)
class World:
    """What `build` is given, persons being their own records."""

    applications: tuple[Application, ...]
    experts: tuple[Expert, ...]
    known: Relations
    policy: Windows


def found_plainly(world: World) -> set[Finding]:
    """Every pair, every rule; declarations of no conflict answer what was unknown."""
    cleared = {(d.application, d.person) for d in world.known.declarations if not d.conflict}
    return {
        (a.id, e.id, rule, force)
        for a in world.applications
        for e in world.experts
        for reading in (_posts, _ties, _kin_and_works, _bids, _disputes, _records, _gaps)
        for rule, force in reading(a, e, world)
        if force is not Force.DECLARE or (a.id, e.person) not in cleared
    }


def _top(code: str, known: Relations) -> str:
    return next((u.parent for u in known.units if u.code == code and u.parent), code)


def _tops(codes: Any, known: Relations) -> set[str]:
    return {_top(code, known) for code in codes}


def _lasts(fact: Any, since: date = ON) -> bool:
    return (fact.since is None or fact.since <= ON) and (fact.until is None or fact.until >= since)


def _mine(rows: Any, e: Expert) -> list[Any]:
    return [row for row in rows if row.person == e.person]


def _workplaces(person: str, account: Expert | None, world: World) -> set[str]:
    """Units of today, on file or registered with any account of the person."""
    spells = [p for p in world.known.employment if p.person == person]
    accounts = [x for x in world.experts if x is account or (person and x.person == person)]
    told = {p.unit for p in spells if p.until is None}
    today = {p.unit for p in spells if p.post is facts.Post.EMPLOYEE and _lasts(p)}
    return today | {unit for x in accounts for unit in x.units if unit not in told}


def _posts(a: Application, e: Expert, world: World) -> Iterator[Hit]:
    """Rules 1, 2 for the expert, and 8."""
    known, force = world.known, world.policy.own_unit
    theirs, own = _tops(a.units, known), _tops(_workplaces(e.person, e, world), known)
    if own & theirs:
        yield "R01", force
    rivals = [b for b in world.applications if b.group == a.group] if force is Force.HARD else [a]
    if a.group and any(own & _tops(b.units, known) for b in rivals):
        yield "R08", force
    for p in _mine(known.employment, e):
        former = p.until is not None and EDGE <= p.until < ON
        if _top(p.unit, known) in theirs and (former if p.post is facts.Post.EMPLOYEE else _lasts(p, EDGE)):
            yield "R02", Force.HARD


def _ties(a: Application, e: Expert, world: World) -> Iterator[Hit]:
    """Rule 2 for the near relatives, and 3."""
    known, theirs = world.known, _tops(a.units, world.known)
    close = [k for k in known.kinship if k.degree in (facts.Degree.SPOUSE, facts.Degree.DIRECT)]
    near = {x for k in close if e.person in (k.person, k.relative) for x in (k.person, k.relative)} - {
        e.person
    }
    for x in near:
        late = {p.unit for p in known.employment if p.person == x and _lasts(p, EDGE)}
        if (_tops(late, known) | _tops(_workplaces(x, None, world), known)) & theirs:
            yield "R02", Force.HARD
    for i in _mine(known.interests, e):
        since = ON if i.stake is facts.Stake.INVESTMENT else EDGE
        if _top(i.unit, known) in theirs and _lasts(i, since):
            yield "R03", Force.HARD
    if (
        e.person
        and _tops([u.code for u in known.units if u.legal_representative == e.person], known) & theirs
    ):
        yield "R03", Force.HARD


def _people(a: Application, known: Relations) -> set[str]:
    """PI, members and legal representatives."""
    return set(a.people) | ({u.legal_representative for u in known.units if u.code in a.units} - {""})


def _kin_and_works(a: Application, e: Expert, world: World) -> Iterator[Hit]:
    """Rules 4, 5 and 6."""
    for k in world.known.kinship:
        far = k.degree is facts.Degree.COLLATERAL and k.generations > 3
        if _between(e, (k.person, k.relative), _people(a, world.known)) and not far:
            yield "R04", Force.HARD
    for s in world.known.supervision:
        if _between(e, (s.supervisor, s.student), set(a.people)):
            yield "R05", Force.HARD
    for w in world.known.joint_works:
        undated = w.kind is facts.Work.PAPER and w.until is None
        if _between(e, w.people, set(a.people)) and (undated or _lasts(w, EDGE)):
            yield "R06", Force.DECLARE if undated else Force.HARD


def _between(e: Expert, two: tuple[str, ...], others: set[str]) -> bool:
    return e.person in two and bool((set(two) - {e.person}) & others)


def _bids(a: Application, e: Expert, world: World) -> Iterator[Hit]:
    """Rule 7."""
    batch = world.policy.applicant_reach is Reach.BATCH
    for b in world.applications:
        if e.person and e.person in b.people and (batch or b is a or (a.group and b.group == a.group)):
            yield "R07", Force.HARD
    for o in _mine(world.known.open_applications, e):
        if batch or (a.group and o.group == a.group):
            yield "R07", Force.HARD


def _disputes(a: Application, e: Expert, world: World) -> Iterator[Hit]:
    """Rule 9."""
    for d in world.known.disputes:
        with_person = d.opponent and _between(e, (d.person, d.opponent), _people(a, world.known))
        with_unit = (
            d.unit and d.person == e.person and _top(d.unit, world.known) in _tops(a.units, world.known)
        )
        if (with_person or with_unit) and _lasts(d, EDGE):
            yield "R09", Force.HARD


def _records(a: Application, e: Expert, world: World) -> Iterator[Hit]:
    """Rules 10 to 14, 16 and 18."""
    known = world.known
    terms, panels = _mine(known.terms, e), _mine(known.past_panels, e)
    facts_found = {
        "R10": [g for g in _mine(known.guide_works, e) if not g.groups or a.group in g.groups]
        + [b for b in _mine(known.bid_advice, e) if b.application == a.id],
        "R11": [o for o in _mine(known.office_posts, e) if _lasts(o)],
        "R13": [d for d in _mine(known.declarations, e) if d.application == a.id and d.conflict],
        "R14": [r for r in _mine(known.restrictions, e) if _lasts(r)]
        + [t for t in terms if max(x.until for x in terms) < ON],
    }
    yield from ((rule, Force.HARD) for rule, found in facts_found.items() if found)
    for n in _mine(known.avoidances, e):
        if n.application == a.id:
            yield "R12", Force.HARD if n.reason and n.order <= 3 else Force.DECLARE
    if any(r.application == a.id for r in _mine(known.establishment, e)):
        yield "R16", Force.SOFT
    lead = a.units[:1]
    if any(p.batch == 7 and lead == (p.lead_unit,) for p in panels) or (panels and a.group == "甲"):
        yield "R18", Force.SOFT


def _gaps(a: Application, e: Expert, world: World) -> Iterator[Hit]:
    """What is not known."""
    spells = [p for p in _mine(world.known.employment, e) if p.post is facts.Post.EMPLOYEE]
    if not _workplaces(e.person, e, world) or not a.units:
        yield "R01", Force.DECLARE
    if not any(p.since is None or p.since <= EDGE for p in spells):
        yield "R02", Force.DECLARE
    if not e.person or not a.people:
        yield "R13", Force.DECLARE
