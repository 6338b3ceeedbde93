"""Who takes part: organisations, accounts and experts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index
from sqlmodel import Field, SQLModel

from engine.clock import UtcDateTime
from engine.db import Json
from engine.vocabulary import Word


class OrganizationKind(Word):
    """What kind of unit it is (单位类型)."""

    ENTERPRISE = "enterprise", "企业", "Enterprise"
    UNIVERSITY = "university", "高等学校", "University"
    RESEARCH_INSTITUTE = "research_institute", "科研院所", "Research institute"
    HOSPITAL = "hospital", "医疗卫生机构", "Hospital"
    PUBLIC_INSTITUTION = "public_institution", "事业单位", "Public institution"
    BUREAU = "bureau", "科技主管部门", "Bureau"
    RECOMMENDING = "recommending", "推荐单位", "Recommending unit"


class ExpertKind(Word):
    """What an expert is asked to judge (专家类别)."""

    TECHNICAL = "technical", "技术", "Technical"
    FINANCE = "finance", "财务", "Finance"
    MANAGEMENT = "management", "管理", "Management"


class Organization(SQLModel, table=True):
    """A unit (单位): it applies, recommends, employs experts, or is the bureau itself."""

    __tablename__ = "organization"
    __table_args__ = (
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="organization_not_its_own_parent"),
        Index("organization_by_recommender", "recommender_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    credit_code: str = Field(unique=True)
    """统一社会信用代码, GB 32100; see `engine.credit_code`."""
    kind: str
    county: str = ""
    """County or district (县区); empty outside the city."""
    parent_id: int | None = Field(default=None, sa_column=Column(ForeignKey("organization.id")))
    """The controlling unit: two units under one parent are one unit where conflicts are concerned."""
    recommender_id: int | None = Field(default=None, sa_column=Column(ForeignKey("organization.id")))
    registered_in_city: bool = True
    legal_representative: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """法定代表人, by name; empty is unknown."""


class UnitProfile(SQLModel, table=True):
    """What a unit says about itself once (单位资料), for every application to begin with.

    `facts` are fields of the application's unit data; a field left out is unknown, never "no".
    """

    __tablename__ = "unit_profile"

    unit_id: int = Field(sa_column=Column(ForeignKey("organization.id"), primary_key=True))
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    updated_by: str
    updated_at: datetime = Field(sa_type=UtcDateTime)


class Account(SQLModel, table=True):
    """Somebody who can log in. A role is a key of `vocabulary.Role`, or the name of an added lane."""

    __tablename__ = "account"

    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True)
    name: str
    password_hash: str
    roles: list[str] = Field(default_factory=list, sa_type=Json)
    organization_id: int | None = Field(
        default=None, sa_column=Column(ForeignKey("organization.id"), index=True)
    )
    locale: str = "zh"
    active: bool = True
    email: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Where notices go besides the screen; empty for nowhere."""


class ApiToken(SQLModel, table=True):
    """A token a program of this account's identifies itself with (访问令牌). Only its hash is kept."""

    __tablename__ = "api_token"
    __table_args__ = (Index("api_token_account", "account_id"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id")
    name: str
    prefix: str
    """The first characters, by which a person tells one token from another."""
    token_hash: str = Field(unique=True)
    made_at: datetime = Field(sa_type=UtcDateTime)
    made_by: str
    expires_on: date | None = None
    """The last day it works."""
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Expert(SQLModel, table=True):
    """A member of the expert pool (专家库). Unknown here is unknown, never clear (DOMAIN section 4)."""

    __tablename__ = "expert"
    __table_args__ = (CheckConstraint("yearly_cap IS NULL OR yearly_cap >= 0", name="expert_cap"),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(sa_column=Column(ForeignKey("account.id"), unique=True, nullable=False))
    organization_id: int = Field(sa_column=Column(ForeignKey("organization.id"), index=True, nullable=False))
    person_key: str = Field(unique=True)
    """A keyed hash of the identity number: tells one person from another without keeping the number."""
    title: str
    """Professional title (职称)."""
    domains: list[str] = Field(default_factory=list, sa_type=Json)
    """GB/T 13745 discipline codes, the main one first."""
    kinds: list[str] = Field(default_factory=list, sa_type=Json)
    outside_city: bool = False
    term_until: date
    """The last day of the term in the pool (聘期)."""
    yearly_cap: int | None = None
    """Reviews a year this person agreed to, where lower than the policy's."""
    suspended: bool = False
    profile: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Research in a few words (研究方向); compared with an application's title and abstract."""
    birth_year: int | None = None
