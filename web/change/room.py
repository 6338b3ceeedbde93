"""The room's blueprint, and answers to its scripts: JSON, a refusal with the same sentence a page would show."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from engine.change import drafts
from engine.errors import KeguanError, Unusable
from engine.vocabulary import Role
from web.access import Rule
from web.clock import now
from web.database import session
from web.errors import status_of

blueprint = Blueprint("change", __name__, url_prefix="/change")

admins = Rule("admins", frozenset({Role.ADMIN}))
admins_and_supervision = Rule("admins_and_supervision", frozenset({Role.ADMIN, Role.SUPERVISION}))


@blueprint.app_template_global()
def procedure_title(key: str) -> str:
    """What people call a procedure or a part of one; its key when it is not in force."""
    if "procedure_titles" not in g:
        g.procedure_titles = {part.key: part.title for part in drafts.parts(session(), now())}
    titles: dict[str, str] = g.procedure_titles
    return titles.get(key, key)


def answering(view: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
    """A view for scripts: what it returns becomes JSON, a refusal `{"message": ...}` with its status."""

    @wraps(view)
    def answer(**arguments: Any) -> ResponseReturnValue:
        try:
            return jsonify(view(**arguments))
        except KeguanError as refusal:
            return jsonify(message=refusal.message), status_of(refusal)

    return answer


def sent(name: str, kind: type[str] | type[int] = str) -> Any:
    """A value of the JSON a script sent; Unusable when it is missing or of another kind."""
    body = request.get_json(silent=True)
    value = body.get(name) if isinstance(body, dict) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Unusable(f"请求里缺少“{name}”；请刷新页面后重试。")
    return value
