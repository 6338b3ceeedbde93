"""The assignment problem (评审专家指派问题) as frozen, validated values.

Nothing here reads a file or solves anything. A `Problem` that exists is well-posed: every id is known, every
number finite, every table of the right shape. What is wrong is said in one sentence by `ProblemError`.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from optimizer.errors import ProblemError

Id = int | str
Table = Any  # NDArray[np.float64] | csr_array: scipy ships no types


LARGEST = 1e12  # of a score or a penalty
MOST_SEATS = 10_000  # of one application; more is a slip of the pen


class Force(StrEnum):
    """How strongly a conflict binds (回避的力度)."""

    HARD = "hard"  # never together, and not relaxable
    SOFT = "soft"  # a penalty on the score
    ABSTAIN = "abstain"  # in a panel the expert abstains on this application; in letter mode as hard
    DECLARE = "declare"  # unknown is not clear: eligible, but a signed declaration is due first


class Mode(StrEnum):
    """Who reads what."""

    LETTER = "letter"  # 通讯评审: each application has its own experts
    PANEL = "panel"  # 会议评审: a group of applications shares one panel


@dataclass(frozen=True)
class Application:
    """An application (申报项目) and the number of experts it needs."""

    id: Id
    seats: int
    units: tuple[str, ...] = ()  # lead and participating units, by credit code
    people: tuple[str, ...] = ()  # PI and members, by person id
    domains: tuple[str, ...] = ()  # GB/T 13745 codes
    group: str = ""  # competition group (评审组)
    title: str = ""
    abstract: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expert:
    """An expert (评审专家), one per person however many accounts the person holds."""

    id: Id
    cap: int
    minimum: int = 0
    person: str = ""
    units: tuple[str, ...] = ()
    past_units: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()  # technical, finance, management …
    outside: bool = False  # from outside the city
    profile: str = ""
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exclusion:
    """One hit of a conflict rule on one pair, with what it rests on."""

    application: Id
    expert: Id
    rule: str
    evidence: str
    force: Force = Force.HARD
    penalty: float = 0.0  # taken from the score where force is soft


@dataclass(frozen=True)
class Composition:
    """At least `least`, at most `most` members with a role in each seating (专家组构成)."""

    role: str
    least: int = 0
    most: int | None = None


ESTABLISHMENT = "establishment"  # role of who reviewed the same project's establishment (立项评审专家)


@dataclass(frozen=True)
class Policy:
    """The values in force, each with where it comes from in `versions` (name -> clause or row version)."""

    mode: Mode = Mode.LETTER
    unit_cap: int | None = None  # most experts of one unit in one seating
    outside_share: Fraction = Fraction(0)  # least share of experts from outside the city
    establishment_share: Fraction = Fraction(1)  # most share of experts of role `establishment` (rule 16)
    composition: tuple[Composition, ...] = ()
    coverage: int = 0  # least experts who share a domain code with the application
    coverage_digits: int = 3  # of GB/T 13745: 3, 5 or 7
    panel_sizes: tuple[int, int] = (1, 40)  # applications per panel, least and most
    pair_probability: Fraction | None = None
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Problem:
    """Applications, experts, what each pair is worth, and what may not be.

    `scores` is applications x experts: a full array, or a sparse one whose stored pairs are the only eligible
    ones. `barred` marks pairs that may not be. `named` says ids are the caller's own and not mere positions.
    """

    applications: tuple[Application, ...]
    experts: tuple[Expert, ...]
    scores: Table
    barred: NDArray[np.bool_] | None = None
    exclusions: tuple[Exclusion, ...] = ()
    policy: Policy = field(default_factory=Policy)
    parts: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    named: bool = True
    digest: str = ""  # sha256 of the input as read

    def __post_init__(self) -> None:
        _check_ids("application", [a.id for a in self.applications])
        _check_ids("expert", [e.id for e in self.experts])
        _check_counts(self)
        _check_scores(self)
        _check_policy(self)
        known = {a.id for a in self.applications}, {e.id for e in self.experts}
        for hit in self.exclusions:
            if hit.application not in known[0] or hit.expert not in known[1]:
                raise ProblemError(
                    f"Conflict {hit.rule} names an unknown pair ({hit.application}, {hit.expert})."
                )
            if not 0 <= hit.penalty <= LARGEST:
                raise ProblemError(
                    f"Conflict {hit.rule} has a penalty of {hit.penalty}; give 0 to {LARGEST:g}."
                )

    @property
    def shape(self) -> tuple[int, int]:
        """Number of applications and of experts."""
        return len(self.applications), len(self.experts)

    @property
    def barring(self) -> frozenset[Force]:
        """The forces that keep a pair apart; in a panel who abstains sits there all the same."""
        return frozenset({Force.HARD} | ({Force.ABSTAIN} if self.policy.mode is Mode.LETTER else set()))

    def hits(self, forces: Collection[Force]) -> list[tuple[int, int]]:
        """The pairs, by position, that a conflict of one of these forces hits."""
        row = {a.id: i for i, a in enumerate(self.applications)} if self.exclusions else {}
        column = {e.id: j for j, e in enumerate(self.experts)} if self.exclusions else {}
        return [(row[h.application], column[h.expert]) for h in self.exclusions if h.force in forces]

    def score(self, application: int, expert: int) -> float:
        """The score of a pair by positions; 0 for a pair a sparse table does not hold."""
        return float(self.scores[application, expert])

    def listed(self, application: int, expert: int) -> bool:
        """Whether a sparse table holds a pair by positions; a full table holds them all."""
        if not isinstance(self.scores, csr_array):
            return True
        row = slice(self.scores.indptr[application], self.scores.indptr[application + 1])
        return bool((self.scores.indices[row] == expert).any())


def _check_ids(what: str, ids: Iterable[Id]) -> None:
    seen: set[Id] = set()
    for one in ids:
        if one in seen:
            raise ProblemError(f"There are two {what}s with the id {one!r}; ids must be unique.")
        seen.add(one)


def _check_counts(problem: Problem) -> None:
    for application in problem.applications:
        if application.seats < 0:
            raise ProblemError(
                f"Application {application.id!r} asks for {application.seats} experts; give 0 or more."
            )
        if application.seats > MOST_SEATS:
            raise ProblemError(
                f"Application {application.id!r} asks for {application.seats} experts; at most {MOST_SEATS} can be."
            )
    for expert in problem.experts:
        if expert.cap < 0 or expert.minimum < 0:
            raise ProblemError(f"Expert {expert.id!r} has a negative cap or minimum load; give 0 or more.")
        if expert.minimum > expert.cap:
            raise ProblemError(
                f"Expert {expert.id!r} has a minimum load {expert.minimum} above the cap {expert.cap}."
            )


def _check_scores(problem: Problem) -> None:
    for name, table in {"scores": problem.scores, **problem.parts}.items():
        if table.shape != problem.shape:
            raise ProblemError(
                f"The table {name!r} is {_by(table.shape)}, but there are {problem.shape[0]} applications and "
                f"{problem.shape[1]} experts."
            )
        values = table.data if isinstance(table, csr_array) else table
        if not np.isfinite(values).all():
            raise ProblemError(f"The table {name!r} holds a value that is not a finite number.")
        if np.size(values) and np.abs(values).max() > LARGEST:
            raise ProblemError(f"The table {name!r} holds a value beyond {LARGEST:g}; rescale the scores.")
    if problem.barred is not None and problem.barred.shape != problem.shape:
        raise ProblemError(
            f"The conflict table is {_by(problem.barred.shape)}, the scores {_by(problem.shape)}."
        )


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(str(one) for one in shape)


def _check_policy(problem: Problem) -> None:
    policy = problem.policy
    if policy.unit_cap is not None and policy.unit_cap < 1:
        raise ProblemError("The unit cap must be at least 1, or absent.")
    if not 0 <= policy.outside_share <= 1:
        raise ProblemError(f"The outside share is {policy.outside_share}; give a share between 0 and 1.")
    if not 0 <= policy.establishment_share <= 1:
        raise ProblemError(
            f"The establishment share is {policy.establishment_share}; give a share between 0 and 1."
        )
    if policy.coverage < 0 or policy.coverage_digits < 1:
        raise ProblemError("Coverage must be 0 or more, by at least 1 digit of the domain code.")
    low, high = policy.panel_sizes
    if not 1 <= low <= high:
        raise ProblemError(f"Panel sizes {low} to {high} make no sense; give 1 <= least <= most.")
    if policy.pair_probability is not None and not 0 < policy.pair_probability <= 1:
        raise ProblemError("The largest pair probability must lie above 0 and at most at 1.")
    for rule in policy.composition:
        if rule.least < 0 or (rule.most is not None and rule.most < rule.least):
            raise ProblemError(f"Composition of {rule.role!r} asks for {rule.least} to {rule.most} members.")
