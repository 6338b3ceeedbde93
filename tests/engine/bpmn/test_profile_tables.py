"""Decision tables: only cells that mean what they look like, and rows that exclude each other."""

import pytest

from engine.bpmn.profile import check
from tests.engine.bpmn.worlds import diagram, line, table


def rules(source: bytes) -> set[str]:
    """The rules that refuse a table."""
    return {finding.rule for finding in check({"risk.dmn": source})}


@pytest.mark.parametrize(
    "rows",
    [
        ((">= 80", '"low"'), ("60 <= ? < 80", '"middle"'), ("< 60", '"high"')),
        (("? in (1, 5)", "1"), ("? not in (1, 5)", "2")),
        (('"企业"', '"a"'), ('"高校"', '"b"')),
        (("", "cap * 2"),),
        (("-", "[1, 2]"),),
        (("-5", "1"), ("5", "1")),
        (("> limit_score", "1"),),
        (("True", "1"), ("False", "2")),
    ],
)
def test_a_table_that_is_computed_rightly_is_admitted(rows: tuple[tuple[str, str], ...]) -> None:
    """The forms of cell the engine computes as they look."""
    assert rules(table(*rows)) == set()


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("1, 5, 9", "cell-form"),
        ("not(3)", "cell-form"),
        ("accept", "cell-form"),
        ("[1..10]", "expression"),
        ("score > 3", "cell-form"),
        ('? in ("a")', "expression"),
        ("x.y", "expression"),
    ],
)
def test_a_cell_that_would_never_match_is_refused(cell: str, rule: str) -> None:
    """FEEL lists, ranges and negations, and unquoted words, silently give no match."""
    assert rules(table((cell, "1"))) == {rule}


def test_rows_that_hold_together_are_refused_in_a_unique_table() -> None:
    """UNIQUE promises one row; the engine would refuse the case that meets two."""
    rows = ((">= 60", "1"), ("<= 60", "2"))
    assert (rules(table(*rows)), rules(table(*rows, policy="COLLECT"))) == ({"overlapping-rules"}, set())


@pytest.mark.parametrize("policy", ["FIRST", "ANY", "PRIORITY", "RULE ORDER", "OUTPUT ORDER"])
def test_other_hit_policies_are_refused(policy: str) -> None:
    """They parse, and would all act as FIRST."""
    assert rules(table(("1", "1"), policy=policy)) == {"hit-policy"}


def test_aggregation_is_refused() -> None:
    """COLLECT SUM would return the list."""
    source = table(("1", "1"), policy="COLLECT").replace(
        b'hitPolicy="COLLECT"', b'hitPolicy="COLLECT" aggregation="SUM"'
    )
    assert rules(source) == {"hit-policy"}


def test_a_row_has_as_many_cells_as_there_are_columns() -> None:
    """A missing cell would shift the row."""
    source = table(("1", "1")).replace(b'<inputEntry id="in0"><text>1</text></inputEntry>', b"")
    assert rules(source) == {"cell-count"}


def test_a_task_finds_its_table_among_the_files() -> None:
    """A decision is looked up by id; an unknown one is refused."""
    task = (
        '<businessRuleTask id="rate"><extensionElements><spiffworkflow:calledDecisionId>risk_level'
        "</spiffworkflow:calledDecisionId></extensionElements></businessRuleTask>"
    )
    case = diagram(*line(task))
    assert [one.rule for one in check({"case.bpmn": case})] == ["unknown-decision"]
    assert check({"case.bpmn": case, "risk.dmn": table(("1", "2"))}) == []
