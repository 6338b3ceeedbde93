"""The guide's text as numbered lines, from plain text or a Word file."""

import codecs
import io
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import Unusable

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
LONGEST = 5_000_000
"""Bytes of a guide; this year's has 76,000."""
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
        raise Unusable(f"{name} 有 {len(content):,} 字节，超过 {LONGEST:,} 字节；请只导入指南正文。")
    texts = _word(content, name) if content[:2] == b"PK" else _plain(content, name)
    found = _said([text.translate(INVISIBLE).strip() for text in texts])
    if not found:
        raise Unusable(f"{name} 是空的；请导入指南正文（文本或 docx）。")
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


def _word(content: bytes, name: str) -> Sequence[str]:
    """Paragraphs and the rows of tables, in the document's order; a line break inside a paragraph is a line."""
    from docx import Document  # noqa: PLC0415 - loaded only for a Word file
    from docx.table import Table  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > 20 * LONGEST:
                raise Unusable(f"{name} 展开后过大，不像一份指南；请另存为纯文本后导入。")
        blocks = list(Document(io.BytesIO(content)).iter_inner_content())
    except (KeyError, ValueError, zipfile.BadZipFile) as problem:
        raise Unusable(f"{name} 不是可读的 Word 文档；请另存为 .docx 或纯文本后再导入。") from problem
    texts: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            texts += ["　".join(dict.fromkeys(cell.text for cell in row.cells)) for row in block.rows]
        else:
            texts += block.text.split("\n")
    return texts


ALIKE = INVISIBLE | {ord("∶"): ":", ord("︰"): ":", ord("﹕"): ":"}


def plain(text: str) -> str:
    """A text for matching: full-width forms made half-width, blanks taken out. Never shown to anybody."""
    return "".join(unicodedata.normalize("NFKC", text.translate(ALIKE)).split())
