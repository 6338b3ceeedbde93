"""Shortages and relaxations in Chinese, each kind once."""

import pytest

from engine.reviewing import wording

NAMES = {7: "张三"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("seats", "panel 1 12", 5, 4), "第 1 专家组由 5 人减为 4 人。"),
        (("cap", 7, 0, 1), "专家张三本年度可评次数由 0 次增至 1 次。"),
        (("lend", "lent-1", 0, 2), "从其他专家库借调 1 人（无须回避，每人最多评 2 组）。"),
        (("unit cap", "all", 1, 2), "同一单位专家上限由 1 人放宽至 2 人。"),
        (("outside", "all", 2, 1), "市外专家由不少于 2 人减为不少于 1 人。"),
        (
            ("requirement: domain 510/520", "panel 2 9", 3, 2),
            "第 2 专家组对学科 510、520 的专家的要求由 3 人降为 2 人。",
        ),
    ],
)
def test_every_change_reads_chinese(change: tuple[str, object, int, int], said: str) -> None:
    """Names instead of numbers, the rule instead of its key."""
    kind, subject, before, after = change
    told = {"changes": [{"kind": kind, "subject": subject, "from": before, "to": after}]}
    assert wording.relaxation(told, NAMES) == said


@pytest.mark.parametrize(
    ("eligible", "said"),
    [
        (3, "第 1 专家组需要 5 人，只能凑到 3 人：符合条件、无须回避的只有 3 人。"),
        (9, "第 1 专家组需要 5 人，只能凑到 3 人：其余候选的名额已满。"),
    ],
)
def test_empty_seats_say_why(eligible: int, said: str) -> None:
    """Too few free of conflict, or their turns are used up."""
    told = {"kind": "seats", "subject": "panel 1 12", "wanted": 5, "reached": 3, "eligible": eligible}
    assert wording.shortage(told, NAMES) == said
