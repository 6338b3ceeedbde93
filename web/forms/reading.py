"""From what a browser sends to a form's payload: dotted names become nested values, empty ones are left out.

Only structure is decided here. Every value stays the text that was entered; the typed model judges it.
"""

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from werkzeug.datastructures import MultiDict

from web.addresses import is_number
from web.forms.shapes import Shape, shape_of

NONE_SUFFIX = "!none"
IDENTITY = frozenset({"rule", "case_id", "indicator"})
"""Columns that say which line it is; a line with nothing else is empty."""

TRUTH = {"yes": True, "no": False}
YEARS = re.compile(r"[\s、；;]+")
"""What stands between one year's figure and the next."""

Sent = MultiDict[str, str]


def payload(model: type[BaseModel], sent: Sent, prefix: str = "") -> dict[str, Any]:
    """The nested values of a model's fields that were filled in."""
    found = {}
    for name, field in model.model_fields.items():
        value = _value(shape_of(field), sent, prefix + name)
        if value is not None:
            found[name] = value
    return found


def _value(shape: Shape, sent: Sent, name: str) -> Any:
    """What was entered for one field; None when nothing was."""
    if name + NONE_SUFFIX in sent:
        return []
    if shape.kind in ("form", "rows"):
        assert shape.model is not None
        nested = (
            payload(shape.model, sent, f"{name}.") if shape.kind == "form" else _rows(shape.model, sent, name)
        )
        return nested or None
    return _plain_value(shape, sent, name) or None if shape.kind != "truth" else TRUTH.get(sent.get(name, ""))


def _plain_value(shape: Shape, sent: Sent, name: str) -> Any:
    match shape.kind:
        case "figures":
            return dict(_figures(sent, name))
        case "several":
            return sent.getlist(name)
        case "lines":
            return [line.strip() for text in sent.getlist(name) for line in text.splitlines() if line.strip()]
    return sent.get(name, "").strip()


def _rows(model: type[BaseModel], sent: Sent, name: str) -> list[dict[str, Any]]:
    """The lines that hold more than what line they are, in their order."""
    rows = [payload(model, sent, f"{name}.{number}.") for number in _numbers(sent, name)]
    return [row for row in rows if set(row) - IDENTITY]


def _numbers(sent: Sent, name: str) -> list[int]:
    starts = f"{name}."
    found = {key.removeprefix(starts).partition(".")[0] for key in sent if key.startswith(starts)}
    return sorted(int(number) for number in found if is_number(number))


def _figures(sent: Sent, name: str) -> Iterator[tuple[str, Any]]:
    """Declared figures: a number, yes or no, or one number for each year."""
    starts = f"{name}."
    for key in sent:
        text = sent[key].strip()
        if not key.startswith(starts) or not text:
            continue
        years = YEARS.split(text)
        one: Any = TRUTH.get(text, text)
        yield key.removeprefix(starts), one if len(years) == 1 else years
