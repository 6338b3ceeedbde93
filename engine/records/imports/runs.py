"""One file, from bytes to a report: read, check, make; the caller commits it or takes it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from engine import history
from engine.errors import Unusable
from engine.people.models import Account
from engine.people.permissions import may_administer, may_bring_in_cases
from engine.records.imports.applications import load_applications
from engine.records.imports.columns import Problem, Row, read_rows
from engine.records.imports.people import load_experts, load_units, load_users
from engine.records.imports.report import Report
from engine.records.imports.sheets import KINDS, sheets_of
from engine.records.workbook_reading import read_sheets

CHAIN = "imports"


@dataclass(frozen=True)
class Setting:
    """What an import needs besides the file: the words for choices, and the key identity numbers are hashed with."""

    words: Mapping[str, str]
    identity_key: bytes


def run_import(
    session: Session, kind: str, content: bytes, setting: Setting, *, actor: Account, now: datetime
) -> Report:
    """Make what the file asks for and say what was made and what stands in the way.

    Never commits. The caller commits a report without problems, and takes back any other, and every dry run.
    """
    if kind not in KINDS:
        raise Unusable(f"没有“{kind[:40]}”这种导入；可用：{'、'.join(KINDS)}。")
    permit = may_bring_in_cases if kind == "applications" else may_administer
    permit(actor).require()
    report = Report(kind)
    sheets = _read(kind, content, setting, report)
    match kind:
        case "units":
            load_units(session, sheets["单位"], report)
        case "experts":
            load_experts(session, sheets["专家"], report, actor=actor, now=now, key=setting.identity_key)
        case "users":
            load_users(session, sheets["用户"], report, actor=actor, now=now)
        case _:
            load_applications(session, sheets, report, actor=actor, now=now)
    _finish(session, report, actor, now)
    return report


def _read(kind: str, content: bytes, setting: Setting, report: Report) -> dict[str, list[Row]]:
    """Every sheet's rows; a single sheet may go by any name."""
    found = read_sheets(content)
    wanted = sheets_of(kind, setting.words)
    problems: list[Problem] = []
    rows: dict[str, list[Row]] = {}
    for sheet in wanted:
        if sheet.title not in found and not sheet.optional:
            raise Unusable(f"文件中没有“{sheet.title}”工作表；请使用“{KINDS[kind]}”的导入模板。")
        rows[sheet.title] = read_rows(sheet, found.get(sheet.title, []), problems)
    if not rows[wanted[0].title]:
        problems.append(Problem(f"{wanted[0].title}!A2", "没有要导入的内容；请从第 2 行起填写。"))
    report.problems += problems
    return rows


def _finish(session: Session, report: Report, actor: Account, now: datetime) -> None:
    report.problems.sort(key=_place)
    if not report.problems and report.made:
        summary = f"导入{KINDS[report.kind]} {len(report.made)} 条"
        history.record(session, CHAIN, at=now, actor=actor.login, verb="import", summary=summary)


def _place(problem: Problem) -> tuple[str, int, int, str]:
    """Sheet by sheet, line by line, column by column."""
    sheet, _mark, cell = problem.cell.partition("!")
    letters = cell.rstrip("0123456789")
    return sheet, int(cell.removeprefix(letters)), len(letters), letters
