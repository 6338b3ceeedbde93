"""When there is no complete assignment (无法满编): the best partial one, what is short, and what would help.

First as many seats as possible, then as few unmet requirements as possible, then the objective. Each relaxation
offered (`relax`) has been applied and solved again before it is named.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.sparse import block_array, csr_array

from optimizer import flow, mip, pricing, relax, rows
from optimizer import grid as grids
from optimizer import levels as lv
from optimizer.certificate import certify
from optimizer.grid import Floats, Grid, Ints, Mask, Pairs
from optimizer.problem import Problem
from optimizer.result import Objective, Position, Result, Shortage, Stage, Standing
from optimizer.watch import Watch

BRIEF = 15.0  # seconds spent on the worst application of a partial assignment, at most
FEW_ENOUGH = 60_000  # pairs up to which the worst application of a partial assignment is raised as well


def partial(
    problem: Problem,
    grid: Grid,
    objective: Objective,
    count: int,
    seed: int,
    watch: Watch,
    pins: tuple[Position, ...],
    forbidden: tuple[Position, ...] = (),
) -> Result:
    """The best partial assignment with its shortages and the relaxations that would make it complete."""
    pairs = grid.all_pairs()
    half = Watch(watch.remaining / 2, watch.cancelled, watch.tell)  # the rest is for what would help
    taken, missed = _fullest(grid, pairs, count, half)
    positions = grids.positions_of(grid, pairs, taken, pins)
    total, worst = grids.worth(problem, positions)
    short = shortages(problem, grid, pairs, taken, missed, pins)
    unfilled = float(grid.seats.sum() - taken.sum())
    stages = (
        Stage("unfilled seats", unfilled, unfilled),
        Stage("unmet requirements", float(sum(missed.values())), float(sum(missed.values()))),
    )
    return Result(
        Standing.INFEASIBLE,
        total,
        worst,
        None,
        None,
        tuple((problem.applications[p].id, problem.experts[r].id) for p, r in positions),
        positions,
        stages,
        short,
        relax.offers(
            relax.without(problem, forbidden),
            grid,
            seed,
            short,
            pins,
            watch,
            unfilled == 0 and sum(missed.values()) == _surely_unmet(grid, pairs),
        ),
        round(watch.seconds, 4),
        certify(problem, grid, objective, count, seed, stages, positions, None),
    )


def shortages(
    problem: Problem,
    grid: Grid,
    pairs: Pairs,
    taken: Mask,
    missed: dict[tuple[str, int, int], int],
    pins: tuple[Position, ...] = (),
) -> tuple[Shortage, ...]:
    """What is short, application by application, in input order; pinned pairs count as filled."""
    pinned = np.bincount([p for p, _ in pins], minlength=len(problem.applications))[grid.papers]
    filled = np.bincount(pairs.p[taken], minlength=grid.shape[0]) + pinned
    eligible = np.bincount(pairs.p, minlength=grid.shape[0]) + pinned
    wanted = grid.seats + pinned
    found = []
    for p in np.argsort(grid.papers):
        if filled[p] < wanted[p]:
            who = problem.applications[grid.papers[p]].id
            cause = (
                "too few experts are free of conflict"
                if eligible[p] < wanted[p]
                else "the eligible experts are at their cap"
            )
            found.append(
                Shortage(
                    "seats",
                    who,
                    int(wanted[p]),
                    int(filled[p]),
                    f"Application {who} gets {filled[p]} of {wanted[p]} experts: "
                    f"{eligible[p]} are eligible, and {cause}.",
                    eligible=int(eligible[p]),
                )
            )
    for (kind, owner, which), lack in sorted(missed.items()):
        found.append(_unmet(problem, grid, kind, owner, which, lack))
    return (*found, *_overfull(problem, grid))


def _overfull(problem: Problem, grid: Grid) -> Iterator[Shortage]:
    """Rules that pinned pairs break already."""
    for rule in grid.requirements:
        for p in np.flatnonzero(rule.most < 0):
            who, held, most = problem.applications[grid.papers[p]].id, int(rule.held[p]), int(rule.most[p])
            yield Shortage(
                "excess",
                who,
                held + most,
                held,
                f"Application {who} may have {held + most} of {rule.name}, but {held} are fixed.",
                rule.name,
            )


def _unmet(problem: Problem, grid: Grid, kind: str, owner: int, which: int, lack: int) -> Shortage:
    if kind == "minimum":
        expert = problem.experts[grid.experts[owner]].id
        least = int(grid.least[owner])
        return Shortage(
            "minimum",
            expert,
            least,
            least - lack,
            f"Expert {expert} gets {least - lack} applications, fewer than the minimum of {least}.",
        )
    rule = grid.requirements[which]
    who = problem.applications[grid.papers[owner]].id
    least = int(rule.least[owner] + rule.held[owner])
    return Shortage(
        "requirement",
        who,
        least,
        least - lack,
        f"Application {who} needs {least} of {rule.name} and gets {least - lack}.",
        rule.name,
    )


def _fullest(
    grid: Grid, pairs: Pairs, count: int, watch: Watch
) -> tuple[Mask, dict[tuple[str, int, int], int]]:
    """Most seats, fewest unmet requirements, then the objective; and what stays unmet."""
    if pairs.size == 0:
        return np.zeros(0, dtype=bool), _missed_all(grid)
    full = _most_seats(grid, pairs, grid.weights(pairs))
    if grid.nested and not grid.least.any():
        if count == 0 or pairs.size > FEW_ENOUGH:
            return full, {}
        brief = Watch(min(BRIEF, watch.remaining), watch.cancelled, watch.tell)
        fair, missed = _stages(grid, pairs, full, count, brief)
        better = fair.sum() == full.sum() and _rank(grid, pairs, fair) > _rank(grid, pairs, full)
        return (fair, missed) if better else (full, {})
    if pairs.size <= FEW_ENOUGH:
        return _stages(grid, pairs, full, count, watch)
    near = full | _among(grid, pairs, pricing.first_pairs(grid)[0])
    few, missed = _stages(grid, pairs.only(near), full[near], 0, watch)
    taken = np.zeros(pairs.size, dtype=bool)
    taken[near] = few
    if taken.sum() == full.sum() or watch.over:  # no assignment fills more seats than the flow
        return taken, missed
    return _stages(grid, pairs, full, 0, watch)


def _most_seats(grid: Grid, pairs: Pairs, worth: Ints) -> Mask:
    """The flow that fills the most seats, of those the one worth most; requirements and least loads are not asked."""
    net = flow.network(replace(grid, least=np.zeros_like(grid.least)), pairs, -worth)
    return flow.chosen(net, flow.solve_as_full_as_possible(net))


def _among(grid: Grid, pairs: Pairs, some: Pairs) -> Mask:
    """Which pairs are among some of them."""
    width = grid.shape[1]
    return np.asarray(
        np.isin(pairs.p.astype(np.int64) * width + pairs.r, some.p.astype(np.int64) * width + some.r)
    )


def _rank(grid: Grid, pairs: Pairs, taken: Mask) -> tuple[float, float]:
    found = lv.sums(grid, pairs, taken)
    return round(float(found.min()), 9), float(found.sum())


def _stages(
    grid: Grid, pairs: Pairs, start: Mask, count: int, watch: Watch
) -> tuple[Mask, dict[tuple[str, int, int], int]]:
    """Stage after stage by mixed-integer programs, each holding what those before have reached.

    `start` fills the most seats that caps allow; of it what breaks no rule is the answer when there is no time.
    """
    model = _filled(grid, pairs, start, watch)
    if count and pairs.size <= FEW_ENOUGH and grid.shape[0]:
        model.raise_worst(watch)
    values = model.best(np.r_[pairs.score, np.zeros(model.misses)], watch, "total")
    return values[: pairs.size] > 0.5, model.missed(values)


def _filled(grid: Grid, pairs: Pairs, start: Mask, watch: Watch) -> "_Elastic":
    """The model of a partial assignment held to the most seats and the fewest unmet requirements."""
    model = _Elastic(grid, pairs, start)
    seats = np.r_[np.ones(pairs.size), np.zeros(model.misses)]
    if seats @ model.last < start.sum():  # the rules took some of them away
        model.best(seats, watch, "seats")
    model.keep_seats(int(np.rint(seats @ model.last)))
    if model.misses:
        lack = np.r_[np.zeros(pairs.size), -np.ones(model.misses)]
        values = model.best(lack, watch, "requirements")
        model.keep(lack, -np.rint(values[pairs.size :].sum()))
    return model


def most_kept(grid: Grid, pairs: Pairs, kept: Mask, watch: Watch) -> Mask:
    """Of the fullest assignments with the fewest unmet requirements one that keeps the most pairs."""
    if pairs.size == 0:
        return kept
    full = _most_seats(grid, pairs, kept.astype(np.int64))
    if grid.nested and not grid.least.any():
        return full
    model = _filled(grid, pairs, full, watch)
    values = model.best(np.r_[kept.astype(float), np.zeros(model.misses)], watch, "kept")
    return np.asarray(values[: pairs.size] > 0.5)


def _missed_all(grid: Grid) -> dict[tuple[str, int, int], int]:
    found = {("minimum", int(r), 0): int(grid.least[r]) for r in np.flatnonzero(grid.least)}
    for k, rule in enumerate(grid.requirements):
        found |= {("requirement", int(p), k): int(rule.least[p]) for p in np.flatnonzero(rule.least)}
    return found


def _surely_unmet(grid: Grid, pairs: Pairs) -> int:
    """How many requirements stay unmet whatever is done: what a flow to each rule's members alone leaves, added up."""
    found = 0
    for rule in grid.requirements:
        members = pairs.only(rule.members[pairs.r])
        alone = replace(grid, seats=rule.least, requirements=())
        none = np.zeros(members.size, dtype=np.int64)
        met = _most_seats(alone, members, none).sum() if members.size else 0
        found += int(rule.least.sum() - met)
    return found


class _Elastic:
    """A seat model in which seats may stay empty, and each least number carries a column for what it lacks."""

    def __init__(self, grid: Grid, pairs: Pairs, start: Mask) -> None:
        self.grid, self.pairs = grid, pairs
        blocks = rows.seat_rows(grid, pairs)
        stacked = rows.stack(blocks)
        self.low, self.high = stacked.low.copy(), np.maximum(stacked.high, 0.0)  # too many may be pinned
        self.low[: grid.shape[0]] = -np.inf  # the first block holds the seats
        self.wanted = np.flatnonzero(np.isfinite(self.low) & (self.low > 0))
        self.misses = len(self.wanted)
        self.last = self._lawful(stacked.matrix, start)
        lack = csr_array(
            (np.ones(self.misses), (self.wanted, np.arange(self.misses))), shape=(len(self.low), self.misses)
        )
        self.matrix = csr_array(block_array([[stacked.matrix, lack]], format="csr"))
        kinds = np.repeat(
            [{"caps": "minimum"}.get(k, k) for k in stacked.kind], [len(o) for o in stacked.owner]
        )
        owner, column = np.concatenate(stacked.owner), np.concatenate(stacked.column)
        self.names = [(str(kinds[i]), int(owner[i]), int(column[i])) for i in self.wanted]
        # a lacking column may not push a row over its top: the row's top without it is kept as a row of its own
        if self.misses:
            capped = csr_array(
                block_array([[stacked.matrix[self.wanted], csr_array((self.misses, self.misses))]])
            )
            self.matrix = csr_array(block_array([[self.matrix], [capped]], format="csr"))
            self.low = np.r_[self.low, np.full(self.misses, -np.inf)]
            self.high = np.r_[
                np.where(np.isin(np.arange(len(self.high)), self.wanted), np.inf, self.high),
                self.high[self.wanted],
            ]

    def _lawful(self, matrix: csr_array, start: Mask) -> Floats:
        """The pairs to start with, less those beyond what a rule allows, and what each least number then lacks."""
        taken, table = np.zeros(self.pairs.size), csr_array(matrix.T)
        held = np.zeros(len(self.high))
        for k in np.flatnonzero(start):
            rules = table.indices[table.indptr[k] : table.indptr[k + 1]]
            if (held[rules] < self.high[rules]).all():
                taken[k] = 1.0
                held[rules] += 1.0
        lack: Floats = np.maximum(self.low - held, 0.0)[self.wanted]
        return np.asarray(np.r_[taken, lack])

    def best(self, objective: Floats, watch: Watch, stage: str) -> Floats:
        """Solve for one objective under everything kept so far; the last answer where there is no time."""
        width = self.matrix.shape[1]
        upper = np.r_[np.ones(self.pairs.size), np.full(width - self.pairs.size, np.inf)]
        whole = np.ones(width, dtype=bool)
        answer = mip.solve(
            mip.Model(
                np.r_[objective, np.zeros(width - len(objective))],
                upper,
                whole,
                self.matrix,
                self.low,
                self.high,
            ),
            watch,
            stage,
        )
        if len(answer.values):
            self.last = answer.values
        return self.last

    def keep(self, objective: Floats, value: float) -> None:
        """From now on the objective must reach this value."""
        row = csr_array(np.r_[objective, np.zeros(self.matrix.shape[1] - len(objective))][None, :])
        self.matrix = csr_array(block_array([[self.matrix], [row]], format="csr"))
        self.low, self.high = np.r_[self.low, value], np.r_[self.high, np.inf]

    def keep_seats(self, count: int) -> None:
        """From now on so many seats are filled; all of them, application by application, which is solved far sooner."""
        n = self.grid.shape[0]
        if count == self.grid.seats.sum():
            self.low[:n] = self.grid.seats
        else:
            self.keep(np.r_[np.ones(self.pairs.size), np.zeros(self.misses)], count)

    def raise_worst(self, watch: Watch) -> None:
        """Raise the worst paper's sum as far as it goes, and keep it there."""
        n = self.grid.shape[0]
        papers: Ints = np.arange(n)
        floor = rows.floor_rows(self.grid, self.pairs, papers, np.zeros(n))
        rest = csr_array((n, self.misses))
        matrix = block_array(
            [[self.matrix, None], [block_array([[floor.matrix, rest]]), csr_array(-np.ones((n, 1)))]]
        )
        width = self.matrix.shape[1]
        far = self.grid.reach
        model = mip.Model(
            np.r_[np.zeros(width), 1.0],
            np.r_[np.ones(self.pairs.size), np.full(self.misses, np.inf), far],
            np.r_[np.ones(width, dtype=bool), False],
            csr_array(matrix),
            np.r_[self.low, floor.low],
            np.r_[self.high, floor.high],
            np.r_[np.zeros(width), -far],
        )
        answer = mip.highest(model, width, watch, "worst")
        if len(answer.values):
            taken = answer.values[: self.pairs.size] > 0.5
            worst = float(lv.sums(self.grid, self.pairs, taken).min())
            self.matrix = csr_array(
                block_array([[self.matrix], [block_array([[floor.matrix, rest]])]], format="csr")
            )
            self.low = np.r_[self.low, worst - 1e-9 - self.grid.base]
            self.high = np.r_[self.high, np.full(n, np.inf)]

    def missed(self, values: Floats) -> dict[tuple[str, int, int], int]:
        """What each least number lacks in a solution."""
        lack = np.rint(values[self.pairs.size : self.pairs.size + self.misses]).astype(int)
        return {name: int(one) for name, one in zip(self.names, lack, strict=True) if one > 0}
