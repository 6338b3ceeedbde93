"""A leaf's sentences, and how one value is chosen from all that speak of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.change.guide.marks import ItemClass
from engine.change.guide.outline import Heading, Item
from engine.change.guide.text import Line, plain

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)

AT_HOME, ELSEWHERE, INFERRED, CONFLICTING, UNREAD = 1.0, 0.9, 0.6, 0.4, 0.0
INHERITED = 0.7
"""Confidence: said in the item where such things belong, said elsewhere, concluded, said twice differently,
not found although every leaf has one."""
ENDS = "。；;"
STOP = re.compile(rf"(?<=[{ENDS}])")
FILLED = re.compile(rf"[^{ENDS}\s]")
LONGEST = 1_000
"""Characters of a sentence; what goes on longer is cut. This year's longest has 250."""


@dataclass(frozen=True)
class Sentence:
    """One sentence: where it stands, as written, for matching, and under what kind of item.

    `distance` is 0 for the leaf's own, 1 for its direction's, and so on. A sentence wrapped over several lines
    is one; `wraps` are the places in `text` where its later lines begin, and their numbers.
    """

    line: int
    written: str
    text: str
    kind: ItemClass
    distance: int = 0
    wraps: tuple[tuple[int, int], ...] = ()

    def line_at(self, place: int) -> int:
        """The line that holds this place of the text."""
        return next((line for begin, line in reversed(self.wraps) if begin <= place), self.line)


@dataclass(frozen=True)
class Reading(Generic[Value_co]):
    """A value read: the line it was read from (None when nothing says it) and how sure the reading is, 0 to 1."""

    value: Value_co
    line: int | None
    confidence: float


@dataclass(frozen=True)
class Said(Generic[Value_co]):
    """A value one sentence states at one place; `doubt` is below 1 where the wording leaves it open."""

    value: Value_co
    sentence: Sentence
    place: int = 0
    doubt: float = 1.0


def sentences_of(leaf: Heading) -> list[Sentence]:
    """The leaf's own sentences, then those its ancestors state for all below them."""
    found: list[Sentence] = []
    place: Heading | None = leaf
    distance = 0
    while place is not None:
        for item in place.items:
            found += _of_item(item, distance)
        place, distance = place.parent, distance + 1
    return found


def _of_item(item: Item, distance: int) -> Iterator[Sentence]:
    """The item's sentences; one that its line does not end goes on in the next line (折行)."""
    parts: list[Line] = []
    for line in item.lines:
        for written in filter(FILLED.search, _cut(STOP.split(line.text))):
            parted = line.parted and bool(parts) and parts[-1].number != line.number
            long = sum(len(part.text) for part in parts) + len(written) > LONGEST
            if parts and (parts[-1].text[-1] in ENDS or parted or long):
                yield _joined(parts, item.kind, distance)
                parts = []
            parts.append(Line(line.number, written.strip()))
    if parts:
        yield _joined(parts, item.kind, distance)


def _cut(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (text[begin : begin + LONGEST] for begin in range(0, len(text), LONGEST))


def _joined(parts: Sequence[Line], kind: ItemClass, distance: int) -> Sentence:
    text, wraps = "", []
    for part in parts:
        wraps.append((len(text), part.number))
        text += plain(part.text)
    written = "".join(part.text for part in parts)
    return Sentence(parts[0].number, written, text, kind, distance, tuple(wraps[1:]))


def choose(said: Iterable[Said[Value]], home: Iterable[ItemClass]) -> Reading[Value | None]:
    """What the sentences say: the leaf's own before inherited ones, the item's own place before others.

    Two different values of equal standing: the first, with the confidence of a contradiction.
    """
    homes = frozenset(home)
    readings: list[Reading[Value]] = []
    for one in said:
        sure = (AT_HOME if one.sentence.kind in homes else ELSEWHERE) * one.doubt
        sure = round(sure * INHERITED**one.sentence.distance, 2)
        readings.append(Reading(one.value, one.sentence.line_at(one.place), sure))
    if not readings:
        return Reading(None, None, ELSEWHERE)
    best = max(readings, key=lambda reading: reading.confidence)
    rivals = {str(other.value) for other in readings if other.confidence == best.confidence}
    return best if len(rivals) == 1 else Reading(best.value, best.line, CONFLICTING)
