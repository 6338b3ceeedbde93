"""An application's own data as the formal check reads it (申报数据). `None` is unknown, never "no".

Money is in yuan, as decimals. Every field's `title` is what a form or a request for correction calls it.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from engine.catalogue.conditions import (
    Partner,
    PlatformLevel,
    ProjectKind,
    RecognitionKind,
    UnitKind,
)
from engine.catalogue.indicators import Circumstances

Yuan = Annotated[Decimal, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
DeclaredFigure = StrictBool | Decimal | tuple[Decimal, ...]


class Known(BaseModel):
    """Base of the facts: frozen, and a misspelt field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Section = tuple[str, str]
MONEY: Section = ("经费", "Money")
PROJECT: Section = ("项目", "Project")
COOPERATION: Section = ("合作", "Co-operation")
SUBJECT: Section = ("内容", "Subject")


def stated(default: Any, title: str, title_en: str, section: Section | None = None) -> Any:
    """A fact with what it is called in both languages, and the part of a form it belongs to."""
    extra: dict[str, Any] = {"en": title_en} | ({"section": section} if section else {})
    return Field(default, title=title, json_schema_extra=extra)


class Recognition(Known):
    """A recognition of the unit and its year (认定)."""

    kind: RecognitionKind
    year: int


class Platform(Known):
    """A research platform of the unit, its level and the year of recognition (科研平台)."""

    level: PlatformLevel
    year: int
    name: str = ""


class UnitFacts(Known):
    """The lead unit (牵头申报单位)."""

    kind: UnitKind | None = stated(None, "单位性质", "Kind of unit")
    registered_city: str | None = stated(None, "单位注册地", "Registered in")
    credit_code: str | None = stated(None, "统一社会信用代码", "Unified social credit code")
    last_year_rd_yuan: Yuan | None = stated(
        None, "上年度研究经费投入（元）", "Research spending last year (yuan)"
    )
    recognitions: tuple[Recognition, ...] | None = stated(
        None, "企业认定及年份", "Recognitions and their years"
    )
    platforms: tuple[Platform, ...] | None = stated(
        None, "科研平台、级别及认定年份", "Research platforms, level and year"
    )
    applications_in_direction: Count | None = stated(
        None, "本方向申报数（含本项）", "Applications in this direction (this one included)"
    )
    applications_of_platform: Count | None = stated(
        None, "本平台申报数（含本项）", "Applications of this platform (this one included)"
    )
    innovation_centre: bool | None = stated(
        None, "校校企联合创新中心已成立", "Joint innovation centre established"
    )
    dishonest: bool | None = stated(None, "单位失信记录", "Unit on record for dishonesty")
    overdue_acceptances: Count | None = stated(None, "单位逾期未结题项目数", "Overdue projects of the unit")


class LeaderFacts(Known):
    """The project leader (项目负责人)."""

    birth_date: date | None = stated(None, "负责人出生日期", "Leader's date of birth")
    retires_on: date | None = stated(None, "负责人法定退休日期", "Leader's retirement date")
    degree: Literal["bachelor", "master", "doctor", "other"] | None = stated(
        None, "负责人学位", "Leader's degree"
    )
    degree_on: date | None = stated(None, "学位取得日期", "Degree obtained on")
    introduced_on: date | None = stated(None, "引进日期", "Introduced on")
    talent_class: Literal["A", "B", "C", "D", "E", "none"] | None = stated(
        None, "高层次人才类别", "Class of high-level talent"
    )
    talent_year: int | None = stated(None, "人才引进认定年份", "Year of recognition as talent")
    titles: tuple[str, ...] | None = stated(None, "人才称号", "Talent titles")
    supervises_masters: bool | None = stated(None, "硕士生导师资格", "Supervises master's students")
    employed: bool | None = stated(None, "负责人在职且有固定劳资关系", "Leader employed by the unit")
    open_projects: Count | None = stated(None, "负责人在研项目数", "Leader's projects under way")
    like_grants: tuple[date, ...] | None = stated(None, "同类立项日期", "Dates of like grants")
    dishonest: bool | None = stated(None, "负责人失信记录", "Leader on record for dishonesty")


class ApplicationFacts(Known):
    """One application (申报书), as sealed at submission."""

    submitted_on: date | None = stated(None, "提交日期", "Submitted on")
    window_opens_on: date | None = stated(None, "申报开始日期", "Call opens on")
    window_closes_on: date | None = stated(None, "申报截止日期", "Call closes on")
    recommendation_sealed: bool | None = stated(None, "推荐单位盖章", "Sealed by the recommending unit")
    unit_sealed: bool | None = stated(None, "申报单位盖章", "Sealed by the applying unit")
    unit: UnitFacts = stated(UnitFacts(), "申报单位", "Applying unit")
    leader: LeaderFacts = stated(LeaderFacts(), "项目负责人", "Project leader")
    requested_yuan: Yuan | None = stated(None, "申请财政经费（元）", "Public money asked for (yuan)", MONEY)
    total_investment_yuan: Yuan | None = stated(None, "项目总投入（元）", "Total investment (yuan)", MONEY)
    self_raised_yuan: Yuan | None = stated(None, "计划自筹经费（元）", "Self-raised, planned (yuan)", MONEY)
    self_raised_fiscal_yuan: Yuan | None = stated(
        None, "自筹中的财政资金（元）", "Of which from public money (yuan)", MONEY
    )
    self_raised_committed: bool | None = stated(
        None, "自筹资金足额到位承诺", "Self-raised money promised in full", MONEY
    )
    starts_on: date | None = stated(None, "项目开始日期", "Project starts on", PROJECT)
    ends_on: date | None = stated(None, "项目结束日期", "Project ends on", PROJECT)
    project_kind: ProjectKind | None = stated(
        None, "项目类别（技术供给/应用场景）", "Kind of project", PROJECT
    )
    site_city: str | None = stated(None, "项目实施地", "Carried out in", PROJECT)
    technical_field: str | None = stated(None, "所属高新技术领域", "High-tech field", PROJECT)
    joint_units: tuple[str, ...] | None = stated(None, "联合申报单位", "Joint applicants", COOPERATION)
    joint_agreement: bool | None = stated(
        None, "联合申报合作协议", "Joint application agreement", COOPERATION
    )
    contracts_with: tuple[Partner, ...] | None = stated(
        None, "横向合作协议签约高校", "Universities under contract", COOPERATION
    )
    cooperation_funded: bool | None = stated(None, "企业已出资", "Enterprise has paid in", COOPERATION)
    products: tuple[str, ...] | None = stated(None, "产品类别", "Kinds of product", SUBJECT)
    topics: tuple[str, ...] | None = stated(None, "所报方面", "Topics applied for", SUBJECT)
    indicators: Mapping[str, DeclaredFigure] = stated({}, "申报考核指标", "Indicators declared")


def circumstances(facts: ApplicationFacts) -> Circumstances:
    """What the project is, for indicators with a `when`; a unit that is no enterprise counts as 科研院所."""
    kind = facts.unit.kind
    applicant = () if kind is None else ("enterprise" if kind == "enterprise" else "research_institute",)
    return {"applicant": applicant, "product": facts.products or (), "topic": facts.topics or ()}


PARTS: dict[str, type[Known]] = {"unit": UnitFacts, "leader": LeaderFacts}
CIRCUMSTANCE_FACTS = {"applicant": "unit.kind", "product": "products", "topic": "topics"}


def fact_at(facts: ApplicationFacts, path: str) -> Any:
    """The value at a dotted path ("unit.kind")."""
    value: Any = facts
    for name in path.split("."):
        value = getattr(value, name)
    return value


def fact_title(path: str) -> str:
    """What a person calls the fact at a dotted path."""
    *outer, name = path.split(".")
    model = PARTS[outer[0]] if outer else ApplicationFacts
    return model.model_fields[name].title or name


def years_later(day: date, years: int) -> date:
    """The same day some years on (negative: back); 29 February becomes 28 where the year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
