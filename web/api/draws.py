"""The draw of a round's experts through the API: prepare, approve, draw lots, publish, take back."""

from datetime import datetime
from typing import Any

from pydantic import Field

from engine.errors import NotFound
from engine.people.permissions import may_see_draw
from engine.reviewing import draws, invitations
from engine.reviewing.models import Draw
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
    return Certificate(certificate=draws.certificate(call.session, _newest(call, round_id)))


@operation(
    "POST", "/rounds/{round_id}/draw/preparation", "准备抽取", tag="rounds", answer=DrawState, status=202
)
def prepare_draw(call: Call, round_id: int) -> DrawState:
    """Queue a draw under the policies in force; the worker solves it. What-ifs are made on the page."""
    draws.prepare(call.session, round_id, actor=call.account, now=call.now)
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
