"""The demo world's people: enough of every kind, valid codes, and loaded fast and once."""

from collections import Counter

from sqlmodel import Session, col, func, select

from engine.credit_code import credit_code_is_valid
from engine.people.accounts import authenticate
from engine.people.models import Account, Expert, Organization, OrganizationKind
from engine.vocabulary import Role
from seed.people import DEMO_PASSWORD, expert_groups, load_people, units


def test_every_credit_code_is_valid_and_its_own() -> None:
    """The formal check would refuse a unit with a wrong code."""
    codes = [unit.credit_code for unit in units()]
    assert ([code for code in codes if not credit_code_is_valid(code)], len(set(codes))) == ([], len(codes))


def test_every_link_names_a_unit_of_the_file() -> None:
    """A recommender or parent or expert's unit that is not there would fail the load."""
    names = {unit.name for unit in units()}
    linked = {link for unit in units() for link in (unit.recommender, unit.parent) if link}
    assert (linked | {name for group in expert_groups() for name in group.units}) - names == set()


def test_there_are_applicants_of_every_kind() -> None:
    """Every eligibility condition on the kind of unit can be met by somebody."""
    kinds = Counter(unit.kind for unit in units() if unit.recommender)
    applying = set(OrganizationKind) - {OrganizationKind.BUREAU, OrganizationKind.RECOMMENDING}
    assert (kinds.keys() == applying, sum(kinds.values()) >= 30) == (True, True)


def test_a_panel_can_be_drawn_from_the_pool(session: Session) -> None:
    """At least half the experts come from outside, with finance and management experts for many panels."""
    load_people(session)
    experts = session.exec(select(Expert)).all()
    kinds = Counter(kind for expert in experts for kind in expert.kinds)
    outside = sum(expert.outside_city for expert in experts)
    assert (len(experts) >= 120, 2 * outside >= len(experts), min(kinds.values()) >= 8) == (True, True, True)


def test_there_is_an_account_for_every_role(session: Session) -> None:
    """Its login is the role's key, and the demo password opens it."""
    load_people(session)
    roles = {role: authenticate(session, role.value, DEMO_PASSWORD).roles for role in list(Role)[:3]}
    assert roles == {role: [role.value] for role in list(Role)[:3]}
    logins = set(session.exec(select(col(Account.login))))
    assert {role.value for role in Role} <= logins


def test_the_demo_applicant_is_recommended_by_the_demo_recommender(session: Session) -> None:
    """So that a visitor can take one case from desk to desk with the role accounts alone."""
    load_people(session)
    accounts = {row.login: row for row in session.exec(select(Account))}
    unit = session.get_one(Organization, accounts["applicant"].organization_id)
    assert unit.recommender_id == accounts["recommender"].organization_id


def test_the_demo_people_share_one_hash_and_twice_is_once(session: Session) -> None:
    """A start that hashed every password would take a minute; a second start adds nobody."""
    first = load_people(session)
    hashes = set(session.exec(select(Account.password_hash)))
    assert (load_people(session), len(hashes)) == (0, 1)
    assert session.exec(select(func.count(col(Account.id)))).one() == first
