"""A small world where nobody is in conflict and nothing is unknown, to which each test adds one fact."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

from optimizer.conflicts import Conflicts, Reach, Relations, Windows, build
from optimizer.conflicts.relations import Employment
from optimizer.identity import PersonRecord, Unit
from optimizer.problem import Application, Exclusion, Expert, Force

ON = date(2026, 9, 1)
POLICY = Windows(
    former_employment_years=3,
    investment_years=0,
    control_years=3,
    collateral_generations=3,
    applicant_reach=Reach.GROUP,
    own_unit=Force.HARD,
    own_unit_approver="",
    joint_work_years=3,
    dispute_years=3,
    avoid_limit=3,
    avoided=Force.HARD,
    avoided_penalty=0.2,
    unit_cap=1,
    establishment_share=Fraction(1, 2),
    establishment_penalty=0.1,
    yearly_reviews=10,
    daily_defences=10,
    daily_readings=35,
    rotation_batches=1,
    direction_panels=3,
    rotation=Force.SOFT,
    rotation_penalty=0.3,
    backups_per_seat=2,
    versions={"avoidance": "示例办法第九条"},
)
PEOPLE = (
    PersonRecord("zhang", "张明", "k-zhang", "HOME", 1975),
    PersonRecord("li", "李强", "k-li", "BIDDER", 1980),
    PersonRecord("wu", "吴芳", "k-wu", "BIDDER", 1985),
    PersonRecord("zhao", "赵总", "k-zhao", "BIDDER", 1970),
    PersonRecord("qian", "钱宁", "k-qian", "OTHER", 1979),
)
UNITS = (
    Unit("HOME", "甲研究院"),
    Unit("BIDDER", "乙大学", legal_representative="zhao"),
    Unit("OTHER", "丙公司"),
    Unit("THIRD", "丁中心"),
)
P1 = Application("P1", 3, units=("BIDDER", "OTHER"), people=("li", "wu"), group="一组", title="智能焊接")
P2 = Application("P2", 3, units=("THIRD",), people=("qian",), group="一组", title="轻质合金")
P3 = Application("P3", 3, units=("THIRD",), people=("qian",), group="二组")
E1 = Expert("E1", 5, person="zhang", units=("HOME",))
CLEAR = Relations(
    people=PEOPLE, units=UNITS, employment=(Employment("zhang", "HOME", date(2000, 7, 1)),), batch=8
)


def conflicts(policy: Windows = POLICY, **facts: Any) -> Conflicts:
    """The clear world with the facts added; employment is added to what is there."""
    facts["employment"] = (*CLEAR.employment, *facts.get("employment", ()))
    return build((P1, P2, P3), (E1,), replace(CLEAR, **facts), policy, ON)


def on_p1(policy: Windows = POLICY, **facts: Any) -> tuple[Exclusion, ...]:
    """What is found on the first application and the expert."""
    return conflicts(policy, **facts).why("P1", "E1")


def hit(rule: str, evidence: str, force: Force = Force.HARD, penalty: float = 0.0) -> tuple[Exclusion, ...]:
    """Exactly one exclusion of that pair."""
    return (Exclusion("P1", "E1", rule, evidence, force, penalty),)
