"""The first page: each person's own desk."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from web.access import allow, signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@allow(signed_in)
def desk() -> ResponseReturnValue:
    """Where somebody's work is waiting."""
    return redirect(url_for("catalogue.index"))
