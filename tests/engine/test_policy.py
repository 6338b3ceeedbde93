"""Policy values: dated, versioned, never changed in place."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from engine import policy
from engine.errors import NotFound, Unusable

NEW_YEAR = date(2024, 1, 1)
JULY = date(2024, 7, 1)


def notice_of_five_then_seven(session: Session) -> None:
    policy.set_policy(
        session, "notice_days", 5, effective_from=NEW_YEAR, clause="甲办法第三条", title="公示期", unit="wd"
    )
    policy.set_policy(session, "notice_days", 7, effective_from=JULY, clause="乙办法第九条")


@pytest.mark.parametrize(
    ("on", "expected"), [(NEW_YEAR, 5), (date(2024, 6, 30), 5), (JULY, 7), (date(2030, 1, 1), 7)]
)
def test_the_value_is_the_one_in_force_on_the_day(session: Session, on: date, expected: int) -> None:
    """A change takes effect on its day, and the past keeps its own value."""
    notice_of_five_then_seven(session)
    assert (policy.value(session, "notice_days", on), policy.values(session, on)) == (
        expected,
        {"notice_days": expected},
    )


def test_the_clauses_are_those_of_the_values_in_force(session: Session) -> None:
    """Each value carries the document it rests on that day."""
    notice_of_five_then_seven(session)
    found = [policy.clauses(session, day)["notice_days"] for day in (NEW_YEAR, JULY)]
    assert found == ["甲办法第三条", "乙办法第九条"]


def test_a_value_does_not_exist_before_its_day(session: Session) -> None:
    """Nobody can have applied a rule that was not there."""
    notice_of_five_then_seven(session)
    with pytest.raises(NotFound, match="notice_days"):
        policy.value(session, "notice_days", date(2023, 12, 31))


def test_the_newest_version_wins_on_the_same_day(session: Session) -> None:
    """Correcting a slip on the day itself needs no new date."""
    notice_of_five_then_seven(session)
    policy.set_policy(session, "notice_days", 6, effective_from=JULY, clause="乙办法第九条", note="更正")
    assert [(row.version, row.value, row.title) for row in policy.versions(session, "notice_days")] == [
        (1, 5, "公示期"),
        (2, 7, "公示期"),
        (3, 6, "公示期"),
    ]
    assert policy.value(session, "notice_days", JULY) == 6


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("limit_review", "two weeks", "无法识别"),
        ("limit_review", 0, "不成立"),
        ("reminders_default", "soon", "提醒计划"),
        ("review-line", 70, "参数名"),
        ("rate", 0.1, "近似小数"),
        ("rate", {1, 2}, "无法保存"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused(session: Session, key: str, value: Any, words: str) -> None:
    """The sentence says what is wrong, and nothing is stored."""
    with pytest.raises(Unusable, match=words):
        policy.set_policy(
            session, key, value, effective_from=NEW_YEAR, clause="某条", title="某项", unit="wd"
        )
    assert policy.versions(session, key) == []


def test_a_value_needs_its_clause(session: Session) -> None:
    """A number without a ground is how thresholds become folklore."""
    with pytest.raises(Unusable, match="没有依据"):
        policy.set_policy(session, "x", 1, effective_from=NEW_YEAR, clause=" ", title="某项", unit="count")


def test_the_database_refuses_to_change_a_version(session: Session) -> None:
    """What was in force on a day stays what it was."""
    notice_of_five_then_seven(session)
    row = policy.version_in_force(session, "notice_days", JULY)
    row.value = 1
    with pytest.raises(DatabaseError, match="append-only"):
        session.flush()
