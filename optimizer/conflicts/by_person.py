"""Rules 4, 5, 6, 7 and 9: the expert and the people of an application."""

from collections.abc import Callable, Iterator

import numpy as np

from optimizer.conflicts import wording
from optimizer.conflicts.ground import LEGAL, Ground, ends, starts
from optimizer.conflicts.joins import Column, match, numbers, runs, through
from optimizer.conflicts.relations import Degree, JointWork, Work
from optimizer.conflicts.table import Hits, Scope, hits
from optimizer.conflicts.windows import Reach, years_before
from optimizer.identity import clean_code
from optimizer.problem import Force

Say = Callable[[int, int, int], str]


def by_person(ground: Ground) -> Iterator[Hits]:
    """Hits of the rules about people."""
    yield from _kin(ground)
    yield from _doctoral(ground)
    yield from _joint_works(ground)
    yield from _own_bid(ground)
    yield from _bid_elsewhere(ground)
    yield from _disputes_with_people(ground)
    yield from _disputes_with_units(ground)


def _pairs(
    ground: Ground, rule: str, x: Column, f: Column, y: Column, say: Say, force: Force = Force.HARD
) -> list[Hits]:
    """Hits on (judge link, fact, applicant link); a person has no relation with himself or herself."""
    links, people = ground.judges, ground.applicants
    keep = links.person[x] != people.person[y]
    x, f, y = x[keep], f[keep], y[keep]

    def whole(x: int, f: int, y: int) -> str:
        return say(x, f, y) + wording.doubts(ground, links.doubt[x], people.doubt[y])

    unsure = (links.doubt[x] >= 0) | (people.doubt[y] >= 0)
    return hits(rule, force, Scope.PAIR, people.row[y], links.row[x], (x, f, y), whole, unsure)


def _members(ground: Ground) -> Column:
    """Applicant links of PIs and members, without legal representatives."""
    return np.flatnonzero(ground.applicants.role != LEGAL)


def _kin(ground: Ground) -> list[Hits]:
    """Rule 4, with the legal representatives."""
    most = ground.windows.collateral_generations
    kin = [k for k in ground.kin if k.degree is not Degree.COLLATERAL or k.generations <= most]
    one, other = ground.people(k.person for k in kin), ground.people(k.relative for k in kin)
    x, f, y = through(ground.judges.person, np.r_[one, other], np.r_[other, one], ground.applicants.person)

    def say(x: int, f: int, y: int) -> str:
        found = kin[f % len(kin)]
        how = (
            f"{found.generations}代以内{found.degree}" if found.degree is Degree.COLLATERAL else found.degree
        )
        return f"{wording.judge(ground, x)}与{wording.applicant(ground, y)}是{how}"

    return _pairs(ground, "R04", x, f, y, say)


def _doctoral(ground: Ground) -> list[Hits]:
    """Rule 5, for life and in both directions."""
    known = list(dict.fromkeys(ground.relations.supervision))
    old, young = ground.people(s.supervisor for s in known), ground.people(s.student for s in known)
    keep = _members(ground)
    x, f, y = through(
        ground.judges.person, np.r_[old, young], np.r_[young, old], ground.applicants.person[keep]
    )

    def say(x: int, f: int, y: int) -> str:
        found = known[f % len(known)]
        told = f"（{wording.span(found.since, found.until)}）" if found.since or found.until else ""
        how = "博士生导师" if f < len(known) else "博士研究生"
        return f"{wording.judge(ground, x)}是{wording.applicant(ground, y)}的{how}{told}"

    return _pairs(ground, "R05", x, f, keep[y], say)


def _joint_works(ground: Ground) -> Iterator[Hits]:
    """Rule 6: published, or running, within the window; a paper of unknown date is to be declared."""
    works, since = ground.relations.joint_works, years_before(ground.on, ground.windows.joint_work_years)
    end = ends(works)
    undated = np.array([w.kind is Work.PAPER and w.until is None for w in works], dtype=bool)
    within = ~undated & (end >= since.toordinal()) & (starts(works) <= ground.on.toordinal())
    for mask, force in ((within, Force.HARD), (undated, Force.DECLARE)):
        chosen = np.flatnonzero(mask)
        size = np.array([len(works[w].people) for w in chosen], dtype=np.int64)
        work = np.repeat(chosen, size)
        person = ground.people(one for w in chosen for one in works[w].people)
        work, person = work[person >= 0], person[person >= 0]
        keep = _members(ground)
        x, i = match(ground.judges.person, person)
        y, j = match(ground.applicants.person[keep], person)
        p, q = match(work[i], work[j])

        def say(x: int, f: int, y: int) -> str:
            return f"{wording.judge(ground, x)}与{wording.applicant(ground, y)}{_work(works[f])}"

        yield from _pairs(ground, "R06", x[p], work[i][p], keep[y[q]], say, force)


def _work(work: JointWork) -> str:
    if work.kind is Work.PROJECT:
        return f"{wording.span(work.since, work.until)}合作承担项目《{work.title}》"
    told = f"{wording.day(work.until)}发表" if work.until else "发表日期不详，待声明"
    return f"合著论文《{work.title}》（{told}）"


def _own_bid(ground: Ground) -> Iterator[Hits]:
    """Rule 7: PI or member of an application: away from its whole group, or batch."""
    links, people, keep = ground.judges, ground.applicants, _members(ground)
    x, y = match(links.person, people.person[keep])
    y = keep[y]
    sure = people.doubt[y] < 0  # a likeness on both sides would say the same thing twice
    x, y = x[sure], y[sure]
    batch = ground.windows.applicant_reach is Reach.BATCH
    place = np.zeros_like(y) if batch else ground.group_of[people.row[y]]
    for unsure in (False, True):
        part = (links.doubt[x] >= 0) == unsure
        a, b, where = x[part], y[part], place[part]
        order, low, high = runs(where * len(ground.experts) + links.row[a], people.row[b], a)
        a, b, where = a[order], b[order], where[order]

        def say(first: int, end: int, a: Column = a, b: Column = b) -> str:
            bids = wording.several(ground, sorted(set(people.row[b[first:end]].tolist())))
            near = "同批" if batch else "同一评审组"
            doubt = wording.doubts(ground, links.doubt[a[first]])
            return f"{wording.judge(ground, int(a[first]))}在{near}申报或参加了{bids}{doubt}"

        scope, force = Scope.EXPERT if batch else Scope.GROUP, Force.DECLARE if unsure else Force.HARD
        yield from hits("R07", force, scope, where[low], links.row[a[low]], (low, high), say)


def _bid_elsewhere(ground: Ground) -> list[Hits]:
    """Rule 7 by an application of this round that is not among those to be assigned."""
    opened = list(dict.fromkeys(ground.relations.open_applications))
    x, f = match(ground.judges.person, ground.people(one.person for one in opened))
    batch = ground.windows.applicant_reach is Reach.BATCH
    group = numbers((one.group for one in opened), ground.groups)
    place = np.zeros_like(f) if batch else group[f]
    keep = place >= 0
    x, f, place = x[keep], f[keep], place[keep]

    def say(x: int, f: int) -> str:
        one = opened[f]
        near = "同批" if batch else f"同一评审组“{one.group}”"
        doubt = wording.doubts(ground, ground.judges.doubt[x])
        return f"{wording.judge(ground, x)}在{near}申报或参加了{one.label}{doubt}"

    scope, row = Scope.EXPERT if batch else Scope.GROUP, ground.judges.row[x]
    return hits("R07", Force.HARD, scope, place, row, (x, f), say, ground.judges.doubt[x] >= 0)


def _disputes_with_people(ground: Ground) -> list[Hits]:
    """Rule 9, the opponent being a PI, a member or a legal representative."""
    since = years_before(ground.on, ground.windows.dispute_years)
    cases = [d for d in dict.fromkeys(ground.relations.disputes) if d.opponent]
    cases = [
        d for d in cases if (d.until is None or d.until >= since) and (not d.since or d.since <= ground.on)
    ]
    one, other = ground.people(d.person for d in cases), ground.people(d.opponent for d in cases)
    x, f, y = through(ground.judges.person, np.r_[one, other], np.r_[other, one], ground.applicants.person)

    def say(x: int, f: int, y: int) -> str:
        case = cases[f % len(cases)]
        told = f"“{case.matter}”（{wording.span(case.since, case.until)}）"
        return f"{wording.judge(ground, x)}与{wording.applicant(ground, y)}有法律纠纷{told}"

    return _pairs(ground, "R09", x, f, y, say)


def _disputes_with_units(ground: Ground) -> list[Hits]:
    """Rule 9, the opponent being a unit that applies or one of its group."""
    since = years_before(ground.on, ground.windows.dispute_years).toordinal()
    cases = [d for d in dict.fromkeys(ground.relations.disputes) if d.unit]
    table = ground.spells(cases)
    held = np.flatnonzero((table.until >= since) & (table.since <= ground.on.toordinal()))
    x, f, y = through(ground.judges.person, table.person[held], table.root[held], ground.claims.root)
    f = held[f]

    def say(x: int, f: int, y: int) -> str:
        case = cases[f]
        return (
            f"{wording.judge(ground, x)}与{ground.units.name(clean_code(case.unit))}有法律纠纷“{case.matter}”"
            f"（{wording.span(case.since, case.until)}），{wording.tie(ground, int(table.unit[f]), y)}"
            f"{wording.doubts(ground, ground.judges.doubt[x])}"
        )

    rows = ground.claims.row[y], ground.judges.row[x]
    return hits("R09", Force.HARD, Scope.PAIR, *rows, (x, f, y), say, ground.judges.doubt[x] >= 0)
