"""Stage one of panel mode (分组): split each competition group into panels of similar applications."""

from itertools import groupby

import numpy as np

from optimizer.errors import ProblemError
from optimizer.fit import bigram_similarity
from optimizer.grid import Floats
from optimizer.problem import Application, Problem

Panel = tuple[int, ...]  # positions of the applications it reads


def split(problem: Problem) -> tuple[Panel, ...]:
    """Panels of similar applications (stage one): group by group, sizes as even as the limits allow.

    Raises `ProblemError` for a group that cannot be cut into panels of the sizes asked.
    """
    asked = [i for i, a in enumerate(problem.applications) if a.seats > 0]
    asked.sort(key=lambda i: (problem.applications[i].group, str(problem.applications[i].id)))
    found: list[Panel] = []
    for group, members in groupby(asked, key=lambda i: problem.applications[i].group):
        found += _split_group(problem, group, list(members))
    return tuple(found)


def _split_group(problem: Problem, group: str, members: list[int]) -> list[Panel]:
    low, high = problem.policy.panel_sizes
    count = -(-len(members) // high)
    if len(members) < low * count:
        raise ProblemError(
            f"Group {group!r} has {len(members)} applications, which cannot be cut into panels of {low} "
            f"to {high}."
        )
    if count == 1:
        return [tuple(members)]
    alike = _similarity([problem.applications[i] for i in members])
    left, found = list(range(len(members))), []
    sizes = [len(members) // count + (k < len(members) % count) for k in range(count)]
    for size in sizes:
        far = min(
            left, key=lambda i: (alike[i, left].sum(), i)
        )  # the loneliest first, with those nearest to it
        near = sorted(left, key=lambda i: (i != far, -alike[far, i], i))[:size]
        found.append(near)
        left = [i for i in left if i not in near]
    return [tuple(members[i] for i in sorted(one)) for one in _exchanged(alike, found)]


def _exchanged(alike: Floats, found: list[list[int]]) -> list[list[int]]:
    """Exchange two applications between panels as long as that makes panels more alike within."""
    better = True
    while better:
        better = False
        for a in range(len(found)):
            for b in range(a + 1, len(found)):
                gain = _best_exchange(alike, found[a], found[b])
                if gain is not None:
                    i, j = gain
                    found[a], found[b] = (
                        [x for x in found[a] if x != i] + [j],
                        [x for x in found[b] if x != j] + [i],
                    )
                    better = True
    return found


def _best_exchange(alike: Floats, one: list[int], other: list[int]) -> tuple[int, int] | None:
    own, cross = alike[np.ix_(one, one)].sum(axis=1), alike[np.ix_(one, other)]
    own -= alike[one, one]
    theirs = alike[np.ix_(other, other)].sum(axis=1) - alike[other, other]
    gain = (
        cross.sum(axis=1)[:, None] + cross.sum(axis=0)[None, :] - 2 * cross - own[:, None] - theirs[None, :]
    )
    i, j = np.unravel_index(np.argmax(gain), gain.shape)
    return (one[i], other[j]) if gain[i, j] > 1e-9 else None


def _similarity(applications: list[Application]) -> Floats:
    """How alike applications are: shared domain prefixes, and texts where there are any."""
    codes = [
        {code[:digits] for code in a.domains for digits in (3, 5, 7) if len(code) >= digits}
        for a in applications
    ]
    table = np.array([[len(a & b) / max(1, len(a | b)) for b in codes] for a in codes], dtype=np.float64)
    texts = [f"{a.title} {a.abstract}".strip() for a in applications]
    return table + (bigram_similarity(texts, texts) if any(texts) else 0.0)
