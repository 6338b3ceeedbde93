"""What a pydantic field is to a form: one value, a choice, a list of lines, a nested form, a table."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


@dataclass(frozen=True)
class Shape:
    """The type of a field without its wrappings.

    `item` is the type of a list's elements, or of a mapping's values; `optional` whether None is allowed.
    """

    kind: Literal["text", "number", "date", "truth", "choice", "lines", "several", "rows", "form", "figures"]
    optional: bool = False
    options: tuple[str, ...] = ()
    model: type[BaseModel] | None = None


def shape_of(field: FieldInfo) -> Shape:
    """The shape of a model's field; TypeError for a type no form has needed so far."""
    return _shape(field.annotation)


def _shape(annotation: Any) -> Shape:
    annotation, optional = _unwrapped(annotation)
    origin = get_origin(annotation)
    if origin is Literal:
        return Shape("choice", optional, tuple(str(option) for option in get_args(annotation)))
    if origin in (list, tuple, Sequence):
        return _list_shape(_unwrapped(get_args(annotation)[0])[0], optional)
    if origin in (dict, Mapping):
        return Shape("figures", optional)
    return _plain_shape(annotation, optional)


def _list_shape(item: Any, optional: bool) -> Shape:
    if isinstance(item, type) and issubclass(item, BaseModel):
        return Shape("rows", optional, model=item)
    if get_origin(item) is Literal:
        return Shape("several", optional, tuple(str(option) for option in get_args(item)))
    return Shape("lines", optional)


def _plain_shape(annotation: Any, optional: bool) -> Shape:
    if not isinstance(annotation, type):
        raise TypeError(f"a form cannot show a field of type {annotation}")
    if issubclass(annotation, BaseModel):
        return Shape("form", optional, model=annotation)
    if issubclass(annotation, StrEnum):
        return Shape("choice", optional, tuple(member.value for member in annotation))
    if issubclass(annotation, bool):
        return Shape("truth", optional)
    for known, kind in ((date, "date"), (int, "number"), (Decimal, "number"), (str, "text")):
        if issubclass(annotation, known):
            return Shape(kind, optional)  # type: ignore[arg-type]
    raise TypeError(f"a form cannot show a field of type {annotation}")


def _unwrapped(annotation: Any) -> tuple[Any, bool]:
    """Without Annotated and Optional; and whether it was optional."""
    optional = False
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            kept = [part for part in get_args(annotation) if part is not type(None)]
            optional = optional or len(kept) < len(get_args(annotation))
            annotation = kept[0]
        else:
            return annotation, optional
