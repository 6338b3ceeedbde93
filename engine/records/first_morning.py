"""What a new database still lacks before its first call (启用准备): nothing of it can come from a workbook."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from engine import policy
from engine.clock import local_day
from engine.money.models import Appropriation
from engine.people.models import Account
from engine.vocabulary import Role, Word


class Lack(Word):
    """Something a bureau settles once, on a page."""

    SECOND_ADMIN = (
        "second_admin",
        "只有一位管理员：流程、规则和申报时间的修改要由另一位管理员批准，请在“用户”中再设一位。",
        "There is one administrator: changes of procedures, rules and the call's days need another's approval; "
        "add one under Users.",
    )
    WINDOW = (
        "window",
        "今天不在申报时间内，不能新建申报；请在“规则和参数”中修改“申报开始日期”“申报截止日期”。",
        "The call is not open today, so no application can be begun; change the first and last day of the call "
        "under Rules and policies.",
    )
    BUDGET = (
        "budget",
        "本年度还没有登记预算，不能安排拨付；请规配科在“预算”中登记下达的预算。",
        "No budget of this year is entered, so nothing can be paid; the planning section enters it under Budget.",
    )


def still_lacking(session: Session, now: datetime) -> list[Lack]:
    """What is not settled yet, in the order a bureau settles it."""
    today = local_day(now)
    accounts = session.exec(select(Account).where(col(Account.active).is_(True)))
    administrators = sum(Role.ADMIN in account.roles for account in accounts)
    opens, closes = (
        date.fromisoformat(str(policy.value(session, key, today)))
        for key in ("call_opens_on", "call_closes_on")
    )
    budget = session.exec(select(Appropriation.id).where(Appropriation.year == today.year).limit(1)).first()
    settled = {
        Lack.SECOND_ADMIN: administrators > 1,
        Lack.WINDOW: opens <= today <= closes,
        Lack.BUDGET: budget is not None,
    }
    return [lack for lack, done in settled.items() if not done]
