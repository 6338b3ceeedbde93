"""Identity first (身份归并): who is the same person, which units are one unit.

People come as records: an account, an entry in an application, a co-author. Records with the same person key (a
keyed hash of the identity number) are one person; so are records without contradicting keys that agree in name,
unit and year of birth. What agrees in less is only likely, is never merged, and has to be declared (待声明).
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from optimizer.errors import ProblemError
from optimizer.problem import Expert, Id, Problem


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One record of a person. `key` is the keyed hash of the identity number, empty where unknown."""

    id: str
    name: str
    key: str = ""
    unit: str = ""  # credit code
    birth_year: int | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (单位) by credit code, with the unit that controls it and its legal representative."""

    code: str
    name: str = ""
    parent: str = ""
    legal_representative: str = ""  # a person record


@dataclass(frozen=True, slots=True)
class Likely:
    """Two people who may be one (疑似同一人), and why."""

    one: str
    other: str
    ground: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Records found to be one person, and on what ground: 身份标识相同, or 姓名、单位、出生年均相同."""

    person: str
    records: tuple[str, ...]
    ground: str


@dataclass(frozen=True)
class Identity:
    """The people behind the records. A person's id is the first of the person's record ids in order."""

    people: Mapping[str, str]  # record id or person key -> person
    names: Mapping[str, str]
    unkeyed: frozenset[str]  # people whose identity number nobody has given
    merges: tuple[Merge, ...]
    likely: tuple[Likely, ...]

    def person(self, reference: str) -> str:
        """The person of a record or key; a reference without a record stands for itself."""
        return self.people.get(reference, reference)

    def name(self, person: str) -> str:
        """The person's name, or the reference where no record gives one."""
        return self.names.get(person) or person


@dataclass(frozen=True)
class Units:
    """Units by credit code and the groups they belong to."""

    names: Mapping[str, str]
    parents: Mapping[str, str]

    def root(self, code: str) -> str:
        """The top of the unit's group (集团母公司), itself where nothing controls it. ProblemError on a circle."""
        seen = [code]
        while parent := self.parents.get(seen[-1], ""):
            if parent in seen:
                raise ProblemError(
                    f"The units {' -> '.join([*seen, parent])} control each other in a circle."
                )
            seen.append(parent)
        return seen[-1]

    def name(self, code: str) -> str:
        """The unit's name, or its code where nobody gave one."""
        return self.names.get(code) or code


def clean_code(code: str) -> str:
    """A credit code as it is compared: full-width forms, spaces and small letters evened out."""
    return "".join(unicodedata.normalize("NFKC", code).split()).upper()


def clean_name(name: str) -> str:
    """A person's name as it is compared: without spaces and width variants."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def resolve_units(units: Iterable[Unit]) -> Units:
    """Units by code. ProblemError when two rows of one code contradict each other or groups run in a circle."""
    names: dict[str, str] = {}
    parents: dict[str, str] = {}
    for unit in units:
        code = clean_code(unit.code)
        for table, found in ((names, unit.name), (parents, clean_code(unit.parent))):
            if found and table.setdefault(code, found) != found:
                raise ProblemError(f"Unit {code} is given as {table[code]!r} and as {found!r}; keep one.")
    resolved = Units(names, parents)
    for code in parents:
        resolved.root(code)
    return resolved


def resolve(records: Iterable[PersonRecord]) -> Identity:
    """Who is who. The answer does not depend on the order of the records."""
    ordered = sorted(dict.fromkeys(records), key=lambda one: one.id)
    for before, after in pairwise(ordered):
        if before.id == after.id:
            raise ProblemError(f"Two different person records have the id {before.id!r}; ids must be unique.")
    clusters = _certain(ordered)
    people = {record.id: cluster[0].id for cluster in clusters for record in cluster}
    for cluster in clusters:
        for record in cluster:
            if record.key and people.setdefault(record.key, cluster[0].id) != cluster[0].id:
                raise ProblemError(f"{record.key!r} is one person's key and another's record id.")
    return Identity(
        people,
        {cluster[0].id: next((r.name for r in cluster if r.name), "") for cluster in clusters},
        frozenset(cluster[0].id for cluster in clusters if not any(r.key for r in cluster)),
        tuple(_merge(cluster) for cluster in clusters if len(cluster) > 1),
        _likely(clusters),
    )


def _certain(ordered: list[PersonRecord]) -> list[list[PersonRecord]]:
    """Records put together that are certainly one person, in the order of their first ids."""
    alike: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for record in ordered:
        if (full := _full(record)) and record.key:
            alike[full].add(record.key)
    clusters: dict[object, list[PersonRecord]] = {}
    for record in ordered:
        full = _full(record)
        keys = {record.key} if record.key else alike[full] if full else set()
        # Without a key of its own a record follows the only key its likenesses hold; two keys leave it open.
        mark: object = (
            ("key", *keys) if len(keys) == 1 else ("full", full) if full and not keys else ("id", record.id)
        )
        clusters.setdefault(mark, []).append(record)
    return sorted(clusters.values(), key=lambda cluster: cluster[0].id)


def _full(record: PersonRecord) -> tuple[str, str, int] | None:
    """Name, unit and year of birth, where all three are known."""
    if not (record.name.strip() and record.unit.strip()) or record.birth_year is None:
        return None
    return clean_name(record.name), clean_code(record.unit), record.birth_year


def _merge(cluster: list[PersonRecord]) -> Merge:
    keyed = all(record.key for record in cluster)
    ground = "身份标识相同" if keyed else "姓名、单位、出生年均相同"
    return Merge(cluster[0].id, tuple(record.id for record in cluster), ground)


def _likely(clusters: list[list[PersonRecord]]) -> tuple[Likely, ...]:
    """Pairs of one name that agree in unit or year of birth and contradict each other in nothing."""
    shelves: dict[tuple[str, str], dict[int, None]] = defaultdict(dict)
    for number, cluster in enumerate(clusters):
        for record in cluster:
            name = clean_name(record.name)
            if name and record.unit.strip():
                shelves[name, f"单位 {clean_code(record.unit)}"][number] = None
            if name and record.birth_year is not None:
                shelves[name, f"出生年 {record.birth_year}"][number] = None
    grounds: dict[tuple[int, int], list[str]] = defaultdict(list)
    for (_, shelf), numbers in shelves.items():
        for one, other in combinations(numbers, 2):
            if not _contradict(clusters[one], clusters[other]):
                grounds[one, other].append(shelf.split()[0])
    return tuple(
        Likely(clusters[one][0].id, clusters[other][0].id, "姓名、" + "、".join(sorted(set(found))) + "相同")
        for (one, other), found in sorted(grounds.items())
    )


def _contradict(one: list[PersonRecord], other: list[PersonRecord]) -> bool:
    """Both have a key (then they differ), or years of birth that differ."""
    if any(r.key for r in one) and any(r.key for r in other):
        return True
    years = [{r.birth_year for r in cluster if r.birth_year is not None} for cluster in (one, other)]
    return all(years) and not years[0] & years[1]


def merge_accounts(problem: Problem) -> Problem:
    """One expert per person, under the first account's id in id order.

    Units, past units, domains, roles and keywords are united, the lower cap and the higher minimum hold, a pair's
    score, with its parts, is the best of the accounts' scores, and a conflict of any account is one of the person.
    """
    groups: dict[str, list[int]] = {}
    for i, expert in enumerate(problem.experts):
        groups.setdefault(f"person {expert.person}" if expert.person else f"account {i}", []).append(i)
    if all(len(group) == 1 for group in groups.values()):
        return problem
    ordered = [sorted(group, key=lambda i: str(problem.experts[i].id)) for group in groups.values()]
    name: dict[Id, Id] = {
        problem.experts[i].id: problem.experts[group[0]].id for group in ordered for i in group
    }
    scores: NDArray[np.float64] | csr_array
    parts: Mapping[str, NDArray[np.float64]] = {}
    if isinstance(problem.scores, csr_array):
        scores = _best_listed(problem.scores, ordered)
    else:
        best = np.stack(
            [np.array(group)[problem.scores[:, group].argmax(axis=1)] for group in ordered], axis=1
        )
        scores = np.take_along_axis(problem.scores, best, axis=1)
        parts = {key: np.take_along_axis(table, best, axis=1) for key, table in problem.parts.items()}
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


def _best_listed(scores: csr_array, groups: list[list[int]]) -> csr_array:
    """The greatest listed score of each application and person; a pair no account lists stays unlisted."""
    person = np.empty(scores.shape[1], dtype=np.int64)
    for number, group in enumerate(groups):
        person[group] = number
    rows = np.repeat(np.arange(scores.shape[0]), np.diff(scores.indptr))
    columns = person[scores.indices]
    order = np.lexsort((scores.data, columns, rows))
    rows, columns = rows[order], columns[order]
    last = np.r_[
        (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1]), np.ones(min(1, len(rows)), dtype=bool)
    ]
    shape = scores.shape[0], len(groups)
    return csr_array((scores.data[order][last], (rows[last], columns[last])), shape=shape)


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
