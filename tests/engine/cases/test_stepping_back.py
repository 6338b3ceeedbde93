"""Taking a case back: where it stood before, as if nothing had happened since, and the history says both."""

import pytest
from sqlmodel import Session, select

from engine.cases import stepping_back
from engine.cases.models import Process, Settlement, WorkItem
from engine.errors import Conflict, Forbidden, Refused
from engine.history import entries
from engine.reviewing import rounds
from tests.truth import untruths
from tests.walks import file_and_establish, file_application, pass_formal_check, sign_task_book
from tests.worlds import Bureau, bureau, refusal

WORKING = "T3-D1-S1"


@pytest.fixture
def world(session: Session) -> Bureau:
    return bureau(session)


def done(world: Bureau, element: str) -> WorkItem:
    """The step as it was last completed."""
    statement = select(WorkItem).where(WorkItem.element == element, WorkItem.status == "done")
    return world.session.exec(statement.order_by(WorkItem.id.desc())).first()  # type: ignore[union-attr,return-value]


def back(world: Bureau, element: str, role: str, reason: str = "误操作") -> Process:
    return stepping_back.step_back(
        world.session,
        done(world, element).id or 0,
        actor=world.accounts[role],
        reason=reason,
        now=world.now,
    )


def test_a_step_taken_back_waits_again_and_goes_on(world: Bureau) -> None:
    """The officer's slip is undone: the same step is open, the status is the earlier one, the trace is kept."""
    case = file_application(world, WORKING)
    pass_formal_check(world, case)
    status = case.status

    back(world, "countersign", "programme")

    assert (world.open_steps(), untruths(world.session)) == (["countersign"], [])
    assert (status, case.status) == ("in_review", "received")
    last = entries(world.session, f"case:{case.id}")[-1]
    assert (last.verb, last.summary, last.actor) == ("step_back", "退回到“科室会签”：误操作", "programme")
    world.do("countersign", "agree")
    assert (case.status, untruths(world.session)) == ("in_review", [])


def test_several_steps_at_once_and_again(world: Bureau) -> None:
    """What was taken back is no longer on the way here; what led to it still is."""
    case = file_application(world, WORKING)
    pass_formal_check(world, case)
    undone = done(world, "countersign")

    back(world, "check", "intake")

    assert world.open_steps() == ["check"]
    with pytest.raises(Conflict, match="不在本项目已办的步骤中"):
        stepping_back.step_back(
            world.session, undone.id or 0, actor=world.accounts["programme"], reason="误操作", now=world.now
        )
    pass_formal_check(world, case)
    assert untruths(world.session) == []


def test_a_seal_is_taken_back_with_its_step(world: Bureau) -> None:
    """The recommending unit must seal again."""
    case = world.open(WORKING)
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    world.do("recommend", "recommend")

    back(world, "recommend", "programme")

    assert (world.open_steps(), "recommendation_sealed" in case.facts) == (["recommend"], False)


def test_verified_amounts_are_what_they_were_before(world: Bureau) -> None:
    """A figure typed into the wrong field does not survive the step it was typed in."""
    case = file_and_establish(world, WORKING)
    sign_task_book(world)
    world.do("report", "finish")
    world.do("apply_acceptance", "submit", summary="全部完成", audit_report="示审〔2026〕1号")
    world.do("check_package", "ok")
    world.do("verify_base", "done", verified_self_raised="1000000", ai_compute_paid="5")

    back(world, "verify_base", "planning")

    settlement = world.session.get_one(Settlement, case.id)
    assert (settlement.verified_self_raised_fen, settlement.ai_compute_paid_fen) == (None, None)
    assert untruths(world.session) == []


REFUSED: list[tuple[str, str, str]] = [
    ("intake", "intake", "受理回执"),
    ("fill", "applicant", "退回到单位的步骤"),
    ("countersign", "supervision", "只能查看"),
    ("countersign", "finance", "业务科室"),
]


@pytest.mark.parametrize(("element", "role", "sentence"), REFUSED)
def test_who_may_and_what_cannot_be_called_back(
    world: Bureau, element: str, role: str, sentence: str
) -> None:
    """Letters that went out forbid it, and so does the wrong person; nothing has changed then."""
    pass_formal_check(world, file_application(world, WORKING))
    before = world.open_steps()

    with pytest.raises((Refused, Forbidden), match=sentence):
        back(world, element, role)

    assert (world.open_steps(), untruths(world.session)) == (before, [])


def test_a_case_in_a_round_stays(world: Bureau) -> None:
    """Its place among the round's applications would be left empty."""
    pass_formal_check(world, file_application(world, WORKING))
    rounds.open_round(world.session, WORKING, actor=world.accounts["programme"], now=world.now)
    world.do("group", "confirm")

    assert "已编入" in refusal(lambda: back(world, "countersign", "programme"))


def test_money_promised_or_paid_forbids_it(world: Bureau) -> None:
    """After the commitment nothing before it is reopened."""
    file_and_establish(world, WORKING)

    assert "不能收回" in refusal(lambda: back(world, "countersign", "approver"))


def test_a_reason_is_asked_for(world: Bureau) -> None:
    """A blank reason is none."""
    pass_formal_check(world, file_application(world, WORKING))

    assert refusal(lambda: back(world, "countersign", "programme", " ")) == "退回办理须写明理由。"
