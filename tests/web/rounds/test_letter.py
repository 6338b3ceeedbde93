"""Letter review on the pages: chosen in grouping, experts told per application, an expert's desk holds only his."""

from lxml import html
from sqlmodel import Session, select

from engine.cases.models import WorkItem
from engine.people.models import Account
from engine.reviewing import draws, rounds
from engine.reviewing.models import PanelMember
from engine.reviewing.wishes import Wish
from tests.engine.reviewing import worlds
from tests.web.rounds.offices import Office, cells, office
from tests.worlds import Bureau


def letters(session: Session, world: Bureau) -> Office:
    """Three applications grouped by letter on the round's page."""
    bureau = office(session, world, 3, grouped=False)
    step = session.exec(select(WorkItem).where(WorkItem.element == "group")).one()
    sent = {"outcome": "confirm", "mode": "letter", "cases": [str(case) for case in bureau.cases]}
    answer = bureau.client("programme").post(f"/tasks/{step.id}", data=sent)
    assert answer.status_code == 302, answer.text
    return bureau


def reading_two(bureau: Office) -> PanelMember:
    """Experts drawn and invited, one of them for two applications by the officer's wish: chance spreads the work."""
    world = bureau.world
    worlds.widen_pool(world, 24)
    both = tuple((case, world.experts[-1].id or 0) for case in bureau.cases[:2])
    made = worlds.prepare(world, 1, Wish(pins=both, reason="需要整车专家"))
    draws.approve(world.session, made.id or 0, actor=world.accounts["approver"], now=world.now)
    worlds.publish(world, made)
    world.session.commit()
    return world.session.exec(select(PanelMember).where(PanelMember.account_id == both[0][1])).one()


def test_a_draw_tells_the_experts_of_each_application(session: Session, world: Bureau) -> None:
    """Five seats for each of three applications, named; the round's page says how means compare."""
    bureau = letters(session, world)
    bureau.draw()

    page = bureau.client("drawing").get("/rounds/1/draw?replay=1").text
    drawn = [one for one in cells(page, "项目") if one.startswith("示例项目")]

    assert (sorted(drawn), "通讯评审" in page) == (
        sorted(f"示例项目 {n}" for n in (1, 2, 3) for _ in range(5)),
        True,
    )
    assert "1 次抽签结果全部一致" in page


def test_an_expert_is_invited_once_and_sees_only_his_applications(session: Session, world: Bureau) -> None:
    """One application is left out with its reason: a backup is invited for it, and it is gone from the desk."""
    bureau = letters(session, world)
    member = reading_two(bureau)
    lost, *kept = member.cases
    login = session.get_one(Account, member.account_id).login
    item = next(number for number, holder in bureau.items("respond") if holder == login)
    client = bureau.client(login)

    listed = html.fromstring(client.get(f"/expert/invitations/{item}").text).xpath("//textarea/@name")
    sent = {"outcome": "accept", "signed": "yes", f"statement.{lost}": "与项目负责人合作发表论文"}
    client.post(f"/expert/invitations/{item}", data=sent)
    heir = session.exec(select(PanelMember).where(PanelMember.replaces_id == member.id)).one()
    world.accept_all()
    session.commit()
    sheet = next(number for number, holder in bureau.items("score") if holder == login)
    page = client.get(f"/expert/reviews/{sheet}").text

    assert listed == [*(f"statement.{case}" for case in [lost, *kept]), "comment"]
    assert heir.cases == [lost]
    assert [f"/cases/{case}" in page for case in [lost, *kept]] == [False, *[True] * len(kept)]
    assert client.get(f"/expert/reviews/{sheet}/cases/{lost}").status_code == 403
    assert client.get(f"/cases/{lost}").status_code == 403


def test_a_letter_ranking_says_that_raw_means_are_compared(session: Session, world: Bureau) -> None:
    """Scored by different experts; one application may be sent to fresh experts alone."""
    bureau = letters(session, world)
    bureau.draw()
    world.accept_all()
    worlds.score_own(world, {case: 80 - number for number, case in enumerate(bureau.cases)})
    session.commit()

    page = bureau.client("programme").get("/rounds/1").text

    ranked = [entry.case_id for entry in rounds.entries(session, 1)]
    assert ranked == bureau.cases
    assert "按各自有效评分的原始均值比较排序" in page
    assert "复评项目" in page
