"""Small named worlds: just enough bureau, units and people for a story."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from engine import assembly
from engine.cases import door, opening
from engine.cases.models import CaseFile, WorkItem
from engine.catalogue.directions import get_direction, load_catalogue
from engine.credit_code import check_character
from engine.errors import KeguanError
from engine.jobs.sweep import sweep
from engine.money import ledger
from engine.people.models import Account, Expert, Organization
from engine.reviewing import rounds
from engine.vocabulary import Role
from seed.calendar import load_calendar_days
from seed.catalogue import read_catalogue
from seed.policies import load_policies
from seed.procedures import load_procedures

assert assembly.FORMS
MARCH = datetime(2024, 3, 11, 2, 0, tzinfo=UTC)
BEFORE = datetime(2024, 1, 1, tzinfo=UTC)
PANEL, POOL = 5, 7
"""Experts: five make an ordinary panel, all seven that of a major project."""


@dataclass
class Bureau:
    """A bureau on one open session: one account per role, one applying unit, a pool of seven experts."""

    session: Session
    accounts: dict[str, Account]
    unit: Organization
    experts: list[Account]
    now: datetime = MARCH

    def open(self, direction_code: str) -> CaseFile:
        """The applicant opens an application."""
        return opening.open_case(
            self.session,
            direction_code,
            unit_id=self.unit.id or 0,
            actor=self.accounts["applicant"],
            now=self.now,
        )

    def item(self, element: str, case: CaseFile | None = None) -> WorkItem:
        """The open work item at this step, of this case where several stand there."""
        statement = select(WorkItem).where(WorkItem.element == element, WorkItem.status == "open")
        if case is not None:
            statement = statement.where(WorkItem.case_id == case.id)
        return self.session.exec(statement).one()

    def do(self, element: str, outcome: str, case: CaseFile | None = None, **form: Any) -> WorkItem:
        """Whoever's step it is completes it."""
        item = self.item(element, case)
        actor = self.accounts[item.role]
        door.complete(
            self.session, item.id or 0, actor=actor, payload={"outcome": outcome, **form}, now=self.now
        )
        return item

    def open_steps(self) -> list[str]:
        """The steps now waiting for somebody."""
        statement = select(WorkItem.element).where(WorkItem.status == "open").order_by(WorkItem.id)  # type: ignore[arg-type]
        return list(self.session.exec(statement))

    def settle(self) -> None:
        """Commit, and let messages and due limits through."""
        self.session.commit()
        swept = sweep(self.session.get_bind(), self.now)  # type: ignore[arg-type]
        assert swept.stuck == ()
        self.session.expire_all()

    def seat_panel(self) -> None:
        """A panel entered by hand, everybody accepting: the first five experts, or all for a major project."""
        item = self.item("draw")
        major = get_direction(self.session, item.direction_code).procedure == "milestone_subsidy"
        self.do("draw", "confirm", experts=[one.id for one in self.experts[: POOL if major else PANEL]])
        self.accept_all()

    def accept_all(self) -> None:
        """Every invited expert signs and accepts; the review opens."""
        statement = select(WorkItem).where(WorkItem.element == "respond", WorkItem.status == "open")
        for item in list(self.session.exec(statement.order_by(col(WorkItem.id)))):
            actor = self.session.get_one(Account, item.holder_id)
            payload = {"outcome": "accept", "signed": True}
            door.complete(self.session, item.id or 0, actor=actor, payload=payload, now=self.now)
        self.settle()

    def score_all(self, points: dict[str, int], *, recommend: bool = True) -> None:
        """Every expert of the open round gives every application the same points."""
        statement = select(WorkItem).where(WorkItem.element == "score", WorkItem.status == "open")
        for item in list(self.session.exec(statement)):
            cases = [entry.case_id for entry in rounds.entries(self.session, item.round_id)]
            rows = [{"case_id": case, "points": points, "recommend": recommend} for case in cases]
            actor = self.session.get_one(Account, item.holder_id)
            payload = {"outcome": "submit", "rows": rows}
            door.complete(self.session, item.id or 0, actor=actor, payload=payload, now=self.now)


def bureau(session: Session) -> Bureau:
    """A bureau ready to take applications from 11 March 2024 on, with money for 2024 to 2028."""
    if session.exec(select(Organization.id).limit(1)).first() is None:
        furnish(session)
        session.commit()
    accounts = {account.login: account for account in session.exec(select(Account).order_by(col(Account.id)))}
    return Bureau(
        session,
        accounts={role.value: accounts[role.value] for role in Role},
        unit=session.exec(select(Organization).where(Organization.kind == "enterprise")).one(),
        experts=[accounts[f"expert{number}"] for number in range(1, POOL + 1)],
    )


def furnish(session: Session) -> None:
    """Fill an empty database with that bureau."""
    load_calendar_days(session)
    load_policies(session)
    load_catalogue(session, read_catalogue(), 2024)
    load_procedures(session, BEFORE)
    recommender = Organization(
        name="示例区科技局", credit_code=code("11450200000000001"), kind="recommending"
    )
    session.add(recommender)
    session.flush()
    unit = Organization(
        name="示例机械有限公司",
        credit_code=code("91450200MA0000001"),
        kind="enterprise",
        county="示例区",
        recommender_id=recommender.id,
    )
    session.add(unit)
    session.flush()
    homes = {Role.APPLICANT: unit.id, Role.RECOMMENDER: recommender.id}
    session.add_all(
        Account(
            login=role.value,
            name=f"示例{role.zh}",
            password_hash="-",
            roles=[role.value],
            organization_id=homes.get(role),
        )
        for role in Role
    )
    for number in range(1, POOL + 1):
        _expert(session, number)
    for year in range(2024, 2029):
        ledger.appropriate(
            session,
            year=year,
            amount_fen=10**12,
            voucher=ledger.Voucher(f"budget:{year}", BEFORE.date(), "planning"),
        )
    session.flush()


def code(body: str) -> str:
    """A valid credit code for 17 characters."""
    return body + check_character(body)


def _expert(session: Session, number: int) -> None:
    home = Organization(
        name=f"示例大学{number}", credit_code=code(f"124500000000000{number:02d}"), kind="university"
    )
    account = Account(login=f"expert{number}", name=f"示例专家{number}", password_hash="-", roles=["expert"])
    session.add_all([home, account])
    session.flush()
    session.add(
        Expert(
            account_id=account.id or 0,
            organization_id=home.id or 0,
            person_key=f"person{number}",
            title="教授",
            domains=["510"],
            kinds=[{4: "finance", 5: "management"}.get(number, "technical")],
            outside_city=number >= 4,
            term_until=datetime(2028, 1, 1, tzinfo=UTC).date(),
        )
    )


def refusal(call: Any) -> str:
    """The sentence a call is refused with."""
    try:
        call()
    except KeguanError as error:
        return error.message
    raise AssertionError("nothing was refused")
