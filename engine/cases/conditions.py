"""A condition as a person sees it (条件): what it asks, where it is written, and how it stands now.

One list serves twice: while somebody types it is shown line by line, and on submission what does not hold refuses.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from engine.errors import Refused

State = Literal["met", "unmet", "unknown", "later", "not_applicable"]
"""`unknown`: something is still to be filled in. `later`: it is not the applicant who settles it, or not yet."""


@dataclass(frozen=True)
class Condition:
    """One condition; `reason` is a sentence that says how it stands and what to do, `clause` where it comes from.

    `fields` are the form's fields it is about, by their dotted names.
    """

    key: str
    text: str
    state: State
    reason: str = ""
    clause: str = ""
    fields: tuple[str, ...] = ()


def holds(key: str, text: str, kept: bool, wrong: str, clause: str = "") -> Condition:
    """A condition that is kept, or not kept with the sentence for it."""
    return Condition(key, text, "met" if kept else "unmet", "" if kept else wrong, clause)


def unknown(key: str, text: str, ask: str, clause: str = "") -> Condition:
    """A condition nobody can judge before something is filled in."""
    return Condition(key, text, "unknown", ask, clause)


def stated(key: str, text: str, entered: object, ask: str, clause: str = "") -> Condition:
    """A condition that something is filled in at all."""
    return Condition(key, text, "met", "", clause) if entered else unknown(key, text, ask, clause)


def refuse_unkept(conditions: Iterable[Condition]) -> None:
    """Refused with the sentence of every condition that does not hold or cannot be judged yet."""
    reasons = [one.reason for one in conditions if one.state in ("unmet", "unknown")]
    if reasons:
        raise Refused(reasons[0] if len(reasons) == 1 else "；".join(reasons), reasons)
