"""Workbooks to import, made from plain rows as somebody would fill in a template."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import xlsxwriter

from engine.records.imports.runs import Setting

SETTING = Setting({"enterprise": "企业", "doctor": "博士"}, b"only for tests")


def workbook(**sheets: Sequence[Mapping[str, Any]]) -> bytes:
    """A workbook with these sheets; each row names its columns."""
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(memory, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    for title, rows in sheets.items():
        page = book.add_worksheet(title)
        headings = list(dict.fromkeys(name for row in rows for name in row))
        page.write_row(0, 0, headings)
        for number, row in enumerate(rows, start=1):
            for place, heading in enumerate(headings):
                page.write(number, place, row.get(heading, ""))
    book.close()
    return memory.getvalue()


def merged(content: bytes, cells: str) -> bytes:
    """The workbook with these cells of its first sheet merged."""
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(memory, "w") as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                mark = f'</sheetData><mergeCells count="1"><mergeCell ref="{cells}"/></mergeCells>'
                part = part.replace(b"</sheetData>", mark.encode())
            new.writestr(entry.filename, part)
    return memory.getvalue()
