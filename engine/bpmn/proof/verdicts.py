"""The properties of one procedure, judged over everything it can do."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bpmn.proof import funding
from engine.bpmn.proof.exploration import PROPER, Exploration
from engine.bpmn.proof.moves import Scope
from engine.bpmn.proof.net import HUMAN, SCOPES, Net, Node
from engine.vocabulary import Word

FINISH = "can_always_finish"
NO_DEAD = "no_dead_task"
NAMED = "every_path_ends_in_a_named_outcome"
EQUIPPED = "every_human_task_has_lane_and_limit"


class Property(Word):
    """What is proved, by its fixed id, in the admin's words."""

    FINISH = FINISH, "无论走到哪一步，都还能办结", "Wherever a case stands, it can still be finished"
    PROPER = (
        PROPER,
        "办结时不留下没办完的分支，也不会重复办理",
        "Nothing is left undone at the end, nothing done twice",
    )
    NO_DEAD = NO_DEAD, "每个步骤都有办法走到", "Every step can be reached"
    NAMED = NAMED, "每条路径都以写明的结果结束", "Every path ends in a named outcome"
    EQUIPPED = (
        EQUIPPED,
        "每个人工步骤都有岗位和办理期限",
        "Every step for a person has a lane and a time limit",
    )
    BEFORE_ACCEPTANCE = (
        funding.BEFORE_ACCEPTANCE,
        "验收通过之前不会拨付（校校企项目凭核验的合作款支付凭证除外）",
        "Nothing is paid before acceptance is passed (cooperation projects: on the verified proof of payment)",
    )
    BEFORE_MILESTONE = (
        funding.BEFORE_MILESTONE,
        "里程碑节点达标之后才拨付该节点的经费",
        "A milestone is paid only after it has been achieved",
    )
    UNFUNDED = funding.UNFUNDED, "不拨付项目不会走到拨付", "A procedure without funding never pays"


_TASKS = HUMAN | SCOPES | {"serviceTask", "businessRuleTask", "receiveTask", "scriptTask", "sendTask", "task"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a property holds of a file; None when the search was stopped before it was certain.

    `walk` is a shortest counter-example: the ids of the elements passed, ending where the property breaks. An
    element of a called process carries the call activities to open before it (`final_disbursement/record`). Of
    dead tasks, which no walk reaches, it lists the tasks.
    """

    file: str
    property: str
    holds: bool | None
    walk: tuple[str, ...] = ()


def judge(file: str, found: Exploration) -> Iterator[Verdict]:
    """Every property but those about money."""
    yield _verdict(file, FINISH, found, _never_ends(found))
    yield _verdict(file, PROPER, found, _broken(found, PROPER))
    yield _dead(file, found)
    nameless = list(_nameless(found.net))
    yield _verdict(file, NAMED, found, _reached(found, nameless), certain=not nameless)
    poor = [index for index, node in enumerate(found.net.nodes) if _poorly_equipped(node)]
    walk = _reached(found, poor) or tuple(found.net.nodes[index].walk for index in poor[:1])
    yield _verdict(file, EQUIPPED, found, walk, certain=True)


def judge_money(file: str, found: Exploration, mode: funding.Funding) -> Iterator[Verdict]:
    """When money may be paid, of a procedure funded like this."""
    unpaying = not pays(found.net)
    for key in funding.PROPERTIES[mode]:
        yield _verdict(file, key, found, _broken(found, key), certain=unpaying)


def pays(net: Net) -> bool:
    """Whether a payment is drawn anywhere in a procedure."""
    return any(node.action == funding.PAY for node in net.nodes)


def unproved(file: str, mode: funding.Funding | None) -> Iterator[Verdict]:
    """For a diagram too large to begin with."""
    keys = (FINISH, PROPER, NO_DEAD, NAMED, EQUIPPED, *(funding.PROPERTIES[mode] if mode else ()))
    return (Verdict(file, key, None) for key in keys)


def _verdict(
    file: str, key: str, found: Exploration, walk: tuple[str, ...] | None, *, certain: bool = False
) -> Verdict:
    """A walk breaks the property whatever else there is; without one it holds if everything was looked at."""
    if walk:
        return Verdict(file, key, False, walk)
    return Verdict(file, key, True if certain or found.complete else None)


def _broken(found: Exploration, key: str) -> tuple[str, ...] | None:
    if key not in found.broken:
        return None
    state, node = found.broken[key]
    return (*found.walk(state), found.net.nodes[node].walk)


def _never_ends(found: Exploration) -> tuple[str, ...] | None:
    """The way to the nearest dead end, then the steps its tokens stand on; or the way into a circle, and once round."""
    state = found.stuck()
    if state is None:
        return None
    if state not in found.dead_ends:
        return (*found.walk(state), *found.round(state))
    standing = dict.fromkeys(
        found.net.nodes[node].walk for node in _standing(found.net, found.states[state][0])
    )
    return (*found.walk(state), *standing)


def _standing(net: Net, scope: Scope) -> Iterator[int]:
    for place, _, _, inside in scope:
        if inside:
            yield from _standing(net, inside)
        else:
            yield place if place >= 0 else net.joins[-place - 1]


def _dead(file: str, found: Exploration) -> Verdict:
    """The diagram's own tasks that no token ever comes to; a called part is judged as a file of its own."""
    nodes, met = found.net.nodes, found.stood.keys() | found.passed.keys()
    dead = tuple(
        nodes[index].walk
        for index in found.net.own()
        if index not in met and nodes[index].element.kind in _TASKS
    )
    if not dead:
        return Verdict(file, NO_DEAD, True)
    return Verdict(file, NO_DEAD, False, dead) if found.complete else Verdict(file, NO_DEAD, None)


def _nameless(net: Net) -> Iterator[int]:
    """Where a process ends without a word for how: an end without `outcome`, a step that leads nowhere."""
    for index, node in enumerate(net.nodes):
        ends = not node.out and node.element.parent == node.process
        if ends and not (node.element.kind == "endEvent" and node.element.properties.get("outcome")):
            yield index


def _poorly_equipped(node: Node) -> bool:
    element = node.element
    return element.kind in HUMAN and not (element.lane and element.properties.get("limit"))


def _reached(found: Exploration, nodes: list[int]) -> tuple[str, ...] | None:
    """A shortest walk to the first of these nodes that can be reached."""
    states = [(found.stood[node], node) for node in nodes if node in found.stood]
    states += [(found.passed[node], node) for node in nodes if node in found.passed]
    if not states:
        return None
    state, node = min(states)
    return (*found.walk(state), found.net.nodes[node].walk)
