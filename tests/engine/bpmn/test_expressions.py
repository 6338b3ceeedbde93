"""Expressions compute what officers write and nothing else."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.expressions import check, compared, evaluate, names_in
from engine.errors import Unusable
from tests.engine.bpmn.attacks import BOMBS, ESCAPES

DATA = {
    "intake_outcome": "accept",
    "score": 81.5,
    "scores": [90, 75, 80],
    "项目类型": "企业",
    "ratio": Decimal("0.25"),
    "due": date(2026, 3, 1),
    "facts": {"cap": 500_000, "units": ["甲", "乙"]},
    "nothing": None,
    "big": list(range(2_000)),
    "long": "字" * 9_999,
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('intake_outcome == "accept"', True),
        ('score >= 80 and 项目类型 in ("企业", "高校")', True),
        ("sum(scores) / len(scores) > 80", True),
        ('"高" if max(scores) >= 90 else "低"', "高"),
        ("[x for x in scores if x >= 80]", [90, 80]),
        ("any(x < 60 for x in scores) or not all(scores)", False),
        ('facts["cap"] // 3 % 7', 166_666 % 7),
        ("60 <= score < 90", True),
        ("round(score + 0.04, 1)", 81.5),
        ("ratio * 100 == 25", True),
        ("nothing is None", True),
        ("-abs(-3) + +1", -2),
        ('"乙" in facts["units"]', True),
        ("due", date(2026, 3, 1)),
        ('"P1M"', "P1M"),
        ('{"a": 1}', {"a": 1}),
    ],
)
def test_what_officers_write_is_computed(text: str, value: object) -> None:
    """Conditions, limits and cells of the usual kinds."""
    assert (check(text), evaluate(text, DATA)) == ([], value)


@pytest.mark.parametrize("text", ESCAPES + BOMBS)
def test_an_attack_is_refused_when_it_is_written(text: str) -> None:
    """Nothing that reaches for Python, time or memory passes the check, nor is it computed."""
    assert check(text)
    with pytest.raises(Unusable):
        evaluate(text, DATA)


@pytest.mark.parametrize(
    "text",
    [
        "missing",
        "score / (score - score)",
        'score + "1"',
        "score < intake_outcome",
        'facts["none"]',
        "scores[9]",
        "long + long",
        "[x for x in big if x in big]",
        "[big for x in scores] + 1",
        "[big, big, big, big, big, big, big, big, big, big, big]",
        "score * 999999999999999999",
        "round(score, score)",
        "scores * 2",
        "sum(facts)",
        "-intake_outcome",
        "{facts: 1}",
        "opaque",
    ],
)
def test_what_only_the_values_can_tell_is_refused_in_words(text: str) -> None:
    """A bad value is an Unusable sentence, never a TypeError."""
    with pytest.raises(Unusable, match="表达式"):
        evaluate(text, {**DATA, "opaque": object()})


def test_the_names_an_expression_reads() -> None:
    """Functions and loop variables are not names of the case."""
    text = 'sum(x for x in scores if x > least) > 3 and a_outcome in ("y", "n")'
    assert names_in(text) == {"scores", "least", "a_outcome"}
    assert list(compared(text)) == [("a_outcome", "y"), ("a_outcome", "n")]


PIECES = [
    *("a", "b", "x", "_", "1", "0", '"y"', "'", "(", ")", "[", "]", "{", "}", ":", ",", ".", "#", "\\", "\n"),
    *(
        " + ",
        " - ",
        " * ",
        " / ",
        " // ",
        " % ",
        " ** ",
        " < ",
        " == ",
        " in ",
        " not ",
        " is ",
        " and ",
        " or ",
    ),
    *(
        " if ",
        " else ",
        " for x in ",
        "sum(",
        "len(",
        "round(",
        "max(",
        "lambda ",
        "None",
        "True",
        "9" * 30,
        " ",
    ),
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_computed_or_refused(text: str) -> None:
    """Whatever is typed, the answer is a value or a sentence; no other error comes out."""
    with suppress(Unusable):
        evaluate(text, {"a": 1, "b": [1, 2], "x": "y"})
