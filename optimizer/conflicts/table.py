"""What the rules found: compact tables of hits, expanded and put into words only when asked.

A hit on a whole group, or on every application, is one row. At 6,000 x 2,800 that is some hundred thousand rows
for tens of millions of excluded pairs, so `barred` reads the tables and never the sentences.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from optimizer.conflicts.ground import Ground
from optimizer.conflicts.joins import Column
from optimizer.errors import ProblemError
from optimizer.identity import Identity
from optimizer.problem import Exclusion, Force, Id, Mode

Matrix = NDArray[np.bool_]


class Scope(StrEnum):
    """What `Hits.row` and `Hits.expert` are."""

    PAIR = "pair"  # an application and an expert
    GROUP = "group"  # a competition group and an expert
    EXPERT = "expert"  # an expert and every application; row is 0
    APPLICATION = "application"  # an application and every expert; expert is 0


@dataclass(frozen=True, eq=False)
class Hits:
    """Hits of one rule with one force. `say` turns a row of `source` into its sentence."""

    rule: str
    force: Force
    scope: Scope
    row: Column
    expert: Column
    source: tuple[Column, ...]
    say: Callable[..., str]
    penalty: float = 0.0

    def evidence(self, k: int) -> str:
        """The sentence of one hit."""
        return self.say(*(int(column[k]) for column in self.source))


def hits(
    rule: str,
    force: Force,
    scope: Scope,
    row: Column,
    expert: Column,
    source: tuple[Column, ...],
    say: Callable[..., str],
    unsure: Matrix | None = None,
    penalty: float = 0.0,
) -> list[Hits]:
    """Hits sorted by row and expert; those resting on a likely identity apart, as to be declared."""
    order = np.lexsort((expert, row))
    parts = [(force, order, penalty)]
    if unsure is not None:
        parts = [
            (force, order[~unsure[order]], penalty),
            (Force.DECLARE, order[unsure[order]], 0.0),
        ]
    return [
        Hits(rule, each, scope, row[keep], expert[keep], tuple(c[keep] for c in source), say, cost)
        for each, keep, cost in parts
        if len(keep)
    ]


@dataclass(frozen=True, eq=False)
class Conflicts:
    """All hits on the applications and experts, in the caller's order.

    `barred(mode)` and `counts()` are cheap at any size. `why` and `of_application` put into words what concerns a
    pair or an application. `exclusions` puts everything into words: fine for a round, large for a country.
    """

    application_ids: tuple[Id, ...]
    expert_ids: tuple[Id, ...]
    ground: Ground
    hits: tuple[Hits, ...]
    cleared: frozenset[tuple[int, int]]  # pairs declared free of conflict, by position in `ground`

    @property
    def identity(self) -> Identity:
        """Who was found to be who, what was merged and what is only likely."""
        return self.ground.identity

    def barred(self, mode: Mode) -> Matrix:
        """Pairs that may not be, applications x experts: hard, and in letter mode abstentions too."""
        forces = {Force.HARD, Force.ABSTAIN} if mode is Mode.LETTER else {Force.HARD}
        return self.matrix(lambda hit: hit.force in forces)

    def to_declare(self) -> Matrix:
        """Pairs that need a signed declaration (待声明) before a file is opened."""
        table = self.matrix(lambda hit: hit.force is Force.DECLARE)
        rows, columns = self._places()
        for a, e in self.cleared:
            table[rows[self.ground.applications[a].id], columns[self.ground.experts[e].id]] = False
        return table

    def matrix(self, keep: Callable[[Hits], bool]) -> Matrix:
        """The pairs of the hits to keep."""
        ground = self.ground
        table = np.zeros((len(ground.applications), len(ground.experts)), dtype=bool)
        grouped = np.zeros((int(ground.group_of.max(initial=-1)) + 1, len(ground.experts)), dtype=bool)
        for hit in filter(keep, self.hits):
            if hit.scope is Scope.PAIR:
                table[hit.row, hit.expert] = True
            elif hit.scope is Scope.GROUP:
                grouped[hit.row, hit.expert] = True
            elif hit.scope is Scope.EXPERT:
                table[:, hit.expert] = True
            else:
                table[hit.row] = True
        table |= grouped[ground.group_of]
        return np.asarray(table[np.ix_(*self._permutations)], dtype=np.bool_)

    def counts(self) -> dict[str, int]:
        """Pairs hit by each rule, whatever the force."""
        rules = sorted({hit.rule for hit in self.hits})
        return {rule: int(self.of_rule(rule).sum()) for rule in rules}

    def of_rule(self, rule: str) -> Matrix:
        """The pairs one rule hits, whatever the force."""
        return self.matrix(lambda hit: hit.rule == rule)

    def why(self, application: Id, expert: Id) -> tuple[Exclusion, ...]:
        """Everything found on one pair, in words. ProblemError for an unknown id."""
        return tuple(self._found(_place(self._rows, application), _place(self._columns, expert)))

    def of_application(self, application: Id) -> tuple[Exclusion, ...]:
        """Everything found on one application, by expert."""
        return tuple(self._found(_place(self._rows, application), None))

    def each(self) -> Iterator[Exclusion]:
        """Everything in words, one application at a time: in the order of ids, then by rule and sentence."""
        for row in range(len(self.application_ids)):
            yield from self._found(row, None)

    @cached_property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """Everything in words, made when first asked for."""
        return tuple(self.each())

    @cached_property
    def _rows(self) -> dict[Id, int]:
        return {a.id: i for i, a in enumerate(self.ground.applications)}

    @cached_property
    def _columns(self) -> dict[Id, int]:
        return {e.id: i for i, e in enumerate(self.ground.experts)}

    @cached_property
    def _permutations(self) -> tuple[Column, Column]:
        rows = np.array([self._rows[one] for one in self.application_ids], dtype=np.int64)
        return rows, np.array([self._columns[one] for one in self.expert_ids], dtype=np.int64)

    def _places(self) -> tuple[dict[Id, int], dict[Id, int]]:
        return (
            {one: i for i, one in enumerate(self.application_ids)},
            {one: i for i, one in enumerate(self.expert_ids)},
        )

    def _found(self, a: int, e: int | None) -> Iterator[Exclusion]:
        """Exclusions of an application (and an expert), sorted, each once."""
        found = {
            (place, hit.rule, hit.evidence(k), hit.force, hit.penalty)
            for hit in self.hits
            for k in self._slice(hit, a, e)
            for place in self._experts_of(hit, k, e)
            if hit.force is not Force.DECLARE or (a, place) not in self.cleared
        }
        for place, rule, evidence, force, penalty in sorted(found):
            ids = self.ground.applications[a].id, self.ground.experts[place].id
            yield Exclusion(*ids, rule, evidence, force, penalty)

    def _slice(self, hit: Hits, a: int, e: int | None) -> range:
        """Where the hits on an application (and an expert) stand in a sorted table."""
        row = {Scope.GROUP: int(self.ground.group_of[a]), Scope.EXPERT: 0}.get(hit.scope, a)
        low, high = (int(np.searchsorted(hit.row, row, side)) for side in ("left", "right"))
        if e is None or hit.scope is Scope.APPLICATION:
            return range(low, high)
        part = hit.expert[low:high]
        return range(
            low + int(np.searchsorted(part, e, "left")), low + int(np.searchsorted(part, e, "right"))
        )

    def _experts_of(self, hit: Hits, k: int, e: int | None) -> Iterable[int]:
        if hit.scope is not Scope.APPLICATION:
            return (int(hit.expert[k]),)
        return range(len(self.expert_ids)) if e is None else (e,)


def _place(places: dict[Id, int], one: Id) -> int:
    if one not in places:
        raise ProblemError(f"There is no application or expert {one!r} here.")
    return places[one]
