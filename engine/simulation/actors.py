"""Scripted actors (模拟人员): what each person enters at each step, by chance but reproducibly.

An actor answers a work item with a form, or with None: it neglects the step, and its time limit must pass.
Odds are the script's, not policy: they only have to make every way through the diagrams happen.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.formal_check import SETTLED, checklist
from engine.cases.models import CaseFile, Milestone, Process, WorkItem
from engine.cases.payment import current_order
from engine.catalogue.directions import get_direction
from engine.catalogue.spec import DirectionSpec
from engine.money import ledger
from engine.people.models import Account
from engine.reviewing.models import PanelMember
from engine.reviewing.rounds import entries, own_cases, rubric_of
from engine.simulation.applications import complete_facts, domain_of

FUNDABLE = 0.85
"""How much of a dimension's weight a good application gets on average."""


@dataclass
class Scene:
    """What an actor sees: the step, its case, the policy of the day and the script's dice."""

    session: Session
    item: WorkItem
    case: CaseFile | None
    policy: Mapping[str, Any]
    dice: random.Random
    today: date

    @property
    def file(self) -> CaseFile:
        """The case of a case's step."""
        assert self.case is not None
        return self.case

    @property
    def spec(self) -> DirectionSpec:
        """The case's direction."""
        return get_direction(self.session, self.file.direction_code)

    def chance(self, odds: float) -> bool:
        """Throw the dice."""
        return self.dice.random() < odds


UNDER_WAY = ("active", "closing")
"""The statuses a project can be terminated in."""

Answer = dict[str, Any] | None
Actor = Callable[[Scene], Answer]


def say(outcome: str, comment: str = "", **fields: Any) -> Answer:
    """A filled form."""
    return {"outcome": outcome, "comment": comment, **fields}


def fill(scene: Scene) -> Answer:
    """A few give up or miss the window; some leave something out, a few ask for too much."""
    if scene.chance(0.02):
        return say("withdraw")
    if scene.chance(0.02):
        return None
    facts = application_facts(scene)
    if scene.chance(0.10):
        del facts["unit_sealed"]
    elif scene.chance(0.04):
        facts["unit"]["dishonest"] = True
    return say("submit", **_cover(scene), facts=facts)


def application_facts(scene: Scene) -> dict[str, Any]:
    """A complete application for the case's direction, asking for 60 to 100 percent of what it admits."""
    share = Decimal(scene.dice.randint(6, 10)) / 10
    return complete_facts(scene.spec, scene.today + timedelta(days=120), share)


def _cover(scene: Scene) -> dict[str, Any]:
    title = f"模拟项目{scene.item.case_id:04d}：{scene.spec.title}"
    return {
        "title": title[:200],
        "leader_name": f"模拟负责人{scene.item.case_id}",
        "abstract": f"围绕“{scene.spec.title}”开展关键技术研究与应用示范。",
        "domain": domain_of(scene.spec.code),
        "team": [
            {"name": f"模拟成员{scene.item.case_id}{one}", "birth_year": 1990, "duty": duty}
            for one, duty in (("甲", "技术研发"), ("乙", "应用示范"))
        ],
    }


def correct(scene: Scene) -> Answer:
    """Most correct in time."""
    if scene.chance(0.15):
        return None
    if scene.chance(0.05):
        return say("withdraw")
    return say("submit", **_cover(scene), facts=application_facts(scene))


def recommend(scene: Scene) -> Answer:
    """Nearly always recommended."""
    if scene.chance(0.02):
        return say("refuse", "不符合本区重点")
    return say("return", "请补充摘要") if scene.chance(0.02) else say("recommend")


def take_in(scene: Scene) -> Answer:
    """A few are refused or sent back for correction."""
    if scene.chance(0.02):
        return say("refuse", "材料不属受理范围")
    can_correct = scene.file.corrections < scene.policy["corrections_max"]
    return say("correct", "请补正附件") if can_correct and scene.chance(0.03) else say("accept")


def check(scene: Scene) -> Answer:
    """Every manual item met, then whatever the checklist bears."""
    items = checklist(scene.session, scene.file.id)
    manual = [{"rule": item.rule, "verdict": "met"} for item in items if item.verdict is None]
    failing = [item for item in items if item.hard and item.verdict and item.verdict not in SETTLED]
    if not failing:
        return say("pass", items=manual)
    fatal = any(item.verdict == "not_met" for item in failing)
    if fatal or scene.file.corrections >= scene.policy["corrections_max"]:
        return say("fail", "存在不符合的条目", items=manual)
    return say("correct", "请补正所列条目", items=manual)


def recheck(scene: Scene) -> Answer:
    """Few ask for a re-check."""
    return say("apply", "请复核单位信用记录") if scene.chance(0.3) else say("accept")


def respond(scene: Scene) -> Answer:
    """Most accept; some decline, declare a conflict or never answer, and a substitute steps in."""
    if scene.chance(0.03):
        return say("decline", "出差在外")
    if scene.chance(0.02):
        member = scene.session.get_one(
            PanelMember, scene.session.get_one(Process, scene.item.process_id).subject["member"]
        )
        statement = {"case_id": member.cases[0], "statement": "与项目负责人有合作关系"}
        return say("conflict", declarations=[statement])
    return None if scene.chance(0.02) else say("accept", signed=True)


def score(scene: Scene) -> Answer:
    """Each application has a quality of its own; experts scatter around it."""
    if scene.chance(0.02):
        return say("excuse", "与申报单位存在合作关系，申请回避") if scene.chance(0.5) else None
    dimensions = rubric_of(scene.policy, scene.item.direction_code)["dimensions"]
    rows = []
    for case_id in own_cases(scene.session, scene.item):
        quality = FUNDABLE + random.Random(case_id).uniform(-0.25, 0.12)  # noqa: S311
        points = {
            d["key"]: str(round(min(1.0, max(0.0, scene.dice.gauss(quality, 0.06))) * d["weight"]))
            for d in dimensions
        }
        total = sum(int(value) for value in points.values())
        rows.append({"case_id": case_id, "points": points, "recommend": total >= 70})
    return say("submit", rows=rows)


def confirm_ranking(scene: Scene) -> Answer:
    """Sometimes a site visit or a defence first; where the scores lie far apart, mostly a word of why not again."""
    if any(entry.result == "void" for entry in entries(scene.session, scene.item.round_id)):
        return say("re_review", "有效评分不足")
    return say(scene.dice.choices(["proceed", "visit", "defence"], [8, 1, 1])[0], "经讨论维持专家意见")


def propose(scene: Scene) -> Answer:
    """By rank; the round is closed where nothing is left to propose."""
    left = [one for one in entries(scene.session, scene.item.round_id) if one.announced is None]
    return say("submit" if any(one.result != "rejected" for one in left) else "close", "按排序提出")


def sign_up(scene: Scene) -> Answer:
    """A few never sign the task-book."""
    if scene.chance(0.03):
        return None
    if scene.chance(0.02):
        return say("give_up", "单位经营调整")
    if scene.spec.payment_trigger != "milestone":
        return say("submit", goals="按申报书执行")
    starts, ends = scene.file.starts_on, scene.file.ends_on
    assert starts is not None
    assert ends is not None
    span = (ends - starts) / 3
    shares = scene.policy["milestone_shares_suggested"]
    nodes = [
        {"title": f"节点{n}", "due_on": (starts + span * n).isoformat(), "percent": str(share)}
        for n, share in enumerate(shares, start=1)
    ]
    return say("submit", goals="按申报书执行", nodes=nodes)


def report(scene: Scene) -> Answer:
    """A project goes on for a report or two, then asks to close."""
    return say("finish", achieved="全部完成") if scene.chance(0.6) else say("continue", achieved="按计划推进")


def review_node(scene: Scene) -> Answer:
    """Some nodes need a rectification, a few fail."""
    if scene.chance(0.04):
        return say("failed", "指标未完成")
    statement = select(Milestone.id).where(
        Milestone.case_id == scene.item.case_id, Milestone.verdict == "rectified"
    )
    rectified = scene.session.exec(statement).first() is not None
    return say("rectify", "请整改") if not rectified and scene.chance(0.1) else say("achieved")


def prove_cooperation(scene: Scene) -> Answer:
    """The contract's money, paid in full."""
    due = str(scene.file.approved_fen // 100 * 3)
    return say("submit", due=due, paid=due, evidence="示例合同与银行回单")


def check_cooperation(scene: Scene) -> Answer:
    """Verified as claimed."""
    due = str(scene.file.approved_fen // 100 * 3)
    return say("ok", verified_due=due, verified_paid=due)


def apply_for_acceptance(scene: Scene) -> Answer:  # noqa: ARG001 - an actor's shape
    """Every package carries an audit report."""
    return say("submit", summary="完成全部考核指标", audit_report="示审〔模拟〕1号")


def verify(scene: Scene) -> Answer:
    """Mostly what was planned; sometimes less is recognised."""
    keep = Decimal("1") if scene.chance(0.8) else Decimal("0.7")
    facts = scene.file.facts
    planned, total = Decimal(facts["self_raised_yuan"]), Decimal(facts["total_investment_yuan"])
    needs_all = scene.spec.rule.basis == "application_ratio" and not scene.chance(0.1)
    kept = planned if needs_all else (planned * keep).quantize(Decimal("0.01"))
    return say(
        "done",
        verified_self_raised=str(kept),
        self_raised_from_fiscal="0",
        total_investment_verified=str((total * keep).quantize(Decimal("0.01"))),
        ai_compute_paid=str((Decimal("1800000") * keep).quantize(Decimal("0.01"))),
    )


def review_acceptance(scene: Scene) -> Answer:
    """Most pass, some after a rectification, a few fail."""
    can_rectify = scene.file.rectifications < scene.policy["rectifications_max"]
    if can_rectify and scene.chance(0.1):
        return say("rectify", "材料需完善")
    return say("fail", "主要指标未完成") if scene.chance(0.05) else say("pass")


def settle_exception(scene: Scene) -> Answer:  # noqa: ARG001
    """A refused payment is closed, once somebody has looked at it."""
    return say("close", "不满足拨付条件，不予拨付")


def arrange_budget(scene: Scene) -> Answer:
    """The year's money, or the queue for the next year's."""
    order = current_order(scene.session, scene.file.id)
    year = scene.today.year
    if ledger.year_left(scene.session, year) < order.amount_fen:
        return say("queue", "本年度预算不足，转入下一年度")
    return say("arrange", year=year)


def pay(scene: Scene) -> Answer:
    """The treasury's voucher."""
    return say("paid", voucher=f"模拟凭证{scene.item.id}", paid_on=scene.today.isoformat())


def claw_back(scene: Scene) -> Answer:
    """Half of what is out comes back; where nothing was paid, nothing."""
    standing = ledger.balance(scene.session, scene.file.id or 0)
    out = standing.paid_fen - standing.clawed_back_fen
    if out < 2:
        return say("waive", "未拨付资金，无需追缴")
    return say("recover", amount=str(Decimal(out // 2) / 100), responsibility="承担单位")


def review_termination(scene: Scene) -> Answer:
    """A project that closed meanwhile is no longer terminated."""
    return say("agree", "同意终止") if scene.file.status in UNDER_WAY else say("refuse", "项目已结题")


def confirm(scene: Scene) -> Answer:
    """The leader confirms what was proposed, unless the project moved on in between."""
    late = scene.item.process_key == "termination" and scene.file.status not in UNDER_WAY
    return say("return", "项目已结题，请复核") if late else say("confirm", "同意")


def ordinary(scene: Scene) -> Answer:
    """The first way the step declares, with a word."""
    return say(FIRST.get(scene.item.form_key, "agree"), "同意")


FIRST = {
    "grouping": "confirm",
    "site_visit": "done",
    "defence": "done",
    "government_approval": "approve",
    "task_book_signature": "sign",
    "progress_check": "ok",
    "rectification": "submit",
    "node_report": "submit",
    "package_check": "ok",
    "certificate": "issue",
    "payment_approval": "approve",
    "administrative_decision": "issued",
    "objection_intake": "accept",
    "recheck": "uphold",
}
SCRIPT: dict[str, Actor] = {
    "application": fill,
    "correction": correct,
    "recommendation": recommend,
    "intake": take_in,
    "formal_check": check,
    "recheck_application": recheck,
    "invitation": respond,
    "score_sheet": score,
    "ranking": confirm_ranking,
    "proposal": propose,
    "task_book": sign_up,
    "progress": report,
    "node_review": review_node,
    "cooperation_proof": prove_cooperation,
    "cooperation_check": check_cooperation,
    "acceptance_application": apply_for_acceptance,
    "verification": verify,
    "acceptance_review": review_acceptance,
    "payment_exception": settle_exception,
    "payment_budget": arrange_budget,
    "payment_record": pay,
    "clawback_decision": claw_back,
    "clawback_record": lambda scene: say("repaid", voucher=f"模拟退款{scene.item.id}"),
    "issue_document": lambda scene: say(
        "issued", number=f"模拟发〔{scene.today.year}〕{scene.item.round_id}号"
    ),
    "investigation": lambda _: say("done", findings="经核查，情况已查清"),
    "objection_decision": lambda scene: say("uphold" if scene.chance(0.3) else "dismiss", "依据核查情况"),
    "termination_review": review_termination,
    "confirmation": confirm,
    "fund_source": lambda _: say("done", leftover="0", own="100000"),
}


def answer(scene: Scene) -> Answer:
    """What the person at this step enters; None when it is neglected."""
    return SCRIPT.get(scene.item.form_key, ordinary)(scene)


def who(session: Session, item: WorkItem, officers: dict[str, Account]) -> Account:
    """The person who acts: the step's holder, the unit's own account, or the officer of the role."""
    if item.holder_id is not None:
        return session.get_one(Account, item.holder_id)
    if item.unit_id is not None and item.role == "recommender":
        statement = select(Account).where(Account.organization_id == item.unit_id, col(Account.active))
        return next(account for account in session.exec(statement) if "recommender" in account.roles)
    return officers[item.role]
