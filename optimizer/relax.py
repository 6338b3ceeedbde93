"""Relaxations (放宽方案): small sets of changes that each make the problem solvable, none of them in vain.

Conflicts are never offered for relaxing. What is offered: fewer seats, higher caps, experts lent from another
pool, lower minimum loads, a requirement lowered for one application.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from scipy.sparse import csr_array, hstack

from optimizer import flow
from optimizer import grid as grids
from optimizer.answer import completable
from optimizer.grid import Grid
from optimizer.problem import MOST_SEATS, Expert, Id, Problem
from optimizer.result import Change, Position, Relaxation, Shortage
from optimizer.watch import Watch

EVEN = 8  # extra turns up to which caps are raised evenly
ALL = "all"  # subject of a change to a rule of the whole group
REQUIREMENT = "requirement: "  # before the rule's name, in the kind of a change to it
OUTSIDE = "outside the city"  # the requirement's name in the grid
MOST_LENT = 1_000  # nobody lends more seats' worth of experts
LENT = "lent"  # id prefix of experts added on trial


def offers(
    problem: Problem,
    grid: Grid,
    seed: int,
    short: tuple[Shortage, ...],
    pins: tuple[Position, ...],
    watch: Watch,
    sure: bool = False,
) -> tuple[Relaxation, ...]:
    """Every kind of relaxation that works here, each re-solved before it is offered; fewer when time is up.

    `sure` says that all seats are filled and no assignment leaves fewer requirements unmet: then the partial
    assignment itself shows that lowering these to what they reach is enough, and that none of them is in vain.
    """
    trial = _Trial(problem, seed, pins, watch)
    loosened = _loosened(short)
    seats, caps, lent = (
        _fewer_seats(problem, short),
        _higher_caps(problem, grid, short),
        _lent_experts(trial, short),
    )
    # with fewer seats or turns the flow alone falls short, unless a minimum load holds turns elsewhere
    needed = not grid.least.any()
    found = [
        _sufficient(trial, seats if needed else (), loosened if needed else seats + loosened)
        if seats
        else (),
        _sufficient(trial, caps if needed else (), loosened if needed else caps + loosened) if caps else (),
        _sufficient(trial, (), lent + loosened) if lent else (),
    ]
    by_application = _as_reached(short) if sure else ()
    outside = _least_enough(trial, _outside(problem))
    found += [_least_enough(trial, _unit_caps(problem)), outside]
    by_application = by_application or _sufficient(trial, (), loosened)
    if not (outside and all(c.kind == f"{REQUIREMENT}{OUTSIDE}" for c in by_application)):
        found.append(by_application)
    return tuple(dict.fromkeys(Relaxation(_sentence(one), one) for one in found if one))


@dataclass(frozen=True, eq=False)
class _Trial:
    """Tries changes out by solving again."""

    problem: Problem
    seed: int
    pins: tuple[Position, ...]
    watch: Watch

    def holds(self, changes: tuple[Change, ...]) -> bool:
        """Whether the problem can be solved with the changes; not once time is up."""
        if self.watch.over:
            return False
        lowered = {
            (c.subject, c.kind.removeprefix(REQUIREMENT)): c.after
            for c in changes
            if c.kind.startswith(REQUIREMENT)
        }
        return complete(apply(self.problem, changes), self.seed, self.pins, lowered, self.watch)


def _least_enough(trial: _Trial, steps: list[Change]) -> tuple[Change, ...]:
    """The least of growing changes to a rule of the whole group that helps by itself."""
    if not steps or not trial.holds((steps[-1],)):
        return ()
    least = steps[bisect_left(steps, True, key=lambda one: trial.holds((one,)))]
    return () if trial.watch.over else (least,)


def _unit_caps(problem: Problem) -> list[Change]:
    """The unit cap raised by one, by two …"""
    cap, most = problem.policy.unit_cap, max((a.seats for a in problem.applications), default=0)
    most = min(most, len(problem.experts))
    return [] if cap is None else [Change("unit cap", ALL, cap, after) for after in range(cap + 1, most + 1)]


def _outside(problem: Problem) -> list[Change]:
    """One seat less from outside the city for the largest seating, then two …"""
    share, most = problem.policy.outside_share, max((a.seats for a in problem.applications), default=0)
    asked = -(-most * share.numerator // share.denominator)
    return [Change("outside", ALL, asked, after) for after in range(asked - 1, -1, -1)]


def apply(problem: Problem, changes: tuple[Change, ...]) -> Problem:
    """The problem with the changes made."""
    seats = {c.subject: c.after for c in changes if c.kind == "seats"}
    caps = {c.subject: c.after for c in changes if c.kind == "cap"}
    minima = {c.subject: c.after for c in changes if c.kind == "minimum"}
    applications = tuple(replace(a, seats=seats.get(a.id, a.seats)) for a in problem.applications)
    experts = tuple(
        replace(e, cap=caps.get(e.id, e.cap), minimum=minima.get(e.id, e.minimum)) for e in problem.experts
    )
    policy = problem.policy
    for change in changes:
        if change.kind == "unit cap":
            policy = replace(policy, unit_cap=change.after)
        elif change.kind == "outside":
            most = max(a.seats for a in problem.applications)
            policy = replace(policy, outside_share=Fraction(change.after, most))
    changed = replace(problem, applications=applications, experts=experts, policy=policy)
    return _with_lent(changed, [c for c in changes if c.kind == "lend"])


def without(problem: Problem, forbidden: tuple[Position, ...]) -> Problem:
    """The problem in which some pairs may not be."""
    if not forbidden:
        return problem
    barred = np.zeros(problem.shape, dtype=bool) if problem.barred is None else problem.barred.copy()
    barred[tuple(np.array(forbidden).T)] = True
    return replace(problem, barred=barred)


def complete(
    problem: Problem,
    seed: int = 0,
    pins: tuple[Position, ...] = (),
    lowered: Mapping[tuple[Id, str], int] = MappingProxyType({}),
    watch: Watch | None = None,
) -> bool:
    """Whether every seat can be filled and every requirement met, some of them lowered for an application."""
    grid = grids.build(problem, seed, pins)
    rules = []
    for rule in grid.requirements:
        enough = [lowered.get((problem.applications[p].id, rule.name), MOST_SEATS) for p in grid.papers]
        least = np.minimum(rule.least, np.maximum(np.array(enough, dtype=np.int64) - rule.held, 0))
        rules.append(replace(rule, least=least))
    return completable(replace(grid, requirements=tuple(rules)), watch or Watch())


def _sufficient(trial: _Trial, needed: tuple[Change, ...], others: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes known to be needed and of the others those that are; nothing if all together do not help."""
    changes = needed + others
    if not changes or not trial.holds(changes):
        return ()
    kept, blocks = others, [others]
    while blocks:  # halves, so that many that are not needed go at once
        block = blocks.pop()
        rest = tuple(c for c in kept if c not in block)
        if trial.holds(needed + rest):
            kept = rest
        elif len(block) > 1:
            blocks += [block[: len(block) // 2], block[len(block) // 2 :]]
    for change in kept:
        weaker = _weaker(change)
        enough = bisect_left(
            weaker,
            True,
            key=lambda one: trial.holds(needed + tuple(one if c == change else c for c in kept)),
        )
        kept = tuple(weaker[enough] if c == change and enough < len(weaker) else c for c in kept)
    return () if trial.watch.over else needed + kept


def _weaker(change: Change) -> list[Change]:
    """Each smaller change of the same kind, the smallest first: where one is enough, so is every greater one."""
    if change.kind not in ("seats", "cap", "minimum") and not change.kind.startswith(REQUIREMENT):
        return []
    step = 1 if change.after > change.before else -1
    return [replace(change, after=value) for value in range(change.before + step, change.after, step)]


def _fewer_seats(problem: Problem, short: tuple[Shortage, ...]) -> tuple[Change, ...]:
    seats = {a.id: a.seats for a in problem.applications}
    return tuple(
        Change("seats", s.subject, seats[s.subject], seats[s.subject] - (s.wanted - s.reached))
        for s in short
        if s.kind == "seats"
    )


def _higher_caps(problem: Problem, grid: Grid, short: tuple[Shortage, ...]) -> tuple[Change, ...]:
    """The fewest extra turns that fill every seat: overtime arcs at cost 1 beside the experts' own."""
    pairs = grid.all_pairs()
    if not any(s.kind == "seats" for s in short) or pairs.size == 0:
        return ()
    net = flow.network(grid, pairs, np.zeros(pairs.size, dtype=np.int64))
    n, m = grid.shape
    room = np.maximum(n - grid.cap, 0)
    steps = np.minimum(room, EVEN)
    expert = np.r_[
        np.repeat(np.arange(m), steps), np.arange(m)
    ]  # a few single turns, then all the rest at once
    rank = np.r_[np.arange(steps.sum()) - np.repeat(np.cumsum(steps) - steps, steps), np.full(m, EVEN)]
    widened = replace(
        net,
        tail=np.r_[net.tail, (expert + n).astype(np.int32)],
        head=np.r_[net.head, np.full(len(expert), n + m, np.int32)],
        room=np.r_[net.room, np.ones(steps.sum(), np.int64), room - steps],
        cost=np.r_[net.cost, 1_000_000 + rank],  # the number of turns first, then evenly
    )
    answer = flow.solve(widened)
    if answer is None:
        return ()
    extra = np.bincount(expert, weights=answer[-len(expert) :], minlength=m).astype(int)
    experts = [(problem.experts[grid.experts[r]], int(extra[r])) for r in np.flatnonzero(extra)]
    return tuple(Change("cap", e.id, e.cap, e.cap + more) for e, more in experts)


def _lent_experts(trial: _Trial, short: tuple[Shortage, ...]) -> tuple[Change, ...]:
    """As many experts from elsewhere as needed, each with the usual cap and free of conflict."""
    lacking = [s.wanted - s.reached for s in short if s.kind == "seats"]
    if not 0 < sum(lacking) <= MOST_LENT:
        return ()
    caps = [e.cap for e in trial.problem.experts if e.cap > 0]
    cap = max(1, int(np.median(caps))) if caps else max(lacking)
    fewest = -(-sum(lacking) // cap)
    enough = bisect_left(range(sum(lacking)), True, lo=fewest, key=lambda n: trial.holds(_lent(n, cap)))
    return _lent(enough, cap)


def _lent(count: int, cap: int) -> tuple[Change, ...]:
    return tuple(Change("lend", f"{LENT}-{k + 1}", 0, cap) for k in range(count))


def _loosened(short: tuple[Shortage, ...]) -> tuple[Change, ...]:
    found = []
    for one in short:
        if one.kind == "minimum":
            found.append(Change("minimum", one.subject, one.wanted, one.reached))
        elif one.kind == "requirement":
            found.append(Change(f"{REQUIREMENT}{one.rule}", one.subject, one.wanted, 0))
    return tuple(found)


def _as_reached(short: tuple[Shortage, ...]) -> tuple[Change, ...]:
    """Each requirement lowered to what the partial assignment reaches; nothing if anything else is short."""
    if any(one.kind != "requirement" for one in short):
        return ()
    return tuple(Change(f"{REQUIREMENT}{one.rule}", one.subject, one.wanted, one.reached) for one in short)


def _with_lent(problem: Problem, changes: list[Change]) -> Problem:
    """The problem with experts from elsewhere: free of conflict, of every role, from outside the city."""
    if not changes:
        return problem
    n, m = problem.shape
    roles = tuple(rule.role for rule in problem.policy.composition)
    lent = tuple(
        Expert(c.subject if problem.named else m + k, c.after, roles=roles, outside=True)
        for k, c in enumerate(changes)
    )
    scores, new = problem.scores, (n, len(lent))
    if isinstance(scores, csr_array):
        scores = csr_array(hstack([scores, csr_array(np.full(new, 1e-12))], format="csr"))
    else:
        scores = np.c_[scores, np.zeros(new)]
    barred = None if problem.barred is None else np.c_[problem.barred, np.zeros(new, dtype=bool)]
    return replace(problem, experts=(*problem.experts, *lent), scores=scores, barred=barred, parts={})


def _sentence(changes: tuple[Change, ...]) -> str:
    parts = []
    lent = Counter(c.after for c in changes if c.kind == "lend")
    for cap, count in lent.items():
        who = "one expert" if count == 1 else f"{count} experts"
        parts.append(f"lend {who} from another pool, free of conflict, for up to {cap} applications each")
    words = {
        "seats": "{s}: {b} → {a} seats",
        "cap": "raise the cap of {s} from {b} to {a}",
        "minimum": "lower the minimum load of {s} from {b} to {a}",
        "unit cap": "raise the unit cap from {b} to {a}",
        "outside": "ask for {a} instead of {b} from outside the city",
    }
    for change in changes:
        if change.kind in words:
            parts.append(words[change.kind].format(s=change.subject, b=change.before, a=change.after))
        elif change.kind != "lend":
            rule = change.kind.removeprefix(REQUIREMENT)
            parts.append(f"waive {rule!r} for {change.subject}: {change.before} → {change.after}")
    text = "; ".join(parts)
    return text[:1].upper() + text[1:] + "."
