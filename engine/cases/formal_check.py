"""The formal check (形式审查): machine items from the application's own data, manual items by the officer.

A hard failure cannot be passed by anyone, and a preference never fails anybody.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, func, select

from engine.cases.fields import Text, en
from engine.cases.filing import refuse_second_correction, stated_facts
from engine.cases.models import CaseFile, CheckResult, WorkItem
from engine.cases.moves import Form, Move, action, form, refuse_unless
from engine.cases.notices import last_comment, post_notice
from engine.catalogue.directions import get_direction
from engine.catalogue.eligibility import check_application
from engine.catalogue.facts import ApplicationFacts
from engine.clock import local_day
from engine.errors import Refused
from engine.people.models import Organization
from engine.vocabulary import CaseStatus, CheckVerdict

SETTLED = (CheckVerdict.MET, CheckVerdict.NOT_APPLICABLE)
OVER = (CaseStatus.WITHDRAWN, CaseStatus.NOT_ACCEPTED, CaseStatus.INELIGIBLE, CaseStatus.DRAFT)


@action("prepare_checklist")
def prepare_checklist(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Evaluate every machine item from the application's data, and lay out the manual ones, as a new run."""
    case = move.file
    spec = get_direction(move.session, case.direction_code)
    run = latest_run(move.session, case.id) + 1
    for item in check_application(spec, known_facts(move), move.policy):
        move.session.add(
            CheckResult(
                case_id=case.id or 0,
                run=run,
                rule=item.rule,
                text=item.text,
                how=item.how,
                hard=item.hard,
                verdict=item.verdict,
                reason=item.reason,
                evidence=dict(item.evidence),
                by="system" if item.verdict else None,
                at=move.now,
            )
        )
    return "ready"


def known_facts(move: Move) -> ApplicationFacts:
    """What the unit stated, and what the bureau knows better."""
    return with_known(move.session, move.file, stated_facts(move.file), move.policy)


def with_known(
    session: Session, case: CaseFile, facts: ApplicationFacts, policy: Mapping[str, Any]
) -> ApplicationFacts:
    """Facts with what the bureau knows better than who applies: registration, window, other applications."""
    unit = session.get_one(Organization, case.unit_id)
    filed = filed_in_direction(session, case.unit_id, case.direction_code)
    ours = {
        "credit_code": unit.credit_code,
        "registered_city": policy["registration_city"] if unit.registered_in_city else "外地",
        "applications_in_direction": filed + (case.status in OVER),
    }
    return facts.model_copy(
        update={
            "unit": facts.unit.model_copy(update=ours),
            "window_opens_on": date.fromisoformat(policy["call_opens_on"]),
            "window_closes_on": date.fromisoformat(policy["call_closes_on"]),
        }
    )


def filed_in_direction(session: Session, unit_id: int, direction_code: str) -> int:
    """How many applications of the unit are in the running in a direction, drafts left out."""
    filed = select(func.count()).where(
        CaseFile.unit_id == unit_id,
        CaseFile.direction_code == direction_code,
        col(CaseFile.status).not_in(OVER),
    )
    return session.exec(filed).one()


def latest_run(session: Session, case_id: int | None) -> int:
    """The number of the newest run of the checklist; 0 before the first."""
    return session.exec(select(func.max(CheckResult.run)).where(CheckResult.case_id == case_id)).one() or 0


def checklist(session: Session, case_id: int | None) -> list[CheckResult]:
    """The items of the newest run, in the order they were laid out."""
    statement = (
        select(CheckResult)
        .where(CheckResult.case_id == case_id, CheckResult.run == latest_run(session, case_id))
        .order_by(col(CheckResult.id))
    )
    return list(session.exec(statement))


class ItemVerdict(BaseModel):
    """The officer's word on one item."""

    model_config = ConfigDict(extra="forbid")

    rule: str
    verdict: CheckVerdict
    reason: Text = ""


class FormalCheck(Form):
    """The officer's verdicts on the checklist; items not named keep what they have."""

    items: list[ItemVerdict] = Field(
        default_factory=list, title="逐项结论", json_schema_extra=en("Item by item", kind="checklist")
    )


@form("formal_check", "形式审查", "Formal check", FormalCheck)
def decide_check(move: Move, item: WorkItem, check: FormalCheck) -> None:  # noqa: ARG001
    """Keep the verdicts with who and when, then hold the decision to them."""
    items = {result.rule: result for result in checklist(move.session, move.file.id)}
    for entered in check.items:
        if entered.rule not in items:
            raise Refused(f"形审表没有条目“{entered.rule}”；请刷新页面。")
        _enter(move, items[entered.rule], entered)
    hold_to_checklist(move, list(items.values()), check)


def _enter(move: Move, result: CheckResult, entered: ItemVerdict) -> None:
    """A machine verdict on a hard item stands: it changes with the data, not by hand."""
    if result.how == "machine" and result.verdict != entered.verdict:
        refuse_unless(
            not result.hard,
            f"“{result.text}”由系统按申报数据判定为“{CheckVerdict.of(result.verdict or '').zh}”，不能人工改判；"
            "数据有误的请要求补正。",
        )
    refuse_unless(
        entered.verdict in SETTLED or entered.reason or result.reason, f"“{result.text}”请写明理由。"
    )
    result.verdict, result.reason = entered.verdict.value, entered.reason or result.reason
    result.by, result.at = move.actor.login, move.now


def hold_to_checklist(move: Move, items: list[CheckResult], check: Form) -> None:
    """Refuse a decision the checklist does not bear."""
    hard = [item for item in items if item.hard]
    if check.outcome == "pass":
        undecided = [item.text for item in hard if item.verdict is None]
        refuse_unless(not undecided, f"还有 {len(undecided)} 项未作结论：{'；'.join(undecided[:3])}。")
        failing = [item.text for item in hard if item.verdict not in SETTLED]
        refuse_unless(
            not failing, f"有 {len(failing)} 项不符合或需补正，不能通过：{'；'.join(failing[:3])}。"
        )
    elif check.outcome == "correct":
        refuse_second_correction(move)
        refuse_unless(
            check.comment or to_correct(items), "要求补正的，应有需补正的条目，或在意见中写明内容。"
        )
    else:
        failed = [item for item in hard if item.verdict in (CheckVerdict.NOT_MET, CheckVerdict.TO_CORRECT)]
        refuse_unless(failed or check.comment, "形式审查不通过的，应有不符合的条目，或在意见中写明理由。")


def to_correct(items: list[CheckResult]) -> list[CheckResult]:
    """The hard items a correction could still settle."""
    return [item for item in items if item.hard and item.verdict == CheckVerdict.TO_CORRECT]


@action("request_correction")
def request_correction(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Tell the unit once all there is to correct, and by when (一次性告知补正)."""
    move.file.corrections += 1
    until = move.calendar.due(move.policy["limit_correction"], move.now)
    found = [f"{item.text}（{item.reason}）" for item in to_correct(checklist(move.session, move.file.id))]
    points = "；".join([*filter(None, [last_comment(move.session, move.file.id)]), *found])
    post_notice(
        move,
        "correction",
        "补正通知书",
        f"需补正：{points}。请于 {local_day(until)} 前补正，逾期不补正的，申报终止。",
        until,
    )
    return "done"


@form("countersign", "科室会签", "Countersign", Form)
def countersign(move: Move, item: WorkItem, opinion: Form) -> None:  # noqa: ARG001
    """The department agrees with the check, or sends it back with a reason."""
    refuse_unless(opinion.outcome == "agree" or opinion.comment, "退回的，请在意见中写明理由。")


class RecheckApplication(Form):
    """Why the unit thinks the check is wrong (复核申请)."""


@form("recheck_application", "复核申请", "Application for a re-check", RecheckApplication)
def apply_for_recheck(move: Move, item: WorkItem, application: RecheckApplication) -> None:  # noqa: ARG001
    """An application for a re-check states its reason."""
    refuse_unless(application.outcome != "apply" or application.comment, "申请复核的，请在意见中写明理由。")
