"""The pages anybody may read, the language, the headers and the refusals."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.errors import Conflict, Forbidden, KeguanError, NotFound, Refused, Unusable
from web.access import anyone, declare
from web.headers import POLICY


def test_the_catalogue_lists_all_directions(client: FlaskClient) -> None:
    """All 67, in the guide's order."""
    page = client.get("/directions").text

    assert "共 67 个，显示 67 个" in page
    assert page.index("T1-D1") < page.index("F-D1-S1")


@pytest.mark.parametrize(
    ("query", "shown"),
    [("mode=unfunded", 5), ("mode=milestone", 18), ("words=AIGC", 1), ("words=没有这个", 0)],
)
def test_the_catalogue_is_filtered(client: FlaskClient, query: str, shown: int) -> None:
    """By funding mode and by words; an empty list says what to do."""
    page = client.get(f"/directions?{query}").text

    assert f"共 67 个，显示 {shown} 个" in page
    assert ("请放宽筛选条件" in page) == (shown == 0)


def test_a_direction_shows_its_rule_conditions_and_lines(client: FlaskClient) -> None:
    """What an applicant has to know, with where the guide says so."""
    page = client.get("/directions/T1-D1").text

    assert "按实际支付的人工智能算力费用的 20% 补助" in page
    assert "最高 50 万元" in page
    assert "上年度研究经费投入不低于500万元" in page
    assert "第 4–15 行" in page


def test_every_direction_has_its_page(app: Flask, client: FlaskClient) -> None:
    """No shape of rule or indicator breaks the page."""
    page = client.get("/directions").text
    addresses = {part.split('"')[0] for part in page.split('href="') if part.startswith("/directions/")}

    assert len(addresses) == 67
    assert {client.get(address).status_code for address in addresses} == {200}


def test_a_procedure_is_drawn_and_told(client: FlaskClient) -> None:
    """The list names each step's lane and the ways it may end, in the diagram's words."""
    page = client.get("/procedures/in-force/post_subsidy?process=formal_check", follow_redirects=True)
    assert page.status_code == 200
    name = page.request.path.rsplit("/", 1)[1]

    page_of_part = client.get(f"/procedures/{name}?process=formal_check").text
    drawn = client.get(f"/procedures/{name}/formal_check.bpmn")

    assert "通过、补正、不通过" in page_of_part
    assert 'data-source="/procedures/' in page_of_part
    assert drawn.mimetype == "application/xml"
    assert '<bpmn:process id="formal_check"' in drawn.text


def test_english_is_one_click_away(client: FlaskClient) -> None:
    """The choice is kept, and the page returned to."""
    answer = client.post("/preferences", data={"language": "en", "next": "/directions"})

    assert answer.location == "/directions"
    assert "Directions" in client.get("/directions").text


def test_every_answer_carries_the_headers(client: FlaskClient) -> None:
    """No inline script or style, no framing, nothing kept by caches."""
    headers = client.get("/directions").headers

    assert headers["Content-Security-Policy"] == POLICY
    assert "unsafe" not in POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("error", "status"),
    [(Refused, 409), (Conflict, 409), (Forbidden, 403), (NotFound, 404), (Unusable, 400)],
)
def test_a_refusal_is_a_sentence_with_its_status(app: Flask, error: type[KeguanError], status: int) -> None:
    """Each family of errors has one status; the sentence is the engine's."""
    answer = _app_that_raises(app, error("这一步已经办结；请刷新页面。")).get("/sign-in")

    assert answer.status_code == status
    assert "这一步已经办结；请刷新页面。" in answer.text


def test_a_bug_shows_no_trace(app: Flask) -> None:
    """The person is told nothing was saved; the trace goes to the log."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = _app_that_raises(app, ZeroDivisionError("secret detail")).get("/sign-in")

    assert answer.status_code == 500
    assert "您的操作没有保存" in answer.text
    assert "secret detail" not in answer.text


def test_an_unknown_address_is_explained(client: FlaskClient) -> None:
    """A 404 is a page in the person's language."""
    answer = client.get("/no-such-page")

    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


def _app_that_raises(app: Flask, error: Exception) -> FlaskClient:
    def view() -> str:
        raise error

    app.view_functions["auth.sign_in"] = declare(view, anyone)
    return app.test_client()
