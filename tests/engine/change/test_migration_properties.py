"""Migration as a property: whatever a case has done and whatever was edited, a go means it goes and ends well."""

import random
import re
from collections.abc import Mapping, Sequence
from functools import cache

from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.bpmn import spiff
from engine.change.feasibility import Passage, Standing
from engine.change.migrating import Nobody
from engine.change.playing import Answer, Game, Script, collections, go_on, ordinary
from engine.errors import KeguanError
from engine.procedures import versions
from engine.procedures.versions import Procedure
from seed.procedures import shipped_sources
from tests.engine.change.edits import insert_step

KEY = "cooperation_subsidy"
EDITABLE = ("filing", "formal_check", "establishment", "implementation", "acceptance", "disbursement")
TIMER = (
    '<bpmn:boundaryEvent id="too_late" name="超期" attachedToRef="{task}"><bpmn:timerEventDefinition id="too_late_t">'
    '<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">5</bpmn:timeDuration></bpmn:timerEventDefinition>'
    '</bpmn:boundaryEvent><bpmn:sequenceFlow id="too_late_out" sourceRef="too_late" targetRef="too_late_end"/>'
    '<bpmn:endEvent id="too_late_end" name="超期"><bpmn:extensionElements><spiffworkflow:properties>'
    '<spiffworkflow:property name="outcome" value="late"/></spiffworkflow:properties></bpmn:extensionElements>'
    "</bpmn:endEvent>"
)
"""A time limit on a step of the process itself."""


def act(operator: str, element: str, data: Mapping[str, object]) -> str:
    """The good way of every action."""
    return "payable" if operator == "compute_payable" else "done"


@cache
def sources() -> dict[str, bytes]:
    """The closure as shipped."""
    return versions.closure(shipped_sources(), KEY)


@cache
def shipped_procedure() -> Procedure:
    """The procedure as shipped."""
    return versions.assemble(sources(), KEY)


def walk(procedure: Procedure, instance: spiff.Instance, dice: random.Random, moves: int | None) -> Game:
    """Random answers: mostly ordinary, sometimes any declared outcome, now and then a limit that passes."""
    left = [moves]

    def choose(waits: Sequence[spiff.Token]) -> tuple[spiff.Token, Answer] | None:
        if left[0] is not None:
            if left[0] == 0:
                return None
            left[0] -= 1
        token = dice.choice([one for one in waits if one.attached_to is None] or list(waits))
        if dice.random() < 0.02:
            token = dice.choice(list(waits))
        if token.kind == "timer":
            return token, Answer()
        element = procedure.element(token.process, token.element)
        usual = ordinary(procedure, token, element)
        declared = [
            word.strip() for word in element.properties.get("outcomes", "").split(",") if word.strip()
        ]
        if declared and dice.random() < 0.15:
            return token, Answer(dice.choice(declared), usual.data)
        return token, usual

    return go_on(instance, choose)


def edited(dice: random.Random) -> dict[str, bytes]:
    """One to three edits anywhere in the closure: a step in a flow, a limit, a time limit on a step."""
    files = dict(sources())
    for number in range(dice.randint(1, 3)):
        name = f"{dice.choice(EDITABLE)}.bpmn"
        text = files[name].decode()
        match dice.choice(["step", "limit", "timer"]):
            case "step":
                flows = re.findall(r'<bpmn:sequenceFlow id="(\w+)"[^>]*targetRef="\w+"\s*/>', text)
                (lane, *_) = re.findall(r'<bpmn:lane id="\w+" name="([^"]+)">', text)
                text = insert_step(text, dice.choice(flows), f"extra_{number}", f"补充{number}", lane)
            case "limit":
                text = text.replace('name="limit" value="', 'name="limit" value="1 + ', 1)
            case "timer" if "too_late" not in text:
                tasks = re.findall(r'<bpmn:userTask id="(\w+)"', text)
                added = TIMER.format(task=dice.choice(tasks))
                text = text.replace("</bpmn:process>", added + "</bpmn:process>", 1)
        files[name] = text.encode()
    return files


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**9))
@example(seed=3012)  # a step inserted within a subprocess
def test_a_go_goes_keeps_its_tokens_and_ends(seed: int) -> None:
    """The open steps keep the engine's ids; the migrated state restores; played on, it ends on the new diagram."""
    dice = random.Random(seed)
    old = shipped_procedure()
    host = Script({}, act)
    instance = spiff.start(old.definition, collections(old, [1, 2]), host)
    began = [(node.process, node.element) for node in instance.passed]
    game = walk(old, instance, dice, dice.randint(0, 30))
    if instance.ended:
        return
    try:
        new = versions.assemble(edited(dice), KEY)
    except KeguanError:
        return  # no diagram to migrate to
    saved = instance.save()
    passed = [*began, *((node.process, node.element) for node in game.passed)]
    found = Passage(old, new).judge(Standing(tuple(passed), tuple(spiff.standing(old.definition, saved))))
    if not found.go:
        assert all(found.reasons)
        return
    carried = spiff.migrate(old.definition, new.definition, saved, {})
    before = {token.id for token in spiff.restore(old.definition, saved, Nobody()).tokens()}
    migrated = spiff.restore(new.definition, carried, host)
    after = {token.id for token in migrated.tokens()}
    assert before <= after
    assert spiff.restore(new.definition, migrated.save(), Nobody()).tokens() == migrated.tokens()
    end = walk(new, migrated, dice, None)
    assert (end.ended, end.trouble) == (True, "")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_migrating_to_the_same_changes_nothing(seed: int) -> None:
    """Byte for byte, wherever the case stands."""
    dice = random.Random(seed)
    old = shipped_procedure()
    instance = spiff.start(old.definition, collections(old, [1, 2]), Script({}, act))
    walk(old, instance, dice, dice.randint(0, 30))
    saved = instance.save()
    assert spiff.migrate(old.definition, old.definition, saved, {}) == saved
