"""From instance to list of lots (求解): pure, no database. The worker runs it outside any transaction.

The panels of the group are split and chosen (`optimizer.panels`), then a list of complete panels near the optimum is
made, hashed and committed (`optimizer.draw`), each with its ordered backups and its reasons. Drawing lots later
only picks from the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from engine.reviewing import posing
from optimizer import draw, fit, instance, lottery, panels
from optimizer import grid as grids
from optimizer import solve as solver
from optimizer.backups import substitutes
from optimizer.errors import ProblemError
from optimizer.problem import Force, Mode, Problem
from optimizer.result import Position, Result, Standing
from optimizer.watch import Watch

BETTER = 5
"""Better-fitting experts who were not chosen, named for each seat at most."""
Wish = tuple[int | None, int]
"""A pinned expert: the application whose panel (None: the only one) and the account."""


@dataclass(frozen=True)
class Solved:
    """What the worker writes back: the proven answer, the stored list, and each listed panel in seats."""

    status: str
    result: dict[str, Any]
    lottery: dict[str, Any] | None
    listed: list[list[dict[str, Any]]]


def solve(
    told: Mapping[str, Any], settings: Mapping[str, Any], pins: Sequence[Wish], secret: str, watch: Watch
) -> Solved:
    """Choose the panels, make the list and explain it; `short` with relaxations where seats stay empty.

    ProblemError when a pin is in conflict or no answer was found before the watch ended it.
    """
    problem = instance.trusted(told, posing.digest(told))
    split = _split(problem)
    fixed = _pinned(problem, split, pins)
    best = _best(problem, split, fixed, watch)
    if best.status is Standing.INFEASIBLE:
        if watch.over:
            raise ProblemError("求解被中止，还没有找到完整的专家组。")
        return Solved("short", instance.result_json(best), None, [])
    seating = problem if _by_letter(problem) else panels.seating_problem(problem, split)
    chosen = _seated(problem, best)
    total, worst = grids.worth(seating, chosen)
    start = replace(best, total=total, worst=worst, positions=chosen)
    asked = float(Fraction(settings["pair_probability"]))
    made = lottery.lottery(seating, start, asked, 0, watch, fixed)
    stored = draw.stored_form(seating, made, secret) | {"asked": asked, "had": made.largest <= asked + 1e-6}
    chances = _chances(made)
    explained = _Reasons(
        problem, seating, split, _parts(problem, settings), chances, int(settings["backups"])
    )
    listed = [explained.seats(positions) for positions in made.assignments]
    stored["seats_sha256"] = posing.digest(
        {"listed": listed}
    )  # the backups too are fixed before the seed exists
    return Solved("ready", instance.result_json(best) | {"best": explained.seats(chosen)}, stored, listed)


def forced(
    told: Mapping[str, Any],
    panels_drawn: Sequence[Sequence[int]],
    pins: Sequence[Wish],
    part: int,
    account: int,
    watch: Watch,
) -> Result:
    """The same panels solved again with an expert who must sit in one of them (part 1 is the first)."""
    problem = instance.trusted(told, posing.digest(told))
    row = {a.id: i for i, a in enumerate(problem.applications)}
    split = tuple(tuple(row[case] for case in one) for one in panels_drawn)
    column = {e.id: r for r, e in enumerate(problem.experts)}
    must = {*_pinned(problem, split, pins), (part - 1, column[account])}
    return _best(problem, split, tuple(sorted(must)), watch)


def _by_letter(problem: Problem) -> bool:
    return problem.policy.mode is Mode.LETTER


def _split(problem: Problem) -> tuple[panels.Panel, ...]:
    """Which applications are read by the same people: the panels, or in letter review each one by its own."""
    if _by_letter(problem):
        return tuple((i,) for i in range(len(problem.applications)))
    return panels.split(problem)


def _best(
    problem: Problem, split: tuple[panels.Panel, ...], pins: tuple[Position, ...], watch: Watch
) -> Result:
    """The proven answer, told in panels; in letter review each application and its experts are one."""
    if not _by_letter(problem):
        return panels.solve(problem, watch=watch, given=split, pins=pins)
    found = solver.solve(problem, watch=watch, pins=pins)
    told = [
        {
            "id": p + 1,
            "group": one.group,
            "applications": [one.id],
            "members": [problem.experts[r].id for paper, r in found.positions if paper == p],
        }
        for p, one in enumerate(problem.applications)
    ]
    return replace(found, panels=tuple(told))


def _pinned(problem: Problem, split: Sequence[panels.Panel], pins: Sequence[Wish]) -> tuple[Position, ...]:
    row = {a.id: i for i, a in enumerate(problem.applications)}
    column = {e.id: r for r, e in enumerate(problem.experts)}
    found = []
    for case_id, account in pins:
        where = 0 if case_id is None else next(k for k, one in enumerate(split) if row[case_id] in one)
        found.append((where, column[account]))
    return tuple(sorted(set(found)))


def _seated(problem: Problem, best: Result) -> tuple[Position, ...]:
    column = {e.id: r for r, e in enumerate(problem.experts)}
    return tuple(sorted((k, column[who]) for k, one in enumerate(best.panels) for who in one["members"]))


def _chances(made: lottery.Lottery) -> dict[Position, float]:
    held: dict[Position, int] = {}
    for positions, tickets in zip(made.assignments, made.tickets, strict=True):
        for pair in positions:
            held[pair] = held.get(pair, 0) + tickets
    return {pair: count / lottery.TICKETS for pair, count in held.items()}


def _parts(problem: Problem, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    table = dict(settings["weights"])
    prefixes = tuple((int(digits), float(worth)) for digits, worth in table.pop("prefixes"))
    weights = fit.Weights(**{name: float(one) for name, one in table.items()}, prefixes=prefixes)
    return fit.score(problem.applications, problem.experts, weights).parts


@dataclass(frozen=True, eq=False)
class _Reasons:
    """Puts a seating into rows with their reasons."""

    problem: Problem
    seating: Problem
    split: Sequence[panels.Panel]
    parts: Mapping[str, Any]
    chances: Mapping[Position, float]
    backups: int

    def seats(self, positions: tuple[Position, ...]) -> list[dict[str, Any]]:
        """One row for each seat of a seating, in panel order, the best fit first."""
        spare = substitutes(self.seating, positions, self.backups, fresh=True)
        rows = []
        for k in range(len(self.split)):
            ranked = self._rankings[k]
            mine = sorted((r for panel, r in positions if panel == k), key=ranked.index)
            rows += [self._seat(k, r, ranked, mine, positions, spare[k, r]) for r in mine]
        return rows

    @cached_property
    def _rankings(self) -> list[list[int]]:
        """For each panel all who could sit in it, the best fit first."""
        return [self._ranking(k) for k in range(len(self.split))]

    def _ranking(self, k: int) -> list[int]:
        barred = self.seating.barred
        free = [
            r
            for r, e in enumerate(self.seating.experts)
            if (e.cap > 0 and not (barred is not None and barred[k, r])) or (k, r) in self.chances
        ]
        values = grids.effective_scores(self.seating, tuple((k, r) for r in free))
        return [free[i] for i in np.argsort(-values, kind="stable")]

    def _seat(
        self,
        k: int,
        r: int,
        ranked: list[int],
        mine: list[int],
        positions: tuple[Position, ...],
        spare: list[int],
    ) -> dict[str, Any]:
        served = list(self.split[k])
        better = [one for one in ranked[: ranked.index(r)] if one not in mine][:BETTER]
        return {
            "part": k + 1,
            "account": self.seating.experts[r].id,
            "cases": self._read(k, r),
            "score": round(self.seating.score(k, r) / len(served), 6),
            "parts": {name: round(float(table[served, r].mean()), 6) for name, table in self.parts.items()},
            "rank": ranked.index(r) + 1,
            "eligible": len(ranked),
            "chance": round(self.chances.get((k, r), 0.0), 6),
            "backups": [self.seating.experts[one].id for one in spare],
            "better": [
                {"account": self.seating.experts[one].id, "rule": self._kept_out(k, one, positions)}
                for one in better
            ],
        }

    def _read(self, k: int, r: int) -> list[Any]:
        """The applications of a panel this member reads: all but those to abstain on."""
        who = self.problem.experts[r].id
        abstained = {
            h.application for h in self.problem.exclusions if h.force is Force.ABSTAIN and h.expert == who
        }
        ids = [self.problem.applications[i].id for i in self.split[k]]
        return [one for one in ids if one not in abstained]

    def _kept_out(self, k: int, r: int, positions: tuple[Position, ...]) -> str:
        """Why a better fit is not in this seating: cap, unit, composition, or only the lots."""
        expert, policy = self.seating.experts[r], self.seating.policy
        if sum(one == r for _, one in positions) >= expert.cap:
            return "cap"
        mates = [
            one
            for panel, one in positions
            if panel == k and set(expert.units) & set(self.seating.experts[one].units)
        ]
        if policy.unit_cap is not None and len(mates) >= policy.unit_cap:
            return "unit"
        return "lots" if self.chances.get((k, r)) else "composition"


def claims(
    told: Mapping[str, Any], seats: Sequence[Mapping[str, Any]], split: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """A seating in the form the verifier checks: pairs, and the panels they follow from where there are any."""
    claimed = {
        "status": "feasible",
        "pairs": [[case, seat["account"]] for seat in seats for case in seat["cases"]],
        "certificate": {"input_sha256": posing.digest(told)},
    }
    if told["policy"]["mode"] == Mode.LETTER:
        return claimed
    members = {k + 1: [seat["account"] for seat in seats if seat["part"] == k + 1] for k in range(len(split))}
    written = [
        {"id": k + 1, "applications": list(one), "members": members[k + 1]} for k, one in enumerate(split)
    ]
    return claimed | {"panels": written}
