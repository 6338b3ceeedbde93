"""A Word document's lines (docx): paragraphs and rows of tables. No file can take more than it is given.

Only the one part that holds the text is unpacked, and it is read as it streams by: its size, its elements and their
depth are bounded, and a DOCTYPE (external files, entity bombs) is refused, before anything is built of it.
"""

import io
import re
import zipfile
import zlib
from xml.parsers import expat

from engine.errors import Unusable

DOCUMENT = re.compile(r"word/document\d*\.xml")
SPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main ",
    "http://purl.oclc.org/ooxml/wordprocessingml/main ",
)
MEANS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
LARGEST, MOST_ELEMENTS, DEEPEST = 20_000_000, 500_000, 200
"""Bytes, elements and levels of the text's part; that of a guide like this year's has some 500,000, 15,000 and 10."""
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    RuntimeError,
    LookupError,
    ValueError,
    OSError,
    EOFError,
)


def read_word(content: bytes, name: str) -> list[str]:
    """The document's lines; Unusable for what is no Word document, or none that a guide would be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            part = next(filter(DOCUMENT.fullmatch, packed.namelist()))
            with packed.open(part) as text:
                xml = text.read(LARGEST + 1)
        if len(xml) > LARGEST:
            raise _too_large(name)
        return _Lines(name).read(xml)
    except (*BROKEN, StopIteration) as problem:
        raise Unusable(f"{name} 不是可读的 Word 文档；请另存为 .docx 或纯文本后再导入。") from problem


def _too_large(name: str) -> Unusable:
    return Unusable(f"{name} 展开后过大，不像一份指南；请另存为纯文本后导入。")


class _Lines:
    """What a document says, gathered while its XML goes by. `rows` are the open rows of tables, the innermost last:
    a row's cells, a cell's lines."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self.rows: list[list[list[str]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.elements = 0

    def read(self, xml: bytes) -> list[str]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(xml, True)
        return self.lines

    def _doctype(self, *_: object) -> None:
        raise Unusable(f"{self.name} 里带有 DOCTYPE 声明，可能引入外部内容；请用 Word 另存后再导入。")

    def _start(self, tag: str, _: object) -> None:
        word = _word(tag)
        self.open.append(word)
        self.elements += 1
        if self.elements > MOST_ELEMENTS or len(self.open) > DEEPEST:
            raise _too_large(self.name)
        if word == "tr":
            self.rows.append([])
        elif word == "tc" and self.rows:
            self.rows[-1].append([])
        elif word in MEANS:
            self.words.append(MEANS[word])

    def _text(self, text: str) -> None:
        if self.open[-1] == "t" and "Fallback" not in self.open:
            self.words.append(text)

    def _end(self, _: str) -> None:
        word = self.open.pop()
        if word == "p":
            self._say("".join(self.words).split("\n"))
            self.words = []
        elif word == "tr":
            cells = ["\n".join(filter(None, cell)) for cell in self.rows.pop()]
            self._say("　".join(cells).split("\n"))

    def _say(self, lines: list[str]) -> None:
        """To the cell that is open, else to the document."""
        cell = self.rows[-1][-1] if self.rows and self.rows[-1] else self.lines
        cell += lines


def _word(tag: str) -> str:
    """The name of an element; one of another vocabulary is capitalized, so that none is taken for Word's own."""
    space = next((space for space in SPACES if tag.startswith(space)), None)
    return tag.removeprefix(space) if space else tag.rpartition(" ")[2].capitalize()
