"""The OpenAPI document: valid, complete, and true to what the operations answer."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from engine.cases.queries import case_view
from engine.errors import KeguanError
from engine.people.models import Account, Organization
from engine.reviewing.rounds import reviewers_of
from tests.walks import file_and_establish, file_application
from tests.web.api.conftest import Caller
from tests.worlds import Bureau, code
from web.api.document import document

Call = Callable[[str], Caller]


def test_the_document_is_openapi(api: Flask) -> None:
    """As the validator of the standard sees it; anybody may read it."""
    told = api.test_client().get("/api/v1/openapi.json").json

    validate(told, cls=OpenAPIV31SpecValidator)
    assert told["openapi"] == "3.1.0"


def test_every_route_is_in_the_document_and_nothing_else(api: Flask) -> None:
    """By path and method; the document itself is the one exception."""
    routes = {
        (rule.rule.removeprefix("/api/v1").replace("<int:", "{").replace(">", "}"), method)
        for rule in api.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    told = {(path, method.upper()) for path, one in document()["paths"].items() for method in one}

    assert routes - told == {("/openapi.json", "GET")}
    assert told <= routes


def _schema(path: str, method: str, status: str) -> dict[str, Any]:
    responses = document()["paths"][path][method]["responses"]
    return dict(responses[status]["content"]["application/json"]["schema"])


def _conforms(answer: Any, schema: dict[str, Any]) -> list[str]:
    whole = schema | {"components": document()["components"]}
    return [problem.message for problem in Draft202012Validator(whole).iter_errors(answer)]


@pytest.fixture
def busy(world: Bureau) -> Bureau:
    """One project established, with a round behind it, and another one in the formal check."""
    file_and_establish(world, "T3-D1-S1")
    file_application(world, "T3-D1-S1")
    world.session.commit()
    return world


READS = [
    ("/me", {}),
    ("/directions", {}),
    ("/inbox", {}),
    ("/cases", {}),
    ("/cases/{case_id}", {"case_id": 1}),
    ("/cases/{case_id}/history", {"case_id": 1}),
    ("/cases/{case_id}/payments", {"case_id": 1}),
    ("/cases/{case_id}/notices", {"case_id": 1}),
    ("/rounds", {}),
    ("/rounds/{round_id}", {"round_id": 1}),
    ("/notifications", {}),
]


def test_every_answer_is_what_the_document_says(busy: Bureau, call: Call) -> None:
    """Read by a programme officer; a refusal too has the form the document gives it."""
    caller = call("programme")
    for path, parts in READS:
        answer = caller.get(path.format(**parts))
        assert answer.status_code == 200, (path, answer.json)
        assert _conforms(answer.json, _schema(path, "get", "200")) == [], path
    item = busy.item("check").id
    answer = caller.get(f"/work-items/{item}")
    assert _conforms(answer.json, _schema("/work-items/{item_id}", "get", "200")) == []
    missing = caller.get("/cases/999")
    assert (missing.status_code, _conforms(missing.json, _schema("/cases/{case_id}", "get", "404"))) == (
        404,
        [],
    )


def test_a_list_holds_exactly_what_one_may_open(busy: Bureau, call: Call) -> None:
    """For every role, and for the experts of the round."""
    other = Organization(name="示例别家公司", credit_code=code("91450200MA0000099"), kind="enterprise")
    busy.session.add(other)
    busy.session.flush()
    stranger = Account(
        login="stranger", name="示例", password_hash="-", roles=["applicant"], organization_id=other.id
    )
    busy.session.add(stranger)
    busy.accounts |= {"stranger": stranger, **{one.login: one for one in busy.experts}}

    for login, account in busy.accounts.items():
        listed = [one["id"] for one in call(login).get("/cases").json["items"]]
        assert sorted(listed) == [case for case in (1, 2) if _may_open(busy, case, account)], login


def _may_open(world: Bureau, case_id: int, account: Account) -> bool:
    try:
        case_view(world.session, case_id, account, reviewers_of(world.session, case_id))
    except KeguanError:
        return False
    return True


def test_a_round_keeps_its_secrets(busy: Bureau, call: Call) -> None:
    """Finance reads the decision, never the scores."""
    told = call("finance").get("/rounds/1").json

    assert told["scores_hidden"]
    assert [(one["mean"], one["decision"]) for one in told["entries"]] == [(None, "fund")]
    assert call("planning").get("/rounds/1").json["entries"][0]["mean"] is not None
