"""Rules 10 to 14, 16 and 18: what is on record about the expert, for a pair, a group or every application."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date

import numpy as np

from optimizer.conflicts import wording
from optimizer.conflicts.ground import Ground
from optimizer.conflicts.joins import Column, match, numbers
from optimizer.conflicts.relations import Avoidance, GuideWork
from optimizer.conflicts.table import Hits, Scope, hits
from optimizer.identity import clean_code
from optimizer.problem import Force, Id

Say = Callable[[int, int], str]


def by_record(ground: Ground) -> Iterator[Hits]:
    """Hits of the rules about what is on record."""
    yield from _guide_works(ground)
    yield from _bid_advice(ground)
    yield from _offices(ground)
    yield from _avoided(ground)
    yield from _declared(ground)
    yield from _restricted(ground)
    yield from _terms_ended(ground)
    yield from _established(ground)
    yield from _same_lead_unit(ground)
    yield from _same_direction(ground)


def applications_of(ground: Ground, ids: Sequence[Id]) -> Column:
    """Positions of applications by id, -1 for one that is not to be assigned."""
    place = {a.id: i for i, a in enumerate(ground.applications)}
    return np.fromiter((place.get(one, -1) for one in ids), dtype=np.int64)


def _facts(
    ground: Ground,
    rule: str,
    scope: Scope,
    people: Sequence[str],
    place: Column,
    say: Say,
    force: Force = Force.HARD,
    penalty: float = 0.0,
) -> list[Hits]:
    """Hits of facts that each name a person and a place (an application, a group, or 0 for all)."""
    links = ground.judges
    x, f = match(links.person, ground.people(people))
    keep = place[f] >= 0
    if force is Force.SOFT:  # what only makes a pair less welcome is no reason to ask for a declaration
        keep &= links.doubt[x] < 0
    x, f = x[keep], f[keep]

    def whole(x: int, f: int) -> str:
        return wording.judge(ground, x) + say(x, f) + wording.doubts(ground, links.doubt[x])

    return hits(rule, force, scope, place[f], links.row[x], (x, f), whole, links.doubt[x] >= 0, penalty)


def _everywhere(facts: Sequence[object]) -> Column:
    return np.zeros(len(facts), dtype=np.int64)


def _guide_works(ground: Ground) -> Iterator[Hits]:
    """Rule 10: a hand in the guide, for its groups or for the whole round."""
    works = list(dict.fromkeys(ground.relations.guide_works))
    whole = [w for w in works if not w.groups]
    some = [(w, group) for w in works for group in dict.fromkeys(w.groups)]

    def told(work: GuideWork) -> str:
        return f"参与编写本轮指南“{work.title}”"

    yield from _facts(
        ground,
        "R10",
        Scope.EXPERT,
        [w.person for w in whole],
        _everywhere(whole),
        lambda _, f: told(whole[f]),
    )
    place = numbers((group for _, group in some), ground.groups)
    yield from _facts(
        ground, "R10", Scope.GROUP, [w.person for w, _ in some], place, lambda _, f: told(some[f][0])
    )


def _bid_advice(ground: Ground) -> list[Hits]:
    """Rule 10: advice on this application."""
    advice = list(dict.fromkeys(ground.relations.bid_advice))
    place = applications_of(ground, [a.application for a in advice])

    def say(_: int, f: int) -> str:
        return f"为{wording.application(ground.applications[place[f]])}的申报提供了咨询：{advice[f].matter}"

    return _facts(ground, "R10", Scope.PAIR, [a.person for a in advice], place, say)


def _offices(ground: Ground) -> list[Hits]:
    """Rule 11, as expert. As applicant such a person fails the formal check; that is no conflict of a pair."""
    posts = [
        p
        for p in dict.fromkeys(ground.relations.office_posts)
        if (p.since is None or p.since <= ground.on) and (p.until is None or p.until >= ground.on)
    ]

    def say(_: int, f: int) -> str:
        return f"是{posts[f].office}工作人员（{wording.span(posts[f].since, posts[f].until)}）"

    return _facts(ground, "R11", Scope.EXPERT, [p.person for p in posts], _everywhere(posts), say)


def _avoided(ground: Ground) -> Iterator[Hits]:
    """Rule 12: names with a reason and within the limit; others are shown as to be declared, not dropped."""
    windows = ground.windows
    valid: list[Avoidance] = []
    rest: list[Avoidance] = []
    for one in dict.fromkeys(ground.relations.avoidances):
        (valid if one.reason.strip() and one.order <= windows.avoid_limit else rest).append(one)
    penalty = windows.avoided_penalty if windows.avoided is Force.SOFT else 0.0
    yield from _avoided_part(ground, valid, windows.avoided, penalty)
    yield from _avoided_part(ground, rest, Force.DECLARE, 0.0)


def _avoided_part(ground: Ground, names: list[Avoidance], force: Force, penalty: float) -> list[Hits]:
    limit = ground.windows.avoid_limit
    place = applications_of(ground, [n.application for n in names])

    def say(_: int, f: int) -> str:
        one = names[f]
        short = "" if one.reason.strip() else "未说明理由，待声明"
        over = f"列第{one.order}名，超过上限{limit}名，待声明" if one.order > limit else ""
        told = "；".join(filter(None, [f"理由：{one.reason}" if one.reason.strip() else "", short, over]))
        return f"被{wording.application(ground.applications[place[f]])}申请回避，{told}"

    return _facts(ground, "R12", Scope.PAIR, [n.person for n in names], place, say, force, penalty)


def _declared(ground: Ground) -> list[Hits]:
    """Rule 13."""
    said = [d for d in dict.fromkeys(ground.relations.declarations) if d.conflict]
    place = applications_of(ground, [d.application for d in said])

    def say(_: int, f: int) -> str:
        one = said[f]
        where = wording.application(ground.applications[place[f]])
        return f"{wording.day(one.made_on)}就{where}声明或查明：{one.statement}"

    return _facts(ground, "R13", Scope.PAIR, [d.person for d in said], place, say)


def _restricted(ground: Ground) -> list[Hits]:
    """Rule 14: listed or suspended on the day."""
    bars = [
        b
        for b in dict.fromkeys(ground.relations.restrictions)
        if (b.since is None or b.since <= ground.on) and (b.until is None or b.until >= ground.on)
    ]

    def say(_: int, f: int) -> str:
        one = bars[f]
        return f"{wording.span(one.since, one.until)}被{one.bar}（{one.source}）"

    return _facts(ground, "R14", Scope.EXPERT, [b.person for b in bars], _everywhere(bars), say)


def _terms_ended(ground: Ground) -> list[Hits]:
    """Rule 14: the last term in the pool is over."""
    last: dict[str, date] = {}
    for term in ground.relations.terms:
        person = ground.identity.person(term.person)
        last[person] = max(term.until, last.get(person, term.until))
    over = [(person, until) for person, until in last.items() if until < ground.on]

    def say(_: int, f: int) -> str:
        return f"的聘期已于{wording.day(over[f][1])}届满"

    return _facts(ground, "R14", Scope.EXPERT, [person for person, _ in over], _everywhere(over), say)


def _established(ground: Ground) -> list[Hits]:
    """Rule 16: soft; how many may sit in a panel is `caps.establishment_limit`."""
    reviews = list(dict.fromkeys(ground.relations.establishment))
    place = applications_of(ground, [r.application for r in reviews])

    def say(_: int, f: int) -> str:
        return f"曾参加{wording.application(ground.applications[place[f]])}的立项评审"

    people, penalty = [r.person for r in reviews], ground.windows.establishment_penalty
    return _facts(ground, "R16", Scope.PAIR, people, place, say, Force.SOFT, penalty)


def _rotation(ground: Ground) -> tuple[Force, float]:
    windows = ground.windows
    return windows.rotation, windows.rotation_penalty if windows.rotation is Force.SOFT else 0.0


def _same_lead_unit(ground: Ground) -> list[Hits]:
    """Rule 18: sat for the same lead unit in a batch just before this one."""
    now, back = ground.relations.batch, ground.windows.rotation_batches
    past = [p for p in dict.fromkeys(ground.relations.past_panels) if now - back <= p.batch < now]
    led = np.flatnonzero(ground.claims.place == 0)
    unit = numbers((clean_code(p.lead_unit) for p in past), ground.codes)
    i, y = match(unit, ground.claims.unit[led])
    facts = [past[f] for f in i]
    place = ground.claims.row[led[y]]

    def say(_: int, f: int) -> str:
        one = facts[f]
        where = wording.application(ground.applications[place[f]])
        unit = ground.units.name(clean_code(one.lead_unit))
        return f"{wording.day(one.on)}在第{one.batch}批“{one.panel}”评审过{where}的牵头单位{unit}"

    force, penalty = _rotation(ground)
    return _facts(ground, "R18", Scope.PAIR, [p.person for p in facts], place, say, force, penalty)


def _same_direction(ground: Ground) -> list[Hits]:
    """Rule 18: has sat this calendar year in as many panels of the group's direction as the policy allows."""
    sat: dict[tuple[str, str], set[str]] = defaultdict(set)
    for panel in ground.relations.past_panels:
        if panel.direction and panel.on.year == ground.on.year and panel.on <= ground.on:
            sat[ground.identity.person(panel.person), panel.direction].add(panel.panel)
    limit = ground.windows.direction_panels
    groups = defaultdict(set)
    for one in ground.relations.directions:
        groups[one.direction].add(one.group)
    full = [
        (person, direction, group)
        for (person, direction), panels in sat.items()
        if len(panels) >= limit
        for group in groups[direction]
    ]

    def say(_: int, f: int) -> str:
        person, direction, _group = full[f]
        count = len(sat[person, direction])
        return f"{ground.on.year}年已在方向“{direction}”参加{count}次评审，上限{limit}次"

    place = numbers((group for _, _, group in full), ground.groups)
    force, penalty = _rotation(ground)
    return _facts(ground, "R18", Scope.GROUP, [p for p, _, _ in full], place, say, force, penalty)
