"""Time limits (期限) as text: what a timer, a task's `limit` and its `reminders` may say.

A limit is an expression whose value is a whole number (working days), a quoted ISO duration (`"P1M"`,
calendar) or a quoted date; usually the name of a policy value (`limit_correction`).
"""

import re
from collections.abc import Iterator
from datetime import date

from engine.bpmn import expressions
from engine.bpmn.profile.finding import Finding, Page
from engine.errors import Unusable

MAX_DAYS = 3_650
"""Ten years of days; no procedure waits longer."""

_BARE = re.compile(r"(R\d*/)?P(\d|T\d)[\dA-Z.,]*|\d{4}-\d{1,2}-\d{1,2}.*", re.IGNORECASE)
_CYCLE = re.compile(r"R\d*/.*|@\w+|(\S+\s+){4,6}\S+", re.IGNORECASE)
_DURATION = re.compile(
    r"P(?=\d|T\d)(\d{1,4}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,4}D)?(T(?=\d)(\d{1,5}H)?(\d{1,5}M)?)?"
)
_FIX = '请写工作日数（如 15）、政策参数名（如 limit_correction）或带引号的时长 "P1M"、日期 "2026-12-31"。'


def check(page: Page, id_: str, line: int, what: str, text: str) -> Iterator[Finding]:
    """Findings about one limit; `what` says whose it is."""
    stripped = text.strip()
    if _BARE.fullmatch(stripped):
        message = f"{what}“{stripped[:60]}”没有加引号，运行时会出错。"
        yield page.on(id_, line, "timer-unquoted", message, f'请加上英文引号，写成 "{stripped[:60]}"。')
        return
    if _CYCLE.fullmatch(stripped.strip("\"'")):
        message = f"{what}“{stripped[:60]}”是循环或 cron 写法，不受支持。"
        yield page.on(id_, line, "timer-cycle", message, "请用一次性的期限，催办写在 reminders 属性里。")
        return
    problems = expressions.check(stripped)
    for problem in problems:
        yield page.on(id_, line, "timer", f"{what}的{problem}", _FIX)
    if problems:
        return
    names = expressions.names_in(stripped)
    if not names and not _is_limit(_value(stripped)):
        yield page.on(id_, line, "timer", f"{what}“{stripped[:60]}”不是期限。", _FIX)
    for name in sorted(names - (page.world.names or names)):
        fix = "请改为已有的政策参数，或请管理员先登记这个参数。"
        yield page.on(
            id_, line, "unknown-limit", f"{what}用到的“{name}”不是政策参数，也不是案件的日期。", fix
        )


def reminders(page: Page, id_: str, line: int, text: str) -> Iterator[Finding]:
    """Findings about a reminder plan: working days before (negative) and after the due date, by commas."""
    if not all(re.fullmatch(r"\s*-?\d{1,3}\s*", day) for day in text.split(",")):
        message = f"“{id_}”的催办计划“{text[:60]}”写法不对。"
        fix = "请写相对到期日的工作日数，用英文逗号隔开，如 -3,-1,1,5。"
        yield page.on(id_, line, "reminders", message, fix)


def _value(text: str) -> object:
    try:
        return expressions.evaluate(text, {})
    except Unusable:
        return None


def _is_limit(value: object) -> bool:
    if isinstance(value, str):
        return bool(_DURATION.fullmatch(value)) or _is_date(value)
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_DAYS


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return len(text) == 10 or bool(re.fullmatch(r"T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", text[10:]))
