"""The year's appropriation (年度预算): what each year has, what is committed, paid and left; planning enters it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session, col, func, select

from engine import history
from engine.cases.fields import yuan_text
from engine.clock import local_day
from engine.errors import KeguanError, Refused, Unusable
from engine.money import ledger
from engine.money.models import Appropriation, Payment
from engine.people import permissions
from engine.people.models import Account
from engine.vocabulary import Role
from web.access import Rule, allow
from web.auth import me
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _
from web.parts.names import names_of

blueprint = Blueprint("budget", __name__, url_prefix="/budget")
readers = Rule(
    "money", frozenset({Role.PLANNING, Role.FINANCE, Role.APPROVER, Role.SUPERVISION, Role.PROGRAMME})
)
YEAR = re.compile(r"20\d\d")


@dataclass(frozen=True)
class Year:
    """One budget year in fen, and the vouchers that made it."""

    year: int
    given_fen: int
    paid_fen: int
    rows: Sequence[Appropriation]

    @property
    def left_fen(self) -> int:
        """What may still be paid out of it."""
        return self.given_fen - self.paid_fen


@blueprint.get("")
@allow(readers)
def index() -> ResponseReturnValue:
    """Every year with its vouchers, the newest first."""
    return _page(None)


@blueprint.post("")
@allow(readers)
def appropriate() -> ResponseReturnValue:
    """Enter what the year's budget gives; a document counts once."""
    permissions.may_appropriate(me()).require()
    try:
        row = _appropriated(session(), me())
    except KeguanError as refusal:
        session().rollback()
        return _page(refusal), status_of(refusal)
    flash(
        _(
            "已登记 %(year)s 年度预算 %(yuan)s 元，文号 %(reference)s。",
            year=row.year,
            yuan=yuan_text(row.amount_fen),
            reference=row.reference,
        )
    )
    return redirect(url_for("budget.index"))


def _appropriated(session: Session, account: Account) -> Appropriation:
    sent, at = request.form, now()
    year, reference = _year(sent.get("year", "")), sent.get("reference", "").strip()
    if not reference:
        raise Unusable(_("请填写下达预算的文号。"))
    key, fen = f"appropriation:{year}:{reference}", _fen(sent.get("yuan", ""))
    if session.exec(select(Appropriation.id).where(Appropriation.idempotency_key == key)).first():
        raise Refused(_("%(year)s 年度的“%(reference)s”已经登记过。", year=year, reference=reference))
    row = ledger.appropriate(
        session,
        year=year,
        amount_fen=fen,
        voucher=ledger.Voucher(
            idempotency_key=key,
            recorded_on=local_day(at),
            recorded_by=account.login,
            reference=reference,
            note=sent.get("note", "").strip(),
        ),
    )
    history.record(
        session,
        f"budget:{year}",
        at=at,
        actor=account.login,
        actor_role=Role.PLANNING.value,
        verb="appropriate",
        summary=f"登记 {year} 年度预算 {yuan_text(row.amount_fen)} 元，文号 {reference}",
        payload={"appropriation": row.id, "fen": row.amount_fen},
    )
    return row


def _year(text: str) -> int:
    if not YEAR.fullmatch(text.strip()):
        raise Unusable(_("预算年度请填四位年份，例如 2025。"))
    return int(text)


def _fen(text: str) -> int:
    """Yuan as entered, to fen; thousands separators may stand in it."""
    try:
        fen = Decimal(text.replace(",", "").strip()) * 100
    except InvalidOperation:
        raise Unusable(_("预算金额请填元，最多两位小数。")) from None
    if not fen.is_finite() or fen != fen.to_integral_value() or fen <= 0:
        raise Unusable(_("预算金额应大于 0，以元填写，最多两位小数。"))
    return int(fen)


def _page(refusal: KeguanError | None) -> str:
    years = _years(session())
    return render_template(
        "money/budget.html",
        years=years,
        names=names_of(session(), (row.recorded_by for one in years for row in one.rows)),
        may=permissions.may_appropriate(me()),
        sent=request.form,
        reasons=refusal.reasons if refusal else [],
    )


def _years(session: Session) -> list[Year]:
    rows = session.exec(select(Appropriation).order_by(col(Appropriation.id).desc())).all()
    paid = select(Payment.year, func.sum(Payment.amount_fen)).group_by(col(Payment.year))
    spent: dict[int, int] = {year: int(fen) for year, fen in session.exec(paid)}
    years = sorted({row.year for row in rows} | spent.keys(), reverse=True)
    return [_one_year(year, [row for row in rows if row.year == year], spent.get(year, 0)) for year in years]


def _one_year(year: int, rows: Sequence[Appropriation], spent: int) -> Year:
    return Year(year, sum(row.amount_fen for row in rows), spent, rows)
