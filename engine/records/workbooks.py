"""Excel workbooks (电子表格) to print: a `Table` is what a page shows and what the workbook holds.

One value, two ways to draw it, so that they cannot differ.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

import xlsxwriter

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FEN_OF_WAN = 1_000_000
CENT = Decimal("0.01")
FONT = "宋体"

Kind = Literal["text", "count", "wan", "date"]
Value = str | int | date | None


@dataclass(frozen=True)
class Heading:
    """A column of a table. `wan` holds fen and shows 万元 to two decimals; `width` is in characters."""

    title: str
    kind: Kind = "text"
    width: int = 14


@dataclass(frozen=True)
class Table:
    """A paper with a table on it (公示、名单、清单): what the page, the printer and the workbook show.

    `document` is its number (文号) and `preface` what stands before the table. `totals` has a value for each
    column that is summed.
    """

    title: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Value]]
    document: str = ""
    preface: str = ""
    totals: Sequence[Value] = ()
    closing: Sequence[str] = field(default_factory=tuple)


def wan(fen: int) -> Decimal:
    """Fen as 万元 to two decimals, rounded half-up: what a public paper prints."""
    return (Decimal(fen) / FEN_OF_WAN).quantize(CENT, ROUND_HALF_UP)


def shown(heading: Heading, value: Value) -> str:
    """A cell as the page prints it, and as Excel shows the workbook's."""
    if value is None or value == "":
        return ""
    if heading.kind == "wan":
        assert isinstance(value, int)
        return f"{wan(value):,.2f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def write_table(table: Table) -> bytes:
    """The paper as a workbook, ready to print: landscape, one page wide, its headings on every page."""
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(
        memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(sheet_name(table.title))
    formats = _formats(book)
    row = _head(sheet, table, formats)
    for column, heading in enumerate(table.headings):
        sheet.set_column(column, column, heading.width)
        sheet.write_string(row, column, heading.title, formats["heading"])
    sheet.repeat_rows(row)
    sheet.freeze_panes(row + 1, 0)
    for values in table.rows:
        row += 1
        _line(sheet, row, table.headings, values, formats, "cell")
    if table.totals:
        row += 1
        _line(sheet, row, table.headings, table.totals, formats, "total")
    for line in table.closing:
        row += 1
        sheet.merge_range(row, 0, row, max(1, len(table.headings) - 1), line, formats["closing"])
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    book.close()
    return memory.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    plain = {"font_name": FONT, "font_size": 11, "valign": "vcenter", "text_wrap": True}
    lined = plain | {"border": 1}
    number, day = (
        {"num_format": "#,##0.00", "align": "right"},
        {"num_format": "yyyy-mm-dd", "align": "center"},
    )
    bold = {"bold": True}
    looks = {
        "title": plain | bold | {"font_size": 16, "align": "center"},
        "document": plain | {"align": "center"},
        "preface": plain,
        "closing": plain | {"align": "right"},
        "heading": lined | bold | {"align": "center"},
        "cell": lined,
        "cell count": lined | {"align": "center"},
        "cell wan": lined | number,
        "cell date": lined | day,
        "total": lined | bold,
        "total count": lined | bold | {"align": "center"},
        "total wan": lined | bold | number,
        "total date": lined | bold | day,
    }
    return {name: book.add_format(look) for name, look in looks.items()}


def _head(sheet: Any, table: Table, formats: dict[str, Any]) -> int:
    """Title, number and preface, each over the whole width; returns the row of the headings."""
    last, row = max(1, len(table.headings) - 1), 0
    for name, text, height in (
        ("title", table.title, 30),
        ("document", table.document, 20),
        ("preface", table.preface, 20 * (1 + len(table.preface) // 60)),
    ):
        if text:
            sheet.merge_range(row, 0, row, last, text, formats[name])
            sheet.set_row(row, height)
            row += 1
    return row


def _line(
    sheet: Any,
    row: int,
    headings: Sequence[Heading],
    values: Sequence[Value],
    formats: dict[str, Any],
    look: str,
) -> None:
    for column, (heading, value) in enumerate(zip(headings, values, strict=True)):
        style = formats[look if heading.kind == "text" else f"{look} {heading.kind}"]
        if value is None or value == "":
            sheet.write_blank(row, column, None, style)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, style)
        elif isinstance(value, int):
            sheet.write_number(row, column, float(wan(value)) if heading.kind == "wan" else value, style)
        else:
            sheet.write_string(row, column, value, style)


def sheet_name(title: str) -> str:
    """A name Excel accepts for a sheet: no []:*?/\\ and at most 31 characters."""
    return "".join(character for character in title if character not in "[]:*?/\\'")[:31] or "表"
