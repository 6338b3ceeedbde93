"""Review rounds (评审轮次): opening one for a direction, and the page of each."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import col, select

from engine.reviewing import rounds
from engine.reviewing.models import ReviewRound
from engine.vocabulary import Role
from web.access import Rule, allow, officers, signed_in
from web.auth import me
from web.clock import now
from web.database import session
from web.rounds.awaiting import awaiting_review, steps_now
from web.rounds.page import round_page

blueprint = Blueprint("rounds", __name__, url_prefix="/rounds")
programme = Rule("programme", frozenset({Role.PROGRAMME}))


@blueprint.get("")
@allow(officers)
def index() -> ResponseReturnValue:
    """The rounds, the newest first, and the directions whose applications wait for one."""
    opened = session().exec(select(ReviewRound).order_by(col(ReviewRound.id).desc())).all()
    return render_template(
        "rounds/index.html",
        rounds=opened,
        awaiting=awaiting_review(session()),
        steps=steps_now(session()),
        may_open=programme.admits(me().roles),
    )


@blueprint.post("")
@allow(programme)
def start() -> ResponseReturnValue:
    """Open a round for the applications of a direction that wait for review."""
    opened = rounds.open_round(session(), request.form.get("direction", ""), actor=me(), now=now())
    return redirect(url_for("rounds.detail", round_id=opened.id))


@blueprint.get("/<int:round_id>")
@allow(signed_in)
def detail(round_id: int) -> ResponseReturnValue:
    """One round: its open step, its group in order, its panel, its notice."""
    page = round_page(session(), round_id, me(), drawing=request.args.get("drawing", ""))
    return render_template("rounds/page.html", page=page)
