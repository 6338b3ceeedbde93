"""The expert desk: declare before a file opens, read beside the card, save and finish later, see nobody else's."""

from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from engine.cases.models import CaseFile
from engine.people.models import Organization
from engine.reviewing.models import PanelMember, ReviewRound, Score
from tests.web.rounds.offices import POINTS, Office, cells, errors, filled, office, reviewing
from tests.worlds import Bureau


def test_no_file_opens_before_the_declaration(session: Session, world: Bureau) -> None:
    """The invitation tells titles and units; the case itself is refused in words, and so is another's invitation."""
    bureau = office(session, world)
    bureau.draw()
    (item, login), (other, _) = bureau.items("respond")[:2]
    client = bureau.client(login)

    invitation = client.get(f"/expert/invitations/{item}")
    case = client.get(f"/cases/{bureau.cases[0]}")
    strange = client.get(f"/expert/invitations/{other}")

    assert "示例项目 1" in invitation.text
    assert "示例科技公司0" in invitation.text
    assert (case.status_code, "只能查看" in case.text) == (403, True)
    assert (strange.status_code, "分派给其他专家" in strange.text) == (403, True)


def test_the_declaration_is_about_people_and_units(session: Session, world: Bureau) -> None:
    """Leader, team and legal representative are named before any file opens, so that kinship can be declared."""
    bureau = office(session, world)
    case = session.get_one(CaseFile, bureau.cases[0])
    team = [{"name": "示例成员甲"}, {"name": "示例成员乙", "unit": "示例研究所"}]
    case.facts = case.facts | {"team": team, "joint_units": ["示例大学9"]}
    session.get_one(Organization, case.unit_id).legal_representative = "示例法人"
    session.commit()
    bureau.draw()
    item, login = bureau.items("respond")[0]

    (told, _) = cells(bureau.client(login).get(f"/expert/invitations/{item}").text, "申报单位和人员")

    assert " ".join(told.split()) == (
        "示例科技公司0（法定代表人 示例法人） 参与单位：示例大学9 负责人：示例负责人"
        " 项目组成员：示例成员甲、示例成员乙（示例研究所）"
    )


def test_accepting_needs_the_signature_and_keeps_what_was_typed(session: Session, world: Bureau) -> None:
    """The error links to the box; the remark is still there."""
    bureau = office(session, world)
    bureau.draw()
    item, login = bureau.items("respond")[0]
    client = bureau.client(login)

    page = client.post(f"/expert/invitations/{item}", data={"outcome": "accept", "comment": "周五可交"})

    assert page.status_code == 409
    assert errors(page.text) == [("应邀前须签署回避与保密承诺。", "#f-signed")]
    assert filled(page.text, "comment") == "周五可交"


def test_a_declared_conflict_brings_the_substitute(session: Session, world: Bureau) -> None:
    """The seat passes on; whoever declared sees how it ended and opens nothing."""
    bureau = office(session, world)
    bureau.draw()
    item, login = bureau.items("respond")[0]
    client = bureau.client(login)

    client.post(
        f"/expert/invitations/{item}",
        data={"outcome": "conflict", f"statement.{bureau.cases[0]}": "与申报单位有合作"},
    )

    assert "已声明回避" in client.get("/expert").text
    session.expire_all()
    gone = session.exec(select(PanelMember).where(PanelMember.standing == "conflict")).one()
    assert (
        session.exec(select(PanelMember.standing).where(PanelMember.replaces_id == gone.id)).one()
        == "invited"
    )


def test_a_card_is_kept_as_typed_and_added_up(session: Session, world: Bureau) -> None:
    """A number too high stays on the card, is named beside it, and is not counted."""
    bureau = reviewing(session, world)
    item, login = bureau.items("score")[0]
    client, address = bureau.client(login), f"/expert/reviews/{item}/cases/{bureau.cases[0]}"
    closed = client.get(address)
    client.post(f"{address}/open")

    client.post(address, data={f"points.{key}": value for key, value in (POINTS | {"team": "99"}).items()})
    page = client.get(address).text

    assert (closed.status_code, "打开材料" in closed.text) == (403, True)
    assert filled(page, "points.team") == "99"
    assert ">68</output>" in page
    assert "“研究基础与团队”应为 0 到 15 的数，现为“99”；请改正。" in page


def test_a_veto_needs_its_reason(session: Session, world: Bureau) -> None:
    """Refused without one, linked to the opinion; accepted with one."""
    bureau = reviewing(session, world, count=1)
    item, login = bureau.items("score")[0]
    client, case = bureau.client(login), bureau.cases[0]
    client.post(f"/expert/reviews/{item}/cases/{case}/open")

    refused = _submit(client, item, {case: {"recommend": "no", "veto": "yes"}})
    accepted = _submit(client, item, {case: {"recommend": "no", "veto": "yes", "opinion": "指标造假"}})

    assert errors(refused.text) == [
        ("示例项目 1：一票否决必须写明理由。", f"/expert/reviews/{item}/cases/{case}#f-opinion")
    ]
    assert accepted.status_code == 302
    assert [(one.veto, one.total) for one in session.exec(select(Score))] == [(True, "80")]


def test_others_scores_show_only_after_ones_own(session: Session, world: Bureau) -> None:
    """Before submitting nothing of anybody's is told; afterwards the totals are, without names."""
    bureau = reviewing(session, world, count=1)
    (first, login), (second, other) = bureau.items("score")[:2]
    case = bureau.cases[0]
    _score(bureau, first, login, {"recommend": "yes", "opinion": "很有把握的一条路线"})
    client = bureau.client(other)
    before = client.get(f"/expert/reviews/{second}").text
    strange = client.get(f"/expert/reviews/{first}")
    _score(bureau, second, other, {"recommend": "no"})

    after = client.get(f"/expert/reviews/{second}").text

    assert ("其他专家评分" in before, "其他专家评分" in after) == (False, True)
    assert strange.status_code == 403
    assert cells(after, "其他专家评分") == ["80"]
    assert client.get(f"/cases/{case}").status_code == 302


def test_applicants_never_read_an_experts_name(session: Session, world: Bureau) -> None:
    """Neither on the case nor anywhere it leads; the round is not theirs to open."""
    bureau = reviewing(session, world, count=1)
    for item, login in bureau.items("score"):
        _score(bureau, item, login, {"recommend": "yes"})
    client = bureau.client("applicant")

    page = client.get(f"/cases/{bureau.cases[0]}").text

    assert "示例专家" not in page
    assert client.get("/rounds/1").status_code == 403


def _submit(client: FlaskClient, item: int, cards: dict[int, dict[str, str]]) -> TestResponse:
    """Every card kept, then the sheet sent."""
    for case, card in cards.items():
        points = {f"points.{key}": value for key, value in POINTS.items()}
        client.post(f"/expert/reviews/{item}/cases/{case}", data=points | card)
    return client.post(f"/expert/reviews/{item}", data={"outcome": "submit"})


def _score(bureau: Office, item: int, login: str, card: dict[str, str]) -> None:
    client = bureau.client(login)
    client.post(f"/expert/reviews/{item}/cases/{bureau.cases[0]}/open")
    assert _submit(client, item, dict.fromkeys(bureau.cases, card)).status_code == 302


def test_files_close_to_whoever_left_and_when_the_results_are_issued(session: Session, world: Bureau) -> None:
    """A conflict reported after scoring: the scores stay in sight, the file does not; for all once announced."""
    bureau = reviewing(session, world)
    (first, one), (second, other) = bureau.items("score")[:2]
    for item, login in ((first, one), (second, other)):
        bureau.client(login).post(f"/expert/reviews/{item}/cases/{bureau.cases[0]}/open")
    bureau.client(one).post(
        f"/expert/reviews/{first}/conflict", data={"statement": "刚得知配偶任职于申报单位"}
    )
    left = bureau.client(one).get(f"/cases/{bureau.cases[0]}")
    before = bureau.client(other).get(f"/expert/reviews/{second}/cases/{bureau.cases[0]}")
    session.exec(select(ReviewRound)).one().announced_at = world.now
    session.commit()
    after = bureau.client(other).get(f"/expert/reviews/{second}/cases/{bureau.cases[0]}")
    assert (left.status_code, before.status_code, after.status_code) == (403, 200, 403)
    assert "本轮次的结果已下达" in after.text


def test_a_conflict_is_reported_while_the_panel_is_completed(session: Session, world: Bureau) -> None:
    """Accepted, not begun yet: the desk takes the report, the next backup is invited; nobody reports for another."""
    bureau = office(session, world)
    bureau.draw()
    (item, login), (_, stranger) = bureau.items("respond")[:2]
    client = bureau.client(login)
    client.post(f"/expert/invitations/{item}", data={"outcome": "accept", "signed": "yes"})
    seat = session.exec(select(PanelMember).where(PanelMember.standing == "accepted")).one()
    address = f"/expert/seats/{seat.id}/conflict"
    session.commit()
    shown = address in client.get("/expert").text
    strange = bureau.client(stranger).post(address, data={"statement": "与我无关"})
    client.post(address, data={"statement": "刚得知配偶任职于申报单位"})
    session.expire_all()
    heirs = session.exec(select(PanelMember.standing).where(PanelMember.replaces_id == seat.id)).all()
    assert (shown, strange.status_code, seat.standing, heirs) == (True, 403, "conflict", ["invited"])
