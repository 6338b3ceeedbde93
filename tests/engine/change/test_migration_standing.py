"""Where a case may stand when it is migrated: among several reviewers, inside a call, at a gateway of events."""

from collections.abc import Mapping

import pytest

from engine.bpmn import spiff
from engine.change.feasibility import Passage, Standing
from engine.change.migrating import Nobody
from engine.change.playing import Answer, Script, collections, move, ordinary
from engine.errors import Unusable
from engine.procedures import versions
from engine.procedures.versions import Procedure
from seed.procedures import shipped_sources
from tests.engine.change.edits import insert_step, shipped


def act(operator: str, element: str, data: Mapping[str, object]) -> str:
    """The good way of every action."""
    return "ranked" if operator == "rank_group" else "done"


HOST = Script({}, act)


def procedure(key: str, **edited: str) -> Procedure:
    """A shipped procedure with these files edited."""
    files = shipped_sources() | {f"{name}.bpmn": text.encode() for name, text in edited.items()}
    return versions.assemble(versions.closure(files, key), key)


def round_with_one_of_three_scores() -> tuple[Procedure, spiff.Instance]:
    """A review round whose first expert has scored."""
    old = procedure("review_round")
    instance = spiff.start(old.definition, collections(old, [1, 2, 3]), HOST)
    while not (scoring := [one for one in instance.tokens() if one.element == "score"]):
        go(old, instance)
    move(instance, scoring[0], Answer("submit", {"sheet": "first"}))
    return old, instance


def go(old: Procedure, instance: spiff.Instance) -> None:
    """The ordinary way of whatever waits first."""
    token = next(one for one in instance.tokens() if one.attached_to is None)
    move(instance, token, ordinary(old, token, old.element(token.process, token.element)))


def test_a_step_after_reviewers_at_work_is_met_and_no_score_is_lost() -> None:
    """The engine's own migration skips the step, or starts every review anew."""
    old, instance = round_with_one_of_three_scores()
    new = procedure("review_round", review_round=insert_step(shipped("review_round"), "flow_score_rank"))
    carried = spiff.migrate(old.definition, new.definition, instance.save(), {})
    migrated = spiff.restore(new.definition, carried, HOST)
    assert sorted(str(one.item) for one in migrated.tokens() if one.element == "score") == ["2", "3"]
    for word in ("second", "third"):
        token = next(one for one in migrated.tokens() if one.element == "score")
        move(migrated, token, Answer("submit", {"sheet": word}))
    assert [one.element for one in migrated.tokens() if one.kind == "human"] == ["extra_check"]
    assert migrated.data["sheets"] == ["first", "second", "third"]


def test_reviewers_at_work_are_not_asked_over_another_list() -> None:
    """The list they are asked for is being worked through: a change there is no go."""
    old, instance = round_with_one_of_three_scores()
    text = shipped("review_round").replace("panel</bpmn:loopDataInputRef>", "board</bpmn:loopDataInputRef>")
    new = procedure("review_round", review_round=text)
    at = Standing((), tuple(spiff.standing(old.definition, instance.save())))
    assert "“专家评分”正在进行，新图改了它的多实例。" in Passage(old, new).judge(at).reasons


def test_standing_tells_the_calls_around_a_step() -> None:
    """A step added before the call a case is inside of would be skipped."""
    old = procedure("unfunded")
    instance = spiff.start(old.definition, {}, HOST)
    at = spiff.standing(old.definition, instance.save())
    assert at == [("unfunded", "filing"), ("filing", "fill")]
    edited = insert_step(shipped("unfunded"), "flow_start_filing", lane="业务科室")
    found = Passage(old, procedure("unfunded", unfunded=edited)).judge(
        Standing((("unfunded", "start"),), tuple(at))
    )
    assert found.skipped == ("补充核对",)


def test_a_step_that_became_another_kind_is_refused() -> None:
    """A person's step cannot become a wait for a message under somebody's hands."""
    old = procedure("unfunded")
    saved = spiff.start(old.definition, {}, HOST).save()
    text = shipped("filing")
    start, end = text.index('<bpmn:userTask id="fill"'), text.index("</bpmn:userTask>")
    become = text[:start] + text[start:end].replace("userTask", "callActivity", 1) + "</bpmn:callActivity>"
    become = become.replace(
        '<bpmn:callActivity id="fill"', '<bpmn:callActivity calledElement="acceptance" id="fill"'
    )
    new = procedure("unfunded", filing=become + text[end + len("</bpmn:userTask>") :])
    with pytest.raises(Unusable, match="不是同一种步骤"):
        spiff.migrate(old.definition, new.definition, saved, {})


def test_a_damaged_state_is_said() -> None:
    """Not a crash."""
    old = procedure("unfunded")
    with pytest.raises(Unusable, match="已损坏"):
        spiff.migrate(old.definition, old.definition, b"no state", {})
    with pytest.raises(Unusable, match="已损坏"):
        spiff.restore(old.definition, b"no state", Nobody())
