"""The room's pages, brought together: importing them puts their addresses on the blueprint."""

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.change import drafts as verbs
from engine.change import proposals as proposing
from web.access import allow
from web.auth import me
from web.change import (
    calendar,
    drafts,
    migration,
    proposals,
    rehearsing,
    releases,
    reviewing,
    rules,
    testing,
    warmth,
)
from web.change.room import admins, blueprint
from web.clock import now
from web.database import session

__all__ = [
    "blueprint",
    "calendar",
    "drafts",
    "migration",
    "proposals",
    "rehearsing",
    "releases",
    "reviewing",
    "rules",
    "testing",
    "warmth",
]


@blueprint.get("")
@allow(admins)
def index() -> ResponseReturnValue:
    """What can be changed, and what is under way."""
    return render_template(
        "change/index.html",
        parts=verbs.parts(session(), now()),
        waiting=proposing.proposals(session(), status="pending"),
        mine={draft.key: draft for draft in verbs.drafts_of(session(), me().login)},
    )
