"""Workbooks from outside (上传的电子表格), read cell by cell. No file can take more than it is given."""

import json
import os
import subprocess
import sys
from datetime import date, datetime
from typing import Any

from engine.errors import Unusable
from engine.records import workbook_unpacking

LARGEST_FILE = 16 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
MEMORY = 1024 * 1024 * 1024
SECONDS = 60
ENVIRONMENT = {**os.environ, "RUST_BACKTRACE": "0"}
"""The parser is Rust: out of memory, it would wait for ever for the memory to print its backtrace."""
MOST_ROWS = 20_000
NO_WORKBOOK = "这个文件不是 Excel 工作簿（.xlsx），或已加密、损坏；请下载模板，填好后保存为 .xlsx 再上传。"
TOO_LARGE = "文件解开后过大；请删去多余的工作表，以及数据以外的行和列（包括只有格式的），再上传。"

Sheets = dict[str, list[list[Any]]]


class Covered(str):
    """The empty part of a merged cell (合并单元格): nobody can tell whether its value was meant here too."""

    __slots__ = ()


def read_sheets(content: bytes) -> Sheets:
    """Every sheet's rows of values from its cell A1; Unusable with a sentence otherwise.

    An empty cell is '', a formula that failed its error (#N/A), the empty part of a merged cell `Covered`.
    """
    if len(content) > LARGEST_FILE:
        raise Unusable(f"文件超过 {LARGEST_FILE // 1024 // 1024} MB；请分几次导入。")
    return {name: _rows(name, rows, merged) for name, rows, merged in _unpacked(content)}


def _unpacked(content: bytes) -> Any:
    """What the parser says, in a process that may die of it."""
    program = (sys.executable, "-I", workbook_unpacking.__file__, str(LARGEST_UNPACKED), str(MEMORY))
    try:
        done = subprocess.run(  # noqa: S603 - our own program, by its path
            program, input=content, capture_output=True, check=False, env=ENVIRONMENT, timeout=SECONDS
        )
    except subprocess.TimeoutExpired as late:
        raise Unusable(TOO_LARGE) from late
    if done.returncode == 0:
        return json.loads(done.stdout)
    killed = done.returncode < 0 or done.returncode == workbook_unpacking.TOO_LARGE
    raise Unusable(TOO_LARGE if killed else NO_WORKBOOK)


def _rows(name: str, lines: list[list[Any]], merged: list[tuple[list[int], list[int]]]) -> list[list[Any]]:
    if len(lines) > MOST_ROWS:
        raise Unusable(f"工作表“{name}”有 {len(lines)} 行，一次最多 {MOST_ROWS} 行；请分几次导入。")
    rows = [[_value(told) for told in line] for line in lines]
    for (top, left), (bottom, right) in merged:
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [value or Covered() for value in row[left : right + 1]]
    return rows


def _value(told: Any) -> Any:
    """A day or a moment comes in a list, to tell it from a text."""
    if not isinstance(told, list):
        return told
    (text,) = told
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
