"""Applications from a workbook (申报项目): new ones filed on paper, and projects already running (存量项目).

A new one is filed through the door on the unit's behalf, as from the screen. A running one enters at its
implementation or its acceptance, with its milestones and what was paid before; each earlier payment is derived
anew from the direction's rule and must come to what was paid.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlmodel import Session, col, select

from engine.cases import door, opening
from engine.cases.complaints import complaints
from engine.cases.fields import to_fen
from engine.cases.filing import Application, Member, beside_facts, fen_of
from engine.cases.models import CaseFile, WorkItem
from engine.catalogue.directions import get_direction
from engine.catalogue.facts import ApplicationFacts
from engine.catalogue.spec import DirectionSpec
from engine.catalogue.wording import figure_title
from engine.errors import KeguanError
from engine.people.models import Account, Organization
from engine.records.imports.columns import SEPARATORS, TRUTH, Row
from engine.records.imports.report import Report
from engine.records.imports.running import Earlier, Misfits, Node, Running, bring_in
from engine.records.imports.sheets import FILING, STAGE_WORDS, STAGES, fact_paths
from engine.vocabulary import CaseStatus, Role

BESIDE = ("title", "leader_name", "abstract", "domain")
"""What a project's own row states beside its facts."""
OF_RUNNING = {
    "number": "项目编号",
    "approved": "立项金额（元）",
    "starts_on": "项目开始日期",
    "ends_on": "项目结束日期",
}
"""What a project under way cannot come in without: an amount nobody stated is no amount of nought."""
NOUGHT = {"approved": "；不拨付的填 0"}
STAGE_NAMES = {key: word for word, key in STAGE_WORDS.items()}


@dataclass(frozen=True)
class _Known:
    """What the rows refer to."""

    units: Mapping[str, Organization]
    accounts: Mapping[str, Account]
    applicants: Mapping[int, Account]
    numbers: set[str]
    nodes: Mapping[str, list[Row]]
    payments: Mapping[str, list[Row]]
    figures: Mapping[str, list[Row]]
    team: Mapping[str, list[Row]]


def load_applications(
    session: Session, sheets: Mapping[str, Sequence[Row]], report: Report, *, actor: Account, now: datetime
) -> None:
    """Make every project of the sheets; what refuses one is said beside its cell and spoils no other."""
    known = _known(session, sheets)
    for column in ("key", "number"):
        report.refuse_repeats(sheets["项目"], column)
    keys = {row["key"] for row in sheets["项目"]}
    for row in sheets["项目"]:
        _load(session, row, known, report, actor=actor, now=now)
    for rows in (sheets["考核指标"], sheets["项目组成员"], sheets["里程碑"], sheets["已拨付"]):
        for row in rows:
            if row["key"] is not None and row["key"] not in keys:
                report.refuse(row, "key", f"“项目”表中没有序号“{row['key']}”；请核对。")


def _known(session: Session, sheets: Mapping[str, Sequence[Row]]) -> _Known:
    accounts = list(
        session.exec(select(Account).where(col(Account.active).is_(True)).order_by(col(Account.id)))
    )
    applicants: dict[int, Account] = {}
    for account in accounts:
        if Role.APPLICANT in account.roles and account.organization_id is not None:
            applicants.setdefault(account.organization_id, account)
    return _Known(
        units={unit.name: unit for unit in session.exec(select(Organization))},
        accounts={account.login: account for account in accounts},
        applicants=applicants,
        numbers={number for number in session.exec(select(CaseFile.number)) if number},
        nodes=_by_key(sheets["里程碑"]),
        payments=_by_key(sheets["已拨付"]),
        figures=_by_key(sheets["考核指标"]),
        team=_by_key(sheets["项目组成员"]),
    )


def _by_key(rows: Sequence[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["key"]].append(row)
    return grouped


def _load(
    session: Session, row: Row, known: _Known, report: Report, *, actor: Account, now: datetime
) -> None:
    if row["number"] in known.numbers:
        report.known.append(("项目", row["number"], "已有，保持不变"))
        return
    spec, unit = _direction(session, row, report), _unit(row, known, report)
    applicant = _applicant(row, unit, known, report)
    team = known.team.get(row["key"], [])
    parts = [*team, *known.nodes.get(row["key"], ()), *known.payments.get(row["key"], ())]
    stated, facts = _stated(row, team, report), _facts(row, spec, known, report)
    _refuse_lacking(row, report)
    if not row.sound or not all(part.sound for part in parts):
        return
    if spec is None or unit is None or applicant is None or stated is None or facts is None:
        return
    if row["stage"] == FILING and _is_filed(session, row, unit):
        report.known.append(("项目", row["title"], "该单位在本方向已有同名申报，保持不变"))
        return
    try:
        with session.begin_nested():
            if row["stage"] == FILING:
                case = _file(session, row, unit, applicant, stated, facts, actor=actor, now=now)
            else:
                project = _running(row, unit, applicant, stated, facts, known)
                case = bring_in(session, project, actor=actor, now=now)
    except Misfits as refusal:
        rows = {
            "项目": [row],
            "里程碑": known.nodes.get(row["key"]),
            "已拨付": known.payments.get(row["key"]),
        }
        for one in refusal.misfits:
            report.refuse((rows[one.sheet] or [row])[one.line], one.column, one.sentence)
    except KeguanError as refusal:
        report.refused(row, "stage" if row["stage"] != FILING else "title", refusal)
    else:
        known.numbers.add(case.number or "")
        report.made.append(
            ("项目", case.number or case.title, f"{case.title} · {CaseStatus.of(case.status).zh}")
        )


def _refuse_lacking(row: Row, report: Report) -> None:
    """A column of a running project that was left empty, or left out."""
    if not row.sound or row["stage"] == FILING:
        return
    for column, title in OF_RUNNING.items():
        if row[column] is None:
            report.refuse(row, column, f"存量项目须填写“{title}”{NOUGHT.get(column, '')}。")
            row.sound = False


def _is_filed(session: Session, row: Row, unit: Organization) -> bool:
    """Whether the unit has this very application already: a new one has no number yet to know it by."""
    statement = select(CaseFile.id).where(
        CaseFile.unit_id == unit.id,
        CaseFile.direction_code == row["direction"],
        CaseFile.title == row["title"],
        CaseFile.status != CaseStatus.WITHDRAWN,
    )
    return session.exec(statement.limit(1)).first() is not None


def _direction(session: Session, row: Row, report: Report) -> DirectionSpec | None:
    if row["direction"] is None:
        return None
    try:
        return get_direction(session, row["direction"])
    except KeguanError as refusal:
        report.refused(row, "direction", refusal)
        return None


def _unit(row: Row, known: _Known, report: Report) -> Organization | None:
    name = row["unit"]
    if name is not None and name not in known.units:
        report.refuse(row, "unit", f"没有单位“{name}”；请先导入单位，或改为系统中的全称。")
    return known.units.get(name)


def _applicant(row: Row, unit: Organization | None, known: _Known, report: Report) -> Account | None:
    """The account the project's steps go to: the one named, else the unit's first."""
    if unit is None:
        return None
    login = row["applicant"]
    account = known.accounts.get(login) if login else known.applicants.get(unit.id or 0)
    if account is None:
        why = f"没有在用的账号“{login}”" if login else f"“{unit.name}”还没有申报账号"
        report.refuse(row, "applicant" if login else "unit", f"{why}；请先导入用户。")
    elif account.organization_id != unit.id or Role.APPLICANT not in account.roles:
        report.refuse(row, "applicant", f"“{login}”不是“{unit.name}”的申报账号；请核对。")
        return None
    return account


def _facts(row: Row, spec: DirectionSpec | None, known: _Known, report: Report) -> ApplicationFacts | None:
    """The application's data from its columns and its figures; None, with the reasons, when they do not fit."""
    nested: dict[str, Any] = {
        "unit": {},
        "leader": {},
        "recommendation_sealed": row["stage"] != FILING or None,
    }
    for path in fact_paths():
        part, _dot, name = path.rpartition(".")
        if row[path] is not None:
            (nested[part] if part else nested)[name] = row[path]
    nested["indicators"] = dict(_figures(spec, known.figures.get(row["key"], ()), report)) if spec else {}
    try:
        return ApplicationFacts.model_validate(nested)
    except ValidationError as error:
        _refuse(row, ApplicationFacts, error, report)
        return None


def _stated(row: Row, team: Sequence[Row], report: Report) -> Application | None:
    """Title, leader, abstract, discipline and team as the application's form takes them."""
    beside: dict[str, Any] = {name: row[name] or "" for name in BESIDE}
    members = [{name: one[name] for name in Member.model_fields if one[name] is not None} for one in team]
    try:
        return Application.model_validate({"outcome": "submit", **beside, "team": members})
    except ValidationError as error:
        for problem, sentence in zip(error.errors(), complaints(Application, error), strict=True):
            match problem["loc"]:
                case ("team", int(line), name):
                    report.refuse(team[line], str(name), sentence)
                case ("team",):
                    report.refuse(team[0], "name", sentence)
                case (name, *_):
                    report.refuse(row, str(name), sentence)
        return None


def _refuse(row: Row, model: type[BaseModel], error: ValidationError, report: Report) -> None:
    for problem, sentence in zip(error.errors(), complaints(model, error), strict=True):
        report.refuse(row, ".".join(str(part) for part in problem["loc"]), sentence)


def _figures(spec: DirectionSpec, rows: Sequence[Row], report: Report) -> Iterator[tuple[str, Any]]:
    parts = [part for one in spec.indicators for part in one.walk()]
    names = {figure_title(spec.indicators, key): key for part in parts for key in part.figures}
    for row in rows:
        if row["indicator"] not in names:
            allowed = "；".join(list(names)[:8]) or "（本方向没有考核指标）"
            report.refuse(row, "indicator", f"{spec.code} 没有指标“{row['indicator']}”；可填：{allowed}。")
        elif row.sound:
            values = [TRUTH.get(text, text) for text in SEPARATORS.split(row["value"]) if text]
            yield names[row["indicator"]], values[0] if len(values) == 1 else values


def _file(
    session: Session,
    row: Row,
    unit: Organization,
    applicant: Account,
    stated: Application,
    facts: ApplicationFacts,
    *,
    actor: Account,
    now: datetime,
) -> CaseFile:
    """File a paper application on the unit's behalf (代录); the recommending unit has the next step."""
    case = opening.open_case(session, row["direction"], unit_id=unit.id or 0, actor=actor, now=now)
    case.applicant_id = applicant.id or 0
    statement = select(WorkItem.id).where(WorkItem.case_id == case.id, WorkItem.status == "open")
    payload = stated.model_dump() | {"facts": facts}
    item = session.exec(statement).one()
    door.complete(session, item or 0, actor=actor, payload=payload, now=now, on_behalf_of=unit.name)
    return case


def _running(
    row: Row,
    unit: Organization,
    applicant: Account,
    stated: Application,
    facts: ApplicationFacts,
    known: _Known,
) -> Running:
    cooperation = (row["cooperation_due"], row["cooperation_paid"])
    assert facts.starts_on is not None
    assert facts.ends_on is not None
    return Running(
        direction=row["direction"],
        title=stated.title,
        unit=unit,
        applicant=applicant,
        status=STAGES[row["stage"]],
        stage=STAGE_NAMES[row["stage"]],
        facts=facts.model_dump(mode="json", exclude_none=True) | beside_facts(stated),
        requested_fen=fen_of(facts.requested_yuan),
        approved_fen=fen_of(row["approved"]),
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        number=row["number"],
        document=row["document"] or "",
        cooperation=None if None in cooperation else (to_fen(cooperation[0]), to_fen(cooperation[1])),
        nodes=[_node(one) for one in known.nodes.get(row["key"], ())],
        payments=[_earlier(one) for one in known.payments.get(row["key"], ())],
    )


def _node(row: Row) -> Node:
    return Node(row["title"], row["due_on"], row["percent"], row["passed"])


def _earlier(row: Row) -> Earlier:
    return Earlier(to_fen(row["amount"]), row["paid_on"], row["voucher"], row["tranche"])
