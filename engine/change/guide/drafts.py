"""A guide's draft in the database: imported, corrected field by field, proposed, and confirmed by a second admin.

A confirmed guide's directions get codes of their own (T1-D1@2025), so a code means one leaf for good and running
cases keep the rule they were filed under. New applications see the newest year's directions only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, func, select

from engine import history
from engine.catalogue.directions import list_directions, load_catalogue
from engine.catalogue.models import Direction
from engine.catalogue.spec import DirectionSpec, as_json, contradictions
from engine.change.guide.compare import LISTS, Change, changes
from engine.change.guide.draft import read_guide
from engine.change.guide.models import GuideDraft
from engine.change.guide.text import read_lines
from engine.change.models import ChangeProposal
from engine.change.proposals import propose
from engine.errors import Conflict, NotFound, Refused, Unusable
from engine.people import permissions
from engine.people.models import Account

SHARES = frozenset({"rule.rate", "rule.cap_share_of_total_investment"})
WHOLE = frozenset(
    {
        "rule.floor_yuan",
        "rule.cap_yuan",
        "quota",
        "min_total_investment_yuan",
        "self_raised_ratio_min",
        "duration_max_years",
        "duration_exact_years",
        "indicators_min_met",
    }
)
CHOSEN: Mapping[str, tuple[str, ...]] = {
    "funding_mode": ("post_subsidy", "milestone", "unfunded"),
    "payment_trigger": ("acceptance", "milestone", "cooperation_payment", "none"),
    "procedure": ("post_subsidy", "milestone_subsidy", "cooperation_subsidy", "unfunded"),
    "rule.basis": (
        "ai_compute_paid",
        "verified_self_raised",
        "total_investment",
        "application_ratio",
        "minimum_only",
        "none",
    ),
    "competitive": ("true", "false"),
}
CORRECTABLE = (
    "funding_mode",
    "payment_trigger",
    "procedure",
    "rule.basis",
    "rule.rate",
    "rule.floor_yuan",
    "rule.cap_yuan",
    "rule.cap_share_of_total_investment",
    "self_raised_ratio_min",
    "min_total_investment_yuan",
    "duration_max_years",
    "duration_exact_years",
    "quota",
    "competitive",
    "indicators_min_met",
)
"""The fields an admin may correct one by one, `rule.` before those of the money rule."""


def import_guide(
    session: Session, content: bytes, name: str, year: int, *, actor: Account, now: datetime
) -> GuideDraft:
    """Read a guide's file into a draft; nothing is in force by it.

    Raises Unusable for a file that cannot be read or holds no direction, Refused for a year that is not later
    than the guide in force.
    """
    permissions.may_administer(actor).require()
    latest = session.exec(select(func.max(Direction.guide_year))).one()
    if latest is not None and year <= latest:
        raise Refused(f"现行指南是 {latest} 年度的；新指南的年度须在其后，现为 {year}。")
    lines = read_lines(content, name)
    draft = read_guide(lines)
    if not draft.directions:
        raise Unusable(f"{name} 里没有找到申报方向；请导入带有“方向1：…”这类标题的指南正文。")
    row = GuideDraft(
        name=name,
        year=year,
        lines=[[line.number, line.text] for line in lines],
        directions=[dict(one.fields) for one in draft.directions],
        evidence={
            one.code: {"source": dict(one.source), "confidence": dict(one.confidence)}
            for one in draft.directions
        },
        unparsed=[asdict(each) for each in draft.unparsed],
        flags=[asdict(flag) for flag in draft.flags],
        imported_by=actor.login,
        imported_at=now,
    )
    session.add(row)
    session.flush()
    summary = f"导入 {year} 年度指南草稿“{name}”：{len(draft.directions)} 个方向"
    _record(session, row, "import", summary, actor, now)
    return row


def drafts(session: Session) -> list[GuideDraft]:
    """Every draft, newest first."""
    return list(session.exec(select(GuideDraft).order_by(col(GuideDraft.id).desc())))


def get_draft(session: Session, draft_id: int) -> GuideDraft:
    """One draft; NotFound with a sentence."""
    found = session.get(GuideDraft, draft_id)
    if found is None:
        raise NotFound("没有这份指南草稿；请从指南导入页面进入。")
    return found


def get_leaf(draft: GuideDraft, code: str) -> dict[str, Any]:
    """One direction of a draft, corrections applied."""
    for leaf in draft.directions:
        if leaf["code"] == code:
            return leaf
    raise NotFound(f"草稿“{draft.name}”里没有方向 {code}。")


def correct(
    session: Session, draft_id: int, code: str, field: str, value: str, *, actor: Account, now: datetime
) -> GuideDraft:
    """Set one field of one direction by hand; an empty value says the guide does not state it.

    Raises Unusable for a value that is none of the field's, Conflict once the draft is confirmed or discarded.
    """
    permissions.may_administer(actor).require()
    draft = _open(session, draft_id)
    leaves = [dict(leaf) for leaf in draft.directions]
    leaf = get_leaf(draft, code)
    place = draft.directions.index(leaf)
    parsed = _parsed(field, value.strip())
    outer, _, inner = field.partition(".")
    before = leaf[outer][inner] if inner else leaf[outer]
    leaves[place] = leaf | ({outer: {**leaf[outer], inner: parsed}} if inner else {outer: parsed})
    draft.directions = leaves
    draft.corrections = {**draft.corrections, code: sorted({*draft.corrections.get(code, []), field})}
    session.flush()
    _record(session, draft, "correct", f"更正 {code} 的 {field}：{before} → {parsed}", actor, now)
    return draft


def _parsed(field: str, value: str) -> Any:
    if field in CHOSEN:
        if value not in CHOSEN[field]:
            raise Unusable(f"{field} 应为 {'、'.join(CHOSEN[field])} 之一，现为“{value}”。")
        return value == "true" if field == "competitive" else value
    if field not in SHARES | WHOLE:
        raise Unusable(f"{field} 不能单独更正；请在确认后从规则页面修改。")
    if not value:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Unusable(f"{field} 应为数字，现为“{value}”；比例写作 0.2。") from None
    if field in SHARES:
        if not 0 < number <= 1:
            raise Unusable(f"{field} 应在 0 与 1 之间（20% 写作 0.2），现为 {value}。")
        return f"{number.normalize():f}"
    if number <= 0 or number != number.to_integral_value():
        raise Unusable(f"{field} 应为正整数，现为 {value}。")
    return int(number)


def discard(session: Session, draft_id: int, *, actor: Account, now: datetime) -> None:
    """Put a draft aside; its text and corrections are kept."""
    permissions.may_administer(actor).require()
    draft = _open(session, draft_id)
    draft.status = "discarded"
    session.flush()
    _record(session, draft, "discard", f"放弃 {draft.year} 年度指南草稿“{draft.name}”", actor, now)


def differences(session: Session, draft: GuideDraft) -> list[Change]:
    """What the draft changes against the directions now offered."""
    return changes([as_json(spec) for spec in list_directions(session)], draft.directions)


def complaints(draft: GuideDraft) -> list[str]:
    """What keeps the draft from being confirmed: one sentence for each direction that is incomplete."""
    return [
        f"{leaf['code']} {leaf['path'][-1]}：{problem}"
        for leaf in draft.directions
        for problem in _faults(leaf)
    ]


def _faults(leaf: Mapping[str, Any]) -> Sequence[str]:
    try:
        return contradictions(DirectionSpec.model_validate(leaf))
    except ValidationError as error:
        missing = sorted({".".join(str(part) for part in one["loc"][:2]) for one in error.errors()})
        return [f"{'、'.join(missing)} 没有读到或不成立，请更正"]


def propose_guide(
    session: Session, draft_id: int, *, clause: str, note: str, actor: Account, now: datetime
) -> ChangeProposal:
    """Put the draft before a second admin; Refused with every direction that is still incomplete."""
    draft = _open(session, draft_id)
    if problems := complaints(draft):
        raise Refused(f"草稿还有 {len(problems)} 处须更正：" + "；".join(problems[:3]), problems)
    return propose(
        session,
        "guide",
        f"guide:{draft.year}",
        f"{draft.year} 年度申报指南（{len(draft.directions)} 个方向）",
        {"draft_id": draft.id},
        clause=clause,
        note=note,
        effective_at=now,
        actor=actor,
        now=now,
        report={"changes": sum(change.field not in LISTS for change in differences(session, draft))},
    )


def carry_out_guide(session: Session, proposal: ChangeProposal, actor: Account, now: datetime) -> None:
    """Offer the draft's directions from now on; those of earlier years stay for the cases filed under them."""
    draft = _open(session, int(proposal.payload["draft_id"]))
    if problems := complaints(draft):
        raise Refused(f"草稿还有 {len(problems)} 处须更正。", problems)
    specs = [
        DirectionSpec.model_validate({**leaf, "code": f"{leaf['code']}@{draft.year}"})
        for leaf in draft.directions
    ]
    load_catalogue(session, specs, draft.year)
    draft.status = "confirmed"
    session.flush()
    _record(session, draft, "confirm", f"确认 {draft.year} 年度指南：{len(specs)} 个方向开放申报", actor, now)


def _open(session: Session, draft_id: int) -> GuideDraft:
    draft = get_draft(session, draft_id)
    if draft.status != "open":
        word = "确认" if draft.status == "confirmed" else "放弃"
        raise Conflict(f"指南草稿“{draft.name}”已经{word}，不能再改。")
    return draft


def _record(
    session: Session, draft: GuideDraft, verb: str, summary: str, actor: Account, now: datetime
) -> None:
    history.record(session, f"guide:{draft.id}", at=now, actor=actor.login, verb=verb, summary=summary)
