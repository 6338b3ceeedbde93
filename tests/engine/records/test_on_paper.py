"""What came on paper: entered for the unit, with the scan, the reason and both names."""

from pathlib import Path

import pytest
from sqlmodel import Session

from engine.cases import door
from engine.cases.models import WorkItem
from engine.history import entries
from engine.records import on_paper
from engine.records.attachments import Upload, attachments_of
from tests.truth import untruths
from tests.worlds import Bureau, bureau, refusal

SCAN = Upload("申报书扫描件.pdf", b"%PDF-1.7 a scan")
FORM = {"outcome": "submit", "title": "示例项目", "facts": {"requested_yuan": "100000"}}


@pytest.fixture
def template() -> str:
    return "bureau"


@pytest.fixture
def world(session: Session) -> Bureau:
    return bureau(session)


def enter(
    world: Bureau, item: WorkItem, folder: Path, scan: Upload | None = SCAN, reason: str = "纸质报送"
) -> None:
    on_paper.complete_on_paper(
        world.session,
        item.id or 0,
        actor=world.accounts["intake"],
        payload=FORM if item.element == "fill" else {"outcome": "recommend"},
        scan=scan,
        reason=reason,
        folder=folder,
        now=world.now,
    )


def test_a_whole_application_comes_on_paper(world: Bureau, tmp_path: Path) -> None:
    """The officer opens it, fills it and enters the recommendation; the applicant stays the unit's own account."""
    case = on_paper.open_on_paper(
        world.session,
        "T3-D1-S1",
        unit_id=world.unit.id or 0,
        actor=world.accounts["intake"],
        scan=SCAN,
        reason="纸质报送",
        folder=tmp_path,
        now=world.now,
    )
    enter(world, world.item("fill"), tmp_path, Upload("签字页.pdf", b"%PDF-1.7 signed"))
    enter(world, world.item("recommend"), tmp_path, Upload("推荐函.pdf", b"%PDF-1.7 sealed"))

    assert (case.applicant_id, world.open_steps()) == (world.accounts["applicant"].id, ["intake"])
    told = [
        (entry.actor, entry.on_behalf_of)
        for entry in entries(world.session, f"case:{case.id}")
        if entry.verb == "complete"
    ]
    assert told == [("intake", "示例机械有限公司"), ("intake", "示例区科技局")]
    scans = attachments_of(world.session, case.id or 0, world.accounts["applicant"])
    assert {row.purpose for row in scans} == {"scan"}
    assert len(scans) == 3
    assert untruths(world.session) == []


def test_one_scan_is_the_paper_of_several_steps(world: Bureau, tmp_path: Path) -> None:
    """The form is read off the scan the file was opened with; the same scan sent again is no second file."""
    case = on_paper.open_on_paper(
        world.session,
        "T3-D1-S1",
        unit_id=world.unit.id or 0,
        actor=world.accounts["intake"],
        scan=SCAN,
        reason="纸质报送",
        folder=tmp_path,
        now=world.now,
    )

    enter(world, world.item("fill"), tmp_path, None, "")
    enter(world, world.item("recommend"), tmp_path, SCAN)

    told = [one.summary for one in entries(world.session, f"case:{case.id}") if one.verb == "on_paper"]
    assert len(attachments_of(world.session, case.id or 0, world.accounts["intake"])) == 1
    assert told == [
        "代示例机械有限公司录入“申报材料”：纸质报送",
        "代示例机械有限公司录入“填报申报书”：按立卷时的“申报书扫描件.pdf”录入",
        "代示例区科技局录入“审核推荐”：纸质报送",
    ]


def test_no_paper_no_entry(world: Bureau, tmp_path: Path) -> None:
    """Without the scan or the reason nothing is entered."""
    world.open("T3-D1-S1")
    item = world.item("fill")

    assert refusal(lambda: enter(world, item, tmp_path, None)).startswith("代录须附纸质材料的扫描件")
    assert refusal(lambda: enter(world, item, tmp_path, SCAN, " ")).startswith("代录须写明事由")
    assert world.open_steps() == ["fill"]


def test_a_units_step_is_never_done_silently(world: Bureau) -> None:
    """Whoever is not of the unit names it; there is no way around the paper."""
    world.open("T3-D1-S1")
    item, intake = world.item("fill"), world.accounts["intake"]

    said = refusal(
        lambda: door.complete(world.session, item.id or 0, actor=intake, payload=FORM, now=world.now)
    )

    assert said.startswith("这一步属于单位；代录须附纸质材料的扫描件")
    assert world.open_steps() == ["fill"]
