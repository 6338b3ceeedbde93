"""The objects the authorisation matrix asks about: of every kind one's own and somebody else's."""

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from engine import db
from engine.cases.models import CaseFile, Notice, WorkItem
from engine.people import tokens
from engine.people.models import Account
from engine.records.models import Attachment
from engine.reviewing.models import PanelMember
from tests.web.demo import LOGINS, TODAY


@dataclass(frozen=True)
class Objects:
    """`own` and `other` are ids by kind; `accounts` acts for each role, `keys` are the API tokens."""

    own: dict[str, int]
    other: dict[str, int]
    accounts: dict[str, Account]
    keys: dict[str, str]


def objects(engine: Engine) -> Objects:
    """Two applications being filled in and two score sheets of the demo world, and who they belong to.

    The applicant, the recommending unit and the expert of the matrix are those of the first ones.
    """
    with db.writing(engine) as session:
        people = {
            login: session.exec(select(Account.id).where(Account.login == login)).one() or 0
            for login in LOGINS
        }
        (mine, my_case), (theirs, their_case) = _two_applications(session)
        sheet, other_sheet = _two_sheets(session)
        recommender = select(Account.id).where(Account.organization_id == my_case.recommender_id)
        people |= {
            "applicant": mine.holder_id or my_case.applicant_id,
            "recommender": session.exec(recommender).first() or 0,
            "expert": sheet.account_id,
        }
        own = _ids(session, mine, my_case, sheet)
        other = _ids(session, theirs, their_case, other_sheet)
        accounts = {role: session.get_one(Account, who) for role, who in people.items()}
        keys = {role: _key(session, account) for role, account in accounts.items()}
        return Objects(own, other, accounts, keys)


def _two_applications(session: Session) -> list[tuple[WorkItem, CaseFile]]:
    statement = (
        select(WorkItem, CaseFile)
        .join(CaseFile, col(CaseFile.id) == WorkItem.case_id)
        .where(WorkItem.status == "open", WorkItem.element == "fill")
        .order_by(col(WorkItem.id))
    )
    found = list(session.exec(statement))
    first = found[0]
    return [first, next(pair for pair in found if pair[1].recommender_id != first[1].recommender_id)]


def _two_sheets(session: Session) -> list[PanelMember]:
    statement = (
        select(PanelMember)
        .join(
            WorkItem,
            (col(WorkItem.holder_id) == PanelMember.account_id)
            & (col(WorkItem.round_id) == PanelMember.round_id),
        )
        .where(WorkItem.status == "open", WorkItem.element == "score", PanelMember.standing == "accepted")
        .order_by(col(PanelMember.id))
    )
    found = list(session.exec(statement))
    first = found[0]
    strangers = (one for one in found if one.account_id != first.account_id)
    return [first, next(one for one in strangers if not set(one.cases) & set(first.cases))]


def _letter(session: Session, case: CaseFile) -> int:
    letter = Notice(
        case_id=case.id or 0, kind="correction", title="补正通知书", body="请补正附件。", at=TODAY
    )
    session.add(letter)
    session.flush()
    return letter.id or 0


def _ids(session: Session, item: WorkItem, case: CaseFile, member: PanelMember) -> dict[str, int]:
    sheet = session.exec(
        select(WorkItem).where(
            WorkItem.status == "open", WorkItem.element == "score", WorkItem.holder_id == member.account_id
        )
    ).first()
    paper = Attachment(
        case_id=case.id or 0,
        name="说明.txt",
        version=1,
        sha256="0" * 64,
        size=1,
        kind="txt",
        by="applicant",
        at=TODAY,
    )
    session.add(paper)
    session.flush()
    return {
        "case": case.id or 0,
        "letter": _letter(session, case),
        "item": item.id or 0,
        "paper": paper.id or 0,
        "sheet": sheet.id if sheet and sheet.id else 0,
        "read": member.cases[0],
        "round": member.round_id,
    }


def _key(session: Session, account: Account) -> str:
    return tokens.make_token(session, account, "matrix", actor=account, now=TODAY)[1]
