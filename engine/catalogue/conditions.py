"""Who may apply (申报条件): one small typed model per kind of condition the guide states.

`hard` false is a preference (优先, 鼓励, 重点支持): it is shown and never refuses. `qualitative` true is for
an officer's judgement, with no field to compare. `guide_line` is where the guide says it, counted from 1.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

UnitKind = Literal["enterprise", "university", "research_institute", "hospital", "public_institution"]
PlatformLevel = Literal["city", "region", "national"]
RecognitionKind = Literal["high_tech_enterprise", "gazelle_enterprise"]
ProjectKind = Literal["technology_supply", "scene"]
Partner = Literal["university_in_region", "university_outside_region"]


class ConditionBase(BaseModel):
    """What every condition carries."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    hard: bool = True
    qualitative: bool = False
    text: Annotated[str, Field(min_length=2)]
    guide_line: Annotated[int, Field(gt=0)]


class UnitKindIs(ConditionBase):
    """The lead unit is of one of these kinds (单位性质)."""

    kind: Literal["unit_kind"]
    any_of: tuple[UnitKind, ...]


class LastYearResearchSpend(ConditionBase):
    """The unit's research spending of last year reaches an amount (上年度研究经费投入)."""

    kind: Literal["last_year_rd"]
    min_yuan: Annotated[int, Field(gt=0)]


class SiteInCity(ConditionBase):
    """The implementation site lies in a city (实施地); asked of one kind of project only."""

    kind: Literal["site_in_city"]
    city: str
    project_kind: ProjectKind


class Recognised(ConditionBase):
    """The unit got one of these recognitions in a year (高企/瞪羚认定)."""

    kind: Literal["recognition"]
    any_of: tuple[RecognitionKind, ...]
    year: int


class ApplicationsPerUnit(ConditionBase):
    """How many applications one unit may file in this direction (限项)."""

    kind: Literal["max_applications_per_unit"]
    max: Annotated[int, Field(gt=0)]


class ApplicationsPerPlatform(ConditionBase):
    """How many applications one platform may file in this direction (每个平台限项)."""

    kind: Literal["max_applications_per_platform"]
    max: Annotated[int, Field(gt=0)]


class TechnicalField(ConditionBase):
    """The project belongs to one of these fields (支持领域)."""

    kind: Literal["technical_field"]
    any_of: tuple[str, ...]


class HasPlatform(ConditionBase):
    """The unit has a research platform (科研平台) of at least a level, from a year where one is named."""

    kind: Literal["platform"]
    level_min: PlatformLevel
    recognised_year: int | None = None


class InnovationCentre(ConditionBase):
    """The industry-university innovation centre has been established (已成立校校企联合创新中心)."""

    kind: Literal["innovation_centre"]


class CooperationContracts(ConditionBase):
    """Signed horizontal contracts with each kind of partner (横向项目合作协议)."""

    kind: Literal["cooperation_contracts"]
    all_of: tuple[Partner, ...]


class CooperationFunded(ConditionBase):
    """The enterprise has put its own money into the cooperation (企业已出资)."""

    kind: Literal["cooperation_funded"]


class LeaderTalentClass(ConditionBase):
    """The leader is talent of at least a class (A highest), introduced and recognised in a year."""

    kind: Literal["pi_talent_class"]
    at_least: Literal["A", "B", "C", "D", "E"]
    year: int


class LeaderTitle(ConditionBase):
    """The leader holds a named title with its certificate (荣誉证书)."""

    kind: Literal["pi_title"]
    title: Literal["youth_top_talent"]


class LeaderEmployed(ConditionBase):
    """The leader is employed by the unit with a fixed labour relation (在职、固定劳资关系)."""

    kind: Literal["pi_employed"]


class LeaderBeforeRetirement(ConditionBase):
    """The project ends before the leader's retirement age (法定退休年龄前完成)."""

    kind: Literal["pi_before_retirement"]


class LeaderDoctorSince(ConditionBase):
    """The leader holds a doctorate and was introduced or graduated on or after a date (引进或培养的博士)."""

    kind: Literal["pi_doctor_since"]
    since: date


class LeaderSupervisesMasters(ConditionBase):
    """The leader is qualified to supervise master's students (硕士生导师资格)."""

    kind: Literal["pi_masters_supervisor"]


class NoLikeGrant(ConditionBase):
    """The leader got no grant of this kind within some years (近三年未获同类立项)."""

    kind: Literal["no_like_grant"]
    years: Annotated[int, Field(gt=0)]


class SelfRaisedInFull(ConditionBase):
    """The unit commits the self-raised money in full (承诺的自筹资金足额到位)."""

    kind: Literal["self_raised_in_full"]


class SelfRaisedNotFiscal(ConditionBase):
    """No public subsidy counts as self-raised money (不得以财政资助资金作为自筹)."""

    kind: Literal["self_raised_not_fiscal"]


class JointAgreement(ConditionBase):
    """A joint bid carries the agreement between the units (联合申报附合作协议)."""

    kind: Literal["joint_agreement"]


class JointBidPreferred(ConditionBase):
    """Joint bids of industry, university and institute come first (产学研联合优先)."""

    kind: Literal["joint_bid_preferred"]


class LeaderAgePreferred(ConditionBase):
    """Younger leaders are encouraged (鼓励青年科技人才)."""

    kind: Literal["pi_age_preferred"]
    max_age: Annotated[int, Field(gt=0)]


class TopicPreferred(ConditionBase):
    """Topics the guide gives weight to (重点支持); an officer sees them, nothing is refused."""

    kind: Literal["topic_preferred"]


class Judgement(ConditionBase):
    """A condition only a person can judge (人工审查)."""

    kind: Literal[
        "capability",  # 研发条件、能力与基础
        "demonstration",  # 示范性与可推广性
        "growth_prospect",  # 发展前景与创新能力
        "lawful_operation",  # 在柳州市依法经营, 符合国家科技创新政策
        "real_employment",  # 不得兼职、挂靠
        "fits_guide",  # 符合指南定位
        "budget_sound",  # 经费预算合理合规
        "needs_student_funding",  # 缺乏培养研究生的科研经费
        "ethics",  # 人类遗传资源、实验动物、伦理审查
        "own_fund_source",  # 结余财政科技经费与自有科研经费
        "research_field",  # 领域要求
    ]


Condition = Annotated[
    UnitKindIs
    | LastYearResearchSpend
    | SiteInCity
    | Recognised
    | ApplicationsPerUnit
    | ApplicationsPerPlatform
    | TechnicalField
    | HasPlatform
    | InnovationCentre
    | CooperationContracts
    | CooperationFunded
    | LeaderTalentClass
    | LeaderTitle
    | LeaderEmployed
    | LeaderBeforeRetirement
    | LeaderDoctorSince
    | LeaderSupervisesMasters
    | NoLikeGrant
    | SelfRaisedInFull
    | SelfRaisedNotFiscal
    | JointAgreement
    | JointBidPreferred
    | LeaderAgePreferred
    | TopicPreferred
    | Judgement,
    Field(discriminator="kind"),
]
