"""Clerical errors: the form reads as corrected, the old value and the reason stay beside it."""

import pytest
from sqlmodel import Session, select

from engine.cases import corrections
from engine.cases.corrections import FormCorrection
from engine.cases.models import CaseFile, FormRecord
from engine.errors import KeguanError
from engine.history import entries
from tests.truth import untruths
from tests.walks import file_application
from tests.worlds import Bureau, bureau, refusal

WORKING = "T3-D1-S1"


@pytest.fixture
def world(session: Session) -> Bureau:
    return bureau(session)


def record(world: Bureau, element: str) -> FormRecord:
    return world.session.exec(select(FormRecord).where(FormRecord.element == element)).one()


def correct(world: Bureau, element: str, field: str, value: str, role: str = "intake") -> FormCorrection:
    return corrections.correct(
        world.session,
        record(world, element).id or 0,
        field,
        value,
        actor=world.accounts[role],
        reason="单位来函说明",
        now=world.now,
    )


def submitted(world: Bureau) -> CaseFile:
    """An application whose receipt has not been sent yet."""
    case = world.open(WORKING)
    facts = {"requested_yuan": "100000"}
    world.do("fill", "submit", title="示例项目", leader_name="示例负贵人", facts=facts)
    return case


def test_the_form_and_the_case_read_as_corrected(world: Bureau) -> None:
    """Old and new are kept, and the timeline says who changed what and why."""
    case = submitted(world)

    kept = correct(world, "fill", "leader_name", "示例负责人")

    assert (kept.old, kept.new, kept.by, kept.reason) == (
        "示例负贵人",
        "示例负责人",
        "intake",
        "单位来函说明",
    )
    assert record(world, "fill").payload["leader_name"] == case.facts["leader_name"] == "示例负责人"
    last = entries(world.session, f"case:{case.id}")[-1]
    assert last.summary == "更正“填报申报书”的“项目负责人”：“示例负贵人”改为“示例负责人”（单位来函说明）"
    assert untruths(world.session) == []


@pytest.mark.parametrize(
    ("field", "value", "role", "sentence"),
    [
        ("leader_name", "示例负责人", "applicant", "凭单位说明更正"),
        ("leader_name", "示例负责人", "supervision", "只能查看"),
        ("leader_name", "示例负贵人", "intake", "与原内容相同"),
        ("leader_name", "长" * 201, "intake", "没有填对"),
        ("facts", "{}", "intake", "已据以计算或判定"),
        ("outcome", "withdraw", "intake", "已据以计算或判定"),
    ],
)
def test_what_is_no_clerical_error(world: Bureau, field: str, value: str, role: str, sentence: str) -> None:
    """Decisions and figures are not corrected by hand, nor by anybody outside the bureau."""
    submitted(world)
    before = dict(record(world, "fill").payload)

    with pytest.raises(KeguanError, match=sentence):
        correct(world, "fill", field, value, role)

    assert record(world, "fill").payload == before


def test_a_letter_that_quotes_it_forbids_it(world: Bureau) -> None:
    """The receipt names the project; a change request is the way then."""
    file_application(world, WORKING)

    said = refusal(lambda: correct(world, "fill", "title", "另一个名称"))

    assert said.startswith("已发出的“受理回执")
    assert said.endswith("请申请变更。")
