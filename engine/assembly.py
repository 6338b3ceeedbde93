"""The product put together: every room that registers forms or named actions, imported once.

A diagram names forms and actions; the door looks them up. Rooms above the door register theirs by being
imported here, so the door never imports upward.
"""

from engine.cases import (
    acceptance,
    contract,
    filing,
    formal_check,
    milestones,
    moves,
    payment,
    sides,
)
from engine.reviewing import decisions, objections, rounds

ROOMS = (
    acceptance,
    contract,
    filing,
    formal_check,
    milestones,
    payment,
    sides,
    decisions,
    objections,
    rounds,
)

FORMS = moves.FORMS
ACTIONS = moves.ACTIONS
