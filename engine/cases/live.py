"""A step's conditions on what has been entered so far (即时检查), by the rules that decide when it is sent."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlmodel import Session

from engine import policy
from engine.cases.acceptance import AcceptanceApplication, audit_condition
from engine.cases.change_requests import ChangeRequest, change_conditions
from engine.cases.complaints import complaints
from engine.cases.conditions import Condition
from engine.cases.contract import Progress
from engine.cases.extensions import ExtensionRequest, extension_conditions
from engine.cases.filing import Application, stated_facts
from engine.cases.models import CaseFile, WorkItem
from engine.cases.moves import Form, form_spec
from engine.cases.precheck import precheck
from engine.cases.task_books import TaskBook, book_conditions, current_targets, guide_clause
from engine.catalogue.directions import get_direction
from engine.catalogue.facts import DeclaredFigure, circumstances
from engine.catalogue.indicators import evaluate_indicators
from engine.clock import local_day

Judge = Callable[[Session, CaseFile, Any, datetime], list[Condition]]
FormType = TypeVar("FormType", bound=Form)


@dataclass(frozen=True)
class Live:
    """`conditions` as they stand; `unreadable` is a sentence for every entry that could not be read."""

    conditions: list[Condition]
    unreadable: list[str]

    def of(self, *states: str) -> list[Condition]:
        """The conditions in these states, in their order."""
        return [one for one in self.conditions if one.state in states]


def has_conditions(form_key: str) -> bool:
    """Whether a form is checked while it is filled in."""
    return form_key in JUDGES


def live_conditions(session: Session, item: WorkItem, payload: Mapping[str, Any], now: datetime) -> Live:
    """The conditions of an open step's form on a payload that may be half filled in."""
    form, unreadable = readable(form_spec(item.form_key).model, payload)
    case = session.get_one(CaseFile, item.case_id)
    return Live(JUDGES[item.form_key](session, case, form, now), unreadable)


def readable(model: type[FormType], payload: Mapping[str, Any]) -> tuple[FormType, list[str]]:
    """The form made of every entry that can be read, and a sentence for each that cannot."""
    values: dict[str, Any] = {"outcome": "submit", **deepcopy(dict(payload))}
    said: list[str] = []
    while True:
        try:
            return model.model_validate(values), said
        except ValidationError as error:
            said += complaints(model, error)
            for problem in error.errors():
                _drop(values, problem["loc"])


def _drop(values: dict[str, Any], path: tuple[int | str, ...]) -> None:
    """Take out the entry a problem is about; a line of a list goes as a whole, a required field with its line."""
    for depth, part in enumerate(path):
        if isinstance(part, int):
            _walk(values, path[:depth])[part : part + 1] = []
            return
        holder = _walk(values, path[:depth])
        if depth == len(path) - 1 or not isinstance(holder.get(part), dict | list):
            holder.pop(part, None)
            return


def _walk(values: Any, path: tuple[int | str, ...]) -> Any:
    for part in path:
        values = values[part]
    return values


def _application(session: Session, case: CaseFile, form: Application, now: datetime) -> list[Condition]:
    return precheck(session, case, form.facts, now)


def _task_book(session: Session, case: CaseFile, form: TaskBook, now: datetime) -> list[Condition]:
    return book_conditions(session, case, form, policy.values(session, local_day(now)))


def _change(session: Session, case: CaseFile, form: ChangeRequest, now: datetime) -> list[Condition]:
    today = local_day(now)
    return change_conditions(session, case, form, policy.values(session, today), today)


def _extension(session: Session, case: CaseFile, form: ExtensionRequest, now: datetime) -> list[Condition]:
    today = local_day(now)
    return extension_conditions(session, case, form, policy.values(session, today), today)


def _progress(session: Session, case: CaseFile, form: Progress, now: datetime) -> list[Condition]:  # noqa: ARG001
    return achieved(session, case, form.indicators)


def _acceptance(
    session: Session, case: CaseFile, form: AcceptanceApplication, now: datetime
) -> list[Condition]:
    audit = audit_condition(case, form, policy.values(session, local_day(now)))
    return [audit, *achieved(session, case, form.indicators)]


def achieved(session: Session, case: CaseFile, figures: Mapping[str, DeclaredFigure]) -> list[Condition]:
    """Each indicator on the figures reached so far, beside what the task-book promises; none of it refuses."""
    spec = get_direction(session, case.direction_code)
    promised = current_targets(session, case)
    found = []
    for number, result in enumerate(
        evaluate_indicators(spec, figures, circumstances(stated_facts(case))), start=1
    ):
        goal = promised.get(result.indicator.kind)  # what is made of several figures has no one target
        text = result.indicator.text + (f"（任务书目标 {_word(goal)}）" if goal is not None else "")
        state = "unknown" if result.status == "undecided" else result.status.replace("not_met", "unmet")
        reason = {
            "unmet": "尚未达到指南要求；结题时由验收专家组逐项评定。",
            "unknown": "请填写完成值，并上传佐证材料。",
        }.get(state, "")
        found.append(
            Condition(f"achieved.{number}", text, state, reason, guide_clause(spec))  # type: ignore[arg-type]
        )
    return found


def _word(figure: object) -> str:
    return ("是" if figure else "否") if isinstance(figure, bool) else str(figure)


JUDGES: dict[str, Judge] = {
    "application": _application,
    "correction": _application,
    "task_book": _task_book,
    "change_request": _change,
    "extension_request": _extension,
    "progress": _progress,
    "acceptance_application": _acceptance,
}
