"""Identity first (身份归并): accounts that name the same person are one expert with one load and all conflicts."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from optimizer.errors import ProblemError
from optimizer.problem import Expert, Id, Problem


def merge_accounts(problem: Problem) -> Problem:
    """One expert per person, under the first account's id in id order.

    Units, past units, domains, roles and keywords are united, the lower cap and the higher minimum hold, a pair's
    score is the best of the accounts' scores, and a conflict of any account is a conflict of the person.
    """
    groups: dict[str, list[int]] = {}
    for i, expert in enumerate(problem.experts):
        groups.setdefault(f"person {expert.person}" if expert.person else f"account {i}", []).append(i)
    if all(len(group) == 1 for group in groups.values()):
        return problem
    if isinstance(problem.scores, csr_array):
        raise ProblemError("Two accounts of one person need a score for every pair, not only for some.")
    ordered = [sorted(group, key=lambda i: str(problem.experts[i].id)) for group in groups.values()]
    name: dict[Id, Id] = {
        problem.experts[i].id: problem.experts[group[0]].id for group in ordered for i in group
    }
    scores = np.stack([problem.scores[:, group].max(axis=1) for group in ordered], axis=1)
    parts = {
        key: np.stack([table[:, group].max(axis=1) for group in ordered], axis=1)
        for key, table in problem.parts.items()
    }
    barred = problem.barred
    if barred is not None:
        barred = np.stack([barred[:, group].any(axis=1) for group in ordered], axis=1)
    hits = tuple(dict.fromkeys(replace(hit, expert=name[hit.expert]) for hit in problem.exclusions))
    return replace(
        problem,
        experts=tuple(_united([problem.experts[i] for i in group]) for group in ordered),
        scores=scores,
        parts=parts,
        barred=barred,
        exclusions=hits,
    )


def _united(accounts: list[Expert]) -> Expert:
    first = accounts[0]
    cap = min(one.cap for one in accounts)
    return replace(
        first,
        cap=cap,
        minimum=min(cap, max(one.minimum for one in accounts)),
        outside=all(one.outside for one in accounts),
        profile=" ".join(filter(None, (a.profile for a in accounts))),
        units=_all(a.units for a in accounts),
        past_units=_all(a.past_units for a in accounts),
        domains=_all(a.domains for a in accounts),
        roles=_all(a.roles for a in accounts),
        keywords=_all(a.keywords for a in accounts),
    )


def _all(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for names in lists for one in names))
