"""The product put together: every room that registers forms or named actions, imported once.

A diagram names forms and actions; the door looks them up. Rooms above the door register theirs by being
imported here, so the door never imports upward.
"""

from engine.cases import (
    acceptance,
    changes,
    contract,
    extensions,
    filing,
    formal_check,
    milestones,
    moves,
    payment,
    sides,
    task_books,
)
from engine.reviewing import (
    decisions,
    invitations,
    objections,
    panels,
    ranking,
    rounds,
    standing,
    withdrawals,
)

ROOMS = (
    acceptance,
    changes,
    contract,
    extensions,
    filing,
    formal_check,
    milestones,
    payment,
    sides,
    task_books,
    decisions,
    invitations,
    objections,
    panels,
    ranking,
    rounds,
    standing,
    withdrawals,
)

FORMS = moves.FORMS
ACTIONS = moves.ACTIONS
