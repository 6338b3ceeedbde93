"""The catalogue (申报方向): what the guide offers, findable by mode, section and words."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.catalogue.directions import get_direction, list_directions
from engine.catalogue.spec import DirectionSpec
from engine.vocabulary import FundingMode
from web.access import allow, anyone
from web.catalogue.wording import bounds, circumstances, duration, rule_sentences
from web.database import session

blueprint = Blueprint("catalogue", __name__, url_prefix="/directions")
blueprint.add_app_template_filter(rule_sentences)
blueprint.add_app_template_filter(duration)
blueprint.add_app_template_filter(bounds)
blueprint.add_app_template_filter(circumstances)


@blueprint.get("")
@allow(anyone)
def index() -> ResponseReturnValue:
    """All directions, or those of a funding mode, a section, or holding some words."""
    directions = list_directions(session())
    wanted = {name: request.args.get(name, "").strip() for name in ("mode", "section", "words")}
    return render_template(
        "catalogue/index.html",
        directions=[direction for direction in directions if _matches(direction, **wanted)],
        total=len(directions),
        sections=list(dict.fromkeys(direction.path[0] for direction in directions)),
        modes=FundingMode,
        wanted=wanted,
    )


def _matches(direction: DirectionSpec, mode: str, section: str, words: str) -> bool:
    if (mode and direction.funding_mode != mode) or (section and direction.path[0] != section):
        return False
    text = " ".join((direction.code, *direction.path)).casefold()
    return all(word in text for word in words.casefold().split())


@blueprint.get("/<code>")
@allow(anyone)
def detail(code: str) -> ResponseReturnValue:
    """One direction: its money rule, who may apply, what must be delivered, where the guide says so."""
    return render_template("catalogue/detail.html", direction=get_direction(session(), code))
