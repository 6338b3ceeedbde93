"""The files of a case as a list: one line a file, its newest version, the older ones behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from engine.records.models import Attachment


@dataclass(frozen=True)
class File:
    """One file by its name; `older` are its earlier versions, the latest first."""

    newest: Attachment
    older: Sequence[Attachment]


def files_of(rows: Sequence[Attachment]) -> list[File]:
    """The files, by name; `rows` come by name and the newest version first."""
    versions = [list(found) for _name, found in groupby(rows, key=lambda row: row.name)]
    return [File(found[0], found[1:]) for found in versions]
