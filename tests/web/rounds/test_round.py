"""The round's page for officers: progress without names while scores come in, then the ranking with its reasons."""

from sqlmodel import Session

from engine.cases.models import CaseFile
from tests.engine.reviewing.worlds import score, withdraw
from tests.web.rounds.offices import Office, cells, errors, filled, office
from tests.worlds import Bureau


def test_while_scores_come_in_nobody_is_named(session: Session, world: Bureau) -> None:
    """The programme officer follows the seats by number; supervision reads the names."""
    bureau = office(session, world)
    bureau.draw()
    world.accept_all()
    session.commit()

    programme = bureau.client("programme").get("/rounds/1").text
    supervision = bureau.client("supervision").get("/rounds/1").text

    assert ("专家1" in programme, "示例专家" in programme) == (True, False)
    assert "评分结束后才能查看评分。" in programme
    assert cells(programme, "草稿") == ["0/2"] * 5
    assert "示例专家" in supervision


def test_the_ranking_shows_what_was_dropped_ties_and_the_quota_line(session: Session, world: Bureau) -> None:
    """One highest and one lowest of five are struck through; equal means are told as a tie; the line is drawn."""
    bureau = _ranked(session, world, [90, 80, 80], quota=2)

    page = bureau.client("programme").get("/rounds/1").text

    assert cells(page, "均分") == ["90.00", "80.00", "80.00"]
    assert page.count("最高或最低，不计入") == 6
    assert page.count("同分，创新性与先进性、技术路线可行性也相同，暂按编号列，由组长表决") == 2
    assert "限额线：以上 2 项在限额内" in page
    assert page.index("限额线") < page.index("备选第 1")


def test_a_re_review_needs_its_reason(session: Session, world: Bureau) -> None:
    """Refused on the page with the sentence; with a reason the round goes back to the draw."""
    bureau = _ranked(session, world, [90, 80], quota=None)
    item = world.item("confirm_ranking").id
    session.commit()
    client = bureau.client("programme")

    refused = client.post(f"/tasks/{item}", data={"outcome": "re_review"})
    client.post(f"/tasks/{item}", data={"outcome": "re_review", "comment": "评分依据不足"})

    assert errors(refused.text) == [("要求复评的，请在意见中写明理由。", "")]
    page = client.get("/rounds/1").text
    assert "评分依据不足" in page.split('id="decisions"')[1]
    assert "抽取过程对业务科室" in page


def test_a_round_left_without_applications_is_ended_on_its_page(session: Session, world: Bureau) -> None:
    """No draw is offered any more: the drawing officer ends the round by one button."""
    bureau = office(session, world, 1)
    case = session.get_one(CaseFile, bureau.cases[0])
    world.accounts["applicant"].organization_id = case.unit_id
    withdraw(world, case)
    item = world.item("draw").id
    session.commit()
    client = bureau.client("drawing")

    page = client.get("/rounds/1").text
    client.post(f"/tasks/{item}", data={"outcome": "cancel"})

    assert "本轮次的项目都已撤回，没有要评审的。" in page
    assert ("进入抽取" in page, "办结轮次" in page) == (False, True)
    assert "轮次已取消：项目全部撤回" in client.get("/rounds/1").text


def test_a_proposal_that_comes_back_is_as_it_was(session: Session, world: Bureau) -> None:
    """The second instead of the first, at less: the form of the next attempt begins with that, and the sum is told."""
    bureau = _ranked(session, world, [90, 80], quota=1)
    second = {"case_id": bureau.cases[1], "fund": True, "approved": "80000", "reason": "第一名已获上级立项"}
    world.do("confirm_ranking", "proceed", comment="无异议")
    world.settle()
    world.do("propose", "submit", rows=[second])
    world.do("plan_funds", "return", comment="请核对")
    session.commit()

    page = bureau.client("programme").get("/rounds/1").text

    assert [filled(page, f"rows.{row}.approved") for row in range(2)] == ["0.00", "80000.00"]
    assert "第一名已获上级立项</textarea>" in page
    assert "拟立项 1 项，拟补助合计" in page
    assert "¥80,000.00" in page.split("拟补助合计")[1].split("</p>")[0]


def test_an_expert_is_sent_to_the_desk(session: Session, world: Bureau) -> None:
    """The round's page is the bureau's; a step of an expert's own opens at the desk."""
    bureau = office(session, world)
    bureau.draw()
    item, login = bureau.items("respond")[0]
    client = bureau.client(login)

    assert client.get("/rounds/1").status_code == 403
    assert client.get(f"/tasks/{item}").location == f"/expert/invitations/{item}"
    assert client.get("/").location == "/expert"


def _ranked(session: Session, world: Bureau, percents: list[int], quota: int | None) -> Office:
    bureau = office(session, world, len(percents), quota)
    bureau.draw()
    world.accept_all()
    score(world, dict(zip(bureau.cases, percents, strict=True)))
    world.settle()
    return bureau
