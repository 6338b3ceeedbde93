"""The guide's text as numbered lines, from plain text or a Word file."""

import codecs
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from engine.change.guide.word import read_word
from engine.errors import Unusable

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
LONGEST, MOST_LINES = 5_000_000, 20_000
"""Bytes and lines of a guide; this year's has 76,000 and 530."""
PAGE_MARK = re.compile(
    r"[-—–~·]+\d{1,4}[-—–~·]+|第\d{1,4}页(?:[,/]?共\d{1,4}页)?|\d{1,4}/\d{1,4}|page\d{1,4}", re.IGNORECASE
)
LONGEST_PAGE = 4
"""Digits of a page's number that stands alone; such lines are page numbers where they count up one by one."""


@dataclass(frozen=True)
class Line:
    """One line: its number in the file, counted from 1, its text, trimmed, and whether blank lines part it from
    the one before."""

    number: int
    text: str
    parted: bool = False


def read_lines(content: bytes, name: str) -> list[Line]:
    """The lines that say something; raises `Unusable` for what is neither text nor a Word document."""
    if len(content) > LONGEST:
        raise Unusable(f"{name} 超过 {LONGEST:,} 字节；请只导入指南正文。")
    texts = read_word(content, name) if content[:2] == b"PK" else _plain(content, name)
    found = _said([text.translate(INVISIBLE).strip() for text in texts])
    if not found:
        raise Unusable(f"{name} 是空的；请导入指南正文（文本或 docx）。")
    if len(found) > MOST_LINES:
        raise Unusable(f"{name} 有 {len(found):,} 行，超过 {MOST_LINES:,} 行；请只导入指南正文。")
    return found


def _said(texts: Sequence[str]) -> list[Line]:
    """The lines that say something; a page's number is no text, and parts nothing."""
    marks = [bool(PAGE_MARK.fullmatch(plain(text))) for text in texts]
    bare = [number for number, text in enumerate(texts) if text.isdecimal() and len(text) <= LONGEST_PAGE]
    pages = [int(texts[number]) for number in bare]
    if len(pages) > 1 and pages == list(range(pages[0], pages[0] + len(pages))):
        marks = [mark or number in bare for number, mark in enumerate(marks)]
    found: list[Line] = []
    parted = turned = False
    for number, (text, mark) in enumerate(zip(texts, marks, strict=True), start=1):
        if text and not mark:
            found.append(Line(number, text, parted and not turned))
            parted = turned = False
        parted, turned = parted or not text, turned or mark
    return found


def _plain(content: bytes, name: str) -> Sequence[str]:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    raise Unusable(f"{name} 不是文本文件，也不是 docx；请另存为 UTF-8 文本或 Word 文档（.docx）。")


ALIKE = INVISIBLE | {ord("∶"): ":", ord("︰"): ":", ord("﹕"): ":"}


def plain(text: str) -> str:
    """A text for matching: full-width forms made half-width, blanks taken out. Never shown to anybody."""
    return "".join(unicodedata.normalize("NFKC", text.translate(ALIKE)).split())
