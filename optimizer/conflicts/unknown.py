"""Unknown is not clear (未知不等于无关): what is missing, and the declarations it forces."""

from collections.abc import Callable, Iterator

import numpy as np

from optimizer.conflicts import wording
from optimizer.conflicts.by_unit import employees
from optimizer.conflicts.ground import Ground
from optimizer.conflicts.joins import Column, runs
from optimizer.conflicts.relations import Employment, Post
from optimizer.conflicts.table import Hits, Scope, hits
from optimizer.conflicts.windows import years_before
from optimizer.problem import Force


def unknown(ground: Ground) -> Iterator[Hits]:
    """Everything that has to be declared because it is not known."""
    yield from _experts_without_identity(ground)
    yield from _applicants_without_identity(ground)
    yield from _experts_without_unit(ground)
    yield from _applications_without_units(ground)
    yield from _short_histories(ground)


def _about_experts(rule: str, rows: list[int], say: Callable[[int], str]) -> list[Hits]:
    expert = np.array(rows, dtype=np.int64)
    return hits(rule, Force.DECLARE, Scope.EXPERT, np.zeros_like(expert), expert, (expert,), say)


def _about_applications(rule: str, row: Column, facts: Column, say: Callable[[int], str]) -> list[Hits]:
    return hits(rule, Force.DECLARE, Scope.APPLICATION, row, np.zeros_like(row), (facts,), say)


def _experts_without_identity(ground: Ground) -> list[Hits]:
    """Nobody's identity number, nobody's relatives: rules 4, 5, 6, 7 and 9 cannot be checked."""
    rows = [
        i
        for i, expert in enumerate(ground.experts)
        if not expert.person or ground.identity.person(expert.person) in ground.identity.unkeyed
    ]

    def say(row: int) -> str:
        who = wording.expert(ground.experts[row], ground)
        return f"{who}未登记身份标识，亲属、师生、合作、申报和纠纷情况无法核对，待声明"

    return _about_experts("R13", rows, say)


def _applicants_without_identity(ground: Ground) -> Iterator[Hits]:
    people = ground.applicants
    vague = np.array([person in ground.identity.unkeyed for person in ground.person_ids], dtype=bool)
    links = np.flatnonzero((people.doubt < 0) & vague[people.person])
    order, low, high = runs(people.row[links])
    links = links[order]

    def say(first: int, end: int) -> str:
        who = wording.applicants(ground, links[first:end])
        return f"{who}未登记身份标识，与专家的关系无法核对，待声明"

    yield from hits(
        "R13",
        Force.DECLARE,
        Scope.APPLICATION,
        people.row[links[low]],
        np.zeros_like(low),
        (low, high),
        say,
    )
    bare = np.array([i for i, a in enumerate(ground.applications) if not any(a.people)], dtype=np.int64)
    yield from _about_applications(
        "R13",
        bare,
        bare,
        lambda row: (
            f"{wording.application(ground.applications[row])}未登记负责人和成员，与专家的关系无法核对，待声明"
        ),
    )


def _experts_without_unit(ground: Ground) -> list[Hits]:
    day, post = ground.on.toordinal(), ground.post
    now = employees(ground) & (post.since <= day) & (post.until >= day)
    sure = ground.judges.doubt < 0
    placed = np.isin(ground.judges.person, post.person[now]) & sure
    rows = sorted(set(range(len(ground.experts))) - set(ground.judges.row[placed].tolist()))

    def say(row: int) -> str:
        return f"{wording.expert(ground.experts[row], ground)}未登记现工作单位，待声明"

    return _about_experts("R01", rows, say)


def _applications_without_units(ground: Ground) -> list[Hits]:
    bare = np.setdiff1d(np.arange(len(ground.applications)), ground.claims.row)

    def say(row: int) -> str:
        return f"{wording.application(ground.applications[row])}未登记申报单位，待声明"

    return _about_applications("R01", bare, bare, say)


def _short_histories(ground: Ground) -> list[Hits]:
    """Rule 2: no spell on file, or none that reaches back to the beginning of the window."""
    since = years_before(ground.on, ground.windows.former_employment_years)
    first: dict[str, Employment] = {}
    for post in ground.relations.employment:
        person = ground.identity.person(post.person)
        if post.post is Post.EMPLOYEE and (person not in first or _day(post) < _day(first[person])):
            first[person] = post
    spells = [first.get(ground.identity.person(expert.person)) for expert in ground.experts]
    rows = [i for i, post in enumerate(spells) if post is None or _day(post) > since.toordinal()]

    def say(row: int) -> str:
        post = spells[row]
        if post is None or post.since is None:
            known = "未登记任职经历"
        else:
            known = f"的任职经历最早记于{wording.day(post.since)}"
        who = wording.expert(ground.experts[row], ground)
        return f"{who}{known}，{wording.day(since)}以来的任职情况不全，待声明"

    return _about_experts("R02", rows, say)


def _day(post: Employment) -> int:
    return post.since.toordinal() if post.since else 0
