"""Who may do what, and the sentence they read when they may not."""

import pytest

from engine.errors import Forbidden
from engine.people import permissions
from engine.people.models import Account
from engine.people.permissions import ALLOWED, Denied
from engine.people.roles import role_for_lane, role_label
from engine.vocabulary import Role

MACHINES, CARS, DISTRICT = 1, 2, 9


def account(number: int, *roles: str, unit: int | None = None, active: bool = True) -> Account:
    return Account(
        id=number,
        login=f"login{number}",
        name="某人",
        password_hash="",
        roles=list(roles),
        organization_id=unit,
        active=active,
    )


APPLICANT = account(1, "applicant", unit=MACHINES)
COLLEAGUE = account(2, "applicant", unit=MACHINES)
RIVAL = account(3, "applicant", unit=CARS)
RECOMMENDER = account(4, "recommender", unit=DISTRICT)
INTAKE = account(5, "intake")
SECOND_INTAKE = account(6, "intake")
PROGRAMME = account(7, "programme")
DRAWING = account(8, "drawing")
EXPERT = account(9, "expert", unit=CARS)
SUPERVISION = account(10, "supervision", "admin")
ADMIN = account(11, "admin")
GONE = account(12, "intake", active=False)
ETHICS = account(13, "伦理审查岗")


@pytest.mark.parametrize("role", list(Role))
def test_a_lane_is_its_role(role: Role) -> None:
    """The Chinese name in the diagram, or the key itself."""
    assert (role_for_lane(role.zh), role_for_lane(f" {role.value} "), role_label(role.value)) == (
        role.value,
        role.value,
        role.zh,
    )


def test_a_lane_of_the_bureaus_own_is_a_role_of_that_name() -> None:
    """A bureau may add lanes nobody here thought of, and give them to people."""
    assert (role_for_lane("伦理审查岗"), role_label("伦理审查岗", "en")) == ("伦理审查岗", "伦理审查岗")
    assert permissions.may_complete(ETHICS, "伦理审查岗", None, None)


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (APPLICANT, True),
        (COLLEAGUE, True),
        (INTAKE, True),
        (RIVAL, False),
        (RECOMMENDER, False),
        (ADMIN, False),
    ],
)
def test_filing_is_for_the_own_unit_or_for_paper(who: Account, allowed: bool) -> None:
    """Intake may enter what came on paper."""
    assert bool(permissions.may_file(who, MACHINES)) == allowed


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (APPLICANT, True),
        (RIVAL, False),
        (RECOMMENDER, True),
        (account(20, "recommender", unit=CARS), False),
        (account(21, "applicant"), False),
        (INTAKE, True),
        (SUPERVISION, True),
        (ETHICS, True),
        (GONE, False),
        (EXPERT, False),
    ],
)
def test_a_case_is_seen_by_its_own_people(who: Account, allowed: bool) -> None:
    """The unit, its recommending unit and the bureau; an expert only what was assigned."""
    assert bool(permissions.may_see_case(who, MACHINES, DISTRICT)) == allowed


def test_an_assigned_expert_sees_the_case() -> None:
    """The same expert, once assigned."""
    assert permissions.may_see_case(EXPERT, MACHINES, DISTRICT, assigned_to=[9])


@pytest.mark.parametrize(
    ("who", "lane", "holder", "unit", "allowed"),
    [
        (INTAKE, "受理员", None, None, True),
        (INTAKE, "受理员", 5, None, True),
        (SECOND_INTAKE, "受理员", 5, None, False),
        (PROGRAMME, "受理员", None, None, False),
        (APPLICANT, "申报单位", 1, MACHINES, True),
        (COLLEAGUE, "申报单位", 1, MACHINES, True),
        (RIVAL, "申报单位", None, MACHINES, False),
        (INTAKE, "申报单位", 1, MACHINES, True),
        (RECOMMENDER, "推荐单位", None, DISTRICT, True),
        (RECOMMENDER, "推荐单位", None, CARS, False),
        (RECOMMENDER, "推荐单位", None, None, False),
        (EXPERT, "评审专家", 9, None, True),
        (EXPERT, "评审专家", None, None, False),
        (EXPERT, "评审专家", 99, None, False),
        (SUPERVISION, "管理员", None, None, False),
        (GONE, "受理员", None, None, False),
    ],
)
def test_a_step_is_done_by_whom_it_belongs_to(
    who: Account, lane: str, holder: int | None, unit: int | None, allowed: bool
) -> None:
    """Role, holder and unit all count; a unit's colleagues stand in for each other."""
    assert bool(permissions.may_complete(who, lane, holder, unit)) == allowed


def test_a_step_in_somebodys_hands_cannot_be_claimed() -> None:
    """Not even by a colleague who could complete it."""
    decision = permissions.may_claim(SECOND_INTAKE, "受理员", 5, None)
    assert decision == Denied("该待办已由他人签收；请等待其办理或由其退回。")


def test_a_denial_is_raised_with_the_buttons_sentence() -> None:
    """The refusal and the disabled button cannot differ."""
    decision = permissions.may_complete(PROGRAMME, "受理员", None, None)
    with pytest.raises(Forbidden) as refusal:
        decision.require()
    assert decision == Denied(str(refusal.value)) == Denied("该步骤由“受理员”办理，您的账号没有这个岗位。")


def test_supervision_sees_all_and_changes_nothing() -> None:
    """Whatever other roles the account was given."""
    may = [
        permissions.may_change(SUPERVISION),
        permissions.may_administer(SUPERVISION),
        permissions.may_draw(SUPERVISION),
        permissions.may_file(SUPERVISION, MACHINES),
    ]
    assert (permissions.is_read_only(SUPERVISION), [bool(decision) for decision in may]) == (
        True,
        [False] * 4,
    )
    assert permissions.may_inspect(SUPERVISION) == permissions.may_see_scores(SUPERVISION) == ALLOWED


@pytest.mark.parametrize(
    ("who", "facts", "allowed"),
    [
        (EXPERT, {"own": True}, True),
        (EXPERT, {}, False),
        (EXPERT, {"submitted_own": True}, True),
        (PROGRAMME, {}, False),
        (PROGRAMME, {"closed": True}, True),
        (APPLICANT, {"closed": True}, False),
        (RECOMMENDER, {"closed": True}, False),
        (ADMIN, {"closed": True}, False),
    ],
)
def test_scores_are_seen_by_few_and_late(who: Account, facts: dict[str, bool], allowed: bool) -> None:
    """An expert after scoring, the bureau after closing, the applicant never."""
    assert bool(permissions.may_see_scores(who, **facts)) == allowed


@pytest.mark.parametrize(
    ("who", "handled_by", "allowed"),
    [
        (DRAWING, ["login7"], True),
        (DRAWING, ["login8"], False),
        (account(30, "drawing", "programme"), [], False),
        (PROGRAMME, [], False),
    ],
)
def test_who_draws_does_not_manage_the_round(who: Account, handled_by: list[str], allowed: bool) -> None:
    """Managing, using and drawing are separated."""
    assert bool(permissions.may_draw(who, handled_by)) == allowed


def test_reviewers_are_secret_until_scoring_closed() -> None:
    """The programme officer must not know the draw before it opens, the applicant never."""
    seen = [
        permissions.may_see_reviewers(DRAWING),
        permissions.may_see_reviewers(PROGRAMME),
        permissions.may_see_reviewers(PROGRAMME, closed=True),
        permissions.may_see_reviewers(APPLICANT, closed=True),
    ]
    assert [bool(decision) for decision in seen] == [True, False, True, False]


def test_only_the_approver_relaxes_and_only_the_administrator_configures() -> None:
    """No business decision by an administrator, no configuration by an officer."""
    approver = account(40, "approver")
    asked = [
        permissions.may_relax(who) or permissions.may_administer(who) for who in (approver, ADMIN, PROGRAMME)
    ]
    assert [bool(decision) for decision in asked] == [True, True, False]
    assert not permissions.may_relax(ADMIN)
