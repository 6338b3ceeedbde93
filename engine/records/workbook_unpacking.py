"""The program that parses a workbook from outside, in a process of its own: `workbook_reading` runs it.

A few bytes of a workbook can ask its parser for terabytes (a cell in the farthest corner, a count that lies), and
that ends the process it happens in. So it happens here: the workbook on standard input, its sheets as JSON on
standard output, at most so many bytes of memory and unpacked text. It imports nothing of ours, to start quickly.
"""

import io
import json
import re
import resource
import sys
import zipfile
import zlib
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

TOO_LARGE, NO_WORKBOOK = 3, 4
"""How it exits when it finds no sheets to print."""
PARTS = re.compile(r"(xl/.*\.(xml|rels)|_rels/\.rels|\[Content_Types\]\.xml)", re.IGNORECASE)
"""What is read of a workbook; pictures, macros and other formats' contents are not even unpacked."""
FAILED = re.compile(rb"(<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*[\"'])e([\"'])")
"""A cell whose formula failed: the parser would take it for an empty one."""


def main() -> None:
    """Print every sheet's name, rows and merged ranges."""
    unpacked, memory = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        plain = _plain(sys.stdin.buffer.read(), unpacked)
        book = CalamineWorkbook.from_filelike(io.BytesIO(plain))
        sheets = [_sheet(book.get_sheet_by_name(name)) for name in book.sheet_names]
        json.dump(sheets, sys.stdout, default=_told)
    except MemoryError:
        sys.exit(TOO_LARGE)
    except (CalamineError, zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError):
        sys.exit(NO_WORKBOOK)


def _plain(content: bytes, limit: int) -> bytes:
    """The workbook's parts packed anew, so that the archive's directory tells the truth; MemoryError beyond a limit."""
    memory = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(memory, "w") as plain:
        entries = [entry for entry in packed.infolist() if PARTS.fullmatch(entry.filename)]
        if sum(entry.file_size for entry in entries) > limit:
            raise MemoryError
        for entry in entries:
            plain.writestr(entry.filename, FAILED.sub(rb"\1str\2", packed.read(entry)))
    return memory.getvalue()


def _sheet(sheet: CalamineSheet) -> tuple[str, list[list[Any]], list[Any]]:
    rows = sheet.to_python(skip_empty_area=False)
    while rows and all(value == "" for value in rows[-1]):
        rows.pop()
    return sheet.name, rows, sheet.merged_cell_ranges or []


def _told(value: object) -> object:
    """A day or moment in a list, to tell it from a text; a time of day or a span as the text it shows."""
    return [value.isoformat()] if isinstance(value, date | datetime) else str(value)


if __name__ == "__main__":
    main()
