"""One move of one process, and the two registries a diagram draws on: forms and named actions.

A move (办理) is everything that happens in one transaction when a person completes a step, a message arrives or a
time limit passes. Forms say what a person may enter and what that changes; actions are what a service task does.
Both are plain functions on a `Move`; rooms above this one add theirs with the same decorators when they are
imported (`engine.assembly`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from engine.cases.models import CaseFile, Process, WorkItem
from engine.clock import Calendar
from engine.errors import NotFound, Refused
from engine.people.models import Account
from engine.procedures.versions import Procedure

SYSTEM = Account(login="system", name="系统", roles=["system"], password_hash="")


@dataclass
class Move:
    """What a form's effect or an action may use. `case` is None for a round's own process."""

    session: Session
    now: datetime
    actor: Account
    process: Process
    procedure: Procedure
    calendar: Calendar
    policy: Mapping[str, Any]
    case: CaseFile | None = None
    role: str | None = None
    """The role somebody completes a step in; None for what no person does."""
    on_behalf_of: str | None = None
    notes: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    stays: bool = False
    """An effect sets it: the step stays open for somebody else (改由他人办理); only the notes are kept."""

    @property
    def file(self) -> CaseFile:
        """The case this move is about; a bug when a round's diagram uses a case's action."""
        if self.case is None:
            raise LookupError(f"{self.process.key} is not the process of a case")
        return self.case

    def note(self, verb: str, summary: str, **payload: Any) -> None:
        """Add a line of its own to the history of this move."""
        self.notes.append((verb, summary, payload))


class Form(BaseModel):
    """What every form has: the decision and a comment. `outcome` is one of those the diagram's step declares."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    outcome: str = Field(title="办理结果", json_schema_extra={"en": "Decision"})
    comment: str = Field(
        default="", max_length=2000, title="意见", json_schema_extra={"en": "Comment", "long": True}
    )


Effect = Callable[[Move, WorkItem, Any], dict[str, Any] | None]
Prefill = Callable[[Session, WorkItem], dict[str, Any]]
Action = Callable[[Move, str, Mapping[str, Any]], str]


@dataclass(frozen=True)
class FormSpec:
    """A form key: its title, its typed model, what submitting it changes and what it shows filled in."""

    key: str
    title: str
    title_en: str
    model: type[Form]
    effect: Effect | None = None
    prefill: Prefill | None = None


FORMS: dict[str, FormSpec] = {}
ACTIONS: dict[str, Action] = {}


def form(
    key: str, title: str, title_en: str, model: type[Form], *, prefill: Prefill | None = None
) -> Callable[[Effect], Effect]:
    """Register `key`; the decorated function applies a submitted form and may return data for the diagram."""

    def register(effect: Effect) -> Effect:
        FORMS[key] = FormSpec(key, title, title_en, model, effect, prefill)
        return effect

    return register


def plain_form(key: str, title: str, title_en: str, model: type[Form] = Form) -> None:
    """Register a form that only decides: nothing but its record and the way it sends the case."""
    FORMS[key] = FormSpec(key, title, title_en, model)


def action(name: str) -> Callable[[Action], Action]:
    """Register a named action (具名动作). It must be idempotent and return the outcome the diagram branches on."""

    def register(function: Action) -> Action:
        ACTIONS[name] = function
        return function

    return register


def form_spec(key: str) -> FormSpec:
    """The form of a step; a step without one gets the plain decision form."""
    if not key:
        return FORMS["confirmation"]
    if key not in FORMS:
        raise NotFound(f"流程图引用了未登记的表单“{key}”；请管理员在流程编辑器里改选已有表单。")
    return FORMS[key]


def refuse_unless(condition: object, message: str) -> None:
    """Raise Refused with the sentence when the condition does not hold."""
    if not condition:
        raise Refused(message)


plain_form("confirmation", "确认", "Confirmation")
