"""What a form is made of on the screen: inputs, groups, tables. Frozen values that the templates draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "long", "number", "date", "choice", "several", "lines", "hidden"]


@dataclass(frozen=True)
class Option:
    """One thing to choose."""

    value: str
    label: str


@dataclass(frozen=True)
class Input:
    """One field. `name` is its dotted path in the payload; `error` the sentence about it."""

    name: str
    label: str
    kind: Kind
    value: str = ""
    values: Sequence[str] = ()
    options: Sequence[Option] = ()
    required: bool = False
    may_be_none: bool = False
    note: str = ""
    error: str = ""

    @property
    def id(self) -> str:
        """The field's anchor, which the list of errors links to."""
        return "f-" + self.name.replace(".", "-")


@dataclass(frozen=True)
class Group:
    """Fields under one heading."""

    label: str
    parts: "Sequence[Part]"


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is about, and a cell for each column."""

    cells: Sequence[Input]
    label: str = ""
    note: str = ""
    hidden: Sequence[Input] = ()


@dataclass(frozen=True)
class Table:
    """A list of things filled in line by line; lines left empty are not sent."""

    name: str
    label: str
    columns: Sequence[str]
    rows: Sequence[Row]
    row_title: str = ""
    may_be_none: bool = False
    note: str = ""
    error: str = ""


Part = Input | Group | Table
