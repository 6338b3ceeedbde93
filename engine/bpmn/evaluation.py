"""Computing a checked expression tree over values: what only the values can tell.

Every visit is paid for from a budget and every value is looked at before an operator touches it, so that no
value makes the walk slow, large or somebody else's code. Only `engine.bpmn.expressions` uses this module.
"""

import ast
import operator
from collections import ChainMap
from collections.abc import Callable, Mapping, MutableMapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

MAX_VISITS = 2_000
MAX_NUMBER = 10**18
MAX_STRING = 10_000
MAX_ITEMS = 2_000
MAX_RESULT = 20_000
MAX_DIGITS = 18
MAX_ARGUMENTS = 25

Value = Any
"""What an expression works on: None, bool, int, float, Decimal, str, date, list, tuple, dict of these."""

_SCALARS = (type(None), bool, int, float, Decimal, str, date)
_SEQUENCES = (list, tuple)
_NUMBERS = (int, float, Decimal)


class StoppedError(Exception):
    """A value stops the computation; the message is the reason in words."""


class Run:
    """One evaluation: the variables in sight and how many visits are left."""

    __slots__ = ("names", "visits")

    def __init__(self, names: Mapping[str, Value]) -> None:
        self.names = names
        self.visits = MAX_VISITS

    def result(self, tree: ast.expr) -> Value:
        """The value of a whole expression, small enough to be kept in case data."""
        value = self.value(tree)
        self.measure(value)
        return value

    def value(self, node: ast.expr) -> Value:
        self.visits -= 1
        if self.visits < 0:
            raise StoppedError(f"计算步数超过 {MAX_VISITS}")
        return _STEPS[type(node)](self, node)

    def items(self, value: Value) -> list[Value] | tuple[Value, ...]:
        """A list that may be walked, paid for by its length."""
        if not isinstance(value, _SEQUENCES):
            raise StoppedError("这里需要一个列表")
        self.pay(value)
        return value

    def pay(self, value: Value) -> None:
        size = len(value)
        if size > (MAX_STRING if isinstance(value, str) else MAX_ITEMS):
            raise StoppedError("内容过长")
        self.visits -= size // 64

    def measure(self, value: Value) -> None:
        """Refuse a result that would swell the case data, counting shared parts as often as they occur."""
        if isinstance(value, _SCALARS) and not isinstance(value, str):
            return
        left: int = MAX_RESULT
        waiting: list[Value] = [value]
        while waiting:
            item = waiting.pop()
            left -= 1 + (len(item) // 16 if isinstance(item, str) else 0)
            if isinstance(item, _SEQUENCES):
                left -= len(item)
                waiting += item if left > 0 else ()
            elif isinstance(item, Mapping):
                left -= len(item)
                waiting += item.values() if left > 0 else ()
            if left <= 0:
                raise StoppedError("结果过大")


def _constant(_run: Run, node: ast.Constant) -> Value:
    return node.value


def _name(run: Run, node: ast.Name) -> Value:
    if node.id not in run.names:
        raise StoppedError(f"没有变量 {node.id}")
    return _known(run.names[node.id])


def _known(value: Value) -> Value:
    """Only plain data may be touched: an object's own operators would be somebody's code."""
    if isinstance(value, (*_SCALARS, *_SEQUENCES, dict)):
        return value
    raise StoppedError(f"变量的类型 {type(value).__name__} 不能参与计算")


def _bool_op(run: Run, node: ast.BoolOp) -> Value:
    stop = isinstance(node.op, ast.Or)
    value: Value = not stop
    for part in node.values:
        value = run.value(part)
        if bool(value) is stop:
            return value
    return value


def _unary(run: Run, node: ast.UnaryOp) -> Value:
    value = run.value(node.operand)
    if isinstance(node.op, ast.Not):
        return not value
    return -_number(value) if isinstance(node.op, ast.USub) else _number(value)


def _binary(run: Run, node: ast.BinOp) -> Value:
    left, right = run.value(node.left), run.value(node.right)
    if isinstance(node.op, ast.Add) and isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > MAX_STRING:
            raise StoppedError(f"文字超过 {MAX_STRING} 个字符")
        return left + right
    return _number(_ARITHMETIC[type(node.op)](_number(left), _number(right)))


def _number(value: Value) -> Value:
    if not isinstance(value, _NUMBERS):
        raise StoppedError("这里需要数")
    size: Value = abs(value)
    if not size < MAX_NUMBER:  # also refuses infinities and nan
        raise StoppedError("数值须小于 10 的 18 次方")
    return value


def _compare(run: Run, node: ast.Compare) -> bool:
    left = run.value(node.left)
    for comparison, comparator in zip(node.ops, node.comparators, strict=True):
        right = run.value(comparator)
        if not _holds(run, comparison, left, right):
            return False
        left = right
    return True


def _holds(run: Run, comparison: ast.cmpop, left: Value, right: Value) -> bool:
    for side in (left, right):
        if isinstance(side, (str, *_SEQUENCES, dict)):
            run.pay(side)
    return bool(_COMPARISONS[type(comparison)](left, right))


def _if(run: Run, node: ast.IfExp) -> Value:
    return run.value(node.body if run.value(node.test) else node.orelse)


def _list(run: Run, node: ast.List) -> list[Value]:
    return [run.value(item) for item in node.elts]


def _tuple(run: Run, node: ast.Tuple) -> tuple[Value, ...]:
    return tuple([run.value(item) for item in node.elts])


def _dict(run: Run, node: ast.Dict) -> dict[Value, Value]:
    pairs = zip(node.keys, node.values, strict=True)
    return {run.value(key): run.value(item) for key, item in pairs if key is not None}


def _subscript(run: Run, node: ast.Subscript) -> Value:
    holder, key = run.value(node.value), run.value(node.slice)
    if not isinstance(holder, (str, *_SEQUENCES, dict)):
        raise StoppedError("只能从列表、字典或文字里取一项")
    return _known(holder[key])


def _comprehension(run: Run, node: ast.ListComp | ast.GeneratorExp) -> list[Value]:
    generator = node.generators[0]
    assert isinstance(generator.target, ast.Name)
    items = run.items(run.value(generator.iter))
    outer, inner = run.names, dict[str, Value]()
    run.names = ChainMap(inner, cast(MutableMapping[str, Value], outer))
    found = []
    for item in items:
        inner[generator.target.id] = item
        if all(run.value(condition) for condition in generator.ifs):
            found.append(run.value(node.elt))
    run.names = outer
    return found


def _call(run: Run, node: ast.Call) -> Value:
    assert isinstance(node.func, ast.Name)
    return FUNCTIONS[node.func.id](run, [run.value(argument) for argument in node.args])


def _sum(run: Run, arguments: list[Value]) -> Value:
    total: Value = 0
    for item in run.items(arguments[0]):
        total = _number(total + _number(item))
    return total


def _len(_run: Run, arguments: list[Value]) -> int:
    if not isinstance(arguments[0], (str, *_SEQUENCES, dict)):
        raise StoppedError("len 只能数列表、字典或文字")
    return len(arguments[0])


def _round(_run: Run, arguments: list[Value]) -> Value:
    digits = arguments[1] if len(arguments) == 2 else None
    if digits is not None and not (isinstance(digits, int) and abs(digits) <= MAX_DIGITS):
        raise StoppedError(f"round 的位数须在 ±{MAX_DIGITS} 之内")
    return _number(round(_number(arguments[0]), digits))


def _abs(_run: Run, arguments: list[Value]) -> Value:
    return abs(_number(arguments[0]))


def _min(run: Run, arguments: list[Value]) -> Value:
    return min(run.items(arguments[0] if len(arguments) == 1 else arguments))


def _max(run: Run, arguments: list[Value]) -> Value:
    return max(run.items(arguments[0] if len(arguments) == 1 else arguments))


def _any(run: Run, arguments: list[Value]) -> bool:
    return any(run.items(arguments[0]))


def _all(run: Run, arguments: list[Value]) -> bool:
    return all(run.items(arguments[0]))


FUNCTIONS: dict[str, Callable[[Run, list[Value]], Value]] = {
    "abs": _abs,
    "all": _all,
    "any": _any,
    "len": _len,
    "max": _max,
    "min": _min,
    "round": _round,
    "sum": _sum,
}
ARGUMENTS = {name: range(1, 2) for name in FUNCTIONS} | {
    "round": range(1, 3),
    "min": range(1, MAX_ARGUMENTS + 1),
    "max": range(1, MAX_ARGUMENTS + 1),
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda item, holder: item in holder,
    ast.NotIn: lambda item, holder: item not in holder,
}
_STEPS: dict[type[ast.expr], Callable[[Run, Any], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.BoolOp: _bool_op,
    ast.UnaryOp: _unary,
    ast.BinOp: _binary,
    ast.Compare: _compare,
    ast.IfExp: _if,
    ast.List: _list,
    ast.Tuple: _tuple,
    ast.Dict: _dict,
    ast.Subscript: _subscript,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.Call: _call,
}
