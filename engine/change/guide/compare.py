"""What changed between two catalogues (与上年度的差异): leaves matched by their titles, fields by their value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from engine.change.guide.marks import HEADING
from engine.change.guide.text import plain

ALIKE = 0.6
"""From this likeness of titles two leaves are the same one renamed; below it one went and one came."""
LISTS = frozenset({"indicators", "eligibility"})
"""Fields of many sentences: the first catalogue's were put in order by people, so what differs may be the wording."""
POSITIONS = frozenset({"code", "guide_lines"})


@dataclass(frozen=True)
class Change:
    """One difference. `field` is None where a whole leaf came, went or moved; `code` is the new one, if any."""

    what: Literal["added", "removed", "moved", "changed"]
    code: str
    title: str
    field: str | None = None
    before: Any = None
    after: Any = None


def changes(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[Change]:
    """Every difference between two lists of the catalogue's objects, in the new order, then what went.

    Where a leaf's lines lie, and the wording of a condition, is not a difference.
    """
    pairs = _matched(old, new)
    found: list[Change] = []
    for leaf in new:
        before = pairs.get(leaf["code"])
        if before is None:
            found.append(Change("added", leaf["code"], leaf["path"][-1]))
        else:
            found += _changed(before, leaf)
    kept = {leaf["code"] for leaf in pairs.values()}
    found += [Change("removed", leaf["code"], leaf["path"][-1]) for leaf in old if leaf["code"] not in kept]
    return found


def _matched(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """The old leaf of each new code: same title in the same section first, then same title, then the likest."""
    left = list(old)
    pairs: dict[str, Mapping[str, Any]] = {}
    for key in (_whole_path, _own_title):
        by_key = {key(leaf): leaf for leaf in reversed(left)}
        for leaf in new:
            if leaf["code"] not in pairs and (same := by_key.pop(key(leaf), None)) is not None:
                pairs[leaf["code"]] = same
                left.remove(same)
    for leaf in new:
        if leaf["code"] in pairs or not left:
            continue
        nearest = max(left, key=lambda other: _likeness(other, leaf))
        if _likeness(nearest, leaf) >= ALIKE:
            pairs[leaf["code"]] = nearest
            left.remove(nearest)
    return pairs


def _bare(title: str) -> str:
    """A title without its label and number, however they are set apart and whatever the width of its marks."""
    return plain(HEADING.sub("", title, count=1))


def _whole_path(leaf: Mapping[str, Any]) -> str:
    return "/".join(_bare(title) for title in leaf["path"])


def _own_title(leaf: Mapping[str, Any]) -> str:
    return _bare(leaf["path"][-1])


def _likeness(one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    return SequenceMatcher(None, _own_title(one), _own_title(other)).ratio()


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    code, title = after["code"], after["path"][-1]
    was_code = before["code"].partition("@")[0]  # in force, a code carries its year
    if was_code != code:
        yield Change("moved", code, title, None, was_code, code)
    was, now = dict(_flat(before)), dict(_flat(after))
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            yield Change("changed", code, title, name, was.get(name), now.get(name))


def _flat(leaf: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in leaf.items():
        if name in POSITIONS:
            continue
        if name == "rule":
            yield from ((f"rule.{part}", bound) for part, bound in value.items())
        elif name == "eligibility":
            yield (
                name,
                sorted(
                    str({k: v for k, v in one.items() if k not in ("text", "guide_line")}) for one in value
                ),
            )
        elif name == "indicators":
            yield name, sorted(str(_without_words(one)) for one in value)
        elif name == "path":
            yield name, [_bare(title) for title in value]
        else:
            yield name, value


def _without_words(indicator: Mapping[str, Any]) -> dict[str, Any]:
    parts = {
        name: [_without_words(part) for part in indicator[name]] for name in ("any_of", "all_of", "including")
    }
    return {name: value for name, value in indicator.items() if name != "text"} | parts
