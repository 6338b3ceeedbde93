"""A case for whoever may see it: the one check every address under a case begins with."""

from sqlmodel import Session

from engine.cases.models import CaseFile
from engine.errors import NotFound
from engine.people import permissions
from engine.people.models import Account
from engine.reviewing.rounds import reviewers_of


def seen_case(session: Session, case_id: int, account: Account) -> CaseFile:
    """The case; NotFound or Forbidden with a sentence otherwise."""
    case = session.get(CaseFile, case_id)
    if case is None:
        raise NotFound(f"没有编号为 {case_id} 的项目。")
    allowed = permissions.may_see_case(
        account, case.unit_id, case.recommender_id, reviewers_of(session, case_id)
    )
    allowed.require()
    return case
