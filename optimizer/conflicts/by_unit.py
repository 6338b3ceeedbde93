"""Rules 1, 2, 3 and 8: the expert and a unit that applies."""

from collections.abc import Iterator

import numpy as np

from optimizer.conflicts import wording
from optimizer.conflicts.ground import TEAM, Ground
from optimizer.conflicts.joins import Column, match, runs, through
from optimizer.conflicts.relations import Degree, Employment, Interest, Post, Stake
from optimizer.conflicts.table import Hits, Scope, hits
from optimizer.conflicts.windows import years_before
from optimizer.identity import clean_code
from optimizer.problem import Force

Rows = tuple[Column, Column, Column]


def by_unit(ground: Ground) -> Iterator[Hits]:
    """Hits of the rules about units."""
    now = _current(ground)
    yield from _same_unit(ground, now)
    yield from _own_unit_bids(ground, now)
    yield from _formerly_there(ground)
    yield from _relative_there(ground)
    yield from _left_one_day(ground)
    yield from _stakes(ground)


def employees(ground: Ground) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which posts are employment, not advice."""
    return np.array([post.post is Post.EMPLOYEE for post in ground.posts], dtype=bool)


def _current(ground: Ground) -> Rows:
    """(judge link, post, claim) of experts now employed at a unit that applies, or in its group."""
    day, post = ground.on.toordinal(), ground.post
    return _meet(ground, np.flatnonzero(employees(ground) & (post.since <= day) & (post.until >= day)))


def _meet(ground: Ground, posts: Column) -> Rows:
    table = ground.post
    x, f, y = through(ground.judges.person, table.person[posts], table.root[posts], ground.claims.root)
    return x, posts[f], y


def _same_unit(ground: Ground, now: Rows) -> list[Hits]:
    """Rule 1. Where rule 8 is by abstention it is so here too: in a panel the expert abstains on this
    application, in letter mode the pair is barred; judged it never is."""

    def say(x: int, f: int, y: int) -> str:
        post = ground.posts[f]
        unit = ground.units.name(post.unit)
        told = f"（{wording.span(post.since, post.until)}）"
        return (
            f"{wording.judge(ground, x)}现任职于{unit}{told}，"
            f"{wording.tie(ground, int(ground.post.unit[f]), y)}{wording.doubts(ground, ground.judges.doubt[x])}"
        )

    x, _, y = now
    return hits(
        "R01",
        ground.windows.own_unit,
        Scope.PAIR,
        ground.claims.row[y],
        ground.judges.row[x],
        now,
        say,
        ground.judges.doubt[x] >= 0,
    )


def _own_unit_bids(ground: Ground, now: Rows) -> Iterator[Hits]:
    """Rule 8: the whole group, or by an approved abstention only the unit's own applications.

    A unit whose people take part in somebody else's application does not bid.
    """
    windows, claims, links = ground.windows, ground.claims, ground.judges
    bids = claims.place[now[2]] != TEAM
    now = now[0][bids], now[1][bids], now[2][bids]
    abstains = windows.own_unit is Force.ABSTAIN
    place = claims.row if abstains else ground.group_of[claims.row]
    grouped = ground.group_of[claims.row[now[2]]] < len(ground.groups)
    for unsure in (False, True):
        x, f, y = (column[grouped & ((links.doubt[now[0]] >= 0) == unsure)] for column in now)
        key = (place[y] * len(ground.experts) + links.row[x]) * len(ground.unit_codes) + claims.root[y]
        order, low, high = runs(key, ground.post.unit[f], claims.row[y], f, x)
        x, f, y = x[order], f[order], y[order]

        def say(first: int, end: int, x: Column = x, f: Column = f, y: Column = y) -> str:
            unit = ground.units.name(ground.posts[f[first]].unit)
            where = wording.several(ground, sorted(set(claims.row[y[first:end]].tolist())))
            approved = f"；经{windows.own_unit_approver}批准，仅就该项目弃权" if abstains else ""
            doubt = wording.doubts(ground, links.doubt[x[first]])
            own = f"{wording.judge(ground, int(x[first]))}所在单位{unit}（含集团）"
            return f"{own}在同一评审组申报了{where}{approved}{doubt}"

        scope = Scope.PAIR if abstains else Scope.GROUP
        force = Force.DECLARE if unsure else windows.own_unit
        yield from hits("R08", force, scope, place[y[low]], links.row[x[low]], (low, high), say)


def _formerly_there(ground: Ground) -> list[Hits]:
    """Rule 2, the expert: employed within the window, or a consultant now or within it."""
    day, table = ground.on.toordinal(), ground.post
    since = years_before(ground.on, ground.windows.former_employment_years).toordinal()
    staff = employees(ground)
    left = staff & (table.until >= since) & (table.until < day)
    advised = ~staff & (table.until >= since) & (table.since <= day)
    x, f, y = _meet(ground, np.flatnonzero(left | advised))

    def say(x: int, f: int, y: int) -> str:
        post = ground.posts[f]
        return (
            f"{wording.judge(ground, x)}{wording.span(post.since, post.until)}在{ground.units.name(post.unit)}"
            f"{post.post}，{wording.tie(ground, int(table.unit[f]), y)}"
            f"{wording.doubts(ground, ground.judges.doubt[x])}"
        )

    rows = ground.claims.row[y], ground.judges.row[x]
    return hits("R02", Force.HARD, Scope.PAIR, *rows, (x, f, y), say, ground.judges.doubt[x] >= 0)


def _relative_there(ground: Ground) -> list[Hits]:
    """Rule 2, spouse and direct kin: there now or within the window."""
    near = [k for k in ground.kin if k.degree in (Degree.SPOUSE, Degree.DIRECT)]
    one, other = ground.people(k.person for k in near), ground.people(k.relative for k in near)
    a, b = np.r_[one, other], np.r_[other, one]
    table = ground.post
    since = years_before(ground.on, ground.windows.former_employment_years).toordinal()
    posts = np.flatnonzero((table.until >= since) & (table.since <= ground.on.toordinal()))
    x, k, f = through(ground.judges.person, a, b, table.person[posts])
    i, y = match(table.root[posts[f]], ground.claims.root)
    x, k, f = x[i], k[i], posts[f[i]]

    def say(x: int, k: int, f: int, y: int) -> str:
        post, kinship = ground.posts[f], near[k % len(near)]
        relative = ground.identity.name(ground.person_ids[b[k]])
        return (
            f"{wording.judge(ground, x)}的{kinship.degree}{relative}{wording.span(post.since, post.until)}在"
            f"{ground.units.name(post.unit)}{post.post}，{wording.tie(ground, int(table.unit[f]), y)}"
            f"{wording.doubts(ground, ground.judges.doubt[x])}"
        )

    rows = ground.claims.row[y], ground.judges.row[x]
    return hits("R02", Force.HARD, Scope.PAIR, *rows, (x, k, f, y), say, ground.judges.doubt[x] >= 0)


def _left_one_day(ground: Ground) -> list[Hits]:
    """Rule 2 where an expert's past unit is known but not when the expert left: to be declared."""
    dated = {(post.person, post.unit) for post in ground.posts}
    links = ground.judges
    past = [
        Employment(ground.person_ids[links.person[i]], clean_code(code))
        for i in np.flatnonzero(links.doubt < 0)
        for code in ground.experts[links.row[i]].past_units
    ]
    past = [one for one in dict.fromkeys(past) if (one.person, one.unit) not in dated]
    table = ground.spells(past)
    x, f, y = through(links.person, table.person, table.root, ground.claims.root)

    def say(x: int, f: int, y: int) -> str:
        return (
            f"{wording.judge(ground, x)}曾任职于{ground.units.name(past[f].unit)}，离职日期不详，"
            f"{wording.tie(ground, int(table.unit[f]), y)}，待声明"
        )

    return hits("R02", Force.DECLARE, Scope.PAIR, ground.claims.row[y], links.row[x], (x, f, y), say)


def _stakes(ground: Ground) -> list[Hits]:
    """Rule 3: an investment, or a seat or control, within its own window."""
    legal = [
        Interest(unit.legal_representative, unit.code, Stake.LEGAL)
        for unit in ground.relations.units
        if unit.legal_representative
    ]
    stakes = list(dict.fromkeys([*ground.relations.interests, *legal]))
    table, windows = ground.spells(stakes), ground.windows
    money = np.array([one.stake is Stake.INVESTMENT for one in stakes], dtype=bool)
    since = np.where(
        money,
        years_before(ground.on, windows.investment_years).toordinal(),
        years_before(ground.on, windows.control_years).toordinal(),
    )
    held = np.flatnonzero((table.until >= since) & (table.since <= ground.on.toordinal()))
    x, f, y = through(ground.judges.person, table.person[held], table.root[held], ground.claims.root)
    f = held[f]

    def say(x: int, f: int, y: int) -> str:
        one = stakes[f]
        return (
            f"{wording.judge(ground, x)}{wording.span(one.since, one.until)}在"
            f"{ground.units.name(clean_code(one.unit))}{one.stake}，{wording.tie(ground, int(table.unit[f]), y)}"
            f"{wording.doubts(ground, ground.judges.doubt[x])}"
        )

    rows = ground.claims.row[y], ground.judges.row[x]
    return hits("R03", Force.HARD, Scope.PAIR, *rows, (x, f, y), say, ground.judges.doubt[x] >= 0)
