"""Decision tables: which rows hold, and what they give."""

import pytest

from engine.bpmn import decisions, reader
from engine.bpmn.decisions import decide
from engine.bpmn.model import Decision
from engine.errors import Refused, Unusable
from tests.engine.bpmn.diagrams import GRADING, table


def read(source: bytes) -> Decision:
    return reader.read(source, "table.dmn").decisions[0]


@pytest.mark.parametrize(("score", "grade"), [(80, "A"), (79, "B"), (60, "B"), (59, None)])
def test_the_row_that_holds_gives_the_value(score: int, grade: str | None) -> None:
    """Bounds are as written; no row is None, not an error."""
    assert decide(read(GRADING), {"score": score}) == {"grade": grade}


def test_two_rows_of_a_unique_table_are_refused() -> None:
    """SpiffWorkflow would silently take the first."""
    decision = read(table("grading", "score", "grade", (">= 60", '"B"'), (">= 80", '"A"')))
    with pytest.raises(Refused, match="r0、r1"):
        decide(decision, {"score": 90})


def test_collect_gives_all_values_in_order() -> None:
    """An empty list when none holds."""
    rows = ((">= 60", '"B"'), (">= 80", "score + 1"), ("-", '"all"'))
    decision = read(table("grading", "score", "grades", *rows, policy="COLLECT"))
    assert (decide(decision, {"score": 90}), decide(decision, {"score": 1})) == (
        {"grades": ["B", 91, "all"]},
        {"grades": ["all"]},
    )
    nothing = read(table("grading", "score", "grades", (">= 60", '"B"'), policy="COLLECT"))
    assert decide(nothing, {"score": 1}) == {"grades": []}


@pytest.mark.parametrize(
    ("cell", "test"),
    [
        ("", None),
        (" - ", None),
        ("> 1", "dmn_input > 1"),
        ('in ("a", "b")', 'dmn_input in ("a", "b")'),
        ("not in (1, 2)", "dmn_input not in (1, 2)"),
        ("1 < ? < 9", "1 < dmn_input < 9"),
        ('"为什么?"', 'dmn_input == ("为什么?")'),
        ("-5", "dmn_input == (-5)"),
        ("limit", "dmn_input == (limit)"),
        ("industry", "dmn_input == (industry)"),
    ],
)
def test_a_cell_is_read_as_a_test_of_the_input(cell: str, test: str | None) -> None:
    """Comparisons, the input in the middle, or a value to be equal to."""
    assert decisions.test_of(cell) == test


@pytest.mark.parametrize("cell", ["__import__('os').system('true')", "().__class__", "[1..10]"])
def test_a_cell_is_never_python(cell: str) -> None:
    """What the expression language does not know is refused where the table is used."""
    with pytest.raises(Unusable):
        decide(read(table("grading", "score", "grade", (cell, '"A"'))), {"score": 1})
