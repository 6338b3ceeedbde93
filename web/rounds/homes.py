"""Where a step of a review round is done: an expert's at the expert desk, the draw on its own page."""

from flask import url_for

from engine.cases.models import WorkItem
from engine.people.models import Account
from engine.people.permissions import may_see_draw

DESKS = {"invitation": "expert.invitation", "score_sheet": "expert.sheet"}
"""The pages of the steps every expert has for himself, by form."""


def home_of(item: WorkItem, account: Account) -> str:
    """The address of a round's step for this account."""
    if item.form_key in DESKS and item.holder_id == account.id:
        return url_for(DESKS[item.form_key], item_id=item.id)
    if item.form_key == "panel" and may_see_draw(account):
        return url_for("draws.detail", round_id=item.round_id)
    return url_for("rounds.detail", round_id=item.round_id)
