"""A leaf's sentences, and how one value is chosen from all that speak of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.change.guide.outline import Heading, ItemClass
from engine.change.guide.text import plain

Value = TypeVar("Value")
Value_co = TypeVar("Value_co", covariant=True)

AT_HOME, ELSEWHERE, INFERRED, CONFLICTING = 1.0, 0.9, 0.6, 0.4
INHERITED = 0.7
"""Confidence: said in the item where such things belong, said elsewhere, concluded, said twice differently."""
STOP = re.compile(r"(?<=[。；;])")


@dataclass(frozen=True)
class Sentence:
    """One sentence: where it stands, as written, for matching, and under what kind of item.

    `distance` is 0 for the leaf's own, 1 for its direction's, and so on.
    """

    line: int
    written: str
    text: str
    kind: ItemClass
    distance: int = 0


@dataclass(frozen=True)
class Reading(Generic[Value_co]):
    """A value read: the line it was read from (None when nothing says it) and how sure the reading is, 0 to 1."""

    value: Value_co
    line: int | None
    confidence: float


def sentences_of(leaf: Heading) -> list[Sentence]:
    """The leaf's own sentences, then those its ancestors state for all below them."""
    found: list[Sentence] = []
    place: Heading | None = leaf
    distance = 0
    while place is not None:
        found += _own(place, distance)
        place, distance = place.parent, distance + 1
    return found


def _own(heading: Heading, distance: int) -> Iterator[Sentence]:
    for item in heading.items:
        for line in item.lines:
            for written in STOP.split(line.text):
                if plain(written):
                    yield Sentence(line.number, written.strip(), plain(written), item.kind, distance)


def choose(
    sentences: Sequence[Sentence],
    read: Callable[[Sentence], Value | None],
    home: Iterable[ItemClass],
    barred: Iterable[ItemClass] = ("content",),
) -> Reading[Value | None]:
    """What the sentences say: the leaf's own before inherited ones, the item's own place before others.

    Two different values of equal standing: the first, with the confidence of a contradiction.
    """
    homes, bars = frozenset(home), frozenset(barred)
    readings: list[Reading[Value]] = []
    for sentence in sentences:
        if sentence.kind in bars:
            continue
        value = read(sentence)
        if value is not None:
            sure = AT_HOME if sentence.kind in homes else ELSEWHERE
            readings.append(Reading(value, sentence.line, round(sure * INHERITED**sentence.distance, 2)))
    if not readings:
        return Reading(None, None, ELSEWHERE)
    best = max(readings, key=lambda reading: reading.confidence)
    rivals = {str(other.value) for other in readings if other.confidence == best.confidence}
    return best if len(rivals) == 1 else Reading(best.value, best.line, CONFLICTING)
