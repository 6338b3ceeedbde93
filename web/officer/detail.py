"""The step that is open beside the list: what it is about, its form, who else could take it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from engine.cases.formal_check import checklist
from engine.cases.models import CaseFile, CheckResult, Process, WorkItem
from engine.cases.queries import internal, sentence
from engine.catalogue.directions import get_direction
from engine.people import permissions
from engine.people.models import Account, Organization
from engine.records.attachments import attachments_of
from engine.records.on_paper import on_behalf
from engine.vocabulary import Role
from web.parts.application import Stated, stated
from web.parts.checks import to_read
from web.parts.filed import File, files_of
from web.parts.money import CaseMoney, money_of
from web.parts.names import names_of
from web.parts.task import Task, open_task
from web.rounds.homes import DESKS


@dataclass(frozen=True)
class About:
    """What to read before deciding: the money with its derivation, once there is any, the unit's statements and
    files and, inside the bureau, the formal check. `checking`: it is the formal check that is being decided.
    """

    checking: bool
    money: CaseMoney
    application: Sequence[Stated]
    files: Sequence[File]
    checks: Sequence[CheckResult]
    names: dict[str, str]


@dataclass(frozen=True)
class Detail:
    """One step as the inbox shows it. `own_page` is for steps that are worked on at a page of their own."""

    task: Task
    title: str
    case: CaseFile | None
    unit: str
    sentence: str
    own_page: bool
    about: About | None


def detail_of(session: Session, item_id: int, account: Account) -> Detail | None:
    """The step for an account that may see it; None when it is no longer open or not this person's to see."""
    item = session.get(WorkItem, item_id)
    if item is None or item.status != "open" or not _may_see(session, item, account):
        return None
    case = session.get(CaseFile, item.case_id) if item.case_id else None
    process = session.get_one(Process, item.process_id)
    unit = session.get(Organization, case.unit_id) if case else None
    own_page = item.form_key in DESKS or case is None or on_behalf(account, item)
    return Detail(
        task=open_task(session, item_id, account),
        title=(case.title if case else str(process.subject.get("title", ""))) or "（未命名）",
        case=case,
        unit=unit.name if unit else "",
        sentence=sentence(session, [process], [item], []),
        own_page=own_page,
        about=_about(session, case, item, account) if case and not own_page else None,
    )


def _about(session: Session, case: CaseFile, item: WorkItem, account: Account) -> About:
    case_id, checking = case.id or 0, item.form_key == "formal_check"
    checks = to_read(checklist(session, case_id), checking=checking) if internal(account) else []
    return About(
        checking=checking,
        money=money_of(session, case_id),
        application=stated(case, get_direction(session, case.direction_code)),
        files=files_of(attachments_of(session, case_id, account)),
        checks=checks,
        names=names_of(session, [one.by for one in checks if one.by]),
    )


def _may_see(session: Session, item: WorkItem, account: Account) -> bool:
    if item.role == Role.EXPERT and item.holder_id != account.id:  # who reviews is not everybody's to know
        return bool(permissions.may_see_reviewers(account))
    if item.case_id is None:
        return bool(permissions.may_complete(account, item.role, item.holder_id, item.unit_id)) or bool(
            permissions.may_see_case(account, None)
        )
    case = session.get_one(CaseFile, item.case_id)
    return bool(permissions.may_see_case(account, case.unit_id, case.recommender_id))
