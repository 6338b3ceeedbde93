"""The guide's outline (目录结构): which lines are headings, of which level, and the leaves with their items.

Labels vary from guide to guide (专题, 板块, 领域; 方向, 任务; 子方向, 课题), so a level is learnt from the text:
a label that directly follows another one, with nothing filed under it yet, lies one level deeper. Printed
numbers are not trusted; the position counts. Only the numbered top headings keep their number as their code.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from engine.change.guide.figures import NUMBER, whole
from engine.change.guide.text import Line
from engine.errors import Unusable

LONGEST_TITLE = 80
LONGEST_SECTION = 40
WRAPPED_TITLE = 18
"""Characters from which on a title may have been wrapped."""
_APART = r"\s*(?:[：:、．.—－–·-]+|\s)\s*"
HEADING = re.compile(
    rf"^(?:(?P<label>[\u4e00-\u9fff]{{1,6}}?)\s*(?P<number>{NUMBER})\s*(?P<suffix>章|篇|节|部分)?"
    rf"|第(?P<nth>{NUMBER})(?P<named>[\u4e00-\u9fff]{{1,4}}?)){_APART}(?=\S)"
)
NUMBER_FIRST = re.compile(
    r"^(?P<number>[一二三四五六七八九十]+)、\S|^[（(](?P<inner>[一二三四五六七八九十]+)[）)]\S"
)
NUMBERED = re.compile(
    r"^(?:\d+\s*[.．、]|\d+\s+(?=[\u4e00-\u9fff])|[（(](?:\d+|[一二三四五六七八九十]+)[）)]|[①-⑳]|[一二三四五六七八九十]+、)\s*"
)
ITEM = re.compile(
    rf"^(?P<numbering>{NUMBERED.pattern[1:]}|\d+\s*[)）]\s*)?(?:"
    r"[【\[](?P<bracketed>[^】\]]{1,14})[】\]]\s*[：:]?"
    r"|(?P<label>[^：:，。；、（）()\s【\[][^：:，。；（）()【]{0,13})\s*[：:]"
    r"|(?P<spaced>[\u4e00-\u9fff]{2,10})(?:\s+|$)"
    r")(?P<text>.*)$"
)
LETTERS = "ABCDEFGHIJKLMNOPQRSUVWXYZ"
PROSE_END = "。；;，,！？"

Kind = Literal["heading", "section", "item", "prose"]
ItemClass = Literal[
    "content", "indicators", "conditions", "period", "total", "mode", "money", "notes", "unknown"
]
CLASSES: tuple[tuple[ItemClass, str], ...] = (
    ("indicators", "指标|考核|绩效|任务目标|目标任务"),
    ("mode", "方式|拨付|支付"),
    ("content", "内容|任务|方向|简介|背景"),
    ("total", "投入|投资|总预算|总经费|经费总额|经费预算|预算总额"),
    ("indicators", "目标|成果|产出"),
    ("period", "期限|周期|年限|时间|执行期|实施期"),
    ("conditions", "条件|要求|对象|资格|主体|范围"),
    ("money", "经费|资助|补助|补贴|资金|支持|扶持|额度|金额|标准"),
    ("notes", "说明|备注|其他|注意|事项"),
)


@dataclass(frozen=True)
class Item:
    """One labelled paragraph of a leaf (研究内容, 补助方式 …); its lines after the first are continuations."""

    label: str
    kind: ItemClass
    lines: tuple[Line, ...]


@dataclass
class Heading:
    """A heading and what stands under it. `level` 0 section, 1 direction, 2 and deeper below it."""

    line: Line
    level: int
    label: str
    number: int | None
    parent: "Heading | None" = None
    children: list["Heading"] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    last_line: int = 0

    @property
    def path(self) -> tuple[str, ...]:
        """The titles from the section down, as written."""
        return (*(self.parent.path if self.parent else ()), self.line.text)


@dataclass(frozen=True)
class Outline:
    """The sections in the document's order, and the lines before and between that belong to none."""

    sections: tuple[Heading, ...]
    loose: tuple[Line, ...]

    def leaves(self) -> Iterator[Heading]:
        """Every heading with items and no heading below, in order."""
        for section in self.sections:
            yield from _leaves(section)


def _leaves(heading: Heading) -> Iterator[Heading]:
    if not heading.children and heading.parent is not None:
        yield heading
    for child in heading.children:
        yield from _leaves(child)


@dataclass(frozen=True)
class _Mark:
    line: Line
    kind: Kind
    label: str = ""
    number: int | None = None
    text: str = ""
    numbered: bool = False


def read_outline(lines: Sequence[Line]) -> Outline:
    """Sort the lines into sections, directions, leaves and their items."""
    marks = _with_sections(_unwrapped([_mark(line) for line in lines]))
    levels = _levels(marks)
    sections: list[Heading] = []
    loose: list[Line] = []
    open_: Heading | None = None
    for mark in marks:
        if mark.kind in ("heading", "section"):
            level = 0 if mark.kind == "section" else levels.get(mark.label, _level_by_number(mark, open_))
            parent = _ancestor(open_, level)
            if parent is None and level > 0:
                loose.append(mark.line)
                continue
            open_ = Heading(mark.line, level, mark.label, mark.number, parent, last_line=mark.line.number)
            (parent.children if parent else sections).append(open_)
        elif open_ is None:
            loose.append(mark.line)
        else:
            _file(open_, mark)
            open_.last_line = mark.line.number
    return Outline(tuple(sections), tuple(loose))


def _mark(line: Line) -> _Mark:
    item = _item(line)
    if item is not None and (item.numbered and item.kind == "item" and _class_of(item.label) != "unknown"):
        return item
    return _heading(line) or item or _Mark(line, "prose", text=line.text)


def _heading(line: Line) -> _Mark | None:
    text = line.text
    if len(text) > LONGEST_TITLE or text[-1] in PROSE_END:
        return None
    if found := HEADING.match(text):
        label = found["label"] + (found["suffix"] or "") if found["label"] else found["named"]
        return _Mark(line, "heading", label, whole(found["number"] or found["nth"]))
    if found := NUMBER_FIRST.match(text):
        label = "、" if found["number"] else "（）"
        return _Mark(line, "heading", label, whole(found["number"] or found["inner"]))
    return None


def _item(line: Line) -> _Mark | None:
    """A labelled paragraph: numbered or of a known kind; without a colon or brackets it must be both."""
    found = ITEM.match(line.text)
    if found is None:
        return None
    label = (found["label"] or found["bracketed"] or found["spaced"]).strip()
    numbered, known = found["numbering"] is not None, _class_of(label) != "unknown"
    if not (numbered or known) or (found["spaced"] and not (numbered and known)):
        return None
    return _Mark(line, "item", label, text=found["text"], numbered=numbered)


def _unwrapped(marks: Sequence[_Mark]) -> list[_Mark]:
    """Where lines are wrapped, the rest of a sentence that happens to look like a heading or an item is neither,
    and the rest of a long title belongs to its heading."""
    headings = Counter(mark.label for mark in marks if mark.kind == "heading")
    labels = {mark.label for mark in marks if mark.kind == "item" and mark.numbered}
    made: list[_Mark] = []
    in_item = False
    for place, mark in enumerate(marks):
        before = made[-1] if made else None
        if before is None or not _goes_on(before, mark):
            made.append(mark)
        elif before.kind == "heading" and _ends_a_title(before, mark, marks[place + 1 : place + 2]):
            made[-1] = replace(before, line=Line(before.line.number, before.line.text + mark.line.text))
        elif in_item and _is_a_rest(mark, headings, labels):
            made.append(_Mark(mark.line, "prose", text=mark.line.text))
        else:
            made.append(mark)
        in_item = made[-1].kind == "item" or (in_item and made[-1].kind == "prose")
    return made


def _is_a_rest(mark: _Mark, headings: Counter[str], labels: Set[str]) -> bool:
    """Whether it only looks like a heading or an item: no other is labelled so."""
    if mark.kind == "heading":
        return headings[mark.label] == 1
    return mark.kind == "item" and not mark.numbered and mark.label not in labels


def _goes_on(before: _Mark, mark: _Mark) -> bool:
    return not mark.line.parted and before.line.text[-1] not in PROSE_END + "：:"


def _ends_a_title(heading: _Mark, mark: _Mark, after: Sequence[_Mark]) -> bool:
    text, width = mark.line.text, len(heading.line.text)
    titled = mark.kind == "prose" and text[-1] not in PROSE_END and len(text) <= width >= WRAPPED_TITLE
    return titled and bool(after) and after[0].kind in ("heading", "item")


def _with_sections(marks: Sequence[_Mark]) -> list[_Mark]:
    """An unnumbered short line right before a heading of the direction level is a section's title."""
    below = Counter(
        after.label
        for before, after, begun in _followed(marks)
        if begun and after.kind == "heading" and _may_be_section(before)
    )
    direct = _steps(marks)
    tops = {label for label, _ in direct} - {child for _, child in direct}
    directions = set(below) or {child for parent, child in direct if parent in tops} or tops
    made = list(marks)
    for place, (before, after, _) in enumerate(_followed(marks)):
        if _may_be_section(before) and after.kind == "heading" and after.label in directions:
            made[place] = _Mark(before.line, "section")
    return made


def _followed(marks: Sequence[_Mark]) -> Iterator[tuple[_Mark, _Mark, bool]]:
    """Neighbours, and whether any item came before them."""
    begun = False
    for before, after in pairwise(marks):
        yield before, after, begun
        begun = begun or before.kind == "item"


def _may_be_section(mark: _Mark) -> bool:
    text = mark.line.text
    return mark.kind == "prose" and len(text) <= LONGEST_SECTION and text[-1] not in PROSE_END + "：:"


def _steps(marks: Sequence[_Mark]) -> set[tuple[str, str]]:
    """Pairs of labels, the second standing directly under the first."""
    found = set()
    last: str | None = None
    for mark in marks:
        if mark.kind == "heading":
            if last is not None and last != mark.label:
                found.add((last, mark.label))
            last = mark.label
        elif mark.kind in ("item", "section"):
            last = None
    return found


def _levels(marks: Sequence[_Mark]) -> dict[str, int]:
    """The level of every label that the text shows: directly under a section is 1, below that 2, and so on."""
    steps = sorted(_steps(marks))
    levels = {
        after.label: 1
        for before, after in pairwise(marks)
        if (before.kind, after.kind) == ("section", "heading")
    }
    if not levels and steps:  # every section is numbered: the document begins with one
        levels = {next(mark.label for mark in marks if mark.kind == "heading"): 0}
    _spread(levels, steps)
    apart = {parent for parent, _ in steps} - {child for _, child in steps} - levels.keys()
    levels |= dict.fromkeys(apart, 0)
    _spread(levels, steps)
    return levels


def _spread(levels: dict[str, int], steps: Sequence[tuple[str, str]]) -> None:
    """Carry known levels over the steps, down and up."""
    for _ in steps:
        for parent, child in steps:
            if parent in levels:
                levels.setdefault(child, levels[parent] + 1)
            elif child in levels:
                levels[parent] = max(0, levels[child] - 1)


def _level_by_number(mark: _Mark, open_: Heading | None) -> int:
    """A label seen nowhere else goes on where its number continues, else beside the heading before it."""
    place = open_
    while place is not None:
        if place.number is not None and mark.number == place.number + 1:
            return place.level
        place = place.parent
    return open_.level if open_ else 0


def _ancestor(open_: Heading | None, level: int) -> Heading | None:
    while open_ is not None and open_.level >= level:
        open_ = open_.parent
    return open_


def _file(heading: Heading, mark: _Mark) -> None:
    if mark.kind == "item":
        first = Line(mark.line.number, mark.text.strip())
        heading.items.append(Item(mark.label, _class_of(mark.label), (first,)))
    elif heading.items:
        last = heading.items[-1]
        heading.items[-1] = Item(last.label, last.kind, (*last.lines, mark.line))
    else:
        heading.items.append(Item("", "unknown", (mark.line,)))


def _class_of(label: str) -> ItemClass:
    for kind, words in CLASSES:
        if re.search(words, label):
            return kind
    return "unknown"


def codes(outline: Outline) -> dict[int, str]:
    """The code of every leaf, by the line of its title: T<n> for numbered sections, letters for the others.

    A numbered section keeps its printed number when no other has the same; else its position counts.
    Raises Unusable when there are more unnumbered sections than letters.
    """
    numbered = [section for section in outline.sections if section.number is not None]
    once = Counter(section.number for section in numbered)
    if len(outline.sections) - len(numbered) > len(LETTERS):
        raise Unusable(f"没有编号的专题多于 {len(LETTERS)} 个，不像一份指南；请只导入指南正文。")
    letters = iter(LETTERS)
    found: dict[int, str] = {}
    for section in outline.sections:
        if section.number is None:
            stem = next(letters)
        elif once[section.number] == 1:
            stem = f"T{section.number}"
        else:
            stem = f"T{numbered.index(section) + 1}"
        _number(section, stem, found)
    return found


def _number(heading: Heading, stem: str, found: dict[int, str]) -> None:
    if heading.parent is not None and not heading.children:
        found[heading.line.number] = stem
    mark = "D" if heading.level == 0 else "S"
    for place, child in enumerate(heading.children, start=1):
        _number(child, f"{stem}-{mark}{place}", found)
