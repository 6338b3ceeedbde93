"""The guide's outline (目录结构): which lines are headings, of which level, and the leaves with their items.

Labels vary from guide to guide (专题, 板块, 领域; 方向, 任务; 子方向, 课题), so a level is learnt from the text:
a label that directly follows another one, with nothing filed under it yet, lies one level deeper. Printed
numbers are not trusted; the position counts. Only the numbered top headings keep their number as their code.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from engine.change.guide.marks import PROSE_END, ItemClass, Mark, class_of, read_marks
from engine.change.guide.text import Line
from engine.errors import Unusable

LONGEST_SECTION = 40
MOST_HEADINGS, DEEPEST = 1_000, 8
"""Headings of a guide, and levels of them; this year's has 91 on three levels."""
LETTERS = "ABCDEFGHIJKLMNOPQRSUVWXYZ"


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


def read_outline(lines: Sequence[Line]) -> Outline:
    """Sort the lines into sections, directions, leaves and their items; Unusable for a heap of headings."""
    marks = _with_sections(_without_preamble(read_marks(lines)))
    headings = sum(mark.kind in ("heading", "section") for mark in marks)
    if headings > MOST_HEADINGS:
        raise Unusable(f"标题有 {headings:,} 个，超过 {MOST_HEADINGS:,} 个，不像一份指南；请只导入指南正文。")
    levels = _levels(marks)
    if max(levels.values(), default=0) > DEEPEST:
        raise Unusable(f"标题多于 {DEEPEST} 级，不像一份指南；请只导入指南正文。")
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
    kept = [section for section in sections if _pruned(section, loose)]
    return Outline(tuple(kept), tuple(loose))


def _without_preamble(marks: Sequence[Mark]) -> list[Mark]:
    """What looks like a heading before the first direction, but holds sentences and is of a kind not seen after."""
    begun = next((place for place, mark in enumerate(marks) if _of_direction(mark)), len(marks))
    labels = {mark.label for mark in marks[begun:] if mark.kind == "heading"}
    made = list(marks)
    for place, (mark, after) in enumerate(pairwise(marks[:begun])):
        holds = after.kind == "prose" and after.line.text[-1] in PROSE_END
        if mark.kind == "heading" and mark.label not in labels and holds:
            made[place] = Mark(mark.line, "prose", text=mark.line.text)
    return made


def _of_direction(mark: Mark) -> bool:
    return mark.kind == "item" and class_of(mark.label) in ("content", "indicators", "mode", "money")


def _pruned(heading: Heading, loose: list[Line]) -> bool:
    """Take out, into `loose`, what is no direction: where nothing says what is done or paid. Is anything left?"""
    heading.children = [child for child in heading.children if _pruned(child, loose)]
    stated = {item.kind for item in heading.items if item.label} - {"conditions", "period", "notes"}
    if heading.children or stated:
        return True
    loose += [heading.line, *(line for item in heading.items for line in item.lines)]
    return False


def _with_sections(marks: Sequence[Mark]) -> list[Mark]:
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
            made[place] = Mark(before.line, "section")
    return made


def _followed(marks: Sequence[Mark]) -> Iterator[tuple[Mark, Mark, bool]]:
    """Neighbours, and whether a direction came before them."""
    begun = False
    for before, after in pairwise(marks):
        yield before, after, begun
        begun = begun or _of_direction(before)


def _may_be_section(mark: Mark) -> bool:
    text = mark.line.text
    return mark.kind == "prose" and len(text) <= LONGEST_SECTION and text[-1] not in PROSE_END + "：:"


def _steps(marks: Sequence[Mark]) -> set[tuple[str, str]]:
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


def _levels(marks: Sequence[Mark]) -> dict[str, int]:
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


def _level_by_number(mark: Mark, open_: Heading | None) -> int:
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


def _file(heading: Heading, mark: Mark) -> None:
    if mark.kind == "item":
        first = Line(mark.line.number, mark.text.strip())
        heading.items.append(Item(mark.label, class_of(mark.label), (first,)))
    elif heading.items:
        last = heading.items[-1]
        heading.items[-1] = Item(last.label, last.kind, (*last.lines, mark.line))
    else:
        heading.items.append(Item("", "unknown", (mark.line,)))


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
