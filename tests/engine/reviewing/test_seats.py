"""Who holds which seat when people leave, come late or answer what is over: nobody twice, no sheet lost."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from engine import db
from engine.cases import door
from engine.cases.models import WorkItem
from engine.people.models import Account
from engine.reviewing import draws, invitations, proofs
from engine.reviewing.models import PanelMember, ReviewRound
from tests.engine.reviewing import test_letters as letters
from tests.engine.reviewing.test_invitations import first_seat, member, seats
from tests.engine.reviewing.worlds import drawn, prepare, publish, reply, work
from tests.worlds import Bureau, refusal


def sheet_holders(world: Bureau) -> list[int | None]:
    """Who has the open score sheets."""
    statement = select(WorkItem.holder_id).where(WorkItem.element == "score", WorkItem.status == "open")
    return sorted(world.session.exec(statement), key=str)


def step_down(world: Bureau, who: int) -> PanelMember:
    """An expert leaves over the own score sheet; the substitute invited for it."""
    leaving = member(world, who)
    invitations.excuse(
        world.session,
        leaving.id or 0,
        actor=world.accounts["drawing"],
        now=world.now,
        reason="家人住院",
    )
    return world.session.exec(select(PanelMember).where(PanelMember.replaces_id == leaving.id)).one()


def test_the_sheet_of_a_substitute_goes_to_the_next(world: Bureau) -> None:
    """Who stepped in before the review began leaves during it: the sheet made for them passes on, and is not lost."""
    _, made = drawn(world)
    who, backups = first_seat(made)
    reply(world, who, "decline", comment="出差在外")
    world.accept_all()
    heir = step_down(world, backups[0])
    reply(world, heir.account_id, "accept", signed=True)
    staying = [seat["account"] for seat in made.seats[1:]]
    assert sheet_holders(world) == sorted([*staying, heir.account_id], key=str)


def test_in_letter_review_nobody_is_left_without_the_own_sheet(world: Bureau) -> None:
    """One gives up an application, whoever took it leaves: the next has that sheet, the first keeps the own."""
    letters.reading_two(world)
    first = next(one for one in world.session.exec(select(PanelMember)) if len(one.cases) > 1)
    declared = [{"case_id": first.cases[0], "statement": "与项目负责人合作发表论文"}]
    reply(world, first.account_id, "accept", signed=True, declarations=declared)
    second = world.session.exec(select(PanelMember).where(PanelMember.replaces_id == first.id)).one()
    world.accept_all()
    before = sheet_holders(world)
    third = step_down(world, second.account_id)
    reply(world, third.account_id, "accept", signed=True)
    expected = [*(who for who in before if who != second.account_id), third.account_id]
    assert sheet_holders(world) == sorted(expected, key=str)


def test_an_invitation_that_was_taken_back_cannot_be_answered(world: Bureau) -> None:
    """Excused a moment ago, or the draw undone: the page still open changes nothing, and nobody is called twice."""
    _, made = drawn(world)
    who, backups = first_seat(made)
    invitations.excuse(
        world.session,
        member(world, who).id or 0,
        actor=world.accounts["drawing"],
        now=world.now,
        reason="住院",
    )
    said = refusal(lambda: reply(world, who, "accept", signed=True))
    world.now += timedelta(days=9)
    world.settle()
    heirs = select(PanelMember.account_id).where(PanelMember.replaces_id == member(world, who).id)
    assert said == "这份邀请已撤回，不必答复；您的任务列在“我的评审”。"
    assert (member(world, who).standing, world.session.exec(heirs).all()) == ("excused", [backups[0]])


def test_an_account_closed_meanwhile_gives_its_seat_up(world: Bureau) -> None:
    """Everybody signed, one account was closed since: the seat passes on instead of stopping the round."""
    round_id, made = drawn(world)
    last, closed, *others = [seat["account"] for seat in made.seats]
    for who in (closed, *others):
        reply(world, who, "accept", signed=True)
    world.session.get_one(Account, closed).active = False
    reply(world, last, "accept", signed=True)
    after = seats(world, round_id)
    assert (after[closed], list(after.values()).count("invited")) == ("conflict", 1)


def test_a_panel_by_hand_keeps_who_sits_already(world: Bureau) -> None:
    """After a shortage four sit: a panel entered by hand without them would never be complete."""
    round_id, made = drawn(world, pool=12)
    for seat in made.seats[1:]:
        reply(world, seat["account"], "accept", signed=True)
    while asked := [who for who, how in seats(world, round_id).items() if how == "invited"]:
        reply(world, asked[0], "decline", comment="没有时间")
    world.settle()
    work(world)
    others = [one.id for one in world.experts[:5]]
    said = refusal(lambda: world.do("draw", "confirm", experts=others))
    assert said.endswith("已在席位上；请一并录入，或先免除。")


def test_backups_are_two_of_each_seats_own(world: Bureau) -> None:
    """As many experts wait as the rule asks for, not two for the whole panel."""
    _, made = drawn(world, pool=24)
    spare = [who for seat in made.seats for who in seat["backups"]]
    assert (len(spare), len(set(spare))) == (10, 10)


def test_backups_exchanged_after_the_draw_are_found(world: Bureau) -> None:
    """The order of the backups is committed before the seed: a replay tells when it is another."""
    _, made = drawn(world)
    listed = [[{**seat, "backups": seat["backups"][::-1]} for seat in one] for one in made.result["listed"]]
    made.result = made.result | {"listed": listed}
    made.seats = listed[draws.attempts(world.session, made.id)[0].drawn]
    world.session.flush()
    assert proofs.replay(world.session, made.id or 0).faults == [
        "留存的席位与备选名单不是抽签前校验过的那一份。"
    ]


def test_another_draw_needs_its_reason(world: Bureau) -> None:
    """After a published panel was taken back (补抽): refused without a word, drawn with one."""
    round_id, _ = drawn(world)
    actor = world.accounts["drawing"]
    invitations.undo(world.session, round_id, actor=actor, now=world.now, reason="见证程序有误")
    world.settle()
    said = refusal(lambda: draws.prepare(world.session, round_id, actor=actor, now=world.now))
    publish(world, prepare(world, round_id), "8")
    assert said == "本轮次已发布过专家组；补抽、重抽和复评抽取请写明理由。"


@pytest.mark.parametrize("witness", ["示例抽取岗", "drawing"])
def test_nobody_is_the_own_witness(world: Bureau, witness: str) -> None:
    """The number comes from somebody else, and is a number."""
    round_id, made = drawn(world)
    invitations.undo(
        world.session, round_id, actor=world.accounts["drawing"], now=world.now, reason="见证程序有误"
    )
    world.settle()
    made = prepare(world, round_id)

    def lots(who: str, number: str) -> str:
        actor, given = world.accounts["drawing"], {"witness": who, "number": number}
        return refusal(
            lambda: draws.draw_lots(world.session, made.id or 0, actor=actor, now=world.now, **given)
        )

    assert lots(witness, "7") == "见证人不能是抽取人本人；请由纪检或其他见证人给出数字。"
    assert lots("示例监督员", "七") == "见证人给出的应是不超过 20 位的数字，现为“七”；请改正。"


def test_the_last_two_accept_at_the_same_moment(world: Bureau, database: Engine) -> None:
    """Neither sees the other's answer yet: the second waits for the first, and the review opens."""
    round_id, made = drawn(world)
    one, other, *others = [seat["account"] for seat in made.seats]
    for who in others:
        reply(world, who, "accept", signed=True)
    items = dict(
        world.session.exec(
            select(WorkItem.holder_id, WorkItem.id).where(
                WorkItem.element == "respond", WorkItem.status == "open"
            )
        ).all()
    )
    world.session.commit()

    def accept(session: Session, who: int) -> None:
        actor, payload = session.get_one(Account, who), {"outcome": "accept", "signed": True}
        door.complete(session, items[who] or 0, actor=actor, payload=payload, now=world.now)

    def second() -> None:
        with db.writing(database) as session:
            accept(session, other)

    waiting = Thread(target=second)
    with db.writing(database) as session:
        accept(session, one)
        waiting.start()
        waiting.join(timeout=0.5)
    waiting.join()
    world.session.expire_all()
    assert world.session.get_one(ReviewRound, round_id).reviewing_at == world.now
