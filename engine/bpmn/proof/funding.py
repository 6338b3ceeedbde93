"""When money may be paid (拨付条件), followed through a walk: a few facts that steps make true or false.

The process says how it is funded in its property `funding`. Without one the process id tells, or what it
does: a procedure that goes from milestone to milestone, one with a verified cooperation payment, or the ordinary one.
Steps are known by what the product fixes: named actions, forms, and the shared part `acceptance`.
"""

from collections.abc import Iterator
from typing import Literal, cast, get_args

from engine.bpmn.model import ProcessModel
from engine.bpmn.proof.data import Value
from engine.bpmn.proof.net import SUFFIX, Net, Node, plain

Funding = Literal["post_subsidy", "milestone", "cooperation", "unfunded"]

PAY = "record_payment"
"""The named action that pays (登记拨付)."""

BEFORE_ACCEPTANCE = "no_payment_before_acceptance"
BEFORE_MILESTONE = "payment_only_after_milestone"
UNFUNDED = "no_payment_when_unfunded"

PROPERTIES: dict[Funding, tuple[str, ...]] = {
    "post_subsidy": (BEFORE_ACCEPTANCE,),
    "cooperation": (BEFORE_ACCEPTANCE,),
    "milestone": (BEFORE_ACCEPTANCE, BEFORE_MILESTONE),
    "unfunded": (UNFUNDED,),
}
"""What is proved of a procedure, by its funding."""

_BY_ID: dict[str, Funding] = {
    "post_subsidy": "post_subsidy",
    "milestone_subsidy": "milestone",
    "cooperation_subsidy": "cooperation",
    "unfunded": "unfunded",
}
_CERTIFY = "issue_certificate"
_NEXT_MILESTONE = "next_milestone"
_MILESTONE_REVIEW = "node_review"
_COOPERATION_CHECK = "cooperation_check"

ACCEPTED, VERIFIED, ACHIEVED, IN_MILESTONE = 1, 2, 4, 8
"""Facts, as bits: acceptance passed; the cooperation payment verified; the milestone in work achieved and not
yet paid for; a milestone in work (a payment now is for it, not the final one)."""


def declared(process: ProcessModel) -> Funding | None:
    """How a process says it is funded: by its property, or by its id or the beginning of it."""
    word = process.properties.get("funding")
    if word in get_args(Funding):
        return cast(Funding, word)
    found = (mode for key, mode in _BY_ID.items() if process.id == key or process.id.startswith(f"{key}_"))
    return next(found, None)


def funding(net: Net) -> Funding:
    """How a procedure is funded; from what it does when it does not say."""
    said = declared(net.process)
    if said is not None:
        return said
    if any(node.action == _NEXT_MILESTONE for node in net.nodes):
        return "milestone"
    if any(node.element.properties.get("form") == _COOPERATION_CHECK for node in net.nodes):
        return "cooperation"
    return "post_subsidy"


def watched(net: Net) -> frozenset[int]:
    """The nodes whose outcome makes a fact true or false."""
    return frozenset(index for index, node in enumerate(net.nodes) if any(_facts(node)))


def after(node: Node, value: Value, facts: int) -> int:
    """The facts once a step has been done with an outcome."""
    for fact, makes_true in _facts(node):
        facts = facts | fact if value in makes_true or ANY in makes_true else facts & ~fact
    if node.action == PAY:
        facts &= ~ACHIEVED  # one payment for one milestone
    return facts


def broken(mode: Funding, facts: int) -> str | None:
    """The property that a payment breaks now; None when it may be paid."""
    if mode == "unfunded":
        return UNFUNDED
    if facts & ACCEPTED or (mode == "cooperation" and facts & VERIFIED):
        return None
    if mode == "milestone" and facts & IN_MILESTONE:
        return None if facts & ACHIEVED else BEFORE_MILESTONE
    return BEFORE_ACCEPTANCE


ANY = "\0any"
"""Whatever the outcome."""


def _facts(node: Node) -> Iterator[tuple[int, frozenset[str]]]:
    """What a step decides, with the outcomes that make it true; any other outcome makes it false."""
    form = node.element.properties.get("form")
    names = {plain(name).removesuffix(SUFFIX) for name in node.variables}
    if "acceptance" in names:
        yield ACCEPTED, frozenset({"passed", "pass"})
    if node.action == _CERTIFY:
        yield ACCEPTED, frozenset({ANY})
    if "cooperation" in names:
        yield VERIFIED, frozenset({"verified"})
    if form == _COOPERATION_CHECK:
        yield VERIFIED, frozenset({"ok"})
    if form == _MILESTONE_REVIEW:
        yield ACHIEVED, frozenset({"achieved"})
    if node.action == _NEXT_MILESTONE:
        yield ACHIEVED, frozenset()
        yield IN_MILESTONE, frozenset({"node"})
