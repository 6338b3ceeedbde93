"""Everything the case page shows, read in a fixed number of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from engine.cases.formal_check import checklist
from engine.cases.models import CheckResult, Notice
from engine.cases.queries import CaseView, case_view, internal
from engine.catalogue.directions import get_direction
from engine.people import permissions
from engine.people.models import Account
from engine.people.permissions import Decision
from engine.procedures import versions
from engine.records.attachments import attachments_of
from engine.records.models import Remark
from engine.records.remarks import remarks_of
from engine.reviewing.rounds import reviewers_of
from web.cases.mending import NOTHING, Mending, mending_of
from web.cases.sides import Sides, sides_of
from web.forms.sending import Refusal
from web.parts.application import Stated, stated
from web.parts.checks import to_read
from web.parts.filed import File, files_of
from web.parts.money import CaseMoney, money_of
from web.parts.names import names_of
from web.parts.progress import Progress, done_by_many, progress_of
from web.parts.task import Task, open_task
from web.parts.timeline import Event, events_of


@dataclass(frozen=True)
class CasePage:
    """A case, the steps open on it for this account, and what has happened."""

    view: CaseView
    tasks: Sequence[Task]
    progress: Sequence[Progress]
    money: CaseMoney
    checks: Sequence[CheckResult]
    notices: Sequence[Notice]
    timeline: Sequence[Event]
    names: dict[str, str]
    application: Sequence[Stated]
    sides: Sides
    files: Sequence[File]
    may_add: Decision
    remarks: Sequence[Remark]
    mending: Mending

    @property
    def checking(self) -> bool:
        """Whether somebody is deciding on the formal check now."""
        return any(task.item.form_key == "formal_check" for task in self.tasks)

    @property
    def shown_checks(self) -> list[CheckResult]:
        """The items to read: while somebody fills in the manual ones, those the system found."""
        return to_read(self.checks, checking=self.checking)


def case_page(
    session: Session,
    case_id: int,
    account: Account,
    *,
    drawing: str = "",
    refused: tuple[int, Refusal] | None = None,
) -> CasePage:
    """The page for an account that may see the case; `refused` is a step's form sent back to be put right."""
    view = case_view(session, case_id, account, reviewers_of(session, case_id))
    inside = internal(account)
    timeline = events_of(session, view, inside=inside)
    remarks = remarks_of(session, case_id, account)
    checks = checklist(session, case_id)
    return CasePage(
        view=view,
        tasks=[_task(session, item.id or 0, account, refused) for item in view.items],
        progress=[
            progress_of(
                versions.load(session, process.version),
                process,
                items=view.items,
                waits=view.waits,
                timeline=view.timeline,
                shared=done_by_many(session, process.id),
                wanted=drawing,
            )
            for process in view.processes
        ],
        money=money_of(session, case_id),
        checks=checks,
        notices=session.exec(
            select(Notice).where(Notice.case_id == case_id).order_by(col(Notice.id).desc())
        ).all(),
        timeline=timeline,
        names=names_of(session, _logins(timeline, remarks, checks)),
        application=stated(view.case, get_direction(session, view.case.direction_code)),
        sides=sides_of(session, view.case, account, inside=inside),
        files=files_of(attachments_of(session, case_id, account)),
        may_add=permissions.may_attach(account, view.case.unit_id, view.case.recommender_id),
        remarks=remarks,
        mending=mending_of(session, view.processes, account) if inside else NOTHING,
    )


def _task(session: Session, item_id: int, account: Account, refused: tuple[int, Refusal] | None) -> Task:
    return open_task(session, item_id, account, refused[1] if refused and refused[0] == item_id else None)


def _logins(timeline: Iterable[Event], remarks: Iterable[Remark], checks: Iterable[CheckResult]) -> list[str]:
    """Everybody the page mentions."""
    return [
        *(one.actor for one in timeline),
        *(one.by for one in remarks),
        *(one.by for one in checks if one.by),
    ]
