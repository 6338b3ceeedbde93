"""The sweep: everything that is due and awaited, each once, and one stuck case never stops the others."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from engine.cases import door, sides
from engine.cases.models import Message
from engine.cases.moves import ACTIONS, Move
from engine.errors import Refused
from engine.jobs.sweep import Swept, sweep
from tests.walks import file_application, pass_formal_check
from tests.worlds import Bureau

DIRECTION = "T3-D1-S1"


def swept(world: Bureau) -> Swept:
    """One sweep, as the worker does it."""
    world.session.commit()
    found = sweep(world.session.get_bind(), world.now)  # type: ignore[arg-type]
    world.session.expire_all()
    return found


def test_nothing_due_is_nothing_done(world: Bureau) -> None:
    """As often as anybody likes."""
    world.open(DIRECTION)
    assert [swept(world), swept(world)] == [Swept(), Swept()]


def test_what_one_message_opens_the_next_may_close(world: Bureau) -> None:
    """Review result and notice wait for the case; one sweep hands over both, in order."""
    case = file_application(world, DIRECTION)
    process = sides.main_process(world.session, case.id or 0).id or 0
    door.send(world.session, process, "notice_opened", "listed", now=world.now, key="second")
    door.send(world.session, process, "review_result", "recommended", now=world.now, key="first")
    early = swept(world)
    pass_formal_check(world, case)
    found = swept(world)
    undelivered = world.session.exec(select(Message.id).where(Message.delivered_at == None)).all()  # noqa: E711
    assert (early, found, case.status, undelivered) == (Swept(), Swept(delivered=2), "on_notice", [])


def test_a_stuck_case_is_named_and_the_others_go_on(world: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweep lets every other limit pass, and says which one failed and why."""
    first, second = world.open(DIRECTION), world.open(DIRECTION)
    notify = ACTIONS["notify_not_accepted"]

    def stumble(move: Move, element: str, data: Any) -> str:
        if move.file.id == first.id:
            raise Refused("示例故障。")
        return notify(move, element, data)

    monkeypatch.setitem(ACTIONS, "notify_not_accepted", stumble)
    world.now += timedelta(days=100)
    found = swept(world)
    broken = (found.fired, [word.split("：")[1] for word in found.stuck], first.status, second.status)
    monkeypatch.undo()
    assert broken == (1, ["示例故障。"], "draft", "not_accepted")
    assert (swept(world), first.status) == (Swept(fired=1), "not_accepted")
