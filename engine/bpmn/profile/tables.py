"""Decision tables (DMN): one table, UNIQUE or COLLECT, every cell of a form that is computed rightly."""

import ast
from collections.abc import Iterator
from itertools import combinations, pairwise

from engine.bpmn import decisions, expressions
from engine.bpmn.model import Cell, Decision, Diagram, Part
from engine.bpmn.profile.finding import Finding
from engine.errors import Unusable

MAX_RULES = 200
"""Rows of a decision table that can still be read."""

MAX_COLUMNS = 20
MAX_TRIALS = 100_000
"""Cell evaluations spent on finding overlapping rows, about a third of a second."""

_ALLOWED = {
    *(
        "definitions",
        "decision",
        "decisionTable",
        "input",
        "inputExpression",
        "inputValues",
        "output",
        "text",
    ),
    *("outputValues", "rule", "inputEntry", "outputEntry", "description", "extensionElements"),
}
_CELL_FIX = '请写成 >1、5、"文字"、? in (1, 5)、60 <= ? < 80，或留空表示任意。'


def check(diagram: Diagram) -> Iterator[Finding]:
    """One DMN file."""
    if len(diagram.decisions) != 1:
        message = f"{diagram.name} 应恰有一个决策，现有 {len(diagram.decisions)} 个。"
        yield Finding(diagram.name, None, 1, "one-decision", message, "请每个文件只放一个决策表。")
    for part in diagram.parts:
        if part.tag not in _ALLOWED:
            yield _unsupported(diagram.name, part)
    for decision in diagram.decisions:
        yield from _decision(diagram.name, decision)


def _unsupported(file: str, part: Part) -> Finding:
    message = f"“{part.owner}”：决策表里不支持 {part.tag[:60]}。"
    return Finding(file, part.owner or None, part.line, "unsupported-element", message, "请删除该元素。")


def _decision(file: str, decision: Decision) -> Iterator[Finding]:
    def found(line: int, rule: str, message: str, fix: str, id_: str = decision.id) -> Finding:
        return Finding(file, id_ or None, line, rule, f"决策“{decision.name or decision.id}”{message}", fix)

    if not decision.id:
        yield found(decision.line, "missing-id", "没有编号。", "请填写编号。")
    if decision.tables != 1:
        yield found(
            decision.line, "one-table", f"应恰有一张表，现有 {decision.tables} 张。", "请拆成几个决策。"
        )
    if decision.hit_policy not in {"UNIQUE", "COLLECT"} or decision.aggregation:
        policy = f"{decision.hit_policy} {decision.aggregation or ''}".strip()[:40]
        fix = "请改为 UNIQUE（唯一）或不带汇总的 COLLECT（收集）。"
        yield found(decision.line, "hit-policy", f"的命中策略 {policy} 不会按定义执行。", fix)
    if not decision.inputs or not decision.outputs or not decision.rules:
        yield found(decision.line, "empty-table", "缺少输入列、输出列或规则行。", "请补全决策表。")
    if len(decision.rules) > MAX_RULES or len(decision.inputs) + len(decision.outputs) > MAX_COLUMNS:
        yield found(
            decision.line, "too-large", f"超过 {MAX_RULES} 行或 {MAX_COLUMNS} 列。", "请拆成几个决策表。"
        )
        return
    for name in decision.outputs:
        if not expressions.is_name(name) or decision.outputs.count(name) > 1:
            yield found(
                decision.line, "variable-name", f"的输出变量名“{name[:60]}”不可用或重复。", "请改名。"
            )
    problems = list(_cells(file, decision))
    for rule in decision.rules:
        if (len(rule.inputs), len(rule.outputs)) != (len(decision.inputs), len(decision.outputs)):
            problems.append(
                found(rule.line, "cell-count", "有一行的格数与列数不符。", "请补齐单元格。", rule.id)
            )
    yield from problems
    if not problems and decision.hit_policy == "UNIQUE":
        yield from _overlapping(file, decision)


def _cells(file: str, decision: Decision) -> Iterator[Finding]:
    for column in decision.inputs:
        yield from _expression(file, decision.id, column, column.text, "输入列")
    for rule in decision.rules:
        for cell in rule.inputs:
            test = decisions.test_of(cell.text)
            if test is not None:
                yield from _expression(file, rule.id, cell, test, f"输入格“{cell.text[:60]}”")
                yield from _form(file, rule.id, cell, test)
        for cell in rule.outputs:
            if cell.text.strip():
                yield from _expression(file, rule.id, cell, cell.text, f"输出格“{cell.text[:60]}”")


def _expression(file: str, id_: str, cell: Cell, text: str, what: str) -> Iterator[Finding]:
    for problem in expressions.check(text):
        yield Finding(file, id_ or None, cell.line, "expression", f"{what}：{problem}", _CELL_FIX)


def _form(file: str, id_: str, cell: Cell, test: str) -> Iterator[Finding]:
    """Cells that are expressions but silently never match: lists of values, `not(..)`, bare words."""
    if expressions.check(test):
        return
    tree = ast.parse(test.strip(), mode="eval").body
    compared = tree.comparators[0] if isinstance(tree, ast.Compare) else None
    equals = test == f"{decisions.INPUT} == ({cell.text.strip()})"
    if equals and not isinstance(compared, (ast.Constant, ast.UnaryOp)):
        message = f"输入格“{cell.text[:60]}”不会按字面的意思比较。"
    elif equals and isinstance(compared, ast.UnaryOp) and isinstance(compared.op, ast.Not):
        message = f"输入格“{cell.text[:60]}”里的 not 不会按字面的意思比较。"
    else:
        return
    yield Finding(file, id_ or None, cell.line, "cell-form", message, _CELL_FIX)


def _overlapping(file: str, decision: Decision) -> Iterator[Finding]:
    """Pairs of rows for which values exist that make both hold; the engine would refuse such a case."""
    samples = list(_samples(decision))
    if sum(map(len, samples)) * len(decision.rules) > MAX_TRIALS:
        message = f"决策“{decision.name or decision.id}”的条件太多，无法核对各行是否互斥。"
        yield Finding(file, decision.id, decision.line, "too-large", message, "请拆成几个决策表。")
        return
    matches = [
        [_matching(rule.inputs[at], values) for rule in decision.rules] for at, values in enumerate(samples)
    ]
    for one, other in combinations(range(len(decision.rules)), 2):
        if all(column[one] & column[other] for column in matches):
            first, second = decision.rules[one], decision.rules[other]
            message = (
                f"决策“{decision.name or decision.id}”的第 {first.line} 行与第 {second.line} 行会同时成立。"
            )
            fix = "请修改条件使每次只有一行成立，或改用 COLLECT。"
            yield Finding(file, second.id or None, second.line, "overlapping-rules", message, fix)


def _samples(decision: Decision) -> Iterator[list[object]]:
    """Per column the values that tell its cells apart: its constants, what lies between and beyond them."""
    for at in range(len(decision.inputs)):
        tests = [decisions.test_of(rule.inputs[at].text) for rule in decision.rules]
        trees = [ast.parse(test.strip(), mode="eval") for test in tests if test]
        found = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        numbers = sorted(
            value for value in found if isinstance(value, (int, float)) and not isinstance(value, bool)
        )
        numbers = sorted({*numbers, *(-value for value in numbers)})
        between = [(low + high) / 2 for low, high in pairwise(numbers)]
        beyond = [numbers[0] - 1, numbers[-1] + 1] if numbers else []
        words = [value for value in found if not isinstance(value, (int, float)) or isinstance(value, bool)]
        yield [*numbers, *between, *beyond, *words, *([] if numbers else [True, False, "\ue000"])]


def _matching(cell: Cell, samples: list[object]) -> frozenset[int]:
    test = decisions.test_of(cell.text)
    if test is None:
        return frozenset(range(len(samples)))
    return frozenset(at for at, value in enumerate(samples) if _holds(test, value))


def _holds(test: str, value: object) -> bool:
    try:
        return bool(expressions.evaluate(test, {decisions.INPUT: value}))
    except Unusable:
        return False
