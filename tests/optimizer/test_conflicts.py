"""The twenty rules of avoidance, each told as a story of one expert and one fact."""

from dataclasses import replace
from datetime import date

import pytest

from optimizer.conflicts import Reach, build, caps
from optimizer.conflicts import relations as facts
from optimizer.conflicts.rules import FOR_APPLICANTS, RULES
from optimizer.errors import ProblemError
from optimizer.identity import Unit
from optimizer.problem import Expert, Force, Mode, Policy
from tests.optimizer.conflict_worlds import CLEAR, E1, ON, P1, P2, P3, POLICY, UNITS, conflicts, hit, on_p1


def test_nothing_known_against_anybody_is_no_conflict():
    """Where everything is known and nothing speaks against it, nothing is found."""
    assert conflicts().exclusions == ()


def test_a_unit_whose_people_take_part_is_avoided_but_does_not_bid():
    """Rule 1 on the application its member belongs to; rule 8 is about units that apply."""
    known = replace(
        CLEAR,
        employment=(*CLEAR.employment, facts.Employment("zhang", "LENDER", date(2024, 3, 1))),
        team_units=(facts.TeamUnit("P1", "LENDER"),),
    )
    found = build((P1, P2), (E1,), known, POLICY, ON).exclusions
    evidence = "专家张明现任职于LENDER（2024年3月1日至今），LENDER是项目P1“智能焊接”的成员所在单位"
    assert [(one.application, one.rule, one.evidence) for one in found] == [("P1", "R01", evidence)]


def test_colleagues_are_excluded():
    """Rule 1: employed today at the unit that leads."""
    found = on_p1(employment=(facts.Employment("zhang", "BIDDER", date(2024, 3, 1)),))
    assert (
        found[0]
        == hit("R01", "专家张明现任职于乙大学（2024年3月1日至今），乙大学是项目P1“智能焊接”的牵头单位")[0]
    )


def test_units_of_one_group_are_one_unit():
    """Rule 1: a sister company under the same parent counts, and the sentence says through which parent."""
    units = (
        *UNITS[:2],
        Unit("OTHER", "丙公司", "TOP"),
        Unit("SISTER", "丙子公司", "TOP"),
        Unit("TOP", "丙集团"),
    )
    found = on_p1(units=units, employment=(facts.Employment("zhang", " sister "),))
    assert (
        found[0].evidence
        == "专家张明现任职于丙子公司（起始日不详，至今），丙子公司与项目P1“智能焊接”的参与单位丙公司同属丙集团"
    )


def test_a_former_employer_counts_to_the_last_day_of_the_window():
    """Rule 2: left exactly three years ago is still inside; a day earlier is outside."""
    spell = facts.Employment("zhang", "OTHER", date(2020, 1, 1), date(2023, 9, 1))
    evidence = "专家张明2020年1月1日至2023年9月1日在丙公司任职，丙公司是项目P1“智能焊接”的参与单位"
    assert on_p1(employment=(spell,)) == hit("R02", evidence)
    assert on_p1(employment=(replace(spell, until=date(2023, 8, 31)),)) == ()


def test_a_consultant_counts_as_one_who_worked_there():
    """Rule 2: advising the unit today."""
    advice = facts.Employment("zhang", "BIDDER", date(2025, 1, 1), post=facts.Post.CONSULTANT)
    evidence = "专家张明2025年1月1日至今在乙大学担任顾问，乙大学是项目P1“智能焊接”的牵头单位"
    assert on_p1(employment=(advice,)) == hit("R02", evidence)


@pytest.mark.parametrize("order", [("zhang", "sun"), ("sun", "zhang")])
def test_where_the_spouse_works_counts(order):
    """Rule 2: a spouse at a unit that applies, in whichever order the marriage is written down."""
    found = on_p1(
        kinship=(facts.Kinship(*order, facts.Degree.SPOUSE),),
        employment=(facts.Employment("sun", "OTHER", date(2022, 5, 1)),),
    )
    assert found == hit(
        "R02", "专家张明的配偶sun2022年5月1日至今在丙公司任职，丙公司是项目P1“智能焊接”的参与单位"
    )


@pytest.mark.parametrize(
    ("stake", "until", "excluded"),
    [
        (facts.Stake.INVESTMENT, date(2026, 9, 1), True),
        (facts.Stake.INVESTMENT, date(2026, 8, 31), False),
        (facts.Stake.DIRECTOR, date(2023, 9, 1), True),
        (facts.Stake.CONTROL, date(2023, 8, 31), False),
    ],
)
def test_an_investment_counts_while_held_and_a_seat_for_years(stake, until, excluded):
    """Rule 3: an investment is current or nothing; a directorship or control lingers for its window."""
    held = facts.Interest("zhang", "OTHER", stake, date(2019, 1, 1), until)
    told = f"专家张明2019年1月1日至{until.year}年{until.month}月{until.day}日在丙公司{stake}"
    wanted = hit("R03", f"{told}，丙公司是项目P1“智能焊接”的参与单位") if excluded else ()
    assert on_p1(interests=(held,)) == wanted


def test_kin_of_the_legal_representative_are_excluded():
    """Rule 4: collateral kin within three generations, and no further."""
    kin = facts.Kinship("zhao", "zhang", facts.Degree.COLLATERAL, 3)
    evidence = "专家张明与项目P1“智能焊接”的法定代表人赵总是3代以内旁系血亲"
    assert on_p1(kinship=(kin,)) == hit("R04", evidence)
    assert on_p1(kinship=(replace(kin, generations=4),)) == ()


def test_doctoral_supervision_counts_for_life():
    """Rule 5: thirty years ago, in both directions."""
    old = facts.Supervision("zhang", "li", date(1995, 9, 1), date(1998, 6, 30))
    told = "的博士生导师（1995年9月1日至1998年6月30日）"
    assert on_p1(supervision=(old,)) == hit("R05", f"专家张明是项目P1“智能焊接”的负责人李强{told}")
    student = facts.Supervision("wu", "zhang")
    assert on_p1(supervision=(student,)) == hit("R05", "专家张明是项目P1“智能焊接”的成员吴芳的博士研究生")


def test_a_paper_together_counts_to_the_last_day_of_the_window():
    """Rule 6: published exactly three years ago is inside; the paper is named."""
    paper = facts.JointWork(facts.Work.PAPER, "熔池视觉", ("wu", "x", "zhang"), until=date(2023, 9, 1))
    evidence = "专家张明与项目P1“智能焊接”的成员吴芳合著论文《熔池视觉》（2023年9月1日发表）"
    assert on_p1(joint_works=(paper,)) == hit("R06", evidence)
    assert on_p1(joint_works=(replace(paper, until=date(2023, 8, 31)),)) == ()


def test_a_paper_without_a_date_is_to_be_declared():
    """Rule 6: unknown is not clear."""
    paper = facts.JointWork(facts.Work.PAPER, "熔池视觉", ("zhang", "li"))
    evidence = "专家张明与项目P1“智能焊接”的负责人李强合著论文《熔池视觉》（发表日期不详，待声明）"
    assert on_p1(joint_works=(paper,)) == hit("R06", evidence, Force.DECLARE)


def test_a_running_joint_project_counts():
    """Rule 6: a project without an end is running."""
    work = facts.JointWork(facts.Work.PROJECT, "焊缝跟踪", ("zhang", "li"), date(2018, 1, 1))
    evidence = "专家张明与项目P1“智能焊接”的负责人李强2018年1月1日至今合作承担项目《焊缝跟踪》"
    assert on_p1(joint_works=(work,)) == hit("R06", evidence)


def test_an_applicant_is_kept_from_the_whole_group():
    """Rule 7: a member of one application judges none of its rivals, but may judge another group."""
    rival = replace(P2, people=("qian", "zhang"))
    found = build((P1, rival, P3), (E1,), CLEAR, POLICY, ON)
    evidence = "专家张明在同一评审组申报或参加了项目P2“轻质合金”"
    assert found.why("P1", "E1") == hit("R07", evidence)
    assert found.barred(Mode.PANEL).tolist() == [[True], [True], [False]]


def test_an_application_still_under_formal_check_keeps_its_people_away_too():
    """Rule 7: by an application that is not among those to be assigned; in the whole batch if policy says so."""
    opened = (facts.OpenApplication("k-zhang", "申报书丙-7", "一组"),)
    found = conflicts(open_applications=opened)
    assert found.why("P1", "E1") == hit("R07", "专家张明在同一评审组“一组”申报或参加了申报书丙-7")
    wider = conflicts(replace(POLICY, applicant_reach=Reach.BATCH), open_applications=opened)
    assert (found.barred(Mode.LETTER).sum(), wider.barred(Mode.LETTER).sum()) == (2, 3)


def test_a_bid_of_the_own_unit_keeps_the_expert_from_the_whole_group():
    """Rule 8: colleagues' rivals are not judged either."""
    found = conflicts(employment=(facts.Employment("zhang", "BIDDER"),))
    evidence = "专家张明所在单位乙大学（含集团）在同一评审组申报了项目P1“智能焊接”"
    assert [one.evidence for one in found.why("P2", "E1")] == [evidence]
    assert found.of_rule("R08").tolist() == [[True], [True], [False]]


def test_by_approval_the_expert_abstains_on_the_own_units_application_only():
    """Rule 8 relaxed: rivals may be judged; the own unit's application never, in panel or by letter."""
    policy = replace(POLICY, own_unit=Force.ABSTAIN, own_unit_approver="分管领导甲")
    found = conflicts(policy, employment=(facts.Employment("zhang", "BIDDER"),))
    assert [(one.rule, one.force) for one in found.why("P1", "E1")] == [
        ("R01", Force.ABSTAIN),
        ("R08", Force.ABSTAIN),
    ]
    assert found.why("P1", "E1")[1].evidence.endswith("经分管领导甲批准，仅就该项目弃权")
    assert found.barred(Mode.LETTER).tolist() == [[True], [False], [False]]
    assert not found.barred(Mode.PANEL).any()


def test_a_dispute_counts_until_its_window_ends():
    """Rule 9: with a unit that applies; settled exactly three years ago is inside."""
    case = facts.Dispute("zhang", "专利权属", unit="BIDDER", since=date(2021, 1, 1), until=date(2023, 9, 1))
    evidence = "专家张明与乙大学有法律纠纷“专利权属”（2021年1月1日至2023年9月1日），乙大学是项目P1“智能焊接”的牵头单位"
    assert on_p1(disputes=(case,)) == hit("R09", evidence)
    assert on_p1(disputes=(replace(case, until=date(2023, 8, 31)),)) == ()


def test_a_dispute_with_a_member_counts_whoever_began_it():
    """Rule 9: with a person, written from the other side."""
    case = facts.Dispute("wu", "合同", opponent="zhang", since=date(2025, 2, 3))
    evidence = "专家张明与项目P1“智能焊接”的成员吴芳有法律纠纷“合同”（2025年2月3日至今）"
    assert on_p1(disputes=(case,)) == hit("R09", evidence)


def test_who_wrote_the_guide_does_not_judge_under_it():
    """Rule 10: for the groups of that part of the guide, or the whole round; advice on a bid counts for that bid."""
    part = conflicts(guide_works=(facts.GuideWork("zhang", "先进制造", ("一组",)),))
    assert part.why("P1", "E1") == hit("R10", "专家张明参与编写本轮指南“先进制造”")
    whole = conflicts(guide_works=(facts.GuideWork("zhang", "总则"),))
    assert (part.barred(Mode.LETTER).sum(), whole.barred(Mode.LETTER).sum()) == (2, 3)
    advised = on_p1(bid_advice=(facts.BidAdvice("zhang", "P1", "修改申报书"),))
    assert advised == hit("R10", "专家张明为项目P1“智能焊接”的申报提供了咨询：修改申报书")


def test_staff_of_the_bureau_judge_nothing():
    """Rule 11."""
    found = conflicts(office_posts=(facts.OfficePost("zhang", "科技局", date(2020, 1, 1)),))
    assert found.why("P1", "E1") == hit("R11", "专家张明是科技局工作人员（2020年1月1日至今）")
    assert found.barred(Mode.PANEL).all()


def test_an_avoid_list_holds_with_reason_and_within_its_limit():
    """Rule 12: a fourth name, or one without reason, is shown as to be declared and not silently dropped."""
    name = facts.Avoidance("P1", "zhang", "学术争议", 3)
    told = "专家张明被项目P1“智能焊接”申请回避，"
    assert on_p1(avoidances=(name,)) == hit("R12", f"{told}理由：学术争议")
    assert on_p1(replace(POLICY, avoided=Force.SOFT), avoidances=(name,)) == hit(
        "R12", f"{told}理由：学术争议", Force.SOFT, 0.2
    )
    late, bare = replace(name, order=4), replace(name, reason=" ")
    assert on_p1(avoidances=(late,)) == hit(
        "R12", f"{told}理由：学术争议；列第4名，超过上限3名，待声明", Force.DECLARE
    )
    assert on_p1(avoidances=(bare,)) == hit("R12", f"{told}未说明理由，待声明", Force.DECLARE)


def test_a_declaration_excludes():
    """Rule 13: the expert's own, at any time."""
    said = facts.Declaration("zhang", "P1", True, "曾为该团队授课", date(2026, 8, 30))
    evidence = "专家张明2026年8月30日就项目P1“智能焊接”声明或查明：曾为该团队授课"
    assert on_p1(declarations=(said,)) == hit("R13", evidence)


def test_suspension_listing_and_an_ended_term_exclude_everywhere():
    """Rule 14: in force on the day itself; the last of several terms counts."""
    bar = facts.Restriction("zhang", facts.Bar.SUSPENDED, "示例决定1号", date(2026, 1, 1), ON)
    assert on_p1(restrictions=(bar,)) == hit(
        "R14", "专家张明2026年1月1日至2026年9月1日被暂停评审资格（示例决定1号）"
    )
    assert on_p1(restrictions=(replace(bar, until=date(2026, 8, 31)),)) == ()
    terms = (facts.Term("zhang", date(2024, 8, 31)), facts.Term("zhang", date(2026, 8, 31)))
    assert on_p1(terms=terms) == hit("R14", "专家张明的聘期已于2026年8月31日届满")
    assert on_p1(terms=(*terms, facts.Term("zhang", ON))) == ()


def test_who_reviewed_the_establishment_is_less_welcome_at_acceptance():
    """Rule 16: soft, and at most half of the panel."""
    found = on_p1(establishment=(facts.EstablishmentReview("zhang", "P1"),))
    assert found == hit("R16", "专家张明曾参加项目P1“智能焊接”的立项评审", Force.SOFT, 0.1)
    assert caps.establishment_limit(5, POLICY) == 2


def test_the_year_and_the_day_bound_the_load():
    """Rules 15 and 17: what is left of the year, counted per person, and the policy's caps handed to the solver."""
    loads = (
        facts.ReviewLoad("zhang", 2026, 5),
        facts.ReviewLoad("k-zhang", 2026, 3),
        facts.ReviewLoad("zhang", 2025, 9),
    )
    experts, limits = caps.limited((E1,), replace(CLEAR, loads=loads), POLICY, ON)
    assert experts == (replace(E1, cap=2),)
    assert limits == (caps.Limit("E1", 2, "专家张明2026年已评审8次，年度上限10次，尚可承担2次"),)
    policy = caps.in_policy(Policy(), POLICY, caps.Sitting.DEFENCE)
    assert (policy.unit_cap, policy.panel_sizes) == (1, (1, 10))
    assert policy.versions == {"avoidance": "示例办法第九条"}


def test_rotation_by_lead_unit_looks_at_the_batch_before():
    """Rule 18: the same lead unit in two successive batches; soft, or hard where policy says so."""
    panel = facts.PastPanel("zhang", "春季一组", 7, date(2026, 3, 2), "BIDDER")
    evidence = "专家张明2026年3月2日在第7批“春季一组”评审过项目P1“智能焊接”的牵头单位乙大学"
    assert on_p1(past_panels=(panel,)) == hit("R18", evidence, Force.SOFT, 0.3)
    assert on_p1(replace(POLICY, rotation=Force.HARD), past_panels=(panel,)) == hit("R18", evidence)
    assert on_p1(past_panels=(replace(panel, batch=6),)) == ()


def test_rotation_by_direction_counts_this_years_panels():
    """Rule 18: the third panel of a direction in one calendar year is the last."""
    panels = tuple(facts.PastPanel("zhang", f"第{n}组", 1, date(2026, n, 1), "X", "焊接") for n in (1, 2, 3))
    directions = (facts.GroupDirection("一组", "焊接"),)
    found = conflicts(past_panels=panels, directions=directions)
    assert found.why("P1", "E1") == hit(
        "R18", "专家张明2026年已在方向“焊接”参加3次评审，上限3次", Force.SOFT, 0.3
    )
    assert conflicts(past_panels=panels[1:], directions=directions).exclusions == ()
    assert found.why("P3", "E1") == ()


def test_backups_secrecy_and_what_may_be_relaxed():
    """Rules 19 and 20, and the table: of the first fourteen only 8 and 12 may be relaxed."""
    assert caps.backups(5, POLICY) == 10
    assert FOR_APPLICANTS == "已启动回避"
    assert [rule.id for rule in list(RULES.values())[:14] if rule.relaxable] == ["R08", "R12"]
    assert len(RULES) == 20


@pytest.mark.parametrize(
    "change",
    [
        {"own_unit": Force.SOFT},
        {"own_unit": Force.ABSTAIN},
        {"dispute_years": -1},
        {"rotation": Force.DECLARE},
    ],
)
def test_a_policy_that_relaxes_what_may_not_be_relaxed_is_refused(change):
    """No rule is weakened by a policy row, nor by an approval without an approver."""
    with pytest.raises(ProblemError):
        replace(POLICY, **change)


def test_facts_that_contradict_themselves_are_refused():
    """A spell ending before it begins, a group of units that controls itself, an id nobody has."""
    with pytest.raises(ProblemError, match="before it begins"):
        facts.Employment("zhang", "HOME", date(2020, 1, 2), date(2020, 1, 1))
    with pytest.raises(ProblemError, match="circle"):
        conflicts(units=(Unit("A", parent="B"), Unit("B", parent="A")))
    with pytest.raises(ProblemError, match="no application or expert"):
        conflicts().why("P9", "E1")
    with pytest.raises(ProblemError, match="Two experts"):
        build((P1,), (E1, E1), CLEAR, POLICY, ON)


def test_an_expert_without_any_account_of_himself_must_declare_everything():
    """Unknown is not clear: identity, unit and history are asked for, and nothing is barred."""
    found = build((P1,), (Expert("E9", 5),), CLEAR, POLICY, ON)
    assert [(one.rule, one.force) for one in found.exclusions] == [
        ("R01", Force.DECLARE),
        ("R02", Force.DECLARE),
        ("R13", Force.DECLARE),
    ]
    assert found.exclusions[1].evidence == "专家E9未登记任职经历，2023年9月1日以来的任职情况不全，待声明"
    assert not found.barred(Mode.LETTER).any()
