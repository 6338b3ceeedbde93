"""Filing and intake (申报、推荐、受理): what the unit states, and how it becomes a numbered case."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from engine.cases.fields import Line, Text, en
from engine.cases.models import CaseFile, WorkItem
from engine.cases.moves import Form, Move, action, form, plain_form, refuse_unless
from engine.cases.notices import last_form, post_notice
from engine.catalogue.facts import ApplicationFacts
from engine.clock import local_day
from engine.people.models import Organization, UnitProfile

MOST_MEMBERS = 30
"""Lines of a team's table: more is no project team but a staff list."""
WHY_TEAM = (
    "用于判断评审专家是否应当回避；填出生年份，同名的人才分得清。",
    "Decides which experts may not review; the year of birth tells namesakes apart. ",
)
MOST_FEN = 10**14
"""One fen more than the largest amount of a form's `Yuan` field."""


class Member(BaseModel):
    """Somebody of the project team (项目组成员) besides the leader; without a unit, of the applying one.

    With the year of birth a member who is in the expert pool is known for certain; without, only likely.
    """

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1, max_length=40)] = Field(
        title="姓名", json_schema_extra=en("Name")
    )
    unit: Annotated[str, Field(max_length=100)] = Field(
        default="",
        title="工作单位（不填为本单位）",
        json_schema_extra=en("Unit (empty: the applying unit)"),
    )
    birth_year: Annotated[int, Field(ge=1900, le=2100)] | None = Field(
        default=None, title="出生年份", json_schema_extra=en("Year of birth")
    )
    duty: Annotated[str, Field(max_length=100)] = Field(
        default="", title="项目中的分工", json_schema_extra=en("Part in the project")
    )


class Application(Form):
    """The application (申报书). The facts are checked one by one later; what is left out is asked for then."""

    title: Line = Field(default="", title="项目名称", json_schema_extra=en("Project title"))
    leader_name: Line = Field(default="", title="项目负责人", json_schema_extra=en("Project leader"))
    abstract: Text = Field(default="", title="项目摘要", json_schema_extra=en("Abstract", long=True))
    domain: str = Field(
        default="",
        pattern=r"^(\d{3}|\d{5}|\d{7})?$",
        title="学科代码（GB/T 13745）",
        json_schema_extra=en("Discipline code (GB/T 13745)"),
    )
    team: list[Member] = Field(
        default_factory=list,
        max_length=MOST_MEMBERS,
        title="项目组成员（负责人以外）",
        json_schema_extra=en("Project team (besides the leader)", spare=4, hint=WHY_TEAM),
    )
    facts: ApplicationFacts = Field(
        default_factory=ApplicationFacts, title="申报数据", json_schema_extra=en("Application data")
    )


def _last_application(session: Session, item: WorkItem) -> dict[str, Any]:
    payload = last_form(session, item.case_id, "correction") or last_form(
        session, item.case_id, "application"
    )
    if not payload:
        return _first_application(session, item)
    return {name: value for name, value in payload.items() if name not in ("outcome", "comment")}


def _first_application(session: Session, item: WorkItem) -> dict[str, Any]:
    """What an application begins with: what the unit has stated about itself (单位资料)."""
    case = session.get_one(CaseFile, item.case_id)
    unit = session.get_one(Organization, case.unit_id)
    profile = session.get(UnitProfile, case.unit_id)
    return {"facts": {"unit": {"kind": unit.kind, **(profile.facts if profile else {})}}}


@form("application", "申报书", "Application", Application, prefill=_last_application)
def submit_application(move: Move, item: WorkItem, application: Application) -> None:  # noqa: ARG001
    """Seal the application's data on the case."""
    if application.outcome != "submit":
        return
    refuse_unless(application.title, "请填写项目名称。")
    refuse_unless(application.facts.requested_yuan is not None, "请填写申请财政经费（不申请的填 0）。")
    keep_application(move, application)


@form("correction", "补正材料", "Correction", Application, prefill=_last_application)
def submit_correction(move: Move, item: WorkItem, application: Application) -> None:  # noqa: ARG001
    """Replace the application's data with the corrected ones."""
    if application.outcome == "submit":
        keep_application(move, application)


def keep_application(move: Move, application: Application) -> None:
    """Write the application to the case; the day of submission is the day of this move.

    A seal the recommending unit has set stands: a correction is the applicant's, not theirs.
    """
    case, facts = move.file, application.facts
    case.title = application.title or case.title
    sealed = {name: case.facts[name] for name in ("recommendation_sealed",) if name in case.facts}
    case.facts = (
        facts.model_dump(mode="json", exclude_none=True)
        | sealed
        | {"submitted_on": local_day(move.now).isoformat()}
        | beside_facts(application)
    )
    case.requested_fen = fen_of(facts.requested_yuan)
    case.starts_on, case.ends_on = facts.starts_on, facts.ends_on


def beside_facts(application: Application) -> dict[str, Any]:
    """What the case keeps beside the facts the formal check reads; a team nobody stated is left out."""
    stated = application.model_dump(mode="json", include=set(STATED), exclude_none=True)
    return {name: value for name, value in stated.items() if name != "team" or value}


def fen_of(yuan: Decimal | None) -> int:
    """Yuan as fen; Refused when it is finer than a fen, or more than any form takes."""
    fen = (yuan or Decimal(0)) * 100
    refuse_unless(fen < MOST_FEN, f"金额 {yuan} 元过大；请按元填写，并核对位数。")
    refuse_unless(fen == fen.to_integral_value(), f"金额 {yuan} 元应精确到分，最多两位小数。")
    return int(fen)


STATED = ("leader_name", "abstract", "domain", "team")
"""What the case keeps beside the facts the formal check reads."""


def stated_facts(case: CaseFile) -> ApplicationFacts:
    """The application's data as last submitted."""
    return ApplicationFacts.model_validate(
        {name: value for name, value in case.facts.items() if name not in STATED}
    )


class Recommendation(Form):
    """The recommending unit's opinion (推荐意见), under its seal."""

    sealed: bool = Field(default=True, title="已加盖推荐单位公章", json_schema_extra=en("Sealed"))


@form("recommendation", "推荐意见", "Recommendation", Recommendation)
def recommend(move: Move, item: WorkItem, recommendation: Recommendation) -> None:  # noqa: ARG001
    """A recommendation counts under seal only; sending back or refusing needs its reason."""
    if recommendation.outcome == "recommend":
        refuse_unless(recommendation.sealed, "推荐意见须加盖推荐单位公章后提交。")
        move.file.facts = move.file.facts | {"recommendation_sealed": True}
    else:
        refuse_unless(recommendation.comment, "退回或不推荐的，请在意见中写明理由。")


@form("intake", "受理审核", "Intake", Form)
def take_in(move: Move, item: WorkItem, intake: Form) -> None:  # noqa: ARG001
    """Accept, ask for one correction, or refuse with a reason."""
    if intake.outcome == "correct":
        refuse_second_correction(move)
    refuse_unless(
        intake.outcome == "accept" or intake.comment, "要求补正或不予受理的，请在意见中写明内容和理由。"
    )


def refuse_second_correction(move: Move) -> None:
    """Correction is asked for once (一次性告知)."""
    allowed = move.policy["corrections_max"]
    refuse_unless(
        move.file.corrections < allowed,
        f"补正最多 {allowed} 次，本项目已补正；请作出受理或不予受理的决定。",
    )


@action("register_case")
def register_case(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Give the case its number (受理编号) and its receipt; a second time changes nothing."""
    case = move.file
    if case.number is None:
        case.number = f"{local_day(move.now).year}-{case.direction_code}-{case.id:05d}"
        post_notice(move, "receipt", "受理回执", f"项目“{case.title}”已受理，受理编号 {case.number}。")
    return "done"


def _notify(kind: str, title: str, body: str) -> None:
    """Register the action `notify_<kind>` that posts one fixed notice."""

    @action(f"notify_{kind}")
    def notify(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
        post_notice(move, kind, title, body)
        return "done"


_notify("not_accepted", "不予受理通知书", "申报逾期或不符合受理条件，不予受理。")
_notify("not_corrected", "终止申报通知书", "未在期限内补正材料，本次申报终止。")
_notify("ineligible", "形式审查不通过通知书", "形式审查不通过；可在期限内申请复核。")
plain_form("recheck", "复核", "Re-check")
