"""What the door refuses, in words, and that a refused move has changed nothing at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from engine.cases import door, opening, sides
from engine.cases.models import Message, Process, Waiting
from engine.cases.moves import ACTIONS, Move
from engine.errors import Conflict, Forbidden, KeguanError, NotFound, Refused, Unusable
from engine.people.models import Organization
from tests.databases import contents
from tests.walks import file_application, pass_formal_check
from tests.worlds import Bureau, code

DIRECTION = "T3-D1-S1"


def refused(world: Bureau, act: Callable[[], object]) -> KeguanError:
    """The error an act is refused with, having changed not one row."""
    world.session.commit()
    before = contents(world.session)
    with pytest.raises(KeguanError) as error:
        act()
    world.session.rollback()
    world.session.expire_all()
    assert contents(world.session) == before
    return error.value


def attempt(world: Bureau, element: str, payload: dict[str, Any], who: str = "") -> Callable[[], object]:
    """Completing the open step with this form, as its own role or as somebody else."""
    item = world.item(element)
    actor = world.accounts[who or item.role]
    return lambda: door.complete(world.session, item.id or 0, actor=actor, payload=payload, now=world.now)


def test_a_step_is_completed_once(world: Bureau) -> None:
    """A second click, or a colleague with the same page open, is told who was first."""
    world.open(DIRECTION)
    first = world.do("fill", "withdraw")
    again = lambda: door.complete(  # noqa: E731
        world.session, first.id or 0, actor=world.accounts["applicant"], payload={}, now=world.now
    )
    error = refused(world, again)
    assert (type(error), error.message) == (
        Conflict,
        "待办“填报申报书”已由示例申报单位办结，不能重复办理；请刷新页面查看最新进展。",
    )


@pytest.mark.parametrize(
    ("payload", "reasons"),
    [
        ({}, ["办理结果：必填，请填写。"]),
        ({"outcome": "submit", "colour": "red"}, ["colour：没有这个字段，请删除。"]),
        (
            {"outcome": "submit", "facts": {"requested_yuan": "许多", "starts_on": "七月"}},
            ["申请财政经费（元）：应为数字，例如 12.34。", "项目开始日期：应为日期，例如 2024-05-01。"],
        ),
        ({"outcome": "submit", "domain": "51"}, ["学科代码（GB/T 13745）：格式不对，请按说明填写。"]),
        ({"outcome": "submit", "title": "长" * 201}, ["项目名称：最多 200 个字。"]),
        ({"outcome": 3, "title": ["甲"]}, ["办理结果：应为文字。", "项目名称：应为文字。"]),
        ({"outcome": "submit", "facts": {"colour": 1}}, ["colour：没有这个字段，请删除。"]),
        ({"outcome": "submit", "facts": []}, ["申报数据：应为成组的内容。"]),
    ],
)
def test_every_wrong_field_gets_a_sentence(
    world: Bureau, payload: dict[str, Any], reasons: list[str]
) -> None:
    """Missing, unknown, malformed: all named at once, by the name the form shows."""
    world.open(DIRECTION)
    error = refused(world, attempt(world, "fill", payload))
    assert (type(error), error.reasons) == (Unusable, reasons)


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ({"outcome": "submit"}, "请填写项目名称。"),
        ({"outcome": "submit", "title": "示例"}, "请填写申请财政经费（不申请的填 0）。"),
        (
            {"outcome": "submit", "title": "示例", "facts": {"requested_yuan": "0.001"}},
            "金额 0.001 元应精确到分，最多两位小数。",
        ),
        (
            {"outcome": "submit", "title": "示例", "facts": {"requested_yuan": "1E+30"}},
            "金额 1E+30 元过大；请按元填写，并核对位数。",
        ),
    ],
)
def test_what_an_application_cannot_do_without(world: Bureau, payload: dict[str, Any], sentence: str) -> None:
    """Title and requested money are asked for at once, all else by the formal check."""
    world.open(DIRECTION)
    error = refused(world, attempt(world, "fill", payload))
    assert (type(error), error.message) == (Refused, sentence)


def test_only_a_declared_outcome_is_taken(world: Bureau) -> None:
    """A decision the diagram's step does not know is refused, not routed by default."""
    world.open(DIRECTION)
    error = refused(world, attempt(world, "fill", {"outcome": "approve"}))
    assert (type(error), error.message) == (
        Unusable,
        "“填报申报书”的办理结果只能是 submit、withdraw，不能是“approve”。",
    )


@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ("finance", "该步骤由“推荐单位”办理，您的账号没有这个岗位。"),
        ("applicant", "该步骤由“推荐单位”办理，您的账号没有这个岗位。"),
        ("supervision", "纪检账号只能查看，不能办理。"),
    ],
)
def test_somebody_elses_step_is_not_theirs(world: Bureau, who: str, sentence: str) -> None:
    """Roles do not help each other out, and supervision only looks."""
    world.open(DIRECTION)
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    error = refused(world, attempt(world, "recommend", {"outcome": "recommend"}, who))
    assert (type(error), error.message) == (Forbidden, sentence)


def test_another_units_applicant_is_a_stranger(world: Bureau) -> None:
    """A unit's step is that unit's."""
    world.open(DIRECTION)
    other = Organization(name="示例化工有限公司", credit_code=code("91450200MA0000002"), kind="enterprise")
    world.session.add(other)
    world.session.flush()
    world.accounts["applicant"].organization_id = other.id
    error = refused(world, attempt(world, "fill", {"outcome": "withdraw"}))
    assert (type(error), error.message) == (Forbidden, "该步骤属于其他单位，只能由该单位办理。")


def test_an_ended_case_moves_no_more(world: Bureau) -> None:
    """Withdrawn is withdrawn: no termination, no late message, no time limit."""
    case = world.open(DIRECTION)
    world.do("fill", "withdraw")
    terminate = lambda: sides.open_termination(  # noqa: E731
        world.session, case, actor=world.accounts["programme"], reason="不再实施", now=world.now
    )
    error = refused(world, terminate)
    assert error.message == "项目现为“撤回”，只有实施中或结题中的项目可以终止。"
    process = sides.main_process(world.session, case.id or 0)
    door.send(world.session, process.id or 0, "review_result", "recommended", now=world.now, key="late")
    world.now += timedelta(days=400)
    world.settle()
    assert (case.status, process.outcome, world.open_steps()) == ("withdrawn", "withdrawn", [])


def test_a_message_arrives_once_and_only_where_it_is_awaited(world: Bureau) -> None:
    """Early it is kept; sent twice it is one; handed over twice it moves the case once."""
    case = file_application(world, DIRECTION)
    process = sides.main_process(world.session, case.id or 0)
    for _ in range(2):
        door.send(world.session, process.id or 0, "review_result", "rejected", now=world.now, key="once")
    world.settle()
    message = world.session.exec(select(Message)).one()
    early = message.delivered_at
    pass_formal_check(world, case)
    world.settle()
    delivered = message.delivered_at
    again = door.deliver(world.session, message.id or 0, now=world.now + timedelta(days=1))
    assert (early, delivered, again, message.delivered_at, case.status) == (
        None,
        world.now,
        False,
        world.now,
        "declined",
    )


def test_a_time_limit_passes_once_and_never_early(world: Bureau) -> None:
    """On the last second it has not passed; a second later it has; afterwards it is over."""
    case = world.open(DIRECTION)
    wait = world.session.exec(select(Waiting).where(Waiting.element == "window_closed")).one()
    assert wait.due_at is not None
    early = door.fire(world.session, wait.id or 0, now=wait.due_at - timedelta(seconds=1))
    passed = door.fire(world.session, wait.id or 0, now=wait.due_at)
    again = door.fire(world.session, wait.id or 0, now=wait.due_at)
    assert (early, passed, again, case.status) == (False, True, False, "not_accepted")


def test_a_crash_in_an_action_takes_everything_back(world: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """Form, item, state, history and the number given before the crash: none of it stays."""
    world.open(DIRECTION)
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    world.do("recommend", "recommend")
    world.session.commit()
    before = contents(world.session)
    register = ACTIONS["register_case"]

    def crash(move: Move, element: str, data: Any) -> str:
        register(move, element, data)
        move.session.flush()
        raise ZeroDivisionError

    monkeypatch.setitem(ACTIONS, "register_case", crash)
    with pytest.raises(ZeroDivisionError):
        attempt(world, "intake", {"outcome": "accept"})()
    world.session.rollback()
    world.session.expire_all()
    assert contents(world.session) == before


def test_an_application_is_opened_for_a_known_direction_by_its_own_unit(world: Bureau) -> None:
    """Unknown direction, unknown unit, somebody else's unit."""

    def opened(direction: str, unit: int, who: str) -> Callable[[], object]:
        return lambda: opening.open_case(
            world.session, direction, unit_id=unit, actor=world.accounts[who], now=world.now
        )

    unit = world.unit.id or 0
    errors = [
        refused(world, opened("T9-D9", unit, "applicant")),
        refused(world, opened(DIRECTION, 999, "intake")),
        refused(world, opened(DIRECTION, unit, "finance")),
        refused(world, opened(DIRECTION, unit, "supervision")),
    ]
    assert [type(error) for error in errors] == [NotFound, NotFound, Forbidden, Forbidden]


@pytest.mark.parametrize("days", [-1, 61])
def test_an_application_is_opened_inside_the_window(world: Bureau, days: int) -> None:
    """11 March to 10 May 2024, both included."""
    world.now += timedelta(days=days)
    error = refused(world, lambda: world.open(DIRECTION))
    assert (type(error), error.message) == (
        Refused,
        "申报时间为 2024-03-11 至 2024-05-10，今天不在其中，不能新建申报；"
        "时间由管理员在“规则和参数”中的“申报开始日期”“申报截止日期”设定。",
    )


def test_there_is_no_such_step(session: Session, world: Bureau) -> None:
    """A made-up number is not found, whoever asks."""
    error = refused(
        world, lambda: door.complete(session, 999, actor=world.accounts["intake"], payload={}, now=world.now)
    )
    assert (type(error), error.message) == (NotFound, "没有编号为 999 的待办。")
    assert session.exec(select(Process)).all() == []
