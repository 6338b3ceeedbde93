"""The linter and the engine agree: nothing crashes the check, and what it admits runs."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.profile import check
from engine.db import ROOT
from tests.engine.bpmn.attacks import BOMBS, ESCAPES
from tests.engine.bpmn.walks import walk
from tests.engine.bpmn.worlds import (
    END,
    START,
    boundary,
    call,
    catch,
    diagram,
    flows,
    line,
    repeat,
    service,
    subprocess,
    timer,
    user,
)

SHIPPED = {file.name: file.read_bytes() for file in sorted((ROOT / "workflows").glob("*.bpmn"))}
ALONE = {name: source for name, source in SHIPPED.items() if b"callActivity" not in source}
MESSAGE = '<message id="M" name="listed"/>'
ON_MESSAGE = '<messageEventDefinition messageRef="M"/>'
PART = diagram(*line(user("inner")), key="part")
KINDS = {
    "user": user,
    "service": service,
    "xor": lambda id_: f'<exclusiveGateway id="{id_}" default="DEFAULT_{id_}"/>',
    "parallel": lambda id_: f'<parallelGateway id="{id_}"/>',
    "first": lambda id_: f'<eventBasedGateway id="{id_}"/>',
    "message": lambda id_: catch(id_, ON_MESSAGE),
    "timer": lambda id_: catch(id_, timer("limit")),
    "receive": lambda id_: f'<receiveTask id="{id_}" messageRef="M"/>',
    "call": lambda id_: call(id_, "part"),
    "each": lambda id_: user(id_, repeat(item=f"{id_}_item", result=f"{id_}_result")),
    "inside": lambda id_: subprocess(
        id_,
        f'<startEvent id="{id_}s"/><endEvent id="{id_}e"/>{user(id_ + "u")}',
        flows(f"{id_}s-{id_}u-{id_}e"),
    ),
}
HOSTS = {"user", "receive", "call", "inside"}
GATEWAYS = {"xor", "parallel", "first"}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_diagram_may_be_published_and_runs(name: str) -> None:
    """The product's own procedures pass its own linter, and walk without an error."""
    assert check({name: SHIPPED[name]}, SHIPPED) == []
    for seed in range(3):
        assert walk(SHIPPED, name.removesuffix(".bpmn"), Random(seed)) in {"ended", "waiting"}


@st.composite
def drawn_diagrams(draw: st.DrawFn) -> bytes:
    """A line of random nodes with random shortcuts, loops and boundary events."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=6))
    ids = [f"n{number}" for number in range(len(kinds))]
    arrows = dict.fromkeys(zip(["begin", *ids], [*ids, "done"], strict=True))
    for id_, kind in zip(ids, kinds, strict=True):
        if kind in GATEWAYS:
            arrows |= dict.fromkeys(
                (id_, to) for to in draw(st.lists(st.sampled_from([*ids, "done"]), max_size=2))
            )
    body = [KINDS[kind](id_) for id_, kind in zip(ids, kinds, strict=True)]
    for id_, kind in zip(ids, kinds, strict=True):
        if kind in HOSTS and draw(st.integers(0, 4)) == 0:
            event = draw(st.sampled_from([timer("limit"), ON_MESSAGE]))
            body.append(boundary(f"{id_}b", id_, event, interrupting=draw(st.booleans())))
            arrows[f"{id_}b", draw(st.sampled_from([*ids, "done"]))] = None
    texts = [_arrow(arrow, list(arrows), dict(zip(ids, kinds, strict=True)), draw) for arrow in arrows]
    source = diagram(START, *body, END, flows(*texts), before=MESSAGE).decode()
    for id_ in ids:
        first = next(target for origin, target in arrows if origin == id_)
        source = source.replace(f"DEFAULT_{id_}", f"f_{id_}_{first}")
    return source.encode()


def _arrow(
    arrow: tuple[str, str], arrows: list[tuple[str, str]], kinds: dict[str, str], draw: st.DrawFn
) -> str:
    """The arrow, with a condition where an exclusive gateway needs one."""
    source, target = arrow
    first = next(to for origin, to in arrows if origin == source)
    if kinds.get(source) != "xor" or target == first:
        return f"{source}-{target}"
    step = draw(st.sampled_from(sorted(kinds)))
    return f'{source}-{target} {draw(st.sampled_from([f"{step}_outcome == ", "x == "]))}"y"'


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(drawn_diagrams(), st.integers(0, 2**32))
def test_what_is_admitted_runs(source: bytes, seed: int) -> None:
    """A drawn diagram is refused with sentences, or walks without an engine error."""
    found = check({"case.bpmn": source}, {"part.bpmn": PART})
    assert "engine" not in {one.rule for one in found}
    if not found:
        assert walk({"case.bpmn": source, "part.bpmn": PART}, "case", Random(seed)) != "stuck"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(ALONE)), st.integers(0, 2**32))
def test_a_mutated_procedure_never_crashes_the_check(name: str, seed: int) -> None:
    """Elements removed, doubled, moved and renamed, attributes exchanged, attacks planted."""
    chance = Random(seed)
    root = etree.fromstring(ALONE[name])
    for _ in range(chance.randint(1, 3)):
        _mutate(root, chance)
    source = etree.tostring(root)
    found = check({name: source})
    assert all(one.message and one.fix and one.line > 0 for one in found)
    if not found:
        assert walk({name: source}, name.removesuffix(".bpmn"), chance) in {"ended", "waiting"}


def _mutate(root: etree._Element, chance: Random) -> None:
    nodes = [
        node
        for node in root.iter(etree.Element)
        if node.getparent() is not None and "/DI" not in str(node.tag)
    ]
    one, other = chance.choice(nodes), chance.choice(nodes)
    match chance.randint(0, 5):
        case 0:
            one.getparent().remove(one)  # type: ignore[union-attr]
        case 1:
            one.addnext(etree.fromstring(etree.tostring(one)))
        case 2 if one not in other.iterancestors() and one is not other:
            other.append(one)
        case 3:
            one.tag = other.tag
        case 4 if one.attrib and other.attrib:
            one.set(chance.choice(list(one.attrib)), chance.choice(list(other.attrib.values())))
        case _:
            text = chance.choice(ESCAPES + BOMBS).replace("\x00", "")
            if one.attrib and chance.random() < 0.5:
                one.set(chance.choice(list(one.attrib)), text)
            else:
                one.text = text
