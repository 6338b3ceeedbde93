"""The verbs through the API: the same rules and sentences as the pages, once for each idempotency key."""

import base64
from collections.abc import Callable

import pytest
from flask import Flask
from sqlmodel import select

from engine import history
from engine.cases.models import CaseFile
from engine.people.models import ApiToken
from tests.truth import untruths
from tests.web.api.conftest import Caller
from tests.worlds import Bureau

Call = Callable[[str], Caller]
FORM = {"outcome": "submit", "title": "示例接口项目", "facts": {"requested_yuan": "100000"}}


def _filed(world: Bureau) -> CaseFile:
    case = world.open("T3-D1-S1")
    world.do("fill", "submit", title="示例项目", facts={"requested_yuan": "100000"})
    world.session.commit()
    return case


def test_an_application_goes_from_filing_to_intake(world: Bureau, call: Call) -> None:
    """Opened, filled in, recommended, claimed, given back and taken in, each by whose step it is."""
    applicant, intake = call("applicant"), call("intake")
    made = applicant.post("/cases", {"direction": "T3-D1-S1", "unit_id": world.unit.id})
    case_id = made.json["case_id"]
    (first,) = applicant.get(f"/cases/{case_id}").json["work_items"]
    assert (made.status_code, made.json["open_steps"]) == (201, ["填报申报书"])

    filled = applicant.post(f"/work-items/{first}/completion", {"form": FORM})
    assert (filled.status_code, filled.json["status"]) == (200, "awaiting_recommendation")
    (second,) = applicant.get(f"/cases/{case_id}").json["work_items"]
    call("recommender").post(f"/work-items/{second}/completion", {"form": {"outcome": "recommend"}})
    (row,) = intake.get("/inbox", scope="group").json["items"]
    assert intake.post(f"/work-items/{row['id']}/claim").status_code == 200
    assert intake.post(f"/work-items/{row['id']}/release").status_code == 200
    done = intake.post(f"/work-items/{row['id']}/completion", {"form": {"outcome": "accept"}})

    world.session.expire_all()
    assert (done.json["status"], done.json["open_steps"]) == ("received", ["形式审查"])
    told = applicant.get(f"/cases/{case_id}/notices").json["notices"]
    assert [paper["kind"] for paper in told] == ["receipt"]
    assert untruths(world.session) == []


def test_a_step_tells_its_form(world: Bureau, call: Call) -> None:
    """The schema of what it takes, the ways it may end, and why somebody else may not complete it."""
    _filed(world)
    item = world.item("recommend").id
    seen = call("recommender").get(f"/work-items/{item}").json
    other = call("finance").get(f"/work-items/{item}").json

    assert seen["form"]["outcomes"][0] == {"outcome": "recommend", "label": "推荐"}
    assert seen["form"]["schema"]["properties"]["sealed"]["title"] == "已加盖推荐单位公章"
    assert (seen["may_complete"], other["may_complete"]) == (True, False)
    assert "推荐单位" in other["reason"]


def test_a_key_does_the_work_once(world: Bureau, call: Call) -> None:
    """The same request under the same key is answered the same; another one under it is refused."""
    applicant = call("applicant")
    body = {"direction": "T3-D1-S1", "unit_id": world.unit.id}
    first, again = (applicant.post("/cases", body, Idempotency_Key="k-1") for _ in range(2))
    other = applicant.post("/cases", body | {"direction": "T3-D1-S2"}, Idempotency_Key="k-1")
    intake = call("intake").post("/cases", body, Idempotency_Key="k-1")

    assert (first.json, first.status_code) == (again.json, again.status_code)
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert (other.status_code, other.json["error"]["code"]) == (422, "idempotency_key_reused")
    assert intake.json["case_id"] != first.json["case_id"]
    assert len(world.session.exec(select(CaseFile)).all()) == 2


def test_a_refused_call_leaves_its_key_free(world: Bureau, call: Call) -> None:
    """Nothing was done, so the mended request may use it."""
    _filed(world)
    item = world.item("recommend").id
    recommender = call("recommender")
    refused = recommender.post(
        f"/work-items/{item}/completion", {"form": {"outcome": "refuse"}}, Idempotency_Key="k"
    )
    done = recommender.post(
        f"/work-items/{item}/completion", {"form": {"outcome": "recommend"}}, Idempotency_Key="k"
    )

    assert (refused.status_code, refused.json["error"]["code"]) == (409, "refused")
    assert refused.json["error"]["message"] == "退回或不推荐的，请在意见中写明理由。"
    assert done.status_code == 200


def test_a_form_s_mistakes_are_told_one_by_one(world: Bureau, call: Call) -> None:
    """And nothing is changed."""
    world.open("T3-D1-S1")
    world.session.commit()
    item = world.item("fill").id
    sent = {"form": FORM | {"facts": {"requested_yuan": "many"}, "domain": "x"}}
    answer = call("applicant").post(f"/work-items/{item}/completion", sent)

    assert (answer.status_code, len(answer.json["error"]["reasons"])) == (400, 2)
    assert call("applicant").get(f"/work-items/{item}").json["status"] == "open"


def test_without_a_working_token_nothing_is_told(api: Flask, world: Bureau, call: Call) -> None:
    """A cookie of somebody signed in is not looked at; a revoked token is none."""
    caller = call("intake")
    client = api.test_client()
    with client.session_transaction() as cookies:
        cookies["_user_id"] = str(world.accounts["intake"].id)
    row = world.session.exec(select(ApiToken)).one()
    row.revoked_at = world.now
    world.session.commit()

    for answer in (client.get("/api/v1/me"), caller.get("/me"), Caller(client, "kg_wrong").get("/me")):
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "unauthorized")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_who_may_not_is_refused_as_on_the_page(world: Bureau, call: Call) -> None:
    """Another unit's case, somebody else's step, a paper without its scan, supervision's every verb."""
    case = _filed(world)
    item = world.item("recommend").id
    form = {"form": {"outcome": "recommend"}}
    filing = {"direction": "T3-D1-S1", "unit_id": world.unit.id}

    assert call("expert").get(f"/cases/{case.id}").status_code == 403
    assert call("applicant").post(f"/work-items/{item}/completion", form).status_code == 403
    assert call("supervision").post(f"/work-items/{item}/completion", form).status_code == 403
    assert call("supervision").post("/cases", filing).status_code == 403
    assert call("finance").post("/rounds", {"direction": "T3-D1-S1"}).status_code == 403
    assert call("applicant").get("/rounds").status_code == 403


def test_paper_needs_its_scan(world: Bureau, call: Call) -> None:
    """As on the page."""
    world.open("T3-D1-S1")
    path = f"/work-items/{world.item('fill').id}/completion"
    answer = call("intake").post(path, {"form": FORM})

    assert (answer.status_code, "扫描件" in answer.json["error"]["message"]) == (400, True)


def test_a_step_is_handed_over_with_a_reason(world: Bureau, call: Call) -> None:
    """To a colleague who has the role."""
    case = _filed(world)
    world.do("recommend", "recommend")
    world.session.commit()
    path = f"/work-items/{world.item('intake').id}/reassignment"

    assert call("intake").post(path, {"to": "finance", "reason": "出差"}).status_code == 403
    assert call("intake").post(path, {"to": "intake", "reason": "出差"}).status_code == 200
    told = history.entries(world.session, f"case:{case.id}")
    assert told[-1].verb == "reassign"


def test_what_is_sent_is_looked_at_strictly(call: Call, world: Bureau) -> None:
    """No body, a misspelt name, a wrong page, numbers no row can have, an unknown address, a wrong method."""
    applicant = call("applicant")
    filing = {"direction": "T3-D1-S1", "unit": world.unit.id}
    nobody, nothing = {"direction": "T3-D1-S1", "unit_id": 2**63}, {"items": [2**63], "outcome": "accept"}

    assert applicant.post("/cases").status_code == 400
    assert applicant.post("/cases", filing).status_code == 400
    assert applicant.post("/cases", nobody).status_code == 400
    assert applicant.post("/work-items/decisions", nothing).status_code == 400
    assert applicant.get("/cases", after="x~y").status_code == 400
    assert applicant.get("/nothing").json["error"]["code"] == "not_found"
    assert applicant.post("/me", {}).json["error"]["code"] == "method_not_allowed"


def test_a_case_is_written_about_and_given_files(world: Bureau, call: Call) -> None:
    """The unit does not read what the bureau keeps to itself."""
    case = _filed(world)
    intake, applicant = call("intake"), call("applicant")
    intake.post(f"/cases/{case.id}/remarks", {"text": "内部意见"})
    intake.post(f"/cases/{case.id}/remarks", {"text": "请补盖章", "to_unit": True})
    content = base64.b64encode(b"%PDF-1.4\n%%EOF").decode()
    kept = applicant.post(f"/cases/{case.id}/attachments", {"filename": "材料.pdf", "content": content})

    told = applicant.get(f"/cases/{case.id}/remarks").json["remarks"]
    assert [one["text"] for one in told] == ["请补盖章"]
    assert (kept.status_code, kept.json["version"]) == (201, 1), kept.json
    (listed,) = intake.get(f"/cases/{case.id}/attachments").json["attachments"]
    assert listed["name"] == "材料.pdf"


@pytest.mark.parametrize("content", ["不是", "YWJ", "%PDF"])
def test_a_file_that_is_not_base64_is_said_so(world: Bureau, call: Call, content: str) -> None:
    """Chinese, cut short, or sent as it is."""
    case = _filed(world)
    sent = {"filename": "材料.pdf", "content": content}

    answer = call("applicant").post(f"/cases/{case.id}/attachments", sent)

    assert (answer.status_code, answer.json["error"]["message"]) == (
        400,
        "content 应为 base64 编码的文件内容。",
    )


def test_an_application_is_withdrawn_and_a_step_taken_back(world: Bureau, call: Call) -> None:
    """As far as the rules of each allow; a project not under way cannot be changed or extended."""
    case = _filed(world)
    applicant = call("applicant")
    for word in ("changes", "extensions"):
        assert applicant.post(f"/cases/{case.id}/{word}").status_code == 409
    asked = applicant.post(f"/cases/{case.id}/withdrawals")

    assert (asked.status_code, len(asked.json["open_steps"])) == (201, 1)
    assert applicant.post("/work-items/999/step-back", {"reason": "误办"}).status_code == 404
