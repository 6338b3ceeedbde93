"""Files of a case: kept by content, in versions, judged by what they are."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from engine.cases.models import CaseFile
from engine.errors import KeguanError, NotFound
from engine.history import entries
from engine.records import attachments
from engine.records.attachments import Upload, attachments_of
from engine.records.models import Attachment
from engine.records.sniffing import kind_of
from tests.worlds import Bureau, bureau

PDF = b"%PDF-1.7 an example"


@pytest.fixture
def template() -> str:
    return "bureau"


@pytest.fixture
def world(session: Session) -> Bureau:
    return bureau(session)


@pytest.fixture
def case(world: Bureau) -> CaseFile:
    return world.open("T3-D1-S1")


def attach(
    world: Bureau, case: CaseFile, folder: Path, name: str, content: bytes = PDF, role: str = "applicant"
) -> Attachment:
    return attachments.attach(
        world.session,
        case,
        Upload(name, content),
        folder=folder,
        actor=world.accounts[role],
        now=world.now,
        hidden=role != "applicant",
    )


def archive(*names: str) -> bytes:
    """An archive with these entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            made.writestr(name, "example")
    return buffer.getvalue()


def test_a_second_upload_is_the_next_version(world: Bureau, case: CaseFile, tmp_path: Path) -> None:
    """Both versions are kept, the newest first, and the history names their hashes."""
    first = attach(world, case, tmp_path, "实施方案.pdf")
    second = attach(world, case, tmp_path, "实施方案.pdf", PDF + b" mended")

    listed = attachments_of(world.session, case.id or 0, world.accounts["applicant"])
    assert [(row.version, row.sha256) for row in listed] == [(2, second.sha256), (1, first.sha256)]
    assert attachments.content_of(tmp_path, first) == PDF
    last = entries(world.session, f"case:{case.id}")[-1]
    assert (last.summary, last.payload["sha256"]) == ("上传附件“实施方案.pdf”第 2 版", second.sha256)


def test_the_bureaus_own_papers_stay_inside(world: Bureau, case: CaseFile, tmp_path: Path) -> None:
    """The unit does not see what an officer keeps for the bureau."""
    attach(world, case, tmp_path, "会议纪要.pdf", role="intake")

    seen = {
        role: attachments_of(world.session, case.id or 0, world.accounts[role]) for role in world.accounts
    }
    assert {role for role, rows in seen.items() if not rows} == {"applicant", "recommender", "expert"}


@pytest.mark.parametrize(
    ("name", "content", "role", "sentence"),
    [
        ("页面.html", b"<html><script>", "applicant", "不是可接收的类型"),
        ("图.svg", b"<svg xmlns='x'>", "applicant", "不是可接收的类型"),
        ("方案.pdf", b"MZ\x90 a program", "applicant", "不是可接收的类型"),
        ("表.xlsx", archive("xl/workbook.xml", "xl/vbaProject.bin"), "applicant", "不是可接收的类型"),
        ("照片.png", PDF, "applicant", "与文件名不符"),
        ("空.pdf", b"", "applicant", "是空文件"),
        ("大.pdf", PDF + b"0" * 10 * 1024 * 1024, "applicant", "超过 10 MB"),
        ("..", PDF, "applicant", "没有名称"),
        ("方案.pdf", PDF, "expert", "另附文件"),
        ("方案.pdf", PDF, "supervision", "只能查看"),
    ],
)
def test_what_is_not_taken(
    world: Bureau, case: CaseFile, tmp_path: Path, name: str, content: bytes, role: str, sentence: str
) -> None:
    """Each refusal says what is wrong; no file and no row is left."""
    with pytest.raises(KeguanError, match=sentence):
        attach(world, case, tmp_path, name, content, role)

    assert attachments_of(world.session, case.id or 0, world.accounts["intake"]) == []


def test_a_damaged_file_is_never_handed_out(world: Bureau, case: CaseFile, tmp_path: Path) -> None:
    """What is opened is what was uploaded, to the byte, or nothing."""
    row = attach(world, case, tmp_path, "方案.pdf")
    (tmp_path / row.sha256[:2] / row.sha256).write_bytes(b"%PDF-1.7 another")

    with pytest.raises(NotFound, match="缺失或已损坏"):
        attachments.content_of(tmp_path, row)


def test_the_database_keeps_every_version(world: Bureau, case: CaseFile, tmp_path: Path) -> None:
    """A row is never changed afterwards."""
    row = attach(world, case, tmp_path, "方案.pdf")
    row.sha256 = "0" * 64

    with pytest.raises(DBAPIError, match="append-only"):
        world.session.flush()


@pytest.mark.parametrize(
    ("part", "kind"),
    [("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("OFD.xml", "ofd"), ("else", None)],
)
def test_an_archive_is_what_it_holds(part: str, kind: str | None) -> None:
    """Office files and OFD are archives with a known entry; any other archive is not taken."""
    assert kind_of(archive(part)) == kind


@given(st.binary(max_size=64))
def test_any_bytes_are_judged_without_failing(content: bytes) -> None:
    """Damaged content is unknown, never an error."""
    assert kind_of(b"PK\x03\x04" + content) is None


@given(st.text(min_size=1))
def test_a_name_is_one_printable_file_name(name: str) -> None:
    """No folder and no control character gets through, and a name is short enough for a disk."""
    try:
        safe = attachments.safe_name(name)
    except KeguanError:
        return
    assert safe
    assert safe.isprintable()
    assert not set(safe) & {"/", "\\"}
    assert len(safe) <= 120
