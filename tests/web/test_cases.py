"""The case page and its one address to complete a step: what it accepts, refuses and never shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine import db
from engine.cases.models import CaseFile, WorkItem
from engine.clock import SimulatedClock
from engine.people.accounts import hash_password
from engine.people.models import Account
from engine.reviewing import rounds
from tests.walks import file_application, pass_formal_check
from tests.web.conftest import PASSWORD
from tests.worlds import MARCH, Bureau, bureau
from web import throttle
from web.app import create_app
from web.settings import Settings


@dataclass(frozen=True)
class Town:
    """A bureau behind a web application."""

    engine: Engine
    world: Bureau
    sign_in: Callable[[str], FlaskClient]

    def open_item(self, element: str) -> int:
        """The number of the open work item at a step."""
        statement = select(WorkItem.id).where(WorkItem.element == element, WorkItem.status == "open")
        with db.reading(self.engine) as session:
            return session.exec(statement).first() or 0

    def open_steps(self) -> list[str]:
        """The steps open now."""
        statement = select(WorkItem.element).where(WorkItem.status == "open").order_by(col(WorkItem.id))
        with db.reading(self.engine) as session:
            return list(session.exec(statement))


@pytest.fixture
def template() -> str:
    """A furnished bureau, copied for every test."""
    return "bureau"


@pytest.fixture
def town(database: Engine) -> Iterator[Town]:
    """A bureau whose every account has a password, on 11 March 2024."""
    throttle.forget()
    app = create_app(database, Settings(secret_key="for tests only"), clock=SimulatedClock(MARCH))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)

    def sign_in(login: str) -> FlaskClient:
        assert not session.in_transaction(), "the story still holds the only writer; commit before a page"
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


def test_an_applicant_opens_and_files_an_application(town: Town) -> None:
    """From the direction's button through the form to the recommending unit, with plain posts only."""
    applicant = town.sign_in("applicant")
    opened = applicant.post("/applications", data={"direction": "T3-D1-S1"})
    form = {
        "outcome": "submit",
        "title": "示例项目",
        "facts.requested_yuan": "300000",
        "facts.joint_units!none": "yes",
    }

    answer = applicant.post(f"/tasks/{town.open_item('fill')}", data=form)

    assert (opened.status_code, answer.status_code) == (302, 302)
    assert town.open_steps() == ["recommend"]
    with db.reading(town.engine) as session:
        case = session.exec(select(CaseFile)).one()
        assert (case.title, case.requested_fen, case.facts["joint_units"]) == ("示例项目", 300_000_00, [])


def test_a_team_is_filled_in_line_by_line(town: Town) -> None:
    """A draft keeps the lines and offers more; a line left empty is nobody; the case page lists the members."""
    applicant = town.sign_in("applicant")
    applicant.post("/applications", data={"direction": "T3-D1-S1"})
    item = town.open_item("fill")
    team = {
        "team.1.name": "示例成员甲",
        "team.1.duty": "算法",
        "team.3.name": "示例成员乙",
        "team.3.unit": "示例大学1",
        "team.3.birth_year": "1990",
    }

    applicant.post(f"/tasks/{item}/draft", data={"title": "示例项目", **team})
    page = applicant.get(f"/applications/steps/{item}").text
    sent = {"outcome": "submit", "title": "示例项目", "facts.requested_yuan": "300000", **team}
    applicant.post(f"/tasks/{item}", data=sent)

    assert ('name="team.1.unit" value="示例大学1"' in page, 'name="team.5.name"' in page) == (True, True)
    assert 'name="team.6.name"' not in page
    with db.reading(town.engine) as session:
        case_id = session.exec(select(CaseFile.id)).one()
    told = town.sign_in("intake").get(f"/cases/{case_id}").text
    assert "示例成员甲（算法）；示例成员乙（示例大学1，1990）" in told


@pytest.mark.parametrize(
    ("line", "field", "sentence"),
    [
        ({"duty": "算法"}, "name", "项目组成员（负责人以外） · 第 1 行 · 姓名：必填，请填写。"),
        ({"name": "长" * 41}, "name", "项目组成员（负责人以外） · 第 1 行 · 姓名：最多 40 个字。"),
        ({"name": "甲", "birth_year": "90"}, "birth_year", "第 1 行 · 出生年份：不能小于 1900。"),
    ],
)
def test_a_line_of_the_team_that_cannot_be_is_linked_to(
    town: Town, line: dict[str, str], field: str, sentence: str
) -> None:
    """Nothing has changed, and the sentence leads to the cell."""
    applicant = town.sign_in("applicant")
    applicant.post("/applications", data={"direction": "T3-D1-S1"})
    sent = {f"team.0.{name}": value for name, value in line.items()}
    base = {"outcome": "submit", "title": "示例项目", "facts.requested_yuan": "1"}

    answer = applicant.post(f"/tasks/{town.open_item('fill')}", data=base | sent)

    assert (answer.status_code, town.open_steps()) == (400, ["fill"])
    assert f'<a href="#f-team-0-{field}">' in answer.text
    assert f"{sentence}</a>" in answer.text


def test_a_wrong_field_comes_back_with_its_sentence_and_every_value(town: Town) -> None:
    """Nothing has changed; the sentence links to the field; what was entered is still there."""
    applicant = town.sign_in("applicant")
    applicant.post("/applications", data={"direction": "T3-D1-S1"})
    form = {"outcome": "submit", "title": "示例项目", "facts.requested_yuan": "三十万"}

    answer = applicant.post(f"/tasks/{town.open_item('fill')}", data=form)

    assert answer.status_code == 400
    assert '<a href="#f-facts-requested_yuan">申报数据 · 申请财政经费（元）：应为数字' in answer.text
    assert 'value="三十万"' in answer.text
    assert 'value="示例项目"' in answer.text
    assert town.open_steps() == ["fill"]


def test_a_step_is_completed_once(town: Town) -> None:
    """A double click, or a colleague who was faster: the second one is told so, and nothing moves again."""
    file_application(town.world, "T3-D1-S1")
    town.world.session.commit()
    intake, item = town.sign_in("intake"), town.open_item("check")
    form = {"outcome": "fail", "comment": "不符合指南"}
    assert intake.post(f"/tasks/{item}", data=form).status_code == 302
    after = town.open_steps()

    answer = intake.post(f"/tasks/{item}", data=form)

    assert answer.status_code == 409
    assert "不能重复办理" in answer.text
    assert town.open_steps() == after


def test_a_missing_decision_is_asked_for(town: Town) -> None:
    """The form without its decision comes back."""
    file_application(town.world, "T3-D1-S1")
    town.world.session.commit()

    answer = town.sign_in("intake").post(f"/tasks/{town.open_item('check')}", data={})

    assert answer.status_code == 400
    assert "办理结果：必填" in answer.text


def test_the_rules_refuse_in_words(town: Town) -> None:
    """Passing with open items is refused by name, on the page the form stands on."""
    file_application(town.world, "T3-D1-S1")
    town.world.session.commit()

    answer = town.sign_in("intake").post(f"/tasks/{town.open_item('check')}", data={"outcome": "pass"})

    assert answer.status_code == 409
    assert "项未作结论" in answer.text
    assert 'value="pass" checked' in answer.text


def test_others_see_a_disabled_button_with_the_reason_and_cannot_post(town: Town) -> None:
    """The button's sentence is the refusal's."""
    case = file_application(town.world, "T3-D1-S1")
    town.world.session.commit()
    finance = town.sign_in("finance")

    page = finance.get(f"/cases/{case.id}").text
    answer = finance.post(f"/tasks/{town.open_item('check')}", data={"outcome": "pass"})

    assert "该步骤由“受理员”办理，您的账号没有这个岗位。" in page
    assert answer.status_code == 403
    assert "该步骤由“受理员”办理，您的账号没有这个岗位。" in answer.text


def test_supervision_reads_everything_and_changes_nothing(town: Town) -> None:
    """纪检 opens every page and may press no button."""
    case = file_application(town.world, "T3-D1-S1")
    town.world.session.commit()
    supervision = town.sign_in("supervision")
    item = town.open_item("check")

    seen = [
        supervision.get(path).status_code for path in (f"/cases/{case.id}", "/inbox?scope=all", "/rounds")
    ]
    done = [
        supervision.post(path).status_code for path in (f"/tasks/{item}", f"/tasks/{item}/claim", "/rounds")
    ]

    assert (seen, done) == ([200, 200, 200], [403, 403, 403])


def test_a_step_is_claimed_and_given_back(town: Town) -> None:
    """Claimed it is mine; given back it is the group's again."""
    file_application(town.world, "T3-D1-S1")
    town.world.session.commit()
    intake, item = town.sign_in("intake"), town.open_item("check")

    intake.post(f"/tasks/{item}/claim")
    mine = intake.get("/inbox?scope=mine").text
    intake.post(f"/tasks/{item}/release")
    after = intake.get("/inbox?scope=mine").text

    assert "示例汽车电子控制单元研发" in mine
    assert "您手上没有待办" in after


def test_a_stranger_does_not_see_the_case(town: Town) -> None:
    """Another unit's applicant is told why; an unknown number is a 404 in words."""
    case = file_application(town.world, "T3-D1-S1")
    town.world.accounts["applicant"].organization_id = town.world.accounts["recommender"].organization_id
    town.world.session.commit()
    stranger = town.sign_in("applicant")

    assert stranger.get(f"/cases/{case.id}").status_code == 403
    assert "没有编号为 999 的项目" in stranger.get("/cases/999").text


def test_nobody_but_the_drawing_office_reads_the_experts_names(town: Town) -> None:
    """While scoring runs: not the applicant, not intake, not the other experts; the drawing office does."""
    case = file_application(town.world, "T3-D1-S1")
    number = case.id
    pass_formal_check(town.world, case)
    programme = town.world.accounts["programme"]
    rounds.open_round(town.world.session, "T3-D1-S1", actor=programme, now=MARCH)
    town.world.do("group", "confirm")
    town.world.seat_panel()
    town.world.session.commit()
    paths = {
        "applicant": [f"/cases/{number}", "/inbox?scope=all"],
        "intake": [f"/cases/{number}", "/inbox?scope=all", "/rounds/1"],
        "programme": ["/inbox?scope=all", "/rounds/1"],
        "expert1": ["/inbox?scope=all"],
        "drawing": ["/rounds/1"],
    }

    seen = {login: _names_seen(town.sign_in(login), open_paths) for login, open_paths in paths.items()}

    others = {"示例专家1"}
    assert {login: names - others for login, names in seen.items()} == {
        "applicant": set(),
        "intake": set(),
        "programme": set(),
        "expert1": set(),
        "drawing": {"示例专家2", "示例专家3", "示例专家4", "示例专家5"},
    }
    assert "示例专家1" not in seen["intake"] | seen["applicant"] | seen["programme"]


def _names_seen(client: FlaskClient, paths: list[str]) -> set[str]:
    pages = [client.get(path, follow_redirects=True) for path in paths]
    assert [page.status_code for page in pages] == [200] * len(paths)
    text = " ".join(page.text for page in pages)
    return {f"示例专家{number}" for number in range(1, 6) if f"示例专家{number}" in text}


@pytest.mark.parametrize("query", ["scope=everything", "after=x~y", "sort=page", "from=x", "holder=x"])
def test_an_inbox_that_cannot_be_is_explained(town: Town, query: str) -> None:
    """A typed address gets a sentence, not a failure."""
    assert town.sign_in("intake").get(f"/inbox?{query}").status_code == 400


def test_the_inbox_is_filtered_by_its_address(town: Town) -> None:
    """Step, direction and words narrow the list; an empty one says what to do."""
    file_application(town.world, "T3-D1-S1")
    town.world.session.commit()
    intake = town.sign_in("intake")

    assert "示例机械有限公司" in intake.get("/inbox?scope=all&element=check&direction=T3&text=汽车").text
    assert "请放宽筛选条件" in intake.get("/inbox?scope=all&element=check&direction=F").text


def test_every_link_of_every_page_opens_for_every_role(town: Town) -> None:
    """No page offers a link its reader may not follow."""
    case = file_application(town.world, "T3-D1-S1")
    town.world.session.commit()
    broken = []
    for login in town.world.accounts:
        client = town.sign_in(login)
        for path in ("/", "/inbox?scope=all", f"/cases/{case.id}", "/directions/T3-D1-S1", "/procedures"):
            page = client.get(path, follow_redirects=True).text
            links = {part.split('"')[0] for part in page.split('href="')[1:]}
            inner = {link for link in links if link.startswith("/") and not link.startswith("/static")}
            answers = {link: client.get(link.replace("&amp;", "&")).status_code for link in inner}
            broken += [(login, path, link, code) for link, code in answers.items() if code >= 400]

    assert broken == []
