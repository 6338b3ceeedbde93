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

    kind: UnitKind | None = Field(None, title="单位性质")
    registered_city: str | None = Field(None, title="单位注册地")
    credit_code: str | None = Field(None, title="统一社会信用代码")
    last_year_rd_yuan: Yuan | None = Field(None, title="上年度研究经费投入（元）")
    recognitions: tuple[Recognition, ...] | None = Field(None, title="企业认定及年份")
    platforms: tuple[Platform, ...] | None = Field(None, title="科研平台、级别及认定年份")
    applications_in_direction: Count | None = Field(None, title="本方向申报数（含本项）")
    applications_of_platform: Count | None = Field(None, title="本平台申报数（含本项）")
    innovation_centre: bool | None = Field(None, title="校校企联合创新中心已成立")
    dishonest: bool | None = Field(None, title="单位失信记录")
    overdue_acceptances: Count | None = Field(None, title="单位逾期未结题项目数")


class LeaderFacts(Known):
    """The project leader (项目负责人)."""

    birth_date: date | None = Field(None, title="负责人出生日期")
    retires_on: date | None = Field(None, title="负责人法定退休日期")
    degree: Literal["bachelor", "master", "doctor", "other"] | None = Field(None, title="负责人学位")
    degree_on: date | None = Field(None, title="学位取得日期")
    introduced_on: date | None = Field(None, title="引进日期")
    talent_class: Literal["A", "B", "C", "D", "E", "none"] | None = Field(None, title="高层次人才类别")
    talent_year: int | None = Field(None, title="人才引进认定年份")
    titles: tuple[str, ...] | None = Field(None, title="人才称号")
    supervises_masters: bool | None = Field(None, title="硕士生导师资格")
    employed: bool | None = Field(None, title="负责人在职且有固定劳资关系")
    open_projects: Count | None = Field(None, title="负责人在研项目数")
    like_grants: tuple[date, ...] | None = Field(None, title="同类立项日期（无则留空列表）")
    dishonest: bool | None = Field(None, title="负责人失信记录")


class ApplicationFacts(Known):
    """One application (申报书), as sealed at submission."""

    submitted_on: date | None = Field(None, title="提交日期")
    window_opens_on: date | None = Field(None, title="申报开始日期")
    window_closes_on: date | None = Field(None, title="申报截止日期")
    recommendation_sealed: bool | None = Field(None, title="推荐单位盖章")
    unit_sealed: bool | None = Field(None, title="申报单位盖章")
    unit: UnitFacts = Field(UnitFacts(), title="申报单位")
    leader: LeaderFacts = Field(LeaderFacts(), title="项目负责人")
    requested_yuan: Yuan | None = Field(None, title="申请财政经费（元）")
    total_investment_yuan: Yuan | None = Field(None, title="项目总投入（元）")
    self_raised_yuan: Yuan | None = Field(None, title="计划自筹经费（元）")
    self_raised_fiscal_yuan: Yuan | None = Field(None, title="自筹中的财政资金（元）")
    self_raised_committed: bool | None = Field(None, title="自筹资金足额到位承诺")
    starts_on: date | None = Field(None, title="项目开始日期")
    ends_on: date | None = Field(None, title="项目结束日期")
    project_kind: ProjectKind | None = Field(None, title="项目类别（技术供给/应用场景）")
    site_city: str | None = Field(None, title="项目实施地")
    technical_field: str | None = Field(None, title="所属高新技术领域")
    joint_units: tuple[str, ...] | None = Field(None, title="联合申报单位（无则留空列表）")
    joint_agreement: bool | None = Field(None, title="联合申报合作协议")
    contracts_with: tuple[Partner, ...] | None = Field(None, title="横向合作协议签约高校")
    cooperation_funded: bool | None = Field(None, title="企业已出资")
    products: tuple[str, ...] | None = Field(None, title="产品类别")
    topics: tuple[str, ...] | None = Field(None, title="所报方面")
    indicators: Mapping[str, DeclaredFigure] = Field({}, title="申报考核指标")


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
