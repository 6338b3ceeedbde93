"""What is wrong with a submitted form, in words (填报错误): one sentence per field, by the name the form shows."""

from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from engine.bpmn.model import Element
from engine.bpmn.ways import outcomes
from engine.cases.moves import Form, form_spec
from engine.errors import Unusable

Model = TypeVar("Model", bound=BaseModel)

WHY = {
    "missing": "必填，请填写。",
    "extra_forbidden": "没有这个字段，请删除。",
    "string_type": "应为文字。",
    "string_too_short": "不能为空。",
    "string_too_long": "最多 {max_length} 个字。",
    "string_pattern_mismatch": "格式不对，请按说明填写。",
    "decimal_type": "应为数字，例如 12.34。",
    "decimal_parsing": "应为数字，例如 12.34。",
    "decimal_max_places": "最多 {decimal_places} 位小数。",
    "decimal_max_digits": "数字太大，最多 {max_digits} 位。",
    "decimal_whole_digits": "数字太大，整数部分最多 {whole_digits} 位。",
    "finite_number": "应为数字，例如 12.34。",
    "int_type": "应为整数。",
    "int_parsing": "应为整数。",
    "int_parsing_size": "应为整数。",
    "int_from_float": "应为整数。",
    "bool_type": "应为是或否。",
    "bool_parsing": "应为是或否。",
    "date_type": "应为日期，例如 2024-05-01。",
    "date_parsing": "应为日期，例如 2024-05-01。",
    "date_from_datetime_parsing": "应为日期，例如 2024-05-01。",
    "date_from_datetime_inexact": "应为日期，例如 2024-05-01。",
    "greater_than_equal": "不能小于 {ge}。",
    "greater_than": "应大于 {gt}。",
    "less_than_equal": "不能大于 {le}。",
    "less_than": "应小于 {lt}。",
    "literal_error": "不在可选范围内。",
    "enum": "不在可选范围内。",
    "list_type": "应为若干行。",
    "dict_type": "应为成组的内容。",
    "model_type": "应为成组的内容。",
    "too_short": "至少 {min_length} 项。",
    "too_long": "最多 {max_length} 项。",
}


def parse_form(key: str, element: Element, payload: Mapping[str, Any]) -> Form:
    """The typed form, or Unusable with one sentence per wrong field."""
    spec = form_spec(key)
    form = parse(spec.model, spec.title, payload)
    allowed = outcomes(element)
    if allowed and form.outcome not in allowed:
        raise Unusable(f"“{element.name}”的办理结果只能是 {'、'.join(allowed)}，不能是“{form.outcome}”。")
    return form


def parse(model: type[Model], title: str, payload: Mapping[str, Any]) -> Model:
    """The typed content of what `title` names, or Unusable with one sentence per wrong field."""
    try:
        return model.model_validate(dict(payload))
    except ValidationError as error:
        raise Unusable(f"“{title}”有未填好的内容。", complaints(model, error)) from error


def complaints(model: type[BaseModel], error: ValidationError) -> list[str]:
    """One sentence per problem: the field's title, with its row in a list, and what it should be."""
    return [f"{_title(model, problem['loc'])}：{_why(problem)}" for problem in error.errors()]


def _why(problem: Any) -> str:
    context = problem.get("ctx", {})
    known = WHY.get(problem["type"])
    return known.format(**context) if known else str(context.get("error") or problem["msg"])


def _title(model: type[BaseModel], path: tuple[int | str, ...]) -> str:
    """The innermost title on the way to the problem, after the row it stands in; the bare name when unknown."""
    row, name = "", ".".join(str(part) for part in path)
    inner: type[BaseModel] = model
    for part in path:
        if isinstance(part, int):
            row = f"{name}第 {part + 1} 行的"
            continue
        field = _fields(inner).get(part)
        name = (field.title if field else None) or str(part)
        inner = _model_of(field.annotation) if field else BaseModel
    return name if row.startswith(name) else row + name


def _fields(model: type[BaseModel]) -> Mapping[str, Any]:
    return model.model_fields


def _model_of(annotation: Any) -> type[BaseModel]:
    """The model inside `X`, `X | None`, `list[X]`; BaseModel itself, which has no fields, when there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(
        (found for part in get_args(annotation) if (found := _model_of(part)) is not BaseModel), BaseModel
    )
