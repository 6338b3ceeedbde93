"""One fact said in another way, or another fact: read as exactly that difference, or owned to be doubtful."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine.change.guide.compare import Change, changes
from engine.change.guide.draft import Draft, read_guide
from engine.change.guide.text import read_lines

PERIOD, TOTAL, MODE = "不超过3年。", "不少于500万元。", "后补助。项目通过验收后一次性拨付。"
MONEY = "按验收证书中核定的自筹经费的10%给予补助，单个项目最高补助30万元。"
RATIO = "自筹经费与申请财政科研经费不低于4:1。"
NOTES = "公开择优立项不超过50个项目。"
GUIDE = f"""专题一：智慧农业
方向1：果园机器人
1.研究内容：采摘机器人整机研发。
2.实施期限：{PERIOD}
3.项目总投入：{TOTAL}
4.补助方式：{MODE}
5.资助经费：{MONEY}
6.相关说明：{NOTES}
7.申报要求：{RATIO}
方向2：蜂业
1.主要内容：蜜源植物调查。
2.实施期限：1年。
3.资助经费：不安排市级财政资金。
"""


def read(text: str) -> Draft:
    """A guide's text, read."""
    return read_guide(read_lines(text.encode(), "指南.txt"))


def differences(text: str) -> dict[str | None, Any]:
    """What a changed text says of the first direction that the guide does not; nothing may change elsewhere."""
    before, after = ([one.fields for one in read(each).directions] for each in (GUIDE, text))
    found = changes(before, after)
    assert {change.code for change in found} <= {"T1-D1"}
    return {change.field: change.after for change in found}


def instead(sentence: str, said: str) -> dict[str | None, Any]:
    """The differences when a sentence of the guide says something else."""
    assert sentence in GUIDE
    return differences(GUIDE.replace(sentence, said))


@pytest.mark.parametrize(
    "amount", ["25万元", "二十五万元", "贰拾伍万元", "250,000元", "２５ 万元", "25万", "0.0025亿元", "25万圆"]
)
@pytest.mark.parametrize(
    "bound",
    ["最高补助{}", "补助不超过{}", "补助{}封顶", "补助控制在{}以内", "补助上限为{}", "超过{}的按{}补助"],
)
def test_a_cap_in_other_words(amount: str, bound: str) -> None:
    """However the sum is written and bounded."""
    assert instead("最高补助30万元", bound.replace("{}", amount)) == {"rule.cap_yuan": 250_000}


@pytest.mark.parametrize(
    ("said", "rate"),
    [
        ("按核定的自筹经费的百分之十五给予补助", "0.15"),
        ("以核定的自筹经费为基数，补助15%", "0.15"),
        ("补助标准为核定自筹经费的一成五", "0.15"),
        ("给予核定自筹经费1/5的补助", "0.2"),
        ("按核定自筹经费的一半给予补助", "0.5"),
        ("按核定自筹经费的5‰给予补助", "0.005"),
        ("通过后按核定自筹经费的15%拨付", "0.15"),
    ],
)
def test_a_rate_in_other_words(said: str, rate: str) -> None:
    """Per cent, per mille, tenths, fractions."""
    rule = "按验收证书中核定的自筹经费的10%给予补助"

    assert instead(rule, said) == {"rule.rate": rate}


@pytest.mark.parametrize(
    "said", ["5—30万元", "5万至30万元", "5万元（含）至30万元（含）", "不低于5万元且不超过30万元"]
)
def test_a_range_has_a_floor_and_a_cap(said: str) -> None:
    """The cap stays what it was."""
    assert instead("最高补助30万元", f"补助{said}") == {"rule.floor_yuan": 50_000}


@pytest.mark.parametrize(
    ("said", "most", "exact"),
    [
        ("24个月以内。", 2, None),
        ("最长两年。", 2, None),
        ("自立项之日起2年内完成。", 2, None),
        ("24个月。", None, 2),
        ("一年十二个月。", None, 2),
        ("2026年1月至2027年12月。", None, 2),
        ("2026.1—2027.12。", None, 2),
        ("2026年至2027年。", None, 2),
        ("一年半。", None, None),
    ],
)
def test_a_duration_in_other_words(said: str, most: int | None, exact: int | None) -> None:
    """At most or exactly; half a year is not rounded away."""
    expected: Mapping[str, int | None] = {"duration_max_years": most, "duration_exact_years": exact}

    assert instead(PERIOD, said) == {
        name: value for name, value in expected.items() if value != {"duration_max_years": 3}.get(name)
    }


@pytest.mark.parametrize(
    ("said", "quota"),
    [
        ("公开择优，拟支持四十项。", 40),
        ("公开择优，立项名额不超过40名。", 40),
        ("公开择优，拟支持数：40项。", 40),
        ("公开择优立项3—5项。", 5),
        ("公开择优，每家单位限报2项。", None),
    ],
)
def test_a_quota_in_other_words(said: str, quota: int | None) -> None:
    """What one unit may file is none."""
    assert instead(NOTES, said) == {"quota": quota}


@pytest.mark.parametrize(
    "said",
    [
        "自筹经费与申请财政科研经费之比不低于三比一。",
        "申请财政科研经费与自筹经费的比例不高于1:3。",
        "申报单位按不低于3∶1的比例配套自筹经费。",
        "自筹经费不低于申请财政科研经费的300%。",
        "自筹经费应达到申请财政经费的3倍以上。",
    ],
)
def test_a_ratio_in_other_words(said: str) -> None:
    """Own money to public money, either way round, as a ratio, a share or a multiple."""
    assert instead(RATIO, said) == {"self_raised_ratio_min": 3}


@pytest.mark.parametrize("label", ["项目总投资", "经费预算", "项目经费总额", "投资规模"])
def test_the_total_under_other_labels(label: str) -> None:
    """It is not mistaken for money that is given."""
    assert instead(f"项目总投入：{TOTAL}", f"{label}：九百万元以上。") == {
        "min_total_investment_yuan": 9_000_000
    }


@pytest.mark.parametrize(
    "said", ["不予资助。", "无资助经费。", "财政不予补助。", "自筹。", "0元。", "不使用财政资金。"]
)
def test_no_money_in_other_words(said: str) -> None:
    """The second direction stays unfunded."""
    assert differences(GUIDE.replace("不安排市级财政资金。", said)) == {}


@pytest.mark.parametrize(
    ("old", "said", "field"),
    [
        ("的10%", "的0.15", "rule.rate"),
        ("30万元", "30（叁拾）万元", "rule.cap_yuan"),
        (PERIOD, "18个月。", "duration_max_years"),
        (MODE, "另行通知。", "funding_mode"),
        (MODE, "立项后即拨付。", "payment_trigger"),
    ],
)
def test_what_cannot_be_read_is_owned_to(old: str, said: str, field: str) -> None:
    """The field is empty or doubtful, never sure, and the sentence is listed unless something of it was read."""
    first = read(GUIDE.replace(old, said)).directions[0]

    assert first.confidence[field] <= 0.4


def test_a_sentence_that_went_is_what_changed() -> None:
    """No cap any more."""
    assert instead("，单个项目最高补助30万元", "") == {"rule.cap_yuan": None}


def test_codes_of_a_year_are_the_same_places() -> None:
    """In force, the first direction is T1-D1@2030; next year's T1-D1 has not moved."""
    new = [dict(one.fields) for one in read(GUIDE).directions]
    old = [{**leaf, "code": f"{leaf['code']}@2030"} for leaf in new]

    assert changes(old, new) == []
    assert changes(old[1:], new) == [Change("added", "T1-D1", "方向1：果园机器人")]
