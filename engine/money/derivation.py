"""How an amount came about (核算过程): the steps on the approval form, stored with the payment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from engine.catalogue.spec import DirectionSpec
from engine.money.amounts import digits, down, half_up, percent, plain, yuan
from engine.money.claim import Claim

BASIS_WORDS = {
    "ai_compute_paid": "实际支付的人工智能算力费用",
    "verified_self_raised": "验收证书核定的自筹经费",
}


@dataclass(frozen=True)
class Step:
    """One step: what was computed, on what ground, from what, with what result, and which bound held."""

    step: str
    clause: str
    text: str
    value_yuan: int | str | None = None
    inputs: Mapping[str, int | str] = field(default_factory=dict)
    bound: str | None = None
    """The bound that determined the value here: rate, cap, approved, share, remainder, requested."""

    def as_json(self) -> dict[str, object]:
        """The step as a plain object, every field present."""
        return {
            "step": self.step,
            "clause": self.clause,
            "inputs": dict(self.inputs),
            "value_yuan": self.value_yuan,
            "bound": self.bound,
            "text": self.text,
        }


def clause(spec: DirectionSpec, words: str) -> str:
    """Where the guide says so: its lines, then the rule in our words."""
    first, last = spec.guide_lines
    return f"申报指南第 {first}–{last} 行：{words}"


def admission(claim: Claim, amount: Decimal) -> list[Step]:
    """The steps by which a request or approval is admitted: each bound it was held to, then the amount."""
    spec, name = claim.spec, "approved" if claim.facts.approved == amount else "requested"
    if claim.stage == "application":
        name = "requested"
    steps = _bounds_kept(claim, amount)
    expected = _expected(claim, amount)
    words = "立项核定额" if name == "approved" else "申请额"
    text = f"{words} {yuan(amount)}，符合本方向各项限额，按 {yuan(down(amount))} 认可；拨付以届时核算为准。"
    ground = clause(spec, "最高、不高于是对决定的限制，不是当然享有的额度")
    final = Step("amount", ground, text, down(amount), {name: plain(amount)}, name)
    return [*steps, *expected, final]


def _bounds_kept(claim: Claim, amount: Decimal) -> list[Step]:
    spec, rule, total = claim.spec, claim.spec.rule, claim.total
    asked = {"amount": plain(amount)}
    steps = []
    if spec.min_total_investment_yuan is not None and total is not None:
        least = spec.min_total_investment_yuan
        text = f"项目总投入 {yuan(total)}，不少于 {yuan(least)}。"
        ground = clause(spec, f"项目总投入不少于 {yuan(least)}")
        steps.append(Step("minimum_total", ground, text, least, {"total_investment": plain(total)}))
    if rule.floor_yuan is not None:
        ground = clause(spec, f"补助不少于 {yuan(rule.floor_yuan)}")
        text = f"{yuan(amount)} 不低于下限 {yuan(rule.floor_yuan)}。"
        steps.append(Step("floor", ground, text, rule.floor_yuan, asked))
    if rule.cap_yuan is not None:
        ground = clause(spec, f"补助最高 {yuan(rule.cap_yuan)}")
        text = f"{yuan(amount)} 不高于上限 {yuan(rule.cap_yuan)}。"
        steps.append(Step("cap", ground, text, rule.cap_yuan, asked))
    if (ceiling := claim.share_ceiling) is not None and total is not None:
        share = percent(rule.cap_share_of_total_investment or 0)
        text = f"{yuan(amount)} 不高于总投入 {yuan(total)} 的 {share}，即 {yuan(ceiling)}。"
        inputs = {**asked, "total_investment": plain(total)}
        ground = clause(spec, f"补助不高于项目总投入的 {share}")
        steps.append(Step("share", ground, text, plain(ceiling), inputs))
    if spec.self_raised_ratio_min is not None and claim.declared is not None:
        ratio = f"{digits(spec.self_raised_ratio_min)}:1"
        needs = Fraction(spec.self_raised_ratio_min) * Fraction(amount)
        text = f"自筹 {yuan(claim.declared)}，不低于按 {ratio} 所需的 {yuan(needs)}。"
        inputs = {**asked, "self_raised": plain(claim.declared)}
        ground = clause(spec, f"自筹经费与申请财政经费之比不低于 {ratio}")
        steps.append(Step("ratio", ground, text, plain(needs), inputs))
    return steps


def _expected(claim: Claim, amount: Decimal) -> list[Step]:
    """What the rate would give on the planned base: a note for the officer, never a bound on the decision."""
    rule, facts = claim.spec.rule, claim.facts
    planned = {"ai_compute_paid": facts.ai_compute_contracted, "verified_self_raised": claim.declared}
    base = planned.get(rule.basis)
    if rule.rate is None or base is None:
        return []
    value = half_up(Fraction(rule.rate) * Fraction(base))
    relation = "高于" if amount > value else "不高于"
    text = (
        f"按计划数 {yuan(base)} 的 {percent(rule.rate)} 预计可核定 {yuan(value)}，本次金额{relation}预计数；"
        "拨付时以核定数为准。"
    )
    ground = clause(claim.spec, f"按{BASIS_WORDS[rule.basis]}的 {percent(rule.rate)}")
    return [Step("expected", ground, text, value, {"planned_base": plain(base)})]


def nothing_due(claim: Claim) -> list[Step]:
    """The one step of a direction that pays nothing."""
    text = "本方向不拨付市财政科技经费，由单位结余经费及自有经费支持，拨付金额为 0 元。"
    return [Step("amount", clause(claim.spec, "不拨付市财政科技经费"), text, 0, {}, "none")]


def settlement(claim: Claim, base: Decimal | None) -> list[Step]:
    """The steps by which a one-off subsidy is computed; the last one holds the amount and the bound."""
    steps = _opening(claim, base)
    bound, value = steps[-1].bound or "approved", int(steps[-1].value_yuan or 0)
    for name, ceiling, ground, source in _ceilings(claim):
        applies = ceiling < value
        bound, value = (name, ceiling) if applies else (bound, value)
        held = "以此为准" if applies else "未超过"
        text = f"{source}，按不超过 {yuan(ceiling)} 计：{held}，为 {yuan(value)}。"
        steps.append(Step(name, ground, text, value, {"ceiling": ceiling}, bound))
    words = BOUND_WORDS[bound]
    ground = clause(claim.spec, "一次性拨付")
    return [*steps, Step("amount", ground, f"应拨付 {yuan(value)}（{words}）。", value, {}, bound)]


BOUND_WORDS = {
    "rate": "由补助比例确定",
    "cap": "由补助上限确定",
    "approved": "由立项核定额确定",
    "share": "由总投入占比上限确定",
}


def _opening(claim: Claim, base: Decimal | None) -> list[Step]:
    """Where a settlement starts: the rate on its verified base, or the amount fixed at establishment."""
    spec, rate = claim.spec, claim.spec.rule.rate
    if base is None or rate is None:
        approved = claim.facts.approved or Decimal(0)
        text = f"立项核定额 {yuan(approved)}。"
        if claim.in_place is not None and claim.committed is not None:
            text += f"承诺自筹 {yuan(claim.committed)}，到位 {yuan(claim.in_place)}，已足额到位。"
        ground = clause(spec, "补助金额在立项时确定")
        return [Step("approved", ground, text, down(approved), {"approved": plain(approved)}, "approved")]
    basis = BASIS_WORDS[spec.rule.basis]
    exact = Fraction(rate) * Fraction(base)
    ground = clause(spec, f"按{basis}的 {percent(rate)} 补助")
    text = f"{yuan(base)} × {percent(rate)} = {yuan(exact)}，四舍五入到元为 {yuan(half_up(exact))}。"
    inputs = {spec.rule.basis: plain(base), "rate": digits(rate), "exact": plain(exact)}
    return [
        Step("base", ground, f"{basis}为 {yuan(base)}。", plain(base), {spec.rule.basis: plain(base)}),
        Step("rate", ground, text, half_up(exact), inputs, "rate"),
    ]


def _ceilings(claim: Claim) -> list[tuple[str, int, str, str]]:
    """What limits a payment: name, whole yuan rounded down, ground, and the sentence's opening."""
    spec, rule, found = claim.spec, claim.spec.rule, []
    if rule.cap_yuan is not None:
        found.append(("cap", rule.cap_yuan, clause(spec, f"最高 {yuan(rule.cap_yuan)}"), "单个项目补助上限"))
    if (exact := claim.share_ceiling) is not None:
        share = percent(rule.cap_share_of_total_investment or 0)
        source = f"总投入 {yuan(claim.total or 0)} 的 {share} 为 {yuan(exact)}"
        found.append(("share", down(exact), clause(spec, f"不高于项目总投入的 {share}"), source))
    if rule.rate is not None and claim.facts.approved is not None:
        approved = claim.facts.approved
        found.append(("approved", down(approved), "立项核定", f"立项核定额 {yuan(approved)}"))
    return found


def tranche(claim: Claim, parts: list[int]) -> list[Step]:
    """The steps of one tranche of a milestone subsidy."""
    spec, facts = claim.spec, claim.facts
    nth, approved, shares = facts.pay_tranche or 1, facts.approved or Decimal(0), facts.tranche_percent or []
    ground = clause(spec, "里程碑式补助，按任务书约定的节点比例拨付")
    value, share = parts[nth - 1], percent(Fraction(shares[nth - 1]) / 100)
    start = Step(
        "approved", ground, f"立项核定额 {yuan(approved)}。", down(approved), {"approved": plain(approved)}
    )
    if nth == len(parts):
        earlier = sum(parts[:-1])
        text = f"最后一期为余额：{yuan(down(approved))} 减前期各期合计 {yuan(earlier)}，拨付 {yuan(value)}。"
        return [start, Step("amount", ground, text, value, {"earlier_tranches": earlier}, "remainder")]
    text = f"第 {nth} 期拨付 {share}，四舍五入到元为 {yuan(value)}。"
    inputs = {"tranche_percent": plain(shares[nth - 1]), "pay_tranche": nth}
    return [start, Step("amount", ground, text, value, inputs, "rate")]
