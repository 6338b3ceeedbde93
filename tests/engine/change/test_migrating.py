"""Migrating running cases: who may go, what happens to the open steps, and the way back."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from engine.cases.models import CaseFile, Process, ProcessState, Waiting, WorkItem
from engine.cases.transfer import picture
from engine.change import batches, migrating
from engine.clock import SimulatedClock
from engine.errors import KeguanError, Refused
from engine.procedures import versions
from tests.engine.change.edits import insert_step, shipped, version
from tests.walks import file_application, pass_formal_check
from tests.worlds import Bureau

DIRECTION = "T1-D1"


def at_formal_check(world: Bureau) -> CaseFile:
    """A case waiting for its formal check."""
    return file_application(world, DIRECTION)


def process_of(session: Session, case: CaseFile) -> Process:
    """The case's own process."""
    return session.exec(select(Process).where(Process.case_id == case.id)).one()


def planned(world: Bureau, case: CaseFile, to: str, **mapping: str) -> migrating.MigrationPlan:
    """The plan from the case's version to another; keywords map process__element to an element."""
    by_hand = {name.replace("__", "/"): target for name, target in mapping.items()}
    process = process_of(world.session, case)
    return migrating.plan(world.session, process.version, to, by_hand, now=world.now)


def open_waits(world: Bureau) -> list[str]:
    """What is waited for, by element."""
    return list(world.session.exec(select(Waiting.element).where(Waiting.status == "open")))


def migrate(world: Bureau, plan: migrating.MigrationPlan) -> batches.Progress:
    """The whole plan in one batch, on the test's own engine."""
    batch = batches.start_batch(
        world.session, plan, reason="新流程更完善", actor=world.accounts["admin"], now=world.now
    )
    world.session.commit()
    engine = world.session.get_bind()
    assert isinstance(engine, Engine)
    batches.run_batch(engine, batch.id or 0, SimulatedClock(world.now))
    result = batches.progress(world.session, batch.id or 0)
    world.session.commit()
    world.session.expire_all()
    return result


def undo(world: Bureau, done: batches.Progress) -> batches.Progress:
    """Take the batch back, on the test's own engine."""
    batch, admin = done.rows[0].batch_id, world.accounts["admin"]
    assert admin.active  # read before the batch: one writer at a time
    world.session.commit()
    engine = world.session.get_bind()
    assert isinstance(engine, Engine)
    result = batches.undo_batch(engine, batch, actor=admin, clock=SimulatedClock(world.now))
    world.session.expire_all()
    return result


def test_an_added_step_ahead_is_met_and_the_case_ends_on_the_new_diagram(world: Bureau) -> None:
    """A step after the countersign: the case at its check goes over and later stands there."""
    case = at_formal_check(world)
    check = world.item("check")
    check.holder_id = world.accounts["intake"].id
    procedure = process_of(world.session, case).key
    edited = insert_step(shipped("formal_check"), "flow_countersign_countersign_result")
    result = migrate(world, planned(world, case, version(world, procedure, formal_check=edited)))
    assert (result.total, result.done) == (1, 1)
    assert (world.item("check").id, world.item("check").holder_id) == (check.id, world.accounts["intake"].id)
    pass_formal_check(world, case)
    assert world.open_steps() == ["extra_check"]
    world.do("extra_check", "confirm")
    assert world.session.get_one(CaseFile, case.id).status == "in_review"


def test_a_changed_limit_counts_from_the_day_the_step_opened(world: Bureau) -> None:
    """Five working days more than policy says."""
    case = at_formal_check(world)
    before = world.item("check").due_at
    edited = shipped("formal_check").replace('"limit_formal_check"', '"limit_formal_check + 5"')
    to = version(world, process_of(world.session, case).key, formal_check=edited)
    migrate(world, planned(world, case, to))
    after = world.item("check").due_at
    assert before is not None
    assert after is not None
    assert after - before == timedelta(days=7)


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (
            "filing",
            'name="form" value="intake"',
            'name="form" value="confirmation"',
            "已办结的“受理审核”在新图中改了表单。",
        ),
        (
            "filing",
            'id="lane_intake" name="受理员"',
            'id="lane_intake" name="业务科室"',
            "已办结的“受理审核”在新图中改了岗位。",
        ),
    ],
)
def test_a_finished_step_changed_in_substance_is_no_go(
    world: Bureau, file: str, old: str, new: str, sentence: str
) -> None:
    """What was decided was decided under something else."""
    case = at_formal_check(world)
    assert old in shipped(file)
    to = version(world, process_of(world.session, case).key, **{file: shipped(file).replace(old, new)})
    (verdict,) = planned(world, case, to).cases
    assert not verdict.go
    assert sentence in verdict.reasons


def test_a_step_added_behind_the_case_would_be_skipped(world: Bureau) -> None:
    """The recommendation got a second look; this case had only one."""
    case = at_formal_check(world)
    edited = insert_step(shipped("filing"), "flow_recommend_recommend_result", lane="受理员")
    to = version(world, process_of(world.session, case).key, filing=edited)
    (verdict,) = planned(world, case, to).cases
    assert (verdict.go, verdict.skipped) == (False, ("补充核对",))
    assert verdict.reasons == ("新图在该项目已走过的路上新增了“补充核对”，迁移后将被跳过。",)


def test_a_renamed_step_is_mapped_by_hand(world: Bureau) -> None:
    """Without the map no go; with it the open item keeps its number and stands on the new step."""
    case = at_formal_check(world)
    item = world.item("check")
    text = shipped("formal_check")
    edited = text.replace('"check"', '"first_check"').replace(">check<", ">first_check<")
    edited = edited.replace("check_outcome ==", "first_check_outcome ==").replace("refirst_check", "recheck")
    to = version(world, process_of(world.session, case).key, formal_check=edited)
    (alone,) = planned(world, case, to).cases
    assert alone.reasons == ("正在“形式审查”，新图中没有这一步；请为它指定对应的步骤。",)
    mapped = planned(world, case, to, formal_check__check="first_check")
    assert [(step.element, step.new_element) for step in mapped.steps] == [("check", "first_check")]
    assert migrate(world, mapped).done == 1
    assert world.item("first_check").id == item.id


def test_a_time_limit_added_to_the_open_step_begins_to_wait(world: Bureau) -> None:
    """A boundary timer on the step the case stands at: a new wait, the item as it was."""
    case = at_formal_check(world)
    item = world.item("check")
    boundary = (
        '<bpmn:boundaryEvent id="check_late" name="审查超期" attachedToRef="check"><bpmn:timerEventDefinition '
        'id="check_late_timer"><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">limit_formal_check'
        "</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
        '<bpmn:sequenceFlow id="late_out" sourceRef="check_late" targetRef="notify_failure"/>'
    )
    edited = shipped("formal_check").replace("</bpmn:process>", boundary + "</bpmn:process>")
    to = version(world, process_of(world.session, case).key, formal_check=edited)
    assert migrate(world, planned(world, case, to)).done == 1
    assert (world.item("check").id, "check_late" in open_waits(world)) == (item.id, True)
    pass_formal_check(world, case)


def test_a_time_limit_taken_from_the_open_step_no_longer_waits(world: Bureau) -> None:
    """A draft whose window no longer closes by itself."""
    case = world.open(DIRECTION)
    edited = shipped("filing")
    start, end = edited.index('<bpmn:boundaryEvent id="window_closed"'), edited.index("</bpmn:boundaryEvent>")
    edited = edited[:start] + edited[end + len("</bpmn:boundaryEvent>") :]
    for flow in ("flow_window_closed_notify_late",):
        edited = edited.replace(
            f'<bpmn:sequenceFlow id="{flow}" sourceRef="window_closed" targetRef="notify_late" />', ""
        )
    edited = edited.replace("<bpmn:flowNodeRef>window_closed</bpmn:flowNodeRef>", "")
    to = version(world, process_of(world.session, case).key, filing=edited)
    assert migrate(world, planned(world, case, to)).done == 1
    assert "window_closed" not in open_waits(world)
    assert world.open_steps() == ["fill"]


def test_a_rehearsal_writes_nothing(world: Bureau) -> None:
    """Copies only: where each case would stand."""
    case = at_formal_check(world)
    edited = insert_step(shipped("formal_check"), "flow_countersign_countersign_result")
    to = version(world, process_of(world.session, case).key, formal_check=edited)
    before = picture(world.session, process_of(world.session, case).id)
    (rehearsed,) = migrating.rehearse(world.session, planned(world, case, to), now=world.now)
    assert (rehearsed.ok, "形式审查" in rehearsed.before, rehearsed.after) == (True, True, rehearsed.before)
    assert picture(world.session, process_of(world.session, case).id) == before


def test_undo_restores_exactly_what_was(world: Bureau) -> None:
    """The state byte for byte, the rows field by field; only the history and the revision have moved on."""
    case = world.open(DIRECTION)
    process = process_of(world.session, case)
    state = world.session.get_one(ProcessState, (process.id, process.revision)).state
    before, old = picture(world.session, process.id), process.version
    edited = shipped("filing").replace('"limit_recommendation"', '"limit_recommendation + 1"')
    plan = planned(
        world, case, version(world, process.key, filing=edited.replace("window_end", "'2030-01-01'"))
    )
    done = migrate(world, plan)
    assert picture(world.session, process.id) != before
    undo(world, done)
    process = process_of(world.session, case)
    assert (process.version, picture(world.session, process.id)) == (old, before)
    assert world.session.get_one(ProcessState, (process.id, process.revision)).state == state


def test_a_case_that_moved_on_is_not_undone(world: Bureau) -> None:
    """It stays on the new version, and the batch says why."""
    case = at_formal_check(world)
    edited = insert_step(shipped("formal_check"), "flow_countersign_countersign_result")
    done = migrate(
        world, planned(world, case, version(world, process_of(world.session, case).key, formal_check=edited))
    )
    pass_formal_check(world, case)
    undone = undo(world, done)
    assert (undone.undone, undone.rows[0].status) == (0, "done")
    assert "位置已变" in undone.rows[0].reason


def test_nothing_to_migrate_is_refused(world: Bureau) -> None:
    """A batch in which no case may go is not begun."""
    case = at_formal_check(world)
    edited = insert_step(shipped("filing"), "flow_recommend_recommend_result", lane="受理员")
    plan = planned(world, case, version(world, process_of(world.session, case).key, filing=edited))
    with pytest.raises(Refused, match="所选办件都不能迁移"):
        batches.start_batch(world.session, plan, reason="试", actor=world.accounts["admin"], now=world.now)


def test_a_waiting_message_is_kept(world: Bureau) -> None:
    """A case in review waits for its round's result on the new version as on the old."""
    case = at_formal_check(world)
    pass_formal_check(world, case)
    awaited = select(Waiting).where(Waiting.status == "open", Waiting.message == "review_result")
    wait = world.session.exec(awaited).one()
    edited = shipped("acceptance").replace("limit_acceptance_check", "limit_acceptance_check + 1")
    to = version(world, process_of(world.session, case).key, acceptance=edited)
    assert migrate(world, planned(world, case, to)).done == 1
    after = world.session.exec(awaited).one()
    assert (after.id, after.token) == (wait.id, wait.token)


def test_a_stranger_version_is_refused(world: Bureau) -> None:
    """Only versions of one procedure."""
    case = at_formal_check(world)
    with pytest.raises(KeguanError, match="同一流程的两个不同版本"):
        planned(world, case, versions.in_force(world.session, "objection", world.now))


def test_open_items_of_others_are_untouched(world: Bureau) -> None:
    """A case on another procedure is not in the plan."""
    case, other = at_formal_check(world), None
    other = world.open("E-D4-S1")
    edited = insert_step(shipped("formal_check"), "flow_countersign_countersign_result")
    plan = planned(world, case, version(world, process_of(world.session, case).key, formal_check=edited))
    mine, theirs = process_of(world.session, case), process_of(world.session, other)
    listed = [one.process_id for one in plan.cases]
    assert listed == ([mine.id, theirs.id] if theirs.version == mine.version else [mine.id])
    assert world.session.exec(select(WorkItem.status).where(WorkItem.case_id == other.id)).all() == ["open"]
