"""Workbooks from outside: what is in them is read as somebody sees it, and no file can exhaust the server."""

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from engine.errors import Unusable
from engine.records import workbook_reading
from engine.records.workbook_reading import Covered, read_sheets
from tests.engine.records.worlds import workbook
from tests.worlds import refusal

SHEET = "xl/worksheets/sheet1.xml"
PLAIN = workbook(表=[{"甲": 1, "乙": "二"}])


def _drawn(draw: Callable[[Worksheet], object]) -> bytes:
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(memory, {"in_memory": True})
    draw(book.add_worksheet("表"))
    book.close()
    return memory.getvalue()


def _repacked(content: bytes, **parts: bytes) -> bytes:
    """The workbook with a text of its sheet replaced, or with further parts."""
    memory = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == SHEET:
                part = part.replace(b"</sheetData>", parts.get("rows", b"") + b"</sheetData>")
            new.writestr(entry.filename, part)
        if "picture" in parts:
            new.writestr("xl/media/image1.png", parts["picture"])
    return memory.getvalue()


def test_cells_are_read_from_the_corner() -> None:
    """Rows of values, as they stand."""
    assert read_sheets(PLAIN) == {"表": [["甲", "乙"], [1.0, "二"]]}


@pytest.mark.parametrize(
    "far",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='1048576'><c s=\"1\" r = 'XFD1048576'><v>1</v></c></row>",
        b'<row spans="1:3" r="9999999"><c><v>1</v></c></row>',
    ],
)
def test_a_cell_in_the_farthest_corner_does_not_take_the_servers_memory(far: bytes) -> None:
    """It ends the process that reads it, and that is another one."""
    assert refusal(lambda: read_sheets(_repacked(PLAIN, rows=far))) == workbook_reading.TOO_LARGE


def test_a_file_that_lies_about_its_size_is_not_unpacked() -> None:
    """A directory that tells ten bytes where megabytes follow makes no more than ten."""
    rows = b'<row r="3"><c r="A3"><v>' + b"1" * 5_000_000 + b"</v></c></row>"
    content = bytearray(_repacked(PLAIN, rows=rows))
    place = content.rfind(SHEET.encode()) - 46 + 24  # the size in the archive's directory
    content[place : place + 4] = struct.pack("<I", 10)

    assert refusal(lambda: read_sheets(bytes(content))) == workbook_reading.NO_WORKBOOK


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures do not count: they are not read."""
    monkeypatch.setattr(workbook_reading, "LARGEST_UNPACKED", 100_000)
    many = b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (row, row) for row in range(3, 4000))

    assert len(read_sheets(_repacked(PLAIN, picture=bytes(200_000)))["表"]) == 2
    assert refusal(lambda: read_sheets(_repacked(PLAIN, rows=many))).startswith("文件解开后过大")


def test_more_rows_than_one_import_takes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the number there are."""
    monkeypatch.setattr(workbook_reading, "MOST_ROWS", 3)
    content = workbook(表=[{"甲": number} for number in range(5)])
    assert refusal(lambda: read_sheets(content)) == "工作表“表”有 6 行，一次最多 3 行；请分几次导入。"


def test_the_empty_part_of_a_merged_cell_is_marked() -> None:
    """Whether the value was meant for it too only its author knows."""
    rows = read_sheets(_drawn(lambda sheet: (sheet.merge_range("A2:A3", "一"), sheet.write("B3", "二"))))[
        "表"
    ]

    assert [[type(cell) for cell in row] for row in rows] == [[str, str], [str, str], [Covered, str]]


def test_a_formula_gives_its_result_or_its_error() -> None:
    """As Excel shows it."""
    content = _drawn(
        lambda sheet: (
            sheet.write_formula("A1", "=1+1", None, 2),
            sheet.write_formula("B1", "=NA()", None, "#N/A"),
        )
    )
    assert read_sheets(content) == {"表": [[2.0, "#N/A"]]}


@pytest.mark.parametrize(
    "content", [b"", b"name,code\n", b"PK\x03\x04 not really", b"\xd0\xcf\x11\xe0" + bytes(600)]
)
def test_what_is_no_workbook_is_said_to_be_none(content: bytes) -> None:
    """An empty file, a .csv or an .xls renamed, half an archive."""
    with pytest.raises(Unusable, match="不是 Excel 工作簿"):
        read_sheets(content)


def test_other_archives_are_no_workbooks() -> None:
    """A LibreOffice sheet, whose rows may be repeated a million times in one line, is not even opened."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    assert refusal(lambda: read_sheets(memory.getvalue())) == workbook_reading.NO_WORKBOOK
