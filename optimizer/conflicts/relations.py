"""What is known about people and units (关系), as frozen rows. Days are inclusive on both ends.

A person is named by a record id or person key, a unit by its credit code, an application by its id. An open end
(`until=None`) means "still so"; an unknown beginning (`since=None`) counts as having begun.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from optimizer.errors import ProblemError
from optimizer.identity import PersonRecord, Unit
from optimizer.problem import Id


class Post(StrEnum):
    """What somebody is to a unit."""

    EMPLOYEE = "任职"
    CONSULTANT = "担任顾问"


class Degree(StrEnum):
    """Kinship (亲属关系) as the rule tells it apart."""

    SPOUSE = "配偶"
    DIRECT = "直系血亲"
    COLLATERAL = "旁系血亲"
    IN_LAW = "近姻亲"


class Stake(StrEnum):
    """An interest in a unit. Only an investment ends with its last day; the others linger for a window."""

    INVESTMENT = "投资"
    DIRECTOR = "任董事"
    CONTROL = "控股或实际控制"
    LEGAL = "任法定代表人"


class Work(StrEnum):
    """What two people did together."""

    PAPER = "论文"
    PROJECT = "项目"


class Bar(StrEnum):
    """Why somebody may not serve as an expert for a time."""

    DISHONEST = "列入科研失信记录"
    SUSPENDED = "暂停评审资格"


@dataclass(frozen=True, slots=True)
class Employment:
    """A spell of work at a unit (任职经历)."""

    person: str
    unit: str
    since: date | None = None
    until: date | None = None
    post: Post = Post.EMPLOYEE

    def __post_init__(self) -> None:
        _in_order("employment", self.person, self.since, self.until)


@dataclass(frozen=True, slots=True)
class Kinship:
    """Two relatives, in either order. `generations` counts for collateral kin (三代以内)."""

    person: str
    relative: str
    degree: Degree
    generations: int = 0


@dataclass(frozen=True, slots=True)
class Supervision:
    """A doctoral supervisor and student (博士生导师与学生)."""

    supervisor: str
    student: str
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        _in_order("supervision", self.supervisor, self.since, self.until)


@dataclass(frozen=True, slots=True)
class JointWork:
    """A paper or project of several people. A paper's `until` is its day of publication; None is unknown.

    A project without an end is running.
    """

    kind: Work
    title: str
    people: tuple[str, ...]
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        _in_order("joint work", self.title, self.since, self.until)


@dataclass(frozen=True, slots=True)
class Interest:
    """An investment or directorship (投资、任职、控制)."""

    person: str
    unit: str
    stake: Stake
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        _in_order("interest", self.person, self.since, self.until)


@dataclass(frozen=True, slots=True)
class Dispute:
    """A legal dispute with a person or a unit (法律纠纷), until it was settled."""

    person: str
    matter: str
    opponent: str = ""  # a person, either order
    unit: str = ""
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        _in_order("dispute", self.person, self.since, self.until)
        if bool(self.opponent) == bool(self.unit):
            raise ProblemError(f"The dispute {self.matter!r} must name one opponent, a person or a unit.")


@dataclass(frozen=True, slots=True)
class GuideWork:
    """A hand in writing this round's guide (参与指南编写), for some groups or, with none named, for all."""

    person: str
    title: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BidAdvice:
    """Advice given on one application (为申报提供咨询)."""

    person: str
    application: Id
    matter: str


@dataclass(frozen=True, slots=True)
class OfficePost:
    """Work at the bureau or the agency that runs the round (主管部门、专业机构工作人员)."""

    person: str
    office: str
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        _in_order("office", self.person, self.since, self.until)


@dataclass(frozen=True, slots=True)
class Avoidance:
    """A name the applicant asks to avoid (申请回避名单), with reason; `order` is its place in the list from 1."""

    application: Id
    person: str
    reason: str
    order: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """What an expert declared about an application (回避声明), or was learned later: a conflict or none."""

    person: str
    application: Id
    conflict: bool
    statement: str
    made_on: date


@dataclass(frozen=True, slots=True)
class Restriction:
    """A person is listed or suspended (失信、暂停)."""

    person: str
    bar: Bar
    source: str
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        _in_order("restriction", self.person, self.since, self.until)


@dataclass(frozen=True, slots=True)
class Term:
    """A term in the pool (聘期) and its last day."""

    person: str
    until: date


@dataclass(frozen=True, slots=True)
class TeamUnit:
    """The unit of somebody of an application's team (成员所在单位), which itself does not apply."""

    application: Id
    unit: str


@dataclass(frozen=True, slots=True)
class OpenApplication:
    """An application of this round outside the problem, by one who takes part in it (如尚在形审的申报)."""

    person: str
    label: str
    group: str


@dataclass(frozen=True, slots=True)
class PastPanel:
    """An earlier panel (历史评审): in which batch, when, for which lead unit in which direction."""

    person: str
    panel: str
    batch: int
    on: date
    lead_unit: str
    direction: str = ""


@dataclass(frozen=True, slots=True)
class EstablishmentReview:
    """Who reviewed the project when it was established (立项评审专家), of use at its acceptance."""

    person: str
    application: Id


@dataclass(frozen=True, slots=True)
class ReviewLoad:
    """Reviews already done in a calendar year (年度评审次数)."""

    person: str
    year: int
    reviews: int


@dataclass(frozen=True, slots=True)
class GroupDirection:
    """The guide direction a competition group belongs to."""

    group: str
    direction: str


@dataclass(frozen=True)
class Relations:
    """All that is known. `batch` numbers the round being assigned; earlier panels carry earlier numbers."""

    people: tuple[PersonRecord, ...] = ()
    units: tuple[Unit, ...] = ()
    employment: tuple[Employment, ...] = ()
    kinship: tuple[Kinship, ...] = ()
    supervision: tuple[Supervision, ...] = ()
    joint_works: tuple[JointWork, ...] = ()
    interests: tuple[Interest, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    guide_works: tuple[GuideWork, ...] = ()
    bid_advice: tuple[BidAdvice, ...] = ()
    office_posts: tuple[OfficePost, ...] = ()
    avoidances: tuple[Avoidance, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    terms: tuple[Term, ...] = ()
    team_units: tuple[TeamUnit, ...] = ()
    open_applications: tuple[OpenApplication, ...] = ()
    past_panels: tuple[PastPanel, ...] = ()
    establishment: tuple[EstablishmentReview, ...] = ()
    loads: tuple[ReviewLoad, ...] = ()
    directions: tuple[GroupDirection, ...] = ()
    batch: int = 0


def _in_order(what: str, who: str, since: date | None, until: date | None) -> None:
    if since is not None and until is not None and until < since:
        raise ProblemError(f"The {what} of {who} ends on {until}, before it begins on {since}.")
