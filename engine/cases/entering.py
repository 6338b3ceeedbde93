"""How a project that is already running comes in (存量项目): the procedure begins where the project stands.

The engine walks its own diagram from the start to that place, along the shortest way the diagram has. What lies
on the way happened on paper before: its forms and named actions are not carried out, and one history entry says
so. The state kept at the end is one the diagram itself can reach.
"""

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlmodel import Session

from engine.bpmn import spiff
from engine.bpmn.model import Element
from engine.bpmn.ways import outcomes
from engine.cases import door
from engine.cases.models import CaseFile, Process
from engine.cases.moves import ACTIONS, Move
from engine.catalogue.directions import get_direction
from engine.errors import Refused
from engine.people.models import Account
from engine.vocabulary import CaseStatus

READING = frozenset({"next_milestone"})
"""Actions that only look: the way depends on what they find."""
CARRIED_OUT = ("commit_funds",)
"""Actions on the way whose rows the project needs from now on: the commitment and the settlement record."""
MOST_PLACES = 400
"""Places looked at before the search gives up: several times what the longest shipped diagram holds."""


@dataclass(frozen=True)
class Goal:
    """Where a project stands: at a person's step of this status, none of the forms passed over already."""

    status: CaseStatus
    passed_over: Collection[str] = ()
    document: str = ""
    """The document that established it (立项文号)."""

    def is_reached(self, element: Element) -> bool:
        """Whether this step is the place."""
        properties = element.properties
        return properties.get("status") == self.status and properties.get("form") not in self.passed_over


@dataclass(frozen=True)
class _Paper:
    """The host of what happened before: expressions see real values, actions end in their ordinary outcome."""

    host: spiff.Host
    ordinary: Mapping[tuple[str, str], str]

    def names(self) -> Mapping[str, object]:
        return self.host.names()

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        if operator in READING:
            return self.host.act(operator, element, data)
        return self.ordinary[operator, element]


def enter(
    session: Session, case: CaseFile, goal: Goal, *, actor: Account, now: datetime, summary: str
) -> Process:
    """Begin the case's procedure where the project stands.

    Raises Refused when no way of the direction's procedure leads there.
    """
    return door.start(
        session,
        get_direction(session, case.direction_code).procedure,
        kind="case",
        actor=actor,
        now=now,
        case=case,
        verb="import",
        summary=summary,
        arrive=partial(_arrive, goal),
    )


def _arrive(goal: Goal, move: Move, host: spiff.Host) -> spiff.Instance:
    """The engine at the goal, with all it passed on the way; then the actions the project cannot do without."""
    instance = _shortest_way(move, goal, _Paper(host, dict(_ordinary_outcomes(move))))
    procedure = move.procedure
    for node in instance.passed:
        operator = procedure.element(node.process, node.element).operator
        if operator is not None and operator.id in CARRIED_OUT:
            ACTIONS[operator.id](move, node.element, {"document": goal.document})
    return instance


def _ordinary_outcomes(move: Move) -> Iterator[tuple[tuple[str, str], str]]:
    for model in move.procedure.processes.values():
        for element in model.elements.values():
            if element.operator is not None:
                yield (element.operator.id, element.id), (outcomes(element) or ["done"])[0]


def _shortest_way(move: Move, goal: Goal, host: _Paper) -> spiff.Instance:
    """Breadth first over the places the diagram leads to; every outcome of a place is tried once."""
    definition = move.procedure.definition
    first = spiff.start(definition, {}, host)
    pending = deque([(first.save(), list(first.passed))])
    seen: set[tuple[str, str, str]] = set()
    for _ in range(MOST_PLACES):
        if not pending:
            break
        state, passed = pending.popleft()
        instance = spiff.restore(definition, state, host)
        tokens = [token for token in instance.tokens() if token.attached_to is None]
        if any(_stands(move, goal, token) for token in tokens):
            instance.passed = passed
            return instance
        for token, outcome in _choices(move, tokens, seen):
            onward = spiff.restore(definition, state, host)
            _happen(onward, token, outcome)
            if not onward.ended:
                pending.append((onward.save(), passed + onward.passed))
    raise Refused(f"这个方向的流程到不了“{goal.status.zh}”环节；请改选其他环节，或核对里程碑节点的通过情况。")


def _stands(move: Move, goal: Goal, token: spiff.Token) -> bool:
    return token.kind == "human" and goal.is_reached(move.procedure.element(token.process, token.element))


def _choices(
    move: Move, tokens: list[spiff.Token], seen: set[tuple[str, str, str]]
) -> Iterator[tuple[spiff.Token, str]]:
    for token in tokens:
        element = move.procedure.element(token.process, token.element)
        for outcome in outcomes(element) or ["done"]:
            step = (token.process, token.element, outcome)
            if step not in seen:
                seen.add(step)
                yield token, outcome


def _happen(instance: spiff.Instance, token: spiff.Token, outcome: str) -> None:
    if token.kind == "human":
        instance.complete(token.id, outcome)
    elif token.kind == "message":
        instance.deliver(token.id, outcome)
    else:
        instance.fire(token.id)
