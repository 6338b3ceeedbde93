"""The draw's page: who may look and press, the what-if, lots before a witness, publishing and taking back."""

from sqlmodel import Session, select

from engine.people.models import Account, Expert
from engine.reviewing.models import Draw
from tests.engine.reviewing import worlds
from tests.web.rounds.offices import cells, errors, filled, office
from tests.worlds import Bureau

DRAW = "/rounds/1/draw"


def test_only_who_draws_approves_or_supervises_sees_it(session: Session, world: Bureau) -> None:
    """The programme officer is told why not; supervision reads all of it and can press nothing."""
    bureau = office(session, world)
    programme, supervision = bureau.client("programme"), bureau.client("supervision")

    page = supervision.get(DRAW)

    assert (programme.get(DRAW).status_code, programme.post(f"{DRAW}/prepare").status_code) == (403, 403)
    assert "示例专家1" in page.text
    assert 'disabled title="纪检账号只能查看，不能办理。">准备抽取' in page.text
    assert supervision.post(f"{DRAW}/prepare").status_code == 403


def test_the_pool_tells_the_rule_and_the_evidence(session: Session, world: Bureau) -> None:
    """Before anybody is invited: who is barred, by which rule, on what ground."""
    bureau = office(session, world)
    session.exec(select(Expert)).first().suspended = True  # type: ignore[union-attr]

    page = bureau.client("drawing").get(f"{DRAW}?pool=barred").text

    assert "不能参加 1" in page
    assert "示例专家1" in page
    assert "示例专家2" not in page.split('id="pool"')[1]
    assert "专家库" in page.split('id="pool"')[1]


def test_a_draw_from_preparing_to_publishing(session: Session, world: Bureau) -> None:
    """Progress while it is solved, hashes before the number, seats with reasons, replay, publish."""
    bureau = office(session, world)
    client = bureau.client("drawing")
    client.post(f"{DRAW}/prepare")
    waiting = client.get(DRAW).text
    worlds.work(world)
    session.commit()

    refused = client.post(f"{DRAW}/lots", data={"witness": "示例监督员", "number": ""})
    client.post(f"{DRAW}/lots", data={"witness": "示例监督员", "number": "42"})
    drawn = client.get(f"{DRAW}?replay=1").text
    client.post(f"{DRAW}/publish")
    published = client.get(DRAW).text

    assert 'hx-trigger="every 1s"' in waiting
    assert errors(refused.text) == [("请填写见证人姓名和见证人给出的数字。", "#f-number")]
    assert filled(refused.text, "witness") == "示例监督员"
    assert len(cells(drawn, "匹配度")) == 5
    assert "1 次抽签结果全部一致" in drawn
    assert published.count("待答复邀请") == 5
    assert client.get(f"{DRAW}/certificate.json").json["panel"] == 1


def test_a_wish_needs_its_reason_and_the_leader(session: Session, world: Bureau) -> None:
    """Without a reason it comes back as typed; with one, lots wait for the approving leader."""
    bureau = office(session, world)
    client = bureau.client("drawing")
    wished = {"pin": str(world.experts[0].id), "change.backups_per_seat": "1", "wish": "yes"}
    session.commit()

    refused = client.post(f"{DRAW}/prepare", data=wished)
    client.post(f"{DRAW}/prepare", data={"pin": wished["pin"], "reason": "本领域仅此一位"})
    worlds.work(world)
    session.commit()
    early = client.post(f"{DRAW}/lots", data={"witness": "示例监督员", "number": "7"})
    bureau.client("approver").post(f"{DRAW}/approve")
    client.post(f"{DRAW}/lots", data={"witness": "示例监督员", "number": "7"})

    assert errors(refused.text)[0][1] == "#f-reason"
    assert f'value="{wished["pin"]}" selected' in refused.text
    assert "须先经分管领导批准" in early.text
    session.expire_all()
    made = session.exec(select(Draw)).one()
    assert (made.status, made.approved_by) == ("drawn", "approver")
    assert world.experts[0].id in [seat["account"] for seat in made.seats]


def test_a_published_draw_is_taken_back_until_a_file_is_opened(session: Session, world: Bureau) -> None:
    """With a reason, while nobody has read; afterwards refused in words."""
    bureau = office(session, world)
    bureau.draw()
    client = bureau.client("drawing")
    without = client.post(f"{DRAW}/undo", data={"reason": ""})
    client.post(f"{DRAW}/undo", data={"reason": "会议改期"})
    taken_back = client.get(DRAW).text
    bureau.draw()
    world.accept_all()
    session.commit()
    item, login = bureau.items("score")[0]
    bureau.client(login).post(f"/expert/reviews/{item}/cases/{bureau.cases[0]}/open")

    refused = client.post(f"{DRAW}/undo", data={"reason": "再改期"})

    assert errors(without.text) == [("撤回抽取请写明理由。", "#f-undo-reason")]
    assert "上一次抽取已撤回" in taken_back
    assert (refused.status_code, "已有专家打开材料" in refused.text) == (409, True)


def test_a_shortage_is_told_with_what_would_help(session: Session, world: Bureau) -> None:
    """No finance expert in the pool: the reason stands on the page, and nothing can be drawn."""
    bureau = office(session, world)
    for expert in session.exec(select(Expert)):
        expert.kinds = ["technical"]
    session.commit()
    client = bureau.client("drawing")
    client.post(f"{DRAW}/prepare")
    worlds.work(world)
    session.commit()

    page = client.get(DRAW).text

    made = session.exec(select(Draw)).one()
    assert (made.status, 'id="lots"' in page) == ("short", False)
    assert [one["sentence"] in page for one in made.result["shortages"]] == [True]


def test_an_excused_expert_is_replaced(session: Session, world: Bureau) -> None:
    """With a reason; the substitute stands under the one who left."""
    bureau = office(session, world)
    made = bureau.draw()
    seat = next(one for one in made.seats if one["backups"])
    name = session.get_one(Account, seat["account"]).name
    client = bureau.client("drawing")
    member = _member(client.get(DRAW).text, name)

    client.post(f"{DRAW}/members/{member}", data={"how": "excuse", "reason": "出差"})

    page = client.get(DRAW).text
    assert f"递补 {name}" in page
    assert "出差" in page


def _member(page: str, name: str) -> str:
    row = page.split('id="members"')[1].split(f"{name} ")[1]
    return row.split("/members/")[1].split('"')[0]


def test_a_large_pool_is_looked_through_in_parts(session: Session, world: Bureau) -> None:
    """Fifty at a time, or by name; findings are told of those on the page alone."""
    bureau = office(session, world)
    worlds.widen_pool(world, 60)
    session.commit()
    client = bureau.client("drawing")

    first, rest, found = (
        client.get(f"{DRAW}?{query}").text.split('id="pool"')[1]
        for query in ("", "from=50", "find=示例专家33")
    )

    assert [len(cells(part, "本年已评")) for part in (first, rest)] == [50, 29]
    assert ("第 1 至 50 位，共 79 位" in first, "from=50" in first, "from=0" in rest) == (True, True, True)
    assert cells(found, "本年已评") == ["0 / 10"]


def test_the_cost_of_an_expert_is_worked_out(session: Session, world: Bureau) -> None:
    """Beside the preview: what total and worst would be if a better-ranked expert sat there."""
    bureau = office(session, world)
    client = bureau.client("drawing")
    client.post(f"{DRAW}/prepare")
    worlds.work(world)
    made = session.exec(select(Draw)).one()
    seated = {seat["account"] for seat in made.seats}
    free = next(one for one in world.experts if one.id not in seated)
    session.commit()

    page = client.get(f"{DRAW}?part=1&force={free.id}").text

    assert f"若指定 {free.name}" in page
    assert "总匹配度变化" in page
    assert client.get(f"{DRAW}?part=9&force=1").status_code == 400
    assert client.get(f"{DRAW}?part=x&force=y").status_code == 200
