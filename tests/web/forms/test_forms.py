"""Forms: from a typed model to the screen, and from what is sent back to a payload."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

import pytest
from flask import Flask
from pydantic import BaseModel, Field, ValidationError
from werkzeug.datastructures import MultiDict

from engine import assembly
from engine.cases.moves import Form
from engine.errors import Unusable
from web.forms.building import Builder, Context, Figure, Line
from web.forms.parts import Group, Input, Table
from web.forms.reading import payload
from web.forms.sending import complaints
from web.forms.shapes import shape_of


class Colour(StrEnum):
    """A choice."""

    RED = "red"


class Part(BaseModel):
    """A line of a table."""

    case_id: int
    amount: Decimal = Field(title="金额")


class Everything(Form):
    """One field of every shape a form may have."""

    words: str = Field("", title="文字", json_schema_extra={"en": "Words", "long": True})
    number: int | None = Field(None, title="数字")
    day: date | None = Field(None, title="日期")
    sure: bool | None = Field(None, title="是否")
    colour: Colour | None = Field(None, title="颜色")
    sizes: tuple[Literal["small", "large"], ...] | None = Field(None, title="大小")
    names: tuple[str, ...] | None = Field(None, title="名单")
    parts: list[Part] = Field(default_factory=list, title="明细")
    figures: dict[str, Decimal] = Field(default_factory=dict, title="指标")


def test_every_registered_form_can_be_shown(app: Flask) -> None:
    """No form has a field the screen does not know."""
    with app.test_request_context():
        shown = {key: Builder(Context(), {}).parts(spec.model, {}) for key, spec in assembly.FORMS.items()}

    assert all(parts for parts in shown.values())


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("words", "text"),
        ("number", "number"),
        ("day", "date"),
        ("sure", "truth"),
        ("colour", "choice"),
        ("sizes", "several"),
        ("names", "lines"),
        ("parts", "rows"),
        ("figures", "figures"),
    ],
)
def test_a_field_has_a_shape(name: str, kind: str) -> None:
    """The shape follows from the type, whatever it is wrapped in."""
    assert shape_of(Everything.model_fields[name]).kind == kind


def test_a_type_no_form_has_needed_is_a_bug() -> None:
    """A shape is never guessed."""

    class Odd(BaseModel):
        when: complex

    with pytest.raises(TypeError, match="cannot show"):
        shape_of(Odd.model_fields["when"])


def test_what_is_sent_becomes_a_payload() -> None:
    """Dotted names nest, empty fields and empty lines are left out, every value stays the text it was."""
    sent = MultiDict(
        [
            ("outcome", "submit"),
            ("words", " 示例 "),
            ("number", ""),
            ("sure", "no"),
            ("sizes", "small"),
            ("sizes", "large"),
            ("names", "甲\n\n乙"),
            ("parts.0.case_id", "7"),
            ("parts.0.amount", "1.50"),
            ("parts.1.case_id", "8"),
            ("parts.1.amount", ""),
            ("figures.paper", "3"),
            ("figures.income", "100、200"),
        ]
    )

    assert payload(Everything, sent) == {
        "outcome": "submit",
        "words": "示例",
        "sure": False,
        "sizes": ["small", "large"],
        "names": ["甲", "乙"],
        "parts": [{"case_id": "7", "amount": "1.50"}],
        "figures": {"paper": "3", "income": ["100", "200"]},
    }


def test_none_is_not_the_same_as_unknown() -> None:
    """The box “没有” says the list is empty; leaving everything blank says nothing."""
    assert payload(Everything, MultiDict({"names!none": "yes", "names": "甲"})) == {"names": []}
    assert payload(Everything, MultiDict({"names": ""})) == {}


def test_a_table_keeps_its_lines_and_what_was_entered(app: Flask) -> None:
    """What was sent for a line wins over what it would be filled in with."""
    lines = [Line("甲项目", {"case_id": 7}, {"amount": "5"}), Line("乙项目", {"case_id": 8}, {"amount": "6"})]
    builder = Builder(Context(lines={"parts": lines}), {})

    with app.test_request_context():
        parts = builder.parts(Everything, {"parts": [{"case_id": "8", "amount": "9"}]})

    table = next(part for part in parts if isinstance(part, Table) and part.name == "parts")
    assert [(row.label, row.cells[0].value) for row in table.rows] == [("甲项目", "5"), ("乙项目", "9")]


def test_figures_and_groups_are_drawn_from_the_context(app: Flask) -> None:
    """A mapping has one line for each figure the direction asks for."""
    builder = Builder(Context(figures={"figures": [Figure("paper", "论文")]}), {})

    with app.test_request_context():
        parts = builder.parts(Everything, {"figures": {"paper": "3"}})

    table = next(part for part in parts if isinstance(part, Table) and part.name == "figures")
    assert [(row.label, row.cells[0].name, row.cells[0].value) for row in table.rows] == [
        ("论文", "figures.paper", "3")
    ]
    assert not any(isinstance(part, Group) for part in parts)


def test_an_error_names_its_field_and_links_to_it(app: Flask) -> None:
    """The sentence says which field of which line; the link leads to it; the value stays."""
    wrong = {"outcome": "submit", "parts": [{"case_id": 7, "amount": "许多"}]}
    refusal = _refusal_of(wrong)

    with app.test_request_context():
        (complaint,) = complaints(Everything, refusal)
        parts = Builder(Context(), {complaint.name or "": complaint.sentence}).parts(Everything, wrong)

    assert complaint.sentence == "明细 · 第 1 行 · 金额：应为数字，例如 12.34。"
    assert complaint.anchor == "f-parts-0-amount"
    table = next(part for part in parts if isinstance(part, Table))
    assert table.rows[0].cells[0] == Input(
        name="parts.0.amount",
        label="金额",
        kind="number",
        value="许多",
        required=True,
        error=complaint.sentence,
    )


def _refusal_of(wrong: dict[str, object]) -> Unusable:
    try:
        Everything.model_validate(wrong)
    except ValidationError as error:
        refusal = Unusable("有未填好的内容。", ["明细：应为数字，例如 12.34。"])
        refusal.__cause__ = error
        return refusal
    raise AssertionError("nothing was wrong")
