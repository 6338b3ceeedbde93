"""Replay: past decisions on an edited diagram, and what would have become of them."""

import pytest
from sqlmodel import Session, select

from engine.cases.models import Process
from engine.change.replaying import Replayed, replay
from seed.procedures import shipped_sources
from tests.engine.change.edits import insert_step, shipped
from tests.walks import accept, file_and_establish, file_application, pay, sign_task_book
from tests.worlds import Bureau


def paid_case(world: Bureau) -> str:
    """A case from its application to its payment; its procedure."""
    case = file_and_establish(world, "T3-D1-S1", requested_yuan="200000")
    sign_task_book(world)
    world.do("report", "finish")
    accept(world, verified_self_raised="1234565")
    pay(world, "示凭证1号")
    return world.session.exec(select(Process.key).where(Process.case_id == case.id)).one()


def replayed(session: Session, world: Bureau, key: str, **edited: str) -> Replayed:
    """The one case on the diagrams with these files edited."""
    files = shipped_sources() | {f"{name}.bpmn": text.encode() for name, text in edited.items()}
    session.flush()
    (found,) = replay(session, files, key, now=world.now)
    return found


def test_the_same_diagram_gives_the_same(session: Session, world: Bureau) -> None:
    """The whole life of a case, to its payment."""
    found = replayed(session, world, paid_case(world))
    assert (found.verdict, found.sentence) == ("same", "结果相同。")
    assert found.paid_before_fen == found.paid_after_fen > 0


def test_a_new_step_takes_its_ordinary_way_and_is_told(session: Session, world: Bureau) -> None:
    """Nobody ever decided there."""
    edited = insert_step(shipped("formal_check"), "flow_countersign_countersign_result")
    found = replayed(session, world, paid_case(world), formal_check=edited)
    assert (found.verdict, found.new_steps) == ("same", ("补充核对",))


def test_a_new_step_after_the_last_decision_is_taken_too(session: Session, world: Bureau) -> None:
    """The case had ended: a step added just before its end does not hold it up."""
    edited = insert_step(shipped("disbursement"), "flow_pay_record", lane="财务", status="awaiting_payment")
    found = replayed(session, world, paid_case(world), disbursement=edited)
    assert (found.verdict, found.sentence) == ("same", "结果相同，多经过“补充核对”。")


def test_a_condition_turned_round_sends_it_elsewhere(session: Session, world: Bureau) -> None:
    """Passing the acceptance now counts as failing it: nothing is paid."""
    edited = shipped("post_subsidy").replace(
        'acceptance_outcome == "passed"', 'acceptance_outcome == "failed"'
    )
    found = replayed(session, world, paid_case(world), post_subsidy=edited)
    assert found.verdict in ("elsewhere", "stuck")
    assert found.paid_after_fen == 0


def test_a_step_taken_out_leaves_its_decision_without_a_place(session: Session, world: Bureau) -> None:
    """The countersign is skipped: the outcome is the same, the decision never happens."""
    edited = shipped("formal_check").replace(
        'sourceRef="check_result" targetRef="countersign"', 'sourceRef="check_result" targetRef="passed"'
    )
    found = replayed(session, world, paid_case(world), formal_check=edited)
    assert (found.verdict, "countersign" in found.sentence) == ("elsewhere", True)


@pytest.mark.parametrize("steps", [0, 1])
def test_a_case_under_way_is_replayed_as_far_as_it_has_come(
    session: Session, world: Bureau, steps: int
) -> None:
    """It stands where it stands; that is no difference."""
    case = world.open("T1-D1") if steps == 0 else file_application(world, "T1-D1")
    key = session.exec(select(Process.key).where(Process.case_id == case.id)).one()
    assert replayed(session, world, key).verdict == "same"
