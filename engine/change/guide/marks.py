"""What each line of a guide is on its face (行的种类): a heading, a labelled item, or prose.

Labels vary from guide to guide (专题, 板块, 领域; 研究内容, 支持内容), so they are known by their form and by what they
speak of, never by one word.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Literal

from engine.change.guide.figures import NUMBER, whole
from engine.change.guide.text import Line, plain

LONGEST_TITLE = 80
WRAPPED_TITLE = 18
"""Characters from which on a title may have been wrapped."""
_APART = r"\s*(?:[：:、．.—－–·-]+|\s)\s*"
HEADING = re.compile(
    rf"^(?:(?P<label>[\u4e00-\u9fff]{{1,6}}?)\s*(?P<number>{NUMBER})\s*(?P<suffix>章|篇|节|部分)?"
    rf"|第(?P<nth>{NUMBER})(?P<named>[\u4e00-\u9fff]{{1,4}}?)){_APART}(?=\S)"
)
LABEL_ALONE = re.compile(
    rf"(?:[\u4e00-\u9fff]{{0,3}}(?:专题|方向|领域|板块|任务|课题)\s*{NUMBER}|第{NUMBER}[\u4e00-\u9fff]{{1,2}})\s*[：:]?"
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
    r"|(?P<label>[^：:，。；、（）()\s【\[][^：:，。；（）()【\t\u3000]{0,13}?)\s*(?:[：:]|——|[\t\u3000](?=\S))"
    r"|(?P<spaced>[\u4e00-\u9fff]{2,10})(?:\s+|$)"
    r")(?P<text>.*)$"
)
EMBEDDED = re.compile(r"(?<=[。；;])\s*(?=\d{1,2}\s*[.．、]\s*[\u4e00-\u9fff]{2,8}[：:])")
"""Where a numbered item begins in the middle of a line."""
PAGED = re.compile(r"(?P<title>.+?)[.·_-]*\d{1,3}")
"""A line of a table of contents, with the page."""
PROSE_END = "。；;，,！？"

Kind = Literal["heading", "section", "item", "prose"]
ItemClass = Literal[
    "content", "indicators", "conditions", "period", "total", "mode", "money", "notes", "unknown"
]
CLASSES: tuple[tuple[ItemClass, str], ...] = (
    ("indicators", "指标|考核|绩效|任务目标|目标任务|验收(?:标准|要求)"),
    ("mode", "方式|拨付|支付"),
    ("content", "内容|任务|方向|简介|背景|重点"),
    ("total", "投入|投资|总预算|总经费|经费总额|经费预算|预算总额"),
    ("indicators", "目标|成果|产出"),
    ("period", "期限|周期|年限|时间|执行期|实施期"),
    ("conditions", "条件|要求|对象|资格|主体|范围"),
    ("money", "经费|资助|补助|补贴|资金|支持|扶持|额度|金额|标准"),
    ("notes", "说明|备注|其他|注意|事项"),
)


@dataclass(frozen=True)
class Mark:
    """A line with its kind; a heading's or an item's label and number, an item's text."""

    line: Line
    kind: Kind
    label: str = ""
    number: int | None = None
    text: str = ""
    numbered: bool = False


def read_marks(lines: Sequence[Line]) -> list[Mark]:
    """Every line by its kind; the lines of a table of contents are left out, for they stand again below."""
    parts = [part for line in _with_titles(lines) for part in _items_apart(line)]
    return _unwrapped(list(_without_contents([_mark(line) for line in parts])))


def _with_titles(lines: Sequence[Line]) -> Iterator[Line]:
    """A heading's label that stands on a line of its own (方向一), with the title from the next line."""
    label: Line | None = None
    for line in lines:
        if label is not None:
            yield replace(label, text=f"{label.text}　{line.text}")
            label = None
        elif LABEL_ALONE.fullmatch(line.text):
            label = line
        else:
            yield line
    if label is not None:
        yield label


def _items_apart(line: Line) -> Iterator[Line]:
    """Items that share one line, each by itself."""
    first, *others = EMBEDDED.split(line.text)
    yield replace(line, text=first)
    yield from (Line(line.number, text) for text in others)


def _without_contents(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Without the lines that only name what a later line is: before the first item, or with a page number."""
    last = {plain(mark.line.text): place for place, mark in enumerate(marks)}
    begun = next((place for place, mark in enumerate(marks) if mark.kind == "item"), len(marks))
    for place, mark in enumerate(marks):
        text = plain(mark.line.text)
        paged = PAGED.fullmatch(text) if len(text) <= 2 * LONGEST_TITLE else None
        again = (place < begun and last[text] > place) or (paged and last.get(paged["title"], 0) > place)
        if not again:
            yield mark


def _mark(line: Line) -> Mark:
    item = _item(line)
    if item is not None and (item.numbered and item.kind == "item" and class_of(item.label) != "unknown"):
        return item
    return _heading(line) or item or Mark(line, "prose", text=line.text)


def _heading(line: Line) -> Mark | None:
    text = line.text
    if len(text) > LONGEST_TITLE or text[-1] in PROSE_END:
        return None
    if found := HEADING.match(text):
        label = found["label"] + (found["suffix"] or "") if found["label"] else found["named"]
        return Mark(line, "heading", label, whole(found["number"] or found["nth"]))
    if found := NUMBER_FIRST.match(text):
        label = "、" if found["number"] else "（）"
        return Mark(line, "heading", label, whole(found["number"] or found["inner"]))
    return None


def _item(line: Line) -> Mark | None:
    """A labelled paragraph: numbered or of a known kind; without a colon or brackets it must be both."""
    found = ITEM.match(line.text)
    if found is None:
        return None
    label = (found["label"] or found["bracketed"] or found["spaced"]).strip()
    numbered, known = found["numbering"] is not None, class_of(label) != "unknown"
    if not (numbered or known) or (found["spaced"] and not (numbered and known)):
        return None
    return Mark(line, "item", label, text=found["text"], numbered=numbered)


def _unwrapped(marks: Sequence[Mark]) -> list[Mark]:
    """Where lines are wrapped, the rest of a sentence that happens to look like a heading or an item is neither,
    and the rest of a long title belongs to its heading."""
    headings = Counter(mark.label for mark in marks if mark.kind == "heading")
    labels = {mark.label for mark in marks if mark.kind == "item" and mark.numbered}
    made: list[Mark] = []
    in_item = False
    for place, mark in enumerate(marks):
        before = made[-1] if made else None
        if before is None or not _goes_on(before, mark):
            made.append(mark)
        elif before.kind == "heading" and _ends_a_title(before, mark, marks[place + 1 : place + 2]):
            made[-1] = replace(before, line=Line(before.line.number, before.line.text + mark.line.text))
        elif in_item and _is_a_rest(mark, headings, labels):
            made.append(Mark(mark.line, "prose", text=mark.line.text))
        else:
            made.append(mark)
        in_item = made[-1].kind == "item" or (in_item and made[-1].kind == "prose")
    return made


def _is_a_rest(mark: Mark, headings: Counter[str], labels: Set[str]) -> bool:
    """Whether it only looks like a heading or an item: no other is labelled so."""
    if mark.kind == "heading":
        return headings[mark.label] == 1
    return mark.kind == "item" and not mark.numbered and mark.label not in labels


def _goes_on(before: Mark, mark: Mark) -> bool:
    return not mark.line.parted and before.line.text[-1] not in PROSE_END + "：:"


def _ends_a_title(heading: Mark, mark: Mark, after: Sequence[Mark]) -> bool:
    text, width = mark.line.text, len(heading.line.text)
    titled = mark.kind == "prose" and text[-1] not in PROSE_END and len(text) <= width >= WRAPPED_TITLE
    return titled and bool(after) and after[0].kind in ("heading", "item")


def class_of(label: str) -> ItemClass:
    for kind, words in CLASSES:
        if re.search(words, label):
            return kind
    return "unknown"
