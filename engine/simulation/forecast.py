"""Forecast (推演): the live cases played on to their ends, through the version in force and through an edit of it.

Every running case goes on from where it stands, in memory, many times over: outcomes are drawn as they fell in
the past, each step waits as long as it did in the past, and time limits pass when they pass first. A step without
a past waits half its limit and takes its ordinary way, any of its ways when it comes round again. Both runs throw
the same dice, so that what differs is the diagram. What comes out are figures for plots: cycle time, waiting at
each step, workload of each role.
"""

import heapq
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from engine import policy
from engine.bpmn import expressions, spiff
from engine.bpmn.model import Element
from engine.cases.models import Message, Process, ProcessState, Waiting, WorkItem
from engine.change.feasibility import Passage
from engine.change.heat import rank
from engine.change.migrating import carried
from engine.change.playing import Answer, Script, move, ordinary
from engine.clock import Calendar, Limit, load_calendar, local_day, readable_limit
from engine.errors import KeguanError
from engine.people.roles import role_for_lane
from engine.procedures import versions
from engine.procedures.versions import Procedure

MOST_PLAYS = 200
"""Plays on one side of a forecast, so that a large portfolio is answered in seconds: its many cases even out
what fewer plays of each would leave to chance."""
MOST_STEPS = 120
"""Steps one case may take in one play; a case with every loop taken twice needs sixty."""
USUAL_LIMIT = 5
"""Working days, for a step whose limit cannot be told from policy alone: about the median of all limits."""


@dataclass(frozen=True)
class Outlook:
    """What becomes of the live cases on one version.

    `cycle_days` are the working days from today to the end, one for each play of each case; `waiting` the median
    working days at each step (by name); `workload` the steps each role finishes in each of `months`, per play.
    """

    cases: int
    stopped: int
    cycle_days: tuple[int, ...]
    cycle_p50: int | None
    cycle_p90: int | None
    waiting: Mapping[str, int]
    workload: Mapping[str, tuple[float, ...]]
    months: tuple[str, ...]
    outcomes: Mapping[str, int]


@dataclass(frozen=True)
class Forecast:
    """The portfolio through both versions; `left_out` cases could not be carried over to the edited one."""

    old: Outlook
    new: Outlook
    left_out: int


@dataclass(frozen=True)
class _Past:
    """How steps went so far: waits in working days by element, outcomes by element or name of the message."""

    days: Mapping[str, Sequence[int]]
    outcomes: Mapping[str, Sequence[str]]


@dataclass
class _Run:
    """Everything counted while the cases are played."""

    cycle: list[int] = field(default_factory=list)
    waits: dict[str, list[int]] = field(default_factory=dict)
    work: Counter[tuple[str, str]] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    stopped: int = 0


def forecast(
    session: Session,
    key: str,
    files: Mapping[str, bytes],
    *,
    now: datetime,
    runs: int = 20,
    seed: int = 1,
) -> Forecast:
    """Play every live case of a procedure on to its end, on the version it runs and on the closure in `files`.

    Each case `runs` times, fewer where that would be more than `MOST_PLAYS`. Raises Unusable when the engine cannot
    read the files.
    """
    after = versions.assemble(versions.closure(files, key), key)
    past, calendar = _past(session, load_calendar(session)), load_calendar(session)
    values, today = policy.values(session, local_day(now)), local_day(now)
    pairs = [((passage.old, state), _over(passage, state)) for passage, state in _saved(session, key, after)]
    both = [(standing, (after, other)) for standing, other in pairs if other is not None]
    turns = max(1, min(runs, MOST_PLAYS // max(len(both), 1)))
    outlooks = []
    for side in (0, 1):
        run = _Run()
        for number, (procedure, state) in enumerate(pair[side] for pair in both):
            for turn in range(turns):
                dice = random.Random(f"{seed}/{number}/{turn}")  # noqa: S311
                _Play(procedure, past, calendar, values, dice, run).go(state, today)
        outlooks.append(_outlook(run, len(both), turns))
    return Forecast(outlooks[0], outlooks[1], len(pairs) - len(both))


def _saved(session: Session, key: str, after: Procedure) -> list[tuple[Passage, bytes]]:
    """The states of the live cases, each with the way over from the version it runs."""
    statement = (
        select(Process.version, ProcessState.state)
        .join(Process, (col(Process.id) == ProcessState.process_id))
        .where(
            Process.key == key,
            col(Process.ended_at).is_(None),
            ProcessState.revision == Process.revision,
        )
        .order_by(col(Process.id))
    )
    rows = list(session.exec(statement))
    passages = {name: Passage(versions.load(session, name), after) for name in {name for name, _ in rows}}
    return [(passages[name], state) for name, state in rows]


def _over(passage: Passage, state: bytes) -> bytes | None:
    try:
        return carried(passage, state)
    except KeguanError:
        return None


def _past(session: Session, calendar: Calendar) -> _Past:
    """Waits and outcomes of every finished step, whatever procedure it was in."""
    days: dict[str, list[int]] = {}
    outcomes: dict[str, list[str]] = {}
    columns = select(WorkItem.element, WorkItem.opened_at, WorkItem.closed_at, WorkItem.outcome)
    for element, opened, closed, outcome in session.exec(columns.where(WorkItem.status == "done")):
        if closed is not None:
            wait = calendar.working_days_between(local_day(opened), local_day(closed))
            days.setdefault(element, []).append(wait)
        outcomes.setdefault(element, []).append(outcome or "")
    awaited = select(Waiting.element, Waiting.opened_at, Waiting.closed_at).where(
        Waiting.status == "done", Waiting.kind == "message"
    )
    for element, opened, closed in session.exec(awaited):
        if closed is not None:
            days.setdefault(element, []).append(
                calendar.working_days_between(local_day(opened), local_day(closed))
            )
    for name, outcome in session.exec(select(Message.name, Message.outcome)):
        outcomes.setdefault(name, []).append(outcome)
    return _Past(days, outcomes)


@dataclass(frozen=True)
class _Play:
    """One case played to its end once: an event queue of what was drawn for everything that waits."""

    procedure: Procedure
    past: _Past
    calendar: Calendar
    values: Mapping[str, object]
    dice: random.Random
    run: _Run

    def go(self, state: bytes, today: date) -> None:
        """Play from a saved state on; what stops the play is counted as stopped."""
        script = Script(self.values, self._act)
        day, queue, known = today, list[tuple[date, int, str]](), dict[str, spiff.Token]()
        met: Counter[str] = Counter()
        try:
            instance = spiff.restore(self.procedure.definition, state, script)
            for step in range(MOST_STEPS):
                if instance.ended:
                    self.run.cycle.append(self.calendar.working_days_between(today, day))
                    self.run.outcomes[instance.outcome or ""] += 1
                    return
                live = {token.id: token for token in instance.tokens()}
                for token in live.values():
                    if token.id not in known:
                        heapq.heappush(queue, (self._until(token, day), len(known) + step, token.id))
                known |= live
                token, day = self._next(queue, live, day)
                move(instance, token, self._answer(token, met))
        except (KeguanError, LookupError):
            pass
        self.run.stopped += 1

    def _next(
        self, queue: list[tuple[date, int, str]], live: Mapping[str, spiff.Token], day: date
    ) -> tuple[spiff.Token, date]:
        """The next thing to happen; nothing at all ends the play as stopped."""
        while queue:
            when, _, token_id = heapq.heappop(queue)
            if token_id in live and when < date.max:
                token, when = live[token_id], max(when, day)
                if token.kind == "human":
                    role = role_for_lane(token.lane or "")
                    self.run.work[role, when.strftime("%Y-%m")] += 1
                return token, when
        raise LookupError("nothing is left to happen")

    def _until(self, token: spiff.Token, day: date) -> date:
        """The day drawn for a token: as waits were in the past; a limit when it is over."""
        element = self.procedure.element(token.process, token.element)
        if token.kind == "timer":
            return self._due(token.expression or "", day)
        if token.attached_to is not None:
            return date.max  # a message nobody sends in an ordinary year
        known = self.past.days.get(element.id)
        days = self.dice.choice(known) if known else self._half_limit(element)
        if token.kind == "human":
            self.run.waits.setdefault(element.name or element.id, []).append(days)
        return self.calendar.add_working_days(day, days)

    def _half_limit(self, element: Element) -> int:
        limit = self._value(element.properties.get("limit", ""))
        days = limit if isinstance(limit, int) else USUAL_LIMIT
        return max(1, days // 2)

    def _value(self, text: str) -> Limit | None:
        """A limit as policy alone gives it; None where it hangs on the case's own dates."""
        try:
            return readable_limit(expressions.evaluate(text, self.values)) if text else None
        except KeguanError:
            return None

    def _due(self, text: str, day: date) -> date:
        limit = self._value(text)
        if limit is None:
            return day + timedelta(days=365)
        moment = datetime.fromisoformat(f"{day.isoformat()}T12:00:00+08:00")
        return local_day(self.calendar.due(limit, moment))

    def _answer(self, token: spiff.Token, met: Counter[str]) -> Answer:
        """An outcome as they fell in the past, where the step still has it; else the ordinary way, and when the
        step comes round again any of its ways, so that a loop without a past has an end.
        """
        if token.kind == "timer":
            return Answer()
        element = self.procedure.element(token.process, token.element)
        usual = ordinary(self.procedure, token, element)
        words = (word.strip() for word in element.properties.get("outcomes", "").split(","))
        allowed = [word for word in words if word]
        drawn = [one for one in self.past.outcomes.get(token.message or element.id, ()) if one in allowed]
        met[element.id] += 1
        if not drawn and met[element.id] > 1:
            drawn = allowed
        return Answer(self.dice.choice(drawn), usual.data) if drawn else usual

    def _act(self, operator: str, element: str, data: Mapping[str, object]) -> str:  # noqa: ARG002
        """Named actions go their good way: money is payable, and two milestones precede the last."""
        if operator == "compute_payable":
            return "payable"
        if operator == "next_milestone":
            return "last" if self.dice.random() < 1 / 3 else "node"
        return "done"


def _outlook(run: _Run, cases: int, runs: int) -> Outlook:
    cycle = sorted(run.cycle)
    months = tuple(sorted({month for _, month in run.work}))
    roles = sorted({role for role, _ in run.work})
    return Outlook(
        cases=cases,
        stopped=run.stopped,
        cycle_days=tuple(cycle),
        cycle_p50=rank(cycle, 0.5),
        cycle_p90=rank(cycle, 0.9),
        waiting={name: rank(sorted(days), 0.5) or 0 for name, days in sorted(run.waits.items())},
        workload={role: tuple(round(run.work[role, month] / runs, 2) for month in months) for role in roles},
        months=months,
        outcomes=dict(sorted(run.outcomes.items())),
    )
