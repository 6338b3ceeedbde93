"""The shipped policy values: every one has a ground, and every name the diagrams use is there."""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import Session

from engine import policy
from seed.policies import effective_from, load_policies, policy_entries

ROOT = Path(__file__).parents[2]
READERS = ("engine/**/*.py", "web/**/*.py", "workflows/*", "seed/catalogue/*.toml")


def rubrics() -> list[str]:
    return [entry.key for entry in policy_entries() if entry.unit == "rubric"]


def test_no_key_is_shipped_twice() -> None:
    """A second row of one key would silently win or lose."""
    counts = Counter(entry.key for entry in policy_entries())
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("diagram", sorted((ROOT / "workflows").glob("*.bpmn")), ids=lambda path: path.stem)
def test_every_limit_of_a_diagram_is_a_policy(diagram: Path) -> None:
    """A diagram names its limits; a name without a value would stop a case."""
    shipped = {entry.key for entry in policy_entries()}
    used = set(re.findall(r"\blimit_[a-z_]+", diagram.read_text("utf-8")))
    assert used - shipped == set()


def test_every_policy_is_read_somewhere() -> None:
    """A value that nothing reads would be changed, proposed and approved without any effect."""
    texts = [path.read_text("utf-8") for room in READERS for path in ROOT.glob(room)]
    named = {entry.key for entry in policy_entries()} - set(rubrics())  # `rubric_for` names these
    assert sorted(key for key in named if not any(key in text for text in texts)) == []


@pytest.mark.parametrize("key", rubrics())
def test_the_weights_of_a_rubric_sum_to_one_hundred(key: str) -> None:
    """Scores are out of 100, and ties are broken by dimensions every rubric has."""
    entry = next(entry for entry in policy_entries() if entry.key == key)
    dimensions = {row["key"]: row["weight"] for row in entry.value["dimensions"]}
    assert (sum(dimensions.values()), dimensions.keys() >= {"innovation", "feasibility"}) == (100, True)


def test_loading_twice_adds_nothing(session: Session) -> None:
    """A second start leaves what an administrator changed alone."""
    first = load_policies(session)
    later = date(2024, 6, 1)
    policy.set_policy(session, "notice_days", 7, effective_from=later, clause="局务会〔2024〕6号")
    assert (first, load_policies(session)) == (len(policy_entries()), 0)
    assert (
        policy.value(session, "notice_days", effective_from()),
        policy.value(session, "notice_days", later),
    ) == (
        5,
        7,
    )


def test_a_default_of_ours_says_so(session: Session) -> None:
    """The screen must show which numbers the bureau has yet to confirm."""
    load_policies(session)
    rows = [
        policy.version_in_force(session, key, date(2024, 1, 1)) for key in ("limit_review", "limit_clawback")
    ]
    assert [(row.is_default, row.clause) for row in rows] == [
        (True, "[D] 科室默认，待确认"),
        (False, "柳科计字〔2024〕22号 退回经费通知"),
    ]
