"""The applicant's pages: directions that fit, a form checked while one types, requests, and nobody else's case."""

import io
import re

import pytest
from sqlmodel import Session, select

from engine import db
from engine.cases.models import CaseFile, FormRecord
from engine.people.models import Account, Organization
from engine.records.evidence import IndicatorEvidence
from tests.web.applicant.strides import NODES, established, in_review, under_way
from tests.web.test_cases import Town, template, town
from tests.worlds import code

__all__ = ["template", "town"]
HX = {"HX-Request": "true"}


def text_of(town: Town, address: str, login: str = "applicant") -> str:
    """A page as somebody sees it."""
    answer = town.sign_in(login).get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def condition(page: str, key: str) -> str:
    """The state a condition is shown in."""
    found = re.search(rf'class="is-(\w+)" data-condition="{re.escape(key)}"', page)
    return found[1] if found else ""


def test_directions_say_why_and_what_is_unknown(town: Town) -> None:
    """A direction nobody can judge yet is offered with what to add; nothing is refused for being unknown."""
    page = text_of(town, "/unit/directions?kind=open")
    assert ("T1-D1" in page, "请补充：上年度研究经费投入" in page, "指南第 8 行" in page) == (
        True,
        True,
        True,
    )


def test_what_the_unit_states_once_begins_every_application(town: Town) -> None:
    """The profile moves a direction to those that fit, and fills the next form in."""
    client = town.sign_in("applicant")
    client.post("/unit", data={"last_year_rd_yuan": "9000000"})
    fits = client.get("/unit/directions").get_data(as_text=True)
    client.post("/applications", data={"direction": "T1-D1"})
    form = client.get(f"/applications/steps/{town.open_item('fill')}").get_data(as_text=True)
    assert (">T1-D1<" in fits, 'value="9000000"' in form) == (True, True)


def test_the_unit_names_its_legal_representative(town: Town) -> None:
    """Kept on the unit itself, shown again, and nothing of an application's facts."""
    client = town.sign_in("applicant")
    client.post("/unit", data={"legal_representative": " 示例法人 "})
    client.post("/applications", data={"direction": "T1-D1"})
    page = client.get("/unit").get_data(as_text=True)
    with db.reading(town.engine) as session:
        kept = session.get_one(Organization, town.world.unit.id).legal_representative
    assert ('name="legal_representative" value="示例法人"' in page, kept) == (True, "示例法人")


def test_what_is_wrong_with_the_unit_s_own_data_is_said_at_the_field(town: Town) -> None:
    """In words, with a link, and nothing is kept."""
    answer = town.sign_in("applicant").post("/unit", data={"last_year_rd_yuan": "四百万"})

    page = answer.get_data(as_text=True)
    assert (answer.status_code, "四百万" in page) == (400, True)
    assert '<a href="#f-last_year_rd_yuan">上年度研究经费投入（元）：应为数字，例如 12.34。</a>' in page


def test_a_condition_turns_from_red_to_green_while_one_types(town: Town) -> None:
    """The partial is the server's own rule on what is entered so far; nothing is kept."""
    client = town.sign_in("applicant")
    client.post("/applications", data={"direction": "B-D1"})
    address = f"/applications/steps/{town.open_item('fill')}/check"
    sent = {"facts.requested_yuan": "100000", "facts.self_raised_yuan": "300000"}
    short = client.post(address, data=sent, headers=HX).get_data(as_text=True)
    enough = client.post(address, data=sent | {"facts.self_raised_yuan": "400000"}, headers=HX)
    states = [condition(page, "self_raised_ratio") for page in (short, enough.get_data(as_text=True))]
    with db.reading(town.engine) as session:
        assert (states, session.exec(select(FormRecord)).all()) == (["unmet", "met"], [])


def test_without_scripts_the_button_shows_the_same(town: Town) -> None:
    """A whole page with everything that was entered, and the conditions beside it."""
    client = town.sign_in("applicant")
    client.post("/applications", data={"direction": "B-D1"})
    sent = {"facts.requested_yuan": "900000", "title": "示例"}
    page = client.post(f"/applications/steps/{town.open_item('fill')}/check", data=sent)
    shown = page.get_data(as_text=True)
    assert (page.status_code, condition(shown, "requested_cap")) == (200, "unmet")
    assert ('value="900000"' in shown, 'value="示例"' in shown) == (True, True)


def test_a_number_that_cannot_be_read_is_named(town: Town) -> None:
    """The other conditions stand as they are."""
    client = town.sign_in("applicant")
    client.post("/applications", data={"direction": "B-D1"})
    sent = {"facts.requested_yuan": "十万", "facts.self_raised_yuan": "1"}
    answer = client.post(f"/applications/steps/{town.open_item('fill')}/check", data=sent, headers=HX)
    assert "申请财政经费" in answer.get_data(as_text=True)


def test_an_application_that_cannot_pass_is_sent_only_knowingly(town: Town) -> None:
    """The unit is told first, with a link to each field; sent all the same it goes its way."""
    client = town.sign_in("applicant")
    client.post("/applications", data={"direction": "B-D1"})
    address = f"/applications/steps/{town.open_item('fill')}"
    sent = {"outcome": "submit", "title": "示例", "facts.requested_yuan": "900000"}
    told = client.post(address, data=sent)
    before = town.open_steps()

    client.post(address, data=sent | {"despite": "yes"})

    page = told.get_data(as_text=True)
    assert (told.status_code, before, town.open_steps()) == (409, ["fill"], ["recommend"])
    assert '<a href="#f-facts-requested_yuan">申请经费不超过10万元：' in page
    assert "仍按此提交" in page


def test_files_are_sent_beside_the_form(town: Town) -> None:
    """Uploading comes back to the step."""
    client = town.sign_in("applicant")
    client.post("/applications", data={"direction": "B-D1"})
    address = f"/applications/steps/{town.open_item('fill')}"
    sent = {"file": (io.BytesIO(b"%PDF-1.4 example"), "承诺书.pdf"), "next": address}

    answer = client.post("/cases/1/attachments", data=sent, content_type="multipart/form-data")

    assert answer.location == f"{address}#files"
    assert "承诺书.pdf" in client.get(address).get_data(as_text=True)


def test_a_correction_shows_exactly_what_was_asked(town: Town) -> None:
    """The officer's words and the day, above the form they are about."""
    world = town.world
    world.open("B-D1")
    world.do("fill", "submit", title="示例", facts={"requested_yuan": "100000"})
    world.do("recommend", "recommend")
    world.do("intake", "correct", comment="请补充单位盖章页")
    world.session.commit()
    page = text_of(town, f"/applications/steps/{town.open_item('correct_filing')}")
    assert ("需补正：请补充单位盖章页" in page, "2024-03-18" in page) == (True, True)


def test_a_friendly_status_says_when_to_expect_a_result(town: Town) -> None:
    """While experts review there is nothing to do, and a day to look forward to."""
    case = in_review(town.world)
    page = text_of(town, f"/applications/{case.id}")
    assert re.search(r"专家评审中，预计 2024-\d\d-\d\d 前有结果。", page)
    assert "现在没有需要您办理的事" in page


def test_the_shares_of_a_task_book_are_summed_while_one_types(town: Town) -> None:
    """Seventy percent is red, a hundred green."""
    established(town.world, "T2-D1-S1")
    address = f"/applications/steps/{town.open_item('draft_task_book')}/check"
    sent = {f"nodes.{n}.{key}": value for n, node in enumerate(NODES) for key, value in node.items()}
    client = town.sign_in("applicant")
    whole = client.post(address, data=sent, headers=HX).get_data(as_text=True)
    short = client.post(address, data=sent | {"nodes.1.percent": "30"}, headers=HX).get_data(as_text=True)
    assert (condition(whole, "node_shares"), condition(short, "node_shares")) == ("met", "unmet")
    assert "合计为 70%" in short


def test_a_unit_that_cannot_go_on_asks_for_the_end(town: Town) -> None:
    """From its own page and back to it; while that is under way it is not offered again."""
    case = under_way(town.world)
    address = f"/applications/{case.id}"
    offered = 'id="termination"' in text_of(town, address)

    sent = {"reason": "单位已停产", "next": address}
    answer = town.sign_in("applicant").post(f"/cases/{case.id}/terminations", data=sent)

    page = text_of(town, address)
    assert (offered, answer.location, 'id="termination"' in page) == (True, address, False)
    assert re.search(r"终止 <span[^>]*>2024-\d\d-\d\d</span> <span[^>]*>办理中", page)


def test_a_unit_asks_for_a_change_and_sees_its_versions(town: Town) -> None:
    """From the button through the form; the request is on the page while it is under way."""
    case = under_way(town.world)
    client = town.sign_in("applicant")
    begun = client.post(f"/applications/{case.id}/requests", data={"kind": "change"})
    item = town.open_item("fill_change")
    sent = {"outcome": "submit", "reason": "人员调动", "title": "新名称", "happened_on": "2024-03-10"}
    answer = client.post(f"/applications/steps/{item}", data=sent)
    page = client.get(f"/applications/{case.id}").get_data(as_text=True)
    assert (begun.location, answer.status_code) == (f"/applications/steps/{item}", 302)
    assert ("办理中" in page, "第 1 版" in page, "recommend_change" in town.open_steps()) == (
        True,
        True,
        True,
    )


def test_a_refused_form_comes_back_with_what_was_entered(town: Town) -> None:
    """409, the sentence, and the entries."""
    case = under_way(town.world)
    client = town.sign_in("applicant")
    client.post(f"/applications/{case.id}/requests", data={"kind": "change"})
    sent = {"outcome": "submit", "reason": "人员调动", "title": "新名称"}
    answer = client.post(f"/applications/steps/{town.open_item('fill_change')}", data=sent)
    shown = answer.get_data(as_text=True)
    assert (answer.status_code, "请填写变更事由发生日期" in shown, 'value="新名称"' in shown) == (
        409,
        True,
        True,
    )


def test_a_request_that_cannot_be_made_says_why(town: Town) -> None:
    """The button is disabled with the sentence the server refuses with."""
    case = in_review(town.world)
    page = text_of(town, f"/applications/{case.id}")
    answer = town.sign_in("applicant").post(f"/applications/{case.id}/requests", data={"kind": "change"})
    assert ("申请撤回申报" in page, answer.status_code) == (True, 409)
    assert "任务书签订后、结题前才能申请变更" in answer.get_data(as_text=True)


def test_evidence_is_kept_with_its_indicator(town: Town) -> None:
    """The file is listed beside the figure it shows."""
    under_way(town.world, "T2-D1-S1", nodes=NODES)
    item = town.open_item("node_report")
    client = town.sign_in("applicant")
    file = (io.BytesIO(b"%PDF-1.7\n%%EOF\n"), "检测报告.pdf")
    sent = {"indicator": "new_product", "file": file}
    answer = client.post(f"/applications/steps/{item}/evidence", data=sent)
    page = client.get(f"/applications/steps/{item}").get_data(as_text=True)
    with db.reading(town.engine) as session:
        kept = [one.indicator for one in session.exec(select(IndicatorEvidence))]
    assert (answer.status_code, kept, "检测报告.pdf" in page) == (302, ["new_product"], True)


def stranger(session: Session, password_hash: str) -> None:
    """An applicant of another unit."""
    unit = Organization(name="别的单位", credit_code=code("91450200MA0000007"), kind="enterprise")
    session.add(unit)
    session.flush()
    session.add(
        Account(
            login="stranger",
            name="别人",
            roles=["applicant"],
            password_hash=password_hash,
            organization_id=unit.id,
        )
    )
    session.commit()


OWN = [
    ("GET", "/applications/{case}"),
    ("POST", "/applications/{case}/requests"),
    ("GET", "/applications/steps/{item}"),
    ("POST", "/applications/steps/{item}"),
    ("POST", "/applications/steps/{item}/check"),
    ("POST", "/applications/steps/{item}/evidence"),
]


@pytest.mark.parametrize("login", ["stranger", "recommender", "expert1"])
def test_another_units_case_is_refused_in_words_everywhere(town: Town, login: str) -> None:
    """403 with a sentence on every route, and nothing has changed."""
    case = under_way(town.world)
    stranger(town.world.session, town.world.accounts["applicant"].password_hash)
    before = town.open_steps()
    client, item = town.sign_in(login), town.open_item("report")
    for method, address in OWN:
        data = {"kind": "change", "outcome": "continue"} if method == "POST" else None
        answer = client.open(address.format(case=case.id, item=item), method=method, data=data)
        assert answer.status_code == 403, address
        assert re.search("只能查看本单位申报|您的岗位不能打开", answer.get_data(as_text=True)), address
    assert town.open_steps() == before


def test_a_case_that_is_not_there_is_said_so(town: Town) -> None:
    """404 in words."""
    client = town.sign_in("applicant")
    codes = [client.get(address).status_code for address in ("/applications/999", "/applications/steps/999")]
    assert codes == [404, 404]


def test_a_recommending_unit_sees_its_own_units_only(town: Town) -> None:
    """What waits for its word comes first; another recommender's applications are not there."""
    world = town.world
    mine = world.open("B-D1")
    world.do("fill", "submit", title="本区项目", facts={"requested_yuan": "100000"})
    other = CaseFile(
        direction_code="B-D1",
        title="别区项目",
        unit_id=mine.unit_id,
        recommender_id=None,
        applicant_id=mine.applicant_id,
        status="submitted",
        opened_at=world.now,
    )
    world.session.add(other)
    world.session.commit()
    page = text_of(town, "/recommending", "recommender")
    assert ("本区项目" in page, f"/tasks/{town.open_item('recommend')}" in page, "别区项目" in page) == (
        True,
        True,
        False,
    )


def test_who_decides_a_change_reads_what_it_changes(town: Town) -> None:
    """The case page shows what was and what shall be, for as long as the request is under way."""
    case = under_way(town.world)
    client = town.sign_in("applicant")
    client.post(f"/applications/{case.id}/requests", data={"kind": "change"})
    sent = {"outcome": "submit", "reason": "人员调动", "leader_name": "新负责人", "happened_on": "2024-03-10"}
    client.post(f"/applications/steps/{town.open_item('fill_change')}", data=sent)
    page = text_of(town, f"/cases/{case.id}", "programme")
    assert re.search(r"示例负责人</td>\s*<td[^>]*><strong>新负责人", page)
