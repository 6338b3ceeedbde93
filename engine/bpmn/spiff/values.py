"""What the engine tells the product, and what it may ask of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Host(Protocol):
    """What a running process may ask of the product."""

    def names(self) -> Mapping[str, object]:
        """Values expressions may use beside the case data (policy); case data of the same name wins."""

    def act(self, operator: str, element: str, data: Mapping[str, object]) -> str:
        """Carry out a named action (具名动作) for a service task and return its outcome; raise only bugs."""


@dataclass(frozen=True, slots=True)
class Token:
    """One place where a process waits (待办位置).

    `id` names it as long as it waits, across save and restore. `process` and `element` are the diagram's own
    ids (the called diagram's, in a call activity). `kind` is `human`, `message` or `timer`. `expression` is a
    timer's text, never evaluated here. `attached_to` is, for a boundary event, the id of the task it sits on:
    the token of the human task it limits, or the engine's id of a subprocess, call activity or multi-instance
    task. `item` is this instance's value in a multi-instance task.
    """

    id: str
    process: str
    element: str
    kind: str
    lane: str | None = None
    name: str | None = None
    message: str | None = None
    expression: str | None = None
    attached_to: str | None = None
    item: object | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """A node the process has passed, for the history; `kind` is the BPMN tag without prefix.

    `outcome` is that of a task, a message, a called process or an end.
    """

    process: str
    element: str
    kind: str
    name: str | None = None
    outcome: str | None = None
