"""Decision tables (决策表): the rows of a DMN table that hold for given values, by our own expressions.

A cell is empty or `-` (always), starts with a comparison (`>= 80`, `in ("a", "b")`), holds `?` for the input
(`60 <= ? < 80`), or is a value to be equal to. UNIQUE means it: two rows that hold are refused, not the first
taken.
"""

import re
from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from engine.bpmn import expressions
from engine.bpmn.model import Decision, DecisionRule
from engine.errors import Refused

INPUT = "dmn_input"
"""The name the input value has inside a cell."""

_ALWAYS = {"", "-"}
_COMPARISON = re.compile(r"(<=|>=|==|!=|<|>|in\b|not\s+in\b|is\b)")
_PIECES = re.compile(r"""("[^"]*"|'[^']*'|\?)""")


def decide(decision: Decision, names: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a table: one value each (UNIQUE) or the list of all rows that hold (COLLECT).

    Outputs are None (UNIQUE) or empty (COLLECT) when no row holds. Raises Refused when two rows of a UNIQUE
    table hold, Unusable when a cell cannot be computed.
    """
    inputs = [expressions.evaluate(cell.text, names) for cell in decision.inputs]
    rows = [rule for rule in decision.rules if _holds(rule, inputs, names)]
    if decision.hit_policy == "COLLECT":
        columns = zip(*(_outputs(rule, names) for rule in rows), strict=True)
        filled = {name: list(column) for name, column in zip(decision.outputs, columns, strict=False)}
        return {name: filled.get(name, []) for name in decision.outputs}
    if len(rows) > 1:
        which = "、".join(rule.id for rule in rows)
        raise Refused(
            f"决策表“{decision.name or decision.id}”有多行同时成立（{which}）；请修改条件使每次只有一行成立。"
        )
    values = _outputs(rows[0], names) if rows else [None] * len(decision.outputs)
    return dict(zip(decision.outputs, values, strict=True))


def test_of(cell: str) -> str | None:
    """An input cell as one expression over `dmn_input`; None when it always holds."""
    text = cell.strip()
    if text in _ALWAYS:
        return None
    pieces = _PIECES.split(text)
    if "?" in pieces:
        return "".join(INPUT if piece == "?" else piece for piece in pieces)
    if _COMPARISON.match(text):
        return f"{INPUT} {text}"
    return f"{INPUT} == ({text})"


def _holds(rule: DecisionRule, inputs: list[Any], names: Mapping[str, Any]) -> bool:
    for cell, value in zip(rule.inputs, inputs, strict=True):
        test = test_of(cell.text)
        if test and not expressions.evaluate(test, ChainMap({INPUT: value}, names)):  # type: ignore[arg-type]
            return False
    return True


def _outputs(rule: DecisionRule, names: Mapping[str, Any]) -> list[Any]:
    return [expressions.evaluate(cell.text, names) if cell.text.strip() else None for cell in rule.outputs]
