"""How a call is taken: who calls, what was sent, one answer per idempotency key, refusals as JSON sentences.

An operation is a function with a declaration beside it. The declaration makes the route and its part of the OpenAPI
document, so that neither can be without the other.

The routes are exempt from the forged-form check because they never look at a cookie: a token stands in every request.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlmodel import Session

from engine.errors import Conflict, Forbidden, KeguanError, NotFound, Refused, Unusable
from engine.people import tokens
from engine.people.models import Account
from engine.records.answers import Answer, KeyReused, answer_once
from web.access import Rule, declare
from web.characters import keepable, texts_in
from web.clock import now
from web.database import session
from web.problems import PREFIX, json_reply, problem

LONGEST_KEY = 200
by_token = Rule("by_token", public=True)
"""Let through by the page rules: the token is asked for here, in `caller`."""

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


class Body(BaseModel):
    """Base of what a request sends: a misspelt name is an error."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Unauthorized(Forbidden):
    """No token, or none that works."""


@dataclass(frozen=True)
class Call:
    """One request: the session, whose token it shows, the moment, and what was sent."""

    session: Session
    account: Account
    now: datetime
    query: Any = None
    body: Any = None


Function = Callable[..., BaseModel]


@dataclass(frozen=True)
class Operation:
    """One route as the document tells it. `path` is written as in OpenAPI: /cases/{case_id}."""

    method: Literal["GET", "POST"]
    path: str
    name: str
    summary: str
    description: str
    tag: str
    answer: type[BaseModel]
    status: int
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None

    @property
    def needs_body(self) -> bool:
        """Whether something has to be sent, or a request without a body says enough."""
        fields = self.body.model_fields.values() if self.body else ()
        return any(field.is_required() for field in fields)


OPERATIONS: list[Operation] = []


def operation(
    method: Literal["GET", "POST"],
    path: str,
    summary: str,
    *,
    tag: str,
    answer: type[BaseModel],
    query: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
    status: int = 200,
) -> Callable[[Function], Function]:
    """Declare a function as an operation of the API; its first argument is the `Call`, the others the path's."""

    def register(function: Function) -> Function:
        name = function.__name__
        described = (function.__doc__ or "").strip()
        one = Operation(method, path, name, summary, described, tag, answer, status, query, body)
        OPERATIONS.append(one)
        rule = path.replace("{", "<int:").replace("}", ">")
        view = declare(_view(one, function), by_token)
        blueprint.add_url_rule(rule, endpoint=name, view_func=view, methods=[method])
        return function

    return register


def _view(one: Operation, function: Function) -> Callable[..., ResponseReturnValue]:
    def view(**path: int) -> ResponseReturnValue:
        moment = now()
        account = caller(session(), moment)
        call = Call(session(), account, moment, _query(one), _body(one))

        def work() -> Answer:
            return Answer(one.status, function(call, **path).model_dump(mode="json", by_alias=True))

        key = request.headers.get("Idempotency-Key") if one.method == "POST" else None
        if key is None:
            return _reply(work())
        return _reply(answer_once(session(), account.id or 0, _checked(key), _request_hash(), work, moment))

    view.__name__ = one.name
    return view


def caller(opened: Session, moment: datetime) -> Account:
    """Whose token the request shows; Unauthorized without one that works."""
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Unauthorized("请在请求头中加入 Authorization: Bearer 和访问令牌；令牌在“我的账号”中建立。")
    try:
        return tokens.account_of(opened, token.strip(), moment)
    except Forbidden as refusal:
        raise Unauthorized(refusal.message) from refusal


def _query(one: Operation) -> BaseModel | None:
    if one.query is None:
        return None
    return _parsed(one.query, request.args.to_dict(), "查询参数")


def _body(one: Operation) -> BaseModel | None:
    if one.body is None:
        return None
    sent = request.get_json(silent=True) if request.data or one.needs_body else {}
    if not isinstance(sent, dict):
        raise Unusable("请求正文应为一个 JSON 对象（Content-Type: application/json）。")
    if not all(keepable(text) for text in texts_in(sent)):
        raise Unusable("请求正文中有无法保存的字符（空字符或不成对的代理码）。")
    return _parsed(one.body, sent, "请求正文")


def _parsed(model: type[BaseModel], sent: Mapping[str, Any], what: str) -> BaseModel:
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        reasons = [
            f"{'.'.join(str(part) for part in problem['loc']) or what}：{problem['msg']}"
            for problem in error.errors()
        ]
        raise Unusable(f"{what}有误：{'；'.join(reasons)}。", reasons) from error


def _checked(key: str) -> str:
    if not key.strip() or len(key) > LONGEST_KEY:
        raise Unusable(f"Idempotency-Key 应为 1 至 {LONGEST_KEY} 个字符。")
    return key


def _request_hash() -> str:
    """Tells one request from another: method, path and body, however its JSON is spaced."""
    sent = request.get_json(silent=True)
    body = json.dumps(sent, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.method} {request.full_path}\n{body}".encode()).hexdigest()


def _reply(answer: Answer) -> Response:
    reply = json_reply(answer.body, answer.status)
    if answer.replayed:
        reply.headers["Idempotent-Replayed"] = "true"
    return reply


CODES: tuple[tuple[type[KeguanError], int, str], ...] = (
    (Unauthorized, 401, "unauthorized"),
    (KeyReused, 422, "idempotency_key_reused"),
    (Refused, 409, "refused"),
    (Conflict, 409, "conflict"),
    (Forbidden, 403, "forbidden"),
    (NotFound, 404, "not_found"),
    (Unusable, 400, "unusable"),
)
"""The status and the code of each family of refusals; the more particular first."""


def refusal(error: KeguanError) -> ResponseReturnValue:
    """A refusal as JSON: its code, its sentence, its single points."""
    status, code = next((status, code) for kind, status, code in CODES if isinstance(error, kind))
    return problem(status, code, error.message, error.reasons)


blueprint.register_error_handler(KeguanError, refusal)
