"""From a typed model to the parts of a form on the screen, with the values it has and the errors about it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from annotated_types import MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from web.forms.parts import Group, Input, Kind, Option, Part, Row, Table
from web.forms.reading import IDENTITY
from web.forms.shapes import Shape, shape_of
from web.forms.words import column_label, option_label
from web.language import is_english
from web.language import translate as _

LINE_NUMBER = re.compile(r"\.\d+\.")
LINE_LENGTH = 200
SPARE_ROWS = 2
"""Empty lines offered below those filled in, where the model does not say how many (`spare`)."""


@dataclass(frozen=True)
class Figure:
    """One entry of a mapping: an indicator's figure, or a dimension's points."""

    key: str
    label: str
    note: str = ""
    truth: bool = False


@dataclass(frozen=True)
class Line:
    """One line a table is about: an item of the checklist, an application of the group."""

    label: str
    identity: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class Context:
    """What the database adds to a form, by the field's dotted path.

    `lines` are a table's fixed lines, `options` the choices of a list, `figures` the entries of a mapping;
    `hidden` are fields the bureau fills in itself; `values` what the form proposes before anything is entered.
    """

    lines: Mapping[str, Sequence[Line]] = field(default_factory=dict)
    options: Mapping[str, Sequence[Option]] = field(default_factory=dict)
    figures: Mapping[str, Sequence[Figure]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    row_title: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Builder:
    """One form being put on the screen."""

    context: Context
    errors: Mapping[str, str]

    def parts(self, model: type[BaseModel], values: Mapping[str, Any], prefix: str = "") -> list[Part]:
        """The parts of a model's fields, the hidden ones left out; fields of one section stand together."""
        shown = (
            (name, info)
            for name, info in model.model_fields.items()
            if prefix + name not in self.context.hidden
        )
        return [
            part
            for section, fields in groupby(shown, key=lambda field: section_of(field[1]))
            for part in self._section(section, list(fields), values, prefix)
        ]

    def _section(
        self, section: str, fields: Sequence[tuple[str, FieldInfo]], values: Mapping[str, Any], prefix: str
    ) -> list[Part]:
        parts = [part for name, info in fields for part in self._part(prefix + name, info, values.get(name))]
        return [Group(section, parts)] if section and parts else parts

    def _part(self, path: str, info: FieldInfo, value: Any) -> Iterator[Part]:
        shape = shape_of(info)
        if shape.kind == "form":
            assert shape.model is not None
            yield Group(label_of(path, info), self.parts(shape.model, value or {}, f"{path}."))
        elif shape.kind == "rows":
            assert shape.model is not None
            yield self._table(path, info, shape.model, value, shape.optional)
        elif shape.kind == "figures":
            if figures := self.context.figures.get(path):
                yield self._figure_table(path, info, figures, value or {})
        else:
            yield self._input(path, label_of(path, info), info, shape, value)

    def _input(self, path: str, label: str, info: FieldInfo, shape: Shape, value: Any) -> Input:
        options = self.context.options.get(LINE_NUMBER.sub(".", path))
        return Input(
            name=path,
            label=label,
            kind=_input_kind(shape, info, chosen=options is not None),
            value=_text(value),
            values=[str(one) for one in value] if isinstance(value, list | tuple) else (),
            options=options if options is not None else _options(shape),
            required=info.is_required(),
            may_be_none=shape.optional and shape.kind in ("lines", "several"),
            error=self.errors.get(path, ""),
        )

    def _table(self, path: str, info: FieldInfo, model: type[BaseModel], value: Any, optional: bool) -> Table:
        filled = list(value or [])
        lines = self.context.lines.get(path)
        rows = (
            [self._fixed_row(path, model, number, line, filled) for number, line in enumerate(lines)]
            if lines is not None
            else [
                self._row(path, model, number, row)
                for number, row in enumerate([*filled, *[{}] * spare_rows(info)])
            ]
        )
        columns = [
            heading
            for name, one in _columns(model)
            for heading in self._headings(f"{path}.{name}", one, name)
        ]
        return Table(
            name=path,
            label=label_of(path, info),
            columns=columns,
            rows=rows,
            row_title=self.context.row_title if lines is not None else "",
            may_be_none=optional,
            note=words_of(info, "hint") + (_("行数不够时先保存，会再空出几行。") if lines is None else ""),
            error=self.errors.get(path, ""),
        )

    def _headings(self, path: str, info: FieldInfo, name: str) -> list[str]:
        if shape_of(info).kind == "figures":
            return [f"{figure.label}{figure.note}" for figure in self.context.figures.get(path, ())]
        return [label_of(name, info)]

    def _fixed_row(
        self, path: str, model: type[BaseModel], number: int, line: Line, filled: Sequence[Mapping[str, Any]]
    ) -> Row:
        """What was sent for this line wins over what it would be filled in with."""
        sent = [row for row in filled if _same(row, line.identity)]
        row = self._row(path, model, number, sent[0] if sent else line.values)
        hidden = [
            Input(f"{path}.{number}.{name}", "", "hidden", _text(value))
            for name, value in line.identity.items()
        ]
        return Row(row.cells, line.label, line.note, hidden)

    def _row(self, path: str, model: type[BaseModel], number: int, values: Mapping[str, Any]) -> Row:
        cells: list[Input] = []
        for name, info in _columns(model):
            shape, cell = shape_of(info), f"{path}.{number}.{name}"
            if shape.kind == "figures":
                figures = self.context.figures.get(f"{path}.{name}", ())
                cells += [
                    self._figure(cell, figure, (values.get(name) or {}).get(figure.key)) for figure in figures
                ]
            else:
                cells.append(self._input(cell, label_of(name, info), info, shape, values.get(name)))
        return Row(cells)

    def _figure_table(
        self, path: str, info: FieldInfo, figures: Sequence[Figure], values: Mapping[str, Any]
    ) -> Table:
        rows = [
            Row([self._figure(path, figure, values.get(figure.key))], figure.label, figure.note)
            for figure in figures
        ]
        return Table(path, label_of(path, info), [_("填报值")], rows, row_title=_("指标"))

    def _figure(self, path: str, figure: Figure, value: Any) -> Input:
        name = f"{path}.{figure.key}"
        kind: Kind = "choice" if figure.truth else "text"
        shape = Shape("truth") if figure.truth else Shape("text")
        return Input(
            name, figure.label, kind, _text(value), options=_options(shape), error=self.errors.get(name, "")
        )


def label_of(path: str, info: FieldInfo) -> str:
    """The field's Chinese title or its English label; a column's heading where the model has neither."""
    extra = info.json_schema_extra
    if is_english() and isinstance(extra, dict) and extra.get("en"):
        return str(extra["en"])
    return info.title or column_label(path.rpartition(".")[2])


def section_of(info: FieldInfo) -> str:
    """The heading a field stands under beside others of its kind; empty for none."""
    return words_of(info, "section")


def words_of(info: FieldInfo, name: str) -> str:
    """What a field's model says under this name in both languages, in the page's; empty for nothing."""
    extra = info.json_schema_extra
    words = extra.get(name) if isinstance(extra, dict) else None
    return str(words[1 if is_english() else 0]) if isinstance(words, tuple | list) else ""


def spare_rows(info: FieldInfo) -> int:
    """How many empty lines a table offers."""
    extra = info.json_schema_extra
    said = extra.get("spare") if isinstance(extra, dict) else None
    return said if isinstance(said, int) else SPARE_ROWS


def _columns(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(name, info) for name, info in model.model_fields.items() if name not in IDENTITY]


def _input_kind(shape: Shape, info: FieldInfo, *, chosen: bool) -> Kind:
    """`chosen`: what may be entered is a list from the database."""
    match shape.kind:
        case "lines":
            return "several" if chosen else "lines"
        case "text" if chosen:
            return "choice"
        case "text":
            return "long" if _is_long(info) else "text"
        case "number" | "date" | "several":
            return shape.kind
    return "choice"


def _is_long(info: FieldInfo) -> bool:
    """A text the model says is long, or lets be longer than a line."""
    extra = info.json_schema_extra
    said = isinstance(extra, dict) and bool(extra.get("long"))
    return said or any(isinstance(one, MaxLen) and one.max_length > LINE_LENGTH for one in info.metadata)


def _options(shape: Shape) -> tuple[Option, ...]:
    keys = ("yes", "no") if shape.kind == "truth" else shape.options
    return tuple(Option(key, option_label(key)) for key in keys)


def _same(row: Mapping[str, Any], identity: Mapping[str, Any]) -> bool:
    return all(str(row.get(name)) == str(value) for name, value in identity.items())


def _text(value: Any) -> str:
    """A value as the control shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "\n".join(str(one) for one in value)
    return str(value)
