"""What looks like a slip of the pen in the guide (疑似笔误): kept as written, never corrected, only pointed at."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.change.guide.outline import Heading, Outline
from engine.change.guide.text import Line, plain

DOUBLE_UNIT = re.compile(r"[万亿]元[万亿]元|[万亿]元[万亿]|元元")
ENUMERATED = re.compile(r"\((\d{1,3})\)")
ODD_BRACKET = re.compile(r"[〈〉]")
UNENDED = re.compile(r"[\u4e00-\u9fff]$")


@dataclass(frozen=True)
class Flag:
    """A suspicion: the line, the words, and what is odd about them."""

    line: int
    text: str
    why: str


def flags_of(lines: Sequence[Line], outline: Outline) -> Iterator[Flag]:
    """Every suspicion, in the document's order of kind: words, then numbering."""
    headings = {heading.line.number for heading in _headings(outline.sections)}
    loose = {line.number for line in outline.loose}
    for line in lines:
        text = plain(line.text)
        if found := DOUBLE_UNIT.search(text):
            yield Flag(line.number, found.group(), "金额单位重复")
        if found := ODD_BRACKET.search(line.text):
            yield Flag(line.number, found.group(), "符号可疑，可能是大于号、小于号或引号")
        numbers = [int(number) for number in ENUMERATED.findall(text)]
        if len(numbers) > 1 and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            yield Flag(line.number, "".join(f"（{number}）" for number in numbers), "条目编号不连续或重复")
        if line.number not in headings | loose and len(text) > 20 and UNENDED.search(text):
            yield Flag(line.number, line.text[-12:], "句末没有标点，可能有缺漏")
    yield from _numbering(outline)


def _headings(sections: Sequence[Heading]) -> Iterator[Heading]:
    for heading in sections:
        yield heading
        yield from _headings(heading.children)


def _numbering(outline: Outline) -> Iterator[Flag]:
    for heading in _headings(outline.sections):
        for place, child in enumerate(heading.children, start=1):
            if child.number is not None and child.number != place:
                yield Flag(child.line.number, child.line.text, f"标题编号与位置（第 {place} 个）不符")
    numbered = [section for section in outline.sections if section.number is not None]
    for before, after in pairwise(numbered):
        if after.number is not None and before.number is not None and after.number <= before.number:
            yield Flag(after.line.number, after.line.text, "专题编号重复或倒序")
