"""What is kept beside a case on its page: drafts, files, remarks, paper, and mending what went wrong."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from engine import db
from engine.cases.models import CaseFile, FormRecord
from engine.clock import SimulatedClock
from engine.people.accounts import hash_password
from engine.people.models import Account
from engine.records.models import Attachment
from tests.truth import untruths
from tests.walks import file_application, pass_formal_check
from tests.web.conftest import PASSWORD
from tests.web.test_cases import Town
from tests.worlds import MARCH, bureau
from web import throttle
from web.app import create_app
from web.settings import Settings

WORKING = "T3-D1-S1"
PDF = b"%PDF-1.7 an example"


@pytest.fixture
def template() -> str:
    """A furnished bureau, copied for every test."""
    return "bureau"


@pytest.fixture
def town(database: Engine, tmp_path: Path) -> Iterator[Town]:
    """A bureau whose every account has a password, with a folder of its own for files."""
    throttle.forget()
    settings = Settings(secret_key="for tests only", attachments=tmp_path)
    app = create_app(database, settings, clock=SimulatedClock(MARCH))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    def sign_in(login: str) -> FlaskClient:
        client = app.test_client()
        assert client.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 302
        return client

    with Session(database, expire_on_commit=False) as session:
        world = bureau(session)
        hashed = hash_password(PASSWORD)
        for account in session.exec(select(Account)):
            account.password_hash = hashed
        session.commit()
        yield Town(database, world, sign_in)


def opened(town: Town) -> CaseFile:
    """An application just begun."""
    case = town.world.open(WORKING)
    town.world.session.commit()
    return case


def test_a_draft_survives_leaving_the_page(town: Town) -> None:
    """Saved by the button or the script, it is there on coming back, and gone once the form is sent."""
    case = opened(town)
    applicant, item = town.sign_in("applicant"), town.open_item("fill")
    half = {"title": "半份申报书", "facts.requested_yuan": "三十"}

    by_button = applicant.post(f"/tasks/{item}/draft", data=half | {"back": f"/cases/{case.id}"})
    by_script = applicant.post(f"/tasks/{item}/draft", data=half, headers={"Accept": "application/json"})

    assert (by_button.location, by_script.json) == (
        f"/cases/{case.id}#task-{item}",
        {"said": "草稿已于 2024-03-11 10:00 保存"},
    )
    page = applicant.get(f"/cases/{case.id}").text
    assert 'value="半份申报书"' in page
    assert 'value="三十"' in page
    assert "草稿已于 2024-03-11 10:00 保存" in page
    assert "半份申报书" not in town.sign_in("intake").get(f"/cases/{case.id}").text


def test_a_file_is_saved_and_never_run(town: Town) -> None:
    """Whatever its name, it comes as a download no browser opens in the page."""
    case = opened(town)
    applicant = town.sign_in("applicant")
    sent = {"file": (io.BytesIO(PDF), "实施<script>.pdf"), "note": "第一稿"}

    assert applicant.post(f"/cases/{case.id}/attachments", data=sent).status_code == 302
    answer = applicant.get("/attachments/1")

    assert answer.data == PDF
    assert answer.content_type == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Content-Disposition"].isascii()
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "实施&lt;script&gt;.pdf" in applicant.get(f"/cases/{case.id}").text


def test_files_are_opened_by_those_who_see_the_case(town: Town) -> None:
    """An expert who was not given the case, and the unit for the bureau's own papers, get nothing."""
    case = opened(town)
    intake = town.sign_in("intake")
    for name, shown in (("纪要.pdf", ""), ("通知.pdf", "yes")):
        sent = {"file": (io.BytesIO(PDF), name), "shown": shown}
        intake.post(f"/cases/{case.id}/attachments", data=sent)

    got = {
        who: [town.sign_in(who).get(f"/attachments/{number}").status_code for number in (1, 2)]
        for who in ("programme", "supervision", "applicant", "expert1")
    }
    assert got == {
        "programme": [200, 200],
        "supervision": [200, 200],
        "applicant": [404, 200],
        "expert1": [403, 403],
    }


def test_a_web_page_is_no_attachment(town: Town) -> None:
    """The refusal is a sentence; nothing is kept."""
    case = opened(town)
    sent = {"file": (io.BytesIO(b"<html><script>alert(1)</script>"), "材料.html")}

    answer = town.sign_in("applicant").post(f"/cases/{case.id}/attachments", data=sent)

    assert answer.status_code == 409
    assert "不是可接收的类型" in answer.text
    with db.reading(town.engine) as session:
        assert session.exec(select(Attachment)).all() == []


def test_the_unit_reads_only_what_is_meant_for_it(town: Town) -> None:
    """An internal remark appears in no panel and on no line of the timeline the unit sees."""
    case = opened(town)
    intake = town.sign_in("intake")
    intake.post(f"/cases/{case.id}/remarks", data={"text": "此件存疑，先核实"})
    intake.post(f"/cases/{case.id}/remarks", data={"text": "请补交授权书", "to_unit": "yes"})

    page = town.sign_in("applicant").get(f"/cases/{case.id}").text

    assert "请补交授权书" in page
    assert "存疑" not in page
    assert "此件存疑" in intake.get(f"/cases/{case.id}").text


def test_paper_is_entered_with_its_scan(town: Town) -> None:
    """Without the scan the form comes back; with it the step is done for the unit, and the timeline says so."""
    case = opened(town)
    intake, item = town.sign_in("intake"), town.open_item("fill")
    form = {"outcome": "submit", "title": "示例项目", "facts.requested_yuan": "300000"}
    paper = {"scan": (io.BytesIO(PDF), "申报书.pdf"), "paper_reason": "单位以纸质报送"}

    without = intake.post(f"/tasks/{item}", data=form)
    answer = intake.post(f"/tasks/{item}", data=form | paper)

    assert (without.status_code, answer.status_code) == (409, 302)
    assert "代录须附纸质材料的扫描件" in without.text
    assert 'value="示例项目"' in without.text
    with db.reading(town.engine) as session:
        record = session.exec(select(FormRecord)).one()
        assert (record.by, record.on_behalf_of) == ("intake", "示例机械有限公司")
    assert "代示例机械有限公司录入" in intake.get(f"/cases/{case.id}").text


def test_a_whole_application_on_paper(town: Town) -> None:
    """A unit's name that is not in the list is refused in words; the right one opens the case."""
    intake = town.sign_in("intake")
    sent = {"unit": "没有的单位", "direction": WORKING, "reason": "纸质报送"}

    wrong = intake.post("/paper", data=sent | {"scan": (io.BytesIO(PDF), "申报书.pdf")})
    right = intake.post(
        "/paper", data=sent | {"unit": "示例机械有限公司", "scan": (io.BytesIO(PDF), "申报书.pdf")}
    )

    assert (wrong.status_code, right.location) == (409, "/cases/1")
    assert "没有名为“没有的单位”的单位" in wrong.text
    assert town.open_steps() == ["fill"]


def test_back_and_corrected_from_the_page(town: Town) -> None:
    """The programme officer takes a slip back; intake corrects a name; both show on the timeline."""
    case = file_application(town.world, WORKING)
    pass_formal_check(town.world, case)
    town.world.session.commit()
    programme = town.sign_in("programme")
    page = programme.get(f"/cases/{case.id}").text
    choice = page.split('id="m-item"')[1].split('value="')[1].split('"')[0]

    programme.post(f"/cases/{case.id}/step-back", data={"item": choice, "reason": "误点"})
    with db.reading(town.engine) as session:
        first = session.exec(select(FormRecord.id).order_by(FormRecord.id)).first()  # type: ignore[arg-type]
    corrected = {"what": f"{first}.leader_name", "value": "示例负责人甲", "reason": "来函更正"}
    answer = programme.post(f"/cases/{case.id}/corrections", data=corrected)

    assert answer.status_code == 302
    assert town.open_steps() == ["countersign"]
    page = programme.get(f"/cases/{case.id}").text
    assert "退回到“科室会签”：误点" in page
    assert "“示例负责人”改为“示例负责人甲”（来函更正）" in page
    with db.reading(town.engine) as session:
        assert untruths(session) == []


def test_planning_enters_the_years_budget(town: Town) -> None:
    """The same document is entered once; others read."""
    planning = town.sign_in("planning")
    sent = {"year": "2029", "yuan": "1,000,000.50", "reference": "示财〔2029〕1号"}

    answers = [planning.post("/budget", data=sent).status_code for _ in range(2)]

    assert answers == [302, 409]
    page = planning.get("/budget").text
    assert ("¥1,000,000.50" in page, "· 示例规配科" in page) == (True, True)
    assert planning.post("/budget", data=sent | {"yuan": "很多"}).status_code == 400
    assert town.sign_in("finance").post("/budget", data=sent).status_code == 403
    assert town.sign_in("applicant").get("/budget").status_code == 403


def test_what_to_read_before_deciding_stands_under_the_form(town: Town) -> None:
    """What the unit stated, its files and, at the formal check, what the system found."""
    case = file_application(town.world, WORKING)
    check = town.world.item("check").id
    town.world.session.commit()
    intake = town.sign_in("intake")
    intake.post(f"/cases/{case.id}/attachments", data={"file": (io.BytesIO(PDF), "示例附件.pdf")})

    page = intake.get(f"/inbox?scope=group&item={check}").text.partition('id="detail"')[2]

    assert [word in page for word in ("申报书", "申请财政经费（元）", "示例附件.pdf", "系统核对")] == [
        True
    ] * 4


def test_a_refused_file_leads_back_to_its_case(town: Town) -> None:
    """And an address from elsewhere leads nowhere."""
    case = file_application(town.world, WORKING).id
    town.world.session.commit()
    intake = town.sign_in("intake")

    def refused(came_from: str) -> list[str]:
        answer = intake.post(f"/cases/{case}/attachments", data={}, headers={"Referer": came_from})
        assert answer.status_code == 409
        return re.findall(r'<a href="([^"]+)">返回刚才的页面', answer.text)

    assert refused(f"http://localhost/cases/{case}?a=b") == [f"/cases/{case}?a=b"]
    assert refused("http://elsewhere.example/cases/1") == refused("http://localhost//elsewhere.example") == []
