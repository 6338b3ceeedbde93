"""What the database adds to a step's form: the checklist, the group's applications, who may be chosen."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from engine.cases.formal_check import checklist
from engine.cases.models import CaseFile, CheckResult, WorkItem
from engine.catalogue.directions import get_direction
from engine.catalogue.eligibility import required_facts
from engine.catalogue.facts import PARTS, ApplicationFacts
from engine.catalogue.spec import DirectionSpec
from engine.catalogue.wording import figure_title
from engine.reviewing import rounds
from engine.reviewing.models import ReviewRound, RoundEntry
from web.forms import promises
from web.forms.building import Context, Figure, Line
from web.forms.parts import Option
from web.language import translate as _

OURS = frozenset(
    f"facts.{name}"
    for name in (
        "submitted_on",
        "window_opens_on",
        "window_closes_on",
        "recommendation_sealed",
        "unit.credit_code",
        "unit.registered_city",
        "unit.applications_in_direction",
    )
)
"""Facts of an application that the bureau knows better than who applies."""
DECISION = frozenset({"outcome", "comment"})
ALWAYS_ASKED = frozenset(
    {
        "unit.kind",
        "unit_sealed",
        "requested_yuan",
        "total_investment_yuan",
        "self_raised_yuan",
        "self_raised_fiscal_yuan",
        "starts_on",
        "ends_on",
        "joint_units",
    }
)
"""Facts every application states; beyond them a form asks for what its direction's check reads."""


def context_for(session: Session, item: WorkItem) -> Context:
    """The context of a step's form; most forms need none."""
    build = CONTEXTS.get(item.form_key)
    return build(session, item) if build else Context(hidden=DECISION)


def _application(session: Session, item: WorkItem) -> Context:
    direction = get_direction(session, item.direction_code)
    parts = [
        part for one in direction.indicators for part in one.walk() if part.is_bounded or part.qualitative
    ]
    figures: dict[str, Figure] = {}
    for part in parts:
        for key in part.sum_of or (part.kind,):
            figures.setdefault(
                key, Figure(key, figure_title(direction.indicators, key), part.unit or "", part.qualitative)
            )
    return Context(
        figures={"facts.indicators": list(figures.values())},
        hidden=DECISION | OURS | _not_asked(direction, session.get(CaseFile, item.case_id)),
    )


def _not_asked(direction: DirectionSpec, case: CaseFile | None) -> frozenset[str]:
    """Facts this direction's check does not read; one that was stated once stays on the form."""
    wanted = {one.path for one in required_facts(direction)} | ALWAYS_ASKED
    stated = case.facts if case else {}
    return frozenset(
        f"facts.{path}" for path, given in _plain_facts(stated) if path not in wanted and not given
    )


def _plain_facts(stated: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Every single fact by its path, and whether something was stated for it."""
    for name in ApplicationFacts.model_fields:
        if name == "indicators":
            continue
        if name not in PARTS:
            yield name, stated.get(name) is not None
            continue
        part = stated.get(name) or {}
        for inner in PARTS[name].model_fields:
            yield f"{name}.{inner}", part.get(inner) is not None


def _formal_check(session: Session, item: WorkItem) -> Context:
    """The items an officer judges; what the system found by itself stands on the page, not in the form."""
    results = checklist(session, item.case_id)
    lines = [_check_line(one) for one in results if one.how != "machine" or not one.hard]
    return Context(lines={"items": lines}, hidden=DECISION, row_title=_("审查条目"))


def _check_line(result: CheckResult) -> Line:
    nature = _("必须满足") if result.hard else _("参考，不作否决")
    values = {"verdict": result.verdict, "reason": result.reason}
    return Line(result.text, {"rule": result.rule}, values, nature)


def _acceptance(session: Session, item: WorkItem) -> Context:
    direction = get_direction(session, item.direction_code)
    lines = [Line(one.text, {"indicator": one.text}) for one in direction.indicators]
    verdicts = [Option(word, word) for word in ("完成", "未完成")]
    return Context(
        {"verdicts": lines}, {"verdicts.verdict": verdicts}, hidden=DECISION, row_title=_("考核指标")
    )


def _grouping(session: Session, item: WorkItem) -> Context:
    waiting = rounds.cases_awaiting_review(session, item.direction_code)
    cases = session.exec(select(CaseFile).where(col(CaseFile.id).in_(waiting)))
    options = [Option(str(case.id), _case_title(case)) for case in cases]
    mode = session.get_one(ReviewRound, item.round_id).mode
    return Context(options={"cases": options}, values={"cases": waiting, "mode": mode}, hidden=DECISION)


def _ranking(session: Session, item: WorkItem) -> Context:
    """In letter review single applications may be reviewed again; a panel reads its group as a whole."""
    if not session.get_one(ReviewRound, item.round_id).by_letter:
        return Context(hidden=DECISION | {"cases"})
    options = [Option(str(case.id), _case_title(case)) for _entry, case in _group(session, item)]
    return Context(options={"cases": options}, hidden=DECISION)


def _visits(session: Session, item: WorkItem) -> Context:
    lines = [Line(_case_title(case), {"case_id": entry.case_id}) for entry, case in _group(session, item)]
    return Context({"rows": lines}, hidden=DECISION, row_title=_("申报项目"))


def _proposal(session: Session, item: WorkItem) -> Context:
    """As proposed last, when it comes back; at first the recommended ones within the quota, at the amount asked for."""
    quota = session.get_one(ReviewRound, item.round_id).quota
    listed = [(entry, case) for entry, case in _group(session, item) if entry.announced is None]
    recommended = [entry.case_id for entry, _case in listed if entry.result == "recommended"]
    chosen = set(recommended if quota is None else recommended[:quota])
    again = any(entry.decision for entry, _case in listed)
    lines = [
        _proposal_line(entry, case, _proposed(entry) if again else _by_rank(case, fund=case.id in chosen))
        for entry, case in listed
    ]
    return Context({"rows": lines}, hidden=DECISION, row_title=_("申报项目"))


def _proposed(entry: RoundEntry) -> dict[str, Any]:
    approved = Decimal(entry.approved_fen).scaleb(-2)
    return {"fund": entry.decision == "fund", "approved": approved, "reason": entry.decision_reason}


def _by_rank(case: CaseFile, *, fund: bool) -> dict[str, Any]:
    return {"fund": fund, "approved": Decimal(case.requested_fen).scaleb(-2) if fund else Decimal(0)}


def _proposal_line(entry: RoundEntry, case: CaseFile, values: dict[str, Any]) -> Line:
    note = _(
        "第 %(rank)s 名 · 均分 %(mean)s · 申请 %(asked)s 元",
        rank=entry.rank or "—",
        mean=entry.mean or "—",
        asked=Decimal(case.requested_fen).scaleb(-2),
    )
    return Line(_case_title(case), {"case_id": entry.case_id}, values, note)


def _group(session: Session, item: WorkItem) -> list[tuple[RoundEntry, CaseFile]]:
    return [
        (entry, session.get_one(CaseFile, entry.case_id)) for entry in rounds.entries(session, item.round_id)
    ]


def _case_title(case: CaseFile) -> str:
    return f"{case.number or ''} {case.title}".strip()


CONTEXTS: dict[str, Callable[[Session, WorkItem], Context]] = {
    "application": _application,
    "correction": _application,
    "task_book": promises.task_book,
    "change_request": promises.change,
    "progress": promises.achieved,
    "acceptance_application": promises.achieved,
    "formal_check": _formal_check,
    "acceptance_review": _acceptance,
    "grouping": _grouping,
    "site_visit": _visits,
    "defence": _visits,
    "proposal": _proposal,
    "ranking": _ranking,
}
