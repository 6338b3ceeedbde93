"""How values look on a page: money, dates, time limits. Exact values stay in reach of the reader."""

from datetime import UTC, date, datetime
from decimal import Decimal

from flask import Flask

from engine.clock import SHANGHAI, local_day
from engine.policy import DEFAULT_CLAUSE
from web.language import is_english
from web.language import translate as _

CUSTOM = "科室惯例（待确认）"
"""What the shipped diagrams write where no document is known."""
SOON_DAYS = 3  # how early the colour changes; the word always says the days


def install(app: Flask) -> None:
    """Register the filters templates use."""
    app.jinja_env.filters.update(
        yuan=yuan,
        wan=wan,
        wan_fen=wan_fen,
        day=day,
        moment=moment,
        percent=percent,
        due_word=due_word,
        due_class=due_class,
        size=size,
        clause=clause,
    )


def yuan(fen: int | None) -> str:
    """Fen as exact yuan: 12345678 → 123,456.78."""
    return "—" if fen is None else f"{Decimal(fen).scaleb(-2):,.2f}"


def wan(yuan_amount: int | None) -> str:
    """Whole yuan as people read it: 500000 → 50 万元; exact, never rounded."""
    if yuan_amount is None:
        return "—"
    if is_english():
        return f"¥{yuan_amount:,}"
    amount = (Decimal(yuan_amount) / 10_000).normalize()
    return f"{amount:,f} 万元" if yuan_amount >= 10_000 else f"{yuan_amount:,} 元"


def wan_fen(fen: int) -> str:
    """Fen as people read it: 1234567800 → 1,234.5678 万元, in English ¥12,345,678; exact, never rounded."""
    amount = Decimal(fen).scaleb(-2)
    if is_english():
        return f"¥{amount:,.2f}".removesuffix(".00")
    if amount < 10_000:
        return f"{amount:,.2f}".removesuffix(".00") + " 元"
    return f"{(amount / 10_000).normalize():,f} 万元"


def size(octets: int) -> str:
    """A file's size as people read it: 51200 → 50 KB."""
    mega = octets / (1024 * 1024)
    return f"{mega:.1f} MB" if mega >= 1 else f"{max(1, round(octets / 1024))} KB"


def percent(share: Decimal | None) -> str:
    """A share as percent: 0.2 → 20%."""
    return "—" if share is None else f"{(share * 100).normalize():f}%"


def day(value: date | datetime | None) -> str:
    """A day in Liuzhou, in the order every form writes it."""
    if value is None:
        return "—"
    return (local_day(_aware(value)) if isinstance(value, datetime) else value).isoformat()


def moment(value: datetime | None) -> str:
    """A moment to the minute, Liuzhou time."""
    return "—" if value is None else _aware(value).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def clause(text: str) -> str:
    """What a rule rests on; a default nobody has found a document for yet is called one, without its mark."""
    return _("科室惯例（待确认）") if text in (DEFAULT_CLAUSE, CUSTOM) else text


def due_word(due: datetime | None, at: datetime) -> str:
    """How a time limit stands in a word: overdue, today, or the days that are left (calendar days)."""
    if due is None:
        return _("无期限")
    days = _days_left(due, at)
    if days < 0:
        return _("逾期 %(days)s 天", days=-days)
    return _("今天到期") if days == 0 else _("还有 %(days)s 天", days=days)


def due_class(due: datetime | None, at: datetime) -> str:
    """The colour that goes with the word; never the only sign."""
    if due is None:
        return ""
    days = _days_left(due, at)
    return "late" if days < 0 else "soon" if days <= SOON_DAYS else ""


def _days_left(due: datetime, at: datetime) -> int:
    return (local_day(_aware(due)) - local_day(at)).days


def _aware(value: datetime) -> datetime:
    """SQLite keeps moments without their zone; all of ours are UTC."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)
