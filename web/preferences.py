"""Choosing language and theme: a plain form that works without scripts."""

from datetime import timedelta

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from web.access import allow, anyone
from web.addresses import local_address
from web.language import LANGUAGES, THEMES

YEAR = timedelta(days=365)

blueprint = Blueprint("preferences", __name__)


@blueprint.post("/preferences")
@allow(anyone)
def choose() -> ResponseReturnValue:
    """Keep the language or theme and go back to the page it was chosen on."""
    answer = redirect(local_address(request.form.get("next")))
    for name, known in (("language", tuple(LANGUAGES)), ("theme", THEMES)):
        if request.form.get(name) in known:
            answer.set_cookie(name, request.form[name], max_age=YEAR, samesite="Lax", httponly=True)
    return answer
