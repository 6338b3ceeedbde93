"""What an import would make, or has made, and what stands in its way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import KeguanError
from engine.records.imports.columns import Problem, Row


@dataclass
class Report:
    """The outcome of one file. Only one without `problems` may be committed.

    `made` and `known` are (what, name, note): new rows, and those that were there before and stay as they are.
    `passwords` are (login, name, password), shown this once.
    """

    kind: str
    made: list[tuple[str, str, str]] = field(default_factory=list)
    known: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    passwords: list[tuple[str, str, str]] = field(default_factory=list)

    def refuse(self, row: Row, column: str, sentence: str) -> None:
        """Something in this cell stands in the way."""
        self.problems.append(Problem(row.cell(column), sentence))

    def refused(self, row: Row, column: str, refusal: KeguanError) -> None:
        """A verb refused what this row asks for."""
        for reason in refusal.reasons:
            self.refuse(row, column, reason)

    def refuse_repeats(self, rows: Sequence[Row], column: str) -> None:
        """What a column names may stand in one line of the file; a further one is never quietly dropped."""
        first: dict[str, int] = {}
        for row in rows:
            name = row[column]
            if name is not None and first.setdefault(name, row.number) != row.number:
                self.refuse(row, column, f"“{name}”与第 {first[name]} 行重复；请只留一行。")
                row.sound = False

    def as_json(self) -> dict[str, Any]:
        """The object `keguan import --json` prints, without passwords."""
        return {
            "kind": self.kind,
            "made": [{"what": what, "name": name, "note": note} for what, name, note in self.made],
            "known": [{"what": what, "name": name, "note": note} for what, name, note in self.known],
            "problems": [{"cell": one.cell, "sentence": one.sentence} for one in self.problems],
        }
