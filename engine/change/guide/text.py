"""The guide's text as numbered lines, from plain text or a Word file."""

import codecs
import io
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import Unusable

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
LONGEST = 5_000_000
"""Bytes of a guide; this year's has 76,000."""


@dataclass(frozen=True)
class Line:
    """One line: its number in the file, counted from 1, and its text, trimmed."""

    number: int
    text: str


def read_lines(content: bytes, name: str) -> list[Line]:
    """The lines that say something; raises `Unusable` for what is neither text nor a Word document."""
    if len(content) > LONGEST:
        raise Unusable(f"{name} 有 {len(content):,} 字节，超过 {LONGEST:,} 字节；请只导入指南正文。")
    texts = _word(content, name) if content[:2] == b"PK" else _plain(content, name)
    lines = [Line(number, text.translate(INVISIBLE).strip()) for number, text in enumerate(texts, start=1)]
    found = [line for line in lines if line.text]
    if not found:
        raise Unusable(f"{name} 是空的；请导入指南正文（文本或 docx）。")
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
