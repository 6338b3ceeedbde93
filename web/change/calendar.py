"""The working calendar: days off and make-up days, what changing one would move, and the proposal."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from engine.change import calendars
from engine.clock import CalendarDay, local_day
from engine.errors import KeguanError
from web.access import allow
from web.auth import me
from web.change.room import admins, admins_and_supervision, blueprint
from web.change.rules import day_from
from web.clock import now
from web.database import session
from web.errors import status_of
from web.language import translate as _

STATES = {"off": False, "work": True, "plain": None}


@blueprint.get("/calendar")
@allow(admins_and_supervision)
def calendar() -> ResponseReturnValue:
    """The exceptions of a year, and a preview of what a change would move."""
    return _page()


@blueprint.post("/calendar")
@allow(admins)
def propose_day() -> ResponseReturnValue:
    """Propose that a day is worked, off, or again what its weekday says."""
    given = request.form
    try:
        proposal = calendars.propose_calendar(
            session(),
            day_from(given.get("day", "")),
            STATES[given.get("state", "off")],
            given.get("name", ""),
            clause=given.get("clause", ""),
            note=given.get("note", ""),
            actor=me(),
            now=now(),
        )
    except KeguanError as refusal:
        return _page(refusal.reasons), status_of(refusal)
    flash(_("已提交，等待另一位管理员批准。"))
    return redirect(url_for("change.proposal", number=proposal.id))


def _page(problems: list[str] | None = None) -> str:
    given = request.values
    year = given.get("year", type=int) or local_day(now()).year
    days = select(CalendarDay).where(
        col(CalendarDay.day) >= date(year, 1, 1), col(CalendarDay.day) <= date(year, 12, 31)
    )
    effect = None
    if given.get("day") and not problems:
        effect = calendars.calendar_effect(
            session(), day_from(given["day"]), STATES[given.get("state", "off")], now=now()
        )
    return render_template(
        "change/calendar.html",
        year=year,
        days=session().exec(days.order_by(col(CalendarDay.day))).all(),
        effect=effect,
        problems=problems,
        given=given,
    )
