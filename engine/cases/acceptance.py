"""Acceptance (结题验收): package, verified base, panel's conclusion, one rectification, certificate."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from engine.cases.conditions import Condition, holds, refuse_unkept
from engine.cases.fields import Line, Text, Yuan, en, to_fen, yuan_text
from engine.cases.milestones import milestones
from engine.cases.models import CaseFile, Settlement, WorkItem
from engine.cases.money_facts import payment_facts
from engine.cases.moves import Form, Move, action, form, plain_form, refuse_unless
from engine.cases.notices import last_form, post_notice
from engine.catalogue.directions import get_direction
from engine.catalogue.facts import DeclaredFigure
from engine.clock import local_day
from engine.errors import Unusable
from engine.money import rules
from engine.money.facts import check_facts

AUDIT_CLAUSE = "柳州市科技局 2022-02 委托第三方结题评审通知"


class AcceptanceApplication(Form):
    """The application to close a project (结题申请): summary and what it spent."""

    summary: Text = Field(default="", title="实施总结", json_schema_extra=en("Summary", long=True))
    self_raised: Yuan | None = Field(
        default=None, title="申报自筹经费支出（元）", json_schema_extra=en("Claimed self-raised (yuan)")
    )
    total_investment: Yuan | None = Field(
        default=None, title="申报总投入（元）", json_schema_extra=en("Claimed total investment (yuan)")
    )
    ai_compute: Yuan | None = Field(
        default=None, title="实际支付算力费用（元）", json_schema_extra=en("AI compute paid (yuan)")
    )
    audit_report: Line = Field(
        default="", title="专项审计报告编号", json_schema_extra=en("Audit report number")
    )
    indicators: Mapping[str, DeclaredFigure] = Field(
        default_factory=dict, title="考核指标完成值", json_schema_extra=en("Achieved by indicator")
    )


def _last_application(session: Session, item: WorkItem) -> dict[str, Any]:
    return last_form(session, item.case_id, "acceptance_application")


@form(
    "acceptance_application",
    "结题申请",
    "Acceptance application",
    AcceptanceApplication,
    prefill=_last_application,
)
def apply_for_acceptance(move: Move, item: WorkItem, application: AcceptanceApplication) -> None:  # noqa: ARG001
    """It says what was done; a grant at or above the policy's amount needs a special audit (专项审计)."""
    refuse_unless(application.summary, "请填写实施总结。")
    refuse_unkept([audit_condition(move.file, application, move.policy)])


def audit_condition(
    case: CaseFile, application: AcceptanceApplication, policy: Mapping[str, Any]
) -> Condition:
    """Whether the special audit is there where the grant is large enough to need one."""
    threshold = int(policy["audit_report_from_yuan"]) * 100
    wrong = f"补助达到 {threshold // 100:,} 元的项目须提交专项审计报告；请填写报告编号。"
    text = f"补助达到 {threshold // 100:,} 元的，有专项审计报告"
    needed = case.approved_fen >= threshold
    return holds("audit", text, not needed or bool(application.audit_report), wrong, AUDIT_CLAUSE)


plain_form("package_check", "结题材料审查", "Check of the package")


class Verification(Form):
    """The amounts verified from ledgers, invoices and slips (经费核定): the only input of the money rule."""

    verified_self_raised: Yuan | None = Field(
        default=None, title="核定自筹经费（元）", json_schema_extra=en("Verified self-raised (yuan)")
    )
    self_raised_from_fiscal: Yuan | None = Field(
        default=None,
        title="其中来源于财政资金（元）",
        json_schema_extra=en("Of which from public money (yuan)"),
    )
    total_investment_verified: Yuan | None = Field(
        default=None, title="核定总投入（元）", json_schema_extra=en("Verified total investment (yuan)")
    )
    ai_compute_paid: Yuan | None = Field(
        default=None, title="核定算力费用（元）", json_schema_extra=en("Verified AI compute (yuan)")
    )


VERIFIED = {
    "verified_self_raised": ("verified_self_raised_fen", "自筹经费"),
    "self_raised_from_fiscal": ("self_raised_from_fiscal_fen", "自筹经费中的财政资金"),
    "total_investment_verified": ("total_investment_verified_fen", "总投入"),
    "ai_compute_paid": ("ai_compute_paid_fen", "算力费用"),
}


@form("verification", "经费核定", "Verification of the base", Verification)
def verify_base(move: Move, item: WorkItem, verification: Verification) -> None:  # noqa: ARG001
    """Fix the verified amounts; an amount left empty stays as it was, and what the rule needs may not be missing."""
    keep_verified(move, verification)
    missing = _missing_facts(move)
    titles = [f"核定{VERIFIED[name][1]}" if name in VERIFIED else name for name in missing]
    refuse_unless(not missing, f"本方向计算补助还缺：{'、'.join(titles)}；请填写后提交。")


def _missing_facts(move: Move) -> list[str]:
    """What the direction's rule could not do without if the project passed now."""
    case = move.file
    facts = payment_facts(move.session, case) | {"acceptance": "passed"}
    if "milestones" in facts:
        facts["milestones"] = ["passed"] * len(facts["milestones"])
    try:
        rules.decide(get_direction(move.session, case.direction_code), "payment", check_facts(facts))
    except Unusable as error:
        return error.reasons
    return []


def keep_verified(move: Move, amounts: BaseModel) -> None:
    """Write the verified amounts a form names to the settlement, each with a line in the history."""
    settlement = move.session.get_one(Settlement, move.file.id)
    for name, (column, title) in VERIFIED.items():
        yuan = getattr(amounts, name)
        if yuan is not None:
            before = getattr(settlement, column)
            setattr(settlement, column, to_fen(yuan))
            move.note(
                "verify",
                f"核定{title} {yuan_text(to_fen(yuan))} 元",
                column=column,
                before=before,
                fen=to_fen(yuan),
            )


class Verdict(BaseModel):
    """The panel's word on one indicator (逐项考核)."""

    model_config = ConfigDict(extra="forbid")

    indicator: Line = Field(title="指标", json_schema_extra=en("Indicator"))
    verdict: Line = Field(title="结论", json_schema_extra=en("Verdict"))
    note: Line = Field(default="", title="说明", json_schema_extra=en("Note"))


class AcceptanceReview(Form):
    """The acceptance panel's conclusion (验收意见), item by item."""

    verdicts: list[Verdict] = Field(
        default_factory=list, title="逐项结论", json_schema_extra=en("Item by item")
    )


@form("acceptance_review", "验收评审", "Acceptance review", AcceptanceReview)
def review_acceptance(move: Move, item: WorkItem, review: AcceptanceReview) -> None:  # noqa: ARG001
    """One chance to rectify (限期整改一次); a pass is refused while an indicator is judged unmet."""
    case = move.file
    if review.outcome == "rectify":
        allowed = move.policy["rectifications_max"]
        refuse_unless(
            case.rectifications < allowed,
            f"验收整改最多 {allowed} 次，本项目已用完；请评为通过或不通过。",
        )
        case.rectifications += 1
    unmet = [verdict.indicator for verdict in review.verdicts if verdict.verdict == "未完成"]
    refuse_unless(
        review.outcome != "pass" or not unmet,
        f"考核指标“{'、'.join(unmet)}”未完成，不能评为验收通过；请改为整改或不通过。",
    )


plain_form("certificate", "签发验收证书", "Issue the certificate")


@action("issue_certificate")
def issue_certificate(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Acceptance passed (验收通过): from here on a post-subsidy is payable."""
    return _conclude(move, "passed", "certificate", "验收证书", "项目验收通过，准予结题。")


@action("fail_acceptance")
def fail_acceptance(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """Acceptance failed (验收不通过): nothing more is paid."""
    return _conclude(move, "failed", "acceptance_failed", "验收不通过通知", "项目验收不通过，不予拨付补助。")


def _conclude(move: Move, verdict: str, kind: str, title: str, body: str) -> str:
    settlement = move.session.get_one(Settlement, move.file.id)
    settlement.acceptance, settlement.accepted_on = verdict, local_day(move.now)
    for node in milestones(move)[-1:]:  # the last tranche's node is the acceptance itself
        node.verdict = verdict
    post_notice(move, kind, title, body)
    return "done"


class FundSource(Form):
    """Where an unfunded project's money came from (经费来源核查): left-over city money by project, and own."""

    leftover: Yuan = Field(
        title="统筹结余市财政科技经费（元）", json_schema_extra=en("Left-over city money (yuan)")
    )
    earlier_project: Line = Field(
        default="", title="结余经费原项目编号", json_schema_extra=en("Earlier project number")
    )
    own: Yuan = Field(title="单位自有科研经费（元）", json_schema_extra=en("Own research money (yuan)"))


@form("fund_source", "经费来源核查", "Check of the fund source", FundSource)
def check_fund_source(move: Move, item: WorkItem, source: FundSource) -> None:  # noqa: ARG001
    """Left-over public money must be traceable to the project it is left over from."""
    refuse_unless(not source.leftover or source.earlier_project, "使用结余财政科技经费的，请填写原项目编号。")
    settlement = move.session.get_one(Settlement, move.file.id)
    settlement.fund_source = (
        f"结余 {source.leftover} 元（{source.earlier_project or '无'}），自有 {source.own} 元"
    )
