"""The draw of a round's experts through the API: prepare, approve, draw lots, publish, take back."""

from datetime import datetime
from typing import Any

from pydantic import Field

from engine.errors import NotFound
from engine.people.permissions import may_see_draw
from engine.reviewing import draws, invitations
from engine.reviewing.models import Draw, ReviewRound
from engine.reviewing.wishes import Wish
from web.api import answers
from web.api.answers import Answered
from web.api.calls import Body, Call, operation
from web.api.work import moved


class LotsBody(Body):
    """The witness and the number named in public; another attempt needs a reason."""

    witness: str = Field(max_length=100)
    number: str = Field(max_length=40)
    reason: str = Field(default="", max_length=500)


class Reason(Body):
    """Why."""

    reason: str = Field(max_length=500)


class Pin(Body):
    """An expert who must sit, and the application to be read where that is to be said."""

    account_id: int
    case_id: int | None = None


class Preparation(Body):
    """A what-if of the draw; its reason, which another draw after a published panel needs too."""

    pins: list[Pin] = Field(default_factory=list, max_length=100)
    forbids: list[int] = Field(default_factory=list, max_length=1000)
    changes: dict[str, Any] = Field(default_factory=dict)
    reason: str = Field(default="", max_length=500)


class LateConflict(Body):
    """A conflict learned late; in letter review it may be with one application alone."""

    statement: str = Field(max_length=500)
    case_id: int | None = None


class DrawState(Answered):
    """Where the newest draw of a round stands; `status` as the pages tell it."""

    round_id: int
    draw_id: int
    status: str
    stage: str
    bound: float | None
    incumbent: float | None
    seconds: float
    needs_approval: bool
    approved_by: str | None
    requested_by: str
    requested_at: datetime
    finished_at: datetime | None
    input_sha256: str
    attempts: int
    error: str


class Certificate(Answered):
    """What proves a draw: hashes, policy versions, seed, bounds, every exclusion, each attempt."""

    certificate: dict[str, Any]


@operation("GET", "/rounds/{round_id}/draw", "抽取的进度", tag="rounds", answer=DrawState)
def get_draw(call: Call, round_id: int) -> DrawState:
    """The newest draw, for who may see the draw."""
    return _state(call, round_id)


@operation("GET", "/rounds/{round_id}/draw/certificate", "抽取的证明", tag="rounds", answer=Certificate)
def get_draw_certificate(call: Call, round_id: int) -> Certificate:
    """The newest draw's certificate; the secret is in it only once lots were drawn."""
    from engine.reviewing import proofs  # noqa: PLC0415 - brings the optimizer

    return Certificate(certificate=proofs.certificate(call.session, _newest(call, round_id)))


@operation(
    "POST",
    "/rounds/{round_id}/draw/preparation",
    "准备抽取",
    tag="rounds",
    answer=DrawState,
    body=Preparation,
    status=202,
)
def prepare_draw(call: Call, round_id: int) -> DrawState:
    """Queue a draw under the policies in force, or as wished; the worker solves it."""
    sent: Preparation = call.body
    pins = tuple((one.case_id, one.account_id) for one in sent.pins)
    wish = Wish(pins, tuple(sent.forbids), sent.changes, sent.reason)
    draws.prepare(call.session, round_id, actor=call.account, now=call.now, wish=wish)
    return _state(call, round_id)


@operation("POST", "/rounds/{round_id}/draw/cancellation", "中止求解", tag="rounds", answer=DrawState)
def cancel_draw(call: Call, round_id: int) -> DrawState:
    """Stop solving with the best so far."""
    draws.cancel(call.session, _newest(call, round_id), actor=call.account, now=call.now)
    return _state(call, round_id)


@operation("POST", "/rounds/{round_id}/draw/approval", "批准抽取条件的调整", tag="rounds", answer=DrawState)
def approve_draw(call: Call, round_id: int) -> DrawState:
    """The approving leader agrees to what was pinned or changed."""
    draws.approve(call.session, _newest(call, round_id), actor=call.account, now=call.now)
    return _state(call, round_id)


@operation("POST", "/rounds/{round_id}/draw/lots", "抽签", tag="rounds", answer=DrawState, body=LotsBody)
def draw_lots(call: Call, round_id: int) -> DrawState:
    """Draw one panel from the stored list with the witness's number."""
    sent = call.body.model_dump()
    draws.draw_lots(call.session, _newest(call, round_id), actor=call.account, now=call.now, **sent)
    return _state(call, round_id)


@operation("POST", "/rounds/{round_id}/draw/publication", "发布抽取结果", tag="rounds", answer=answers.Moved)
def publish_draw(call: Call, round_id: int) -> answers.Moved:
    """Verify the drawn panel, seat it and send the invitations."""
    newest = _newest(call, round_id)
    return moved(call, draws.publish(call.session, newest, actor=call.account, now=call.now))


@operation(
    "POST", "/rounds/{round_id}/draw/undo", "撤回抽取结果", tag="rounds", answer=DrawState, body=Reason
)
def undo_draw(call: Call, round_id: int) -> DrawState:
    """Take the published draw back, until the first file was opened."""
    invitations.undo(call.session, round_id, actor=call.account, now=call.now, reason=call.body.reason)
    return _state(call, round_id)


@operation(
    "POST",
    "/rounds/{round_id}/experts/{account_id}/excuse",
    "免除专家",
    tag="rounds",
    answer=DrawState,
    body=Reason,
)
def excuse_expert(call: Call, round_id: int, account_id: int) -> DrawState:
    """Take an expert off the newest panel before the scores are in; the next backup is invited."""
    member = _member(call, round_id, account_id)
    invitations.excuse(call.session, member, actor=call.account, now=call.now, reason=call.body.reason)
    return _state(call, round_id)


@operation(
    "POST",
    "/rounds/{round_id}/experts/{account_id}/conflict",
    "登记事后回避",
    tag="rounds",
    answer=DrawState,
    body=LateConflict,
)
def register_conflict(call: Call, round_id: int, account_id: int) -> DrawState:
    """Register a conflict learned late: the seat passes on, scores given are kept and no longer counted."""
    member, sent = _member(call, round_id, account_id), call.body.model_dump()
    invitations.report_conflict(call.session, member, actor=call.account, now=call.now, **sent)
    return _state(call, round_id)


def _member(call: Call, round_id: int, account_id: int) -> int:
    may_see_draw(call.account).require()
    opened = call.session.get(ReviewRound, round_id)
    seated = invitations.members(call.session, round_id, opened.panel_no) if opened else []
    found = next((one for one in seated if one.account_id == account_id), None)
    if found is None:
        raise NotFound(f"账号 {account_id} 不在第 {round_id} 评审轮次的专家组中。")
    return found.id or 0


def _newest(call: Call, round_id: int) -> int:
    return _draw(call, round_id).id or 0


def _draw(call: Call, round_id: int) -> Draw:
    """The newest draw, for who may see draws."""
    may_see_draw(call.account).require()
    found = draws.current(call.session, round_id)
    if found is None:
        raise NotFound(f"编号为 {round_id} 的评审轮次还没有抽取记录；请先准备抽取。")
    return found


def _state(call: Call, round_id: int) -> DrawState:
    made = _draw(call, round_id)
    told = {name: getattr(made, name) for name in DrawState.model_fields if hasattr(made, name)}
    tried = len(draws.attempts(call.session, made.id or 0))
    return DrawState(**(told | {"draw_id": made.id or 0, "attempts": tried}))
