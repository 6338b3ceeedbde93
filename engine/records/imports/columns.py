"""The columns of an import's sheets: what each is called, what it may hold, and how a cell is read.

A cell is named as Excel names it, with its sheet: 专家!C7. What cannot be read is a `Problem` with a sentence.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from engine.records.workbook_reading import Covered

Kind = Literal["text", "long", "yuan", "number", "count", "date", "truth", "choice", "several", "texts"]
LONGEST = {"text": 200, "long": 4000}
MOST_YUAN = Decimal(10) ** 12
MOST_COUNT = 1_000_000
FAILED = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
"""What a formula (公式) shows that could not be worked out."""
TRUTH = {"是": True, "否": False, "有": True, "无": False}
SEPARATORS = re.compile(r"[、,，;；\s]+")
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""What comes along when a cell is pasted from a web page: nobody sees it, and no checksum forgives it."""
BREAKS = re.compile(r"\s*[\r\n\t]+\s*")
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")

FORMATS: dict[Kind, str] = {
    "text": "文字",
    "long": "文字，可分段",
    "yuan": "金额（元），最多两位小数",
    "number": "数字",
    "count": "整数",
    "date": "日期，如 2026-05-01",
    "truth": "是 或 否",
    "choice": "从所列各项中选一个",
    "several": "从所列各项中选，多个用顿号隔开",
    "texts": "文字，多个用顿号隔开；没有的填“无”",
}


@dataclass(frozen=True)
class Column:
    """One column. `choices` are the words a person enters and the keys they stand for."""

    name: str
    title: str
    kind: Kind = "text"
    required: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    example: str = ""
    note: str = ""

    @property
    def allowed(self) -> str:
        """What may be entered, in words."""
        return "、".join(self.choices) if self.choices else FORMATS[self.kind]


@dataclass(frozen=True)
class Sheet:
    """One sheet of an import's workbook; an `optional` one may be left out."""

    title: str
    columns: Sequence[Column]
    optional: bool = False


@dataclass(frozen=True)
class Problem:
    """One thing to put right in the file, and the cell it stands in."""

    cell: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.cell}：{self.sentence}"


@dataclass
class Row:
    """One line of a sheet: the values that could be read, and whether all could."""

    sheet: str
    number: int
    letters: Mapping[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    sound: bool = True

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def cell(self, name: str) -> str:
        """How Excel calls the cell of this column: 专家!C7."""
        return f"{self.sheet}!{self.letters.get(name, 'A')}{self.number}"


class Unreadable(ValueError):  # noqa: N818 - the cell is, and the message says why
    """A cell that does not hold what its column asks for; the message is the sentence."""


def read_rows(sheet: Sheet, lines: Sequence[Sequence[Any]], problems: list[Problem]) -> list[Row]:
    """The filled lines below the headings, which may stand in any order; problems are added to the list."""
    if not lines:
        return []
    places = _places(sheet, lines[0], problems)
    letters = {name: letter(place) for name, place in places.items()}
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if any(_text(value) for value in line):
            rows.append(_row(sheet, Row(sheet.title, number, letters), line, places, problems))
    return rows


def _places(sheet: Sheet, headings: Sequence[Any], problems: list[Problem]) -> dict[str, int]:
    titles = [_text(value).rstrip("*＊ ") for value in headings]
    known = {column.title: column.name for column in sheet.columns}
    for place, title in enumerate(titles):
        if title and title not in known:
            sentence = f"没有“{title[:40]}”这一列；请使用模板的列名，多余的列请删除。"
            problems.append(Problem(f"{sheet.title}!{letter(place)}1", sentence))
        elif title and titles.index(title) < place:
            problems.append(
                Problem(f"{sheet.title}!{letter(place)}1", f"“{title}”这一列重复了；请只留一列。")
            )
    missing = [c.title for c in sheet.columns if c.required and c.title not in titles]
    problems += [Problem(f"{sheet.title}!1", f"缺少“{title}”这一列；请使用模板。") for title in missing]
    return {known[title]: titles.index(title) for title in titles if title in known}


def _row(
    sheet: Sheet, row: Row, line: Sequence[Any], places: Mapping[str, int], problems: list[Problem]
) -> Row:
    for column in sheet.columns:
        if column.name not in places:
            row.sound = row.sound and not column.required
            continue
        value = line[places[column.name]] if places[column.name] < len(line) else ""
        try:
            row.values[column.name] = read_cell(column, value)
        except Unreadable as unreadable:
            row.sound = False
            problems.append(Problem(row.cell(column.name), str(unreadable)))
    return row


def read_cell(column: Column, value: Any) -> Any:
    """What a cell means; None when it is empty and may be."""
    text = _text(value)
    if isinstance(value, Covered):
        raise Unreadable(f"“{column.title}”在合并单元格里；请取消合并，逐行填写。")
    if text in FAILED:
        raise Unreadable(f"“{column.title}”的公式出错（{text}）；请改正公式，或粘贴为数值。")
    if not text:
        if column.required:
            raise Unreadable(f"“{column.title}”必填，请填写。")
        return None
    return READERS[column.kind](column, value, text)


def _several(column: Column, text: str) -> list[Any]:
    return [_chosen(column, part, column.choices) for part in SEPARATORS.split(text) if part]


def _texts(column: Column, text: str) -> list[str]:
    return [] if text == "无" else [_within(column, part) for part in SEPARATORS.split(text) if part]


def _within(column: Column, text: str) -> str:
    most = LONGEST.get(column.kind, LONGEST["text"])
    if len(text) > most:
        raise Unreadable(f"“{column.title}”最多 {most} 个字，现有 {len(text)} 个；请缩短。")
    return text


def _number(column: Column, value: Any, text: str) -> Decimal | int:
    try:
        plain = f"{value:.15g}" if isinstance(value, float) else text.replace(",", "").replace("，", "")
        number = Decimal(plain)  # Excel itself keeps 15 digits: 0.1+0.2 is 0.3 there
    except InvalidOperation:
        raise Unreadable(f"“{column.title}”应为数字，现为“{text[:40]}”；请只填数字，不带单位。") from None
    if not number.is_finite() or number < 0:
        raise Unreadable(f"“{column.title}”应为不小于 0 的数字，现为“{text[:40]}”。")
    if column.kind == "yuan" and (number >= MOST_YUAN or number != round(number, 2)):
        raise Unreadable(f"“{column.title}”应按元填写，最多两位小数，现为“{text[:40]}”。")
    if column.kind == "count":
        if number > MOST_COUNT or number != int(number):
            raise Unreadable(f"“{column.title}”应为整数，不超过 {MOST_COUNT}，现为“{text[:40]}”。")
        return int(number)
    return number


def _date(column: Column, value: Any, text: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = DAY.fullmatch(text)
    try:
        if match:
            return date(*(int(part) for part in match.groups()))
    except ValueError:
        pass
    raise Unreadable(f"“{column.title}”应为日期，如 2026-05-01，现为“{text[:40]}”。")


def _chosen(column: Column, text: str, choices: Mapping[str, Any]) -> Any:
    if text in choices:
        return choices[text]
    allowed = "、".join(list(choices)[:12]) if len(choices) <= 12 else f"{'、'.join(list(choices)[:6])} 等"
    raise Unreadable(f"“{column.title}”没有“{text[:40]}”这一项；可填：{allowed}。")


READERS: Mapping[Kind, Callable[[Column, Any, str], Any]] = {
    "text": lambda column, _value, text: _within(column, BREAKS.sub(" ", text)),
    "long": lambda column, _value, text: _within(column, text),
    "yuan": _number,
    "number": _number,
    "count": _number,
    "date": _date,
    "truth": lambda column, _value, text: _chosen(column, text, TRUTH),
    "choice": lambda column, _value, text: _chosen(column, text, column.choices),
    "several": lambda column, _value, text: _several(column, text),
    "texts": lambda column, _value, text: _texts(column, text),
}
"""How each kind of cell is read."""


def _text(value: Any) -> str:
    """A cell as somebody reads it: 13 for 13.0, and nothing that cannot be seen."""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return INVISIBLE.sub("", str(value)).strip()


def letter(place: int) -> str:
    """The letter Excel gives a column: 0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
