"""The workbook to fill in (导入模板): a sheet per table with its headings, and how to fill in each column."""

import io
from collections.abc import Mapping
from typing import Any

import xlsxwriter

from engine.records.imports.columns import Column, Sheet, letter
from engine.records.imports.sheets import KINDS, sheets_of
from engine.records.workbooks import FONT

GUIDE = "填写说明"
FILLED = 2000
"""Rows that offer the allowed values as a list."""
LONGEST_LIST = 255
"""Excel's limit on a list written into the sheet itself."""


def write_template(kind: str, words: Mapping[str, str]) -> bytes:
    """An empty workbook of this kind; its guide sheet tells what each column takes, with an example."""
    memory = io.BytesIO()
    book = xlsxwriter.Workbook(
        memory, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    looks = _looks(book)
    sheets = sheets_of(kind, words)
    for sheet in sheets:
        _empty_sheet(book.add_worksheet(sheet.title), sheet, looks)
    _guide(book.add_worksheet(GUIDE), kind, sheets, looks)
    book.close()
    return memory.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    plain = {"font_name": FONT, "font_size": 11, "valign": "top", "text_wrap": True}
    return {
        "plain": book.add_format(plain),
        "text": book.add_format({"font_name": FONT, "font_size": 11, "num_format": "@"}),
        "number": book.add_format({"font_name": FONT, "font_size": 11}),
        "day": book.add_format({"font_name": FONT, "font_size": 11, "num_format": "yyyy-mm-dd"}),
        "must": book.add_format(plain | {"bold": True, "bg_color": "#FCE4D6", "border": 1}),
        "may": book.add_format(plain | {"bold": True, "bg_color": "#DDEBF7", "border": 1}),
        "title": book.add_format(plain | {"bold": True, "font_size": 14}),
    }


def _empty_sheet(page: Any, sheet: Sheet, looks: dict[str, Any]) -> None:
    for place, column in enumerate(sheet.columns):
        title = column.title + ("*" if column.required else "")
        page.set_column(place, place, max(12, 2 * len(title) + 2), looks[_look(column)])
        page.write_string(0, place, title, looks["must" if column.required else "may"])
        allowed = list(column.choices) or (["是", "否"] if column.kind == "truth" else [])
        if allowed and column.kind != "several" and len(",".join(allowed)) <= LONGEST_LIST:
            page.data_validation(1, place, FILLED, place, {"validate": "list", "source": allowed})
    page.freeze_panes(1, 0)


def _look(column: Column) -> str:
    if column.kind in ("yuan", "number", "count"):
        return "number"
    return "day" if column.kind == "date" else "text"


def _guide(page: Any, kind: str, sheets: tuple[Sheet, ...], looks: dict[str, Any]) -> None:
    page.merge_range(0, 0, 0, 6, f"{KINDS[kind]}导入模板：填写说明", looks["title"])
    page.merge_range(
        1,
        0,
        1,
        6,
        "从各表第 2 行起填写，一行一条；带 * 的列必填；不要改动列名。本表不会被导入。",
        looks["plain"],
    )
    for place, (title, width) in enumerate(
        (("工作表", 12), ("列", 6), ("列名", 26), ("必填", 6), ("可填内容", 48), ("示例", 26), ("说明", 40))
    ):
        page.set_column(place, place, width)
        page.write_string(2, place, title, looks["may"])
    lines = [(sheet, place, column) for sheet in sheets for place, column in enumerate(sheet.columns)]
    for row, (sheet, place, column) in enumerate(lines, start=3):
        must = "是" if column.required else ""
        told = (sheet.title, letter(place), column.title, must, column.allowed, column.example, column.note)
        for at, text in enumerate(told):
            page.write_string(row, at, text, looks["plain"])
    page.freeze_panes(3, 0)
