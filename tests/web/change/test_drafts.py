"""The editor's addresses: drafts kept, checked and proved; files of other modelers; publishing by two people."""

from io import BytesIO

from flask.testing import FlaskClient
from sqlmodel import select

from engine import db
from engine.procedures.models import ProcedureRelease
from tests.web.change.conftest import Office
from web.commands.diagrams import shipped_diagrams

CHECK = shipped_diagrams()["formal_check.bpmn"].decode()
LONGER = CHECK.replace('name="limit" value="limit_formal_check"', 'name="limit" value="12"')
PAYS_EARLY = (
    shipped_diagrams()["implementation.bpmn"]
    .decode()
    .replace('sourceRef="start" targetRef="report"', 'sourceRef="start" targetRef="early"')
    .replace(
        "<bpmn:sequenceFlow",
        '<bpmn:serviceTask id="early" name="提前拨付"><bpmn:extensionElements>'
        '<spiffworkflow:serviceTaskOperator id="record_payment" /></bpmn:extensionElements></bpmn:serviceTask>'
        '<bpmn:sequenceFlow id="flow_early" sourceRef="early" targetRef="report" /><bpmn:sequenceFlow',
        1,
    )
)


def test_a_draft_is_kept_and_never_overwritten_from_another_window(office: Office) -> None:
    """The second window's save is a conflict in words; the draft holds what the first one saved."""
    admin = office.sign_in("admin")
    draft = _open(admin, "formal_check")

    first = admin.post(f"{draft}/save", json={"text": LONGER, "revision": 0})
    second = admin.post(f"{draft}/save", json={"text": CHECK, "revision": 0})

    assert (first.status_code, first.json) == (200, {"revision": 1})
    assert (second.status_code, "另一个窗口" in second.json["message"]) == (409, True)
    assert admin.get(f"{draft}/file").text == LONGER


def test_what_is_on_the_screen_is_checked_as_the_command_does(office: Office) -> None:
    """Unsaved text too: the finding names its element, line, sentence and remedy."""
    admin = office.sign_in("admin")
    draft = _open(admin, "formal_check")

    sound = admin.post(f"{draft}/check", json={"text": CHECK}).json
    broken = admin.post(f"{draft}/check", json={"text": LONGER.replace('value="12"', 'value="P12D"')}).json[
        "findings"
    ]

    assert sound == {"findings": []}
    assert [(one["element"], one["rule"]) for one in broken] == [("check", "timer-unquoted")]
    assert set(broken[0]) == {"element", "line", "rule", "message", "fix"}


def test_a_diagram_that_pays_early_is_refused_with_its_walk(office: Office) -> None:
    """The proof lists the steps in order, and proposing it is a conflict that names the property."""
    admin = office.sign_in("admin")
    draft = _open(admin, "implementation")
    admin.post(f"{draft}/save", json={"text": PAYS_EARLY, "revision": 0})

    proof = admin.post(f"{draft}/prove", json={"text": PAYS_EARLY}).json["html"]
    refused = admin.post(f"{draft}/review", data=GROUND)

    assert 'data-step="implementation/early"' in proof
    assert "提前拨付" in proof
    assert refused.status_code == 409
    assert "验收通过之前不会拨付" in refused.text


def test_a_change_needs_two_administrators(office: Office) -> None:
    """Who proposed it sees a disabled button and is refused; the second one publishes all four procedures."""
    admin, second = office.sign_in("admin"), office.sign_in("admin2")
    draft = _open(admin, "formal_check")
    admin.post(f"{draft}/save", json={"text": LONGER, "revision": 0})
    proposal = admin.post(f"{draft}/review", data=GROUND).location

    own = admin.post(f"{proposal}/approve")
    page = admin.get(proposal).text
    other = second.post(f"{proposal}/approve", follow_redirects=True)

    assert (own.status_code, "四眼原则" in page) == (403, True)
    assert "已批准" in other.text
    with db.reading(office.engine) as session:
        released = select(ProcedureRelease.key).where(ProcedureRelease.approved_by == "admin2")
        keys = set(session.exec(released))
    assert keys == {"post_subsidy", "milestone_subsidy", "cooperation_subsidy", "unfunded"}


def test_another_modelers_file_is_listed_with_replacements_and_stripped(office: Office) -> None:
    """Assignees become lanes, forms our forms; then the extensions go and the file is as ours."""
    admin = office.sign_in("admin")
    draft = _open(admin, "formal_check")
    foreign = LONGER.replace(
        '<bpmn:userTask id="check"',
        '<bpmn:userTask xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="demo"'
        ' camunda:formKey="embedded:x" id="check"',
    )

    listed = admin.post(
        f"{draft}/import", data={"file": (_stream(foreign), "camunda.bpmn")}, content_type=MULTIPART
    )
    admin.post(f"{draft}/strip")

    assert "请用泳道表示由哪个岗位办理" in listed.text
    assert "请在步骤的“表单”里选择本系统的表单。" in listed.text
    kept = admin.get(f"{draft}/file").text
    assert "camunda" not in kept
    assert admin.post(f"{draft}/check", json={"text": kept}).json == {"findings": []}


def test_a_decision_table_is_added_and_checked_within_the_safe_subset(office: Office) -> None:
    """A new table is sound; another hit policy or a FEEL range is a finding."""
    admin = office.sign_in("admin")
    draft = _open(admin, "formal_check")

    table = admin.post(f"{draft}/tables", data={"key": "grade", "title": "分级"}).location
    text = admin.get(f"{draft}/file?file=grade.dmn").text
    sound = admin.post(f"{draft}/check?file=grade.dmn", json={"text": text}).json
    first = text.replace("UNIQUE", "FIRST").replace("<text></text>", "<text>[1..10]</text>")
    broken = admin.post(f"{draft}/check?file=grade.dmn", json={"text": first}).json

    assert admin.get(table).status_code == 200
    assert sound == {"findings": []}
    assert {one["rule"] for one in broken["findings"]} == {"hit-policy", "expression"}


def test_only_administrators_change_procedure(office: Office) -> None:
    """An officer is told so; supervision reads proposals and rules."""
    officer, supervision = office.sign_in("programme"), office.sign_in("supervision")

    assert officer.get("/change").status_code == 403
    assert officer.post("/change/drafts", data={"key": "filing"}).status_code == 403
    assert [supervision.get(path).status_code for path in ("/change/proposals", "/change/rules")] == [
        200,
        200,
    ]
    assert supervision.post("/change/proposals/1/approve").status_code == 403


GROUND = {
    "clause": "示科发〔2024〕2号",
    "note": "审查期限改为十二个工作日",
    "effective_at": "2024-03-11T10:00",
}
MULTIPART = "multipart/form-data"


def _open(client: FlaskClient, key: str) -> str:
    """The address of one's draft of a part."""
    answer = client.post("/change/drafts", data={"key": key})
    assert answer.status_code == 302
    return str(answer.location)


def _stream(text: str) -> BytesIO:
    return BytesIO(text.encode())
