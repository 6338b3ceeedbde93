"""The names a diagram's expressions see beside the case data: policy values and the case's own dates."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from sqlmodel import col, select

from engine.cases.models import Milestone
from engine.cases.moves import Move
from engine.clock import local_day


def _report_due(move: Move) -> str:
    """A year on by policy, but never past the project's end."""
    yearly = local_day(move.calendar.due(move.policy["limit_progress_report"], move.now))
    ends_on = move.file.ends_on
    return (min(yearly, ends_on) if ends_on and ends_on > _today(move) else yearly).isoformat()


def _node_due(move: Move) -> str:
    statement = (
        select(col(Milestone.due_on))
        .where(Milestone.case_id == move.file.id, Milestone.verdict == "pending")
        .order_by(col(Milestone.position))
    )
    due = move.session.exec(statement).first()
    return (due or move.file.ends_on or _today(move)).isoformat()


def _budget_from(move: Move) -> str:
    return date(_today(move).year + 1, 1, 1).isoformat()


def _today(move: Move) -> date:
    return local_day(move.now)


def _window_end(move: Move) -> object:
    return move.policy["call_closes_on"]


CASE_NAMES: dict[str, Callable[[Move], object]] = {
    "window_end": _window_end,
    "report_due": _report_due,
    "node_due": _node_due,
    "budget_from": _budget_from,
}


class Names(Mapping[str, object]):
    """Policy values in force and, for a case, its own dates; a case's date is looked up only when asked for."""

    def __init__(self, move: Move) -> None:
        self.move = move

    def __getitem__(self, name: str) -> object:
        if name in CASE_NAMES and self.move.case is not None:
            return CASE_NAMES[name](self.move)
        return self.move.policy[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.move.policy
        yield from CASE_NAMES

    def __len__(self) -> int:
        return len(self.move.policy) + len(CASE_NAMES)
