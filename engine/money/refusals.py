"""Why money is refused (不予支持的理由): every named reason, in the order in which they are named.

A reason applies only on facts that are stated; what is missing is asked for afterwards (`claim.complete`). A
bound is compared exactly, by cross-multiplication of fractions, never by a rounded quotient.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from engine.money.amounts import digits, percent, yuan
from engine.money.claim import Claim
from engine.vocabulary import Word


class Reason(Word):
    """A named refusal; the order here is the order in which they are named when several apply."""

    NO_MUNICIPAL_FUNDING = "no_municipal_funding", "本方向不拨付市财政经费", "No municipal funding"
    PROJECT_TERMINATED = "project_terminated", "项目已终止", "Project terminated"
    ACCEPTANCE_FAILED = "acceptance_failed", "验收不通过", "Acceptance failed"
    ACCEPTANCE_PENDING = "acceptance_pending", "尚未验收", "Acceptance pending"
    ALREADY_PAID = "already_paid", "已经拨付", "Already paid"
    SELF_RAISED_FROM_FISCAL = "self_raised_from_fiscal", "自筹含财政资金", "Self-raised money is public money"
    TOTAL_INVESTMENT_BELOW_MINIMUM = (
        "total_investment_below_minimum",
        "总投入低于下限",
        "Total investment below the minimum",
    )
    TRANCHES_DO_NOT_SUM = "tranches_do_not_sum", "拨付比例之和不是100%", "Tranches do not sum to 100%"
    MILESTONE_NOT_PASSED = "milestone_not_passed", "节点未通过", "Milestone not passed"
    COOPERATION_PAYMENT_MISSING = (
        "cooperation_payment_missing",
        "合作款未付清",
        "Cooperation money not fully paid",
    )
    SELF_RAISED_NOT_IN_PLACE = (
        "self_raised_not_in_place",
        "承诺自筹未足额到位",
        "Self-raised money missing",
    )
    BELOW_FLOOR = "below_floor", "低于补助下限", "Below the floor"
    ABOVE_CAP = "above_cap", "高于补助上限", "Above the cap"
    ABOVE_TOTAL_INVESTMENT_SHARE = (
        "above_total_investment_share",
        "高于总投入占比上限",
        "Above the share of total investment",
    )
    RATIO_BELOW_MINIMUM = "ratio_below_minimum", "自筹比例不足", "Self-raised ratio below the minimum"


@dataclass(frozen=True)
class Refusal:
    """The rules say no: the reason's key and a sentence for the person (what, where, what to do)."""

    reason: Reason
    message: str

    def as_json(self) -> dict[str, object]:
        """The object `keguan money` prints."""
        return {"allowed": False, "reason": self.reason.value, "message": self.message}


def _no_municipal_funding(claim: Claim) -> str | None:
    asked = max(claim.facts.requested or 0, claim.facts.approved or 0)
    if claim.spec.rule.basis != "none" or not asked:
        return None
    return f"本方向不拨付市财政科技经费，不能申请或核定 {yuan(asked)}：请将金额改为 0。"


def _project_terminated(claim: Claim) -> str | None:
    if claim.paying and claim.facts.acceptance == "terminated":
        return "项目已终止结题，不予拨付：如已拨付，请按责任判定办理追缴。"
    return None


def _acceptance_failed(claim: Claim) -> str | None:
    if claim.paying and claim.facts.acceptance == "failed":
        return "项目验收不通过，不予拨付。"
    return None


def _acceptance_pending(claim: Claim) -> str | None:
    waits = claim.spec.payment_trigger in ("acceptance", "none") or (
        claim.spec.payment_trigger == "milestone" and claim.last_tranche
    )
    if claim.paying and waits and claim.facts.acceptance == "pending":
        return "项目尚未验收，不能拨付：请待验收通过后再办理。"
    return None


def _already_paid(claim: Claim) -> str | None:
    paid, tranches = claim.facts.already_paid, claim.tranches
    if not claim.paying or not paid:
        return None
    if claim.spec.payment_trigger != "milestone":
        return f"本项目补助一次性拨付，已拨付 {yuan(paid)}，不能再次拨付。"
    if tranches is not None and claim.facts.pay_tranche is not None:
        again = paid > sum(tranches[: claim.facts.pay_tranche - 1])
    else:  # without shares only a subsidy paid in full is certain
        again = claim.fixed is not None and paid >= claim.fixed
    if not again:
        return None
    return f"已拨付 {yuan(paid)}，本期款项已经拨付（含部分拨付），不能重复拨付：请核对拨付台账。"


def _self_raised_from_fiscal(claim: Claim) -> str | None:
    fiscal = claim.facts.self_raised_from_fiscal
    if not fiscal or claim.spec.rule.basis not in ("application_ratio", "verified_self_raised"):
        return None
    return (
        f"自筹经费中有 {yuan(fiscal)} 来自财政资金，财政资金不得作为自筹来源：请以非财政资金补足后重新申报。"
    )


def _total_investment_below_minimum(claim: Claim) -> str | None:
    least, total = claim.spec.min_total_investment_yuan, claim.total
    if least is None or total is None or total >= least:
        return None
    return f"项目总投入 {yuan(total)}，低于本方向要求的不少于 {yuan(least)}。"


def _tranches_do_not_sum(claim: Claim) -> str | None:
    shares = claim.facts.tranche_percent
    if claim.spec.payment_trigger != "milestone" or shares is None:
        return None
    total = sum(map(Fraction, shares))
    return None if total == 100 else f"各节点拨付比例之和为 {digits(total)}%，应正好为 100%：请核对任务书。"


def _milestone_not_passed(claim: Claim) -> str | None:
    nth, verdicts, shares = claim.facts.pay_tranche, claim.facts.milestones, claim.facts.tranche_percent
    if not claim.paying or claim.spec.payment_trigger != "milestone" or nth is None or verdicts is None:
        return None
    if shares is not None and nth > len(shares):
        return None
    passed = next((place for place, verdict in enumerate(verdicts) if verdict != "passed"), len(verdicts))
    if passed >= nth:
        return None
    return f"第 {nth} 期拨付要求前 {nth} 个节点全部通过，第 {passed + 1} 个节点尚未通过。"


def _cooperation_payment_missing(claim: Claim) -> str | None:
    due, paid = claim.facts.cooperation_due, claim.facts.cooperation_paid
    if not claim.paying or claim.spec.payment_trigger != "cooperation_payment":
        return None
    if not paid:
        return "没有企业支付合作款的凭证：请补充合同约定的合作款及银行付款回单。"
    if due is None or paid >= due:
        return None
    return f"企业应付合作款 {yuan(due)}，已付 {yuan(paid)}，尚欠 {yuan(due - paid)}：付清后再办理拨付。"


def _self_raised_not_in_place(claim: Claim) -> str | None:
    if not claim.paying or claim.spec.rule.basis != "application_ratio" or claim.in_place is None:
        return None
    committed = claim.committed
    if committed is None or claim.in_place >= committed:
        return None
    missing = committed - claim.in_place
    return (
        f"承诺自筹 {yuan(committed)}，核定到位 {yuan(claim.in_place)}，尚缺 {yuan(missing)}："
        "承诺的自筹资金须足额到位，不按比例折算拨付。"
    )


def _below_floor(claim: Claim) -> str | None:
    floor, amount = claim.spec.rule.floor_yuan, claim.amount
    if floor is None:
        return None
    if amount is not None and amount < floor:
        return f"金额 {yuan(amount)} 低于本方向补助下限 {yuan(floor)}。"
    ceiling = claim.share_ceiling
    if not claim.paying or ceiling is None or ceiling >= floor:
        return None
    share = percent(claim.spec.rule.cap_share_of_total_investment or 0)
    return f"核定总投入的 {share} 为 {yuan(ceiling)}，低于补助下限 {yuan(floor)}：请经办人提交例外处理决定。"


def _above_cap(claim: Claim) -> str | None:
    cap, amount = claim.spec.rule.cap_yuan, claim.amount
    if claim.paying or cap is None or amount is None or amount <= cap:
        return None
    return f"金额 {yuan(amount)} 高于本方向补助上限 {yuan(cap)}：请将金额降至上限以内。"


def _above_total_investment_share(claim: Claim) -> str | None:
    ceiling, amount, total = claim.share_ceiling, claim.amount, claim.total
    if claim.paying or ceiling is None or amount is None or total is None or amount <= ceiling:
        return None
    share = percent(claim.spec.rule.cap_share_of_total_investment or 0)
    return f"金额 {yuan(amount)} 高于项目总投入 {yuan(total)} 的 {share}(即 {yuan(ceiling)})。"


def _ratio_below_minimum(claim: Claim) -> str | None:
    ratio, raised = claim.spec.self_raised_ratio_min, claim.declared
    granted: Decimal | Fraction | None = claim.amount
    if claim.paying:  # 按…比例进行申报 binds the application; only a fixed amount is held to it again
        if claim.spec.rule.basis != "application_ratio":
            return None
        raised, granted = claim.in_place, claim.fixed
    if ratio is None or raised is None or granted is None:
        return None
    needed = Fraction(ratio) * Fraction(granted)
    if Fraction(raised) >= needed:
        return None
    return (
        f"自筹 {yuan(raised)} 与财政经费 {yuan(granted)} 之比低于 {digits(ratio)}:1，"
        f"自筹至少应为 {yuan(needed)}。"
    )


CHECKS: tuple[tuple[Reason, Callable[[Claim], str | None]], ...] = (
    (Reason.NO_MUNICIPAL_FUNDING, _no_municipal_funding),
    (Reason.PROJECT_TERMINATED, _project_terminated),
    (Reason.ACCEPTANCE_FAILED, _acceptance_failed),
    (Reason.ACCEPTANCE_PENDING, _acceptance_pending),
    (Reason.ALREADY_PAID, _already_paid),
    (Reason.SELF_RAISED_FROM_FISCAL, _self_raised_from_fiscal),
    (Reason.TOTAL_INVESTMENT_BELOW_MINIMUM, _total_investment_below_minimum),
    (Reason.TRANCHES_DO_NOT_SUM, _tranches_do_not_sum),
    (Reason.MILESTONE_NOT_PASSED, _milestone_not_passed),
    (Reason.COOPERATION_PAYMENT_MISSING, _cooperation_payment_missing),
    (Reason.SELF_RAISED_NOT_IN_PLACE, _self_raised_not_in_place),
    (Reason.BELOW_FLOOR, _below_floor),
    (Reason.ABOVE_CAP, _above_cap),
    (Reason.ABOVE_TOTAL_INVESTMENT_SHARE, _above_total_investment_share),
    (Reason.RATIO_BELOW_MINIMUM, _ratio_below_minimum),
)


def first_refusal(claim: Claim) -> Refusal | None:
    """The first reason that applies on the stated facts, or None."""
    for reason, check in CHECKS:
        message = check(claim)
        if message is not None:
            return Refusal(reason, message)
    return None
