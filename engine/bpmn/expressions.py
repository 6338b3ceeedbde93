"""Expressions are data, not Python: an allow-list over the syntax tree, never `eval`, `exec` or `compile`.

Conditions, timers, action parameters, multi-instance conditions and DMN cells all come through here. The text
is parsed (`ast.parse` builds a tree and runs nothing), every node must be on the list, and the walk is
bounded: text 500 characters, depth 25, 2,000 visits, numbers below 1e18, strings to 10,000 characters. There
are no attributes, no `**`, no f-strings, no lambdas, and `*` and `%` work on numbers only, so neither an
escape nor a bomb can be written down. `check` says what can be known without values, `evaluate` the rest.
"""

import ast
import keyword
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NoReturn

from engine.bpmn.evaluation import ARGUMENTS, FUNCTIONS, MAX_NUMBER, Run, StoppedError, Value
from engine.errors import Unusable

__all__ = ["MAX_DEPTH", "MAX_TEXT", "check", "compared", "evaluate", "is_name", "names_in"]

MAX_TEXT = 500
MAX_DEPTH = 25
MAX_NAME = 80

_PLAIN = (
    *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.IfExp),
    *(ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod),
    *(ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot),
    *(ast.List, ast.Tuple, ast.Subscript, ast.Load, ast.Store, ast.comprehension),
)
_FORBIDDEN = {
    ast.Attribute: "不能用点号取属性",
    ast.JoinedStr: "不能用 f 字符串",
    ast.Lambda: "不能定义函数",
    ast.NamedExpr: "不能赋值",
    ast.keyword: "不能写参数名",
    ast.Pow: "不能用乘方 **",
    ast.Slice: "不能用切片",
    ast.Starred: "不能用星号展开",
    ast.Set: "不能用花括号集合，请改用 ( ) 或 [ ]",
    ast.SetComp: "不能用集合推导",
    ast.DictComp: "不能用字典推导",
    ast.arguments: "不能定义函数",
    ast.FormattedValue: "不能用 f 字符串",
}
_COMPUTING = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Subscript, ast.ListComp)
_NOT_NUMBERS = (ast.List, ast.Tuple, ast.Dict, ast.ListComp, ast.GeneratorExp)
_FAILURES = (StoppedError, TypeError, ArithmeticError, LookupError, ValueError, RecursionError)


def check(text: str) -> list[str]:
    """What is wrong with an expression, as Chinese sentences; an empty list means it may be published."""
    try:
        _tree(text)
    except Unusable as error:
        return error.reasons
    return []


def evaluate(text: str, names: Mapping[str, Value]) -> Value:
    """The value of an expression over `names`; raises `Unusable` with a sentence, never anything else."""
    tree = _tree(text)
    try:
        return Run(names).result(tree)
    except _FAILURES as error:
        raise Unusable(f"表达式“{_short(text)}”算不出结果：{_explain(error)}；请检查变量和取值。") from error


def names_in(text: str) -> frozenset[str]:
    """The variables an expression reads (functions and comprehension variables excluded)."""
    return frozenset(_free(_tree(text), frozenset()))


def is_name(text: str) -> bool:
    """Whether a text can be a variable's name in an expression."""
    usable = text.isidentifier() and not keyword.iskeyword(text) and len(text) <= MAX_NAME
    return usable and not text.startswith("_") and "__" not in text


def compared(text: str) -> Iterator[tuple[str, str]]:
    """Each variable with each text constant it is compared to: `a == "x"` and `a in ("x", "y")`."""
    for node in ast.walk(_tree(text)):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and len(node.ops) == 1:
            right = node.comparators[0]
            for item in right.elts if isinstance(right, (ast.Tuple, ast.List)) else [right]:
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield node.left.id, item.value


@lru_cache(maxsize=4096)
def _tree(text: str) -> ast.expr:
    if len(text) > MAX_TEXT:
        _refuse(text, f"超过 {MAX_TEXT} 个字符，请拆成几个步骤。")
    if not text.strip():
        _refuse(text, "是空的，请填写条件。")
    if "\\" in text or "\x00" in text:
        _refuse(text, "含有反斜杠或空字符，请直接书写文字。")
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        _refuse(text, "不是合法的表达式，请检查括号、引号和运算符（相等用 ==，不要写 ${…}）。")
    problems = list(dict.fromkeys(_problems(body))) or list(dict.fromkeys(_certain_failures(body)))
    if problems:
        sentences = [f"表达式“{_short(text)}”{problem}。" for problem in problems]
        raise Unusable("".join(sentences), sentences)
    return body


def _problems(root: ast.expr) -> Iterator[str]:
    """Walk without recursion, so that depth is a finding and never a crash."""
    waiting: list[tuple[ast.AST, int]] = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            yield f"嵌套超过 {MAX_DEPTH} 层，请拆成几个步骤"
            return
        yield from _node_problems(node)
        skipped = node.func if isinstance(node, ast.Call) else None
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node) if child is not skipped]


def _certain_failures(root: ast.expr) -> Iterator[str]:
    """What fails whatever the variables are: parts without variables are computed once, here."""
    for node in ast.walk(root):
        if isinstance(node, _COMPUTING) and not set(_free(node, frozenset())):
            try:
                Run({}).result(node)
            except _FAILURES as error:
                yield f"算不出结果：{_explain(error)}"


def _node_problems(node: ast.AST) -> Iterator[str]:
    if found := _CHECKS.get(type(node)):
        yield from found(node)
    elif type(node) in _FORBIDDEN:
        yield _FORBIDDEN[type(node)]
    elif not isinstance(node, _PLAIN):
        yield f"用到了不允许的写法（{type(node).__name__}）"


def _name_problems(node: ast.Name) -> Iterator[str]:
    if node.id.startswith("_") or "__" in node.id:
        yield f"用到了不允许的变量名 {node.id[:40]}"


def _dict_problems(node: ast.Dict) -> Iterator[str]:
    if None in node.keys:
        yield "不能用星号展开"


def _arithmetic_problems(node: ast.BinOp) -> Iterator[str]:
    sides = (node.left, node.right) if isinstance(node.op, (ast.Mult, ast.Mod)) else ()
    if any(isinstance(side, _NOT_NUMBERS) or _is_text(side) for side in sides):
        yield "里的 * 和 % 只能用于数"


def _comparison_problems(node: ast.Compare) -> Iterator[str]:
    if any(isinstance(op, (ast.Is, ast.IsNot)) for op in node.ops) and not _compares_singletons(node):
        yield "里的 is 只能与 None 比较，其他请用 == 或 !="
    for op, right in zip(node.ops, node.comparators, strict=True):
        if isinstance(op, (ast.In, ast.NotIn)) and _is_text(right):
            yield '里的 in 后面应是列表，只有一项时也写成 ["…"]'


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, (int, float))


def _compares_singletons(node: ast.Compare) -> bool:
    return all(
        isinstance(side, ast.Constant) and (side.value is None or isinstance(side.value, bool))
        for side in node.comparators
    )


def _constant_problems(node: ast.Constant) -> Iterator[str]:
    value = node.value
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return
    if not isinstance(value, (int, float)):
        yield "含有不允许的常量"
    elif not abs(value) < MAX_NUMBER:
        yield "含有过大的数（须小于 10 的 18 次方）"


def _call_problems(node: ast.Call) -> Iterator[str]:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        yield f"只能调用 {'、'.join(sorted(FUNCTIONS))}"
    elif node.keywords:
        yield "不能写参数名"
    elif len(node.args) not in ARGUMENTS[node.func.id]:
        yield f"调用 {node.func.id} 的参数个数不对"


def _comprehension_problems(node: ast.ListComp | ast.GeneratorExp) -> Iterator[str]:
    if len(node.generators) != 1:
        yield "推导式只能有一个 for"
    if any(isinstance(part, (ast.ListComp, ast.GeneratorExp)) for part in ast.walk(node) if part is not node):
        yield "推导式里不能再套推导式"
    for generator in node.generators:
        if generator.is_async or not isinstance(generator.target, ast.Name):
            yield "推导式的循环变量只能是一个名字"


def _free(node: ast.AST, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Name):
        if node.id not in bound:
            yield node.id
        return
    if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
        generator = node.generators[0]
        yield from _free(generator.iter, bound)
        inner = bound | {generator.target.id} if isinstance(generator.target, ast.Name) else bound
        for part in (node.elt, *generator.ifs):
            yield from _free(part, inner)
        return
    skipped = node.func if isinstance(node, ast.Call) else None
    for child in ast.iter_child_nodes(node):
        if child is not skipped:
            yield from _free(child, bound)


_CHECKS: dict[type[ast.AST], Callable[[Any], Iterator[str]]] = {
    ast.Constant: _constant_problems,
    ast.Name: _name_problems,
    ast.Dict: _dict_problems,
    ast.BinOp: _arithmetic_problems,
    ast.Compare: _comparison_problems,
    ast.Call: _call_problems,
    ast.ListComp: _comprehension_problems,
    ast.GeneratorExp: _comprehension_problems,
}


def _explain(error: Exception) -> str:
    if isinstance(error, StoppedError):
        return str(error)
    if isinstance(error, ZeroDivisionError):
        return "除数为零"
    if isinstance(error, LookupError):
        return "取不到这一项"
    return "类型不匹配或数值超出范围"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


def _refuse(text: str, problem: str) -> NoReturn:
    raise Unusable(f"表达式“{_short(text)}”{problem}")
