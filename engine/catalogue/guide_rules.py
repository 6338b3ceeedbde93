"""How each kind of condition of the guide is checked by machine, from the application's own data."""

from engine.catalogue import conditions as c
from engine.catalogue.facts import ApplicationFacts, years_later
from engine.catalogue.findings import (
    CheckPolicy,
    Finding,
    Rule,
    correct,
    decide,
    known,
    lacking,
    met,
    not_applicable,
    not_met,
)

LEVELS = ("city", "region", "national")


def _unit_kind(condition: c.UnitKindIs, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    return decide(
        known(facts.unit.kind) in condition.any_of,
        "单位性质符合。",
        f"单位性质不在指南所列之内：{condition.text}。",
    )


def _last_year_rd(condition: c.LastYearResearchSpend, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    spent = known(facts.unit.last_year_rd_yuan)
    return decide(
        spent >= condition.min_yuan,
        f"上年度研究经费投入 {spent:,} 元，达到要求。",
        f"上年度研究经费投入 {spent:,} 元，低于 {condition.min_yuan:,} 元。",
    )


def _site_in_city(condition: c.SiteInCity, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    if facts.project_kind != condition.project_kind:
        return not_applicable("本项不是应用场景类项目，不要求实施地。")
    if facts.site_city is None:
        return lacking("site_city")
    return decide(
        facts.site_city == condition.city,
        f"实施地在{condition.city}。",
        f"实施地为{facts.site_city}，应在{condition.city}。",
    )


def _recognition(condition: c.Recognised, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    held = [r for r in known(facts.unit.recognitions) if r.kind in condition.any_of]
    return decide(
        any(r.year == condition.year for r in held),
        f"{condition.year}年认定在册。",
        f"未见{condition.year}年的高新技术企业或瞪羚企业认定。",
    )


def _per_unit(condition: c.ApplicationsPerUnit, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    count = known(facts.unit.applications_in_direction)
    return decide(
        count <= condition.max,
        f"本方向申报 {count} 项。",
        f"本方向申报 {count} 项，限 {condition.max} 项。",
    )


def _per_platform(condition: c.ApplicationsPerPlatform, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    count = known(facts.unit.applications_of_platform)
    return decide(
        count <= condition.max,
        f"本平台申报 {count} 项。",
        f"本平台申报 {count} 项，限 {condition.max} 项。",
    )


def _technical_field(condition: c.TechnicalField, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    field = known(facts.technical_field)
    return decide(
        field in condition.any_of,
        f"属于“{field}”领域。",
        f"“{field}”不在支持领域：{'、'.join(condition.any_of)}。",
    )


def _platform(condition: c.HasPlatform, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    level, year = LEVELS.index(condition.level_min), condition.recognised_year
    fitting = [
        platform
        for platform in known(facts.unit.platforms)
        if LEVELS.index(platform.level) >= level and year in (None, platform.year)
    ]
    when = f"{year}年认定的" if year else ""
    return decide(bool(fitting), f"有{when}市级以上平台。", f"未见{when}市级以上平台。")


def _innovation_centre(_: c.InnovationCentre, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    return decide(known(facts.unit.innovation_centre), "联合创新中心已成立。", "联合创新中心尚未成立。")


def _contracts(condition: c.CooperationContracts, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    signed = known(facts.contracts_with)
    names = {"university_in_region": "区内高校", "university_outside_region": "区外高校"}
    absent = [names[partner] for partner in condition.all_of if partner not in signed]
    return decide(not absent, "与区内、区外高校均已签约。", f"未见与{'、'.join(absent)}签订的横向合作协议。")


def _cooperation_funded(_: c.CooperationFunded, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    return decide(known(facts.cooperation_funded), "企业已出资。", "企业尚未出资。")


def _talent_class(condition: c.LeaderTalentClass, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    held = known(facts.leader.talent_class)
    if held == "none" or held > condition.at_least:  # A comes before E, and is higher
        return not_met(f"负责人不是{condition.at_least}类以上高层次人才。")
    if facts.leader.talent_year is None:
        return lacking("leader.talent_year")
    return decide(
        facts.leader.talent_year == condition.year,
        f"{condition.year}年引进认定的{held}类人才。",
        f"人才于{facts.leader.talent_year}年引进认定，应为{condition.year}年。",
    )


def _title(condition: c.LeaderTitle, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    return decide(
        condition.title in known(facts.leader.titles), "持有荣誉证书。", f"不符合：{condition.text}。"
    )


def _employed(_: c.LeaderEmployed, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    return decide(known(facts.leader.employed), "负责人在职。", "负责人不在职，或无固定劳资关系。")


def before_retirement(_: object, facts: ApplicationFacts, policy: CheckPolicy) -> Finding:
    """The project ends no later than the day the leader retires; their own retirement date comes first."""
    retires_on = facts.leader.retires_on
    if retires_on is None:
        if facts.leader.birth_date is None:
            return lacking("leader.birth_date")
        retires_on = years_later(facts.leader.birth_date, policy.retirement_age)
    ends_on = known(facts.ends_on)
    return decide(
        ends_on <= retires_on,
        f"项目 {ends_on} 结束，不晚于退休日期 {retires_on}。",
        f"项目 {ends_on} 结束，晚于退休日期 {retires_on}。",
    )


def _doctor_since(condition: c.LeaderDoctorSince, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    """Introduced or graduated on or after the date: either suffices, so one unknown date may still help."""
    leader = facts.leader
    if leader.degree != "doctor":
        return not_met("负责人尚未取得博士学位。")
    if any(day is not None and day >= condition.since for day in (leader.introduced_on, leader.degree_on)):
        return met(f"{condition.since} 后引进或培养的博士。")
    unknown = [name for name in ("introduced_on", "degree_on") if getattr(leader, name) is None]
    if unknown:
        return lacking(*(f"leader.{name}" for name in unknown))
    return not_met(f"引进和取得学位均早于 {condition.since}。")


def _supervisor(_: c.LeaderSupervisesMasters, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    return decide(known(facts.leader.supervises_masters), "有硕士生导师资格。", "无硕士生导师资格。")


def _no_like_grant(condition: c.NoLikeGrant, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    since = years_later(known(facts.submitted_on), -condition.years)
    recent = [day for day in known(facts.leader.like_grants) if day > since]
    return decide(
        not recent,
        f"{since} 以来未获同类立项。",
        f"{max(recent, default=since)} 已获同类立项，未满 {condition.years} 年。",
    )


def _in_full(_: c.SelfRaisedInFull, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    committed = known(facts.self_raised_committed)
    return met("已承诺足额到位。") if committed else correct("请补充自筹资金足额到位的承诺。")


def _not_fiscal(_: c.SelfRaisedNotFiscal, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    fiscal = known(facts.self_raised_fiscal_yuan)
    return decide(
        fiscal == 0, "自筹经费未列财政资金。", f"自筹经费中列有财政资金 {fiscal:,} 元，不得计作自筹。"
    )


def _joint_agreement(_: c.JointAgreement, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    if not known(facts.joint_units):
        return not_applicable("非联合申报。")
    return met("已附合作协议。") if facts.joint_agreement else correct("联合申报，请附单位间的合作协议。")


def _joint_preferred(_: c.JointBidPreferred, facts: ApplicationFacts, __: CheckPolicy) -> Finding:
    return decide(bool(known(facts.joint_units)), "联合申报，优先。", "非联合申报。")


def _age_preferred(condition: c.LeaderAgePreferred, facts: ApplicationFacts, _: CheckPolicy) -> Finding:
    turned = years_later(known(facts.leader.birth_date), condition.max_age + 1)
    return decide(
        known(facts.submitted_on) < turned, "属鼓励的青年科技人才。", f"年满 {condition.max_age + 1} 周岁。"
    )


GUIDE_RULES: dict[type[c.ConditionBase], Rule] = {
    c.UnitKindIs: Rule(("unit.kind",), _unit_kind),
    c.LastYearResearchSpend: Rule(("unit.last_year_rd_yuan",), _last_year_rd),
    c.SiteInCity: Rule(("project_kind",), _site_in_city, also=("site_city",)),
    c.Recognised: Rule(("unit.recognitions",), _recognition),
    c.ApplicationsPerUnit: Rule(("unit.applications_in_direction",), _per_unit),
    c.ApplicationsPerPlatform: Rule(("unit.applications_of_platform",), _per_platform),
    c.TechnicalField: Rule(("technical_field",), _technical_field),
    c.HasPlatform: Rule(("unit.platforms",), _platform),
    c.InnovationCentre: Rule(("unit.innovation_centre",), _innovation_centre),
    c.CooperationContracts: Rule(("contracts_with",), _contracts),
    c.CooperationFunded: Rule(("cooperation_funded",), _cooperation_funded),
    c.LeaderTalentClass: Rule(("leader.talent_class",), _talent_class, also=("leader.talent_year",)),
    c.LeaderTitle: Rule(("leader.titles",), _title),
    c.LeaderEmployed: Rule(("leader.employed",), _employed),
    c.LeaderBeforeRetirement: Rule(
        ("ends_on",), before_retirement, also=("leader.birth_date", "leader.retires_on")
    ),
    c.LeaderDoctorSince: Rule(
        ("leader.degree",), _doctor_since, also=("leader.degree_on", "leader.introduced_on")
    ),
    c.LeaderSupervisesMasters: Rule(("leader.supervises_masters",), _supervisor),
    c.NoLikeGrant: Rule(("leader.like_grants", "submitted_on"), _no_like_grant),
    c.SelfRaisedInFull: Rule(("self_raised_committed",), _in_full),
    c.SelfRaisedNotFiscal: Rule(("self_raised_fiscal_yuan",), _not_fiscal),
    c.JointAgreement: Rule(("joint_units",), _joint_agreement, also=("joint_agreement",)),
    c.JointBidPreferred: Rule(("joint_units",), _joint_preferred),
    c.LeaderAgePreferred: Rule(("leader.birth_date", "submitted_on"), _age_preferred),
}
