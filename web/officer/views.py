"""The inbox (待办): mine, my group's, all; every state of the filters is an address."""

from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.cases import queries
from engine.cases.queries import PAGE, Filters
from engine.people.permissions import may_see_reviewers
from web.access import allow, signed_in
from web.auth import me
from web.clock import now
from web.database import session
from web.officer.filters import filters_from, known_steps

blueprint = Blueprint("officer", __name__)


@blueprint.get("/inbox")
@allow(signed_in)
def inbox() -> ResponseReturnValue:
    """The open steps somebody may act on or follow, the soonest due first."""
    filters = filters_from(request.args)
    found = queries.inbox(session(), me(), filters, now())
    if "scope" not in request.args and not found.counts["mine"] and found.counts["group"]:
        return redirect(url_for("officer.inbox", scope="group"))
    return render_template(
        "officer/inbox.html",
        inbox=found,
        filters=filters,
        steps=known_steps(session()),
        reviewers=may_see_reviewers(me()),
        pages=-(-found.total // PAGE),
        address=partial(_address, filters),
    )


def _address(filters: Filters, **changed: object) -> str:
    """The inbox with these filters, without those that narrow nothing."""
    values: dict[str, object] = vars(filters) | {"page": 1} | changed
    values["overdue"] = "1" if values["overdue"] else ""
    query = {name: value for name, value in values.items() if value and (name, value) != ("page", 1)}
    return f"{url_for('officer.inbox')}?{urlencode(query)}"
