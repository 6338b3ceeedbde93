"""The first page: each person's own desk."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from engine.vocabulary import Role
from web.access import allow, signed_in
from web.auth import me

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@allow(signed_in)
def desk() -> ResponseReturnValue:
    """Where somebody's work is waiting."""
    desks = {Role.APPLICANT: "applicant.index", Role.EXPERT: "expert.index"}
    own = next((page for role, page in desks.items() if role in me().roles), "officer.inbox")
    return redirect(url_for(own))
