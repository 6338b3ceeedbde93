"""Two diagrams side by side: where each is fetched from, and what is coloured on them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from engine.bpmn.difference import Change, colours
from engine.bpmn.reader import read
from engine.bpmn.words import Thing
from web.language import label
from web.language import translate as _


@dataclass(frozen=True)
class Picture:
    """One process before and after; an address is None where there is no such diagram."""

    title: str
    old: str | None
    new: str | None
    old_marks: dict[str, list[str]]
    new_marks: dict[str, list[str]]


def pictures(
    changes: Iterable[Change],
    before: Mapping[str, bytes],
    after: Mapping[str, bytes],
    old: Callable[[str], str],
    new: Callable[[str], str],
) -> list[Picture]:
    """One picture for each process something is changed in; `old` and `new` give a process's address."""
    listed = list(changes)
    olds, news = _titles(before), _titles(after)
    touched = dict.fromkeys(change.process for change in listed)
    return [
        Picture(
            title=news.get(key) or olds[key],
            old=old(key) if key in olds else None,
            new=new(key) if key in news else None,
            old_marks=_marks(listed, key, ("removed", "changed", "moved")),
            new_marks=_marks(listed, key, ("added", "changed", "moved")),
        )
        for key in touched
        if key in olds or key in news
    ]


def _marks(changes: list[Change], key: str, kinds: tuple[str, ...]) -> dict[str, list[str]]:
    found = colours(changes, key)
    return {f"is-{kind}": found[kind] for kind in kinds if found[kind]}


def _titles(files: Mapping[str, bytes]) -> dict[str, str]:
    return {
        process.id: process.name or process.id
        for name, content in files.items()
        for process in read(content, name).processes
    }


def change_title(change: Change) -> str:
    """What was changed, in the reader's words."""
    return f"{label(Thing, change.thing)}“{change.name}”"


def change_word(kind: str) -> str:
    """What was done to an element."""
    return {"added": _("新增"), "removed": _("删除"), "changed": _("修改"), "moved": _("移动")}[kind]
