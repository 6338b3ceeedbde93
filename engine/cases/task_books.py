"""The task-book (任务书): what a project promises, signed once, and every later version of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from engine.cases.conditions import Condition, holds, refuse_unkept, unknown
from engine.cases.fields import Line, Percent, Text, en
from engine.cases.filing import stated_facts
from engine.cases.models import CaseFile, Milestone, TaskBookVersion, WorkItem
from engine.cases.moves import Form, Move, form, plain_form
from engine.cases.notices import last_form
from engine.catalogue.directions import get_direction
from engine.catalogue.facts import DeclaredFigure, circumstances
from engine.catalogue.indicators import evaluate_indicators
from engine.catalogue.spec import DirectionSpec
from engine.clock import add_months
from engine.people.models import Organization

WHOLE = Decimal(100)
CUSTOM = "任务书约定"
"""The clause of what the task-book itself lays down."""


class Node(BaseModel):
    """One milestone of a task-book; its share of the subsidy is contract data."""

    model_config = ConfigDict(extra="forbid")

    title: Line = Field(title="节点名称", json_schema_extra=en("Milestone"))
    due_on: date = Field(title="完成日期", json_schema_extra=en("Due"))
    percent: Percent = Field(title="拨付比例（%）", json_schema_extra=en("Share (%)"))


class TaskBook(Form):
    """The task-book (任务书). `nodes` are for a milestone subsidy only; the last is paid after acceptance.

    An indicator left out keeps the figure the application declared.
    """

    starts_on: date | None = Field(default=None, title="起始日期", json_schema_extra=en("Starts"))
    ends_on: date | None = Field(default=None, title="结束日期", json_schema_extra=en("Ends"))
    goals: Text = Field(default="", title="目标与考核指标", json_schema_extra=en("Goals", long=True))
    indicators: Mapping[str, DeclaredFigure] = Field(
        default_factory=dict, title="考核指标目标值", json_schema_extra=en("Targets")
    )
    nodes: list[Node] = Field(default_factory=list, title="里程碑节点", json_schema_extra=en("Milestones"))


def _last_task_book(session: Session, item: WorkItem) -> dict[str, Any]:
    """What was filled in before, else what the application declared."""
    case = session.get_one(CaseFile, item.case_id)
    stated = {
        "starts_on": case.starts_on,
        "ends_on": case.ends_on,
        "indicators": case.facts.get("indicators", {}),
    }
    return stated | last_form(session, item.case_id, "task_book")


@form("task_book", "任务书", "Task-book", TaskBook, prefill=_last_task_book)
def fill_task_book(move: Move, item: WorkItem, book: TaskBook) -> None:  # noqa: ARG001
    """Fix the project's period and, for a milestone subsidy, its nodes, whose shares sum to exactly 100%."""
    if book.outcome != "submit":
        return
    refuse_unkept(book_conditions(move.session, move.file, book, move.policy))
    case = move.file
    case.starts_on, case.ends_on = book.starts_on or case.starts_on, book.ends_on or case.ends_on
    if book.nodes:
        _keep_nodes(move, book.nodes)


def book_conditions(
    session: Session, case: CaseFile, book: TaskBook, policy: Mapping[str, Any]
) -> list[Condition]:
    """Everything a task-book must keep: its period, its nodes, its targets against the guide's floors."""
    spec = get_direction(session, case.direction_code)
    starts_on, ends_on = book.starts_on or case.starts_on, book.ends_on or case.ends_on
    found = list(_period(spec, starts_on, ends_on))
    if spec.payment_trigger != "milestone":
        words = "本方向不按里程碑拨付，任务书不应填写里程碑节点；请删除。"
        found += [holds("no_nodes", "不填里程碑节点", kept=False, wrong=words)] if book.nodes else []
    else:
        found += _nodes(book.nodes, ends_on, policy)
    return [*found, *target_conditions(spec, case, targets(case, book.indicators))]


def targets(case: CaseFile, stated: Mapping[str, DeclaredFigure]) -> dict[str, DeclaredFigure]:
    """The targets of a task-book: what the application declared, replaced where the book states a figure."""
    return {**stated_facts(case).indicators, **stated}


def _period(spec: DirectionSpec, starts_on: date | None, ends_on: date | None) -> list[Condition]:
    text, wrong = "结束日期晚于起始日期", "结束日期应晚于起始日期；请填写完整的实施期限。"
    if not (starts_on and ends_on):
        return [unknown("period", text, wrong, CUSTOM)]
    years = spec.duration_exact_years or spec.duration_max_years
    found = [holds("period", text, starts_on < ends_on, wrong, CUSTOM)]
    if years is None or starts_on >= ends_on:
        return found
    latest, clause = add_months(starts_on, 12 * years), guide_clause(spec)
    wrong = f"实施期限不得超过 {years} 年（{clause}）；请把结束日期改为 {latest} 或更早。"
    return [*found, holds("duration", f"实施期限不超过 {years} 年", ends_on <= latest, wrong, clause)]


def guide_clause(spec: DirectionSpec) -> str:
    """Where the guide states the direction."""
    return f"指南第 {spec.guide_lines[0]}–{spec.guide_lines[1]} 行"


def _nodes(nodes: Sequence[Node], ends_on: date | None, policy: Mapping[str, Any]) -> list[Condition]:
    least, most = policy["milestone_nodes_min"], policy["milestone_nodes_max"]
    total = sum((node.percent for node in nodes), Decimal(0))
    days = [node.due_on for node in nodes]
    in_order = days == sorted(days) and (not days or ends_on is None or days[-1] <= ends_on)
    return [
        holds(
            "node_count",
            f"里程碑节点 {least} 至 {most} 个",
            least <= len(nodes) <= most,
            f"里程碑节点应为 {least} 至 {most} 个，现有 {len(nodes)} 个；请增减节点。",
            CUSTOM,
        ),
        holds(
            "node_shares",
            "各节点拨付比例合计 100%",
            total == WHOLE,
            f"各节点拨付比例合计为 {total}%，应正好等于 100%；请调整。",
            CUSTOM,
        ),
        holds(
            "node_order",
            "节点日期依次靠后，不晚于结束日期",
            in_order,
            "各节点的完成日期应依次靠后，且不晚于项目结束日期；请调整日期。",
            CUSTOM,
        ),
    ]


def target_conditions(
    spec: DirectionSpec, case: CaseFile, figures: Mapping[str, DeclaredFigure]
) -> list[Condition]:
    """Each indicator's target against the guide's floor; what nobody stated is judged at acceptance."""
    what = circumstances(stated_facts(case))
    found = []
    for number, result in enumerate(evaluate_indicators(spec, figures, what), start=1):
        text = result.indicator.text
        state = {"met": "met", "not_met": "unmet", "not_applicable": "not_applicable"}.get(
            result.status, "later"
        )
        hard = spec.indicators_min_met is None
        wrong = f"考核指标低于指南要求：{text}；请提高目标值。"
        reason = {"unmet": wrong, "later": "未填目标值，验收时按指南要求考核。"}.get(state, "")
        if state == "unmet" and not hard:
            state = "later"
        found.append(
            Condition(f"target.{number}", text, state, reason, guide_clause(spec))  # type: ignore[arg-type]
        )
    return found


def _keep_nodes(move: Move, nodes: Sequence[Node]) -> None:
    case_id = move.file.id or 0
    for old in move.session.exec(select(Milestone).where(Milestone.case_id == case_id)):
        move.session.delete(old)
    move.session.flush()
    for position, node in enumerate(nodes, start=1):
        row = node.model_dump() | {"percent": str(node.percent)}
        move.session.add(Milestone(case_id=case_id, position=position, **row))


plain_form("task_book_confirmation", "审核任务书", "Check the task-book")


@form("task_book_signature", "签署任务书", "Sign the task-book", Form)
def sign_task_book(move: Move, item: WorkItem, signature: Form) -> None:  # noqa: ARG001
    """The signed book becomes version 1, which nothing changes: later ones supplement it."""
    if signature.outcome == "sign":
        _keep_first(move, "signed")


def versions_of(session: Session, case_id: int | None) -> list[TaskBookVersion]:
    """Every version of a project's task-book, the first one first."""
    statement = (
        select(TaskBookVersion)
        .where(TaskBookVersion.case_id == case_id)
        .order_by(col(TaskBookVersion.version))
    )
    return list(session.exec(statement))


def current_targets(session: Session, case: CaseFile) -> dict[str, Any]:
    """What the project promises now: the newest version's targets, else those of the application."""
    kept = versions_of(session, case.id)
    return dict(kept[-1].indicators) if kept else dict(case.facts.get("indicators") or {})


def supplement(
    move: Move,
    kind: str,
    reason: str,
    *,
    goals: str | None = None,
    indicators: Mapping[str, Any] | None = None,
) -> TaskBookVersion:
    """Keep the case as it now stands as the next version of its task-book (补充任务书)."""
    before = _newest(move) or _keep_first(move, "entered")
    return _keep(
        move,
        before.version + 1,
        kind,
        reason=reason,
        goals=before.goals if goals is None else goals,
        indicators=before.indicators if indicators is None else indicators,
    )


def ensure_first(move: Move) -> None:
    """A project that came in under way has no signed book here: what its rows say before a change is its first."""
    if _newest(move) is None:
        _keep_first(move, "entered")


def _newest(move: Move) -> TaskBookVersion | None:
    kept = versions_of(move.session, move.file.id)
    return kept[-1] if kept else None


def _keep_first(move: Move, kind: str) -> TaskBookVersion:
    filled = last_form(move.session, move.file.id, "task_book")
    figures = {**(move.file.facts.get("indicators") or {}), **filled.get("indicators", {})}
    return _keep(move, 1, kind, reason="", goals=filled.get("goals", ""), indicators=figures)


def _keep(
    move: Move, version: int, kind: str, *, reason: str, goals: str, indicators: Mapping[str, Any]
) -> TaskBookVersion:
    case = move.file
    nodes = select(Milestone).where(Milestone.case_id == case.id).order_by(col(Milestone.position))
    row = TaskBookVersion(
        case_id=case.id or 0,
        version=version,
        kind=kind,
        title=case.title,
        unit_name=move.session.get_one(Organization, case.unit_id).name,
        leader_name=str(case.facts.get("leader_name", "")),
        starts_on=case.starts_on,
        ends_on=case.ends_on,
        goals=goals,
        indicators=dict(indicators),
        nodes=[
            {
                "position": node.position,
                "title": node.title,
                "due_on": node.due_on.isoformat(),
                "percent": node.percent,
            }
            for node in move.session.exec(nodes)
        ],
        approved_fen=case.approved_fen,
        process_id=move.process.id if version > 1 else None,
        reason=reason,
        by=move.actor.login,
        at=move.now,
    )
    move.session.add(row)
    move.note("task_book", f"任务书第 {version} 版生效", version=version, kind=kind)
    return row
