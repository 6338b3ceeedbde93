"""Facts are parsed strictly at the edge: exact to the fen, and every slip named in words."""

from decimal import Decimal

import pytest

from engine.errors import Unusable
from engine.money.amounts import digits, half_up, percent, plain, yuan
from engine.money.facts import check_facts, read_facts


def test_numbers_and_decimal_strings_are_the_same_amount() -> None:
    """A JSON number never passes through a float."""
    facts = read_facts('{"requested": 0.29, "approved": "0.29", "self_raised": 2e5, "pay_tranche": "2"}')

    assert (facts.requested, facts.approved) == (Decimal("0.29"), Decimal("0.29"))
    assert (facts.self_raised, facts.pay_tranche) == (200_000, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "不是有效的 JSON"),
        ("{", "不是有效的 JSON"),
        ("[]", "应为一个 JSON 对象"),
        ("3", "应为一个 JSON 对象"),
        ('{"requested": NaN}', "不接受 NaN"),
        ('{"requested": -Infinity}', "不接受 -Infinity"),
        ('{"requested": 1e400}', "数字过大"),
        ('{"requested": 1e99999999999999999999}', "无法读取数字"),
        ('{"requested": 1e-400}', "小数位过多"),
        ('{"requested": ' + "9" * 5000 + "}", "不是有效的 JSON"),
        ('{"requested": "' + "9" * 5000 + '"}', "不是普通的十进制数字串"),
        ('{"requested": "NaN"}', "不是普通的十进制数字串"),
        ('{"requested": "1,000"}', "不是普通的十进制数字串"),
        ('{"requested": " 1"}', "不是普通的十进制数字串"),
        ('{"requested": "１００"}', "不是普通的十进制数字串"),
        ('{"requested": "1_000"}', "不是普通的十进制数字串"),
        ('{"requested": true}', "不能是布尔值"),
        ('{"requested": [1]}', "不能是列表"),
        ('{"requested": {}}', "不能是对象"),
        ('{"requested": null}', "不能是 null"),
        ('{"requested": -0.01}', "不能是负数"),
        ('{"requested": "-1"}', "不能是负数"),
        ('{"requested": 0.001}', "精确到分"),
        ('{"requested": 1, "requested": 2}', "不止一次"),
        ('{"reqested": 1}', "是否想填 requested"),
        ('{"\\ud800\\n": 1}', "没有名为"),
        ('{"acceptance": "ok"}', "只能是 passed"),
        ('{"acceptance": 1}', "只能是 passed"),
        ('{"milestones": ["terminated"]}', "milestones[0] 只能是"),
        ('{"milestones": "passed"}', "应为列表"),
        ('{"tranche_percent": [30, true]}', "tranche_percent[1] 应为数字"),
        ('{"tranche_percent": 100}', "应为列表"),
        ('{"pay_tranche": 0}', "从 1 起的整数"),
        ('{"pay_tranche": 1.5}', "从 1 起的整数"),
        ('{"pay_tranche": false}', "不能是布尔值"),
        ("[" * 100_000, "嵌套过深"),
        (" " * 200_001, "过长"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, words: str) -> None:
    """One sentence, on one line."""
    with pytest.raises(Unusable) as caught:
        read_facts(text)

    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_a_python_float_is_refused() -> None:
    """A caller inside the house brings a Decimal, an int or a string."""
    with pytest.raises(Unusable, match="不能是浮点数"):
        check_facts({"requested": 0.5})


def test_zero_is_an_amount() -> None:
    """However it is written."""
    assert check_facts({"requested": "-0", "approved": Decimal("0E+99")}).model_dump(exclude_none=True) == {
        "requested": 0,
        "approved": 0,
    }


def test_amounts_print_as_an_officer_reads_them() -> None:
    """Grouped yuan, percent, plain JSON, and halves upward."""
    assert yuan(Decimal("1234567.50")) == "1,234,567.5 元"
    assert (percent(Decimal("0.1")), percent(Decimal("0.125"))) == ("10%", "12.5%")
    assert (plain(Decimal("5.00")), plain(Decimal("5.25"))) == (5, "5.25")
    assert digits(Decimal("1E+5")) == "100000"
    assert [half_up(Decimal(text)) for text in ("0.49", "0.5", "1.5", "2.5")] == [0, 1, 2, 3]
