"""What guides do that a pattern would miss: facts outside their item, numbers that lie, slips of the pen."""

import io

import pytest
from docx import Document

from engine.change.guide.draft import Draft, Unparsed, read_guide
from engine.change.guide.text import Line, read_lines
from engine.change.guide.typos import Flag
from engine.errors import Unusable

ODD = """某市科技计划申报指南
专题一：智慧农业
方向1：果园机器人
1.研究内容：采摘机器人整机研发。
2.考核指标：项目实施期为2年，申请发明专利1件；新增产值1亿元万元以上。
3.补助方式：后补助。按验收证书中核定的自筹经费的15%给予补助，通过验收后一次性拨付。
4.资助经费：给予一次性最高12万元补助资金。
6.相关说明：公开择优立项不超过三个项目。项目须报县里备案。
方向1：蜂业
1.主要内容：蜜源植物调查。
2.执行期限：24个月以内。
3.支持经费：不安排市级财政资金。
"""


def read(text: str) -> Draft:
    """A guide's text, read."""
    return read_guide(read_lines(text.encode(), "指南.txt"))


def test_facts_outside_their_item_are_found_with_their_line() -> None:
    """A rate in 补助方式, a duration in 考核指标, a quota in Chinese figures."""
    first = read(ODD).directions[0]

    rule = {"basis": "verified_self_raised", "rate": "0.15", "cap_yuan": 120_000, "floor_yuan": None}
    assert first.fields["rule"] == {**rule, "cap_share_of_total_investment": None}
    assert (first.fields["duration_exact_years"], first.fields["quota"]) == (2, 3)
    lines = ("rule.rate", "rule.cap_yuan", "duration_exact_years", "quota", "funding_mode")
    assert [first.source[name] for name in lines] == [6, 7, 5, 8, 6]
    assert first.confidence["duration_exact_years"] < first.confidence["rule.rate"] == 1


def test_the_position_counts_not_the_printed_number() -> None:
    """Two directions printed 方向1 are the first and the second; the slip is pointed at."""
    draft = read(ODD)

    assert [one.code for one in draft.directions] == ["T1-D1", "T1-D2"]
    assert draft.flags == (
        Flag(5, "亿元万元", "金额单位重复"),
        Flag(9, "方向1：蜂业", "标题编号与位置（第 2 个）不符"),
    )


def test_months_and_unfunded_in_other_words() -> None:
    """24个月以内 is at most two years; money that is not provided makes it unfunded."""
    second = read(ODD).directions[1].fields

    assert (second["duration_max_years"], second["funding_mode"], second["procedure"]) == (
        2,
        "unfunded",
        "unfunded",
    )


def test_a_sentence_nothing_was_read_from_is_listed() -> None:
    """It is not dropped in silence."""
    assert read(ODD).unparsed == (
        Unparsed(1, "某市科技计划申报指南", None),
        Unparsed(5, "新增产值1亿元万元以上。", "T1-D1"),
        Unparsed(8, "项目须报县里备案。", "T1-D1"),
    )


def test_a_rate_of_self_raised_money_that_is_not_called_verified_is_doubtful() -> None:
    """Paid is always on what was verified; the wording leaves it open, so somebody should look."""
    first = read(ODD.replace("验收证书中核定的自筹经费", "自筹经费")).directions[0]

    assert (first.fields["rule"]["basis"], first.confidence["rule.basis"]) == ("verified_self_raised", 0.6)


def test_two_contradicting_figures_lower_the_confidence() -> None:
    """The first is taken, and an admin is made to look."""
    text = ODD.replace("给予一次性最高12万元补助资金。", "最高补助12万元。单个项目最高补助20万元。")

    first = read(text).directions[0]

    assert (first.fields["rule"]["cap_yuan"], first.confidence["rule.cap_yuan"]) == (120_000, 0.4)


def test_a_word_file_reads_as_its_text() -> None:
    """Paragraphs of a docx are the lines."""
    document = Document()
    for line in ODD.splitlines():
        document.add_paragraph(line)
    packed = io.BytesIO()
    document.save(packed)

    assert read_guide(read_lines(packed.getvalue(), "指南.docx")) == read(ODD)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "是空的"), (b"PK\x03\x04 no zip", "不是可读的 Word 文档"), (b"\x00\x01\xff" * 9, "不是文本文件")],
)
def test_what_is_no_guide_is_refused_in_words(content: bytes, words: str) -> None:
    """Empty, torn or binary."""
    with pytest.raises(Unusable, match=words):
        read_lines(content, "指南")


def test_an_old_encoding_is_read() -> None:
    """Bureau files are often GB 18030."""
    assert read_lines("方向1：蜂业".encode("gb18030"), "指南.txt") == [Line(1, "方向1：蜂业")]
