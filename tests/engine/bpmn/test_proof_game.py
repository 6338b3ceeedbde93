"""The proof against a second, slower token game, written from the rules alone, on small random diagrams.

This one has its tokens on the flows, keeps every variable for ever, and looks at every order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.proof import prove
from engine.bpmn.proof.data import survey
from engine.bpmn.proof.exploration import explore
from engine.bpmn.proof.funding import watched
from engine.bpmn.proof.net import expand
from engine.bpmn.proof.quiet import find_quiet
from engine.bpmn.proof.verdicts import Verdict, judge, judge_money
from engine.bpmn.reader import read
from tests.engine.bpmn import diagrams as draw_bpmn

FINISH, PROPER, DEAD, NAMED, _, PAID = (
    *("can_always_finish", "finishes_properly", "no_dead_task", "every_path_ends_in_a_named_outcome"),
    *("every_human_task_has_lane_and_limit", "no_payment_before_acceptance"),
)
ENDS = {"end", "unnamed", "terminate"}
KINDS = ("human", "human", "acceptance", "silent", "pay", "first", "xor", "xor", "parallel", "block", "block")
PEOPLE = {"human": ("y", "n"), "acceptance": ("passed", "failed")}
MAX_GAME = 800
Token = tuple[str, str, bool, frozenset[str]]
"""The flow it is on (from, to), whether it runs beside the main path, what has happened there."""
NOTHING = frozenset[str]()


@dataclass
class Case:
    """A drawn diagram: kinds by id; arrows with their condition (variable, value), the first of each node default."""

    kinds: dict[str, str] = field(default_factory=dict)
    arrows: dict[tuple[str, str], tuple[str, str] | None] = field(default_factory=dict)
    events: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Boundary events: their host, and whether they interrupt it."""

    def out(self, node: str) -> list[tuple[str, str]]:
        """The arrows leaving a node."""
        return [arrow for arrow in self.arrows if arrow[0] == node]

    def into(self, node: str) -> list[tuple[str, str]]:
        """The arrows entering a node."""
        return [arrow for arrow in self.arrows if arrow[1] == node]

    def xml(self) -> bytes:
        """The diagram as a file."""
        body = [self._node(id_, kind) for id_, kind in self.kinds.items()]
        body += [
            draw_bpmn.boundary(id_, host, timer="5", interrupting=interrupting)
            for id_, (host, interrupting) in self.events.items()
        ]
        lines = []
        for (source, target), condition in self.arrows.items():
            text = f' : {condition[0]} == "{condition[1]}"' if condition else ""
            lines.append(f"{source} > {target}{text}")
        people = tuple(id_ for id_, kind in self.kinds.items() if kind in PEOPLE)
        return draw_bpmn.diagram("p", *body, draw_bpmn.flows(*lines), lanes={"受理员": people})

    def _node(self, id_: str, kind: str) -> str:
        match kind:
            case "start":
                return draw_bpmn.begin(id_)
            case "end" | "terminate":
                return draw_bpmn.end(id_, "x", terminate=kind == "terminate")
            case "unnamed":
                return draw_bpmn.end(id_)
            case "human" | "acceptance":
                said = draw_bpmn.properties(outcomes=",".join(PEOPLE[kind]), limit="5")
                return draw_bpmn.human(id_, said)
            case "pay" | "silent":
                return draw_bpmn.service(id_, "record_payment" if kind == "pay" else "notify")
            case "xor":
                return draw_bpmn.exclusive(id_, "__".join(self.out(id_)[0]))
            case "first":
                return draw_bpmn.choice(id_)
            case "catch":
                return draw_bpmn.catch(id_, timer="5")
        return draw_bpmn.parallel(id_)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A line of random nodes with random branches and boundary events, to several ends."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))
    ends = draw(st.lists(st.sampled_from(["end", "end", "unnamed", "terminate"]), min_size=1, max_size=2))
    case = Case({"begin": "start"})
    for index, kind in enumerate(kinds):
        first = kind == "acceptance" and kind not in case.kinds
        case.kinds[kind if first else f"n{index}"] = kind if kind != "acceptance" or first else "human"
    middle = list(case.kinds)[1:]
    case.kinds |= {f"e{index}": kind for index, kind in enumerate(ends)}
    targets = [*middle, *(f"e{index}" for index in range(len(ends)))]
    line = ["begin", *middle, "e0"]
    for position, node in enumerate(line[:-1]):
        _leave(draw, case, node, line[position + 1], targets)
    for node in [id_ for id_, kind in case.kinds.items() if kind in PEOPLE]:
        if draw(st.integers(0, 5)) == 0:
            case.events[f"{node}b"] = node, draw(st.booleans())
            case.arrows[f"{node}b", draw(st.sampled_from(targets))] = None
    return case


def _leave(draw: st.DrawFn, case: Case, node: str, onward: str, targets: list[str]) -> None:
    """The arrows out of one node: on along the line, and elsewhere from a gateway."""
    kind = case.kinds[node]
    if kind == "first":
        for letter in "ab":
            case.kinds[node + letter] = "catch"
            case.arrows[node, node + letter] = None
            case.arrows[node + letter, onward if letter == "a" else draw(st.sampled_from(targets))] = None
        return
    if kind == "block":
        _block(draw, case, node, onward, targets)
        return
    case.arrows[node, onward] = None
    if kind in {"xor", "parallel"}:
        people = [id_ for id_, other in case.kinds.items() if other in PEOPLE]
        for target in draw(st.lists(st.sampled_from(targets), max_size=2, unique=True)):
            if (node, target) not in case.arrows:
                variable = draw(st.sampled_from([*(f"{id_}_outcome" for id_ in people), "free"]))
                condition = variable, "passed" if variable == "acceptance_outcome" else "y"
                case.arrows[node, target] = condition if kind == "xor" else None


def _block(draw: st.DrawFn, case: Case, node: str, onward: str, targets: list[str]) -> None:
    """Branches at once, all joined but for a slip now and then."""
    case.kinds |= {node: "parallel", f"{node}j": "parallel"}
    case.arrows[f"{node}j", onward] = None
    for branch in range(draw(st.integers(2, 3))):
        steps_on = [f"{node}{branch}{letter}" for letter in "ab"[: draw(st.integers(1, 2))]]
        case.kinds |= {step: draw(st.sampled_from(["human", "human", "silent", "pay"])) for step in steps_on}
        slips = draw(st.integers(0, 9)) == 0
        last = draw(st.sampled_from(targets)) if slips else f"{node}j"
        case.arrows |= dict.fromkeys(pairwise([node, *steps_on, last]))


# --- the second game ----------------------------------------------------------------------------------------

Position = tuple[tuple[Token, ...], frozenset[tuple[str, str]], bool]
"""The tokens, all variables, whether acceptance has been passed."""


@dataclass
class Step:
    """One thing that happens."""

    node: str
    after: Position
    waited: bool
    leftover: bool = False


def steps(case: Case, now: Position) -> list[Step]:
    """Everything that can happen, what needs nobody first."""
    found = [step for token in dict.fromkeys(now[0]) for step in _by(case, now, token)]
    return [step for step in found if not step.waited] or found


def _by(case: Case, now: Position, token: Token) -> Iterator[Step]:
    tokens, variables, accepted = now
    _, node, side, happened = token
    kind, rest = case.kinds[node], _without(tokens, token)
    if kind == "terminate":
        yield Step(node, ((), variables, accepted), waited=False)
    elif kind in ENDS:
        yield Step(node, (rest, variables, accepted), waited=False, leftover=bool(rest) and not side)
    elif kind in PEOPLE:
        yield from _decided(case, now, token)
    elif kind == "first" and not happened:
        yield _step(now, token, node, [(token[0], node, side, frozenset(["waits"]))])
    elif kind == "first":
        yield from (_step(now, token, to, _onward(case, to, side), waited=True) for _, to in case.out(node))
    elif kind == "xor":
        ways = _ways(case, node, dict(variables))
        yield from (_step(now, token, node, [(*arrow, side, NOTHING)]) for arrow in ways)
    elif kind == "parallel" and len(case.into(node)) > 1:
        yield from _joined(case, now, token)
    else:
        yield _step(now, token, node, _onward(case, node, side))


def _decided(case: Case, now: Position, token: Token) -> Iterator[Step]:
    """A person decides, or a limit passes."""
    tokens, variables, accepted = now
    source, node, side, happened = token
    name, kind = f"{node}_outcome", case.kinds[node]
    for outcome in PEOPLE[kind]:
        known = frozenset((n, v) for n, v in variables if n != name) | {(name, outcome)}
        passed = outcome == "passed" if kind == "acceptance" else accepted
        yield _step((tokens, known, passed), token, node, _onward(case, node, side), waited=True)
    for event, (host, interrupting) in case.events.items():
        if host == node and interrupting:
            yield _step(now, token, event, _onward(case, event, side), waited=True)
        elif host == node and event not in happened:
            stays: Token = (source, node, side, happened | {event})
            yield _step(now, token, event, [stays, *_onward(case, event, side=True)], waited=True)


def _step(now: Position, token: Token, node: str, new: list[Token], *, waited: bool = False) -> Step:
    left = tuple(sorted([*_without(now[0], token), *new], key=str))
    return Step(node, (left, now[1], now[2]), waited)


def _onward(case: Case, node: str, side: bool) -> list[Token]:
    return [(*arrow, side, NOTHING) for arrow in case.out(node)]


def _joined(case: Case, now: Position, token: Token) -> Iterator[Step]:
    """Only from the first of the flows, so that a join happens once."""
    tokens, variables, accepted = now
    node, flows = token[1], case.into(token[1])
    if token[:2] != flows[0]:
        return
    rest, sides = tokens, []
    for flow in flows:
        found = sorted((one for one in rest if one[:2] == flow), key=lambda one: one[2])
        if not found:
            return
        sides.append(found[0][2])
        rest = _without(rest, found[0])
    new = _onward(case, node, all(sides))
    yield Step(node, (tuple(sorted([*rest, *new], key=str)), variables, accepted), waited=False)


def _without(tokens: tuple[Token, ...], token: Token) -> tuple[Token, ...]:
    index = tokens.index(token)
    return tokens[:index] + tokens[index + 1 :]


def _ways(case: Case, node: str, variables: dict[str, str]) -> Iterator[tuple[str, str]]:
    default, *others = case.out(node)
    for arrow in others:
        name, value = case.arrows[arrow] or ("", "")
        if name == "free":
            yield arrow
        elif name not in variables:
            return
        elif variables[name] == value:
            yield arrow
            return
    yield default


def crowded(case: Case, now: Position) -> bool:
    """Whether two tokens of the main path wait at one place."""
    places = [
        token[:2] if case.kinds[token[1]] == "parallel" and len(case.into(token[1])) > 1 else token[1]
        for token in now[0]
        if not token[2]
    ]
    return len(places) > len(set(places))


@dataclass
class Played:
    """Everything the second game found; `holds` by property."""

    holds: dict[str, bool]
    paid_after: int | None = None


def play(case: Case) -> Played | None:
    """All positions; None when there are too many to look at."""
    begin: Position = (
        tuple((*arrow, False, frozenset[str]()) for arrow in case.out("begin")),
        frozenset(),
        False,
    )
    depth, following, queue = {begin: 1}, {}, [begin]
    holds = dict.fromkeys((FINISH, PROPER, DEAD, NAMED, PAID), True)
    met, paid_after = set[str](), None
    for now in queue:
        if len(queue) > MAX_GAME or len(now[0]) > 8:
            return None
        met |= {token[1] for token in now[0]}
        holds[PROPER] &= not crowded(case, now)
        possible = steps(case, now)
        following[now] = [step.after for step in possible]
        for step in possible:
            kind = case.kinds.get(step.node)
            holds[PROPER] &= not step.leftover
            holds[NAMED] &= kind != "unnamed"
            if kind == "pay" and not now[2]:
                holds[PAID] = False
                paid_after = depth[now] + 1 if paid_after is None else paid_after
            if step.after not in depth:
                depth[step.after] = depth[now] + 1
                queue.append(step.after)
    tasks = {id_ for id_, kind in case.kinds.items() if kind in {*PEOPLE, "silent", "pay"}}
    holds[DEAD] = tasks <= met
    holds[FINISH] = len(_finishing(following)) == len(following)
    return Played(holds, paid_after)


def _finishing(following: dict[Position, list[Position]]) -> set[Position]:
    found = {now for now in following if not now[0]}
    while more := {
        now for now, after in following.items() if now not in found and not found.isdisjoint(after)
    }:
        found |= more
    return found


def replays(case: Case, walk: tuple[str, ...]) -> bool:
    """Whether the second game can go this way."""
    start: Position = (
        tuple((*arrow, False, frozenset[str]()) for arrow in case.out("begin")),
        frozenset(),
        False,
    )
    now = {start}
    for node in walk[1:]:
        now = {step.after for one in now for step in steps(case, one) if step.node == node}
    return walk[0] == "begin" and bool(now)


# --- they agree ---------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(cases())
def test_the_proof_agrees_with_the_token_game(case: Case) -> None:
    """What the one proves the other finds true, and each walk to a payment or an end can be gone."""
    proof, played = prove({"p.bpmn": case.xml()})[0], play(case)
    if played is None:
        return
    found = {one.property: one for one in proof.verdicts}
    pays = "pay" in case.kinds.values()
    for key, holds in played.holds.items():
        if key != PAID or pays:
            assert found[key].holds in {holds, None}, key
    if all(one.holds is not None for one in proof.verdicts):
        for key in (NAMED, PAID):
            if key in found and found[key].walk:
                assert replays(case, found[key].walk)
        if played.paid_after is not None:
            assert len(found[PAID].walk) == played.paid_after


@settings(max_examples=120, deadline=None)
@given(cases())
def test_leaving_out_orders_changes_no_verdict(case: Case) -> None:
    """Quiet moves first: fewer states, the same answers."""
    source = read(case.xml(), "p.bpmn").processes[0]
    net = expand(source, {})
    data = survey(net, watched(net), called=False)
    whole, less = (
        explore(data, "post_subsidy", 600),
        explore(data, "post_subsidy", 600, skipping=find_quiet(data)),
    )
    if whole.complete:
        assert less.complete
        assert len(less.states) <= len(whole.states)
        assert _holds(judge("p", less)) == _holds(judge("p", whole))
        assert _holds(judge_money("p", less, "post_subsidy")) == _holds(
            judge_money("p", whole, "post_subsidy")
        )


def _holds(verdicts: Iterator[Verdict]) -> dict[str, bool | None]:
    return {verdict.property: verdict.holds for verdict in verdicts}
