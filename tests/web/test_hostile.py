"""What nobody types by accident: every answer is a sentence, the status a refusal's, and nothing changes."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.walks import file_application
from tests.web.test_cases import Town, template, town

__all__ = ["template", "town"]
DIRECTION = "T3-D1-S1"


@pytest.mark.parametrize("page", ["inbox", "cases"])
@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("from", "一百", "应为不小于零的数字"),
        ("to", "1e400", "应为不小于零的数字"),
        ("from", "NaN", "应为不小于零的数字"),
        ("unit", "长" * 20_000, "最多 100 个字"),
        ("direction", "长" * 20_000, "最多 100 个字"),
        ("text", "长" * 20_000, "最多 100 个字"),
        ("sort", "color", "没有“color”这种排序"),
        ("after", "2026~99999999999999999999", "页码无效"),
    ],
)
def test_a_wrong_filter_is_left_out_with_its_sentence_and_what_was_typed_stays(
    town: Town, page: str, name: str, typed: str, said: str
) -> None:
    """The rest of the filters still narrow the list."""
    file_application(town.world, DIRECTION)
    town.world.session.commit()

    answer = town.sign_in("intake").get(f"/{page}", query_string={name: typed, "scope": "all"})

    assert answer.status_code == 400
    assert said in answer.text
    assert "示例机械有限公司" in answer.text
    if name in ("from", "to", "unit", "direction", "text"):
        assert f'name="{name}" value="{typed}" aria-invalid="true"' in answer.text


def test_a_view_without_a_name_comes_back_with_its_form(town: Town) -> None:
    """The filters, the name and the sharing stay as they were sent."""
    sent = {"list": "inbox", "query": "scope=all&due=overdue", "name": "很" * 41, "shared": "1"}

    answer = town.sign_in("intake").post("/views", data=sent)

    assert answer.status_code == 400
    assert "视图名称应为 1 至 40 个字" in answer.text
    assert 'value="scope=all&amp;due=overdue"' in answer.text
    assert f'value="{"很" * 41}"' in answer.text
    assert "checked" in answer.text


@pytest.mark.parametrize("address", ["/cases/99999999999999999999", f"/tasks/{'9' * 5000}", "/cases/0"])
def test_a_number_no_row_can_have_is_not_found(town: Town, address: str) -> None:
    """However many digits an address has, it is a page that is not there."""
    assert town.sign_in("intake").get(address).status_code == 404


@pytest.mark.parametrize("field", ["step-back", "corrections"])
def test_a_mending_of_a_row_no_database_has_asks_to_choose(town: Town, field: str) -> None:
    """A number beyond the database's is nothing that was offered."""
    case = town.world.open(DIRECTION)
    town.world.session.commit()
    sent = {"item": "9" * 400, "what": "9" * 400 + ".title", "reason": "更正"}

    answer = town.sign_in("programme").post(f"/cases/{case.id}/{field}", data=sent)

    assert (answer.status_code, "请先选择要" in answer.text) == (404, True)


@pytest.mark.parametrize("path", ["/inbox?text=a%00b", "/cases?text=a%00b", "/directions?words=%00"])
def test_a_control_character_in_an_address_is_explained(town: Town, path: str) -> None:
    """No database can look for it."""
    answer = town.sign_in("intake").get(path)

    assert (answer.status_code, "无法保存的控制字符" in answer.text) == (400, True)


def test_a_control_character_in_a_form_changes_nothing(town: Town) -> None:
    """The draft stays as it was."""
    town.world.open(DIRECTION)
    town.world.session.commit()
    item = town.open_item("fill")
    applicant = town.sign_in("applicant")

    answer = applicant.post(f"/tasks/{item}/draft", data={"title": "示例\0项目"})

    assert (answer.status_code, "无法保存的控制字符" in answer.text) == (400, True)
    assert "草稿已于" not in applicant.get(f"/applicant/steps/{item}").text


def test_the_sign_in_page_takes_anything(client: FlaskClient, app: Flask) -> None:
    """Long, empty and strange names are wrong names."""
    for login in ("", "x" * 100_000, "' OR 1=1 --", "<script>", "🎉"):
        assert client.post("/sign-in", data={"login": login, "password": login}).status_code == 403
