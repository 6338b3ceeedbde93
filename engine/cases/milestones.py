"""Milestone nodes and cooperation payments (里程碑节点、校校企合作款): what makes money payable before acceptance."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field
from sqlmodel import col, select

from engine.cases.fields import Text, Yuan, en, to_fen, yuan_text
from engine.cases.models import Milestone, Settlement, WorkItem
from engine.cases.moves import Form, Move, action, form, plain_form, refuse_unless
from engine.cases.notices import post_notice
from engine.errors import Refused

OPEN = ("pending", "rectified")


class NodeReport(Form):
    """A unit's own account of one milestone (节点自评)."""

    achieved: Text = Field(default="", title="节点完成情况", json_schema_extra=en("Achieved", long=True))
    evidence: Text = Field(default="", title="佐证材料", json_schema_extra=en("Evidence", long=True))


plain_form("node_report", "节点自评", "Milestone report", NodeReport)


@form("node_review", "节点评审", "Milestone review", Form)
def review_node(move: Move, item: WorkItem, review: Form) -> None:  # noqa: ARG001
    """Pass the current node, or send it back, once (整改一次)."""
    node = current_node(move)
    if review.outcome == "achieved":
        node.verdict = "passed"
    elif review.outcome == "rectify":
        refuse_unless(
            node.verdict != "rectified",
            f"节点“{node.title}”已整改过一次，只能评为达成或未达成。",
        )
        node.verdict = "rectified"


def milestones(move: Move) -> list[Milestone]:
    """The case's nodes in order."""
    statement = select(Milestone).where(Milestone.case_id == move.file.id).order_by(col(Milestone.position))
    return list(move.session.exec(statement))


def current_node(move: Move) -> Milestone:
    """The first node neither passed nor failed."""
    for node in milestones(move):
        if node.verdict in OPEN:
            return node
    raise Refused("本项目没有待评审的里程碑节点。")


@action("next_milestone")
def next_milestone(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """`node` while one before the final node is open; `last` when only that is left, paid after acceptance."""
    return "node" if any(node.verdict in OPEN for node in milestones(move)[:-1]) else "last"


@action("fail_milestone")
def fail_milestone(move: Move, element: str, data: Mapping[str, Any]) -> str:  # noqa: ARG001
    """The current node failed for good: no later tranche is paid."""
    node = current_node(move)
    node.verdict = "failed"
    post_notice(move, "milestone_failed", "里程碑未达成通知", f"节点“{node.title}”未达成，后续补助不再拨付。")
    return "done"


class CooperationProof(Form):
    """What the enterprise owes and has paid the university under the contract (合作款支付凭证)."""

    due: Yuan = Field(title="合同约定应付（元）", json_schema_extra=en("Due under the contract (yuan)"))
    paid: Yuan = Field(title="已支付（元）", json_schema_extra=en("Paid (yuan)"))
    evidence: Text = Field(
        default="", title="合同、发票、银行回单", json_schema_extra=en("Contract, invoice, slip", long=True)
    )


@form("cooperation_proof", "合作款支付凭证", "Proof of cooperation payment", CooperationProof)
def prove_cooperation(move: Move, item: WorkItem, proof: CooperationProof) -> None:  # noqa: ARG001
    """Keep what the unit claims; it counts once the bureau has verified it."""
    move.note(
        "claim",
        f"申报合作款应付 {proof.due} 元、已付 {proof.paid} 元",
        due=str(proof.due),
        paid=str(proof.paid),
    )


class CooperationCheck(Form):
    """The verified cooperation payments (核验结果)."""

    verified_due: Yuan | None = Field(
        default=None, title="核定应付（元）", json_schema_extra=en("Verified due (yuan)")
    )
    verified_paid: Yuan | None = Field(
        default=None, title="核定已付（元）", json_schema_extra=en("Verified paid (yuan)")
    )


@form("cooperation_check", "核验支付凭证", "Check the proof of payment", CooperationCheck)
def check_cooperation(move: Move, item: WorkItem, check: CooperationCheck) -> None:  # noqa: ARG001
    """Fix the verified payments, the only thing a cooperation subsidy is paid on."""
    if check.outcome != "ok":
        return
    if check.verified_due is None or check.verified_paid is None:
        raise Refused("核验通过时应填写核定应付与核定已付金额。")
    settlement = move.session.get_one(Settlement, move.file.id)
    settlement.cooperation_due_fen = to_fen(check.verified_due)
    settlement.cooperation_paid_fen = to_fen(check.verified_paid)
    move.note("verify", f"核定合作款已付 {yuan_text(settlement.cooperation_paid_fen)} 元")
