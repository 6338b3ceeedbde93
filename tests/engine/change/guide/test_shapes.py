"""The same guide in other shapes: pages, contents, notices, tables, wrapped lines; and files made to hurt."""

import io
import re
import zipfile

import pytest
from docx import Document

from engine.change.guide.compare import changes
from engine.change.guide.draft import Draft, read_guide
from engine.change.guide.text import read_lines
from engine.errors import Unusable
from seed.catalogue import read_catalogue
from tests.engine.change.guide.printed import printed

GUIDE = printed(read_catalogue())
LINES = GUIDE.split("\n")
TITLES = [line for line in LINES if re.match(r"专题|方向|子方向|.*专项$", line)]
NOTICE = """关于发布申报指南的通知
各县区科技局：
一、申报条件
1.申报单位应在本市注册。
二、申报要求
1.每家单位限报2项。
2.项目实施期限不超过5年，资助不超过99万元。
"""


def read(content: str | bytes) -> Draft:
    """A guide's text or file, read."""
    return read_guide(read_lines(content.encode() if isinstance(content, str) else content, "指南"))


def differences(content: str | bytes) -> list[object]:
    """What another shape of the guide says otherwise; where a line lies is nothing."""
    as_printed, shaped = ([one.fields for one in read(each).directions] for each in (GUIDE, content))
    return list(changes(as_printed, shaped))


def paged(mark: str, width: int, length: int = 40) -> str:
    """The text wrapped and broken into pages, as it comes out of a PDF."""
    rows = [line[begin : begin + width] for line in LINES for begin in range(0, len(line) or 1, width)]
    pages = [rows[begin : begin + length] for begin in range(0, len(rows), length)]
    return "\n".join(
        row for number, page in enumerate(pages, start=1) for row in [*page, mark.format(number)]
    )


@pytest.mark.parametrize("width", [24, 37, 60])
@pytest.mark.parametrize("mark", ["— {} —", "{}", "第 {} 页 共 99 页", "\n- {} -\n", "{}/99"])
def test_pages_and_wrapped_lines(mark: str, width: int) -> None:
    """A page's number parts no sentence and is no heading."""
    assert differences(paged(mark, width)) == []


@pytest.mark.parametrize("leader", ["{title}", "{title}……{page}", "{title}\t{page}"])
def test_a_table_of_contents(leader: str) -> None:
    """Titles listed before they come are not directions."""
    contents = [leader.format(title=title, page=place) for place, title in enumerate(TITLES)]

    assert differences("\n".join(["目录", *contents, "", GUIDE])) == []


def test_a_label_on_a_line_of_its_own() -> None:
    """The title follows below; titles then lack the colon that was taken away."""
    apart = re.sub(r"(?m)^((?:专题|方向|子方向)[一-九\d]+)：", r"\1\n", GUIDE)

    assert differences(apart) == []


def test_the_notice_that_comes_before_it() -> None:
    """Its headings are no directions and its figures nobody's; its sentences are listed."""
    draft = read(NOTICE + GUIDE)

    assert differences(NOTICE + GUIDE) == []
    assert [one.line for one in draft.unparsed if one.code is None][:7] == [1, 2, 3, 4, 5, 6, 7]


def test_items_that_share_a_line() -> None:
    """A line break that got lost."""
    assert differences(re.sub(r"\n(?=[2-9]\.)", "", GUIDE)) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, ending: str) -> None:
    """Whatever the bureau's editor writes."""
    assert differences(GUIDE.replace("\n", ending).encode(encoding)) == []


def test_a_word_file_with_tables() -> None:
    """A label in one cell, its text in the other."""
    document = Document()
    for line in LINES:
        label, _, text = line.partition("：")
        if re.match(r"\d", line):
            row = document.add_table(rows=1, cols=2).rows[0].cells
            row[0].text, row[1].text = label[2:], text
        else:
            document.add_paragraph(line)
    packed = io.BytesIO()
    document.save(packed)

    assert differences(packed.getvalue()) == []


def word(xml: str) -> bytes:
    """A Word file whose text is this XML."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", xml)
    return packed.getvalue()


DOCTYPE = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (word(DOCTYPE), "DOCTYPE"),
        (word("<p>" * 10_000), "展开后过大"),
        (word("<d>" + "<p/>" * 500_000), "展开后过大"),
        (word(" " * 30_000_000), "展开后过大"),
        (word("<d>"), "不是可读的 Word 文档"),
        (b"x" * 5_000_001, "超过 5,000,000 字节"),
        ("\n".join(["蜂"] * 20_001).encode(), "超过 20,000 行"),
        ("\n".join(f"方向{n}：蜂业" for n in range(2_000)).encode(), "标题有 2,000 个"),
        ("\n".join(f"{chr(0x4E00 + n)}1：蜂业" for n in range(500)).encode(), "标题多于 8 级"),
    ],
)
def test_a_file_made_to_hurt_is_refused_in_words(content: bytes, words: str) -> None:
    """Entities, depth, size, heaps of headings."""
    with pytest.raises(Unusable, match=words):
        read(content)


@pytest.mark.parametrize(
    "unit", ["1", "9,", "一", "万", "百分之", "1至", "补助", "（", "新产品", "方向1：", "。"]
)
def test_a_line_made_to_hurt_is_read_or_listed(unit: str) -> None:
    """Fifty thousand characters of it in every item: no pattern goes over it again and again."""
    long = unit * (50_000 // len(unit))
    text = f"专题一：农业\n方向1：蜂业\n1.研究内容：蜂。\n2.考核指标：{long}\n3.资助经费：{long}\n4.申报条件：{long}"

    assert [one.code for one in read(text).directions] == ["T1-D1"]
