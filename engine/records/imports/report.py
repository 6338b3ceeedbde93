"""What an import would make, or has made, and what stands in its way."""

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

    def as_json(self) -> dict[str, Any]:
        """The object `keguan import --json` prints, without passwords."""
        return {
            "kind": self.kind,
            "made": [{"what": what, "name": name, "note": note} for what, name, note in self.made],
            "known": [{"what": what, "name": name, "note": note} for what, name, note in self.known],
            "problems": [{"cell": one.cell, "sentence": one.sentence} for one in self.problems],
        }
